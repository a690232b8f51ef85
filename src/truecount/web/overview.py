"""The first page: how things stand in one sentence, what waits, what was done last and what comes next."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from django.db.models import Count, Sum
from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from truecount.core.roles import Action
from truecount.runs import clock, flow
from truecount.store.models import Finding, Integration, Plan, Run
from truecount.web import figures, findings
from truecount.web.belongings import integration_of, usual_integration
from truecount.web.getting_started import steps_of
from truecount.web.integrations import due_of
from truecount.web.month import answers_of, charts_of
from truecount.web.plans import PlanRow, RunRow, plan_rows, run_rows
from truecount.web.request import Request
from truecount.web.rights import needs
from truecount.web.shares import customers_share, products_share
from truecount.web.states import changes_in, mode_of, pending
from truecount.web.words import ACTIVE, INFORMATION, MODE_SENTENCES, MODES, SCHEDULES

_FEW = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """How things stand: `calm` where nothing needs anybody."""

    calm: bool
    sentence: str
    more: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Kind:
    """Open findings of one kind."""

    kind: str
    title: str
    number: int
    money: dict[str, Decimal]
    needs_somebody: bool


@needs(Action.LOOK)
def overview(request: Request, slug: str | None = None) -> HttpResponse:
    if slug is None:
        usual = usual_integration(request)
        if usual is None:
            return render(request, "web/welcome.html")
        return HttpResponseRedirect(reverse("overview", args=[usual.slug]))
    integration = integration_of(request, slug)
    now = clock.now()
    kinds = _kinds(integration)
    last_plan = Plan.objects.filter(integration=integration).defer("inputs").order_by("-made_at", "-pk").first()
    latest = plan_rows(integration, [last_plan])[0] if last_plan else None
    counting = Run.objects.filter(integration=integration).exclude(verb="refresh")
    runs = run_rows(counting.select_related("by").order_by("-started_at")[:_FEW])
    schedule = flow.schedule_of(integration)
    context = {
        "standing": _standing(kinds, latest, runs, now),
        "kinds": kinds[: _FEW + 1],
        "kinds_left": len(kinds[_FEW + 1 :]),
        "latest": latest,
        "latest_pending": bool(last_plan and pending(last_plan, now) and changes_in(last_plan)),
        "runs": runs,
        "active": next((row for row in runs if row.run.state in ACTIVE), None),
        "mode": MODES[mode_of(integration)],
        "mode_sentence": MODE_SENTENCES[mode_of(integration)],
        "schedule": SCHEDULES[schedule.kind],
        "next_run": due_of(integration, now),
        "customers": customers_share(integration),
        "products": products_share(integration),
        "steps": steps_of(integration),
        "rights_missing": integration.connections.exclude(missing=[]).exists(),
        "answers": answers_of(integration, last_plan),
        "charts": charts_of(integration, last_plan.source) if last_plan else [],
    }
    return render(request, "web/overview.html", context)


def _kinds(integration: Integration) -> list[Kind]:
    """By money; sums are per currency, so the largest of them decides the order."""
    open_ones = Finding.objects.filter(integration=integration, closed_at=None)
    found: dict[str, tuple[int, dict[str, Decimal]]] = {}
    for row in open_ones.values("kind", "currency").annotate(number=Count("pk"), money=Sum("money")):
        number, money = found.get(row["kind"], (0, {}))
        if row["money"]:
            money = money | {row["currency"]: row["money"]}
        found[row["kind"]] = (number + row["number"], money)
    kinds = [
        Kind(
            kind=kind,
            title=findings.kind_title(kind),
            number=number,
            money=money,
            needs_somebody=kind not in INFORMATION,
        )
        for kind, (number, money) in found.items()
    ]
    return sorted(
        kinds, key=lambda kind: (not kind.needs_somebody, -max(kind.money.values(), default=Decimal(0)), kind.kind)
    )


def _standing(kinds: list[Kind], latest: PlanRow | None, runs: list[RunRow], now: datetime) -> Standing:
    number = sum(kind.number for kind in kinds if kind.needs_somebody)
    money: dict[str, Decimal] = {}
    for kind in kinds:
        for currency, amount in kind.money.items():
            money[currency] = money.get(currency, Decimal(0)) + amount
    if latest and pending(latest.plan, now) and changes_in(latest.plan):
        number += 1
    if latest is None and not runs:
        return Standing(calm=True, sentence=_("Nothing has been counted yet"), more=_("The steps below lead there."))
    if not number:
        return Standing(calm=True, sentence=_("What you bill is what was counted"), more="")
    told = ngettext("%(count)d thing needs you", "%(count)d things need you", number) % {"count": number}
    if any(money.values()):
        told = _("{things}, {money} a month").format(things=told, money=figures.sums(money))
    return Standing(calm=False, sentence=told, more="")
