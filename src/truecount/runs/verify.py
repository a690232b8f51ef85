"""Reading the touched agreements again and comparing again: either nothing is left to do, or what is left is said."""

from __future__ import annotations

from collections.abc import Iterable

from truecount.core.model import Change, Slot
from truecount.core.plan import make_plan
from truecount.core.ports import Psa
from truecount.runs.prepare import Prepared, with_additions
from truecount.store.baselines import load_baseline
from truecount.store.configurations import load_configuration
from truecount.store.models import Plan


def verify(plan: Plan, again: Prepared, psa: Psa, touched: Iterable[int]) -> list[Change]:
    """The changes that a plan would still propose now, over what the PSA holds after writing."""
    wanted = sorted(touched)
    fresh = psa.list_additions(wanted) if wanted else {}
    billing = with_additions(again.billing, fresh)
    baseline = load_baseline(plan.integration, psa.identity(), plan.snapshot)
    left = make_plan(
        plan.integration.slug, again.usage, billing, baseline, load_configuration(plan.integration), plan.today
    )
    return list(left.changes)


def unheld(changes: Iterable[Change], held: Iterable[Slot]) -> list[Change]:
    waiting = set(held)
    return [change for change in changes if change.slot not in waiting]
