"""When a schedule is due: a pure calendar in the partner's time zone; what a run then does is not here.

Moments go in aware, in any zone, and come out in UTC. A local time that a clock change leaves out moves
forward by as much as the clock did; one that occurs twice is taken the first time.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from enum import StrEnum
from itertools import groupby, islice, takewhile
from zoneinfo import ZoneInfo

from truecount.core.errors import ErrorCode, Misused
from truecount.core.model import Source
from truecount.core.period import Period

INVOICE_FROM = 25
"""From this day on the vendor may have the month's report, and the month is the one to read."""


class Kind(StrEnum):
    INVOICE = "invoice"
    MONTHLY = "monthly"
    DAILY = "daily"


@dataclass(frozen=True, slots=True, kw_only=True)
class Schedule:
    """`day` belongs to `monthly` alone and is clamped to the month's end. `str()` is the policy's text.

    The hour is one that no clock change leaves out or repeats in Europe and North America.
    """

    kind: Kind = Kind.INVOICE
    day: int | None = None
    hour: int = 3
    minute: int = 0
    zone: str = "UTC"

    def __post_init__(self) -> None:
        allowed = range(1, 32) if self.kind is Kind.MONTHLY else (None,)
        if self.day not in allowed:
            raise Misused(ErrorCode.BAD_SETTING, setting="schedule", value=str(self))
        if not (0 <= self.hour <= 23 and 0 <= self.minute <= 59):
            raise Misused(ErrorCode.BAD_SETTING, setting="hour", value=f"{self.hour}:{self.minute:02d}")
        _zone(self.zone)

    @classmethod
    def parse(cls, text: str, *, hour: int = 3, minute: int = 0, zone: str = "UTC") -> Schedule:
        """`invoice`, `monthly:15` or `daily`; anything else is refused, a month without its day too."""
        found = re.fullmatch(r"(invoice|daily)|monthly:([0-9]{1,2})", text.strip())
        if not found:
            raise Misused(ErrorCode.BAD_SETTING, setting="schedule", value=text)
        kind = Kind(found[1] or "monthly")
        return cls(kind=kind, day=int(found[2]) if found[2] else None, hour=hour, minute=minute, zone=zone)

    def __str__(self) -> str:
        return self.kind if self.day is None else f"{self.kind}:{self.day}"


def source_of(schedule: Schedule) -> Source:
    return Source.INVOICE if schedule.kind is Kind.INVOICE else Source.LIVE


def default_period(source: Source, now: datetime, zone: str) -> Period:
    """Which month a run reads unless told: live is this month, the invoice is last month's until the 25th."""
    today = _local(now, _zone(zone)).date()
    late = source is Source.LIVE or today.day >= INVOICE_FROM
    return Period.of(today).plus(0 if late else -1)


def next_due(schedule: Schedule, after: datetime, *, awaited: bool = False) -> datetime:
    """The first due moment later than `after`.

    `awaited`: the report of the default month is not there yet. While it is, an invoice schedule is due every
    day, also past the month's end; once it is there, from the 25th to the month's end, to see if it changed.
    """
    return due_moments(schedule, after, 1, awaited=awaited)[0]


def due_moments(schedule: Schedule, after: datetime, count: int, *, awaited: bool = False) -> list[datetime]:
    """The next `count` due moments, in order, none twice: a zone that leaves out a day lets two fall together."""
    later = (due for due in _moments(schedule, _start(schedule, after), awaited) if due > after)
    return [due for due, _ in islice(groupby(later), max(count, 0))]


def missed(
    schedule: Schedule,
    last_run: datetime | None,
    now: datetime,
    *,
    awaited: bool = False,
) -> datetime | None:
    """The last due moment up to `now` without a run; however many passed, it is one run that is owed.

    `last_run` is when the schedule last started a run, whatever came of it; where it never did, the moment it
    was set. None means since ever.
    """
    passed = list(takewhile(lambda due: due <= now, _moments(schedule, _start(schedule, now), awaited)))
    if not passed or (last_run is not None and _aware(last_run) >= passed[-1]):
        return None
    return passed[-1]


def _moments(schedule: Schedule, first: date, awaited: bool) -> Iterator[datetime]:
    zone = _zone(schedule.zone)
    at = time(schedule.hour, schedule.minute)
    for day in _days(schedule, first, awaited):
        # fold=0: a time that is left out has the offset before the change, a repeated one is the first
        yield datetime.combine(day, at, tzinfo=zone).astimezone(UTC)


def _days(schedule: Schedule, first: date, awaited: bool) -> Iterator[date]:
    """The local days on which a schedule is due, from a first of a month on."""
    period = Period.of(first)
    while True:
        last = period.last_day.day
        match schedule.kind:
            case Kind.MONTHLY:
                days = [min(schedule.day or 1, last)]
            case Kind.INVOICE if not awaited:
                days = list(range(INVOICE_FROM, last + 1))
            case _:
                days = list(range(1, last + 1))
        yield from (date(*period, day) for day in days)
        period = period.plus(1)


def _start(schedule: Schedule, moment: datetime) -> date:
    """Early enough that at least one due moment lies between it and `moment`."""
    here = _local(moment, _zone(schedule.zone)).date()
    return Period.of(here).plus(-1).first_day


def _zone(key: str) -> ZoneInfo:
    try:
        return ZoneInfo(key)
    except (KeyError, ValueError, OSError) as error:
        raise Misused(ErrorCode.BAD_SETTING, setting="zone", value=key) from error


def _local(moment: datetime, zone: ZoneInfo) -> datetime:
    return _aware(moment).astimezone(zone)


def _aware(moment: datetime) -> datetime:
    """A naive moment would be read in the zone of the machine."""
    if moment.tzinfo is None:
        raise ValueError("a moment without a time zone")
    return moment
