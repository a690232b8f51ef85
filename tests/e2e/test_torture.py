"""The kill test over twelve customers: every point, every fault, several worlds. `make torture`; it takes minutes."""

from __future__ import annotations

import os
import random
import signal
import time
from collections.abc import Iterator

import pytest

from tests.e2e.killing import (
    FAULTS,
    KILLED,
    ONCE_MORE,
    Stage,
    at_every_write,
    at_most_once,
    one_by_one,
    same_as,
    write_of,
)
from tests.e2e.world import ADDITION, ADDITIONS, Simulators, simulators_of

pytestmark = pytest.mark.torture


@pytest.fixture(scope="module", params=[1, 2, 3])
def simulators(request: pytest.FixtureRequest) -> Iterator[Simulators]:
    with simulators_of(customers=12, seed=request.param) as running:
        yield running


@pytest.mark.parametrize("point", ["before", "during", "after"])
def test_killed_at_every_write(stage: Stage, point: str) -> None:
    """The same plan goes on after each kill. A pause before every answer lets "during" strike before it comes."""
    if point == "during":
        stage.world.psa.faults(
            {"route": ADDITIONS, "method": "POST", "kind": "slow", "seconds": 0.15},
            {"route": ADDITION, "method": "PATCH", "kind": "slow", "seconds": 0.15},
        )
    for row in one_by_one(stage):
        ended = stage.hand.go("apply", plan=stage.plan, point=point, write=write_of(row))
        assert ended == KILLED
        at_most_once(stage.world)
    stage.world.psa.faults()
    assert stage.hand.go("apply", plan=stage.plan)["state"] == "done"
    same_as(stage)


@pytest.mark.parametrize("seed", [1, 2])
def test_killed_at_random_writes_with_new_plans(stage: Stage, seed: int) -> None:
    chance = random.Random(seed)
    stage.hand.go("apply", plan=stage.plan, point="before", nth=3)
    ended = KILLED
    for _ in range(200):
        point, nth = chance.choice(["before", "during", "after"]), chance.randint(1, 3)
        ended = stage.hand.go(*ONCE_MORE, point=point, nth=nth)
        at_most_once(stage.world)
        if ended != KILLED:
            break
    assert ended["state"] == "done"
    same_as(stage)


@pytest.mark.parametrize("seed", [1, 2])
def test_killed_from_outside_while_answers_fail(stage: Stage, seed: int) -> None:
    """Everything at once: any moment, any fault, the same plan or a new one."""
    chance = random.Random(seed)
    for _ in range(40):
        kinds = chance.sample(FAULTS, k=2)
        stage.world.psa.faults(
            {"route": ADDITIONS, "method": "POST", "kind": kinds[0], "rate": 0.4, "seconds": 0.4},
            {"route": ADDITION, "method": "PATCH", "kind": kinds[1], "rate": 0.4, "seconds": 0.4},
        )
        pid = stage.hand.start(*ONCE_MORE)
        time.sleep(chance.uniform(0.1, 2.0))
        os.kill(pid, signal.SIGKILL)
        stage.hand.wait(pid)
        at_most_once(stage.world)
    stage.world.psa.faults()
    assert stage.hand.go(*ONCE_MORE)["state"] == "done"
    same_as(stage)


@pytest.mark.parametrize("kind", FAULTS)
def test_every_write_fails_once(stage: Stage, kind: str) -> None:
    stage.world.psa.faults(*at_every_write(stage.plan, kind))
    run = stage.world.apply(stage.plan)
    assert (run.state, run.converged) == ("done", True)
    same_as(stage)


@pytest.mark.parametrize("kind", FAULTS)
def test_a_third_of_all_writes_fails(stage: Stage, kind: str) -> None:
    stage.world.psa.faults(
        {"route": ADDITIONS, "method": "POST", "kind": kind, "rate": 0.33, "seconds": 0.4},
        {"route": ADDITION, "method": "PATCH", "kind": kind, "rate": 0.33, "seconds": 0.4},
    )
    run = stage.world.apply(stage.plan)
    for _ in range(20):
        at_most_once(stage.world)
        if run.state == "done":
            break
        run = stage.world.apply(stage.plan)
    assert (run.state, run.converged) == ("done", True)
    stage.world.psa.faults()
    same_as(stage)
