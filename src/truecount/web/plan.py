"""One plan: what would change and why, what holds it, and the decisions about it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from urllib.parse import urlencode

from django.contrib import messages
from django.db.models import F, Q, Sum
from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST

from truecount.core.model import Mode
from truecount.core.roles import Action
from truecount.runs import approve, clock, start
from truecount.store.models import Finding, Plan, Run
from truecount.web import changes, holds, months
from truecount.web.belongings import plan_of
from truecount.web.findings import needing_somebody, shown
from truecount.web.request import Request
from truecount.web.rights import needs
from truecount.web.sheets import sheet
from truecount.web.states import changes_in, counts_of, is_expired, mode_of, pending, pieces_of, plan_mark, sums_of
from truecount.web.words import ACTIVE

_FEW = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class Decision:
    """What can be done with the plan now. `ready` counts what applying would write; `past` says why it is over."""

    pending: bool
    approve: bool
    apply: bool
    observed: bool
    held: bool
    ready: int
    moves: dict[str, Decimal]
    running: Run | None
    past: str
    newer: Plan | None


@needs(Action.LOOK)
def plan(request: Request, pk: int) -> HttpResponse:
    row = plan_of(request, pk)
    now = clock.now()
    listing, groups = changes.changes_of(row, request.GET)
    if request.GET.get("format") == "csv":
        return sheet(f"plan-{row.pk}", changes.HEAD, changes.cells(row, listing.rows))
    reasons = holds.reasons_of(row)
    held = any(reason.whole for reason in reasons)
    found = Finding.objects.filter(plan=row, closed_at=None)
    counts = counts_of(row)
    context = {
        "plan": row,
        "mark": plan_mark(row, held=held, mode=mode_of(row.integration), now=now),
        "counts": counts,
        "pieces": pieces_of(counts),
        "sums": sums_of(row),
        "decision": _decision(row, held=held, now=now),
        "reasons": reasons,
        "released": holds.released_of(row),
        "listing": listing,
        "groups": groups,
        "largest": changes.largest(row, _FEW),
        "findings": shown(row.integration, needing_somebody(found).order_by(F("money").desc(nulls_last=True))[:_FEW]),
        "findings_count": found.count(),
        "reading_age": row.made_at - row.snapshot.taken_at,
        "runs": row.runs.order_by("-started_at").select_related("by")[:_FEW],
        "since": months.since_last_month(row),
    }
    return render(request, "web/plan.html", context)


@needs(Action.APPROVE)
@require_POST
def approval(request: Request, pk: int) -> HttpResponse:
    row = plan_of(request, pk)
    if row.state in ("approved", "applied"):
        messages.info(request, _("Plan %(plan)d was approved already.") % {"plan": row.pk})
        return _to(row)
    approve.approve(row, by=request.user, now=clock.now())
    messages.success(
        request, _("Plan %(plan)d is approved. Nothing is written until it is applied.") % {"plan": row.pk}
    )
    return _to(row)


@needs(Action.APPLY)
@require_POST
def application(request: Request, pk: int) -> HttpResponse:
    """Start applying; a second click leads to the run that the first one started."""
    row = plan_of(request, pk)
    running = row.runs.filter(state__in=ACTIVE, verb="apply").order_by("-started_at").first()
    if running is not None:
        return HttpResponseRedirect(reverse("run", args=[running.pk]))
    if row.state == "applied":
        messages.info(request, _("Plan %(plan)d was applied already.") % {"plan": row.pk})
        return _to(row)
    run = start.begin_apply(row, by=request.user)
    return HttpResponseRedirect(reverse("run", args=[run.pk]))


@needs(Action.APPROVE)
@require_POST
def selection(request: Request, pk: int) -> HttpResponse:
    """Untick a customer, or tick it again; the page comes back as it was narrowed and sorted."""
    row = plan_of(request, pk)
    customer, ticked = request.POST.get("customer", ""), request.POST.get("ticked") == "on"
    approve.tick(row, [customer], ticked, by=request.user, now=clock.now())
    kept = {name: request.GET[name] for name in ("q", "kind", "state", "sort", "page") if request.GET.get(name)}
    return _to(row, urlencode(kept), "changes")


@needs(Action.RELEASE)
@require_POST
def release(request: Request, pk: int) -> HttpResponse:
    """Release the chosen holds, all with the one reason given."""
    row = plan_of(request, pk)
    chosen = row.holds.filter(pk__in=[ident for ident in request.POST.getlist("hold") if ident.isdecimal()])
    waiting = list(chosen.filter(released_at=None))
    reason = request.POST.get("reason", "").replace("\0", "")
    for hold in waiting:
        approve.release(hold, reason=reason, by=request.user, now=clock.now())
    if waiting:
        told = ngettext("%(count)d hold is released.", "%(count)d holds are released.", len(waiting))
        messages.success(request, told % {"count": len(waiting)})
    elif chosen:
        messages.info(request, _("This was released already."))
    else:
        messages.warning(request, _("Choose at least one line to release."))
    return _to(row)


def _decision(row: Plan, *, held: bool, now: datetime) -> Decision:
    alive, count, number = pending(row, now), changes.ready(row), changes_in(row)
    observed = mode_of(row.integration) is Mode.OBSERVE
    running = row.runs.filter(state__in=ACTIVE, verb="apply").order_by("-started_at").first()
    past = _past(row, now)
    newest = Plan.objects.filter(integration=row.integration_id).defer("inputs").order_by("-made_at", "-pk").first()
    return Decision(
        pending=alive,
        approve=alive and row.state == "open" and bool(number) and not held and not observed,
        apply=alive and row.state == "approved" and count > 0 and not held and running is None,
        observed=observed,
        held=held,
        ready=count,
        moves=_moves(row),
        running=running,
        past=past,
        newer=newest if past and newest != row else None,
    )


def _past(row: Plan, now: datetime) -> str:
    """Why a plan that was never applied will not be."""
    if row.state == "superseded":
        return _("A newer plan has replaced this one.")
    if row.state == "void":
        return _("It was not applied: mappings, switches, lines or settings have changed since it was made.")
    if is_expired(row, now):
        return _("It was not applied in time: it is over 7 days old, or an agreement has been invoiced since.")
    return ""


def _moves(row: Plan) -> dict[str, Decimal]:
    """What applying now would move, by currency."""
    now = changes.with_holds(row).filter(Q(held=False), ticked=True).exclude(outcome="done")
    sums = now.values("currency").annotate(move=Sum(F("money_after") - F("money_before"))).order_by("currency")
    return {found["currency"]: found["move"] for found in sums}


def _to(row: Plan, query: str = "", part: str = "") -> HttpResponseRedirect:
    address = reverse("plan", args=[row.pk])
    return HttpResponseRedirect(address + (f"?{query}" if query else "") + (f"#{part}" if part else ""))
