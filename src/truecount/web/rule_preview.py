"""What the rule that is being typed would bill on the last reading, by customer, beside what is billed today."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from decimal import Decimal

from truecount.core.errors import Misused
from truecount.core.model import Rule
from truecount.core.preview import Preview, Previewed
from truecount.runs.preview import preview
from truecount.store.models import Integration, User
from truecount.web.labels import labels_of

_FEW = 8


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    name: str
    before: Decimal | None
    after: Decimal | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Look:
    """`lines` are the customers that change the most, `more` counts the other changes, `same` those that stay."""

    of: Preview
    period: str
    lines: list[Line]
    more: int
    same: int


def look_at(integration: Integration, item: int, rule: Rule, codes: Collection[str], *, by: User) -> Look | None:
    """None where nothing was read yet."""
    try:
        looks = preview(integration, item, rule, sorted(codes), months=1, by=by)
    except Misused:
        return None
    if not looks:
        return None
    billed = [row for row in looks[0].rows if row.skip is None]
    moved = sorted((row for row in billed if row.before != row.after), key=_move, reverse=True)
    labels = labels_of(integration, customers=(row.customer for row in moved[:_FEW]))
    return Look(
        of=looks[0],
        period=str(looks[0].period),
        lines=[Line(name=labels.customer(row.customer), before=row.before, after=row.after) for row in moved[:_FEW]],
        more=max(len(moved) - _FEW, 0),
        same=len(billed) - len(moved),
    )


def _move(row: Previewed) -> Decimal:
    return abs((row.after or Decimal(0)) - (row.before or Decimal(0)))
