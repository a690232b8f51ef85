"""The hand that holds the killer: its process, orders and answers, and the world that the kill tests share."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db import connection

from tests.e2e.world import Place, Row, World
from truecount.runs import clock
from truecount.runs.approve import tick
from truecount.store.ledger import first_broken, open_intents
from truecount.store.models import Managed, Plan, PlanChange

ONCE_MORE = ("sync", "approve", "apply")
"""Going on with a new plan instead of the one that was cut off."""

KILLED: dict[str, Any] = {"killed": signal.SIGKILL}
FAULTS = ("drop-after-commit", "drop-before-commit", "timeout", "500", "malformed", "slow")

Ended = dict[str, Any]
Write = tuple[str, int, int]
"""POST, agreement, item; or PATCH, agreement, addition."""


@dataclass(kw_only=True)
class Killer:
    """Runs verbs in processes of their own, which may not survive it."""

    process: subprocess.Popen[str]
    busy: int = 0
    alive: set[int] = field(default_factory=set)

    def start(
        self, *verbs: str, plan: Plan | None = None, point: str = "", nth: int = 1, write: Write | None = None
    ) -> int:
        order: dict[str, Any] = {"do": "start", "verbs": verbs, "plan": plan.pk if plan else None}
        order |= {"point": point, "nth": nth, "write": write, "offset": settings.TRUECOUNT_CLOCK_OFFSET}
        pid: int = self._told(order)["pid"]
        self.alive.add(pid)
        return pid

    def wait(self, pid: int) -> Ended:
        """How it ended: told by itself, killed, or stopped (and then it may go on)."""
        ended: Ended = self._told({"do": "wait", "pid": pid})
        if "stopped" not in ended:
            self.alive.discard(pid)
        assert "died" not in ended, ended
        return ended

    def go(self, *verbs: str, **how: Any) -> Ended:
        """Start and wait; once more where the database had not yet noticed that the last process is dead."""
        for _ in range(20):
            ended = self.wait(self.start(*verbs, **how))
            if ended.get("error") != "busy":
                return ended
            self.busy += 1
        raise AssertionError("the lock of a dead process stays")

    def _told(self, order: Mapping[str, Any]) -> Any:
        assert self.process.stdin is not None
        assert self.process.stdout is not None
        self.process.stdin.write(json.dumps(order) + "\n")
        self.process.stdin.flush()
        return json.loads(self.process.stdout.readline())


def address() -> str:
    """Of this test's own database, for processes of their own."""
    database = connection.settings_dict
    return f"postgresql://{database['USER']}@/{database['NAME']}?host={database['HOST']}"


@contextmanager
def killer(home: Path, certificate: str) -> Iterator[Killer]:
    """On this test's own database, with its key."""
    environment = os.environ | {
        "TRUECOUNT_HOME": str(home),
        "TRUECOUNT_DATABASE_URL": address(),
        "TRUECOUNT_SECRET_KEY": settings.TRUECOUNT_SECRET_KEY,
        "SSL_CERT_FILE": certificate,
    }
    command = [sys.executable, "-m", "tests.e2e.killer"]
    pipe = subprocess.PIPE
    with subprocess.Popen(command, stdin=pipe, stdout=pipe, env=environment, text=True) as process:
        hand = Killer(process=process)
        try:
            yield hand
        finally:
            for pid in hand.alive:
                os.kill(pid, signal.SIGKILL)
            assert process.stdin is not None
            process.stdin.close()


def make_work(world: World) -> Plan:
    """A world in which creates, take-overs, updates, zeros and a moved mapping are due; the plan is approved.

    Something is managed already; then usage changes, and more is mapped.
    """
    world.policy(least_lines="1000000", slot_factor="1000")
    usual = ("CDE-MSP", "CEMA-MSP", "CW7-SUP-MSP", "AP6-840-SUP-MSP")
    items = {code for code in world.items() if code.endswith("-MSP")}
    users = Counter(row["productCode"] for row in world.report())
    rarest = min((number, code) for code, number in users.items() if code in items and code not in usual)[1]
    world.map_all(products=usual)
    assert world.synchronise().converged
    homes = world.homes()
    for row in world.report():
        if row["productCode"] == "CDE-MSP":
            world.vendor.change("usage", row["id"], billableQuantity=row["billableQuantity"] + 1)
        if row["productCode"] in ("CEMA-MSP", "CW7-SUP-MSP") and row["accountId"] != homes[0][0]:
            world.vendor.remove("usage", row["id"])
    for customer, _, _ in homes:
        world.vendor.add("usage", productCode=rarest, accountId=customer, billableQuantity=3, actualQuantity=3)
    world.map_all()
    if "AP6-840-SUP-MSP" in world.items():
        world.map_product("AP6-840-SUP-MSP", world.free_item())
    plan = world.planned()
    world.approve(plan)
    world.psa.forget_requests()
    return plan


def due(plan: Plan) -> list[PlanChange]:
    """What is still to be sent, in the order in which it is: what must wait for another line comes last."""
    rows = [row for row in plan.changes.exclude(outcome="done") if (row.kind, row.before) != ("adopt", row.after)]
    moved = {code for row in rows if row.kind == "zero" for code in row.codes}
    return sorted(rows, key=lambda row: row.kind == "create" and not moved.isdisjoint(row.codes))


def write_of(row: PlanChange) -> Write:
    if row.addition is None:
        return "POST", row.agreement, row.item
    return "PATCH", row.agreement, row.addition


def one_by_one(stage: Stage) -> Iterator[PlanChange]:
    """Every write that is due, each with the customers of its line alone ticked, so that no other thread is quicker."""
    everybody = [customer for customer, _, _ in stage.world.homes()]
    for row in due(stage.plan):
        for customers, ticked in ((everybody, False), (row.customers, True)):
            tick(stage.plan, customers, ticked, by=stage.world.admin, now=clock.now())
        yield row
    tick(stage.plan, everybody, True, by=stage.world.admin, now=clock.now())


def at_every_write(plan: Plan, kind: str, seconds: float = 0.4) -> list[Row]:
    """Rules by which the first sending of every write of the plan fails, and the second does not."""
    rules: list[Row] = []
    created: Counter[int] = Counter()
    for row in due(plan):
        method, agreement, _ = write = write_of(row)
        if method == "POST":
            path, nth = f"/finance/agreements/{agreement}/additions", 1 + 2 * created[agreement]
            created[agreement] += 1
        else:
            path, nth = f"/finance/agreements/{agreement}/additions/{write[2]}", 1
        rules.append({"route": path, "method": method, "kind": kind, "nth": nth, "seconds": seconds})
    return rules


@dataclass(frozen=True, kw_only=True)
class Undisturbed:
    """What the world is like after a run that nothing happened to."""

    standing: dict[Place, list[str]]
    additions: int
    writes: int


def undisturbed(world: World) -> Undisturbed:
    plan = make_work(world)
    done = world.apply(plan)
    assert (done.state, done.converged) == ("done", True)
    return Undisturbed(
        standing=world.standing(), additions=len(world.psa.state()["additions"]), writes=world.psa.writes()
    )


@dataclass(frozen=True, kw_only=True)
class Stage:
    """A world with an approved plan, the hand that kills, and what is to come out of it."""

    world: World
    plan: Plan
    hand: Killer
    calm: Undisturbed


def at_most_once(world: World) -> None:
    """Wherever it was cut off: no place has two lines."""
    assert {place: rows for place, rows in world.standing().items() if len(rows) > 1} == {}


def same_as(stage: Stage) -> None:
    """The end of it: the lines that an undisturbed run left, a whole ledger, nothing open, nothing left to do."""
    world = stage.world
    assert world.standing() == stage.calm.standing
    assert len(world.psa.state()["additions"]) == stage.calm.additions
    assert first_broken(world.integration) is None
    assert not open_intents(world.integration).exists()
    lines = {row["id"]: place for place, rows in world.lines().items() for row in rows}
    for row in Managed.objects.filter(integration=world.integration):
        assert lines[row.addition] == (row.agreement, row.item)
    again = world.sync()
    assert again.plan is not None
    assert (again.state, again.converged, again.plan.changes.count()) == ("done", True, 0)
    assert not again.plan.holds.exists()
