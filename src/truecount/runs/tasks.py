"""What the queue calls: doing a run, the tick of the schedule, and picking up what a dead worker left."""

from __future__ import annotations

import logging

from procrastinate import JobContext
from procrastinate.contrib.django import app

from truecount.core.errors import Busy, Trouble
from truecount.core.model import FindingKind
from truecount.core.schedule import missed
from truecount.runs import clock, flow, found
from truecount.store.models import Finding, Integration, Run

logger = logging.getLogger(__name__)

_STALLED_AFTER = 30
"""Seconds without a worker's heartbeat after which its jobs are taken over."""
_LATE = 3600
"""Seconds after its due moment from which a scheduled run says that it is late."""


@app.task(name="truecount.execute_run", queue="runs")
def execute_run(run: int) -> None:
    """Do a queued run, or one whose worker died; a run that has ended is left alone."""
    row = Run.objects.select_related("integration__partner", "by", "plan").get(pk=run)
    if row.finished_at is None:
        flow.execute(row)


@app.task(name="truecount.read_labels", queue="runs")
def read_labels(integration: int, side: str) -> None:
    """Read what a system just connected has to map to; a run reads it again, so an error does no harm."""
    row = Integration.objects.get(pk=integration)
    try:
        found.refresh_labels(row, side, clock.now())
    except Trouble as trouble:
        logger.warning("Labels were not read", extra={"action": "read_labels", "code": str(trouble.code)})


@app.periodic(cron="* * * * *")
@app.task(name="truecount.tick", queue="runs", queueing_lock="tick", pass_context=False)
def tick(timestamp: int) -> None:
    """Start every integration whose schedule is due; a missed moment runs once, late, and says so."""
    from truecount.runs.start import begin_sync  # start imports this module

    now = clock.now()
    for integration in Integration.objects.select_related("partner"):
        if integration.connections.count() < 2:
            continue
        schedule = flow.schedule_of(integration)
        last = Run.objects.filter(integration=integration, trigger="schedule").order_by("-started_at").first()
        due = missed(schedule, last.started_at if last else integration.made_at, now)
        if due is None:
            continue
        try:
            run = begin_sync(integration, by=None, trigger="schedule")
        except Busy:
            logger.info("A due run waits for another", extra={"action": "tick", "integration": integration.slug})
            continue
        if (now - due).total_seconds() > _LATE:
            _say_late(integration, run, due.isoformat(timespec="minutes"))


def _say_late(integration: Integration, run: Run, due: str) -> None:
    now = clock.now()
    Finding.objects.create(
        integration=integration,
        kind=str(FindingKind.MISSED_SCHEDULE),
        mark=due,
        fields={"due": due, "run": str(run.pk)},
        since=now.date(),
        seen_at=now,
    )


@app.periodic(cron="* * * * *")
@app.task(name="truecount.pick_up", queue="runs", queueing_lock="pick-up", pass_context=True)
async def pick_up(context: JobContext, timestamp: int) -> None:
    """Give jobs of dead workers to living ones; the advisory lock and the journal make that harmless."""
    manager = context.app.job_manager
    for job in await manager.get_stalled_jobs(seconds_since_heartbeat=_STALLED_AFTER):
        await manager.retry_job(job)
