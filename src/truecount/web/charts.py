"""Bars by month as SVG: only where everything stands; colours and text sizes are the stylesheet's."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from decimal import Decimal

from django.utils.formats import date_format
from django.utils.translation import gettext as _

from truecount.core.period import Period
from truecount.web import figures

WIDTH, HEIGHT = 280, 160
_LEFT, _TOP, _BOTTOM = 66, 12, 24
_STEPS = tuple(map(Decimal, ("1", "1.5", "2", "3", "4", "5", "6", "8")))
_ALL_NAMED = 6
"""With more months than this, every second one is named."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Bar:
    month: str
    name: str
    told: str
    planned: bool
    x: int
    y: int
    width: int
    height: int

    @property
    def sentence(self) -> str:
        told = _("{month}: {amount}").format(month=self.month, amount=self.told)
        return _("{told} (planned)").format(told=told) if self.planned else told

    @property
    def middle(self) -> int:
        return self.x + self.width // 2


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    y: int
    told: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Chart:
    """`newest` is told in words, and `move` since the month before it that is known."""

    key: str
    bars: list[Bar]
    lines: list[Line]
    newest: str
    month: str
    move: str
    width: int = WIDTH
    height: int = HEIGHT
    left: int = _LEFT

    @property
    def floor(self) -> int:
        return self.height - _BOTTOM

    @property
    def several(self) -> bool:
        return len(self.bars) > 1


Point = tuple[str, Decimal, bool]
"""Month, value, and whether it is only planned."""


def chart(key: str, points: Sequence[Point], write: Callable[[Decimal], str]) -> Chart | None:
    """None without any month."""
    if not points:
        return None
    top = _top(max(value for _period, value, _planned in points))
    room = HEIGHT - _TOP - _BOTTOM
    each = (WIDTH - _LEFT) // len(points)
    bars = [_bar(place, len(points), point, each, top, room, write) for place, point in enumerate(points)]
    move = points[-1][1] - points[-2][1] if len(points) > 1 else Decimal(0)
    return Chart(
        key=key,
        bars=bars,
        lines=[Line(y=_TOP + room - room * part // 2, told=write(top * part / 2)) for part in range(3)],
        newest=bars[-1].told,
        month=bars[-1].month,
        move=figures.signed(write(move)) if len(points) > 1 else "",
    )


def _bar(
    place: int, number: int, point: Point, each: int, top: Decimal, room: int, write: Callable[[Decimal], str]
) -> Bar:
    period, value, planned = point
    height = max(2, int(room * max(value, Decimal(0)) / top))
    width = min(40, each * 7 // 10)
    named = number <= _ALL_NAMED or (number - 1 - place) % 2 == 0
    return Bar(
        month=figures.month(period),
        name=date_format(Period.parse(period).first_day, "N" if figures.french() else "M") if named else "",
        told=write(value),
        planned=planned,
        x=_LEFT + each * place + (each - width) // 2,
        y=_TOP + room - height,
        width=width,
        height=height,
    )


def _top(largest: Decimal) -> Decimal:
    """A round number not below the largest value; half of it is round, too."""
    if largest <= 0:
        return Decimal(1)
    power = Decimal(10) ** largest.adjusted()
    return next((power * step for step in _STEPS if power * step >= largest), power * 10)
