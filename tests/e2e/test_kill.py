"""Exactly once: processes killed, stopped and cut off at every write leave what an undisturbed run leaves."""

from __future__ import annotations

import os
import random
import signal
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from django.db import connection

from tests.e2e.killing import (
    ONCE_MORE,
    WRITES,
    Killer,
    Undisturbed,
    at_most_once,
    killer,
    make_work,
    same_as,
    undisturbed,
)
from tests.e2e.world import World
from truecount.runs.flow import exit_status
from truecount.store.models import LedgerEvent, Plan, Run


@pytest.fixture(scope="module")
def expected() -> dict[str, Undisturbed]:
    """Filled by the first test that needs it: all of them have the same world."""
    return {}


@pytest.fixture
def hand(bare: World, tmp_path: Path) -> Iterator[Killer]:
    tmp_path.chmod(0o711)
    with killer(str(tmp_path), bare.simulators.certificate) as hand:
        yield hand


@pytest.fixture
def calm(bare: World, expected: dict[str, Undisturbed]) -> Undisturbed:
    """What is to come out; the world is then put back to its start."""
    if "it" not in expected:
        expected["it"] = undisturbed(bare)
    return expected["it"]


def test_tmp(bare: World, hand: Killer) -> None:
    t = time.time()
    plan = make_work(bare)
    print("make", time.time()-t)
    print([(c.kind, c.agreement, c.item, c.before, c.after) for c in plan.changes.all()], list(plan.holds.values_list("kind",flat=True)))
    n=0
    while True:
        t=time.time()
        e=hand.go("apply", plan=plan, point=("before","during","after")[n%3])
        print(round(time.time()-t,2), e); n+=1
        at_most_once(bare)
        if "killed" not in e: break
    print(n, hand.busy, bare.psa.writes())
    print([(c.kind, c.agreement, c.item, c.outcome, c.answer) for c in plan.changes.all()])
