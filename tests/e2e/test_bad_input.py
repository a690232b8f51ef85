"""What bad input gets: one clear sentence with the cure, the right exit status, nothing written, nothing lost."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings

from tests.e2e.between import Between, Change, between
from tests.e2e.killing import address
from tests.e2e.world import GUID, World
from truecount.connectors import kinds
from truecount.runs import advice, clock
from truecount.runs.flow import exit_status
from truecount.runs.remote import Doors
from truecount.store.models import Connection, RawAnswer, Run

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
    yield world
    assert world.standing() == before
    world.psa.faults()
    world.vendor.faults()
    world.psa.switch(permissions={"agreements": "IAED"})
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
    return sentence_of(run.error)


def sentence_of(error: Any) -> str:
    text = advice.error_text(error["code"], error["fields"])
    return f"{text.sentence} {text.advice}"


def once() -> Doors:
    """Connectors that ask once: waiting for a host that is not there is tested with the connectors."""

    def opened(open_one: Any) -> Any:
        return lambda *given, **named: open_one(*given, **{**named, "settings": replace(named["settings"], tries=1)})

    return Doors(source=opened(kinds.open_source), psa=opened(kinds.open_psa))


# --- credentials ----------------------------------------------------------------------------------


def test_a_wrong_secret_is_refused_and_the_right_one_stays(ready: World, truecount: Shell) -> None:
    """Both connections are as they were, and work."""
    vendor, psa = ready.vendor.base, ready.psa.base
    sophos = ("sophos", f"--auth-url={vendor}", f"--api-url={vendor}", "--client-id=sim")
    connectwise = ("connectwise", f"--url={psa}", "--company=sim", "--public-key=pub", f"--client-id={GUID}")
    for words, names in ((sophos, "client ID or its secret"), (connectwise, "private key")):
        said = truecount("connect", *words, "--json", typed="wrong\n")
        assert said.status == 1
        assert said.error["code"] == "wrong_credentials"
        assert names in said.error["message"]
        assert f"truecount connect {words[0]}" in said.error["advice"]
        assert "wrong" not in said.out.replace("wrong_credentials", "")


@pytest.mark.parametrize("side", ["vendor", "psa"])
def test_credentials_refused_in_the_middle_of_things(ready: World, side: str) -> None:
    (ready.vendor if side == "vendor" else ready.psa).faults({"route": "*", "kind": "401"})
    run = ready.sync()
    assert (run.state, exit_status(run), run.plan) == ("refused", 1, None)
    assert "does not accept" in sentence(run)


def test_missing_rights_are_named_one_by_one(ready: World, truecount: Shell) -> None:
    plan = ready.planned()
    ready.approve(plan)
    ready.psa.switch(permissions={"agreements": "I"})
    words = ("connectwise", f"--url={ready.psa.base}", "--company=sim", "--public-key=pub", f"--client-id={GUID}")
    said = truecount("connect", *words, "--json", typed="priv\n")
    assert said.status == 1
    assert json.loads(said.out)["missing"] == ["Finance / Agreements / Add", "Finance / Agreements / Edit"]

    run = ready.apply(plan)
    assert (run.state, exit_status(run), run.outcomes["refused"]) == ("refused", 1, 4)
    told = {sentence_of(row.answer) for row in plan.changes.all()}
    assert len(told) == 1
    assert "lacks the right Finance / Agreements / Edit." in told.pop()

    ready.psa.switch(permissions={"agreements": ""})
    read = ready.sync()
    assert (read.state, exit_status(read), read.plan) == ("refused", 1, None)
    assert "Finance / Agreements / Inquire" in sentence(read)


def test_a_refused_plan_goes_on_once_the_right_is_given(world: World) -> None:
    row = next(row for row in world.report() if row["productCode"] == "CDE-MSP")
    world.vendor.change("usage", row["id"], billableQuantity=row["billableQuantity"] + 1)
    plan = world.planned()
    world.approve(plan)
    world.psa.switch(permissions={"agreements": "I"})
    assert world.apply(plan).state == "refused"
    world.psa.switch(permissions={"agreements": "IAED"})
    run = world.apply(plan)
    assert (run.state, run.converged, exit_status(run)) == ("done", True, 0)


# --- answers --------------------------------------------------------------------------------------


@pytest.mark.parametrize("side", ["vendor", "psa"])
def test_a_host_that_is_not_there(ready: World, side: str) -> None:
    with through(ready, side) as gone:
        pass
    row = Connection.objects.get(integration=ready.integration, side=side)
    direct = dict(row.fields)
    row.fields = {name: gone.base if name.endswith("url") else value for name, value in direct.items()}
    row.save()
    run = ready.sync(doors=once())
    assert (run.state, exit_status(run), run.plan) == ("failed", 1, None)
    assert f"can’t be reached at {gone.base.removeprefix('http://')}" in sentence(run)
    assert "Check the address" in sentence(run)
    row.fields = direct
    row.save()


@pytest.mark.parametrize("side", ["vendor", "psa"])
def test_a_page_of_html_instead_of_json(ready: World, truecount: Shell, side: str) -> None:
    with through(ready, side) as rules:
        rules.to("", lambda *_: (200, "text/html", HTML))
        said = truecount("sync", "--json")
    assert said.status == 1
    system = "Sophos Central" if side == "vendor" else "ConnectWise PSA"
    assert said.error["code"] == "not_understood"
    assert said.error["message"].startswith(f"An answer of {system} was not understood")
    kept = RawAnswer.objects.filter(run=Run.objects.latest("pk"), system=system)
    assert HTML in [zlib.decompress(row.body) for row in kept]


def test_a_quantity_that_is_text(ready: World, truecount: Shell) -> None:
    def worded(status: int, kind: str, body: bytes) -> tuple[int, str, bytes]:
        report = json.loads(body)
        report["items"][3]["billableQuantity"] = "several"
        return status, kind, json.dumps(report).encode()

    with through(ready, "vendor") as rules:
        rules.to("/billing/usage/", worded)
        said = truecount("sync", "--json")
    assert said.status == 1
    assert "billableQuantity" in said.error["message"]
    assert ready.report()[3]["orderLineItemNumber"] in said.error["message"]


# --- reports cut off in mid-paging ----------------------------------------------------------------


def cut(status: int, kind: str, body: bytes) -> tuple[int, str, bytes]:
    return status, kind, body[: len(body) // 2]


def no_more(status: int, kind: str, body: bytes) -> tuple[int, str, bytes]:
    """As if this were the last page."""
    report = json.loads(body)
    report["pages"].pop("nextKey", None)
    return status, kind, json.dumps(report).encode()


def dropped(status: int, kind: str, body: bytes) -> None:
    """No answer, a closed connection."""


@pytest.mark.parametrize(
    ("change", "code"), [(cut, "not_understood"), (no_more, "cut_short"), (dropped, "unreachable")]
)
def test_a_report_cut_off_in_mid_paging(ready: World, change: Change, code: str) -> None:
    with through(ready, "vendor") as rules:
        rules.ask = lambda path: path.replace("pageSize=1000", "pageSize=5")
        rules.to("/billing/usage/", change, nth=2)
        run = ready.sync(doors=once())
        assert len(rules.seen) == 2
    assert run.error is not None
    assert (run.state, exit_status(run), run.error["code"]) == ("failed", 1, code)
    assert run.plan is None
    assert "Sophos Central" in sentence(run)


def test_a_page_that_is_lost_once_is_asked_for_again(world: World) -> None:
    lost = iter([True])

    def once_lost(status: int, kind: str, body: bytes) -> tuple[int, str, bytes] | None:
        return None if next(lost, False) else (status, kind, body)

    with through(world, "vendor") as rules:
        rules.ask = lambda path: path.replace("pageSize=1000", "pageSize=5")
        rules.to("/billing/usage/", once_lost, nth=3)
        run = world.sync()
        assert len(rules.seen) == 5
    assert (run.state, run.converged) == ("done", True)
    assert run.snapshot is not None
    assert run.snapshot.lines == len(world.report())


# --- commands -------------------------------------------------------------------------------------


def test_a_month_that_does_not_exist(ready: World, truecount: Shell) -> None:
    runs = Run.objects.count()
    said = truecount("sync", "--period=2026-13", "--json")
    assert said.status == 2
    assert said.error["code"] == "bad_period"
    assert "2026-13" in said.error["message"]
    assert "2026-11" in said.error["advice"]
    assert truecount("sync", "--period=2026-10", "--source=live", "--json").error["code"] == "live_is_now"
    assert Run.objects.count() == runs


def test_another_secret_key(ready: World, truecount: Shell) -> None:
    said = truecount("sync", "--json", TRUECOUNT_SECRET_KEY="another key, and long enough")
    assert said.status == 1
    assert said.error["code"] == "wrong_key"
    assert "TRUECOUNT_SECRET_KEY" in said.error["advice"]
    told = truecount("sync", TRUECOUNT_SECRET_KEY="another key, and long enough")
    assert told.status == 1
    assert told.out == ""
    assert told.err.strip() == f"{said.error['message']} {said.error['advice']}"


def test_commands_end_as_the_run_did(ready: World, truecount: Shell) -> None:
    """Waiting is 3, wrong use 2, refused 1; and one JSON object says the same."""
    waits = truecount("sync", "--json")
    assert waits.status == 3
    told = json.loads(waits.out)
    assert (told["state"], told["plan"]["update"], told["calls"]["psa"]["write"]) == ("waiting", 4, 0)
    assert truecount("apply", "--json").error["code"] == "plan_not_approved"
    assert truecount("apply", "--plan=999", "--json").status == 2
    empty = truecount("sync", "--period=2027-01", "--json")
    assert (empty.status, json.loads(empty.out)["state"]) == (3, "not_ready")
    assert empty.error["message"]
