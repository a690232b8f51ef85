"""Writing an approved plan, agreement by agreement, each line exactly once."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor, as_completed
from dataclasses import dataclass, field
from datetime import date, datetime

from django.db import connection

from truecount.core.errors import Busy, ErrorCode, Misused, Refused, RetryLater, Stale, Trouble, Unexpected
from truecount.core.model import Addition, Billing, Change, ChangeKind, Outcome, Slot
from truecount.core.plan import waits_with
from truecount.core.ports import AdditionEdit, NewAddition, Psa
from truecount.runs import clock, journal, settle
from truecount.runs.prepare import Prepared, prepare_again, sends_nothing
from truecount.runs.remote import SEND_SHARE
from truecount.store.models import Hold, Plan, PlanChange, Run
from truecount.store.settings import number_of

_AT_ONCE = 4
_ATTEMPTS = 3
_LONGEST_PAUSE = 120.0

Progress = Callable[[str, int, int], None]


@dataclass(slots=True, kw_only=True)
class Applied:
    """What became of the chosen changes. `touched` are the agreements that were read or written, by earlier runs of
    the plan too: what the plan was made from no longer tells how they stand."""

    outcomes: dict[Slot, Outcome] = field(default_factory=dict)
    touched: set[int] = field(default_factory=set)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Work:
    """What every writing thread needs."""

    run: Run
    plan: Plan
    psa: Psa
    billing: Billing
    identity: str
    settle_seconds: float


def check_still_the_same(plan: Plan, now: datetime) -> Prepared:
    """Make the plan again from its snapshot with today's decisions; another digest voids the approval."""
    if plan.state != "approved":
        raise Misused(ErrorCode.PLAN_NOT_APPROVED, plan=plan.pk, state=plan.state)
    if now > plan.expires_at:
        Plan.objects.filter(pk=plan.pk).update(state="expired")
        raise Misused(ErrorCode.PLAN_EXPIRED, plan=plan.pk)
    again = prepare_again(plan)
    if again.plan.digest != plan.digest:
        Plan.objects.filter(pk=plan.pk).update(state="void")
        raise Stale(ErrorCode.DIGEST_CHANGED, plan=plan.pk)
    return again


def check_invoices(plan: Plan, again: Prepared, psa: Psa, changes: Iterable[Change]) -> None:
    """A plan expires when one of its agreements has been invoiced since it was read."""
    now = {agreement.id: agreement.next_invoice for agreement in psa.list_agreements()}
    for change in changes:
        agreement = again.billing.agreements[change.slot.agreement]
        if agreement.id in now and now[agreement.id] != agreement.next_invoice:
            Plan.objects.filter(pk=plan.pk).update(state="expired")
            raise Stale(ErrorCode.PLAN_EXPIRED, plan=plan.pk, agreement=agreement.id, agreement_name=agreement.name)


def chosen(plan: Plan, again: Prepared) -> tuple[list[Change], dict[Slot, Outcome]]:
    """The changes to write now, and the outcome of all others: done before, waiting, or held."""
    rows = {Slot(row.agreement, row.item): row for row in PlanChange.objects.filter(plan=plan)}
    holds = Hold.objects.filter(plan=plan, released_at=None)
    whole = holds.filter(agreement=None).exists()
    held = {Slot(h.agreement, h.item) for h in holds if h.agreement is not None and h.item is not None}
    others: dict[Slot, Outcome] = {}
    for change in again.plan.changes:
        row = rows[change.slot]
        if row.outcome == "done":
            others[change.slot] = Outcome.DONE
        elif whole or change.slot in held:
            others[change.slot] = Outcome.HELD
        elif not row.ticked:
            others[change.slot] = Outcome.WAITING
    others |= waits_with(again.plan.changes, others)
    return [change for change in again.plan.changes if change.slot not in others], others


def apply(
    run: Run, plan: Plan, again: Prepared, psa: Psa, todo: list[Change], others: dict[Slot, Outcome], progress: Progress
) -> Applied:
    """Write the chosen changes: first all that stand alone, then those that another slot must make room for."""
    work = _Work(
        run=run,
        plan=plan,
        psa=psa,
        billing=again.billing,
        identity=psa.identity(),
        settle_seconds=float(number_of(run.integration.policy, "settle_seconds")),
    )
    before = {slot.agreement for slot, outcome in others.items() if outcome is Outcome.DONE}
    applied = Applied(outcomes=dict(others), touched=before)
    steps = len(todo)
    _wave(work, [change for change in todo if not change.after_zero], applied, progress, steps)
    second = []
    for change in todo:
        if not change.after_zero:
            continue
        if all(applied.outcomes.get(slot) is Outcome.DONE for slot in change.after_zero):
            second.append(change)
        else:
            applied.outcomes[change.slot] = Outcome.WAITING
    _wave(work, second, applied, progress, steps)
    return applied


def _wave(work: _Work, changes: list[Change], applied: Applied, progress: Progress, steps: int) -> None:
    by_agreement: dict[int, list[Change]] = {}
    for change in changes:
        by_agreement.setdefault(change.slot.agreement, []).append(change)
    applied.touched |= by_agreement.keys()
    with ThreadPoolExecutor(max_workers=_AT_ONCE, thread_name_prefix="apply") as pool:
        futures = [pool.submit(_in_thread, work, agreement, batch) for agreement, batch in by_agreement.items()]
        try:
            for future in as_completed(futures):
                applied.outcomes |= future.result()
                progress("apply", len(applied.outcomes), steps)
        except BaseException:
            pool.shutdown(cancel_futures=True)
            raise


def _in_thread(work: _Work, agreement: int, changes: list[Change]) -> dict[Slot, Outcome]:
    try:
        return _agreement(work, agreement, changes)
    finally:
        connection.close()


def _agreement(work: _Work, agreement: int, changes: list[Change]) -> dict[Slot, Outcome]:
    """One agreement: read its lines once, refuse what is stale, write the rest one after the other."""
    try:
        lines = work.psa.list_additions([agreement]).get(agreement)
    except Trouble as trouble:
        return {change.slot: _note(work, change, Outcome.FAILED, trouble) for change in changes}
    found: dict[Slot, Outcome] = {}
    broken: Trouble | None = None
    for change in changes:
        if broken is not None:
            found[change.slot] = _note(work, change, Outcome.FAILED, broken)
        elif lines is None or not same_ground(change, lines, clock.now().date()):
            moved = _moved(work, change.slot)
            found[change.slot] = _note(work, change, Outcome.STALE, moved)
        else:
            try:
                found[change.slot] = _write(work, change, frozenset(line.id for line in lines))
            except Trouble as trouble:  # the read-back failed: its intent stays open, nothing more is sent here
                found[change.slot] = _note(work, change, Outcome.FAILED, trouble)
                broken = trouble
    return found


def _moved(work: _Work, slot: Slot) -> Stale:
    return Stale(
        ErrorCode.GROUND_MOVED,
        agreement=slot.agreement,
        agreement_name=work.billing.agreements[slot.agreement].name,
        item=slot.item,
        item_name=work.billing.items[slot.item].identifier,
    )


def same_ground(change: Change, lines: Iterable[Addition], today: date) -> bool:
    """Whether the slot stands as the plan saw it: nothing there, or the one line with its quantity and dates."""
    standing = [line for line in lines if line.item == change.slot.item and line.standing(today)]
    if change.ground is None:
        return not standing
    if len(standing) != 1:
        return False
    line, ground = standing[0], change.ground
    return (line.id, line.quantity, line.cancelled) == (ground.id, ground.quantity, ground.cancelled)


def _write(work: _Work, change: Change, seen: frozenset[int]) -> Outcome:
    """Intent, send, answer; what was surely not done is tried again, what may have been is read back first."""
    trouble: Trouble | None = None
    for _ in range(_ATTEMPTS):
        write = _new_write(work, change, seen)
        if sends_nothing(change) and change.ground is not None:
            journal.take_over(work.run, write, change.ground)
            return Outcome.DONE
        since = time.monotonic()
        deadline = since + work.settle_seconds * SEND_SHARE
        journal.intend(work.run, write)
        try:
            line = _send(work, change, deadline)
        except Refused as refusal:
            journal.not_done(work.run, write, "answer", _told(refusal))
            return _note(work, change, Outcome.REFUSED, refusal)
        except RetryLater as later:
            trouble = later
            if later.certain:
                journal.not_done(work.run, write, "answer", _told(later))
                time.sleep(min(later.after or 1.0, _LONGEST_PAUSE))
                continue
        except Unexpected as odd:
            trouble = odd
        else:
            journal.answer(work.run, write, line)
            return Outcome.DONE
        if _read_back(work, write, since):
            return Outcome.DONE
    assert trouble is not None
    return _note(work, change, Outcome.FAILED, trouble)


def _read_back(work: _Work, write: journal.Write, since: float) -> bool:
    """Wait until the write has settled, then look. While the PSA can't be read the intent stays open."""
    settle.wait_until_settled(work.run, time.monotonic() - since)
    lines = work.psa.list_additions([write.slot.agreement]).get(write.slot.agreement, ())
    return settle.settle(work.run, write, lines)


def _new_write(work: _Work, change: Change, seen: frozenset[int]) -> journal.Write:
    agreement = work.billing.agreements[change.slot.agreement]
    return journal.write_of(change, work.plan, seen, agreement.next_invoice, work.identity)


def _send(work: _Work, change: Change, deadline: float) -> Addition:
    """Send it, unless too long has passed since its intent: the connector gives up at the deadline."""
    if change.kind is ChangeKind.CREATE:
        assert change.effective is not None
        new = NewAddition(
            agreement=change.slot.agreement,
            item=change.slot.item,
            quantity=change.after,
            effective=change.effective,
        )
        return work.psa.create_addition(new, deadline=deadline)
    assert change.ground is not None
    edit = AdditionEdit(quantity=change.after, reopen=change.reopen)
    if change.kind is ChangeKind.CANCEL:
        edit = AdditionEdit(cancelled=change.effective)
    return work.psa.update_addition(change.slot.agreement, change.ground.id, edit, deadline=deadline)


def _note(work: _Work, change: Change, outcome: Outcome, trouble: Trouble) -> Outcome:
    """Keep on the plan why a change was not done, unless another run has done it since."""
    if isinstance(trouble, Busy):
        raise trouble
    row = PlanChange.objects.filter(plan=work.plan, agreement=change.slot.agreement, item=change.slot.item)
    row.exclude(outcome="done").update(outcome=str(outcome), answer=_told(trouble))
    return outcome


def _told(trouble: Trouble) -> Mapping[str, object]:
    fields = {name: value if isinstance(value, int) else str(value) for name, value in trouble.fields.items()}
    return {"code": str(trouble.code), "fields": fields}
