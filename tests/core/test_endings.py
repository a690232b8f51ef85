"""Everything that can end or be missing, alone and with splits, bundles and shared agreements in play.

Nothing is written there, the finding says what it costs and since when, and all else goes on.
"""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from tests.core.builders import (
    World,
    addition,
    agreement,
    billing,
    company,
    customer,
    item,
    line,
    ours,
    percent,
    product,
    told,
    usage,
    world,
)
from truecount.core.model import Addition, Billing, FindingKind, Outcome, Slot
from truecount.core.plan import outcomes

SINCE = date(2026, 11, 3)
A1, A2, AGREED = Slot(10, 100), Slot(11, 100), Slot(20, 200)
ELSEWHERE = [("create", AGREED, 0, 4)]
"""What goes on whatever has ended: product B of customer c2 on agreement 20."""

WAYS: dict[str, dict[str, Any]] = {
    "alone": {"customers": [customer("c1"), customer("c2")], "products": [product("A"), product("B")]},
    "split": {
        "customers": [customer("c1", percent(10, 60), percent(11, 40)), customer("c2")],
        "products": [product("A"), product("B")],
    },
    "bundle": {"customers": [customer("c1"), customer("c2")], "products": [product("AC", 100), product("B")]},
}
"""Five of A at 3.00 by customer c1, in the bundle also two of C at 1.00."""


def start(way: str, psa: Billing, **more: Any) -> World:
    lines = [line("c1", "A", 5, unit_price=3), line("c2", "B", 4, unit_price=1)]
    if way == "bundle":
        lines.append(line("c1", "C", 2, unit_price=1))
    return world(*lines, psa=psa, **WAYS[way], **more)


def psa(*lines: Addition, **more: Any) -> Billing:
    """With the second agreement of company 1."""
    given = {one.id: one for one in more.pop("agreements", ())}
    second = given.pop(11, agreement(11, company=1))
    return billing(*lines, agreements=[second, *given.values()], **more)


ENDED: dict[str, tuple[dict[str, Any], FindingKind, date | None]] = {
    **{
        f"agreement {state}": (
            {"agreements": [agreement(10, state=state, since=SINCE)]},
            FindingKind.AGREEMENT_NOT_STARTED if state == "not_started" else FindingKind.AGREEMENT_ENDED,
            SINCE,
        )
        for state in ("expired", "cancelled", "inactive", "not_started")
    },
    "agreement gone": ({"without": [10]}, FindingKind.AGREEMENT_GONE, None),
    "company inactive": ({"companies": [company(1, active=False)]}, FindingKind.COMPANY_INACTIVE, None),
    "company gone": ({"without": [1]}, FindingKind.COMPANY_GONE, None),
    "item inactive": ({"items": [item(100, active=False)]}, FindingKind.ITEM_INACTIVE, None),
    "item gone": ({"without": [100]}, FindingKind.ITEM_GONE, None),
}


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("ending", ENDED)
def test_nothing_is_written_there_and_the_finding_has_its_money(ending: str, way: str) -> None:
    different, kind, since = ENDED[ending]
    plan = start(way, psa(**different)).plan()
    parted = way == "split" and ending.startswith("agreement")
    assert told(plan) == ([("create", A2, 0, 2)] if parted else []) + ELSEWHERE
    findings = [one for one in plan.findings if one.kind is kind]
    assert {one.since for one in findings} == {since}
    if parted:
        assert [one.money for one in findings] == [9], "three of five"
    else:
        assert sum(one.money or 0 for one in findings) == (17 if way == "bundle" else 15)
    by_product = kind in (FindingKind.ITEM_GONE, FindingKind.ITEM_INACTIVE)
    assert {one.product for one in findings} == (
        {"A", "C"} if by_product and way == "bundle" else {"A"} if by_product else {None}
    )
    assert {one.customer for one in findings} == ({None} if by_product else {"c1"})


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("ending", [one for one in ENDED if one != "agreement gone"])
def test_our_line_there_stays_and_is_said_to_be_still_billed(ending: str, way: str) -> None:
    """At 2.00 each: what stands costs 10.00 a month, whatever is used now."""
    different, _kind, _since = ENDED[ending]
    standing = addition(5)
    pairs = [("c1", "A"), ("c1", "C")] if way == "bundle" else [("c1", "A")]
    plan = start(way, psa(standing, **different), managed=[ours(standing, *pairs)]).plan()
    assert A1 not in {change.slot for change in plan.changes}
    assert plan.left[A1] == "still_billed"
    still = [one for one in plan.findings if one.kind is FindingKind.STILL_BILLED]
    assert [(one.agreement, one.item, one.money, one.currency) for one in still] == [(10, 100, 10, "EUR")]
    managed = [A1]
    assert len(outcomes(plan, {}, managed)) == len(plan.contributions) + 1


@pytest.mark.parametrize("ending", [one for one in ENDED if not one.startswith("item")])
def test_every_customer_of_a_shared_agreement_has_a_finding_of_its_own(ending: str) -> None:
    different, kind, _since = ENDED[ending]
    both = [line("c1", "A", 5, unit_price=3), line("c2", "A", 2, unit_price=3)]
    leading = [customer("c1"), customer("c2", 10, company=1)]
    plan = world(*both, psa=psa(**different), customers=leading).plan()
    assert plan.changes == ()
    money = {one.customer: one.money for one in plan.findings if one.kind is kind}
    assert money == {"c1": 15, "c2": 6}


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("gone", [True, False], ids=["deleted", "ended"])
def test_a_line_ended_by_hand_is_not_made_again_until_a_person_says_so(way: str, gone: bool) -> None:
    ended = addition(5, cancelled=SINCE)
    there = () if gone else (ended,)
    quantity = {"alone": 5, "split": 3, "bundle": 7}[way]
    others = ([("create", A2, 0, 2)] if way == "split" else []) + ELSEWHERE
    plan = start(way, psa(*there), managed=[ours(ended)]).plan()
    assert told(plan) == others
    (finding,) = [one for one in plan.findings if one.kind is FindingKind.LINE_ENDED]
    assert (finding.money, finding.since, plan.left) == (quantity * 2, None if gone else SINCE, {A1: "line_ended"})
    again = start(way, psa(*there), managed=[ours(ended, bill_again=True)]).plan()
    assert told(again) == [("create", A1, 0, quantity), *others]


@pytest.mark.parametrize("way", WAYS)
def test_duplicates_are_listed_with_their_money_and_nothing_is_written(way: str) -> None:
    twins = [addition(5), addition(4, id=2)]
    plan = start(way, psa(*twins), managed=[ours(twins[0])]).plan()
    assert A1 not in {change.slot for change in plan.changes}
    (finding,) = [one for one in plan.findings if one.kind is FindingKind.DUPLICATE_LINES]
    assert (finding.money, dict(finding.fields)["additions"]) == (18, "1, 2")
    assert {hold.slot for hold in plan.holds if hold.kind == "duplicate_lines"} == {A1}


@pytest.mark.parametrize("way", WAYS)
def test_standing_lines_are_taken_over_part_by_part(way: str) -> None:
    plan = start(way, psa(addition(9), addition(1, id=2, slot=A2))).plan()
    second = [("adopt", A2, 1, 2)] if way == "split" else []
    assert told(plan) == [("adopt", A1, 9, {"alone": 5, "split": 3, "bundle": 7}[way]), *second, *ELSEWHERE]


def test_a_customer_gone_from_the_vendor_is_billed_for_what_the_report_holds_and_its_lines_are_named() -> None:
    """The finding has what its lines cost a month, not those that others share."""
    first, second, shared = addition(5), addition(2, id=2, slot=A2), addition(4, id=3, slot=AGREED)
    lines = [line("c1", "A", 5), line("c2", "B", 4)]
    start_ = world(
        read=usage(*lines, customers=[]),
        psa=psa(first, second, shared),
        managed=[ours(first), ours(second), ours(shared, ("c1", "B"), ("c2", "B"))],
        **WAYS["split"],
    )
    plan = start_.plan()
    assert told(plan) == [("update", A1, 5, 3)]
    gone = [one for one in plan.findings if one.kind is FindingKind.CUSTOMER_GONE]
    assert [(one.customer, one.company, one.money, one.currency) for one in gone] == [
        ("c1", 1, 14, "EUR"),
        ("c2", 2, None, ""),
    ]
    absent = start_.but(usage=usage(lines[1], customers=[])).plan()
    assert told(absent) == [("zero", A1, 5, 0), ("zero", A2, 2, 0)]


# --- child agreements -----------------------------------------------------------------------------


def test_a_child_agreement_is_an_agreement_of_its_own_and_nothing_goes_to_its_parent() -> None:
    """Neither does the parent's state count for it: only its own and its company's."""
    child = agreement(11, company=1, parent=10)
    for state in ("active", "expired"):
        parent = agreement(10, state=state)
        plan = world(line(), psa=billing(agreements=[parent, child]), customers=[customer("c1", 11)]).plan()
        assert told(plan) == [("create", A2, 0, 5)]


def test_a_child_counts_where_an_agreement_is_looked_for() -> None:
    child = agreement(11, company=1, parent=10)
    leading = [customer("c1", by_rule="only-active")]
    both = world(line(), psa=billing(agreements=[child]), customers=leading).plan()
    assert FindingKind.AGREEMENT_UNCLEAR in {one.kind for one in both.findings}
    closed = agreement(10, state="expired")
    only = world(line(), psa=billing(agreements=[closed, child]), customers=leading).plan()
    assert told(only) == [("create", A2, 0, 5)]


def test_everything_ended_still_ends_in_one_outcome() -> None:
    for ending, (different, _kind, _since) in ENDED.items():
        plan = start("alone", psa(**different)).plan()
        found = {one.code: outcome for one, outcome in outcomes(plan, dict.fromkeys([AGREED], Outcome.DONE), [])}
        assert found == {"A": Outcome.SKIPPED, "B": Outcome.DONE}, ending
