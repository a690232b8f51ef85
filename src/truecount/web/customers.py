"""Map and synchronize your customers: company, agreement, switch, status, units and money of each; acts on several."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from decimal import Decimal

from django.contrib import messages
from django.db.models import Q
from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext, ngettext, pgettext_lazy
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_POST

from truecount.core.roles import Action
from truecount.runs import clock, start
from truecount.runs.customers import switch_customers
from truecount.store.models import (
    Agreement,
    Customer,
    CustomerFigure,
    CustomerMapping,
    CustomerShare,
    Integration,
    Run,
)
from truecount.web import customer_states
from truecount.web.belongings import integration_of
from truecount.web.customer_states import State
from truecount.web.figures import FIXED, quantity
from truecount.web.folding import called, contains
from truecount.web.labels import Labels, labels_of
from truecount.web.request import Request
from truecount.web.rights import needs
from truecount.web.runs import refreshed_last
from truecount.web.sheets import Cell, sheet
from truecount.web.tables import Column, Filter, Table
from truecount.web.words import ACTIVE, AGREEMENT_STATES, BILLING, BY_RULES, Mark, Words, switch


@dataclass(frozen=True, slots=True, kw_only=True)
class Contract:
    name: str
    state: Words
    active: bool
    part: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    customer: Customer
    company: str
    contracts: list[Contract]
    by_rule: Words
    pattern: str
    billing: Words
    switch: Mark
    state: State
    units: Decimal | None
    money: dict[str, Decimal]


@needs(Action.LOOK)
def customers(request: Request, slug: str) -> HttpResponse:
    integration = integration_of(request, slug)
    listing = _TABLE.read(customer_states.with_states(integration), request.GET)
    if request.GET.get("format") == "csv":
        return sheet("customers", _HEAD, _cells(_rows(integration, listing.rows)))
    going = Run.objects.filter(integration=integration, verb="refresh", state__in=ACTIVE).first()
    context = {
        "listing": listing,
        "customers": _rows(integration, listing.page.object_list),
        "refreshed": refreshed_last(integration),
        "refreshing": going,
    }
    return render(request, "web/customers.html", context)


@needs(Action.SWITCH)
@require_POST
def usage_sync(request: Request, slug: str) -> HttpResponse:
    """Edit usage sync: on or off for the ticked customers."""
    integration = integration_of(request, slug)
    ticked, on = request.POST.getlist("customer"), request.POST.get("on") == "1"
    if not ticked:
        messages.warning(request, gettext("Tick at least one customer."))
        return back_to_list(request, integration)
    number = switch_customers(integration, ticked, on, by=request.user, now=clock.now())
    if on:
        told = ngettext(
            "Usage sync is on for %(count)d more customer.", "Usage sync is on for %(count)d more customers.", number
        )
    else:
        told = ngettext(
            "Usage sync is off for %(count)d more customer.", "Usage sync is off for %(count)d more customers.", number
        )
    messages.success(request, told % {"count": number})
    return back_to_list(request, integration)


@needs(Action.SYNC)
@require_POST
def refreshing(request: Request, slug: str) -> HttpResponse:
    """Refresh customer details; while a run is going on, lead to that one instead."""
    integration = integration_of(request, slug)
    going = Run.objects.filter(integration=integration, state__in=ACTIVE).order_by("-started_at").first()
    if going is not None:
        messages.info(request, gettext("A run is going on already; here it is."))
        return HttpResponseRedirect(reverse("run", args=[going.pk]))
    return HttpResponseRedirect(reverse("run", args=[start.begin_refresh(integration, by=request.user).pk]))


def back_to_list(request: Request, integration: Integration) -> HttpResponseRedirect:
    return HttpResponseRedirect(list_address(request, integration))


def list_address(request: Request, integration: Integration) -> str:
    """Where the form was, as it was narrowed and sorted; the list of customers where it does not say."""
    wanted = request.POST.get("next", "")
    own = url_has_allowed_host_and_scheme(wanted, {request.get_host()}, require_https=request.is_secure())
    return wanted if own else reverse("customers", args=[integration.slug])


def _rows(integration: Integration, found: Iterable[Customer]) -> list[Row]:
    """What is only shown is read for these customers alone, in as many queries for fifty as for all."""
    found = list(found)
    shown = [customer.vendor_id for customer in found]
    own = CustomerMapping.objects.filter(integration=integration, customer__in=shown).prefetch_related("shares")
    mappings = {row.customer: row for row in own}
    figures = {row.customer: row for row in CustomerFigure.objects.filter(integration=integration, customer__in=shown)}
    labels = labels_of(
        integration,
        companies=(row.company for row in mappings.values()),
        agreements=(share.agreement for row in mappings.values() for share in row.shares.all()),
    )
    states = customer_states.states_of(integration, found, mappings, figures)
    return [
        _row(
            customer,
            mappings.get(customer.vendor_id),
            labels,
            figures.get(customer.vendor_id),
            states[customer.vendor_id],
        )
        for customer in found
    ]


def _row(
    customer: Customer, mapping: CustomerMapping | None, labels: Labels, figure: CustomerFigure | None, state: State
) -> Row:
    shares = list(mapping.shares.all()) if mapping else []
    money = {} if figure is None or figure.money is None else {figure.currency: figure.money}
    if figure is not None:
        money |= {currency: Decimal(amount) for currency, amount in figure.others.items()}
    return Row(
        customer=customer,
        company=labels.company(mapping.company) if mapping else "",
        contracts=[
            _contract(
                share.agreement, labels.agreements.get(share.agreement), _part(share.percent, share.first, shares)
            )
            for share in shares
        ],
        by_rule=BY_RULES.get(mapping.by_rule, "") if mapping else "",
        pattern=mapping.pattern if mapping else "",
        billing=BILLING.get(customer.billing, customer.billing),
        switch=switch(customer.sync),
        state=state,
        units=figure.units if figure else None,
        money=money,
    )


def _contract(ident: int, agreement: Agreement | None, part: str) -> Contract:
    if agreement is None:
        return Contract(name=f"#{ident}", state="", active=False, part=part)
    state = AGREEMENT_STATES.get(agreement.state, agreement.state)
    return Contract(name=agreement.name, state=state, active=agreement.state == "active", part=part)


def _part(percent: Decimal | None, first: Decimal | None, shares: list[CustomerShare]) -> str:
    """What of the quantity goes to this agreement; nothing to say where there is one."""
    if percent is not None:
        return "" if len(shares) == 1 else f"{quantity(percent)}{FIXED}%"
    if first is not None:
        return gettext("the first %(number)s") % {"number": quantity(first)}
    return "" if len(shares) == 1 else gettext("the rest")


_SHOWN: dict[str, Q] = {
    "available": Q(available=True),
    "unmapped": Q(mapped=False, available=True),
    "off": Q(sync=False),
    "gone": Q(gone_since__isnull=False),
}
_STATUS: dict[str, Q] = {
    "successful": Q(successful=True),
    "failed": Q(failed=True),
    "both": Q(successful=True) | Q(failed=True),
}
_TABLE: Table[Customer] = Table(
    columns=(
        Column(key="customer", title=_("Customer"), order=("sorted_name",)),
        Column(key="company", title=_("ConnectWise company"), order=("company_name",)),
        Column(key="agreement", title=_("Agreement"), order=("agreement_name",)),
        Column(key="sync", title=_("Usage sync"), order=("sync", "mapped"), descending_first=True),
        Column(key="status", title=_("Sync status"), order=("failed", "successful"), descending_first=True),
        Column(key="units", title=_("Units"), order=("units",), number=True, descending_first=True),
        Column(key="money", title=_("A month"), order=("money",), number=True, descending_first=True),
    ),
    usual="customer",
    search=lambda found, text: found.filter(called(text) | contains(text, "company_name") | Q(vendor_id__iexact=text)),
    filters=(
        Filter(
            "show",
            _("Show"),
            [
                ("", _("All customers")),
                ("available", _("With usage sync available")),
                ("unmapped", pgettext_lazy("customers", "Not mapped")),
                ("off", _("Usage sync off")),
                ("gone", _("Gone from Sophos")),
            ],
            lambda found, show: found.filter(_SHOWN[show]),
        ),
        Filter(
            "status",
            _("Sync status"),
            [
                ("", pgettext_lazy("sync status", "Any")),
                ("successful", pgettext_lazy("sync status", "Successful")),
                ("failed", pgettext_lazy("sync status", "Failed")),
                ("both", _("Successful or failed")),
            ],
            lambda found, status: found.filter(_STATUS[status]),
        ),
    ),
)
_HEAD: tuple[Cell, ...] = (
    _("Customer"),
    _("Customer id"),
    _("Billing"),
    _("ConnectWise company"),
    _("Agreement"),
    _("Usage sync"),
    _("Sync status"),
    _("Explanation"),
    _("What to do"),
    _("Units"),
    _("A month"),
    _("Currency"),
)


def _cells(rows: Iterable[Row]) -> Iterator[tuple[Cell, ...]]:
    """A customer that is billed in several currencies has a row for each; sums never go across."""
    for row in rows:
        customer, problem = row.customer, row.state.problem
        contracts = ", ".join(f"{one.name} ({one.part})" if one.part else one.name for one in row.contracts)
        about = (
            customer.name,
            customer.vendor_id,
            row.billing,
            row.company,
            contracts or row.by_rule,
            row.switch.word,
            row.state.mark.word,
            problem.text.sentence if problem else "",
            problem.text.advice if problem else "",
            row.units,
        )
        for currency, amount in row.money.items() or (("", None),):
            yield (*about, amount, currency)
