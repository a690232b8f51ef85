"""The calendar of schedules: tables of known dates, and properties over zones, clock changes and leap years."""

from __future__ import annotations

import calendar
from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from truecount.core.errors import ErrorCode, Misused
from truecount.core.model import Source
from truecount.core.period import Period
from truecount.core.schedule import (
    Kind,
    Schedule,
    default_period,
    due_moments,
    missed,
    next_due,
    source_of,
)

PARIS = "Europe/Paris"
TORONTO = "America/Toronto"
ZONES = [PARIS, TORONTO, "UTC", "Asia/Kathmandu", "Australia/Lord_Howe", "Pacific/Apia", "America/St_Johns"]


def at(text: str, zone: str = "UTC") -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=ZoneInfo(zone))


def local(moments: list[datetime], zone: str) -> list[str]:
    return [moment.astimezone(ZoneInfo(zone)).strftime("%Y-%m-%d %H:%M") for moment in moments]


def test_it_works() -> None:
    schedule = Schedule.parse("invoice", zone=PARIS)
    assert local(due_moments(schedule, at("2026-11-03T09:00", PARIS), 3), PARIS) == [
        "2026-11-25 03:00",
        "2026-11-26 03:00",
        "2026-11-27 03:00",
    ]
    assert next_due(schedule, at("2026-11-03T09:00", PARIS)) == datetime(2026, 11, 25, 2, 0, tzinfo=UTC)


# --- the policy's text ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "kind", "day"),
    [
        ("invoice", Kind.INVOICE, None),
        ("daily", Kind.DAILY, None),
        ("monthly:1", Kind.MONTHLY, 1),
        ("monthly:15", Kind.MONTHLY, 15),
        ("monthly:31", Kind.MONTHLY, 31),
        (" monthly:07 ", Kind.MONTHLY, 7),
    ],
)
def test_parse(text: str, kind: Kind, day: int | None) -> None:
    schedule = Schedule.parse(text, hour=4, minute=30, zone=TORONTO)
    assert (schedule.kind, schedule.day) == (kind, day)
    assert (schedule.hour, schedule.minute, schedule.zone) == (4, 30, TORONTO)
    assert Schedule.parse(str(schedule), hour=4, minute=30, zone=TORONTO) == schedule


WRONG = " , monthly, monthly:, monthly:0, monthly:32, monthly:-1, monthly:1.5, monthly:٣, weekly, invoice:25, Daily"


@pytest.mark.parametrize("text", WRONG.split(", "))
def test_parse_refuses(text: str) -> None:
    with pytest.raises(Misused) as caught:
        Schedule.parse(text)
    assert caught.value.code is ErrorCode.BAD_SETTING
    assert caught.value.fields["setting"] == "schedule"


@pytest.mark.parametrize(("hour", "minute"), [(24, 0), (-1, 0), (3, 60), (3, -1)])
def test_a_time_that_no_clock_shows_is_refused(hour: int, minute: int) -> None:
    with pytest.raises(Misused):
        Schedule(hour=hour, minute=minute)


@pytest.mark.parametrize("zone", ["", "Europe/Atlantis", "../etc/passwd", "/etc/localtime", "Europe", "CE\0T"])
def test_an_unknown_zone_is_refused(zone: str) -> None:
    with pytest.raises(Misused) as caught:
        Schedule(zone=zone)
    assert caught.value.fields == {"setting": "zone", "value": zone}


def test_a_day_belongs_to_monthly_alone() -> None:
    for kind, day in ((Kind.DAILY, 3), (Kind.INVOICE, 25), (Kind.MONTHLY, None)):
        with pytest.raises(Misused):
            Schedule(kind=kind, day=day)


# --- known dates ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "after", "expected"),
    [
        # the day is clamped to the month's end, in leap years too
        ("monthly:31", "2026-01-31T03:00", ["2026-02-28 03:00", "2026-03-31 03:00", "2026-04-30 03:00"]),
        ("monthly:30", "2028-01-31T00:00", ["2028-02-29 03:00", "2028-03-30 03:00", "2028-04-30 03:00"]),
        ("monthly:29", "2100-02-01T00:00", ["2100-02-28 03:00", "2100-03-29 03:00", "2100-04-29 03:00"]),
        ("monthly:1", "2026-12-31T23:59", ["2027-01-01 03:00", "2027-02-01 03:00", "2027-03-01 03:00"]),
        # a due moment itself is not after itself
        ("monthly:15", "2026-11-15T02:59", ["2026-11-15 03:00", "2026-12-15 03:00", "2027-01-15 03:00"]),
        ("monthly:15", "2026-11-15T03:00", ["2026-12-15 03:00", "2027-01-15 03:00", "2027-02-15 03:00"]),
        ("daily", "2026-12-31T03:00", ["2027-01-01 03:00", "2027-01-02 03:00", "2027-01-03 03:00"]),
        # from the 25th to the month's end, then the next month
        ("invoice", "2026-11-29T12:00", ["2026-11-30 03:00", "2026-12-25 03:00", "2026-12-26 03:00"]),
        ("invoice", "2027-02-27T12:00", ["2027-02-28 03:00", "2027-03-25 03:00", "2027-03-26 03:00"]),
        ("invoice", "2028-02-28T12:00", ["2028-02-29 03:00", "2028-03-25 03:00", "2028-03-26 03:00"]),
    ],
)
def test_due_moments(text: str, after: str, expected: list[str]) -> None:
    for zone in (PARIS, TORONTO):
        schedule = Schedule.parse(text, zone=zone)
        assert local(due_moments(schedule, at(after, zone), 3), zone) == expected


def test_a_report_that_is_late_is_awaited_every_day() -> None:
    schedule = Schedule(zone=PARIS)
    found = due_moments(schedule, at("2026-11-29T12:00", PARIS), 3, awaited=True)
    assert local(found, PARIS) == ["2026-11-30 03:00", "2026-12-01 03:00", "2026-12-02 03:00"]


@pytest.mark.parametrize(
    ("zone", "hour", "minute", "after", "expected"),
    [
        # the clock goes from 02:00 to 03:00: half past two moves to half past three
        (PARIS, 2, 30, "2026-03-28T12:00", ["2026-03-29T01:30", "2026-03-30T00:30"]),
        (PARIS, 2, 0, "2026-03-28T12:00", ["2026-03-29T01:00", "2026-03-30T00:00"]),
        (TORONTO, 2, 30, "2026-03-07T12:00", ["2026-03-08T07:30", "2026-03-09T06:30"]),
        # the clock goes from 03:00 back to 02:00: the first of the two half past twos, and only that one
        (PARIS, 2, 30, "2026-10-24T12:00", ["2026-10-25T00:30", "2026-10-26T01:30"]),
        (TORONTO, 1, 30, "2026-10-31T12:00", ["2026-11-01T05:30", "2026-11-02T06:30"]),
        # the default hour occurs once on both days
        (PARIS, 3, 0, "2026-03-28T12:00", ["2026-03-29T01:00", "2026-03-30T01:00"]),
        (PARIS, 3, 0, "2026-10-24T12:00", ["2026-10-25T02:00", "2026-10-26T02:00"]),
        # half an hour is left out
        ("Australia/Lord_Howe", 2, 15, "2026-10-03T12:00", ["2026-10-03T15:45", "2026-10-04T15:15"]),
        # a whole day is left out: both days' moments fall together, and are one
        ("Pacific/Apia", 3, 0, "2011-12-29T14:00", ["2011-12-30T13:00", "2011-12-31T13:00"]),
    ],
)
def test_clock_changes(zone: str, hour: int, minute: int, after: str, expected: list[str]) -> None:
    schedule = Schedule(kind=Kind.DAILY, hour=hour, minute=minute, zone=zone)
    assert due_moments(schedule, at(after, zone), 2) == [at(text) for text in expected]


def test_between_the_two_equal_times_nothing_is_due_again() -> None:
    schedule = Schedule(kind=Kind.DAILY, hour=2, minute=30, zone=PARIS)
    between = at("2026-10-25T01:00")
    assert next_due(schedule, between) == at("2026-10-26T01:30")
    assert missed(schedule, at("2026-10-25T00:30"), at("2026-10-25T01:30")) is None


def test_nothing_is_asked_for() -> None:
    assert due_moments(Schedule(), at("2026-11-01T00:00"), 0) == []
    assert due_moments(Schedule(), at("2026-11-01T00:00"), -1) == []


# --- missed -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "last_run", "now", "expected"),
    [
        ("daily", "2026-11-10T03:00", "2026-11-11T02:59", None),
        ("daily", "2026-11-10T03:00", "2026-11-11T03:00", "2026-11-11T03:00"),
        ("daily", "2026-11-10T03:01", "2026-11-15T20:00", "2026-11-15T03:00"),
        ("daily", "2026-11-15T09:00", "2026-11-15T20:00", None),
        ("monthly:31", "2026-10-31T03:00", "2026-11-30T02:00", None),
        ("monthly:31", "2026-10-31T03:00", "2026-12-05T02:00", "2026-11-30T03:00"),
        ("monthly:5", "2026-08-05T03:00", "2026-12-04T02:00", "2026-11-05T03:00"),
        ("invoice", "2026-10-31T03:00", "2026-11-24T23:00", None),
        ("invoice", "2026-10-31T03:00", "2026-11-25T03:00", "2026-11-25T03:00"),
        ("invoice", "2026-11-28T03:00", "2026-12-02T00:00", "2026-11-30T03:00"),
        ("invoice", None, "2026-12-02T00:00", "2026-11-30T03:00"),
        ("invoice", "2027-01-01T00:00", "2026-12-02T00:00", None),
    ],
)
def test_missed(text: str, last_run: str | None, now: str, expected: str | None) -> None:
    found = missed(Schedule.parse(text), at(last_run) if last_run else None, at(now))
    assert found == (at(expected) if expected else None)


def test_missed_while_the_report_is_awaited() -> None:
    schedule = Schedule(zone=TORONTO)
    last_run, now = at("2026-11-30T03:00", TORONTO), at("2026-12-02T08:00", TORONTO)
    assert missed(schedule, last_run, now) is None
    assert missed(schedule, last_run, now, awaited=True) == at("2026-12-02T03:00", TORONTO)


# --- source and period ------------------------------------------------------------------------------


def test_source_of() -> None:
    found = {text: source_of(Schedule.parse(text)) for text in ("invoice", "monthly:3", "daily")}
    assert found == {"invoice": Source.INVOICE, "monthly:3": Source.LIVE, "daily": Source.LIVE}


@pytest.mark.parametrize(
    ("source", "now", "zone", "expected"),
    [
        (Source.INVOICE, "2026-11-24T23:59", "UTC", "2026-10"),
        (Source.INVOICE, "2026-11-25T00:00", "UTC", "2026-11"),
        (Source.INVOICE, "2026-11-30T23:59", "UTC", "2026-11"),
        (Source.INVOICE, "2027-01-01T00:00", "UTC", "2026-12"),
        # the 25th begins in the partner's zone
        (Source.INVOICE, "2026-11-24T23:30", PARIS, "2026-11"),
        (Source.INVOICE, "2026-11-25T04:30", TORONTO, "2026-10"),
        (Source.INVOICE, "2026-11-25T05:00", TORONTO, "2026-11"),
        (Source.LIVE, "2026-11-01T00:00", "UTC", "2026-11"),
        (Source.LIVE, "2026-12-31T23:30", PARIS, "2027-01"),
        (Source.LIVE, "2027-01-01T04:30", TORONTO, "2026-12"),
    ],
)
def test_default_period(source: Source, now: str, zone: str, expected: str) -> None:
    assert str(default_period(source, at(now), zone)) == expected


def test_a_moment_without_a_zone_is_a_mistake() -> None:
    naive = at("2026-11-25T00:00").replace(tzinfo=None)
    for call in (
        lambda: next_due(Schedule(), naive),
        lambda: missed(Schedule(), None, naive),
        lambda: missed(Schedule(), naive, at("2026-12-25T00:00")),
        lambda: default_period(Source.LIVE, naive, "UTC"),
    ):
        with pytest.raises(ValueError, match="without a time zone"):
            call()


# --- properties -------------------------------------------------------------------------------------

unhurried = settings(deadline=None)  # a loaded machine is not a failure

moments = st.datetimes(
    min_value=at("1990-01-01T00:00").replace(tzinfo=None),
    max_value=at("2105-01-01T00:00").replace(tzinfo=None),
    timezones=st.sampled_from([ZoneInfo(zone) for zone in ZONES]),
)


@st.composite
def schedules(draw: st.DrawFn) -> Schedule:
    kind = draw(st.sampled_from(Kind))
    return Schedule(
        kind=kind,
        day=draw(st.integers(1, 31)) if kind is Kind.MONTHLY else None,
        hour=draw(st.integers(0, 23)),
        minute=draw(st.sampled_from([0, 1, 15, 30, 45, 59])),
        zone=draw(st.sampled_from(ZONES)),
    )


def days_due(schedule: Schedule, year: int, awaited: bool) -> list[date]:
    """The local days of one year, counted in another way: day by day, asking of each whether it is due."""
    days = [date(year, 1, 1) + timedelta(days=n) for n in range(365 + calendar.isleap(year))]

    def due(day: date) -> bool:
        last = (day + timedelta(days=1)).day == 1
        if schedule.day is not None:
            return day.day == schedule.day or (last and day.day < schedule.day)
        return schedule.kind is Kind.DAILY or awaited or day.day >= 25

    return [day for day in days if due(day)]


@unhurried
@given(schedules(), moments, st.booleans())
def test_next_due_is_strictly_after(schedule: Schedule, after: datetime, awaited: bool) -> None:
    due = next_due(schedule, after, awaited=awaited)
    assert due > after
    assert due.tzinfo is UTC
    assert due - after <= timedelta(days=33)


@unhurried
@given(schedules(), moments, st.booleans())
@example(Schedule(kind=Kind.DAILY, hour=2, minute=30, zone=PARIS), at("2026-03-01T00:00"), False)
@example(Schedule(kind=Kind.DAILY, hour=2, minute=30, zone=PARIS), at("2026-10-01T00:00"), False)
@example(Schedule(kind=Kind.DAILY, hour=1, minute=30, zone=TORONTO), at("2026-11-01T05:30"), False)
def test_nothing_lies_between_two_due_moments(schedule: Schedule, after: datetime, awaited: bool) -> None:
    found = due_moments(schedule, after, 40, awaited=awaited)
    assert found == sorted(set(found))
    for one, two in pairwise(found):
        assert next_due(schedule, two - timedelta(seconds=1), awaited=awaited) == two
        assert next_due(schedule, one, awaited=awaited) == two
        assert missed(schedule, one, two - timedelta(seconds=1), awaited=awaited) is None
        assert missed(schedule, one, two, awaited=awaited) == two


@unhurried
@given(schedules().filter(lambda s: s.zone != "Pacific/Apia"), st.integers(1990, 2100), st.booleans())
def test_a_year_has_every_due_day_once(schedule: Schedule, year: int, awaited: bool) -> None:
    zone = ZoneInfo(schedule.zone)
    expected = days_due(schedule, year, awaited)
    before = datetime(year, 1, 1, tzinfo=zone).astimezone(UTC) - timedelta(microseconds=1)
    found = [due.astimezone(zone) for due in due_moments(schedule, before, len(expected) + 1, awaited=awaited)]
    assert [due.date() for due in found[:-1]] == expected
    assert found[-1].year == year + 1
    for due in found:
        assert due.fold == 0
        shown = (due.hour, due.minute) == (schedule.hour, schedule.minute)
        left_out = datetime(due.year, due.month, due.day, schedule.hour, schedule.minute, tzinfo=zone)
        assert shown or left_out.astimezone(UTC).astimezone(zone) != left_out
        assert shown or due.replace(tzinfo=None) > left_out.replace(tzinfo=None)


@unhurried
@given(schedules(), moments, st.timedeltas(timedelta(0), timedelta(days=400)), st.booleans())
def test_missed_is_the_last_due_moment_or_none(
    schedule: Schedule, last_run: datetime, passed: timedelta, awaited: bool
) -> None:
    now = last_run + passed
    late = missed(schedule, last_run, now, awaited=awaited)
    if late is None:
        assert next_due(schedule, last_run, awaited=awaited) > now
    else:
        assert last_run < late <= now < next_due(schedule, late, awaited=awaited)
        assert missed(schedule, now, now, awaited=awaited) is None


@unhurried
@given(schedules())
def test_text_there_and_back(schedule: Schedule) -> None:
    again = Schedule.parse(str(schedule), hour=schedule.hour, minute=schedule.minute, zone=schedule.zone)
    assert again == schedule


@unhurried
@given(schedules(), moments)
def test_an_invoice_run_reads_the_month_it_is_due_in(schedule: Schedule, after: datetime) -> None:
    due = next_due(schedule, after)
    here = Period.of(due.astimezone(ZoneInfo(schedule.zone)).date())
    assert default_period(source_of(schedule), due, schedule.zone) == here
