"""Ten thousand worlds against the reference that was written apart: bundles, splits, exceptions, agreements by rule and
closed ones, whatever else is odd; and that no name anywhere decides anything."""

from __future__ import annotations

from random import Random

import pytest

from tests.core.builders import applied, quantities
from tests.core.strategies import ODDITIES, Dice, as_records, renamed, world
from tests.core.test_properties import decided
from tests.reference import final_quantities

CASES, ROUNDS = 1_000, 10
ALWAYS = frozenset({"rules", "splits", "overrides", "agreements by rule", "ended agreements", "adopt only"})
"""In every other world at least; what else is odd is drawn."""


@pytest.mark.parametrize("round_", range(ROUNDS))
def test_what_stands_after_a_run_is_what_the_reference_says_in_every_world(round_: int) -> None:
    seen = {"splits": 0, "bundles": 0, "overrides": 0, "by rule": 0, "changes": 0}
    for seed in range(round_ * CASES, (round_ + 1) * CASES):
        random = Random(seed)
        odd = frozenset(random.sample(ODDITIES, random.randint(0, len(ODDITIES)))) | (ALWAYS if seed % 2 else set())
        start = world(Dice(seed, odd), random.randint(1, 12), random.randint(0, 15))
        plan = decided(start)
        assert quantities(applied(start, plan).billing) == final_quantities(*as_records(start)), seed
        assert renamed(start).plan().digest == start.plan().digest, seed
        mappings = start.configuration.customer_mappings.values()
        seen["splits"] += any(len(one.shares) > 1 for one in mappings)
        seen["by rule"] += any(one.by_rule is not None for one in mappings)
        seen["bundles"] += any(len(one.codes) > 1 for one in start.configuration.product_mappings)
        seen["overrides"] += bool(start.configuration.overrides)
        seen["changes"] += bool(plan.changes)
    assert min(seen.values()) > CASES / 4, seen
