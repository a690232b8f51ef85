"""A billing month: parsing, printing and stepping; nothing about schedules."""

from __future__ import annotations

import calendar
import re
from datetime import date
from typing import NamedTuple

from truecount.core.errors import ErrorCode, Misused


class Period(NamedTuple):
    """A month; orders as time does and prints as `2026-11`."""

    year: int
    month: int

    @classmethod
    def parse(cls, text: str) -> Period:
        """`2026-11`, with or without the zero; anything else is refused."""
        found = re.fullmatch(r"(\d{4})-(\d{1,2})", text.strip())
        if not found or not 1 <= int(found[2]) <= 12 or int(found[1]) < 1900:
            raise Misused(ErrorCode.BAD_PERIOD, period=text)
        return cls(int(found[1]), int(found[2]))

    @classmethod
    def of(cls, day: date) -> Period:
        return cls(day.year, day.month)

    @property
    def first_day(self) -> date:
        return date(self.year, self.month, 1)

    @property
    def last_day(self) -> date:
        return date(self.year, self.month, calendar.monthrange(self.year, self.month)[1])

    def plus(self, months: int) -> Period:
        count = self.year * 12 + self.month - 1 + months
        return Period(count // 12, count % 12 + 1)

    def __str__(self) -> str:
        return f"{self.year:04d}-{self.month:02d}"
