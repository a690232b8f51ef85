"""Calling commands in this process, on the test database."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from tests.store.rows import NOW
from truecount.cli import main
from truecount.core.roles import Role
from truecount.runs import found
from truecount.store.models import Integration


class HereAndNow:
    """An installation whose database is open already: the tests' own."""

    environment: Any = None

    def set_up(self) -> None: ...

    def open(self) -> None: ...

    def close(self) -> None: ...

    def forget(self, home: Path) -> None: ...

    def default_demo_home(self) -> Path:
        return Path("/nonexistent")

    def child_variables(self) -> Mapping[str, str]:
        return {}

    def spawn(self, arguments: Sequence[str], **options: Any) -> Any:
        raise AssertionError("no process is started here")


@dataclass(frozen=True)
class Answer:
    status: int
    out: str
    err: str

    @property
    def told(self) -> Any:
        """The one JSON object on stdout."""
        assert self.out.count("\n") == 1, self.out
        return json.loads(self.out)


Call = Callable[..., Answer]


@pytest.fixture
def call(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Call:
    def act(*words: str) -> Answer:
        monkeypatch.setattr(sys, "argv", ["truecount", *words])
        status = main.run(HereAndNow())
        told = capsys.readouterr()
        return Answer(status, told.out, told.err)

    return act


@pytest.fixture
def where(db: None) -> Integration:
    """An integration of one partner with an admin."""
    partner = found.create_partner("msp", by=None, now=NOW)
    found.create_user(partner, "admin@msp.example", "long-enough-pass", Role.ADMIN, by=None, now=NOW)
    found.create_user(partner, "viewer@msp.example", "long-enough-pass", Role.VIEWER, by=None, now=NOW)
    return found.create_integration(partner, "acme", by=None, now=NOW)
