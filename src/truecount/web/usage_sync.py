"""The vendor's products: what each is mapped to, and its Sync switch."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from django.db.models import Exists, F, OuterRef, QuerySet
from django.http import HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from truecount.core.roles import Action
from truecount.store.models import CatalogItem, Integration, ProductMappingCode, VendorProduct
from truecount.web.belongings import integration_of
from truecount.web.folding import contains
from truecount.web.request import Request
from truecount.web.rights import needs
from truecount.web.sheets import Cell, sheet
from truecount.web.tables import Column, Filter, Table
from truecount.web.words import Mark, switch


@dataclass(frozen=True, slots=True, kw_only=True)
class Target:
    """A ConnectWise product that a vendor product feeds; `bundle` counts the vendor products that feed it."""

    item: CatalogItem | None
    number: int
    bundle: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    product: VendorProduct
    targets: list[Target]
    switch: Mark


@needs(Action.LOOK)
def usage_sync(request: Request, slug: str) -> HttpResponse:
    integration = integration_of(request, slug)
    listing = _TABLE.read(_products(integration), request.GET)
    if request.GET.get("format") == "csv":
        return sheet("usage-sync", _HEAD, _cells(_rows(integration, listing.rows)))
    context = {"listing": listing, "products": _rows(integration, listing.page.object_list)}
    return render(request, "web/usage_sync.html", context)


def _products(integration: Integration) -> QuerySet[VendorProduct]:
    mapped = ProductMappingCode.objects.filter(mapping__integration=integration, code=OuterRef("code"))
    return VendorProduct.objects.filter(integration=integration).alias(
        mapped=Exists(mapped), sorted_name=F("name__folded")
    )


def _rows(integration: Integration, found: Iterable[VendorProduct]) -> list[Row]:
    found = list(found)
    members = list(ProductMappingCode.objects.filter(mapping__integration=integration).select_related("mapping"))
    feeding: dict[int, int] = {}
    for member in members:
        feeding[member.mapping.item] = feeding.get(member.mapping.item, 0) + 1
    items = {item.psa_id: item for item in CatalogItem.objects.filter(integration=integration, psa_id__in=feeding)}
    targets: dict[str, list[Target]] = {}
    for member in members:
        number = member.mapping.item
        target = Target(item=items.get(number), number=number, bundle=feeding[number])
        targets.setdefault(member.code, []).append(target)
    return [
        Row(product=product, targets=targets.get(product.code, []), switch=switch(product.sync)) for product in found
    ]


_SHOWN = {
    "unmapped": {"mapped": False},
    "on": {"sync": True},
    "off": {"sync": False},
    "firewall": {"firewall": True},
}
_TABLE: Table[VendorProduct] = Table(
    columns=(
        Column(key="product", title=_("Sophos product"), order=("sorted_name",)),
        Column(key="code", title=_("Code"), order=("code",)),
        Column(key="item", title=_("ConnectWise product"), order=("mapped",), descending_first=True),
        Column(key="sync", title=pgettext_lazy("column", "Sync"), order=("sync",), descending_first=True),
    ),
    usual="product",
    search=lambda found, text: found.filter(contains(text, "name", "code")),
    filters=(
        Filter(
            "show",
            _("Show"),
            [
                ("", _("All products")),
                ("unmapped", pgettext_lazy("products", "Not mapped")),
                ("on", pgettext_lazy("products", "Sync on")),
                ("off", pgettext_lazy("products", "Sync off")),
                ("firewall", pgettext_lazy("products", "Firewalls")),
            ],
            lambda found, show: found.filter(**_SHOWN[show]),
        ),
    ),
)
_HEAD: tuple[Cell, ...] = (_("Sophos product"), _("Code"), _("ConnectWise product"), pgettext_lazy("column", "Sync"))


def _cells(rows: Iterable[Row]) -> Iterator[tuple[Cell, ...]]:
    for row in rows:
        names = ", ".join(target.item.identifier if target.item else f"#{target.number}" for target in row.targets)
        yield (row.product.name, row.product.code, names, row.switch.word)
