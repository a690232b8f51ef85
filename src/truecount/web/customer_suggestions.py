"""Suggested companies and agreements of customers that are not mapped: with score, words and doubts, to be accepted."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext, ngettext, pgettext_lazy
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_POST

from truecount.core.roles import Action
from truecount.core.suggest import Certainty, CustomerSuggestion, Doubt, NoAgreement, Reason
from truecount.runs import clock, suggest
from truecount.store.models import Integration
from truecount.web.belongings import integration_of
from truecount.web.labels import Labels, labels_of
from truecount.web.request import Request
from truecount.web.rights import needs
from truecount.web.sheets import Cell, sheet
from truecount.web.tables import PAGE
from truecount.web.words import Mark, Tone, Words

CERTAINTIES = {
    Certainty.CERTAIN: Mark(word=pgettext_lazy("suggestion", "Certain"), tone=Tone.GOOD, shape="circle-check"),
    Certainty.LIKELY: Mark(word=pgettext_lazy("suggestion", "Likely"), tone=Tone.BUSY, shape="circle-dot"),
    Certainty.POSSIBLE: Mark(word=pgettext_lazy("suggestion", "Possible"), tone=Tone.WARN, shape="circle-dashed"),
}
REASONS: dict[str, Words] = {
    Reason.NAME: _("the same name"),
    Reason.IDENTIFIER: _("its company identifier"),
    Reason.SIMILAR: _("a similar name"),
}
DOUBTS: dict[str, Words] = {
    Doubt.LEGAL_FORM: _("another legal form"),
    Doubt.WORD_ORDER: _("the words in another order"),
    Doubt.SMALL_WORDS: _("small words differ"),
    Doubt.ACCENTS: _("accents differ"),
    Doubt.SPELLING: _("spelled differently"),
    Doubt.NUMBERS: _("numbers differ"),
    Doubt.TRADE: _("a word for the trade is missing on one side"),
    Doubt.WORDS: _("one name has a word more"),
    Doubt.OTHER_WORDS: _("each name has words of its own"),
    Doubt.SHORT: _("a short name"),
    Doubt.SECOND: _("another company is as near"),
    Doubt.SHARED: _("it fits another customer, too"),
    Doubt.TAKEN: _("another customer is mapped to it"),
}
NO_AGREEMENT: dict[str, Words] = {
    NoAgreement.NONE: _("The company has no agreement."),
    NoAgreement.NONE_ACTIVE: _("The company has no active agreement."),
    NoAgreement.SEVERAL: _("The company has several active agreements: choose one."),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """A suggestion as it is shown. `key` says what was shown when it is accepted."""

    suggestion: CustomerSuggestion
    key: str
    customer: str
    company: str
    agreement: str
    no_agreement: Words
    mark: Mark
    told: str
    ticked: bool


@needs(Action.LOOK)
def suggestions(request: Request, slug: str) -> HttpResponse:
    integration = integration_of(request, slug)
    found = suggest.suggest_companies(integration)
    if request.GET.get("format") == "csv":
        return sheet("customer-suggestions", _HEAD, _cells(_rows(integration, found)))
    page = Paginator(found, PAGE).get_page(request.GET.get("page"))
    shown = page.paginator.get_elided_page_range(page.number, on_each_side=1, on_ends=1)
    context = {"rows": _rows(integration, page.object_list), "pager": {"page": page, "pages": list(shown)}}
    return render(request, "web/customer_suggestions.html", context)


@needs(Action.MAP)
@require_POST
def accepting(request: Request, slug: str) -> HttpResponse:
    """Map what is ticked, where it is still suggested as it was shown."""
    integration = integration_of(request, slug)
    ticked = set(request.POST.getlist("suggestion"))
    chosen = [one for one in suggest.suggest_companies(integration) if _key(one) in ticked]
    number = suggest.accept_companies(integration, chosen, by=request.user, now=clock.now())
    if number:
        told = ngettext("%(count)d customer is mapped.", "%(count)d customers are mapped.", number)
        messages.success(request, told % {"count": number})
    if number < len(ticked):
        left = len(ticked) - number
        told = ngettext(
            "%(count)d suggestion no longer stands; look at it again.",
            "%(count)d suggestions no longer stand; look at them again.",
            left,
        )
        messages.warning(request, told % {"count": left})
    if not ticked:
        messages.warning(request, gettext("Tick at least one customer."))
    return HttpResponseRedirect(reverse("customer-suggestions", args=[integration.slug]))


_HEAD: tuple[Cell, ...] = (
    _("Customer"),
    _("Customer id"),
    _("ConnectWise company"),
    _("Agreement"),
    _("Score"),
    _("What matched"),
)


def _cells(rows: Iterable[Row]) -> Iterator[tuple[Cell, ...]]:
    for row in rows:
        one = row.suggestion
        yield (row.customer, one.customer, row.company, row.agreement or row.no_agreement, one.score, row.told)


def one_for(integration: Integration, vendor_id: str) -> Row | None:
    """The best company for one customer."""
    found = suggest.suggest_company(integration, vendor_id)
    return _rows(integration, [found])[0] if found else None


def _rows(integration: Integration, found: Iterable[CustomerSuggestion]) -> Sequence[Row]:
    found = list(found)
    labels = labels_of(
        integration,
        customers=(one.customer for one in found),
        companies=(one.company for one in found),
        agreements=(one.agreement for one in found if one.agreement is not None),
    )
    return [_row(one, labels) for one in found]


def _row(one: CustomerSuggestion, labels: Labels) -> Row:
    return Row(
        suggestion=one,
        key=_key(one),
        customer=labels.customer(one.customer),
        company=labels.company(one.company),
        agreement=labels.agreement(one.agreement) if one.agreement is not None else "",
        no_agreement=NO_AGREEMENT[one.no_agreement] if one.no_agreement else "",
        mark=CERTAINTIES[one.certainty],
        told=_told(one),
        ticked=one.certainty is Certainty.CERTAIN and one.agreement is not None,
    )


def _key(one: CustomerSuggestion) -> str:
    return f"{one.customer}|{one.company}|{one.agreement or ''}"


def _told(one: CustomerSuggestion) -> str:
    """`a similar name: clinique, anne · accents differ`"""
    words = ", ".join(one.words)
    about = gettext("%(reason)s: %(words)s") % {"reason": REASONS.get(one.reason, one.reason), "words": words}
    return " · ".join([about, *(str(DOUBTS.get(doubt, doubt)) for doubt in one.doubts)])
