"""What the scenarios do to the world, and how they look at what came of it."""

from __future__ import annotations

from collections import Counter

from tests.e2e.world import Row, World
from truecount.runs.flow import exit_status
from truecount.store.models import Plan, PlanChange, Run

CODE = "CDE-MSP"
"""Used by all four customers of the world."""


def more(world: World, code: str = CODE, by: int = 1) -> list[str]:
    """Everybody uses so many more of it; returns the customers."""
    rows = [row for row in world.report() if row["productCode"] == code]
    for row in rows:
        world.vendor.change("usage", row["id"], billableQuantity=row["billableQuantity"] + by)
    return [row["accountId"] for row in rows]


def less(world: World, rows: list[Row]) -> None:
    for row in rows:
        world.vendor.remove("usage", row["id"])


def changes(plan: Plan | None) -> list[PlanChange]:
    assert plan is not None
    return list(plan.changes.all())


def kinds(plan: Plan | None) -> Counter[str]:
    return Counter(change.kind for change in changes(plan))


def ended(run: Run) -> tuple[str, int]:
    """How a run ended, and the exit status of the command."""
    return run.state, exit_status(run)


def error(run: Run) -> str | None:
    return run.error["code"] if run.error else None


def nothing_written(world: World) -> bool:
    return world.psa.writes() == 0
