"""What holds in every world: properties over random usage, mappings and lines."""

from collections.abc import Iterable
from dataclasses import replace
from decimal import Decimal
from random import Random
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from tests.core.builders import World, applied, customer, line, product, quantities, told, world
from tests.core.strategies import QUANTITIES, as_records, configurations, examples, renamed, shares, usages, worlds
from tests.reference import final_quantities
from truecount.core import rules
from truecount.core.model import BillingType, Change, ChangeKind, HoldKind, Outcome, Slot
from truecount.core.plan import Plan, outcomes


def decided(start: World) -> Plan:
    """The plan without the slots that wait for a decision about a vanished line."""
    plan = start.plan()
    waiting = {hold.slot for hold in plan.holds if hold.kind is HoldKind.VANISHED}
    return replace(plan, changes=tuple(change for change in plan.changes if change.slot not in waiting))


# --- against the reference ------------------------------------------------------------------------


@examples(600)
@given(worlds())
def test_what_stands_after_a_run_is_what_the_reference_says(start):
    after = applied(start, decided(start))
    assert quantities(after.billing) == final_quantities(*as_records(start))


@examples(120)
@given(worlds(), configurations(), usages())
def test_what_stands_after_a_second_run_with_other_mappings_is_what_the_reference_says(start, configuration, usage):
    second = applied(start).but(configuration=configuration, usage=usage)
    after = applied(second, decided(second))
    assert quantities(after.billing) == final_quantities(*as_records(second))


# --- an applied plan leaves nothing to do ---------------------------------------------------------


@examples(120)
@given(worlds())
def test_an_applied_plan_leaves_nothing_to_do(start):
    assert told(applied(start).plan()) == []


@examples(120)
@given(worlds(), configurations())
def test_an_applied_plan_leaves_nothing_to_do_after_the_mappings_moved(start, configuration):
    moved = applied(start).but(configuration=configuration)
    assert told(applied(moved).plan()) == []


@examples(120)
@given(worlds(), usages(), configurations())
def test_an_applied_plan_leaves_nothing_to_do_month_after_month(start, usage, configuration):
    second = applied(start).but(usage=usage)
    third = applied(second).but(configuration=configuration)
    assert told(applied(third).plan()) == []


# --- what is never touched ------------------------------------------------------------------------


@examples(120)
@given(worlds())
def test_only_an_adopt_takes_an_unmanaged_line_and_nothing_takes_one_of_another_integration(start):
    before = {one.id: one for lines in start.billing.additions.values() for one in lines}
    managed = start.baseline.managed
    for change in start.plan().changes:
        if change.ground is not None:
            assert change.ground == before[change.ground.id]
            assert (change.ground.id in managed) is (change.kind is not ChangeKind.ADOPT)
            assert change.ground.id not in start.baseline.elsewhere
    after = {one.id: one for lines in applied(start).billing.additions.values() for one in lines}
    grounds = {change.ground.id for change in start.plan().changes if change.ground}
    assert all(after[id] == one for id, one in before.items() if id not in grounds)


@examples(120)
@given(worlds())
def test_nothing_is_created_where_one_stands_and_only_one_line_is_ever_written_in_a_slot(start):
    standing = quantities(start.billing)
    plan = start.plan()
    for change in plan.changes:
        assert len(standing.get(change.slot, [])) == (0 if change.kind is ChangeKind.CREATE else 1)
        assert change.after >= 0
        assert change.kind is not ChangeKind.CREATE or change.after > 0
    assert len({change.slot for change in plan.changes}) == len(plan.changes)
    twins = {slot for slot, found in standing.items() if len(found) > 1}
    assert {slot for slot, found in quantities(applied(start).billing).items() if len(found) > 1} == twins


@examples(120)
@given(worlds())
def test_a_slot_is_written_only_if_every_contribution_to_it_is_known_and_free(start):
    plan = start.plan()
    for change in plan.changes:
        assert start.usage.complete
        for name in feeding(start, change.slot):
            assert name not in start.usage.unread
            for code, amounts in reported(start, name, change.slot.item).items():
                assert start.configuration.customer_sync[name]
                assert start.configuration.product_sync[code]
                assert None not in amounts
                assert sum(amount for amount in amounts if amount is not None) >= 0


def feeding(start: World, slot: Slot) -> Iterable[str]:
    """Customers who lead to a slot's agreement by hand, are billed by usage, and are not excluded."""
    if slot.item not in {one.item for one in start.configuration.product_mappings}:
        return
    left_out = {one.id for one in start.usage.customers if one.billing is not BillingType.USAGE}
    left_out -= start.configuration.bill_anyway
    left_out |= {one.customer for one in start.configuration.overrides if one.exclude and one.item == slot.item}
    for name, mapping in start.configuration.customer_mappings.items():
        reachable = start.billing.companies[mapping.company].active
        if reachable and name not in left_out and slot.agreement in [share.agreement for share in mapping.shares]:
            yield name


def reported(start: World, name: str, item: int) -> dict[str, list[Decimal | None]]:
    field = str(start.configuration.policy.quantity)
    codes = [code for one in start.configuration.product_mappings if one.item == item for code in one.codes]
    found: dict[str, list[Decimal | None]] = {}
    for one in start.usage.lines:
        if one.customer == name and one.code in codes:
            found.setdefault(one.code, []).append(getattr(one, field))
    return found


# --- splits ---------------------------------------------------------------------------------------


@examples(120)
@given(
    st.sampled_from(QUANTITIES), shares(), st.sampled_from([Decimal(1), Decimal(5), Decimal("0.25"), Decimal("0.01")])
)
def test_parts_add_up_exactly_and_are_steps_but_for_one(amount, parted, step):
    parts = rules.split(amount, parted, step)
    assert sum(parts) == amount
    assert all(part >= 0 for part in parts)
    if parted[0].percent is not None:
        assert sum(part % step != 0 for part in parts) <= (amount % step != 0)
        for part, share in zip(parts, parted, strict=True):
            assert abs(part - amount * share.percent / 100) < step


@examples(120)
@given(st.sampled_from(QUANTITIES), shares(), st.randoms(use_true_random=False))
def test_parts_do_not_depend_on_the_order_of_percentages(amount, parted, random):
    if parted[0].percent is None:
        return
    mixed = shuffled(parted, random)
    one = dict(zip((share.agreement for share in parted), rules.split(amount, parted, Decimal(1)), strict=True))
    other = dict(zip((share.agreement for share in mixed), rules.split(amount, mixed, Decimal(1)), strict=True))
    assert one == other


@examples(120)
@given(
    st.integers(0, 5000).map(lambda cents: Decimal(cents) / 100),
    shares([10, 20, 30]),
    st.sampled_from(["1", "5", "0.001"]),
)
def test_what_is_written_adds_up_to_what_was_counted(amount, parted, step):
    plan = world(line(billable=amount), customers=[customer("c1", *parted)], products=[product("A", step=step)]).plan()
    assert sum(change.after for change in plan.changes) == amount


# --- the digest -----------------------------------------------------------------------------------


def key(changes: Iterable[Change]) -> set[tuple[object, ...]]:
    return {(one.slot, one.kind, one.before, one.after, one.effective) for one in changes}


@examples(120)
@given(worlds(), usages(), configurations(), st.booleans())
def test_the_digest_changes_if_and_only_if_the_changes_change(start, usage, configuration, both):
    other = start.but(configuration=configuration)
    if both:
        other = other.but(usage=replace(usage, period=start.usage.period, source=start.usage.source))
    one, two = start.plan(), other.plan()
    assert (one.digest == two.digest) is (key(one.changes) == key(two.changes))


@examples(120)
@given(worlds())
def test_renames_anywhere_never_change_the_digest(start):
    assert renamed(start).plan().digest == start.plan().digest


@examples(120)
@given(worlds(), st.randoms(use_true_random=False))
def test_the_order_of_the_inputs_does_not_count(start, random):
    mixed = start.but(
        usage=replace(
            start.usage,
            lines=shuffled(start.usage.lines, random),
            customers=shuffled(start.usage.customers, random),
        ),
        billing=replace(
            start.billing,
            additions={id: shuffled(lines, random) for id, lines in start.billing.additions.items()},
            agreements=dict(shuffled(start.billing.agreements.items(), random)),
        ),
        baseline=replace(start.baseline, managed=dict(shuffled(start.baseline.managed.items(), random))),
        configuration=replace(
            start.configuration,
            product_mappings=shuffled(start.configuration.product_mappings, random),
            customer_mappings=dict(shuffled(start.configuration.customer_mappings.items(), random)),
        ),
    )
    one, two = start.plan(), mixed.plan()
    assert one.digest == two.digest
    assert {hold.key for hold in one.holds} == {hold.key for hold in two.holds}
    assert one.counts() == two.counts()
    assert {(finding.kind, finding.item, finding.agreement, finding.money) for finding in one.findings} == {
        (finding.kind, finding.item, finding.agreement, finding.money) for finding in two.findings
    }


def shuffled(values: Iterable[Any], random: Random) -> tuple[Any, ...]:
    mixed = list(values)
    random.shuffle(mixed)
    return tuple(mixed)


# --- holds, findings, accounting ------------------------------------------------------------------


@examples(100)
@given(worlds())
def test_an_empty_vendor_answer_always_holds(start):
    empty = start.but(usage=replace(start.usage, lines=()))
    assert HoldKind.USAGE_EMPTY in {hold.kind for hold in empty.plan().holds if hold.slot is None}


@examples(120)
@given(worlds())
def test_every_contribution_has_one_outcome_and_nothing_is_silent(start):
    plan = start.plan()
    counted = {(one.customer, one.code) for one in start.usage.lines}
    assert {(one.customer, one.code) for one in plan.contributions} == counted
    assert len(set(plan.contributions)) == len(plan.contributions)
    assert all((one.slot is None) is (one.skip is not None) for one in plan.contributions)

    managed = [one.slot for one in start.baseline.managed.values()]
    found = outcomes(plan, {change.slot: Outcome.DONE for change in plan.changes}, managed)
    alone = set(managed) - {one.slot for one in plan.contributions}
    assert len(found) == len(plan.contributions) + len(alone)
    assert {one.slot for one, outcome in found if outcome is Outcome.DONE} == {one.slot for one in plan.changes}
    assert {one.slot for one, outcome in found if outcome is Outcome.HELD} <= set(plan.left)


@examples(120)
@given(worlds())
def test_a_slot_is_in_one_list_only_and_what_is_left_is_explained(start):
    plan = start.plan()
    assert not {change.slot for change in plan.changes} & set(plan.left)
    explained = {Slot(one.agreement, one.item) for one in plan.findings if one.agreement and one.item}
    explained |= {hold.slot for hold in plan.holds if hold.slot}
    empty = {slot for slot, found in quantities(start.billing).items() if found == [0]}
    assert set(plan.left) <= explained | empty
    assert len({hold.key for hold in plan.holds}) == len(plan.holds)


@examples(120)
@given(worlds())
def test_money_before_and_after_is_that_of_the_lines(start):
    plan, after = start.plan(), applied(start).billing
    lines = {Slot(one.agreement, one.item): one for found in after.additions.values() for one in found}
    for change in plan.changes:
        assert change.money_before == (change.ground.money() if change.ground else 0)
        if change.kind is not ChangeKind.CANCEL:
            written = lines[change.slot] if change.kind is ChangeKind.CREATE else change.ground
            assert change.money_after == written.money(change.after)
