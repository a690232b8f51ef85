"""What bad input gets: one clear sentence with the cure, the right exit status, nothing written, nothing lost."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings

from tests.e2e.between import Between, between
from tests.e2e.killing import address
from tests.e2e.world import GUID, World
from truecount.connectors import kinds
from truecount.runs import advice, clock, found
from truecount.runs.flow import exit_status
from truecount.runs.remote import Doors
from truecount.store.models import Connection, Plan, RawAnswer, Run, Snapshot

HTML = b"<html><body>Sign in to the hotel's network</body></html>"


@dataclass(frozen=True, kw_only=True)
class Said:
    status: int
    out: str
    err: str

    @property
    def error(self) -> dict[str, str]:
        """The one JSON object on stdout holds it."""
        told: dict[str, str] = json.loads(self.out)["error"]
        return told


@dataclass(frozen=True, kw_only=True)
class Shell:
    """The real command, as a process of its own on this test's database."""

    home: Path
    certificate: str

    def __call__(self, *words: str, typed: str = "", **environment: str) -> Said:
        variables = os.environ | {
            "TRUECOUNT_HOME": str(self.home),
            "TRUECOUNT_DATABASE_URL": address(),
            "TRUECOUNT_SECRET_KEY": settings.TRUECOUNT_SECRET_KEY,
            "TRUECOUNT_NOW": clock.now().isoformat(),
            "SSL_CERT_FILE": self.certificate,
        }
        command = [sys.executable, "-m", "truecount.conf.entry", *words]
        done = subprocess.run(
            command, input=typed, capture_output=True, text=True, env=variables | environment, timeout=60, check=False
        )
        return Said(status=done.returncode, out=done.stdout, err=done.stderr)


@pytest.fixture
def truecount(world: World, tmp_path: Path) -> Shell:
    return Shell(home=tmp_path, certificate=world.simulators.certificate)


@pytest.fixture
def ready(world: World) -> Iterator[World]:
    """There would be four lines to write; afterwards nothing was, and then all of it can be."""
    rows = [row for row in world.report() if row["productCode"] == "CDE-MSP"]
    for row in rows:
        world.vendor.change("usage", row["id"], billableQuantity=row["billableQuantity"] + 1)
    before = world.standing()
    snapshots = Snapshot.objects.count()
    yield world
    assert world.standing() == before
    assert Snapshot.objects.count() == snapshots
    world.psa.faults()
    world.vendor.faults()
    world.simulators.connectwise.switch(permissions={"agreements": "IAED"})
    assert world.synchronise().outcomes["done"] == 4


@contextmanager
def through(world: World, side: str) -> Iterator[Between]:
    """The connection leads through a server that a test can tell what to change."""
    row = Connection.objects.get(integration=world.integration, side=side)
    direct = dict(row.fields)
    with between((world.vendor if side == "vendor" else world.psa).base) as rules:
        names = ("auth_url", "api_url") if side == "vendor" else ("url",)
        row.fields = {**direct, **dict.fromkeys(names, rules.base)}
        row.save()
        yield rules
    row.fields = direct
    row.save()


def sentence(run: Run) -> str:
    assert run.error is not None
    text = advice.error_text(run.error["code"], run.error["fields"])
    return f"{text.sentence} {text.advice}"


def once() -> Doors:
    """Connectors that ask once: waiting for a host that is not there is tested with the connectors."""

    def opened(open_one: Any) -> Any:
        return lambda *given, **named: open_one(*given, **{**named, "settings": replace(named["settings"], tries=1)})

    return Doors(source=opened(kinds.open_source), psa=opened(kinds.open_psa))


def test_tmp(ready: World, truecount: Shell):
    w = ready
    def p(*a, **k):
        s = truecount(*a, **k); print(a, s.status, s.out.strip(), "|", s.err.strip()[-400:])
    p("connect","sophos","--auth-url",w.vendor.base,"--api-url",w.vendor.base,"--client-id","sim","--json",typed="wrong\n")
    p("connect","sophos","--auth-url",w.vendor.base,"--api-url",w.vendor.base,"--client-id","sim",typed="wrong\n")
    p("connect","connectwise","--url",w.psa.base,"--company","sim","--public-key","pub","--client-id",GUID,"--json",typed="wrong\n")
    p("sync","--period","2026-13","--json")
    p("sync","--period","2026-13")
    p("sync","--period","2026-10","--source","live", "--json")
    p("sync","--json", TRUECOUNT_SECRET_KEY="another key that is long enough")
    p("sync", TRUECOUNT_SECRET_KEY="another key that is long enough")
    p("apply","--plan","999","--json")
    w.simulators.connectwise.switch(permissions={"agreements": "I"})
    p("connect","connectwise","--url",w.psa.base,"--company","sim","--public-key","pub","--client-id",GUID,"--json",typed="priv\n")
    p("connect","connectwise","--url",w.psa.base,"--company","sim","--public-key","pub","--client-id",GUID,typed="priv\n")
    for side in ("vendor","psa"):
        with through(w, side) as b:
            b.to("", lambda s,k,body: (200,"text/html",HTML))
            p("sync","--json"); p("sync")
    def text(s,k,body):
        v=json.loads(body); v["items"][0]["billableQuantity"]="many"; return s,k,json.dumps(v).encode()
    with through(w, "vendor") as b:
        b.to("/billing/usage", text)
        p("sync")
    for side in ("vendor","psa"):
        c=Connection.objects.get(integration=w.integration, side=side); f=dict(c.fields)
        for n in f:
            if n.endswith("url"): c.fields[n]="http://127.0.0.1:9"
        c.save()
        r=w.sync(doors=once()); print(r.state, exit_status(r), sentence(r))
        c.fields=f; c.save()
