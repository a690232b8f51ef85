"""Findings: what a person should know, what it costs, what to do; sorted by money."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from django.db.models import Q, QuerySet
from django.http import HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from truecount.core.model import FindingKind
from truecount.core.roles import Action
from truecount.runs import advice
from truecount.store.models import Customer, CustomerShare, Finding, Integration
from truecount.web.belongings import integration_of
from truecount.web.finding_acts import acts_of
from truecount.web.labels import Labels, labels_of, named
from truecount.web.request import Request
from truecount.web.rights import needs
from truecount.web.sheets import Cell, sheet
from truecount.web.tables import Column, Filter, Table
from truecount.web.words import INFORMATION, UNBILLED, Tone

NOT_WRITTEN = frozenset(
    {
        FindingKind.SLOT_WAITS,
        FindingKind.DUPLICATE_LINES,
        FindingKind.LINE_ENDED,
        FindingKind.NO_LINE_TO_ADOPT,
        FindingKind.AGREEMENT_GONE,
    }
)
"""Findings about a line of an agreement by which the customers on that agreement were not synchronized."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One finding as it is shown: its sentence, and whom and what it is about."""

    row: Finding
    text: advice.Text
    customer: str
    product: str
    agreement: str
    item: str

    @property
    def tone(self) -> Tone:
        if self.row.kind in INFORMATION:
            return Tone.CALM
        return Tone.WARN if self.row.money is None else Tone.BAD


@needs(Action.LOOK)
def findings(request: Request, slug: str) -> HttpResponse:
    integration = integration_of(request, slug)
    rows = Finding.objects.filter(integration=integration)
    if request.GET.get("state") != "closed":
        rows = rows.filter(closed_at=None)
    about = Customer.objects.filter(integration=integration, vendor_id=request.GET.get("customer", "")).first()
    if about is not None:
        rows = rows.filter(about_customer(integration, about.vendor_id))
    listing = _table(integration, rows).read(rows, request.GET)
    if request.GET.get("format") == "csv":
        return sheet("findings", _HEAD, _cells(shown(integration, listing.rows)))
    page = list(listing.page.object_list)
    acts = acts_of(integration, page, request.user)
    told = [(one, acts.get(one.row.pk)) for one in shown(integration, page)]
    return render(request, "web/findings.html", {"listing": listing, "findings": told, "about": about})


def shown(integration: Integration, rows: Iterable[Finding]) -> list[Row]:
    rows = list(rows)
    labels = labels_of(
        integration,
        customers=(row.customer for row in rows),
        products=(row.product for row in rows),
        companies=(row.company for row in rows if row.company is not None),
        agreements=(row.agreement for row in rows if row.agreement is not None),
        items=(row.item for row in rows if row.item is not None),
    )
    return [_shown(row, labels) for row in rows]


def kind_title(kind: str) -> str:
    """The title that all findings of a kind share."""
    return advice.finding_text(kind, {}).title


def needing_somebody(rows: QuerySet[Finding]) -> QuerySet[Finding]:
    return rows.filter(closed_at=None).exclude(kind__in=INFORMATION)


def about_customer(integration: Integration, vendor_id: str) -> Q:
    """Findings that name a customer, and those of lines that were left as they stand on its agreements."""
    shares = CustomerShare.objects.filter(mapping__integration=integration, mapping__customer=vendor_id)
    lines = Q(customer="", kind__in=NOT_WRITTEN, agreement__in=shares.values("agreement"))
    return Q(customer=vendor_id) | lines


def _shown(row: Finding, labels: Labels) -> Row:
    company = labels.company(row.company) if row.company is not None else ""
    if not company and row.agreement is not None:
        company = labels.company_of(row.agreement)
    return Row(
        row=row,
        text=advice.finding_text(row.kind, labels.fields_of(row)),
        customer=labels.customer(row.customer) if row.customer else company,
        product=labels.product(row.product) if row.product else "",
        agreement=labels.agreement(row.agreement) if row.agreement is not None else "",
        item=labels.item(row.item) if row.item is not None else "",
    )


def _table(integration: Integration, rows: QuerySet[Finding]) -> Table[Finding]:
    kinds = sorted(rows.values_list("kind", flat=True).distinct(), key=kind_title)
    return Table(
        columns=(
            Column(key="what", title=_("What"), order=("kind",)),
            Column(key="about", title=_("About")),
            Column(key="since", title=pgettext_lazy("date", "Since"), order=("since",), descending_first=True),
            Column(key="money", title=_("A month"), order=("money",), number=True, descending_first=True),
        ),
        usual="-money",
        search=lambda found, text: found.filter(_about(integration, text)),
        filters=(
            Filter(
                "kind",
                _("Kind"),
                [
                    ("", _("All kinds")),
                    ("unbilled", _("What nobody is billed for")),
                    *((kind, kind_title(kind)) for kind in kinds),
                ],
                lambda found, kind: found.filter(kind__in=UNBILLED if kind == "unbilled" else [kind]),
            ),
            Filter(
                "state",
                _("State"),
                [("", pgettext_lazy("findings", "Open")), ("closed", pgettext_lazy("findings", "Settled"))],
                lambda found, _state: found.exclude(closed_at=None),
            ),
        ),
    )


def _about(integration: Integration, text: str) -> Q:
    """Findings whose customer, company, agreement or product has the text in its name."""
    found = named(integration, text)
    return (
        Q(customer__in=found.customers)
        | Q(product__in=found.products)
        | Q(company__in=found.companies)
        | Q(agreement__in=found.agreements)
        | Q(item__in=found.items)
        | Q(mark__icontains=text)
    )


_HEAD: tuple[Cell, ...] = (
    _("What"),
    _("Explanation"),
    _("What to do"),
    _("Customer"),
    _("Sophos product"),
    _("Agreement"),
    _("ConnectWise product"),
    pgettext_lazy("date", "Since"),
    _("A month"),
    _("Currency"),
)


def _cells(rows: Iterable[Row]) -> Iterator[tuple[Cell, ...]]:
    for one in rows:
        text, row = one.text, one.row
        about = (one.customer, one.product, one.agreement, one.item)
        yield (text.title, text.sentence, text.advice, *about, row.since, row.money, row.currency)
