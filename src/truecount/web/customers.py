"""The vendor's customers: company and agreement of each, its Usage sync switch, and what is wrong."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from django.db.models import CharField, Count, Exists, F, IntegerField, OuterRef, Q, QuerySet, Subquery
from django.http import HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from truecount.core.roles import Action
from truecount.store.models import Agreement, Company, Customer, CustomerMapping, Finding, Integration
from truecount.web.belongings import integration_of
from truecount.web.findings import needing_somebody
from truecount.web.folding import contains
from truecount.web.labels import Labels, labels_of
from truecount.web.request import Request
from truecount.web.rights import needs
from truecount.web.sheets import Cell, sheet
from truecount.web.tables import Column, Filter, Table
from truecount.web.words import AGREEMENT_STATES, BILLING, Mark, Words, switch


@dataclass(frozen=True, slots=True, kw_only=True)
class Contract:
    name: str
    state: Words
    active: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    customer: Customer
    company: str
    contracts: list[Contract]
    by_rule: bool
    billing: Words
    switch: Mark
    problems: int


@needs(Action.LOOK)
def customers(request: Request, slug: str) -> HttpResponse:
    integration = integration_of(request, slug)
    listing = _TABLE.read(_customers(integration), request.GET)
    if request.GET.get("format") == "csv":
        return sheet("customers", _HEAD, _cells(_rows(integration, listing.rows)))
    context = {"listing": listing, "customers": _rows(integration, listing.page.object_list)}
    return render(request, "web/customers.html", context)


def _customers(integration: Integration) -> QuerySet[Customer]:
    """With what is sorted and filtered by; what is only shown is read for one page."""
    mapping = CustomerMapping.objects.filter(integration=integration, customer=OuterRef("vendor_id"))
    company = Company.objects.filter(integration=integration, psa_id=OuterRef("company_id"))
    return Customer.objects.filter(integration=integration).alias(
        sorted_name=F("name__folded"),
        mapped=Exists(mapping),
        company_id=Subquery(mapping.values("company")[:1], output_field=IntegerField()),
        company_name=Subquery(company.values("name")[:1], output_field=CharField()),
        concerned=Q(vendor_id__in=_problems(integration).values("customer")),
    )


def _problems(integration: Integration) -> QuerySet[Finding]:
    return needing_somebody(Finding.objects.filter(integration=integration)).exclude(customer="")


def _rows(integration: Integration, found: Iterable[Customer]) -> list[Row]:
    found = list(found)
    shown = [customer.vendor_id for customer in found]
    own = CustomerMapping.objects.filter(integration=integration, customer__in=shown).prefetch_related("shares")
    mappings = {row.customer: row for row in own}
    problems = _problems(integration).filter(customer__in=shown).values_list("customer").annotate(number=Count("pk"))
    numbers = dict(problems.order_by())
    labels = labels_of(
        integration,
        companies=(row.company for row in mappings.values()),
        agreements=(share.agreement for row in mappings.values() for share in row.shares.all()),
    )
    return [
        _row(customer, mappings.get(customer.vendor_id), labels, numbers.get(customer.vendor_id, 0))
        for customer in found
    ]


def _row(customer: Customer, mapping: CustomerMapping | None, labels: Labels, problems: int) -> Row:
    shares = list(mapping.shares.all()) if mapping else []
    return Row(
        customer=customer,
        company=labels.company(mapping.company) if mapping else "",
        contracts=[_contract(share.agreement, labels.agreements.get(share.agreement)) for share in shares],
        by_rule=bool(mapping and mapping.by_rule),
        billing=BILLING.get(customer.billing, customer.billing),
        switch=switch(customer.sync),
        problems=problems,
    )


def _contract(ident: int, agreement: Agreement | None) -> Contract:
    if agreement is None:
        return Contract(name=f"#{ident}", state="", active=False)
    state = AGREEMENT_STATES.get(agreement.state, agreement.state)
    return Contract(name=agreement.name, state=state, active=agreement.state == "active")


_SHOWN: dict[str, dict[str, Any]] = {
    "available": {"billing": "usage", "gone_since": None},
    "unmapped": {"mapped": False, "billing": "usage"},
    "failed": {"concerned": True},
    "off": {"sync": False},
    "gone": {"gone_since__isnull": False},
}
_TABLE: Table[Customer] = Table(
    columns=(
        Column(key="customer", title=_("Customer"), order=("sorted_name",)),
        Column(key="company", title=_("ConnectWise company"), order=("company_name",)),
        Column(key="agreement", title=_("Agreement")),
        Column(key="sync", title=_("Usage sync"), order=("sync", "mapped"), descending_first=True),
        Column(key="problems", title=_("Findings"), number=True),
    ),
    usual="customer",
    search=lambda found, text: found.filter(contains(text, "name", "company_name")),
    filters=(
        Filter(
            "show",
            _("Show"),
            [
                ("", _("All customers")),
                ("available", _("Usage sync available")),
                ("unmapped", pgettext_lazy("customers", "Not mapped")),
                ("failed", _("With findings")),
                ("off", _("Usage sync off")),
                ("gone", _("Gone from Sophos")),
            ],
            lambda found, show: found.filter(**_SHOWN[show]),
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
    _("Findings"),
)


def _cells(rows: Iterable[Row]) -> Iterator[tuple[Cell, ...]]:
    for row in rows:
        contracts = ", ".join(contract.name for contract in row.contracts)
        customer = row.customer
        yield (
            customer.name,
            customer.vendor_id,
            row.billing,
            row.company,
            contracts,
            row.switch.word,
            row.problems,
        )
