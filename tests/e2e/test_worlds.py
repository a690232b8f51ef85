"""What stands in the PSA after runs over random worlds is what a slow, separately written calculation says."""

from __future__ import annotations

import random
import subprocess
import sys
from collections.abc import Callable, Iterator
from decimal import Decimal
from typing import Any

import pytest

from tests.e2e.chances import Chances, told
from tests.e2e.world import NOW, Side, Simulators, World, connected, read_once
from tests.reference import final_quantities
from truecount.store.ledger import first_broken
from truecount.store.models import Managed

MONTHS = (str(NOW), str(NOW), "2026-12", "2026-10")
"""Of the second run: the same again, the next one after the invoice, and an older one."""
Start = Callable[[int, int], Simulators]


@pytest.fixture
def start(simulators: Simulators) -> Iterator[Start]:
    """A world by seed and number of customers; it ends when the next one starts."""
    pipe = subprocess.PIPE
    with subprocess.Popen([sys.executable, "-m", "tests.e2e.many"], stdin=pipe, stdout=pipe, text=True) as process:
        opened: list[Side] = []

        def begin(seed: int, customers: int) -> Simulators:
            assert process.stdin is not None
            assert process.stdout is not None
            process.stdin.write(f"{seed} {customers}\n")
            process.stdin.flush()
            where = dict(word.split("=", 1) for word in process.stdout.readline().split()[1:])
            sides = {name: Side(where[name]) for name in ("connectwise", "sophos")}
            opened.extend(sides.values())
            return Simulators(**sides, certificate=simulators.certificate)

        yield begin
        for side in opened:
            side.close()
        assert process.stdin is not None
        process.stdin.close()


@pytest.mark.parametrize("seeds", [range(first, first + 10) for first in range(1, 51, 10)], ids=str)
def test_fifty_worlds(start: Start, seeds: range, transactional_db: None, settings: Any, trusting: None) -> None:
    for seed in seeds:
        dice = random.Random(seed)
        world = connected(start(seed, dice.randint(2, 5)), settings, slug=f"world-{seed}")
        chances = Chances(world=world, dice=dice)
        chances.more_agreements()
        read_once(world)
        chances.decide()
        chances.stir_psa()
        chances.stir_usage(str(NOW))
        as_calculated(world, str(NOW), f"{seed}: first run")
        period = dice.choice(MONTHS)
        if period > str(NOW):
            world.set_clock("2026-12-26T09:00:00Z")
        chances.stir_usage(period)
        chances.stir_lines()
        chances.move_mappings()
        as_calculated(world, period, f"{seed}: second run, {period}")
        forget(world)


def as_calculated(world: World, period: str, where: str) -> None:
    """One whole run, every brake released; then what stands is compared, line by line."""
    plan = world.planned(period=period)
    setup = told(world.integration, period)
    expected = final_quantities(world.vendor.state(), world.psa.state(), setup)
    if plan.state != "empty":
        world.approve(plan)
        run = world.apply(plan)
        assert not run.error, (where, run.error)
        assert sum(run.outcomes.values()) == sum(plan.runs.exclude(pk=run.pk).get().outcomes.values())
    found = {place: sorted(map(Decimal, quantities)) for place, quantities in world.standing().items()}
    different = {
        place: (found.get(place), expected.get(place))
        for place in found.keys() | expected.keys()
        if found.get(place) != expected.get(place)
    }
    assert different == {}, where
    assert first_broken(world.integration) is None


def forget(world: World) -> None:
    """The next world has other ids, but may have the same address."""
    Managed.objects.all().delete()
