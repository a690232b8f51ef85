"""Which change, when: one test for every row of the table in the product rules §6, in its order."""

from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from tests.core.builders import (
    HERE,
    OCTOBER,
    addition,
    agreement,
    applied,
    baseline,
    billing,
    customer,
    found,
    held,
    kinds,
    line,
    only_change,
    ours,
    override,
    product,
    told,
    usage,
    world,
)
from truecount.core.model import (
    Bill,
    ChangeKind,
    Contribution,
    FindingKind,
    HoldKind,
    Managed,
    Pair,
    Skip,
    Slot,
    Source,
    Vanish,
    WhereNone,
)

THERE = Slot(10, 200)
STANDING = addition(5)
UNUSED = usage(line("c2", "B", 1))
"""A complete report that says nothing of c1."""


# --- nothing standing, desired 0 or none ----------------------------------------------------------


def test_nothing_standing_and_desired_0_is_never_created():
    plan = world(line(billable=0)).plan()
    assert (plan.changes, plan.unchanged, plan.left) == ((), 0, {})


def test_nothing_standing_and_desired_none_is_nothing():
    plan = world(read=UNUSED, products=[product("A")]).plan()
    assert (plan.changes, plan.unchanged, plan.left) == ((), 0, {})


def test_only_an_ended_line_and_desired_none_is_nothing():
    ended = addition(5, cancelled=date(2026, 11, 1))
    plan = world(read=UNUSED, additions=[ended], managed=[ours(ended)], products=[product("A")]).plan()
    assert (plan.changes, plan.left) == ((), {})


# --- nothing standing, desired above 0 ------------------------------------------------------------


def test_nothing_standing_and_desired_above_0_is_a_create():
    change = only_change(world(line(billable="7.5")).plan())
    assert (change.kind, change.slot, change.before, change.after) == (ChangeKind.CREATE, HERE, 0, Decimal("7.5"))
    assert (change.ground, change.unit_price, change.money_before, change.money_after) == (None, 2, 0, 15)
    assert change.origin == (Pair("c1", "A"),)


def test_an_ended_line_of_somebody_else_does_not_stop_a_create():
    ended = addition(5, cancelled=date(2026, 11, 26))
    assert told(world(line(), additions=[ended]).plan()) == [("create", HERE, 0, 5)]


@pytest.mark.parametrize("gone", [True, False], ids=["deleted", "ended"])
def test_a_managed_line_ended_or_deleted_by_somebody_else_is_a_finding_until_bill_again(gone):
    ended = addition(5, cancelled=date(2026, 11, 20))
    there = () if gone else (ended,)
    plan = world(line(billable=7), additions=there, managed=[ours(ended)]).plan()
    finding = found(plan, FindingKind.LINE_ENDED)
    assert plan.changes == ()
    assert plan.left == {HERE: "line_ended"}
    assert (finding.money, finding.agreement, finding.item, finding.currency) == (14, 10, 100, "EUR")
    assert finding.since == (None if gone else date(2026, 11, 20))

    again = world(line(billable=7), additions=there, managed=[ours(ended, bill_again=True)]).plan()
    assert told(again) == [("create", HERE, 0, 7)]


def test_a_line_that_we_cancelled_is_created_again_when_usage_comes_back_later():
    ended = addition(5, cancelled=date(2026, 10, 31))
    managed = ours(ended, cancelled_by_us=date(2026, 10, 31))
    assert told(world(line(), additions=[ended], managed=[managed]).plan()) == [("create", HERE, 0, 5)]


# --- one standing, not managed --------------------------------------------------------------------


def test_one_standing_unmanaged_and_desired_above_0_is_an_adopt_with_its_quantity():
    change = only_change(world(line(billable=7), additions=[STANDING]).plan())
    assert (change.kind, change.slot, change.before, change.after) == (ChangeKind.ADOPT, HERE, 5, 7)
    assert (change.ground, change.money_before, change.money_after) == (STANDING, 10, 14)


def test_one_standing_unmanaged_with_the_right_quantity_is_still_adopted():
    assert told(world(line(billable=5), additions=[STANDING]).plan()) == [("adopt", HERE, 5, 5)]


@pytest.mark.parametrize(
    "dates",
    [{"effective": date(2027, 1, 1)}, {"cancelled": date(2026, 11, 27)}],
    ids=["of the future", "ends tomorrow"],
)
def test_lines_of_the_future_and_lines_that_end_after_today_are_standing(dates):
    assert told(world(line(), additions=[addition(5, **dates)]).plan()) == [("adopt", HERE, 5, 5)]


def test_one_standing_unmanaged_and_desired_0_is_billed_without_usage():
    plan = world(line(billable=0), additions=[STANDING]).plan()
    assert plan.changes == ()
    assert found(plan, FindingKind.BILLED_WITHOUT_USAGE).money == 10


def test_one_standing_unmanaged_that_nobody_uses_is_billed_without_usage():
    plan = world(read=UNUSED, additions=[STANDING], products=[product("A")]).plan()
    assert plan.changes == ()
    finding = found(plan, FindingKind.BILLED_WITHOUT_USAGE)
    assert (finding.money, finding.agreement, finding.item) == (10, 10, 100)


def test_several_lines_that_nobody_uses_are_one_finding():
    twins = [STANDING, addition(3, id=2)]
    finding = found(
        world(read=UNUSED, additions=twins, products=[product("A")]).plan(), FindingKind.BILLED_WITHOUT_USAGE
    )
    assert finding.money == 16
    assert dict(finding.fields) == {"addition": "1, 2", "quantity": "8"}


@pytest.mark.parametrize(
    "different",
    [
        {"off": ["c1"]},
        {"off": ["A"]},
        {"customers": []},
        {"products": [product("B")]},
        {"read": usage(line("c2", "B"), complete=False)},
        {"read": usage(line("c2", "B"), source=Source.LIVE, unread=frozenset({"c1"}))},
        {"read": usage(line("c2", "B"), source=Source.LIVE), "firewalls": ["A"]},
    ],
    ids=["customer off", "product off", "customer not mapped", "product not mapped", "incomplete", "unread", "live"],
)
def test_billed_without_usage_is_not_said_where_nothing_is_known(different):
    plan = world(**{"read": UNUSED, "additions": [STANDING]} | different).plan()
    assert FindingKind.BILLED_WITHOUT_USAGE not in kinds(plan)


def test_billed_without_usage_is_not_said_of_a_line_of_another_integration():
    before = baseline(elsewhere={1: "other"})
    plan = world(read=UNUSED, additions=[STANDING], before=before, products=[product("A")]).plan()
    assert FindingKind.BILLED_WITHOUT_USAGE not in kinds(plan)


# --- one standing, managed by another integration; more than one standing -------------------------


@pytest.mark.parametrize("desired", [0, 5, 7])
def test_one_standing_managed_by_another_integration_is_held_whatever_is_desired(desired):
    plan = world(line(billable=desired), additions=[STANDING], before=baseline(elsewhere={1: "other"})).plan()
    assert plan.changes == ()
    assert plan.left == {HERE: "managed_elsewhere"}
    (hold,) = plan.holds
    assert (hold.kind, hold.slot, dict(hold.fields)["integration"]) == (HoldKind.MANAGED_ELSEWHERE, HERE, "other")


@pytest.mark.parametrize("desired", [None, 0, 5, 7])
@pytest.mark.parametrize("who", ["nobody", "us", "another"])
def test_more_than_one_standing_is_held_with_the_lines_listed_whatever_is_desired(desired, who):
    twins = [addition(5, id=1), addition(3, id=2)]
    before = {
        "nobody": baseline(),
        "us": baseline(ours(twins[0])),
        "another": baseline(elsewhere={1: "other"}),
    }[who]
    read = UNUSED if desired is None else usage(line(billable=desired))
    plan = world(read=read, additions=twins, before=before, products=[product("A")]).plan()
    assert plan.changes == ()
    if desired is None and who != "us":
        return  # nobody wants the slot: it is no slot of the plan
    (hold,) = [hold for hold in plan.holds if hold.slot]
    assert (hold.kind, hold.slot, dict(hold.fields)["additions"]) == (HoldKind.DUPLICATE_LINES, HERE, "1, 2")
    assert found(plan, FindingKind.DUPLICATE_LINES).money == 16


# --- one managed, with usage ----------------------------------------------------------------------


def test_one_managed_that_differs_is_an_update_of_the_quantity():
    change = only_change(world(line(billable=7), additions=[STANDING], managed=[ours(STANDING)]).plan())
    assert (change.kind, change.slot, change.before, change.after) == (ChangeKind.UPDATE, HERE, 5, 7)
    assert (change.ground, change.effective, change.reopen) == (STANDING, None, False)


@pytest.mark.parametrize("quantity", ["5", "5.00", "5.004"])
def test_one_managed_that_is_equal_is_unchanged(quantity):
    plan = world(line(billable=quantity), additions=[STANDING], managed=[ours(STANDING)]).plan()
    assert (plan.changes, plan.unchanged) == ((), 1)


def test_the_quantity_that_stands_counts_not_the_one_of_our_last_write():
    standing = addition(5)
    plan = world(line(billable=5), additions=[standing], managed=[ours(standing, quantity=Decimal(9))]).plan()
    assert (plan.changes, plan.unchanged) == ((), 1)


@pytest.mark.parametrize("quantity", [5, 7])
def test_own_cancellation_not_yet_reached_is_removed_when_usage_is_back(quantity):
    ending = addition(5, cancelled=date(2026, 11, 30))
    managed = ours(ending, cancelled_by_us=date(2026, 11, 30))
    start = world(line(billable=quantity), additions=[ending], managed=[managed])
    change = only_change(start.plan())
    assert (change.kind, change.after, change.reopen) == (ChangeKind.UPDATE, quantity, True)
    assert applied(start).plan().changes == ()


def test_a_cancellation_of_somebody_else_is_not_removed():
    ending = addition(5, cancelled=date(2026, 11, 30))
    plan = world(line(billable=7), additions=[ending], managed=[ours(ending)]).plan()
    assert not only_change(plan).reopen
    same = world(line(billable=5), additions=[ending], managed=[ours(ending)]).plan()
    assert (same.changes, same.unchanged) == ((), 1)


def test_a_reported_0_sets_a_managed_line_to_0():
    plan = world(line(billable=0), additions=[STANDING], managed=[ours(STANDING)]).plan()
    assert told(plan) == [("zero", HERE, 5, 0)]


# --- one managed, absent from a complete report, or excluded --------------------------------------

VANISH = [
    pytest.param(Vanish.ZERO, ChangeKind.ZERO, None, set(), id="zero"),
    pytest.param(Vanish.CANCEL, ChangeKind.CANCEL, date(2026, 11, 30), set(), id="cancel"),
    pytest.param(Vanish.HOLD, ChangeKind.ZERO, None, {HoldKind.VANISHED}, id="hold"),
]


@pytest.mark.parametrize(("policy", "kind", "effective", "holds"), VANISH)
def test_one_managed_and_absent_from_a_complete_report_follows_the_vanish_policy(policy, kind, effective, holds):
    start = world(read=UNUSED, additions=[STANDING], managed=[ours(STANDING)], policy={"vanish": policy})
    change: Any = next(change for change in start.plan().changes if change.slot == HERE)
    assert (change.kind, change.before, change.after, change.effective) == (kind, 5, 0, effective)
    assert held(start.plan()) == holds
    assert applied(start).plan().changes == ()


@pytest.mark.parametrize(("policy", "kind", "effective", "holds"), VANISH)
def test_one_managed_and_excluded_by_an_override_follows_the_vanish_policy(policy, kind, effective, holds):
    start = world(
        line(billable=9),
        additions=[STANDING],
        managed=[ours(STANDING)],
        policy={"vanish": policy},
        overrides=[override(exclude=True)],
    )
    change = only_change(start.plan())
    assert (change.kind, change.before, change.after, change.effective) == (kind, 5, 0, effective)
    assert held(start.plan()) == holds
    assert Contribution("c1", "A", None, Decimal(9), Skip.EXCLUDED) in start.plan().contributions
    assert applied(start).plan().changes == ()


def test_a_cancellation_of_a_past_period_takes_effect_today():
    plan = world(
        read=usage(line("c2", "B", 0), period=OCTOBER),
        additions=[STANDING],
        managed=[ours(STANDING, next_invoice=None)],
        policy={"vanish": Vanish.CANCEL},
    ).plan()
    assert only_change(plan).effective == date(2026, 11, 26)


@pytest.mark.parametrize("day", [27, 30])
def test_a_line_that_already_ends_is_not_made_to_end_later(day):
    ending = addition(5, cancelled=date(2026, 11, day))
    plan = world(
        read=usage(line("c2", "B", 0)),
        additions=[ending],
        managed=[ours(ending)],
        policy={"vanish": Vanish.CANCEL},
    ).plan()
    assert (plan.changes, plan.unchanged) == ((), 1)


def test_a_line_that_ends_later_is_made_to_end_with_the_period():
    ending = addition(5, cancelled=date(2026, 12, 1))
    plan = world(
        read=usage(line("c2", "B", 0)),
        additions=[ending],
        managed=[ours(ending)],
        policy={"vanish": Vanish.CANCEL},
    ).plan()
    assert only_change(plan).effective == date(2026, 11, 30)


def test_a_vanished_line_whose_cancellation_somebody_took_back_follows_the_vanish_policy_again():
    managed = ours(STANDING, cancelled_by_us=date(2026, 11, 30))
    plan = world(read=usage(line("c2", "B", 0)), additions=[STANDING], managed=[managed]).plan()
    assert told(plan) == [("zero", HERE, 5, 0)]


def test_a_vanished_line_that_is_0_is_unchanged():
    empty = addition(0)
    plan = world(read=usage(line("c2", "B", 0)), additions=[empty], managed=[ours(empty)]).plan()
    assert (plan.changes, plan.unchanged) == ((), 1)


@pytest.mark.parametrize(
    "switched",
    [{"off": ["c1"]}, {"off": ["A"]}, {"psa": "ended"}, {"psa": "inactive item"}],
    ids=["customer off", "product off", "agreement ended", "item inactive"],
)
def test_an_exclusion_writes_nothing_where_a_switch_is_off_or_nothing_can_be_written(switched):
    psa = {
        "ended": billing(STANDING, agreements=[agreement(10, state="expired")]),
        "inactive item": billing(STANDING, items=[replace(billing().items[100], active=False)]),
    }.get(switched.get("psa", ""), billing(STANDING))
    plan = world(
        line(),
        psa=psa,
        managed=[ours(STANDING)],
        overrides=[override(exclude=True)],
        off=switched.get("off", ()),
    ).plan()
    assert plan.changes == ()


# --- one managed, mapping moved -------------------------------------------------------------------

MOVED = [
    pytest.param({"products": [product("A", 200)]}, THERE, id="to another item"),
    pytest.param({"customers": [customer("c1", 20)]}, Slot(20, 100), id="to another agreement"),
    pytest.param({"products": [product("A", 200)], "customers": [customer("c1", 20)]}, Slot(20, 200), id="to both"),
]


@pytest.mark.parametrize(("mapped", "target"), MOVED)
def test_one_managed_whose_mapping_moved_is_set_to_0_and_created_there_after_that(mapped, target):
    start = world(line(), additions=[STANDING], managed=[ours(STANDING)], **mapped)
    changes: dict[Slot, Any] = {change.slot: change for change in start.plan().changes}
    assert (changes[HERE].kind, changes[HERE].after) == (ChangeKind.ZERO, 0)
    assert (changes[target].kind, changes[target].after) == (ChangeKind.CREATE, 5)
    assert changes[target].after_zero == (HERE,)
    assert changes[HERE].makes_room_for == (target,)
    assert applied(start).plan().changes == ()


@pytest.mark.parametrize("policy", list(Vanish))
def test_a_moved_line_is_set_to_0_whatever_the_vanish_policy_is(policy):
    plan = world(
        line(),
        additions=[STANDING],
        managed=[ours(STANDING)],
        products=[product("A", 200)],
        policy={"vanish": policy},
    ).plan()
    assert told(plan) == [("zero", HERE, 5, 0), ("create", THERE, 0, 5)]
    assert held(plan) == set()


def test_a_line_moved_to_where_one_stands_is_set_to_0_here_and_taken_over_there():
    other = addition(3, id=2, slot=THERE)
    plan = world(line(), additions=[STANDING, other], managed=[ours(STANDING)], products=[product("A", 200)]).plan()
    assert told(plan) == [("zero", HERE, 5, 0), ("adopt", THERE, 3, 5)]
    assert plan.changes[0].makes_room_for == (THERE,)


def test_lines_moved_into_one_make_room_together():
    second = addition(4, id=2, slot=THERE)
    start = world(
        line(),
        line("c1", "B", billable=4),
        additions=[STANDING, second],
        managed=[ours(STANDING), ours(second, ("c1", "B"))],
        products=[product("AB", 300)],
    )
    changes = {change.slot: change for change in start.plan().changes}
    together = Slot(10, 300)
    assert changes[together].after_zero == (HERE, THERE)
    assert changes[HERE].makes_room_for == changes[THERE].makes_room_for == (together,)
    assert applied(start).plan().changes == ()


def test_only_a_create_that_takes_over_waits_for_the_zero():
    standing = [STANDING, addition(5, id=2, slot=Slot(20, 100))]
    plan = world(
        line("c1"), line("c3"), additions=standing, managed=[ours(STANDING)], products=[product("A", 200)]
    ).plan()
    waiting = {change.slot: change.after_zero for change in plan.changes if change.kind is ChangeKind.CREATE}
    assert waiting == {THERE: (HERE,), Slot(30, 200): ()}


def test_a_create_does_not_wait_for_another_item_of_the_same_product_that_a_rule_sets_to_0():
    plan = world(
        line(billable=3),
        additions=[STANDING],
        managed=[ours(STANDING)],
        products=[product("A", 100, included=5), product("A", 200)],
    ).plan()
    assert told(plan) == [("zero", HERE, 5, 0), ("create", THERE, 0, 3)]
    assert plan.changes[1].after_zero == ()


@pytest.mark.parametrize("state", ["expired", "cancelled", "inactive", "not_started"])
def test_a_line_moved_away_from_an_agreement_that_cannot_be_written_stays_and_the_new_one_is_created(state):
    """A renewed agreement: ConnectWise refuses writes to the old one, and bills nothing for it any more."""
    start = world(
        line(),
        psa=billing(STANDING, agreements=[agreement(10, state=state)]),
        managed=[ours(STANDING)],
        customers=[customer("c1", 20)],
    )
    assert told(start.plan()) == [("create", Slot(20, 100), 0, 5)]
    assert start.plan().changes[0].after_zero == ()
    assert HERE in start.plan().left
    assert applied(start).plan().changes == ()


def test_a_line_moved_away_from_an_inactive_company_stays():
    psa = billing(STANDING, companies=[replace(billing().companies[1], active=False)])
    moved = [customer("c1", 20, company=2)]
    assert told(world(line(), psa=psa, managed=[ours(STANDING)], customers=moved).plan()) == [
        ("create", Slot(20, 100), 0, 5)
    ]


@pytest.mark.parametrize("target", [None, -1], ids=["unknown", "negative"])
def test_a_line_moved_to_where_the_quantity_is_not_known_stays_until_it_is(target):
    plan = world(
        line(billable=target), additions=[STANDING], managed=[ours(STANDING)], products=[product("A", 200)]
    ).plan()
    assert plan.changes == ()
    assert set(plan.left) == {HERE, THERE}


def test_a_line_moved_by_a_customer_that_was_not_read_stays():
    read = usage(line("c2", "B", 0), source=Source.LIVE, unread=frozenset({"c1"}))
    plan = world(read=read, additions=[STANDING], managed=[ours(STANDING)], products=[product("A", 200)]).plan()
    assert plan.changes == ()


def test_nothing_is_created_where_the_old_line_cannot_be_set_to_0():
    twins = [STANDING, addition(3, id=2)]
    plan = world(line(), additions=twins, managed=[ours(STANDING)], products=[product("A", 200)]).plan()
    assert plan.changes == ()
    assert plan.left[THERE] == "duplicate_lines"


@pytest.mark.parametrize("codes", ["AB", "BA"])
def test_nothing_is_created_while_one_of_several_old_lines_must_stay(codes):
    old = [STANDING, addition(4, id=2, slot=THERE), addition(1, id=3, slot=THERE)]
    managed = [ours(old[0]), ours(old[1], ("c1", "B"))]
    plan = world(line(code="A"), line(code="B"), additions=old, managed=managed, products=[product(codes, 300)]).plan()
    assert told(plan) == [("zero", HERE, 5, 0)]
    assert plan.left == {THERE: "duplicate_lines", Slot(10, 300): "duplicate_lines"}


def test_part_of_a_bundle_moved_lowers_the_one_and_creates_the_other():
    bundle = addition(8)
    managed = ours(bundle, ("c1", "A"), ("c1", "B"))
    start = world(
        line(code="A", billable=5),
        line(code="B", billable=3),
        additions=[bundle],
        managed=[managed],
        products=[product("A", 100), product("B", 200)],
    )
    assert told(start.plan()) == [("update", HERE, 8, 5), ("create", THERE, 0, 3)]
    assert applied(start).plan().changes == ()


# --- one managed, no longer synchronised ----------------------------------------------------------

UNSYNCED = [
    pytest.param({"products": []}, id="product mapping removed"),
    pytest.param({"customers": []}, id="customer mapping removed"),
    pytest.param({"off": ["A"]}, id="product switch off"),
    pytest.param({"off": ["c1"]}, id="customer switch off"),
    pytest.param({"psa": billing(STANDING, without=[100])}, id="item deleted"),
    pytest.param({"psa": billing(STANDING, items=[replace(billing().items[100], active=False)])}, id="item inactive"),
    pytest.param({"psa": billing(STANDING, agreements=[agreement(10, state="expired")])}, id="agreement ended"),
    pytest.param(
        {"psa": billing(STANDING, companies=[replace(billing().companies[1], active=False)])}, id="company inactive"
    ),
]


@pytest.mark.parametrize("reported", [True, False], ids=["with usage", "absent"])
@pytest.mark.parametrize("different", UNSYNCED)
def test_one_managed_that_is_no_longer_synchronised_stays_with_a_finding_of_its_money(different, reported):
    read = usage(line(billable=9)) if reported else usage(line("c2", "B", 0))
    plan = world(**{"read": read, "additions": [STANDING], "managed": [ours(STANDING)]} | different).plan()
    assert plan.changes == ()
    assert plan.left[HERE] == "still_billed"
    finding = found(plan, FindingKind.STILL_BILLED)
    assert (finding.money, finding.currency, finding.agreement, finding.item) == (10, "EUR", 10, 100)


def test_a_line_of_0_that_is_no_longer_synchronised_is_not_said_to_be_still_billed():
    empty = addition(0)
    plan = world(line(), additions=[empty], managed=[ours(empty)], products=[]).plan()
    assert FindingKind.STILL_BILLED not in kinds(plan)


# --- unmanaged, no usage --------------------------------------------------------------------------


def test_an_unmanaged_line_without_usage_is_never_touched():
    strangers = [addition(4, id=8, slot=Slot(10, 999)), addition(4, id=9, slot=Slot(77, 100))]
    plan = world(line(billable=0), additions=strangers).plan()
    assert (plan.changes, plan.unchanged) == ((), 0)


def test_a_line_that_stands_in_the_place_of_our_ended_one_is_somebody_elses():
    ended, fresh = addition(5, id=1, cancelled=date(2026, 11, 1)), addition(4, id=2)
    absent = world(read=UNUSED, additions=[ended, fresh], managed=[ours(ended)], products=[product("A")]).plan()
    assert absent.changes == ()
    assert found(absent, FindingKind.BILLED_WITHOUT_USAGE).money == 8
    used = world(line(billable=7), additions=[ended, fresh], managed=[ours(ended)]).plan()
    assert told(used) == [("adopt", HERE, 4, 7)]
    assert used.changes[0].ground == fresh


# --- a slot is written only if every contribution to it is known and free -------------------------

TWO_IN_ONE = [customer("c1", 10), customer("c2", 10), customer("c3")]
BUNDLE = [product("AB", 100)]

BLOCKED = [
    pytest.param(
        [line(code="A"), line(code="B", billable=None)], {"products": BUNDLE}, "unknown_quantity", id="unknown"
    ),
    pytest.param(
        [line(code="A"), line(code="B", billable=-2)], {"products": BUNDLE}, "negative_quantity", id="negative"
    ),
    pytest.param([line(code="A"), line(code="B")], {"products": BUNDLE, "off": ["B"]}, "product_off", id="product off"),
    pytest.param(
        [line("c1", "A"), line("c2", "B")],
        {"products": BUNDLE, "customers": TWO_IN_ONE, "off": ["B"]},
        "product_off",
        id="product off, used by the other customer",
    ),
    pytest.param(
        [line("c1"), line("c2")], {"customers": TWO_IN_ONE, "off": ["c2"]}, "customer_off", id="other customer off"
    ),
    pytest.param(
        [line("c1"), line("c2", billable=None)], {"customers": TWO_IN_ONE}, "unknown_quantity", id="other one unknown"
    ),
    pytest.param(
        [line("c1", billable=None), line("c2")], {"customers": TWO_IN_ONE}, "unknown_quantity", id="first one unknown"
    ),
    pytest.param(
        [line("c1", "A"), line("c2", "B")],
        {"products": [product("AB", 100), product("B", 999)], "customers": TWO_IN_ONE},
        "product_off",
        id="off by itself because another item of it is gone",
    ),
]


@pytest.mark.parametrize("standing", ["nothing", "unmanaged", "managed"])
@pytest.mark.parametrize(("lines", "decided", "reason"), BLOCKED)
def test_one_contribution_that_is_not_free_makes_the_slot_wait_and_no_other(lines, decided, reason, standing):
    there = [] if standing == "nothing" else [addition(20)]
    managed = [ours(addition(20), ("c1", "A"), ("c2", "A"))] if standing == "managed" else []
    decided = {"products": [product("A")]} | decided
    decided["products"] = [*decided["products"], product("C")]
    plan = world(*lines, line("c3", "C"), additions=there, managed=managed, **decided).plan()
    assert told(plan) == [("create", Slot(30, 300), 0, 5)]
    assert plan.left == {HERE: reason}
    finding = found(plan, FindingKind.SLOT_WAITS)
    assert (finding.agreement, finding.item, dict(finding.fields)["reason"]) == (10, 100, reason)


def test_a_customer_that_was_not_read_keeps_the_slots_it_shares_from_being_written():
    read = usage(line("c1"), line("c3"), source=Source.LIVE, unread=frozenset({"c2"}))
    plan = world(read=read, customers=TWO_IN_ONE).plan()
    assert told(plan) == [("create", Slot(30, 100), 0, 5)]
    assert plan.left == {HERE: "not_read"}
    assert found(plan, FindingKind.NOT_READ).customer == "c2"


def test_a_product_that_is_off_and_not_used_keeps_nothing_waiting():
    assert told(world(line(code="A"), products=BUNDLE, off=["B"]).plan()) == [("create", HERE, 0, 5)]


# --- money, prices, where none stands -------------------------------------------------------------


def test_only_take_over_existing_creates_nothing_and_says_so():
    only = [product("A", where_none=WhereNone.ADOPT_ONLY)]
    plan = world(line(billable=7), products=only).plan()
    assert plan.changes == ()
    assert plan.left == {HERE: "no_line_to_adopt"}
    assert found(plan, FindingKind.NO_LINE_TO_ADOPT).money == 14


def test_only_take_over_existing_adopts_and_updates():
    only = [product("A", where_none=WhereNone.ADOPT_ONLY)]
    assert told(world(line(billable=7), products=only, additions=[STANDING]).plan()) == [("adopt", HERE, 5, 7)]
    managed = world(line(billable=7), products=only, additions=[STANDING], managed=[ours(STANDING)])
    assert told(managed.plan()) == [("update", HERE, 5, 7)]


def test_a_new_line_at_price_0_is_a_finding():
    free = billing(items=[replace(billing().items[100], price=Decimal(0))])
    plan = world(line(), psa=free).plan()
    assert told(plan) == [("create", HERE, 0, 5)]
    assert found(plan, FindingKind.PRICE_ZERO).item == 100


@pytest.mark.parametrize("managed", [True, False])
def test_a_standing_line_at_price_0_is_a_finding(managed):
    free = addition(5, unit_price=0)
    plan = world(line(billable=7), additions=[free], managed=[ours(free)] if managed else []).plan()
    assert found(plan, FindingKind.PRICE_ZERO).agreement == 10


@pytest.mark.parametrize("bill", [Bill.NO_CHARGE, Bill.DO_NOT_BILL])
def test_a_line_that_is_not_billable_moves_no_money_and_is_a_finding(bill):
    free = addition(5, bill=bill)
    plan = world(line(billable=7), additions=[free], managed=[ours(free)]).plan()
    change = only_change(plan)
    assert (change.money_before, change.money_after) == (0, 0)
    assert FindingKind.NOT_BILLABLE in kinds(plan)


@pytest.mark.parametrize(("included", "before", "after"), [(0, 10, 14), (2, 6, 10), (5, 0, 4), (9, 0, 0)])
def test_less_included_is_the_msps_and_counts_in_the_money_only(included, before, after):
    standing = addition(5, less_included=included)
    change = only_change(world(line(billable=7), additions=[standing], managed=[ours(standing)]).plan())
    assert (change.before, change.after) == (5, 7)
    assert (change.money_before, change.money_after) == (before, after)


def test_an_agreement_that_was_not_read_is_left():
    psa = billing()
    unread = replace(psa, additions={key: lines for key, lines in psa.additions.items() if key != 10})
    plan = world(line(), psa=unread).plan()
    assert plan.changes == ()
    assert plan.left == {HERE: "agreement_gone"}


def test_managed_is_known_by_addition_id_not_by_slot():
    stranger = addition(5, id=2)
    record = Managed(addition=1, slot=HERE, quantity=Decimal(5), source=Source.INVOICE, period=OCTOBER)
    assert told(world(line(billable=7), additions=[stranger], managed=[record]).plan()) == [("adopt", HERE, 5, 7)]


def test_no_switch_no_mapping_nothing_happens():
    plan = world(line(), line("c2", "B"), products=[], customers=[]).plan()
    assert (plan.changes, plan.unchanged) == ((), 0)
