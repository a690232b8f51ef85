"""The lists of plans and of runs."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.http import HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from truecount.core.roles import Action
from truecount.runs import clock
from truecount.store.models import Integration, Plan, Run
from truecount.web.belongings import integration_of
from truecount.web.request import Request
from truecount.web.rights import needs
from truecount.web.sheets import Cell, sheet
from truecount.web.states import Count, Piece, Sum, counts_of, mode_of, pieces_of, plan_mark, plans_held, sums_of
from truecount.web.tables import Column, Filter, Table
from truecount.web.words import PLAN_STATES, RUN_STATES, SOURCES, TRIGGERS, VERBS, Mark, Words


@dataclass(frozen=True, slots=True, kw_only=True)
class PlanRow:
    plan: Plan
    mark: Mark
    counts: list[Count]
    pieces: list[Piece]
    sums: list[Sum]


@dataclass(frozen=True, slots=True, kw_only=True)
class RunRow:
    run: Run
    verb: Words
    mark: Mark
    who: Words
    took: timedelta | None


@needs(Action.LOOK)
def plans(request: Request, slug: str) -> HttpResponse:
    integration = integration_of(request, slug)
    rows = Plan.objects.filter(integration=integration).defer("inputs").select_related("made_by", "approved_by")
    listing = _PLANS.read(rows, request.GET)
    if request.GET.get("format") == "csv":
        return sheet("plans", _PLAN_HEAD, _plan_cells(plan_rows(integration, listing.rows)))
    context = {"listing": listing, "plans": plan_rows(integration, listing.page.object_list), "tab": "plans"}
    return render(request, "web/plans.html", context)


@needs(Action.LOOK)
def runs(request: Request, slug: str) -> HttpResponse:
    integration = integration_of(request, slug)
    rows = Run.objects.filter(integration=integration).select_related("by")
    listing = _RUNS.read(rows, request.GET)
    if request.GET.get("format") == "csv":
        return sheet("runs", _RUN_HEAD, _run_cells(run_rows(listing.rows)))
    context = {"listing": listing, "runs": run_rows(listing.page.object_list), "tab": "runs"}
    return render(request, "web/runs.html", context)


def plan_rows(integration: Integration, found: Iterable[Plan]) -> list[PlanRow]:
    found = list(found)
    held, mode, now = plans_held(found), mode_of(integration), clock.now()
    return [_plan_row(plan, plan_mark(plan, held=plan.pk in held, mode=mode, now=now)) for plan in found]


def _plan_row(plan: Plan, mark: Mark) -> PlanRow:
    counts = counts_of(plan)
    return PlanRow(plan=plan, mark=mark, counts=counts, pieces=pieces_of(counts), sums=sums_of(plan))


def run_rows(found: Iterable[Run]) -> list[RunRow]:
    return [
        RunRow(
            run=run,
            verb=VERBS.get(run.verb, run.verb),
            mark=RUN_STATES[run.state],
            who=run.by.email if run.by else TRIGGERS.get(run.trigger, run.trigger),
            took=_took(run.started_at, run.finished_at),
        )
        for run in found
    ]


def _took(since: datetime, until: datetime | None) -> timedelta | None:
    return until - since if until else None


_FILTERED = ("open", "approved", "applied", "empty", "superseded", "expired")
_PLANS: Table[Plan] = Table(
    columns=(
        Column(key="plan", title=_("Plan"), order=("pk",), descending_first=True),
        Column(key="month", title=_("Month"), order=("period",), descending_first=True),
        Column(key="state", title=_("State"), order=("state",)),
        Column(key="changes", title=_("Changes")),
        Column(key="money", title=_("A month"), number=True),
        Column(key="made", title=_("Made"), order=("made_at",), descending_first=True),
    ),
    usual="-made",
    filters=(
        Filter(
            "state",
            _("State"),
            [
                ("", _("All states")),
                *((name, PLAN_STATES[name].word) for name in _FILTERED),
            ],
            lambda found, state: found.filter(state=state),
        ),
        Filter(
            "source",
            _("Source"),
            [("", _("All sources")), *SOURCES.items()],
            lambda found, source: found.filter(source=source),
        ),
    ),
)
_RUNS: Table[Run] = Table(
    columns=(
        Column(key="run", title=_("Run"), order=("pk",), descending_first=True),
        Column(key="what", title=_("What"), order=("verb",)),
        Column(key="month", title=_("Month"), order=("period",), descending_first=True),
        Column(key="state", title=_("State"), order=("state",)),
        Column(key="who", title=_("Started by"), order=("by__email",)),
        Column(key="started", title=_("Started"), order=("started_at",), descending_first=True),
        Column(key="took", title=_("Took"), number=True),
    ),
    usual="-started",
    filters=(
        Filter(
            "state",
            _("State"),
            [("", _("All states")), *((name, mark.word) for name, mark in RUN_STATES.items())],
            lambda found, state: found.filter(state=state),
        ),
    ),
)

_PLAN_HEAD: tuple[Cell, ...] = (
    _("Plan"),
    _("Month"),
    _("Source"),
    _("State"),
    _("Create"),
    _("Take over"),
    _("Update"),
    _("Set to 0"),
    _("Unchanged"),
    _("Currency"),
    pgettext_lazy("money", "Before"),
    pgettext_lazy("money", "After"),
    _("Made"),
)
_RUN_HEAD: tuple[Cell, ...] = (
    _("Run"),
    _("What"),
    _("Month"),
    _("Source"),
    _("State"),
    _("Started by"),
    _("Started"),
    _("Finished"),
)


def _plan_cells(rows: Iterable[PlanRow]) -> Iterator[tuple[Cell, ...]]:
    """One line per currency; a plan without money has one line, too."""
    for row in rows:
        plan = row.plan
        first = (plan.pk, plan.period, SOURCES.get(plan.source, plan.source), row.mark.word)
        numbers = tuple(plan.counts.get(kind, 0) for kind in ("create", "adopt", "update", "zero", "unchanged"))
        money: list[tuple[Cell, ...]] = [(told.currency, told.before, told.after) for told in row.sums]
        for cells in money or [("", None, None)]:
            yield (*first, *numbers, *cells, plan.made_at)


def _run_cells(rows: Iterable[RunRow]) -> Iterator[tuple[Cell, ...]]:
    for row in rows:
        run = row.run
        source = SOURCES.get(run.source, run.source)
        yield (run.pk, row.verb, run.period, source, row.mark.word, row.who, run.started_at, run.finished_at)
