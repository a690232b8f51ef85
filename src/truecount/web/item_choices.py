"""The list of ConnectWise products to choose from: what was typed, or suggestions while nothing was."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass

from django.db.models import Case, IntegerField, Q, QuerySet, Value, When
from django.utils.translation import gettext_lazy as _

from truecount.core.suggest import ProductSuggestion, Reason
from truecount.runs.items import LEAST_LETTERS
from truecount.runs.suggest import suggest_item
from truecount.store.folding import fold
from truecount.store.models import CatalogItem, Integration, VendorProduct
from truecount.web.folding import called
from truecount.web.words import Words

SHOWN = 30

REASONS: Mapping[Reason, Words] = {
    Reason.CODE: _("it carries the Sophos code %(words)s"),
    Reason.DEFAULT_IDENTIFIER: _("it has the identifier that Sophos gives by default"),
    Reason.IDENTIFIER: _("its identifier says the same: %(words)s"),
    Reason.NAME: _("its name says the same: %(words)s"),
    Reason.SIMILAR: _("its name has the words %(words)s"),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Option:
    """An item in the list. `why` it is suggested; `refused` is why it can't be chosen."""

    item: CatalogItem
    why: Words = ""
    refused: Words = ""
    chosen: bool = False
    now: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Choices:
    """`hint` stands in place of the list, `more` counts what is not shown."""

    options: list[Option]
    suggested: bool = False
    more: int = 0
    hint: Words = ""


def choices_of(
    integration: Integration, product: VendorProduct, text: str, *, chosen: int | None, present: Collection[int]
) -> Choices:
    """What was chosen stays in the list, whatever is typed after it."""
    if not text:
        return _suggested(integration, product, chosen, present)
    if len(text) < LEAST_LETTERS:
        return Choices(
            options=_options(_kept(integration, chosen), chosen, present), hint=_("Type at least two characters.")
        )
    found = _found(integration, text)
    rows = list(found[:SHOWN])
    kept = [row for row in _kept(integration, chosen) if row.psa_id not in {one.psa_id for one in rows}]
    hint = (
        ""
        if rows
        else _("Nothing here has this in its name. What was made a minute ago is found with “Search in ConnectWise”.")
    )
    more = found.count() - len(rows) if len(rows) == SHOWN else 0
    return Choices(options=_options([*kept, *rows], chosen, present), more=more, hint=hint)


def named_item(integration: Integration, text: str) -> CatalogItem | None:
    """The one item that is called so; None where none or several are."""
    rows = CatalogItem.objects.filter(integration=integration, gone_since=None)
    for name in ("identifier", "description"):
        found = list(rows.filter(**{f"{name}__folded": fold(text)})[:2])
        if len(found) == 1:
            return found[0]
    return None


def refusal_of(item: CatalogItem) -> Words:
    """Why no line can be made of it; empty where one can."""
    if item.gone_since is not None:
        return _("deleted in ConnectWise PSA")
    if item.item_class == "Bundle":
        return _("of class Bundle, which ConnectWise PSA does not allow on an agreement line")
    return "" if item.active else _("inactive in ConnectWise PSA")


def _found(integration: Integration, text: str) -> QuerySet[CatalogItem]:
    """What has a word that begins with the text first, what can't be chosen last."""
    begins = Q(folded__startswith=fold(text)) | Q(folded__contains=f" {fold(text)}")
    usable = Q(active=True) & ~Q(item_class="Bundle")
    rank = Case(
        When(usable & begins, then=Value(0)), When(usable, then=Value(1)), default=Value(2), output_field=IntegerField()
    )
    rows = CatalogItem.objects.filter(called(text), integration=integration, gone_since=None)
    return rows.order_by(rank, "identifier", "psa_id")


def _suggested(
    integration: Integration, product: VendorProduct, chosen: int | None, present: Collection[int]
) -> Choices:
    suggestion = suggest_item(integration, product.code)
    wanted = [*present, *([suggestion.item, *suggestion.rivals] if suggestion else []), *([chosen] if chosen else [])]
    rows = {row.psa_id: row for row in CatalogItem.objects.filter(integration=integration, psa_id__in=wanted)}
    ordered = [rows[ident] for ident in dict.fromkeys(wanted) if ident in rows]
    hint = "" if ordered else _("Nothing here is like this Sophos product. Type at least two characters to search.")
    return Choices(options=_options(ordered, chosen, present, suggestion), suggested=bool(suggestion), hint=hint)


def _kept(integration: Integration, chosen: int | None) -> Iterable[CatalogItem]:
    return CatalogItem.objects.filter(integration=integration, psa_id=chosen) if chosen is not None else ()


def _options(
    rows: Iterable[CatalogItem],
    chosen: int | None,
    present: Collection[int],
    suggestion: ProductSuggestion | None = None,
) -> list[Option]:
    return [
        Option(
            item=row,
            why=_why(suggestion) if suggestion and suggestion.item == row.psa_id else "",
            refused=refusal_of(row),
            chosen=row.psa_id == chosen,
            now=row.psa_id in present,
        )
        for row in rows
    ]


def _why(suggestion: ProductSuggestion) -> str:
    return str(REASONS[suggestion.reason]) % {"words": ", ".join(suggestion.words)}
