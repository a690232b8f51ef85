"""One customer: its company, agreements and their split, switches and exceptions; in a dialog or as a page."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from django.contrib import messages
from django.db.models import Case, F, When
from django.http import HttpResponse
from django.http.request import QueryDict
from django.shortcuts import get_object_or_404
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST

from truecount.core.errors import Misused, Stale
from truecount.core.model import ByRule
from truecount.core.roles import Action
from truecount.runs import advice, clock
from truecount.runs.customers import Decisions, decide_about, decisions_about, found_by_rule
from truecount.store.folding import fold
from truecount.store.models import (
    Agreement,
    AuditEvent,
    CatalogItem,
    Company,
    Customer,
    Finding,
    Integration,
    ProductMapping,
)
from truecount.web import customer_form, customer_suggestions, dialogs, findings
from truecount.web.belongings import integration_of
from truecount.web.customer_form import Draft, Exempt, draft_of, draft_typed, is_number
from truecount.web.customers import list_address
from truecount.web.folding import called
from truecount.web.labels import labels_of
from truecount.web.request import Request
from truecount.web.rights import needs
from truecount.web.words import AGREEMENT_STATES, BILLING, BY_RULES, Words, switch

_LEAST_LETTERS = 2
_MOST_COMPANIES = 20
_FEW = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class Offered:
    """A company that can be chosen; `why` where it is suggested."""

    ident: str
    name: str
    identifier: str
    active: bool
    chosen: bool
    why: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Option:
    """An agreement of the company: ticked or not, with its part of the quantity as it was typed."""

    ident: str
    agreement: Agreement | None
    state: Words
    ticked: bool
    part: str
    wrong: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """A row of the exceptions, the last one empty."""

    row: Exempt
    wrong: str


@needs(Action.LOOK)
def customer(request: Request, slug: str, vendor_id: str) -> HttpResponse:
    """As it stands, or as it was typed so far while somebody searches."""
    integration = integration_of(request, slug)
    row = get_object_or_404(Customer, integration=integration, vendor_id=vendor_id)
    standing = decisions_about(integration, vendor_id)
    asked = request.GET
    draft = draft_typed(asked) if "seen" in asked else draft_of(standing)
    if "seen" not in asked and is_number(asked.get("company", "")):
        draft = replace(draft, company=asked["company"])
    return _shown(request, row, standing, draft, asked)


@needs(Action.MAP)
@require_POST
def customer_kept(request: Request, slug: str, vendor_id: str) -> HttpResponse:
    """Keep all of it, or show every field that is wrong. The buttons for searching work without scripts, too."""
    integration = integration_of(request, slug)
    row = get_object_or_404(Customer, integration=integration, vendor_id=vendor_id)
    standing, typed = decisions_about(integration, vendor_id), request.POST
    draft = draft_typed(typed)
    if typed.get("act") == "look":
        return _shown(request, row, standing, draft, typed)
    if typed.get("act") == "unmap":
        wanted = replace(standing, company=None, shares=(), by_rule=None, pattern="")
    else:
        read = customer_form.read(draft, vendor_id, standing)
        if read.decisions is None:
            return _shown(request, row, standing, draft, typed, wrong=read.wrong)
        wanted = read.decisions
    try:
        changed = decide_about(
            integration, vendor_id, wanted, seen=typed.get("seen", ""), by=request.user, now=clock.now()
        )
    except Stale as stale:
        fresh = decisions_about(integration, vendor_id)
        trouble = advice.error_text(str(stale.code), {"customer": vendor_id, "customer_name": row.name})
        told = _told(integration, vendor_id, fresh)
        return _shown(request, row, fresh, draft, typed, trouble=trouble, meanwhile=told)
    except Misused as misuse:
        trouble = advice.error_text(str(misuse.code), misuse.fields)
        return _shown(request, row, standing, draft, typed, trouble=trouble)
    said = _("“%(customer)s” is saved. It counts from the next plan on.") if changed else _("Nothing was changed.")
    messages.success(request, said % {"customer": row.name} if changed else said)
    return dialogs.go_on(request, list_address(request, integration))


def _shown(
    request: Request,
    row: Customer,
    standing: Decisions,
    draft: Draft,
    typed: QueryDict,
    *,
    wrong: Mapping[str, str] | None = None,
    trouble: advice.Text | None = None,
    meanwhile: Mapping[str, Any] | None = None,
) -> HttpResponse:
    integration, wrong = row.integration, wrong or {}
    text = typed.get("q", "").replace("\0", "").strip()[:200]
    offered, more = _companies(integration, row, draft, text)
    options = _options(integration, standing, draft, wrong)
    about = findings.needing_somebody(Finding.objects.filter(integration=integration, customer=row.vendor_id))
    status = 422 if wrong or trouble else 200
    context = {
        "customer": row,
        "integration": integration,
        "billing": BILLING.get(row.billing, row.billing),
        "draft": draft,
        "seen": standing.mark,
        "mapped": standing.company is not None,
        "text": text,
        "offered": offered,
        "more": more,
        "options": options,
        "several": len(options) > 1,
        "fits": _fits(integration, draft),
        "rules": BY_RULES.items(),
        "exceptions": _exceptions(draft, wrong),
        "items": _items(integration, draft),
        "wrong": wrong,
        "trouble": trouble,
        "meanwhile": meanwhile,
        "problems": findings.shown(integration, about.order_by(F("money").desc(nulls_last=True), "pk")[:_FEW]),
        "next": typed.get("next", ""),
    }
    return dialogs.dialog(request, "web/customer.html", context, status=status)


def _companies(integration: Integration, row: Customer, draft: Draft, text: str) -> tuple[list[Offered], int]:
    """The chosen one first, then what was searched for, or what is suggested; and how many are not shown."""
    known = Company.objects.filter(integration=integration)
    chosen = known.filter(psa_id=int(draft.company)).first() if is_number(draft.company) else None
    offered = [_offered(chosen, chosen=True)] if chosen else []
    if len(text) >= _LEAST_LETTERS:
        found = known.filter(called(text), gone_since=None)
        found = found.exclude(psa_id=chosen.psa_id) if chosen else found
        begins = Case(When(name__folded__startswith=fold(text), then=0), default=1)
        offered += [_offered(one) for one in found.order_by(begins, F("name__folded"), "pk")[:_MOST_COMPANIES]]
        return offered, max(0, found.count() - _MOST_COMPANIES)
    if chosen is None and (suggested := customer_suggestions.one_for(integration, row.vendor_id)) is not None:
        company = known.filter(psa_id=suggested.suggestion.company).first()
        offered += [_offered(company, why=suggested.told)] if company else []
    return offered, 0


def _offered(company: Company, *, chosen: bool = False, why: str = "") -> Offered:
    return Offered(
        ident=str(company.psa_id),
        name=company.name,
        identifier=company.identifier,
        active=company.active and company.gone_since is None,
        chosen=chosen,
        why=why,
    )


def _options(integration: Integration, standing: Decisions, draft: Draft, wrong: Mapping[str, str]) -> list[Option]:
    """The company's agreements: those mapped now in their order, then the active ones. The only active one is ticked
    where the company was just chosen."""
    if not is_number(draft.company):
        return []
    company = int(draft.company)
    standing_here = [share.agreement for share in standing.shares] if standing.company == company else []
    rows = {
        one.psa_id: one
        for one in Agreement.objects.filter(integration=integration, company=company)
        if one.gone_since is None or one.psa_id in standing_here
    }
    order = sorted(rows.values(), key=lambda one: (one.state != "active", fold(one.name), one.psa_id))
    idents = list(dict.fromkeys([*standing_here, *(one.psa_id for one in order)]))
    ticked = {ident for ident in idents if str(ident) in draft.agreements}
    active = [one.psa_id for one in order if one.state == "active"]
    if not ticked and standing.company != company and len(active) == 1:
        ticked = {active[0]}
    return [_option(ident, rows.get(ident), ident in ticked, draft, wrong) for ident in idents]


def _option(ident: int, agreement: Agreement | None, ticked: bool, draft: Draft, wrong: Mapping[str, str]) -> Option:
    return Option(
        ident=str(ident),
        agreement=agreement,
        state=AGREEMENT_STATES.get(agreement.state, agreement.state) if agreement else "",
        ticked=ticked,
        part=draft.parts.get(str(ident), ""),
        wrong=wrong.get(f"part-{ident}", ""),
    )


def _fits(integration: Integration, draft: Draft) -> str:
    """What the rule as typed finds now: one agreement, or why none."""
    if draft.how != "rule" or not is_number(draft.company) or draft.rule not in set(ByRule):
        return ""
    rule = ByRule(draft.rule)
    if rule is not ByRule.ONLY_ACTIVE and not draft.pattern:
        return ""
    found = found_by_rule(integration, int(draft.company), rule, draft.pattern)
    if len(found) == 1:
        return _("Finds “%(agreement)s” now.") % {"agreement": found[0].name}
    if not found:
        return _("Finds no active agreement now; that will be a finding, never a guess.")
    told = ngettext(
        "Finds %(count)d agreement now; more than one is a finding, never a guess.",
        "Finds %(count)d agreements now; more than one is a finding, never a guess.",
        len(found),
    )
    return told % {"count": len(found)}


def _exceptions(draft: Draft, wrong: Mapping[str, str]) -> list[Row]:
    rows = [*draft.exceptions] if draft.exceptions and not draft.exceptions[-1].kind else [*draft.exceptions, Exempt()]
    return [Row(row=row, wrong=wrong.get(f"exception-{place}", "")) for place, row in enumerate(rows)]


def _items(integration: Integration, draft: Draft) -> Sequence[tuple[str, str]]:
    """What an exception can be about: the mapped ConnectWise products, and those that have one."""
    mapped = set(ProductMapping.objects.filter(integration=integration).values_list("item", flat=True))
    mapped |= {int(row.item) for row in draft.exceptions if is_number(row.item)}
    rows = CatalogItem.objects.filter(integration=integration, psa_id__in=mapped)
    names = {row.psa_id: f"{row.identifier} · {row.description}" for row in rows}
    return sorted(((str(item), names.get(item, f"#{item}")) for item in mapped), key=lambda one: fold(one[1]))


def _told(integration: Integration, vendor_id: str, standing: Decisions) -> dict[str, Any]:
    """What somebody else chose meanwhile, in words, and who."""
    labels = labels_of(
        integration,
        companies=() if standing.company is None else (standing.company,),
        agreements=(share.agreement for share in standing.shares),
        items=(override.item for override in standing.overrides),
    )
    last = AuditEvent.objects.filter(integration=integration, subject=vendor_id).select_related("by").order_by("-at")
    by_rule = BY_RULES[standing.by_rule] if standing.by_rule else ""
    return {
        "company": None if standing.company is None else labels.company(standing.company),
        "agreements": [labels.agreement(share.agreement) for share in standing.shares] or [by_rule],
        "switch": switch(standing.sync),
        "exceptions": [labels.item(override.item) for override in standing.overrides],
        "last": last.first(),
    }
