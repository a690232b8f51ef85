"""What a run does when the world around it moves: one test for each behaviour that product and issue promise."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from decimal import Decimal

import pytest

from tests.e2e.looking import CODE, changes, ended, error, kinds, less, more, nothing_written
from tests.e2e.world import World
from truecount.core.errors import ErrorCode, Misused
from truecount.core.roles import Role
from truecount.runs import clock, configure
from truecount.runs.approve import tick
from truecount.runs.flow import begin
from truecount.runs.lock import held
from truecount.runs.units import last_units
from truecount.store.models import User, VendorProduct
from truecount.store.plans import load_since

# --- nothing to do --------------------------------------------------------------------------------


def test_a_second_sync_writes_nothing(world: World) -> None:
    run = world.sync()
    assert ended(run) == ("done", 0)
    assert run.converged is True
    assert changes(run.plan) == []
    assert run.calls["psa"] == {"read": world.psa.requests()["total"], "write": 0}
    assert run.calls["vendor"] == {"read": world.vendor.requests()["total"]}
    assert nothing_written(world)
    assert sum(run.outcomes.values()) == run.outcomes["unchanged"] + run.outcomes["skipped"] > 0


def test_new_names_change_nothing_and_are_told_once(world: World) -> None:
    customer, company, _ = world.homes()[0]
    world.vendor.change("products", CODE, name="Drive Encryption")
    world.psa.change("catalog", world.items()[CODE], identifier="DRIVE-ENC", description="Drive encryption")
    world.vendor.change("customers", customer, name="Another Name SA", showAs="Another Name SA")
    world.psa.change("companies", company, name="Yet Another Name SA")
    renamed = ("renamed_product", "renamed_item", "renamed_customer", "renamed_company")

    run = world.sync()
    assert ended(run) == ("done", 0)
    assert changes(run.plan) == []
    assert Counter(finding.kind for finding in world.findings(*renamed)) == Counter(renamed)
    told = {finding.kind: finding.fields for finding in world.findings(*renamed)}
    assert told["renamed_product"]["after"] == "Drive Encryption"
    assert told["renamed_company"]["after"] == "Yet Another Name SA"

    assert changes(world.sync().plan) == []
    assert world.findings(*renamed) == []
    assert nothing_written(world)


def test_a_plan_keeps_what_changed_since_the_month_before(world: World) -> None:
    assert load_since(world.planned()) is None, "October was not read yet"
    world.run("collect", period="2026-10")
    october = [row["billableQuantity"] for row in world.report("2026-10") if row["productCode"] == CODE]
    more(world, by=4)
    plan = world.synchronise().plan
    assert plan is not None
    found = load_since(plan)
    november = [row["billableQuantity"] for row in world.report() if row["productCode"] == CODE]
    assert found is not None
    assert str(found.period) == "2026-10"
    told = {one.product: one.move for one in found.products}
    assert told[CODE] == sum(november) - sum(october)
    assert last_units(world.integration).of[CODE] == sum(november), "the reading after writing knows it, too"


# --- catalog items that go ------------------------------------------------------------------------


@pytest.mark.parametrize("how", ["deleted", "made inactive"])
def test_a_lost_catalog_item_turns_sync_off(world: World, how: str) -> None:
    item = world.items()[CODE]
    before = world.standing()
    if how == "deleted":
        world.psa.remove("catalog", item)
    else:
        world.psa.change("catalog", item, inactiveFlag=True)

    run = world.sync()
    product = VendorProduct.objects.get(code=CODE)
    assert (product.sync, product.switched_off_by) == (False, "itself")
    assert changes(run.plan) == []
    assert [finding.product for finding in world.findings("sync_turned_off")] == [CODE]
    still = world.findings("still_billed")
    assert {(finding.agreement, finding.item) for finding in still} == {p for p in before if p[1] == item}
    assert all(finding.money and finding.money > 0 for finding in still)

    more(world)
    again = world.sync()
    assert changes(again.plan) == []
    kind = "item_gone" if how == "deleted" else "item_inactive"
    assert [finding.product for finding in world.findings(kind)] == [CODE]
    assert world.standing() == before
    assert nothing_written(world)


def test_another_item_resumes_what_a_lost_one_stopped(world: World) -> None:
    lost, other = world.items()[CODE], world.free_item()
    world.psa.remove("catalog", lost)
    world.sync()
    world.map_product(CODE, other)
    assert VendorProduct.objects.get(code=CODE).sync

    run = world.synchronise()
    assert (ended(run), run.converged) == (("done", 0), True)
    standing = world.standing()
    for _, _, agreement in world.homes():
        assert standing[agreement, lost] == ["0"]
        assert Decimal(standing[agreement, other][0]) > 0
    assert changes(world.sync().plan) == []


def test_an_item_that_comes_back_stays_off_until_it_is_mapped_again(world: World) -> None:
    item = world.items()[CODE]
    world.psa.change("catalog", item, inactiveFlag=True)
    world.sync()
    world.psa.change("catalog", item, inactiveFlag=False)
    more(world)
    assert changes(world.sync().plan) == []
    assert not VendorProduct.objects.get(code=CODE).sync
    world.map_product(CODE, item)
    assert kinds(world.sync().plan) == Counter(update=4)


# --- lines that others touch ----------------------------------------------------------------------


def test_a_line_ended_by_hand_is_not_created_again(world: World) -> None:
    _, _, agreement = world.homes()[0]
    item = world.items()[CODE]
    line = world.lines()[agreement, item][0]
    world.psa.change("additions", line["id"], cancelledDate="2026-11-20T00:00:00Z")

    run = world.sync()
    assert ended(run) == ("done", 0)
    assert changes(run.plan) == []
    (finding,) = world.findings("line_ended")
    assert (finding.agreement, finding.item) == (agreement, item)
    assert finding.money == Decimal(str(line["quantity"])) * Decimal(str(line["unitPrice"]))
    assert str(finding.since) == "2026-11-20"
    assert nothing_written(world)

    configure.bill_again(world.integration, agreement, item, by=world.admin, now=clock.now())
    done = world.synchronise()
    assert (ended(done), done.converged) == (("done", 0), True)
    assert kinds(done.plan) == Counter(create=1)
    assert world.standing()[agreement, item] == [str(int(line["quantity"]))]
    assert world.managed()[agreement, item] != line["id"]
    assert changes(world.sync().plan) == []
    assert world.findings("line_ended") == []


def test_a_line_deleted_by_hand_is_not_created_again(world: World) -> None:
    _, _, agreement = world.homes()[0]
    item = world.items()[CODE]
    world.psa.remove("additions", world.lines()[agreement, item][0]["id"])
    assert changes(world.sync().plan) == []
    assert [(finding.agreement, finding.item) for finding in world.findings("line_ended")] == [(agreement, item)]


def test_a_line_edited_since_the_plan_is_stale_and_the_rest_is_done(world: World) -> None:
    more(world)
    plan = world.planned()
    world.approve(plan)
    _, _, agreement = world.homes()[0]
    place = (agreement, world.items()[CODE])
    world.psa.change("additions", world.lines()[place][0]["id"], quantity=99)

    run = world.apply(plan)
    assert ended(run) == ("partial", 1)
    assert run.converged is False
    of = {(change.agreement, change.item): change.outcome for change in changes(plan)}
    assert of.pop(place) == "stale"
    assert set(of.values()) == {"done"}
    assert world.psa.writes() == 3 == len(of)
    assert world.standing()[place] == ["99"]


def test_a_line_that_appeared_since_the_plan_is_stale(world: World) -> None:
    """Nothing is created where one stands, even if it came after the plan."""
    customer, _, agreement = world.homes()[0]
    item = world.items()["CMA-MSP"]
    world.vendor.add("usage", productCode="CMA-MSP", accountId=customer, billableQuantity=3, actualQuantity=3)
    plan = world.planned()
    assert kinds(plan) == Counter(create=1)
    world.approve(plan)
    world.psa.add("additions", agreementId=agreement, product={"id": item}, quantity=3)

    run = world.apply(plan)
    assert ended(run) == ("refused", 1)
    assert [change.outcome for change in changes(plan)] == ["stale"]
    assert nothing_written(world)
    assert len(world.lines()[agreement, item]) == 1


# --- sources and periods --------------------------------------------------------------------------


def test_live_usage_changes_no_firewall_line(world: World) -> None:
    item = world.items()["xgs_standard_std"]
    places = {place: quantities for place, quantities in world.standing().items() if place[1] == item}
    assert places

    world.policy(slot_factor="1000", going_down_percent="100", set_to_zero_percent="100", money_percent="10000")
    run = world.synchronise(source="live")
    assert run.source == "live"
    assert [change for change in changes(run.plan) if change.item == item] == []
    assert {(f.agreement, f.item) for f in world.findings("firewall_live")} == set(places)
    assert {place: quantities for place, quantities in world.standing().items() if place[1] == item} == places


def test_an_older_period_is_only_compared(world: World) -> None:
    row = next(row for row in world.report("2026-10") if row["productCode"] == CODE)
    world.vendor.change("usage", row["id"], billableQuantity=row["billableQuantity"] + 5)
    run = world.sync(period="2026-10")
    assert ended(run) == ("done", 0)
    assert changes(run.plan) == []
    told = [finding for finding in world.findings("older_period") if finding.item == world.items()[CODE]]
    assert Decimal(told[0].fields["after"]) == row["billableQuantity"] + 5
    assert nothing_written(world)


def test_an_invoiced_period_is_not_edited(world: World) -> None:
    world.set_clock("2026-12-02T09:00:00Z")
    more(world)
    run = world.sync(period="2026-11")
    assert changes(run.plan) == []
    assert len(world.findings("invoiced")) == 4
    assert nothing_written(world)


def test_a_period_without_a_change_counts_as_invoiced_too(bare: World) -> None:
    bare.map_all(products=[CODE])
    bare.synchronise()
    before = {row["accountId"]: row["billableQuantity"] for row in bare.report() if row["productCode"] == CODE}
    bare.set_clock("2026-12-26T09:00:00Z")
    december = [row for row in bare.report("2026-12") if row["productCode"] == CODE]
    for row in december:
        bare.vendor.change("usage", row["id"], billableQuantity=before[row["accountId"]])
    bare.psa.forget_requests()
    run = bare.sync(period="2026-12")
    assert (ended(run), changes(run.plan)) == (("done", 0), [])

    bare.set_clock("2027-01-02T09:00:00Z")
    for row in december:
        bare.vendor.change("usage", row["id"], billableQuantity=before[row["accountId"]] + 1)
    run = bare.sync(period="2026-12")
    assert changes(run.plan) == []
    assert len(bare.findings("invoiced")) == len(december) == 4
    assert nothing_written(bare)


# --- customers and people -------------------------------------------------------------------------


def test_an_unticked_customer_waits(world: World) -> None:
    customers = more(world)
    plan = world.planned()
    assert tick(plan, customers[:1], False, by=world.admin, now=clock.now()) == 1
    world.approve(plan)

    run = world.apply(plan)
    assert ended(run) == ("partial", 3)
    assert (run.outcomes["done"], run.outcomes["waiting"]) == (3, 1)
    assert world.psa.writes() == 3

    tick(plan, customers[:1], True, by=world.admin, now=clock.now())
    rest = world.apply(plan)
    assert (ended(rest), rest.converged) == (("done", 0), True)
    assert world.psa.writes() == 4
    assert changes(world.sync().plan) == []


def test_a_plan_held_whole_is_not_approved(world: World) -> None:
    world.policy(least_lines="0", money_percent="1")
    more(world, by=4)
    run = world.sync()
    assert ended(run) == ("held", 3)
    assert run.plan is not None
    with pytest.raises(Misused) as caught:
        world.approve(run.plan)
    assert caught.value.code is ErrorCode.PLAN_HELD
    refused = world.apply(run.plan)
    assert (ended(refused), error(refused)) == (("refused", 1), "plan_not_approved")
    assert nothing_written(world)


def test_a_held_line_waits_and_the_rest_goes_on(world: World) -> None:
    rows = [row for row in world.report() if row["productCode"] == CODE]
    world.vendor.change("usage", rows[0]["id"], billableQuantity=rows[0]["billableQuantity"] * 10)
    world.vendor.change("usage", rows[1]["id"], billableQuantity=rows[1]["billableQuantity"] + 1)
    world.policy(money_percent="10000")
    run = world.sync()
    assert run.plan is not None
    world.approve(run.plan)
    applied = world.apply(run.plan)
    assert ended(applied) == ("partial", 3)
    assert (applied.outcomes["done"], applied.outcomes["held"]) == (1, 1)
    assert applied.converged is True

    world.release(run.plan)
    rest = world.apply(run.plan)
    assert (ended(rest), rest.converged, rest.outcomes["done"]) == (("done", 0), True, 2)
    assert world.psa.writes() == 2


def test_four_eyes(world: World) -> None:
    other = User.objects.create(
        email="approver@e2e.example", partner=world.admin.partner, role=Role.APPROVER, made_at=clock.now()
    )
    world.policy(four_eyes_above="1")
    more(world)
    plan = world.planned()
    with pytest.raises(Misused) as caught:
        world.approve(plan)
    assert caught.value.code is ErrorCode.FOUR_EYES
    world.approve(plan, by=other)
    assert ended(world.apply(plan)) == ("done", 0)


def test_automatic_mode_holds_what_is_new_and_then_goes_by_itself(mapped: World) -> None:
    mapped.policy(mode="automatic")
    first = mapped.sync()
    assert ended(first) == ("held", 3)
    assert first.plan is not None
    held_kinds = Counter(first.plan.holds.values_list("kind", flat=True))
    assert held_kinds == Counter(adoption=14, first_write=2) == Counter({"adoption": 14, "first_write": 2})
    assert mapped.psa.writes() == 0

    mapped.release(first.plan)
    mapped.approve(first.plan)
    assert ended(mapped.apply(first.plan)) == ("done", 0)
    mapped.psa.forget_requests()
    more(mapped)
    run = mapped.sync()
    assert (ended(run), run.converged) == (("done", 0), True)
    assert run.plan is not None
    assert (run.plan.approved_by, run.outcomes["done"], mapped.psa.writes()) == (None, 4, 4)


def test_observe_mode_plans_and_no_more(mapped: World) -> None:
    mapped.policy(mode="observe")
    run = mapped.sync()
    assert ended(run) == ("observed", 0)
    assert run.plan is not None
    with pytest.raises(Misused):
        mapped.approve(run.plan)
    assert nothing_written(mapped)


# --- plans that no longer hold --------------------------------------------------------------------


def test_a_mapping_changed_after_approval_voids_it(world: World) -> None:
    more(world)
    plan = world.planned()
    world.approve(plan)
    world.map_product(CODE, world.items()["CMA-MSP"])
    run = world.apply(plan)
    assert (ended(run), error(run)) == (("refused", 1), "digest_changed")
    plan.refresh_from_db()
    assert plan.state == "void"
    assert nothing_written(world)


def test_a_switch_turned_off_after_approval_voids_it(world: World) -> None:
    customers = more(world)
    plan = world.planned()
    world.approve(plan)
    configure.switch_customer(world.integration, customers[0], False, by=world.admin, now=clock.now())
    assert error(world.apply(plan)) == "digest_changed"
    assert nothing_written(world)


def test_a_newer_plan_supersedes(world: World) -> None:
    more(world)
    old = world.planned()
    world.approve(old)
    new = world.planned()
    run = world.apply(old)
    assert (ended(run), error(run)) == (("refused", 1), "plan_not_approved")
    old.refresh_from_db()
    assert (old.state, new.state) == ("superseded", "open")
    assert nothing_written(world)


def test_a_plan_expires_after_seven_days(mapped: World) -> None:
    mapped.set_clock("2026-11-02T09:00:00Z")
    plan = mapped.planned()
    mapped.approve(plan)
    mapped.set_clock("2026-11-09T09:01:00Z")
    run = mapped.apply(plan)
    assert (ended(run), error(run)) == (("refused", 1), "plan_expired")
    plan.refresh_from_db()
    assert plan.state == "expired"
    assert nothing_written(mapped)


def test_an_invoice_made_since_the_plan_ends_it(world: World) -> None:
    more(world)
    plan = world.planned()
    world.approve(plan)
    world.set_clock("2026-12-01T06:00:00Z")
    run = world.apply(plan)
    assert (ended(run), error(run)) == (("refused", 1), "plan_expired")
    plan.refresh_from_db()
    assert plan.state == "expired"
    assert nothing_written(world)


# --- reports that are not what they should be -----------------------------------------------------


@pytest.fixture
def waiting(world: World) -> Iterator[World]:
    """There would be something to write; afterwards nothing was."""
    more(world)
    before = world.standing()
    yield world
    assert nothing_written(world)
    assert world.standing() == before


def test_an_empty_report_is_held(waiting: World) -> None:
    less(waiting, waiting.report())
    run = waiting.sync()
    assert ended(run) == ("held", 3)
    assert run.plan is not None
    assert "usage_empty" in run.plan.holds.values_list("kind", flat=True)
    with pytest.raises(Misused):
        waiting.approve(run.plan)


def test_half_of_the_lines_missing_is_held(waiting: World) -> None:
    rows = waiting.report()
    less(waiting, rows[: len(rows) // 2 + 1])
    run = waiting.sync()
    assert ended(run) == ("held", 3)
    assert run.plan is not None
    (hold,) = run.plan.holds.filter(kind="usage_halved")
    assert hold.fields == {"now": str(len(rows) - len(rows) // 2 - 1), "last": str(len(rows))}


def test_a_month_without_a_report_is_not_ready(waiting: World) -> None:
    run = waiting.sync(period="2026-12")
    assert (ended(run), error(run)) == (("not_ready", 3), "not_ready")
    assert run.plan is None


# --- one run at a time ----------------------------------------------------------------------------


def test_a_second_run_is_told_who_is_at_it(world: World) -> None:
    more(world)
    first = begin(world.integration, "sync", by=world.admin)
    with held(first, clock.now()):
        second = world.sync()
    assert (ended(second), error(second)) == (("refused", 1), "busy")
    assert second.error is not None
    told = second.error["fields"]
    assert (told["run"], told["who"], told["where"]) == (str(first.pk), world.admin.email, first.place)
    assert second.plan is None
    assert world.psa.requests()["total"] == 0
    assert kinds(world.sync().plan) == Counter(update=4)
