"""One run from beginning to end: takes the integration, calls the verbs in order, and says how it ended."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from truecount.core.errors import Busy, ErrorCode, Misused, NotReady, Refused, RetryLater, Stale, Trouble
from truecount.core.model import Mode, Outcome, Slot, Source
from truecount.core.period import Period
from truecount.core.plan import Plan as CorePlan
from truecount.core.plan import outcomes, waits_with
from truecount.core.roles import Action
from truecount.core.schedule import Schedule, default_period, source_of
from truecount.runs import clock
from truecount.runs.apply import apply, check_invoices, check_still_the_same, chosen
from truecount.runs.approve import approve
from truecount.runs.audit import require
from truecount.runs.collect import collect
from truecount.runs.lock import held, place
from truecount.runs.mail import mail_about
from truecount.runs.prepare import newest_snapshot, prepare
from truecount.runs.refresh import refresh_customers
from truecount.runs.remote import DOORS, Doors, Tape, psa_of
from truecount.runs.settle import settle_open_intents
from truecount.runs.verify import unheld, verify
from truecount.store.models import Hold, Integration, Managed, Plan, Run, User
from truecount.store.settings import policy_of

logger = logging.getLogger(__name__)

Progress = Callable[[str, int, int], None]


def quiet(phase: str, step: int, steps: int) -> None:
    """Tells nobody how far it is."""


@dataclass(slots=True, kw_only=True)
class _Journey:
    """A run on its way: what it has counted so far."""

    run: Run
    progress: Progress
    tape: Tape
    seconds: dict[str, float] = field(default_factory=dict)

    @contextmanager
    def phase(self, name: str) -> Iterator[None]:
        self.tell(name, 0, 0)
        since = time.monotonic()
        try:
            yield
        finally:
            self.seconds[name] = round(time.monotonic() - since, 3)

    def tell(self, phase: str, step: int, steps: int) -> None:
        run = self.run
        run.phase, run.step, run.steps = phase, step, steps
        run.save(update_fields=["phase", "step", "steps"])
        self.progress(phase, step, steps)


def schedule_of(integration: Integration) -> Schedule:
    """The integration's schedule, in its time zone or the partner's."""
    kept = integration.policy
    hour, minute = str(kept.get("hour", "03:00")).split(":")
    zone = kept.get("time_zone") or integration.partner.time_zone
    return Schedule.parse(kept.get("schedule", "invoice"), hour=int(hour), minute=int(minute), zone=zone)


def begin(
    integration: Integration,
    verb: str,
    *,
    by: User | None,
    trigger: str = "person",
    period: Period | None = None,
    source: Source | None = None,
    plan: Plan | None = None,
    state: str = "running",
) -> Run:
    """A new run's row, with the period and source that it will read; refuses who may not."""
    require(by, Action.APPLY if verb == "apply" else Action.SYNC)
    now = clock.now()
    if plan is not None:
        period, source = Period.parse(plan.period), Source(plan.source)
    schedule = schedule_of(integration)
    source = source or source_of(schedule)
    usual = default_period(source, now, schedule.zone)
    period = period or usual
    if verb in ("collect", "sync") and source is Source.LIVE and period != usual:
        raise Misused(ErrorCode.LIVE_IS_NOW, period=str(period))
    return Run.objects.create(
        integration=integration,
        verb=verb,
        trigger=trigger,
        by=by,
        state=state,
        period=str(period),
        source=str(source),
        plan=plan,
        started_at=now,
        place=place(),
    )


def execute(run: Run, progress: Progress = quiet, doors: Doors = DOORS) -> Run:
    """Do the run; whatever happens ends up in its row. Only unknown faults are raised on."""
    journey = _Journey(run=run, progress=progress, tape=Tape(doors=doors))
    since = time.monotonic()
    run.state, run.place, run.error = "running", place(), None
    run.save(update_fields=["state", "place", "error"])
    try:
        with held(run, clock.now()):
            _VERBS[run.verb](journey)
    except Trouble as trouble:
        run.state = _state_of(trouble)
        run.error = {"code": str(trouble.code), "fields": told_fields(trouble)}
        logger.warning("A run ended early", extra={"action": "run", "run": run.pk, "code": str(trouble.code)})
    except BaseException:
        run.state, run.error = "failed", {"code": "internal", "fields": {}}
        raise
    finally:
        run.finished_at = clock.now()
        run.calls = journey.tape.calls()
        run.seconds = journey.seconds | {"total": round(time.monotonic() - since, 3)}
        run.save()
        journey.tape.save_answers(run)
    mail_about(run)
    return run


def told_fields(trouble: Trouble) -> dict[str, str]:
    """An error's fields as text, for its sentence; with the pause that the other side asked for."""
    fields = {name: str(value) for name, value in trouble.fields.items()}
    if isinstance(trouble, RetryLater) and trouble.after is not None:
        fields["after"] = f"{trouble.after:g}"
    return fields


def _state_of(trouble: Trouble) -> str:
    match trouble:
        case NotReady():
            return "not_ready"
        case Refused() | Stale() | Misused() | Busy():
            return "refused"
        case _:
            return "failed"


def _collect(journey: _Journey) -> None:
    """Settle what is open, then read both systems."""
    run = journey.run
    with journey.phase("collect"):
        with psa_of(run.integration, journey.tape) as psa:
            settle_open_intents(run, psa)
        run.snapshot = collect(
            run,
            source=Source(run.source),
            period=Period.parse(run.period),
            tape=journey.tape,
            now=clock.now(),
            progress=journey.tell,
        )
    run.state = "done"


def _refresh(journey: _Journey) -> None:
    run = journey.run
    with journey.phase("collect"):
        refresh_customers(run, tape=journey.tape, now=clock.now(), progress=journey.tell)
    run.state = "done"


def _plan(journey: _Journey) -> CorePlan:
    run = journey.run
    with journey.phase("plan"):
        if run.snapshot is None:
            run.snapshot = newest_snapshot(run.integration, Source(run.source), Period.parse(run.period))
        run.plan, plan = prepare(run, run.snapshot, clock.now())
    _finish_unapplied(run, plan)
    return plan


def _apply(journey: _Journey) -> None:
    run = journey.run
    assert run.plan is not None
    plan = run.plan
    with journey.phase("apply"), psa_of(run.integration, journey.tape) as psa:
        settle_open_intents(run, psa)
        plan.refresh_from_db()
        again = check_still_the_same(plan, clock.now())
        todo, others = chosen(plan, again)
        check_invoices(plan, again, psa, todo) if todo else None
        applied = apply(run, plan, again, psa, todo, others, journey.tell)
    with journey.phase("verify"), psa_of(run.integration, journey.tape) as psa:
        left = verify(plan, again, psa, applied.touched, clock.now())
    held_slots = [slot for slot, outcome in applied.outcomes.items() if outcome is Outcome.HELD]
    run.outcomes = _count(run, again.plan, applied.outcomes)
    remaining = unheld(left, held_slots)
    run.converged = None if not applied.touched and left else not remaining
    run.state = _end(run.outcomes, applied.outcomes)
    if not any(outcome in _UNFINISHED for outcome in applied.outcomes.values()):
        plan.state = "applied"
        plan.save(update_fields=["state"])


_UNFINISHED = (Outcome.HELD, Outcome.WAITING, Outcome.FAILED, Outcome.REFUSED)
"""While one of these is left the plan can be applied again: a right may be given, a hold released."""


def _sync(journey: _Journey) -> None:
    """Collect and plan; in automatic mode go on and apply what nobody has to look at."""
    run = journey.run
    _collect(journey)
    plan = _plan(journey)
    assert run.plan is not None
    whole = Hold.objects.filter(plan=run.plan, agreement=None).exists()
    if policy_of(run.integration.policy).mode is Mode.AUTOMATIC and plan.changes and not whole:
        approve(run.plan, by=None, now=clock.now())
        _apply(journey)


def _finish_unapplied(run: Run, plan: CorePlan) -> None:
    """How a run ends that wrote nothing: every change waits, or is held."""
    held_slots = {hold.slot for hold in plan.holds if hold.slot is not None}
    whole = any(hold.slot is None for hold in plan.holds)
    held = {change.slot: Outcome.HELD for change in plan.changes if whole or change.slot in held_slots}
    held |= waits_with(plan.changes, held)
    of_slot = {change.slot: held.get(change.slot, Outcome.WAITING) for change in plan.changes}
    run.outcomes = _count(run, plan, of_slot)
    run.converged = None if plan.changes else True
    if policy_of(run.integration.policy).mode is Mode.OBSERVE:
        run.state = "observed"
    elif whole:
        run.state = "held"
    else:
        run.state = _end(run.outcomes, of_slot)


def _count(run: Run, plan: CorePlan, of_slot: dict[Slot, Outcome]) -> dict[str, int]:
    """Contributions by outcome; their number is always that of the contributions."""
    rows = Managed.objects.filter(integration=run.integration).values_list("agreement", "item")
    managed = [Slot(agreement, item) for agreement, item in rows]
    counted = {str(outcome): 0 for outcome in Outcome}
    for _, outcome in outcomes(plan, of_slot, managed):
        counted[outcome] += 1
    return counted


def _end(counted: dict[str, int], of_slot: dict[Slot, Outcome]) -> str:
    """A run's state from what became of its changes and contributions."""
    ends = set(of_slot.values())
    done = Outcome.DONE in ends
    if Outcome.FAILED in ends:
        return "partial" if done else "failed"
    if ends & {Outcome.STALE, Outcome.REFUSED}:
        return "partial" if done else "refused"
    if Outcome.WAITING in ends:
        return "partial" if done else "waiting"
    if counted[Outcome.HELD]:
        return "partial" if done else "held"
    return "done"


_VERBS: dict[str, Callable[[_Journey], object]] = {
    "collect": _collect,
    "plan": _plan,
    "apply": _apply,
    "sync": _sync,
    "refresh": _refresh,
}


def exit_status(run: Run) -> int:
    """0 done or observed, 1 something went wrong, 3 something waits (interface: exit statuses)."""
    wrong = sum(run.outcomes.get(name, 0) for name in ("stale", "refused", "failed"))
    if wrong or run.state in ("refused", "failed"):
        return 1
    if run.state in ("waiting", "held", "not_ready") or (run.state == "partial"):
        return 3
    return 0
