"""The month on the overview: charts of units and money, and three questions with their answers and where to look."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from functools import partial

from django.db.models import Count, Sum
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from truecount.core.model import FindingKind
from truecount.store.models import Finding, Integration, Plan
from truecount.web import figures
from truecount.web.charts import Chart, chart
from truecount.web.months import Month, Since, months_of, since_last_month
from truecount.web.words import UNBILLED


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """`calm` where nobody has to look; then there may be no address."""

    question: str
    answer: str
    amount: str
    address: str
    calm: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Titled:
    title: str
    chart: Chart
    planned: bool


def charts_of(integration: Integration, source: str) -> list[Titled]:
    """Units, then money by currency: never added up across."""
    months = months_of(integration, source)
    units = [(month.period, month.units, False) for month in months if month.units is not None]
    charts = [(_("Units counted"), chart("units", units, figures.quantity), False)]
    for currency in _by_amount(months):
        points = [(one.period, one.money[currency], one.planned) for one in months if currency in one.money]
        drawn = chart(f"money-{currency or 'none'}", points, partial(figures.money, currency=currency))
        charts.append((_("Billed a month"), drawn, any(planned for _period, _value, planned in points)))
    return [Titled(title=title, chart=drawn, planned=planned) for title, drawn, planned in charts if drawn]


def _by_amount(months: Sequence[Month]) -> list[str]:
    """Currencies, the one with the most money first."""
    largest: dict[str, Decimal] = {}
    for month in months:
        for currency, amount in month.money.items():
            largest[currency] = max(largest.get(currency, amount), amount)
    return sorted(largest, key=lambda currency: (-largest[currency], currency))


def answers_of(integration: Integration, plan: Plan | None) -> list[Answer]:
    """Nothing to answer before there is a plan."""
    if plan is None:
        return []
    return [_changed(plan), _unbilled(integration), _invoiced_soon(integration)]


def _changed(plan: Plan) -> Answer:
    since = since_last_month(plan)
    return Answer(
        question=_("What changed since last month?"),
        answer=_told(since) if since else _("The month before was not read yet."),
        amount=_("{number} units").format(number=figures.signed(figures.quantity(since.found.move))) if since else "",
        address=f"{reverse('plan', args=[plan.pk])}#since" if since and since.found.all_lines else "",
        calm=True,
    )


def _told(since: Since) -> str:
    if not since.found.all_lines:
        return _("Nothing: every customer uses what it used the month before.")
    told = [
        ngettext("units of %(count)d product moved", "units of %(count)d products moved", len(since.products))
        % {"count": len(since.products)}
    ]
    if since.found.came:
        number = since.found.came
        told.append(ngettext("%(count)d new customer", "%(count)d new customers", number) % {"count": number})
    if since.found.went:
        number = since.found.went
        told.append(
            ngettext("%(count)d customer without usage", "%(count)d customers without usage", number)
            % {"count": number}
        )
    return ", ".join(told)


def _unbilled(integration: Integration) -> Answer:
    rows = Finding.objects.filter(integration=integration, closed_at=None, kind__in=UNBILLED)
    sums = rows.values("currency").annotate(number=Count("pk"), money=Sum("money")).order_by("currency")
    number = sum(row["number"] for row in sums)
    money = {row["currency"]: row["money"] for row in sums if row["money"]}
    return Answer(
        question=_("What is nobody billed for?"),
        answer=ngettext("%(count)d finding", "%(count)d findings", number) % {"count": number}
        if number
        else _("Nothing: all that was counted has its line."),
        amount=_("{money} a month").format(money=figures.sums(money)) if money else "",
        address=f"{reverse('findings', args=[integration.slug])}?kind=unbilled" if number else "",
        calm=not number,
    )


def _invoiced_soon(integration: Integration) -> Answer:
    kind = FindingKind.INVOICE_SOON
    number = Finding.objects.filter(integration=integration, closed_at=None, kind=kind).count()
    return Answer(
        question=_("What is invoiced within 3 days and not yet synchronized?"),
        answer=ngettext("%(count)d agreement", "%(count)d agreements", number) % {"count": number}
        if number
        else _("Nothing: no agreement is invoiced that soon with a change left."),
        amount="",
        address=f"{reverse('findings', args=[integration.slug])}?kind={kind}" if number else "",
        calm=not number,
    )
