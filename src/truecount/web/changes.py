"""The changes of a plan as a person reads them: by customer, before → after, with the reason in words."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.db.models import (
    Count,
    Exists,
    F,
    Func,
    IntegerField,
    Max,
    OuterRef,
    Q,
    QuerySet,
    Subquery,
    TextField,
    Value,
)
from django.db.models.fields.json import KeyTextTransform
from django.db.models.functions import Abs, Coalesce
from django.db.models.lookups import GreaterThan, In
from django.http import QueryDict
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from truecount.core.model import Outcome
from truecount.core.plan import plain
from truecount.runs import advice
from truecount.store.folding import Folded
from truecount.store.models import Customer, Hold, Plan, PlanChange
from truecount.web import figures
from truecount.web.labels import Labels, labels_of, named
from truecount.web.sheets import Cell
from truecount.web.tables import Column, Filter, Listing, Table
from truecount.web.words import CHANGES, OUTCOMES, Mark

GROUPS = 25
_MOST = 2000
"""Names that a search follows at most."""
_WRONG = (Outcome.STALE, Outcome.REFUSED, Outcome.FAILED)


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    change: PlanChange
    mark: Mark
    company: str
    agreement: str
    item: str
    description: str
    products: str
    together: str
    reason: str
    held: bool
    outcome: Mark | None
    answer: advice.Text | None

    @property
    def money(self) -> Decimal:
        return self.change.money_after - self.change.money_before


@dataclass(frozen=True, slots=True, kw_only=True)
class Group:
    """All changes whose first customer is this one. `ticked` is None where only some of them are."""

    customer: str
    name: str
    rows: list[Row]
    moves: dict[str, Decimal]
    ticked: bool | None


def changes_of(plan: Plan, asked: QueryDict) -> tuple[Listing[PlanChange], list[Group]]:
    """A page of customers as asked for, each with its changes that match."""
    listing = _table(plan).read(with_holds(plan), asked, _by_customer(plan))
    wanted = [found["first"] for found in listing.page]
    rows = list(_first(listing.rows).filter(Q(first__in=wanted)).order_by("agreement", "item"))
    shown = dict(_by_first(plan, rows))
    return listing, [_group(ident, shown[ident]) for ident in wanted if ident in shown]


def with_holds(plan: Plan) -> QuerySet[PlanChange]:
    waiting = Hold.objects.filter(plan=plan, released_at=None, agreement=OuterRef("agreement"), item=OuterRef("item"))
    return plan.changes.annotate(held=Exists(waiting))


def largest(plan: Plan, count: int) -> list[Row]:
    """The changes that move the most money."""
    moving = with_holds(plan).annotate(move=Abs(F("money_after") - F("money_before"))).filter(move__gt=0)
    return [row for _ident, row in _rows(plan, moving.order_by("-move", "pk")[:count])]


def ready(plan: Plan) -> int:
    """How many changes applying would write now."""
    return with_holds(plan).filter(Q(held=False), ticked=True).exclude(outcome=Outcome.DONE).count()


def cells(plan: Plan, changes: Iterable[PlanChange]) -> Iterator[tuple[Cell, ...]]:
    for ident, row in _rows(plan, changes):
        change = row.change
        state = row.outcome.word if row.outcome else ""
        yield (
            ident,
            row.company,
            row.agreement,
            change.agreement,
            row.item,
            change.item,
            row.products,
            row.mark.word,
            change.before,
            change.after,
            change.effective,
            change.currency,
            change.money_before,
            change.money_after,
            row.reason,
            _("held") if row.held else "" if change.ticked else _("left out"),
            state,
        )


HEAD: tuple[Cell, ...] = (
    _("Customer"),
    _("ConnectWise company"),
    _("Agreement"),
    _("Agreement id"),
    _("ConnectWise product"),
    _("Product id"),
    _("Sophos products"),
    _("Change"),
    pgettext_lazy("quantity", "Before"),
    pgettext_lazy("quantity", "After"),
    _("Effective"),
    _("Currency"),
    _("Money before"),
    _("Money after"),
    _("Reason"),
    _("Waits"),
    _("Outcome"),
)


def _first(changes: QuerySet[PlanChange]) -> QuerySet[PlanChange]:
    return changes.annotate(first=Coalesce(KeyTextTransform("0", "customers"), Value(""), output_field=TextField()))


def _by_customer(plan: Plan) -> Callable[[QuerySet[PlanChange]], QuerySet[Any, Any]]:
    name = Customer.objects.filter(integration=plan.integration_id, vendor_id=OuterRef("first")).values("name")

    def gather(changes: QuerySet[PlanChange]) -> QuerySet[Any, Any]:
        by_name = _first(changes).annotate(
            name=Folded(Coalesce(Subquery(name[:1]), F("first"), output_field=TextField()))
        )
        return by_name.values("first", "name").annotate(
            number=Count("pk"), move=Max(Abs(F("money_after") - F("money_before")))
        )

    return gather


def _table(plan: Plan) -> Table[PlanChange]:
    return Table(
        columns=(
            Column(key="customer", title=_("Customer"), order=("name",)),
            Column(key="money", title=_("Money"), order=("move",), descending_first=True),
        ),
        usual="customer",
        tie="first",
        page_size=GROUPS,
        search=lambda changes, text: changes.filter(_about(plan, text)),
        filters=(
            Filter(
                "kind",
                _("Change"),
                [("", _("All changes")), *((str(kind), mark.word) for kind, mark in CHANGES.items())],
                lambda changes, kind: changes.filter(kind=kind),
            ),
            Filter(
                "state",
                _("State"),
                [
                    ("", _("All states")),
                    ("held", pgettext_lazy("changes", "Held")),
                    ("out", pgettext_lazy("changes", "Left out")),
                    ("done", pgettext_lazy("changes", "Done")),
                    ("wrong", pgettext_lazy("changes", "Not written")),
                ],
                _in_state,
            ),
        ),
    )


def _in_state(changes: QuerySet[PlanChange], state: str) -> QuerySet[PlanChange]:
    match state:
        case "held":
            return changes.filter(Q(held=True))
        case "out":
            return changes.filter(ticked=False)
        case "done":
            return changes.filter(outcome=Outcome.DONE)
        case _:
            return changes.filter(outcome__in=_WRONG)


def _about(plan: Plan, text: str) -> Q:
    found = named(plan.integration, text)
    return (
        _among("customers", list(found.customers[:_MOST]))
        | _among("codes", list(found.products[:_MOST]))
        | Q(agreement__in=found.agreements)
        | Q(item__in=found.items)
    )


def _among(column: str, wanted: list[str]) -> Q:
    """Lists that have one of the wanted. Most have one element, which is found ten times sooner by itself."""
    length = Func(F(column), function="jsonb_array_length", output_field=IntegerField())
    several = Q(GreaterThan(length, 1)) & Q((f"{column}__has_any_keys", wanted))
    return Q(In(KeyTextTransform("0", column), wanted)) | several if wanted else Q(pk__in=())


def _rows(plan: Plan, changes: Iterable[PlanChange]) -> list[tuple[str, Row]]:
    """Each change with its customer's name."""
    changes = list(changes)
    labels = _labels(plan, changes)
    return [
        (labels.customer(change.customers[0]) if change.customers else "", _row(change, labels)) for change in changes
    ]


def _by_first(plan: Plan, changes: list[PlanChange]) -> Iterator[tuple[str, tuple[str, list[Row]]]]:
    labels = _labels(plan, changes)
    found: dict[str, list[Row]] = {}
    for change in changes:
        found.setdefault(change.customers[0] if change.customers else "", []).append(_row(change, labels))
    for ident, rows in found.items():
        yield ident, (labels.customer(ident) if ident else "", rows)


def _labels(plan: Plan, changes: list[PlanChange]) -> Labels:
    return labels_of(
        plan.integration,
        customers=(ident for change in changes for ident in change.customers),
        products=(code for change in changes for code in change.codes),
        agreements=(change.agreement for change in changes),
        items=(change.item for change in changes),
    )


def _group(ident: str, named: tuple[str, list[Row]]) -> Group:
    name, rows = named
    moves: dict[str, Decimal] = {}
    for row in rows:
        moves[row.change.currency] = moves.get(row.change.currency, Decimal(0)) + row.money
    ticks = {row.change.ticked for row in rows}
    return Group(customer=ident, name=name, rows=rows, moves=moves, ticked=ticks.pop() if len(ticks) == 1 else None)


def _row(change: PlanChange, labels: Labels) -> Row:
    told = change.answer
    return Row(
        change=change,
        mark=CHANGES[change.kind],
        company=labels.company_of(change.agreement),
        agreement=labels.agreement(change.agreement),
        item=labels.item(change.item),
        description=labels.item_description(change.item),
        products=" + ".join(labels.product(code) for code in change.codes),
        together=", ".join(labels.customer(ident) for ident in change.customers[1:]),
        reason=advice.change_text(change.kind, _told(change)).sentence,
        held=bool(getattr(change, "held", False)),
        outcome=OUTCOMES[change.outcome] if change.outcome else None,
        answer=advice.error_text(told["code"], told.get("fields", {})) if told else None,
    )


def _told(change: PlanChange) -> dict[str, str]:
    return {
        "before": plain(change.before),
        "after": plain(change.after),
        "effective": figures.day(change.effective),
    }
