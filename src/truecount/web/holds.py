"""The holds of a plan, gathered by their reason, with the lines that wait."""

from __future__ import annotations

from dataclasses import dataclass

from truecount.runs import advice
from truecount.store.models import Hold, Plan, PlanChange
from truecount.web.labels import Labels, labels_of
from truecount.web.words import CHANGES, Mark

AT_ONCE = 50
"""Lines of one reason that are shown and released together; the rest follow when these are done."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    hold: Hold
    text: advice.Text
    company: str
    agreement: str
    item: str
    change: PlanChange | None
    mark: Mark | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Reason:
    """Every hold of one kind: of the whole plan, or line by line."""

    kind: str
    text: advice.Text
    whole: bool
    lines: list[Line]
    number: int


def reasons_of(plan: Plan) -> list[Reason]:
    """Unreleased holds; those of the whole plan come first."""
    waiting = list(plan.holds.filter(released_at=None))
    waiting.sort(key=lambda hold: hold.agreement is not None)
    by_kind: dict[tuple[str, bool], list[Hold]] = {}
    for hold in waiting:
        by_kind.setdefault((hold.kind, hold.agreement is None), []).append(hold)
    shown = [hold for holds in by_kind.values() for hold in holds[:AT_ONCE]]
    labels, changes = _labels(plan, shown), _changes(plan, shown)
    return [
        Reason(
            kind=kind,
            text=advice.hold_text(kind, labels.slot_fields(holds[0].agreement, holds[0].item) | holds[0].fields),
            whole=whole,
            lines=[_line(hold, labels, changes) for hold in holds[:AT_ONCE]],
            number=len(holds),
        )
        for (kind, whole), holds in by_kind.items()
    ]


def released_of(plan: Plan) -> list[Line]:
    """What people let go of, with the reason they gave."""
    gone = list(plan.holds.exclude(released_at=None).select_related("released_by").order_by("-released_at")[:AT_ONCE])
    labels, changes = _labels(plan, gone), _changes(plan, gone)
    return [_line(hold, labels, changes) for hold in gone]


def _labels(plan: Plan, holds: list[Hold]) -> Labels:
    return labels_of(
        plan.integration,
        agreements=(hold.agreement for hold in holds if hold.agreement is not None),
        items=(hold.item for hold in holds if hold.item is not None),
    )


def _changes(plan: Plan, holds: list[Hold]) -> dict[tuple[int, int], PlanChange]:
    agreements = {hold.agreement for hold in holds if hold.agreement is not None}
    return {(row.agreement, row.item): row for row in plan.changes.filter(agreement__in=agreements)}


def _line(hold: Hold, labels: Labels, changes: dict[tuple[int, int], PlanChange]) -> Line:
    agreement, item = hold.agreement, hold.item
    change = changes.get((agreement, item)) if agreement is not None and item is not None else None
    return Line(
        hold=hold,
        text=advice.hold_text(hold.kind, labels.slot_fields(agreement, item) | hold.fields),
        company=labels.company_of(agreement) if agreement is not None else "",
        agreement=labels.agreement(agreement) if agreement is not None else "",
        item=labels.item(item) if item is not None else "",
        change=change,
        mark=CHANGES[change.kind] if change else None,
    )
