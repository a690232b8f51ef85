"""Periods, invoices and first days: which month a plan may still write, and from when (product rules §9)."""

from datetime import date

import pytest

from tests.core.builders import (
    DECEMBER,
    HERE,
    NOVEMBER,
    OCTOBER,
    addition,
    agreement,
    applied,
    baseline,
    billing,
    customer,
    found,
    kinds,
    line,
    only_change,
    ours,
    product,
    told,
    usage,
    world,
)
from truecount.core.errors import Misused
from truecount.core.model import FindingKind, Slot, Source, WhereNone
from truecount.core.period import Period

STANDING = addition(5)
THERE = Slot(10, 200)


# --- older periods are reconciled, not written ----------------------------------------------------


@pytest.mark.parametrize(
    ("last", "written"), [(OCTOBER, True), (NOVEMBER, True), (DECEMBER, False)], ids=["older", "same", "newer"]
)
@pytest.mark.parametrize("desired", [0, 7, None], ids=["zero", "update", "vanished"])
def test_a_slot_is_not_written_with_an_older_period_than_its_last(last, written, desired):
    read = usage(line("c2", "B", 0) if desired is None else line(billable=desired))
    plan = world(read=read, additions=[STANDING], managed=[ours(STANDING, period=last, next_invoice=None)]).plan()
    assert bool(plan.changes) is written
    if not written:
        finding = found(plan, FindingKind.OLDER_PERIOD)
        assert plan.left == {HERE: "older_period"}
        assert finding.money == ((desired or 0) - 5) * 2
        assert dict(finding.fields) == {"before": "5", "after": str(desired or 0), "period": "2026-11"}
        assert finding.mark == "2026-11"


@pytest.mark.parametrize(
    ("last", "written"), [(None, True), (OCTOBER, True), (NOVEMBER, True), (DECEMBER, False)], ids=str
)
@pytest.mark.parametrize("standing", [[], [STANDING]], ids=["create", "adopt"])
def test_a_slot_without_a_line_of_ours_goes_by_the_last_period_of_all(last, written, standing):
    plan = world(line(billable=7), additions=standing, before=baseline(last_period=last)).plan()
    assert bool(plan.changes) is written
    if not written:
        assert found(plan, FindingKind.OLDER_PERIOD).money == (4 if standing else 14)


def test_a_slot_whose_line_has_ended_still_knows_its_last_period():
    """Written for December from the licences in use, ended by us; then the invoice of November comes."""
    ended = addition(5, cancelled=date(2026, 11, 20))
    managed = ours(ended, period=DECEMBER, source=Source.LIVE, cancelled_by_us=date(2026, 11, 20), next_invoice=None)
    plan = world(line(), additions=[ended], before=baseline(managed, last_period=OCTOBER)).plan()
    assert plan.changes == ()
    assert plan.left == {HERE: "older_period"}


def test_an_older_period_that_agrees_is_unchanged():
    plan = world(line(billable=5), additions=[STANDING], managed=[ours(STANDING, period=DECEMBER)]).plan()
    assert (plan.changes, plan.unchanged, kinds(plan)) == ((), 1, set())


def test_a_move_read_from_an_older_period_moves_nothing():
    managed = ours(STANDING, period=DECEMBER, next_invoice=None)
    plan = world(
        line(), additions=[STANDING], before=baseline(managed, last_period=DECEMBER), products=[product("A", 200)]
    ).plan()
    assert plan.changes == ()


# --- invoiced periods -----------------------------------------------------------------------------

INVOICED = [
    pytest.param(NOVEMBER, date(2026, 12, 1), date(2026, 12, 1), False, id="not yet"),
    pytest.param(NOVEMBER, date(2026, 12, 1), date(2027, 1, 1), True, id="moved past"),
    pytest.param(NOVEMBER, date(2026, 12, 1), date(2026, 11, 1), False, id="moved back"),
    pytest.param(NOVEMBER, date(2026, 12, 1), None, False, id="no date any more"),
    pytest.param(NOVEMBER, None, date(2027, 1, 1), False, id="no date was kept"),
    pytest.param(OCTOBER, date(2026, 11, 1), date(2026, 12, 1), False, id="another period was written"),
]


@pytest.mark.parametrize("desired", [0, 7, None], ids=["zero", "update", "vanished"])
@pytest.mark.parametrize(("period", "kept", "now", "invoiced"), INVOICED)
def test_a_period_is_invoiced_once_the_next_invoice_date_moved_past_the_one_we_kept(
    period, kept, now, invoiced, desired
):
    read = usage(line("c2", "B", 0) if desired is None else line(billable=desired))
    plan = world(
        read=read,
        psa=billing(STANDING, agreements=[agreement(10, next_invoice=now)]),
        managed=[ours(STANDING, period=period, next_invoice=kept)],
    ).plan()
    assert bool(plan.changes) is not invoiced
    if invoiced:
        finding = found(plan, FindingKind.INVOICED)
        assert (finding.money, finding.agreement, finding.item) == (((desired or 0) - 5) * 2, 10, 100)
        assert dict(finding.fields) == {"before": "5", "after": str(desired or 0), "period": "2026-11"}
        assert plan.left == {HERE: "invoiced"}


def test_the_money_of_an_invoiced_period_counts_what_is_included():
    standing = addition(5, less_included=4)
    plan = world(
        line(billable=7),
        psa=billing(standing, agreements=[agreement(10, next_invoice=date(2027, 1, 1))]),
        managed=[ours(standing, period=NOVEMBER, next_invoice=date(2026, 12, 1))],
    ).plan()
    assert found(plan, FindingKind.INVOICED).money == 4


def test_a_reading_that_agrees_with_the_invoice_is_unchanged():
    plan = world(
        line(billable=5),
        psa=billing(STANDING, agreements=[agreement(10, next_invoice=date(2027, 1, 1))]),
        managed=[ours(STANDING, period=NOVEMBER, next_invoice=date(2026, 12, 1))],
    ).plan()
    assert (plan.changes, plan.unchanged, kinds(plan)) == ((), 1, set())


@pytest.mark.parametrize("standing", [[], [addition(4, id=9, slot=THERE)]], ids=["create", "adopt"])
def test_the_whole_agreement_counts_as_invoiced_not_only_the_line(standing):
    plan = world(
        line(code="A"),
        line(code="B"),
        line("c2"),
        psa=billing(STANDING, *standing, agreements=[agreement(10, next_invoice=date(2027, 1, 1))]),
        managed=[ours(STANDING, period=NOVEMBER, next_invoice=date(2026, 12, 1))],
    ).plan()
    assert told(plan) == [("create", Slot(20, 100), 0, 5)]
    assert plan.left == {THERE: "invoiced"}


def test_the_next_period_is_written_after_the_invoice():
    plan = world(
        read=usage(line(billable=7), period=DECEMBER),
        psa=billing(STANDING, agreements=[agreement(10, next_invoice=date(2027, 1, 1))]),
        managed=[ours(STANDING, period=NOVEMBER, next_invoice=date(2026, 12, 1))],
    ).plan()
    assert told(plan) == [("update", HERE, 5, 7)]


def test_a_line_moved_to_another_agreement_after_the_invoice_is_not_billed_twice():
    plan = world(
        line(),
        psa=billing(STANDING, agreements=[agreement(10, next_invoice=date(2027, 1, 1))]),
        managed=[ours(STANDING, period=NOVEMBER, next_invoice=date(2026, 12, 1))],
        customers=[customer("c1", 20)],
    ).plan()
    assert plan.changes == ()
    assert plan.left == {HERE: "invoiced", Slot(20, 100): "invoiced"}


# --- first day of a new line ----------------------------------------------------------------------

FIRST_DAY = [
    pytest.param({}, date(2026, 11, 1), id="nothing known: first day of the period"),
    pytest.param({"billing_starts": date(2020, 1, 1)}, date(2026, 11, 1), id="billing started long ago"),
    pytest.param({"billing_starts": date(2026, 11, 15)}, date(2026, 11, 15), id="billing starts later"),
    pytest.param(
        {"next_invoice": date(2026, 12, 1), "invoiced_to": date(2026, 12, 1)}, date(2026, 12, 1), id="in advance"
    ),
    pytest.param(
        {"next_invoice": date(2026, 12, 1), "invoiced_to": date(2026, 11, 1)}, date(2026, 11, 1), id="in arrears"
    ),
    pytest.param(
        {"next_invoice": date(2026, 12, 15), "invoiced_to": date(2026, 11, 15)},
        date(2026, 12, 15),
        id="in arrears, the first day is already invoiced",
    ),
    pytest.param(
        {"next_invoice": date(2026, 11, 1), "invoiced_to": date(2026, 11, 1)}, date(2026, 11, 1), id="not invoiced yet"
    ),
    pytest.param(
        {"next_invoice": date(2026, 12, 1), "invoiced_to": date(2026, 12, 1), "billing_starts": date(2027, 1, 1)},
        date(2027, 1, 1),
        id="in advance, billing starts later",
    ),
    pytest.param(
        {"next_invoice": date(2026, 12, 1), "invoiced_to": date(2026, 12, 1), "billing_starts": date(2026, 11, 20)},
        date(2026, 12, 1),
        id="in advance, billing starts before",
    ),
    pytest.param({"next_invoice": None, "invoiced_to": None}, date(2026, 11, 1), id="no invoices"),
]


@pytest.mark.parametrize(("dates", "expected"), FIRST_DAY)
def test_first_day_of_a_new_line(dates, expected):
    plan = world(line(), psa=billing(agreements=[agreement(10, **dates)])).plan()
    assert only_change(plan).effective == expected


def test_only_new_lines_and_cancellations_have_an_effective_date():
    plan = world(line("c1", billable=6), line("c2"), additions=[STANDING], managed=[ours(STANDING)]).plan()
    assert [(change.kind, change.effective) for change in plan.changes] == [
        ("update", None),
        ("create", date(2026, 11, 1)),
    ]


# --- invoiced soon --------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("next_invoice", "expected"),
    [
        (date(2026, 11, 25), False),
        (date(2026, 11, 26), True),
        (date(2026, 11, 29), True),
        (date(2026, 11, 30), False),
        (None, False),
    ],
)
def test_invoiced_within_3_days_and_not_yet_synchronised_is_a_finding(next_invoice, expected):
    start = world(line(), psa=billing(agreements=[agreement(10, next_invoice=next_invoice)]))
    assert (FindingKind.INVOICE_SOON in kinds(start.plan())) is expected
    assert FindingKind.INVOICE_SOON not in kinds(applied(start).plan())


# --- standing -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("cancelled", "standing"),
    [(None, True), (date(2026, 11, 25), False), (date(2026, 11, 26), False), (date(2026, 11, 27), True)],
)
def test_standing_goes_by_the_psas_date(cancelled, standing):
    plan = world(line(), additions=[addition(5, cancelled=cancelled)]).plan()
    assert told(plan) == ([("adopt", HERE, 5, 5)] if standing else [("create", HERE, 0, 5)])


def test_a_cancelled_line_is_created_anew_once_its_end_is_reached():
    ending = addition(5, cancelled=date(2026, 11, 30))
    managed = ours(ending, cancelled_by_us=date(2026, 11, 30), next_invoice=None)
    start = world(line(), additions=[ending], managed=[managed])
    assert [change.reopen for change in start.plan().changes] == [True]
    assert told(start.but(today=date(2026, 11, 30)).plan()) == [("create", HERE, 0, 5)]


def test_adopt_only_says_nothing_of_an_older_period():
    only = [product("A", where_none=WhereNone.ADOPT_ONLY)]
    assert told(world(line(), products=only, before=baseline(last_period=DECEMBER)).plan()) == []


# --- periods --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "expected"), [("2026-11", NOVEMBER), ("2026-1", Period(2026, 1)), (" 2026-12 ", DECEMBER)]
)
def test_a_period_is_read_from_text(text, expected):
    assert Period.parse(text) == expected
    assert Period.parse(str(expected)) == expected


@pytest.mark.parametrize("text", ["", "2026", "2026-13", "2026-00", "11-2026", "1899-01", "2026-11-01"])
def test_a_month_that_does_not_exist_is_refused(text):
    with pytest.raises(Misused):
        Period.parse(text)


def test_periods_step_over_years_and_know_their_days():
    assert (NOVEMBER.plus(2), NOVEMBER.plus(-11), NOVEMBER.plus(0)) == (Period(2027, 1), Period(2025, 12), NOVEMBER)
    assert (Period(2028, 2).first_day, Period(2028, 2).last_day) == (date(2028, 2, 1), date(2028, 2, 29))
    assert Period.of(date(2026, 11, 26)) == NOVEMBER
    assert OCTOBER < NOVEMBER < DECEMBER < Period(2027, 1)
