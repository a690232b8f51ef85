"""Reading the touched agreements again and comparing again: either nothing is left to do, or what is left is said."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from truecount.core.model import Change, Slot
from truecount.core.plan import agreed, make_plan
from truecount.core.ports import Psa
from truecount.runs.prepare import Prepared, with_additions
from truecount.store.baselines import load_baseline, save_agreed
from truecount.store.configurations import load_configuration
from truecount.store.models import Plan
from truecount.store.snapshots import save_read_again


def verify(plan: Plan, again: Prepared, psa: Psa, touched: Iterable[int], now: datetime) -> list[Change]:
    """The changes that a plan would still propose now, over what the PSA holds after writing.

    What was read is kept as a reading of its own, so that a plan made from the newest one knows what was written;
    lines that needed no write are remembered as standing right for this period.
    """
    wanted = sorted(touched)
    billing = again.billing
    if wanted:
        billing = with_additions(again.billing, psa.list_additions(wanted))
        save_read_again(plan.snapshot, billing, now)
    baseline = load_baseline(plan.integration, psa.identity(), plan.snapshot)
    left = make_plan(
        plan.integration.slug, again.usage, billing, baseline, load_configuration(plan.integration), plan.today
    )
    save_agreed(plan.integration, psa.identity(), agreed(left, baseline.managed.values(), billing, plan.today))
    return list(left.changes)


def unheld(changes: Iterable[Change], held: Iterable[Slot]) -> list[Change]:
    waiting = set(held)
    return [change for change in changes if change.slot not in waiting]
