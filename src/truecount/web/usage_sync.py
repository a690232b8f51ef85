"""Configure usage synchronization: the vendor's products, what each is billed as, and its Sync switch."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from urllib.parse import urlsplit

from django.contrib import messages
from django.db.models import Case, DecimalField, Exists, F, OuterRef, QuerySet, Value, When
from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext, ngettext, pgettext_lazy
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_http_methods

from truecount.core.errors import ErrorCode, Misused
from truecount.core.roles import Action
from truecount.runs import advice, clock, configure
from truecount.runs.units import Units, last_units
from truecount.store.models import Integration, ProductMappingCode, VendorProduct
from truecount.web.belongings import integration_of
from truecount.web.dialogs import go_on
from truecount.web.folding import called
from truecount.web.labels import labels_of
from truecount.web.product_rows import Row, Typed, rows_of
from truecount.web.request import Request
from truecount.web.rights import needs
from truecount.web.sheets import Cell, sheet
from truecount.web.tables import Column, Filter, Table
from truecount.web.words import switch

PAGE = "usage-sync-configure"
_REFUSED = frozenset({ErrorCode.NOT_MAPPED, ErrorCode.BUNDLE_ITEM, ErrorCode.INACTIVE_ITEM, ErrorCode.UNKNOWN_ITEM})


@needs(Action.LOOK)
def usage_sync(request: Request, slug: str) -> HttpResponse:
    integration = integration_of(request, slug)
    if request.GET.get("format") == "csv":
        units = last_units(integration)
        listing = _TABLE.read(_products(integration, units), request.GET)
        return sheet("usage-sync", _HEAD, _cells(rows_of(integration, listing.rows, units)))
    return _page(request, integration)


@needs(Action.SWITCH)
@require_http_methods(["GET", "POST"])
def save(request: Request, slug: str) -> HttpResponse:
    """Commit the switches that were moved, all or none; those of other rows stay as they are."""
    integration = integration_of(request, slug)
    if request.method != "POST":
        return HttpResponseRedirect(_address(integration, request))
    on, shown = request.POST.getlist("sync"), request.POST.getlist("on")
    codes = [code for code in request.POST.getlist("row") if "\0" not in code]
    wanted = {code: code in on for code in codes}
    try:
        switched = configure.switch_products(
            integration, wanted, {code: code in shown for code in codes}, by=request.user, now=clock.now()
        )
    except Misused as refused:
        if refused.code not in _REFUSED:
            raise
        text = advice.error_text(str(refused.code), refused.fields)
        typed = Typed(wanted=wanted, product=str(refused.fields["product"]), sentence=f"{text.sentence} {text.advice}")
        return _page(request, integration, typed)
    _tell(request, integration, switched)
    return HttpResponseRedirect(_address(integration, request))


def back(request: Request, integration: Integration) -> HttpResponse:
    """From a dialog to this page: below it the list is read again, and switches that are not saved stay moved."""
    below = urlsplit(request.headers.get("HX-Current-URL", "")).path
    address = reverse(PAGE, args=[integration.slug])
    if request.htmx and below in (address, reverse("usage-sync", args=[integration.slug])):
        return HttpResponse(status=204, headers={"HX-Trigger": "dialog-done"})
    return go_on(request, address)


def _page(request: Request, integration: Integration, typed: Typed | None = None) -> HttpResponse:
    units = last_units(integration)
    listing = _TABLE.read(_products(integration, units), request.GET)
    context = {
        "listing": listing,
        "products": rows_of(integration, listing.page.object_list, units, typed),
        "period": units.period,
        "typed": typed,
    }
    return render(request, "web/usage_sync.html", context, status=422 if typed else 200)


def _tell(request: Request, integration: Integration, switched: configure.Switched) -> None:
    number = len(switched.turned)
    if number:
        told = ngettext("%(count)d switch is saved.", "%(count)d switches are saved.", number)
        messages.success(request, told % {"count": number})
    else:
        messages.info(request, gettext("Nothing was switched, so nothing changed."))
    if switched.meanwhile:
        names = labels_of(integration, products=switched.meanwhile)
        told = ", ".join(names.product(code) for code in switched.meanwhile)
        messages.warning(
            request,
            gettext("Somebody else has switched these meanwhile; they stay as they are now: %(names)s")
            % {"names": told},
        )


def _address(integration: Integration, request: Request) -> str:
    query = request.GET.urlencode()
    address = reverse(PAGE, args=[integration.slug])
    return f"{address}?{query}" if query else address


def _products(integration: Integration, units: Units) -> QuerySet[VendorProduct]:
    mapped = ProductMappingCode.objects.filter(mapping__integration=integration, code=OuterRef("code"))
    counted = [When(code=code, then=Value(number)) for code, number in units.of.items()]
    return VendorProduct.objects.filter(integration=integration).alias(
        mapped=Exists(mapped),
        sorted_name=F("name__folded"),
        units=Case(*counted, default=Value(0), output_field=DecimalField(max_digits=24, decimal_places=6)),
    )


_SHOWN = {
    "unmapped": {"mapped": False},
    "on": {"sync": True},
    "off": {"sync": False},
    "firewall": {"firewall": True},
}
_TABLE: Table[VendorProduct] = Table(
    columns=(
        Column(key="product", title=_("Sophos product"), order=("sorted_name",)),
        Column(key="item", title=_("ConnectWise product"), order=("mapped",), descending_first=True),
        Column(key="units", title=_("Units last month"), order=("units",), number=True, descending_first=True),
        Column(key="sync", title=pgettext_lazy("column", "Sync"), order=("sync",), descending_first=True),
        Column(key="state", title=_("State")),
    ),
    usual="product",
    search=lambda found, text: found.filter(called(text)),
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
_HEAD: tuple[Cell, ...] = (
    _("Sophos product"),
    _("Code"),
    _("ConnectWise product"),
    _("Units last month"),
    pgettext_lazy("column", "Sync"),
    _("State"),
)


def _cells(rows: Iterable[Row]) -> Iterator[tuple[Cell, ...]]:
    for row in rows:
        names = ", ".join(target.name for target in row.targets)
        states = ", ".join(str(state.mark.word) for state in row.states)
        yield (row.product.name, row.product.code, names, row.units, switch(row.product.sync).word, states)
