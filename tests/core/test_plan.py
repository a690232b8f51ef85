"""The plan as a value: digest, order, counts, plain numbers, and one outcome for every contribution."""

from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest

from tests.core.builders import (
    HERE,
    NOVEMBER,
    OCTOBER,
    World,
    addition,
    agreement,
    baseline,
    billing,
    company,
    customer,
    item,
    line,
    ours,
    override,
    product,
    usage,
    world,
)
from truecount.core.model import (
    Change,
    ChangeKind,
    Contribution,
    Customer,
    Managed,
    Outcome,
    Pair,
    Skip,
    Slot,
    Source,
    VendorProduct,
    WhereNone,
)
from truecount.core.period import Period
from truecount.core.plan import agreed, canonical, digest, make_plan, outcomes, plain

STANDING = addition(5)
CHANGE = Change(slot=HERE, kind=ChangeKind.CREATE, before=Decimal(0), after=Decimal(5), effective=date(2026, 11, 1))


def of(*changes: Change, integration: str = "demo", period: Period = NOVEMBER, source: Source = Source.INVOICE) -> str:
    return digest(integration, period, source, changes)


# --- the digest changes if and only if the changes change -----------------------------------------


@pytest.mark.parametrize(
    "different",
    [
        {"slot": Slot(11, 100)},
        {"slot": Slot(10, 101)},
        {"kind": ChangeKind.UPDATE},
        {"before": Decimal(1)},
        {"after": Decimal("5.01")},
        {"effective": date(2026, 11, 2)},
        {"effective": None},
    ],
    ids=str,
)
def test_the_digest_changes_with_slot_kind_before_after_and_effective_date(different):
    assert of(replace(CHANGE, **different)) != of(CHANGE)


@pytest.mark.parametrize(
    "same",
    [
        {"unit_price": Decimal(9)},
        {"money_after": Decimal(9)},
        {"money_before": Decimal(9)},
        {"origin": (("c1", "A"),)},
        {"firewall": True},
        {"after": Decimal("5.00")},
        {"before": Decimal("0E+2")},
        {"ground": STANDING},
        {"after_zero": (Slot(1, 1),)},
        {"makes_room_for": (Slot(1, 1),)},
    ],
    ids=str,
)
def test_the_digest_does_not_change_with_anything_else_of_a_change(same):
    assert of(replace(CHANGE, **same)) == of(CHANGE)


def test_the_digest_is_of_one_integration_period_and_source():
    every = [of(CHANGE), of(CHANGE, integration="x"), of(CHANGE, period=OCTOBER), of(CHANGE, source=Source.LIVE), of()]
    assert len(set(every)) == 5


def test_the_order_of_the_changes_does_not_count():
    other = replace(CHANGE, slot=Slot(2, 3))
    assert of(CHANGE, other) == of(other, CHANGE)
    assert of(CHANGE, other) != of(CHANGE)


def test_slots_do_not_run_into_each_other():
    assert of(replace(CHANGE, slot=Slot(1, 23))) != of(replace(CHANGE, slot=Slot(12, 3)))


def test_the_digest_is_known():
    """Stored plans are compared with it: changing it makes every open plan void."""
    assert canonical(CHANGE) == "10/100 create 0 5 2026-11-01\n"
    assert of(CHANGE) == "f558dcd9a0353719cbddffef7107601aa5747ddd704c4862ef2011fe497c56a6"


def test_labels_do_not_count():
    start = world(line("c1"), line("c2", billable=7), additions=[addition(5, slot=Slot(20, 100))])
    renamed = world(
        read=usage(
            line("c1", name="New name", group="New", customer_name="New"),
            line("c2", billable=7),
            customers=[Customer(id="c1", name="New"), Customer(id="c2", name="New", active=False)],
        ),
        psa=billing(
            addition(5, slot=Slot(20, 100), description="New"),
            companies=[company(1, name="New", identifier="new")],
            agreements=[agreement(10, name="New", type="New")],
            items=[item(100, identifier="new", description="New", customer_description="New", category="New")],
        ),
    )
    renamed = renamed.but(
        configuration=replace(
            renamed.configuration,
            products={code: VendorProduct(code=code, name="New") for code in renamed.configuration.products},
        )
    )
    assert renamed.plan().digest == start.plan().digest


def test_findings_and_holds_do_not_count():
    start = world(line("c1", billable=50), additions=[STANDING], managed=[ours(STANDING)])
    more = start.but(
        usage=usage(line("c1", billable=50), line(None, "A", 1, serial="S1"), line("c9", "NEW", 4)),
        baseline=replace(start.baseline, last_lines=900, held_slots=frozenset({HERE})),
    )
    assert len(more.plan().findings) > len(start.plan().findings)
    assert len(more.plan().holds) > len(start.plan().holds)
    assert more.plan().digest == start.plan().digest


def test_two_empty_plans_are_the_same():
    assert world().plan().digest == world(line("c9", "NEW", 4)).plan().digest


def test_a_plan_is_a_function_of_its_inputs():
    start = world(line("c1"), line("c2"), additions=[STANDING])
    backwards = start.but(
        usage=replace(start.usage, lines=start.usage.lines[::-1], customers=start.usage.customers[::-1]),
        configuration=replace(
            start.configuration, product_mappings=tuple(reversed(start.configuration.product_mappings))
        ),
    )
    assert start.plan() == start.plan()
    assert backwards.plan().changes == start.plan().changes
    assert backwards.plan().digest == start.plan().digest


def test_the_plan_carries_its_names():
    start = world(line())
    plan = make_plan("acme", start.usage, start.billing, start.baseline, start.configuration, start.today)
    assert (plan.integration, plan.source, plan.period) == ("acme", Source.INVOICE, NOVEMBER)
    assert plan.digest != start.plan().digest


# --- counts and numbers ---------------------------------------------------------------------------


def test_changes_are_ordered_by_slot_and_counted_by_kind():
    lines = [line(name, code) for name in ("c3", "c1", "c2") for code in ("B", "A")]
    standing = [STANDING, addition(4, id=2, slot=Slot(20, 100)), addition(4, id=3, slot=Slot(10, 300))]
    managed = [ours(STANDING), ours(standing[1], ("c2", "A")), ours(standing[2], ("c1", "C"))]
    plan = world(*lines, additions=standing, managed=managed).plan()
    assert [change.slot for change in plan.changes] == sorted(change.slot for change in plan.changes)
    assert plan.counts() == {"create": 4, "adopt": 0, "update": 1, "zero": 1, "cancel": 0, "unchanged": 1}


@pytest.mark.parametrize(
    ("number", "expected"),
    [
        ("10", "10"),
        ("1E+1", "10"),
        ("0.50", "0.5"),
        ("5.00", "5"),
        ("0", "0"),
        ("-0", "0"),
        ("-0.00", "0"),
        ("0E-7", "0"),
        ("-1.50", "-1.5"),
        ("100", "100"),
        ("0.000001", "0.000001"),
    ],
)
def test_plain_notation_without_trailing_zeros(number, expected):
    assert plain(Decimal(number)) == expected


# --- one outcome for every contribution -----------------------------------------------------------


def accounted(start: World, **of_slot: Outcome) -> list[tuple[Contribution, Outcome]]:
    plan = start.plan()
    told = {change.slot: Outcome.DONE for change in plan.changes} | {
        Slot(*map(int, name[1:].split("_"))): outcome for name, outcome in of_slot.items()
    }
    managed = [one.slot for one in start.baseline.managed.values()]
    return outcomes(plan, told, managed)


def test_every_contribution_and_every_managed_line_without_one_has_an_outcome():
    standing = [addition(5, id=n, slot=Slot(10, 100 * n)) for n in (1, 2, 3)]
    start = world(
        line("c1", "A", 5),
        line("c1", "B", 9),
        line("c1", "NEW", 1),
        line("c9", "A", 1),
        line(None, "A", 1),
        line("c2", "A", None),
        line("c3", "A", 0),
        additions=standing,
        managed=[ours(standing[0]), ours(standing[1], ("c1", "B")), ours(standing[2], ("c1", "C"))],
    )
    found = accounted(start)
    assert {(one.customer, one.code): outcome for one, outcome in found} == {
        ("c1", "A"): Outcome.UNCHANGED,
        ("c1", "B"): Outcome.DONE,
        ("c1", "NEW"): Outcome.SKIPPED,
        ("c9", "A"): Outcome.SKIPPED,
        (None, "A"): Outcome.SKIPPED,
        ("c2", "A"): Outcome.HELD,
        ("c3", "A"): Outcome.UNCHANGED,
        (None, ""): Outcome.DONE,
    }
    assert len(found) == len(start.plan().contributions) + 1


@pytest.mark.parametrize("outcome", list(Outcome))
def test_the_outcome_of_a_change_is_that_of_all_its_contributions(outcome):
    start = world(
        line("c1"), line("c2"), line("c3"), customers=[customer("c1", 10), customer("c2", 10), customer("c3")]
    )
    found = accounted(start, s10_100=outcome)
    assert [told for _, told in found] == [outcome, outcome, Outcome.DONE]


def test_a_split_contribution_counts_once_in_every_slot():
    shares = [replace(share, percent=Decimal(50)) for share in customer("c1", 10, 20).shares]
    found = accounted(world(line(billable=10), customers=[customer("c1", *shares)]), s10_100=Outcome.REFUSED)
    assert [(one.slot, outcome) for one, outcome in found] == [
        (HERE, Outcome.REFUSED),
        (Slot(20, 100), Outcome.DONE),
    ]


LEFT = [
    pytest.param({"additions": [STANDING, addition(5, id=2)]}, Outcome.HELD, id="duplicate lines"),
    pytest.param(
        {"additions": [STANDING], "before": baseline(elsewhere={1: "other"})}, Outcome.HELD, id="managed elsewhere"
    ),
    pytest.param({"managed": [ours(STANDING)]}, Outcome.SKIPPED, id="line ended"),
    pytest.param({"products": [product("A", where_none=WhereNone.ADOPT_ONLY)]}, Outcome.SKIPPED, id="no line to adopt"),
    pytest.param({"before": baseline(last_period=NOVEMBER.plus(1))}, Outcome.SKIPPED, id="older period"),
    pytest.param({"off": ["A"]}, Outcome.SKIPPED, id="product off"),
    pytest.param({"overrides": [override(exclude=True)]}, Outcome.SKIPPED, id="excluded"),
    pytest.param({"read": usage(line(), complete=False)}, Outcome.HELD, id="not read"),
    pytest.param({"read": usage(line(), source=Source.LIVE), "firewalls": ["A"]}, Outcome.SKIPPED, id="live firewall"),
]


@pytest.mark.parametrize(("different", "expected"), LEFT)
def test_what_is_left_has_an_outcome_too(different, expected):
    start = world(*([] if "read" in different else [line()]), **different)
    assert [(one.code, outcome) for one, outcome in accounted(start)] == [("A", expected)]


def test_a_managed_line_that_is_still_billed_is_skipped():
    start = world(line(), additions=[STANDING], managed=[ours(STANDING)], products=[])
    assert accounted(start) == [
        (Contribution("c1", "A", None, Decimal(5), Skip.PRODUCT_NOT_MAPPED), Outcome.SKIPPED),
        (Contribution(None, "", HERE, None), Outcome.SKIPPED),
    ]


def test_two_records_of_one_slot_count_once():
    ended = addition(5, id=1, cancelled=date(2026, 11, 1))
    fresh = addition(5, id=2)
    start = world(line("c2", "B", 0), additions=[ended, fresh], managed=[ours(ended), ours(fresh)])
    assert [outcome for one, outcome in accounted(start) if one.slot == HERE] == [Outcome.DONE]


# --- lines that needed no write -------------------------------------------------------------------


def remembered(start: World) -> list[Managed]:
    return agreed(start.plan(), start.baseline.managed.values(), start.billing, start.today)


def test_a_line_that_stands_right_counts_as_written_for_the_period():
    due = date(2026, 12, 1)
    start = world(
        line(billable=5), psa=billing(STANDING, agreements=[agreement(10, next_invoice=due)]), managed=[ours(STANDING)]
    )
    (kept,) = remembered(start)
    assert (kept.period, kept.source, kept.next_invoice) == (NOVEMBER, Source.INVOICE, due)


def test_within_one_period_only_what_is_counted_into_the_line_is_remembered_anew():
    mine = ours(STANDING, ("c2", "A"), period=NOVEMBER, next_invoice=date(2026, 11, 1))
    (kept,) = remembered(world(line(billable=5), additions=[STANDING], managed=[mine]))
    assert kept == replace(mine, origin=(Pair("c1", "A"),))


@pytest.mark.parametrize(
    ("billable", "mine"),
    [
        pytest.param(5, ours(STANDING, period=NOVEMBER), id="already remembered"),
        pytest.param(6, ours(STANDING), id="to be written"),
        pytest.param(5, ours(STANDING, period=NOVEMBER.plus(1)), id="written for a later period"),
    ],
)
def test_nothing_else_is_remembered(billable, mine):
    assert remembered(world(line(billable=billable), additions=[STANDING], managed=[mine])) == []
