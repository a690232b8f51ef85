"""The simulated clock, which starts where it is told and then runs; and small calendar arithmetic."""

import time
from datetime import UTC, date, datetime, timedelta

DATE_FORMAT = "%Y-%m-%dT%H:%M:%SZ"


class Clock:
    """Aware UTC moments; `set` moves it, from there it runs on in real time."""

    def __init__(self, start: datetime) -> None:
        self.start = start
        self._origin = start
        self._mark = time.monotonic()

    def now(self) -> datetime:
        return self._origin + timedelta(seconds=time.monotonic() - self._mark)

    def set(self, moment: datetime) -> None:
        self._origin = moment
        self._mark = time.monotonic()

    def reset(self) -> None:
        self.set(self.start)

    def today(self) -> date:
        return self.now().date()


def read_moment(text: str) -> datetime:
    """An ISO moment or date, UTC where it names no zone; raises ValueError."""
    moment = datetime.fromisoformat(text.strip())
    return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)


def moment_text(moment: datetime) -> str:
    return moment.strftime(DATE_FORMAT)


def date_text(day: date) -> str:
    return f"{day.isoformat()}T00:00:00Z"


def day_of(text: str) -> date:
    return date.fromisoformat(text[:10])


def period_of(day: date) -> str:
    return f"{day.year:04d}-{day.month:02d}"


def first_of(period: str) -> date:
    return date(int(period[:4]), int(period[5:7]), 1)


def months_later(day: date, months: int) -> date:
    """The same day some months on, or the last one of a shorter month."""
    index = day.year * 12 + day.month - 1 + months
    year, month = divmod(index, 12)
    return date(year, month + 1, min(day.day, _month_length(year, month + 1)))


def period_later(period: str, months: int) -> str:
    return period_of(months_later(first_of(period), months))


def last_of(period: str) -> date:
    first = first_of(period)
    return first.replace(day=_month_length(first.year, first.month))


def _month_length(year: int, month: int) -> int:
    following = date(year + month // 12, month % 12 + 1, 1)
    return (following - timedelta(days=1)).day
