"""How long a plan takes and what it holds in memory, beside a plain per-customer script that does the same sums.

python -m benchmarks.plan [--customers 10000] [--products 30]
"""

from __future__ import annotations

import argparse
import gc
import sys
import time
import tracemalloc
from collections.abc import Callable
from decimal import Decimal
from typing import TypeVar

from benchmarks.worlds import PERIOD, TODAY, World, bundled_and_split, make, nothing_standing, some_changed
from truecount.core.model import UsageLine
from truecount.core.plan import Plan, make_plan

SECONDS, MEGABYTES = 5.0, 500.0
DEEP_SECONDS, DEEP_MEGABYTES = 6.0, 600.0
"""Limits at 10,000 customers with 30 products; the second ones with bundles and splits."""
ROUNDS = 2

T = TypeVar("T")
Row = tuple[str, int, int, Decimal, Decimal]


def planned(world: World) -> Plan:
    return make_plan("bench", world.usage, world.billing, world.baseline, world.configuration, TODAY)


def plain_script(world: World) -> list[Row]:
    """What a script for one customer does, run for all of them: add up, look for the line, note the difference.

    No switches, holds, findings, splits, money or digest: the least that gives the same quantities.
    """
    items = {code: mapping.item for mapping in world.configuration.product_mappings for code in mapping.codes}
    lines: dict[str | None, list[UsageLine]] = {}
    for line in world.usage.lines:
        lines.setdefault(line.customer, []).append(line)
    rows: list[Row] = []
    for customer in world.usage.customers:
        agreement = world.configuration.customer_mappings[customer.id].shares[0].agreement
        wanted: dict[int, Decimal] = {}
        for line in lines.get(customer.id, ()):
            item = items[line.code]
            wanted[item] = wanted.get(item, Decimal(0)) + (line.billable or Decimal(0))
        standing = {one.item: one for one in world.billing.additions[agreement] if one.cancelled is None}
        for item, amount in wanted.items():
            line_there = standing.get(item)
            if line_there is None:
                rows.append(("create", agreement, item, Decimal(0), amount))
            elif line_there.quantity != amount:
                rows.append(("update", agreement, item, line_there.quantity, amount))
    return rows


def timed(work: Callable[[World], T], world: World, rounds: int = ROUNDS) -> tuple[float, T]:
    """Processor time of the best of some rounds, and what came of it: what is left is the work, not the neighbours."""
    best = float("inf")
    kept: list[T] = []
    for _ in range(rounds):
        kept.clear()
        gc.collect()
        start = time.process_time()
        kept.append(work(world))
        best = min(best, time.process_time() - start)
    return best, kept[0]


def megabytes(work: Callable[[World], object], world: World) -> float:
    """The peak above the inputs, the result included; a pass of its own, because counting slows everything down."""
    gc.collect()
    tracemalloc.start()
    try:
        kept = work(world)
        peak = tracemalloc.get_traced_memory()[1]
        del kept
    finally:
        tracemalloc.stop()
    return peak / 1e6


def same_sums(plan: Plan, rows: list[Row]) -> bool:
    ours = [(str(change.kind), *change.slot, change.before, change.after) for change in plan.changes]
    return sorted(ours) == sorted(rows)


def deep(world: World) -> bool:
    """One line for bundles, splits and exceptions, which no script of a few lines does; whether it is in time."""
    took, plan = timed(planned, world)
    changes = len(plan.changes)
    del plan
    peak = megabytes(planned, world)
    print(f"{'bundles and splits':20} {changes:8} {took:8.2f} {peak:9.1f} {'–':>8} {'–':>6}")
    return took <= DEEP_SECONDS and peak <= DEEP_MEGABYTES


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.plan", description=__doc__.splitlines()[0])
    parser.add_argument("--customers", type=int, default=10_000)
    parser.add_argument("--products", type=int, default=30)
    chosen = parser.parse_args(arguments)

    unchanged = make(chosen.customers, chosen.products)
    worlds: dict[str, Callable[[World], World]] = {
        "all unchanged": lambda world: world,
        "everything created": nothing_standing,
        "10 % updated": lambda world: some_changed(world, 10),
    }
    print(f"{chosen.customers} customers × {chosen.products} products, {len(unchanged.usage.lines)} lines, {PERIOD}")
    print(f"{'':20} {'changes':>8} {'seconds':>8} {'MB above':>9} {'plain s':>8} {'ratio':>6}")
    met = True
    for name, changed in worlds.items():
        world = changed(unchanged)
        (took, plan), (plain, rows) = timed(planned, world), timed(plain_script, world)
        assert same_sums(plan, rows), f"{name}: the plan and the plain script differ"
        changes = len(plan.changes)
        del plan, rows
        peak = megabytes(planned, world)
        met = met and took <= SECONDS and peak <= MEGABYTES
        print(f"{name:20} {changes:8} {took:8.2f} {peak:9.1f} {plain:8.2f} {took / plain:6.1f}")
    met = deep(bundled_and_split(unchanged)) and met
    print(
        f"limits at 10000 × 30: {SECONDS:.0f} s and {MEGABYTES:.0f} MB above the inputs, with bundles and splits "
        f"{DEEP_SECONDS:.0f} s and {DEEP_MEGABYTES:.0f} MB: {'met' if met else 'NOT met'}"
    )
    return 0 if met else 1


if __name__ == "__main__":
    sys.exit(main())
