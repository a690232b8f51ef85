"""How the last synchronization of each customer went, as columns to sort and filter by and as words with advice."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from django.db.models import (
    BooleanField,
    CharField,
    DecimalField,
    Exists,
    ExpressionWrapper,
    F,
    IntegerField,
    OuterRef,
    Q,
    QuerySet,
    Subquery,
)
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from truecount.core.model import FindingKind
from truecount.store.models import (
    Agreement,
    Company,
    Customer,
    CustomerFigure,
    CustomerMapping,
    CustomerShare,
    Finding,
    Integration,
)
from truecount.web import findings
from truecount.web.words import Mark, Tone

FEW = 3

SUCCESSFUL = Mark(word=pgettext_lazy("sync status", "Successful"), tone=Tone.GOOD, shape="circle-check")
FAILED = Mark(word=pgettext_lazy("sync status", "Failed"), tone=Tone.BAD, shape="circle-x")
GONE = Mark(word=_("Gone from Sophos"), tone=Tone.CALM, shape="circle-slash")
OFF = Mark(word=_("Usage sync off"), tone=Tone.CALM, shape="toggle-left")
NOT_AVAILABLE = Mark(word=_("Not available"), tone=Tone.CALM, shape="circle-slash")
NOT_MAPPED = Mark(word=pgettext_lazy("customers", "Not mapped"), tone=Tone.WARN, shape="triangle-alert")
NOT_YET = Mark(word=_("Not yet"), tone=Tone.CALM, shape="circle-dashed")


@dataclass(frozen=True, slots=True, kw_only=True)
class State:
    """`problems` are the first few findings, the most expensive first; `number` counts all of them."""

    mark: Mark
    problems: Sequence[findings.Row] = ()
    number: int = 0

    @property
    def problem(self) -> findings.Row | None:
        return self.problems[0] if self.problems else None


def with_states(integration: Integration) -> QuerySet[Customer]:
    """Customers with what their table is sorted, searched and filtered by; what is only shown is read by the page."""
    mapping = CustomerMapping.objects.filter(integration=integration, customer=OuterRef("vendor_id"))
    company = Company.objects.filter(integration=integration, psa_id=OuterRef("company_id"))
    share = CustomerShare.objects.filter(
        mapping__integration=integration, mapping__customer=OuterRef("vendor_id"), position=0
    )
    agreement = Agreement.objects.filter(integration=integration, psa_id=OuterRef("agreement_id"))
    figure = CustomerFigure.objects.filter(integration=integration, customer=OuterRef("vendor_id"))
    amount = DecimalField(max_digits=18, decimal_places=6)
    rows = Customer.objects.filter(integration=integration).alias(
        sorted_name=F("name__folded"),
        mapped=Exists(mapping),
        company_id=Subquery(mapping.values("company")[:1], output_field=IntegerField()),
        company_name=Subquery(company.values("name")[:1], output_field=CharField()),
        agreement_id=Subquery(share.values("agreement")[:1], output_field=IntegerField()),
        agreement_name=Subquery(agreement.values("name")[:1], output_field=CharField()),
        figured=Exists(figure),
        units=Subquery(figure.values("units")[:1], output_field=amount),
        money=Subquery(figure.values("money")[:1], output_field=amount),
        available=_is(Q(gone_since=None) & (Q(billing="usage") | Q(bill_anyway=True))),
        concerned=_is(_about(integration)),
    )
    return rows.alias(
        failed=F("concerned"),
        successful=_is(Q(concerned=False, sync=True, available=True, mapped=True, figured=True)),
    )


def states_of(
    integration: Integration,
    customers: Sequence[Customer],
    mappings: Mapping[str, CustomerMapping],
    figures: Mapping[str, CustomerFigure],
) -> dict[str, State]:
    """For these customers, all together."""
    found = _problems(integration, mappings, [customer.vendor_id for customer in customers])
    shown = {one.row.pk: one for one in findings.shown(integration, _first_few(found.values()))}
    return {
        customer.vendor_id: _state(
            customer,
            mapped=customer.vendor_id in mappings,
            figured=customer.vendor_id in figures,
            problems=found.get(customer.vendor_id, []),
            shown=shown,
        )
        for customer in customers
    }


def _state(
    customer: Customer, *, mapped: bool, figured: bool, problems: list[Finding], shown: Mapping[int, findings.Row]
) -> State:
    mark = _mark(customer, mapped=mapped, figured=figured, failed=bool(problems))
    return State(mark=mark, problems=[shown[row.pk] for row in problems[:FEW]], number=len(problems))


def _mark(customer: Customer, *, mapped: bool, figured: bool, failed: bool) -> Mark:
    if failed:
        return FAILED
    if not customer.sync:
        return OFF
    if customer.gone_since is not None:
        return GONE
    if customer.billing != "usage" and not customer.bill_anyway:
        return NOT_AVAILABLE
    if not mapped:
        return NOT_MAPPED
    return SUCCESSFUL if figured else NOT_YET


def _is(condition: Q) -> ExpressionWrapper[Q]:
    return ExpressionWrapper(condition, output_field=BooleanField())


def _open(integration: Integration) -> QuerySet[Finding]:
    """What is switched off on purpose has not failed."""
    rows = Finding.objects.filter(integration=integration).exclude(kind=FindingKind.CUSTOMER_OFF)
    return findings.needing_somebody(rows)


def _not_written(integration: Integration) -> QuerySet[Finding]:
    return _open(integration).filter(customer="", agreement__isnull=False, kind__in=findings.NOT_WRITTEN)


def _about(integration: Integration) -> Q:
    """Named by a finding, or on an agreement with a line that was left as it stands."""
    lines = _not_written(integration).values("agreement")
    sharing = CustomerMapping.objects.filter(integration=integration, shares__agreement__in=lines).values("customer")
    named = _open(integration).exclude(customer="").values("customer")
    return Q(vendor_id__in=named) | Q(vendor_id__in=sharing)


def _problems(
    integration: Integration, mappings: Mapping[str, CustomerMapping], customers: Sequence[str]
) -> dict[str, list[Finding]]:
    """By customer, the most money first."""
    on_agreement: dict[int, list[str]] = {}
    for mapping in mappings.values():
        for share in mapping.shares.all():
            on_agreement.setdefault(share.agreement, []).append(mapping.customer)
    named = _open(integration).filter(customer__in=customers)
    lines = _not_written(integration).filter(agreement__in=on_agreement)
    found: dict[str, list[Finding]] = {}
    for row in (named | lines).order_by(F("money").desc(nulls_last=True), "pk"):
        about = [row.customer] if row.customer else on_agreement.get(row.agreement or 0, [])
        for customer in about:
            found.setdefault(customer, []).append(row)
    return found


def _first_few(problems: Iterable[list[Finding]]) -> list[Finding]:
    return list({row.pk: row for some in problems for row in some[:FEW]}.values())
