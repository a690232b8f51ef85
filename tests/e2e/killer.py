"""`python -m tests.e2e.killer`: does runs in processes that kill or stop themselves at a write, as it is told on stdin.

One order a line, one answer a line, all of them JSON. Each run is done by a child of its own, forked from this process,
which has Django ready and no connection open; so a `kill -9` costs milliseconds and is as real as any.
"""

from __future__ import annotations

import importlib
import json
import os
import signal
import sys
import threading
import time
import traceback
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial
from typing import Any

import django

from truecount.core.model import Addition
from truecount.core.ports import AdditionEdit, NewAddition

POINTS = ("before", "during", "after", "stop")
"""Between intent and sending; while it is sent or answered; answered, but not recorded; stopped before sending."""
DURING = 0.04


@dataclass(kw_only=True)
class Fate:
    """What befalls this process at its nth write, or at the write that is named."""

    point: str = ""
    nth: int = 0
    write: tuple[str, int, int] | None = None
    writes: int = 0
    lock: threading.Lock = field(default_factory=threading.Lock)

    def comes(self, write: tuple[str, int, int]) -> bool:
        if self.write is not None:
            return write == self.write
        with self.lock:
            self.writes += 1
            return self.writes == self.nth


class Doomed:
    """A `Psa` that passes everything on, and at the nth write the process meets its fate."""

    def __init__(self, psa: Any, fate: Fate) -> None:
        self._psa = psa
        self._fate = fate

    def __getattr__(self, name: str) -> Any:
        return getattr(self._psa, name)

    def create_addition(self, new: NewAddition, *, deadline: float) -> Addition:
        send = partial(self._psa.create_addition, new, deadline=deadline)
        return self._write(("POST", new.agreement, new.item), send)

    def update_addition(self, agreement: int, addition: int, edit: AdditionEdit, *, deadline: float) -> Addition:
        send = partial(self._psa.update_addition, agreement, addition, edit, deadline=deadline)
        return self._write(("PATCH", agreement, addition), send)

    def _write(self, write: tuple[str, int, int], send: Callable[[], Addition]) -> Addition:
        if not self._fate.comes(write):
            return send()
        match self._fate.point:
            case "before":
                _end(signal.SIGKILL)
            case "during":
                threading.Thread(target=_end_soon, daemon=True).start()
            case "stop":
                _end(signal.SIGSTOP)
        answer = send()
        if self._fate.point == "after":
            _end(signal.SIGKILL)
        return answer


def _end(number: int) -> None:
    os.kill(os.getpid(), number)
    time.sleep(60 if number == signal.SIGKILL else 0.05)  # until it has struck; a signal takes its time


def _end_soon() -> None:
    time.sleep(DURING)
    _end(signal.SIGKILL)


def do(order: dict[str, Any]) -> dict[str, Any]:
    """The verbs, one after the other as a person would call them; how the last one ended."""
    from django.conf import settings

    from tests.e2e.world import Office
    from truecount.connectors import kinds
    from truecount.runs.remote import Doors
    from truecount.store.models import Integration, Plan, User

    settings.TRUECOUNT_CLOCK_OFFSET = order["offset"]
    write = tuple(order["write"]) if order.get("write") else None
    fate = Fate(point=order["point"], nth=order["nth"], write=write)
    doors = Doors(psa=lambda *given, **named: Doomed(kinds.open_psa(*given, **named), fate))
    where = Integration.objects.select_related("partner").get()
    office = Office(integration=where, admin=User.objects.get(), doors=doors)
    plan = Plan.objects.get(pk=order["plan"]) if order.get("plan") else None
    run = None
    for verb in order["verbs"]:
        if verb == "approve":
            assert plan is not None
            if not plan.changes.exists():
                break
            office.release(plan)
            office.approve(plan)
            continue
        run = office.apply(plan) if verb == "apply" and plan is not None else office.run(verb)
        if run.error:
            break
        plan = run.plan
    assert run is not None
    error = run.error["code"] if run.error else None
    return {"state": run.state, "error": error, "converged": run.converged, "outcomes": run.outcomes}


def _child(order: dict[str, Any], pipe: int) -> None:
    """Never returns: what a fork shares with its parent is not to be cleaned up twice."""
    status = 1
    try:
        os.write(pipe, json.dumps(do(order)).encode())
        status = 0
    finally:
        if status:
            traceback.print_exc()
        sys.stderr.flush()
        os._exit(status)


def main() -> None:
    django.setup()
    importlib.import_module("tests.e2e.world")  # once here, not in every child
    pipes: dict[int, int] = {}
    for line in sys.stdin:
        order = json.loads(line)
        match order["do"]:
            case "start":
                read, write = os.pipe()
                pid = os.fork()
                if not pid:
                    _child(order, write)
                os.close(write)
                pipes[pid] = read
                answer: dict[str, Any] = {"pid": pid}
            case "wait":
                answer = _wait(order["pid"], pipes)
            case _:
                raise ValueError(line)
        sys.stdout.write(json.dumps(answer) + "\n")
        sys.stdout.flush()


def _wait(pid: int, pipes: dict[int, int]) -> dict[str, Any]:
    _, status = os.waitpid(pid, os.WUNTRACED)
    if os.WIFSTOPPED(status):
        return {"stopped": True}
    with os.fdopen(pipes.pop(pid), "rb") as pipe:
        told = pipe.read()
    if os.WIFSIGNALED(status):
        return {"killed": os.WTERMSIG(status)}
    return json.loads(told) if told else {"died": os.WEXITSTATUS(status)}


if __name__ == "__main__":
    main()
