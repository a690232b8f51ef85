"""The hand that holds the killer: its process, orders and answers, and the world that the kill tests share."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from django.conf import settings
from django.db import connection

from tests.e2e.world import ADDITION, ADDITIONS, Place, World
from truecount.store.ledger import first_broken, open_intents
from truecount.store.models import Managed, Plan

WRITES = ({"route": ADDITIONS, "method": "POST"}, {"route": ADDITION, "method": "PATCH"})
ONCE_MORE = ("sync", "approve", "apply")

Ended = dict[str, Any]


@dataclass(kw_only=True)
class Killer:
    """Runs verbs in processes of their own, which may not survive it."""

    process: subprocess.Popen[str]
    busy: int = 0
    alive: set[int] = field(default_factory=set)

    def start(self, *verbs: str, plan: Plan | None = None, point: str = "", nth: int = 1) -> int:
        order = {"do": "start", "verbs": verbs, "plan": plan.pk if plan else None, "point": point, "nth": nth}
        pid: int = self._told(order | {"offset": settings.TRUECOUNT_CLOCK_OFFSET})["pid"]
        self.alive.add(pid)
        return pid

    def wait(self, pid: int) -> Ended:
        """How it ended: told by itself, killed, or stopped (and then it may go on)."""
        ended = self._told({"do": "wait", "pid": pid})
        assert "died" not in ended, ended
        if "stopped" not in ended:
            self.alive.discard(pid)
        return ended

    def go(self, *verbs: str, plan: Plan | None = None, point: str = "", nth: int = 1) -> Ended:
        """Start and wait; once more where the database had not yet noticed that the last process is dead."""
        for _ in range(20):
            ended = self.wait(self.start(*verbs, plan=plan, point=point, nth=nth))
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


@contextmanager
def killer(home: str, certificate: str) -> Iterator[Killer]:
    """On this test's own database, with its key."""
    database = connection.settings_dict
    address = f"postgresql://{database['USER']}@/{database['NAME']}?host={database['HOST']}"
    environment = os.environ | {
        "TRUECOUNT_HOME": home,
        "TRUECOUNT_DATABASE_URL": address,
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
    """A world in which creates, take-overs, updates, zeros and a moved mapping are due: about a dozen writes.

    Something is managed already; then usage changes, and more is mapped.
    """
    usual = ("CDE-MSP", "CEMA-MSP", "CW7-SUP-MSP", "AP6-840-SUP-MSP")
    world.policy(least_lines="1000000", slot_factor="1000")
    world.map_all(products=usual)
    assert world.synchronise().converged
    for row in world.report():
        if row["productCode"] == "CDE-MSP":
            world.vendor.change("usage", row["id"], billableQuantity=row["billableQuantity"] + 1)
    homes = world.homes()
    for row in world.report():
        if row["productCode"] in ("CEMA-MSP", "CW7-SUP-MSP") and row["accountId"] != homes[0][0]:
            world.vendor.remove("usage", row["id"])
    for customer, _, _ in homes:
        world.vendor.add("usage", productCode="CMA-MSP", accountId=customer, billableQuantity=3, actualQuantity=3)
    world.map_all()
    world.map_product("AP6-840-SUP-MSP", world.items()["AP6-840-SUP-MSP"] + 16)
    plan = world.planned()
    world.approve(plan)
    world.psa.forget_requests()
    return plan


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


def at_most_once(world: World, managed_before: dict[Place, int] | None = None) -> None:
    """Wherever it was cut off: no place has two lines."""
    doubles = {place: rows for place, rows in world.standing().items() if len(rows) > 1}
    assert doubles == {}


def same_as(world: World, expected: Undisturbed) -> None:
    """The end of it: one line per place, the same lines as an undisturbed run left, and a whole ledger."""
    assert world.standing() == expected.standing
    assert len(world.psa.state()["additions"]) == expected.additions
    assert first_broken(world.integration) is None
    assert not open_intents(world.integration).exists()
    lines = {row["id"]: place for place, rows in world.lines().items() for row in rows}
    for row in Managed.objects.filter(integration=world.integration):
        assert lines[row.addition] == (row.agreement, row.item)
    again = world.sync()
    assert again.plan is not None
    assert (again.state, again.converged, again.plan.changes.count()) == ("done", True, 0)
    assert not again.plan.holds.exists()
