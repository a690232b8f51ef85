"""One run: how far it is, how it ended, and starting one."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from django.contrib import messages
from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from truecount.core.model import Outcome
from truecount.core.roles import Action
from truecount.runs import advice, clock, refresh, start
from truecount.store.models import AuditEvent, Integration, Run
from truecount.web.belongings import integration_of, run_of
from truecount.web.request import Request
from truecount.web.rights import needs
from truecount.web.states import counts_of
from truecount.web.words import ACTIVE, OUTCOMES, PHASES, RUN_STATES, TRIGGERS, VERBS, Mark, Tone, Words

_OF_VERB = {
    "collect": ("collect",),
    "plan": ("plan",),
    "apply": ("apply", "verify"),
    "refresh": ("collect",),
}
"""Phases of a run that does not go the whole way."""

_PATIENCE = timedelta(seconds=20)
"""How long a run may be queued before one asks whether a worker is there."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Phase:
    """`state`: done, now, next, waits, failed, missed (after the failure), or out (not a part of this run)."""

    name: str
    word: Words
    state: str
    seconds: Decimal | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Ended:
    mark: Mark
    number: int
    share: int


@needs(Action.LOOK)
def run(request: Request, pk: int) -> HttpResponse:
    return render(request, "web/run.html", _context(run_of(request, pk)))


@needs(Action.LOOK)
def progress(request: Request, pk: int) -> HttpResponse:
    """The moving part of the page; it asks again until the run has ended, and tells what is new since `seen`."""
    context = _context(run_of(request, pk))
    context["news"] = request.GET.get("seen") != context["seen"]
    return render(request, "web/parts/progress.html", context)


@needs(Action.SYNC)
@require_POST
def sync(request: Request, slug: str) -> HttpResponse:
    """Start a run; while one is going on, lead to that one instead."""
    integration = integration_of(request, slug)
    going = Run.objects.filter(integration=integration, state__in=ACTIVE).order_by("-started_at").first()
    if going is not None:
        messages.info(request, _("A run is going on already; here it is."))
        return HttpResponseRedirect(reverse("run", args=[going.pk]))
    begun = start.begin_sync(integration, by=request.user)
    return HttpResponseRedirect(reverse("run", args=[begun.pk]))


def _context(row: Run) -> dict[str, Any]:
    active = row.state in ACTIVE
    total = sum(row.outcomes.values())
    return {
        "run": row,
        "active": active,
        "verb": VERBS.get(row.verb, row.verb),
        "trigger": TRIGGERS.get(row.trigger, row.trigger),
        "mark": RUN_STATES[row.state],
        "phases": _phases(row),
        "phase_word": PHASES.get(row.phase, ""),
        "outcomes": [_ended(name, row.outcomes[name], total) for name in Outcome if row.outcomes.get(name)],
        "contributions": total,
        "error": advice.error_text(row.error["code"], row.error.get("fields", {})) if row.error else None,
        "counts": counts_of(row.plan) if row.plan else [],
        "took": _took(row),
        "verified": _verified(row),
        "seen": f"{row.state}-{row.phase}",
        "refreshed": refreshed_last(row.integration, row.started_at)
        if row.verb == "refresh" and not row.error
        else None,
        "forgotten": row.state == "queued" and _took(row) > _PATIENCE,
    }


def refreshed_last(integration: Integration, since: datetime | None = None) -> AuditEvent | None:
    """What refreshing customer details found, the last time or since then."""
    acts = AuditEvent.objects.filter(integration=integration, action=refresh.ACT)
    return (acts.filter(at__gte=since) if since else acts).order_by("-at").first()


def _phases(row: Run) -> list[Phase]:
    """All five, so that one sees what this run does and what it leaves to others."""
    own = _OF_VERB.get(row.verb, tuple(PHASES))
    names = list(PHASES)
    here = names.index(row.phase) if row.phase in PHASES else -1
    return [
        Phase(
            name=name, word=PHASES[name], state=_phase_state(row, name, own, place < here), seconds=_seconds(row, name)
        )
        for place, name in enumerate(names)
    ]


def _phase_state(row: Run, name: str, own: tuple[str, ...], passed: bool) -> str:
    if name not in own:
        return "out"
    if name == row.phase and row.state in ACTIVE:
        return "now"
    if name == row.phase and row.error:
        return "failed"
    if row.error and not passed and name not in row.seconds:
        return "missed"
    if name == "approve":
        return _approval_state(row, passed)
    if passed or name == row.phase or name in row.seconds:
        return "done"
    return "next" if row.state in ACTIVE else "out"


def _approval_state(row: Run, passed: bool) -> str:
    if passed:
        return "done"
    if row.state in ACTIVE:
        return "next"
    return "waits" if row.state in ("waiting", "held") else "out"


def _seconds(row: Run, name: str) -> Decimal | None:
    told = row.seconds.get(name)
    return None if told is None else Decimal(str(told))


def _ended(name: Outcome, number: int, total: int) -> Ended:
    return Ended(mark=OUTCOMES[name], number=number, share=round(100 * number / total) if total else 0)


def _took(row: Run) -> timedelta:
    """As the worker measured it; while the run goes on, since it was asked for."""
    if "total" in row.seconds:
        return timedelta(seconds=float(row.seconds["total"]))
    return (row.finished_at or clock.now()) - row.started_at


def _verified(row: Run) -> Mark | None:
    """What reading everything again has shown; None where there was nothing to read again."""
    if row.converged is None:
        return None
    if row.converged:
        return Mark(word=_("No difference is left"), tone=Tone.GOOD, shape="circle-check")
    return Mark(word=_("Differences are left"), tone=Tone.BAD, shape="triangle-alert")
