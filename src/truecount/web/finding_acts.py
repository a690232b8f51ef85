"""What a finding's button does: the dialog that settles it, or the act itself; the others keep their advice alone."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from urllib.parse import urlencode

from django.contrib import messages
from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_POST

from truecount.core.model import FindingKind
from truecount.core.roles import Action
from truecount.runs import clock, configure
from truecount.store.models import (
    Customer,
    CustomerMapping,
    Finding,
    Integration,
    Managed,
    ProductMappingCode,
    User,
    VendorProduct,
)
from truecount.web.belongings import integration_of
from truecount.web.labels import labels_of
from truecount.web.request import Request
from truecount.web.rights import needs
from truecount.web.words import Words

_MAP_CUSTOMER: dict[str, Words] = {
    FindingKind.CUSTOMER_NOT_MAPPED: _("Map the customer"),
    FindingKind.CUSTOMER_GONE: _("Look at the mapping"),
    FindingKind.COMPANY_GONE: _("Choose another company"),
    FindingKind.COMPANY_INACTIVE: _("Choose another company"),
    FindingKind.AGREEMENT_GONE: _("Choose another agreement"),
    FindingKind.AGREEMENT_ENDED: _("Choose another agreement"),
    FindingKind.AGREEMENT_NOT_STARTED: _("Choose another agreement"),
    FindingKind.NO_AGREEMENT: _("Choose an agreement"),
    FindingKind.AGREEMENT_UNCLEAR: _("Choose an agreement"),
}
_MAP_PRODUCT: dict[str, Words] = {
    FindingKind.PRODUCT_NOT_MAPPED: _("Map the product"),
    FindingKind.ITEM_GONE: _("Map the product"),
    FindingKind.ITEM_INACTIVE: _("Map the product"),
    FindingKind.SYNC_TURNED_OFF: _("Map the product"),
}
_DO: dict[str, Words] = {
    FindingKind.CUSTOMER_OFF: _("Turn Usage sync on"),
    FindingKind.PRODUCT_OFF: _("Turn Sync on"),
    FindingKind.NOT_USAGE_CHARGED: _("Bill anyway"),
    FindingKind.LINE_ENDED: _("Bill again"),
}
_WAITS: dict[str, str] = {
    "customer_off": FindingKind.CUSTOMER_OFF,
    "product_off": FindingKind.PRODUCT_OFF,
}
"""Why a line waits, where the act is that of another kind, for the customer or product that the line is about."""
_SETTINGS = frozenset({FindingKind.FIREWALL_LIVE, FindingKind.MISSED_SCHEDULE})
_IN_PLAN = frozenset({FindingKind.INVOICE_SOON, FindingKind.DUPLICATE_LINES, FindingKind.INVOICED})
_ABOUT_ITEM = frozenset({FindingKind.PRICE_ZERO, FindingKind.RENAMED_ITEM, FindingKind.NO_LINE_TO_ADOPT})


@dataclass(frozen=True, slots=True, kw_only=True)
class Act:
    """A button. `dialog`: it opens there, `post`: it does it. `settled`: done meanwhile, the next plan closes it."""

    word: Words
    address: str
    dialog: bool = False
    post: bool = False
    settled: bool = False
    only_looks: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class _Standing:
    """How the things that findings are about stand by now."""

    synced: frozenset[str]
    billed: frozenset[str]
    mapped: frozenset[str]
    products_on: frozenset[str]
    products_mapped: frozenset[str]
    again: frozenset[tuple[int, int]]
    companies: Mapping[int, str]
    """Names by agreement."""


def acts_of(integration: Integration, rows: Sequence[Finding], user: User) -> Mapping[int, Act]:
    """By the finding's key; who may not map is offered only what can be looked at."""
    standing = _standing(integration, rows)
    found = {}
    for row in rows:
        act = _act(integration, row, standing)
        if act is not None and (user.may(Action.MAP) or act.only_looks):
            found[row.pk] = act
    return found


@needs(Action.MAP)
@require_POST
def acting(request: Request, slug: str, pk: int) -> HttpResponse:
    """Do what the finding's advice says; it stays open until the next plan no longer finds it."""
    integration = integration_of(request, slug)
    row = get_object_or_404(Finding, integration=integration, pk=pk)
    kind, about = _kind_and_subject(row)
    _do(integration, row, kind, about, request.user)
    messages.success(request, gettext("Done. It counts from the next plan on, which then closes the finding."))
    wanted = request.POST.get("next", "")
    own = url_has_allowed_host_and_scheme(wanted, {request.get_host()}, require_https=request.is_secure())
    return HttpResponseRedirect(wanted if own else reverse("findings", args=[integration.slug]))


def _do(integration: Integration, row: Finding, kind: str, about: str, by: User) -> None:
    now = clock.now()
    match kind:
        case FindingKind.CUSTOMER_OFF:
            configure.switch_customer(integration, about, True, by=by, now=now)
        case FindingKind.PRODUCT_OFF:
            configure.switch_product(integration, about, True, by=by, now=now)
        case FindingKind.NOT_USAGE_CHARGED:
            configure.bill_anyway(integration, about, True, by=by, now=now)
        case FindingKind.LINE_ENDED if row.agreement is not None and row.item is not None:
            configure.bill_again(integration, row.agreement, row.item, by=by, now=now)


def _kind_and_subject(row: Finding) -> tuple[str, str]:
    """Which act it takes, and the customer or product that it is done to."""
    told = row.fields.get("about", "") if row.kind == FindingKind.SLOT_WAITS else ""
    kind = _WAITS.get(row.fields.get("reason", ""), row.kind) if told else row.kind
    if kind == FindingKind.PRODUCT_OFF:
        return kind, told or row.product
    return kind, told or row.customer


def _act(integration: Integration, row: Finding, standing: _Standing) -> Act | None:
    slug, (kind, about) = integration.slug, _kind_and_subject(row)
    settled = _is_settled(row, kind, about, standing)
    if kind in _DO and (about or kind == FindingKind.LINE_ENDED):
        address = reverse("finding-act", args=[slug, row.pk])
        return Act(word=_DO[kind], address=address, post=True, settled=settled, only_looks=False)
    if kind in _MAP_CUSTOMER and row.customer:
        address = reverse("customer", args=[slug, row.customer])
        return Act(word=_MAP_CUSTOMER[kind], address=address, dialog=True, settled=settled, only_looks=False)
    if kind in _MAP_PRODUCT and row.product:
        address = f"{reverse('product-mapping', args=[slug])}?{urlencode({'product': row.product})}"
        return Act(word=_MAP_PRODUCT[kind], address=address, dialog=True, settled=settled, only_looks=False)
    if kind in _SETTINGS:
        return Act(word=_("Sync settings"), address=reverse("sync-settings", args=[slug]))
    if kind in _IN_PLAN and row.plan_id:
        return Act(word=_("Look at the plan"), address=reverse("plan", args=[row.plan_id]))
    if kind in _ABOUT_ITEM and row.item is not None:
        return Act(word=_("Look at the product"), address=reverse("item", args=[slug, row.item]))
    return _look(slug, row, standing)


def _look(slug: str, row: Finding, standing: _Standing) -> Act | None:
    """At the customer, or at all those of the agreement's company."""
    if row.customer:
        return Act(word=_("Look at the customer"), address=reverse("customer", args=[slug, row.customer]), dialog=True)
    company = standing.companies.get(row.agreement or 0)
    if company is None:
        return None
    address = f"{reverse('customers', args=[slug])}?{urlencode({'q': company})}"
    return Act(word=_("Look at the customers"), address=address)


def _is_settled(row: Finding, kind: str, about: str, standing: _Standing) -> bool:
    match kind:
        case FindingKind.CUSTOMER_OFF:
            return about in standing.synced
        case FindingKind.NOT_USAGE_CHARGED:
            return about in standing.billed
        case FindingKind.CUSTOMER_NOT_MAPPED:
            return row.customer in standing.mapped
        case FindingKind.PRODUCT_OFF:
            return about in standing.products_on
        case FindingKind.PRODUCT_NOT_MAPPED:
            return row.product in standing.products_mapped
        case FindingKind.LINE_ENDED:
            return (row.agreement, row.item) in standing.again
        case _:
            return False


def _standing(integration: Integration, rows: Sequence[Finding]) -> _Standing:
    subjects = {text for row in rows for text in (row.customer, row.product, row.fields.get("about", "")) if text}
    customers = Customer.objects.filter(integration=integration, vendor_id__in=subjects)
    products = VendorProduct.objects.filter(integration=integration, code__in=subjects)
    mapped = CustomerMapping.objects.filter(integration=integration, customer__in=subjects)
    members = ProductMappingCode.objects.filter(mapping__integration=integration, code__in=subjects)
    ended = (row for row in rows if row.kind == FindingKind.LINE_ENDED)
    agreements = {row.agreement for row in ended if row.agreement is not None}
    again = Managed.objects.filter(integration=integration, bill_again=True, agreement__in=agreements)
    return _Standing(
        synced=frozenset(customers.filter(sync=True).values_list("vendor_id", flat=True)),
        billed=frozenset(customers.filter(bill_anyway=True).values_list("vendor_id", flat=True)),
        mapped=frozenset(mapped.values_list("customer", flat=True)),
        products_on=frozenset(products.filter(sync=True).values_list("code", flat=True)),
        products_mapped=frozenset(members.values_list("code", flat=True)),
        again=frozenset(again.values_list("agreement", "item")),
        companies=_companies(integration, rows),
    )


def _companies(integration: Integration, rows: Sequence[Finding]) -> dict[int, str]:
    labels = labels_of(integration, agreements={row.agreement for row in rows if row.agreement is not None})
    return {ident: labels.company(agreement.company) for ident, agreement in labels.agreements.items()}
