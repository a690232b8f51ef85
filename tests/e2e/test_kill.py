"""Exactly once: processes killed, stopped and cut off at every write leave what an undisturbed run leaves."""

from __future__ import annotations

import os
import random
import signal
import time

import pytest
from django.db import connection

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
from tests.e2e.world import ADDITION, ADDITIONS
from truecount.runs import clock
from truecount.runs.approve import tick
from truecount.runs.flow import exit_status

POINTS = ("before", "after", "during")


# --- kill -9 --------------------------------------------------------------------------------------


def test_killed_before_and_after_every_write(stage: Stage) -> None:
    """The same plan is applied again after each kill."""
    for row in one_by_one(stage):
        for point in ("before", "after"):
            assert stage.hand.go("apply", plan=stage.plan, point=point, write=write_of(row)) == KILLED
        at_most_once(stage.world)
    end = stage.hand.go("apply", plan=stage.plan)
    assert (end["state"], end["converged"]) == ("done", True)
    assert stage.world.psa.writes() == stage.calm.writes
    same_as(stage)


def test_killed_again_and_again_with_a_new_plan_each_time(stage: Stage) -> None:
    """After each kill another process reads everything anew, plans, approves and applies."""
    assert stage.hand.go("apply", plan=stage.plan, point="before") == KILLED
    ended = KILLED
    for kill in range(60):
        ended = stage.hand.go(*ONCE_MORE, point=POINTS[kill % 3], nth=1 + kill % 2)
        at_most_once(stage.world)
        if ended != KILLED:
            break
    assert (ended["state"], ended["converged"]) == ("done", True)
    assert kill > 5
    same_as(stage)


def test_killed_from_outside_at_any_moment(stage: Stage) -> None:
    chance = random.Random(1)
    for _ in range(10):
        pid = stage.hand.start(*ONCE_MORE)
        time.sleep(chance.uniform(0.0, 1.2))
        os.kill(pid, signal.SIGKILL)
        stage.hand.wait(pid)
        at_most_once(stage.world)
    end = stage.hand.go(*ONCE_MORE)
    assert end["state"] == "done"
    same_as(stage)


# --- answers that do not come ---------------------------------------------------------------------


@pytest.mark.parametrize("kind", FAULTS)
def test_every_write_fails_once(stage: Stage, kind: str) -> None:
    stage.world.psa.faults(*at_every_write(stage.plan, kind))
    run = stage.world.apply(stage.plan)
    assert (run.state, run.converged, exit_status(run)) == ("done", True, 0)
    done = kind in ("drop-after-commit", "malformed", "slow")
    assert stage.world.psa.writes() == stage.calm.writes * (1 if done else 2)
    same_as(stage)


def test_writes_that_fail_every_time_are_left_and_done_later(stage: Stage) -> None:
    stage.world.psa.faults({"route": ADDITIONS, "method": "POST", "kind": "500"})
    run = stage.world.apply(stage.plan)
    assert (run.state, run.converged, exit_status(run)) == ("partial", False, 1)
    assert set(stage.plan.changes.values_list("kind", "outcome")) >= {("create", "failed"), ("update", "done")}
    at_most_once(stage.world)
    stage.world.psa.faults()
    rest = stage.world.apply(stage.plan)
    assert (rest.state, rest.converged, exit_status(rest)) == ("done", True, 0)
    same_as(stage)


# --- two at once ----------------------------------------------------------------------------------


def test_a_stopped_process_gives_up_what_another_took_over(stage: Stage) -> None:
    """Stopped between intent and sending for longer than the settle time; meanwhile another does all of it.

    One customer's lines, so that no second thread of it is stopped in the middle of a transaction.
    """
    world, hand, plan = stage.world, stage.hand, stage.plan
    others = [customer for customer, _, _ in world.homes()[1:]]
    tick(plan, others, False, by=world.admin, now=clock.now())
    pid = hand.start("apply", plan=stage.plan, point="stop")
    assert hand.wait(pid) == {"stopped": True}

    second = world.apply(plan)
    assert (second.state, exit_status(second)) == ("refused", 1)
    assert second.error is not None
    assert second.error["code"] == "busy"
    assert second.error["fields"]["where"].endswith(f":{pid}")

    lose_the_lock(world.integration.pk)
    third = world.apply(plan)
    assert (third.state, third.error) == ("partial", None)
    writes, standing = world.psa.writes(), world.standing()
    assert writes == plan.changes.filter(outcome="done").count() > 1

    os.kill(pid, signal.SIGCONT)
    late = hand.wait(pid)
    assert (late["state"], late["error"]) == ("refused", "busy")
    assert (world.psa.writes(), world.standing()) == (writes, standing)
    assert plan.changes.filter(outcome="done").count() == writes

    tick(plan, others, True, by=world.admin, now=clock.now())
    assert world.apply(plan).state == "done"
    same_as(stage)


def lose_the_lock(integration: int) -> None:
    """As when the network between a machine and the database fails: its session ends, the process does not know."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(pg_terminate_backend(pid)) FROM pg_locks WHERE locktype = 'advisory' AND objid = %s",
            [integration],
        )
        assert cursor.fetchone() == (1,)
    time.sleep(0.05)


def test_of_two_processes_one_is_told_to_wait(stage: Stage) -> None:
    slow = {"method": "PATCH", "kind": "slow", "seconds": 0.2}
    stage.world.psa.faults({"route": ADDITION, **slow})
    pids = [stage.hand.start("apply", plan=stage.plan) for _ in range(2)]
    ends = [stage.hand.wait(pid) for pid in pids]
    assert sorted(end["error"] or "" for end in ends) == ["", "busy"]
    assert sorted(end["state"] for end in ends) == ["done", "refused"]
    same_as(stage)
