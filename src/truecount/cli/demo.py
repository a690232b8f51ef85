"""`truecount demo`: both simulators and the whole product on this machine, from nothing to an empty second plan."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import time
import urllib.error
import urllib.request
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import click

from truecount.cli.children import stop, watch

_MARK = "truecount-demo"
_PASSWORD = "demo-demo-demo"  # noqa: S105  # printed on purpose; the demonstration's data is made up
_PEOPLE = ("viewer", "operator", "approver", "admin")


@click.command()
@click.option("--home", type=click.Path(path_type=Path), metavar="DIR", help="Emptied at each start.")
@click.option("--port", type=int, default=8400, show_default=True)
@click.option("--connectwise-port", type=int, default=18080, show_default=True)
@click.option("--sophos-port", type=int, default=18081, show_default=True)
@click.option("--customers", type=int, default=120, show_default=True)
@click.option("--seed", type=int, default=1, show_default=True)
@click.option("--now", default="2026-11-26T09:00:00Z", show_default=True, help="Start of the simulated clock.")
@click.option("--exit", "exit_after", is_flag=True, help="Stop after the run instead of serving the pages.")
@click.pass_obj
def demo(
    installation: Any,
    home: Path | None,
    port: int,
    connectwise_port: int,
    sophos_port: int,
    customers: int,
    seed: int,
    now: str,
    exit_after: bool,
) -> None:
    """Show the whole product on made-up data: one run, and that a second one finds nothing to do."""
    home = (home or installation.default_demo_home()).absolute()
    _empty(installation, home)
    started = datetime.now(UTC)
    simulators, addresses = _start_simulators(connectwise_port, sophos_port, customers, seed, now)
    children = [simulators]
    try:
        _set_clock(home, now, started)
        installation.set_up()
        installation.open()
        from truecount.cli import show_demo  # needs the set-up before it
        from truecount.cli.serve import start_children  # the same

        told = show_demo.prepare(addresses, _PEOPLE, _PASSWORD)
        children += start_children(installation, "127.0.0.1", port, stderr=subprocess.DEVNULL if exit_after else None)
        show_demo.run_once()
        told["web"] = f"http://127.0.0.1:{port}"
        _await(f"{told['web']}/", children)
        (home / "demo.json").write_text(json.dumps(told | addresses, indent=1))
        show_demo.say_where(told["web"], _PEOPLE, _PASSWORD, home)
        status = 0 if exit_after else watch(children)
    finally:
        stop(children)
    raise click.exceptions.Exit(status)


def _empty(installation: Any, home: Path) -> None:
    """Start from nothing; a folder that is not a demonstration's is left alone."""
    if home.exists() and any(home.iterdir()):
        if not (home / _MARK).exists():
            raise click.UsageError(f"{home} holds something that is not a demonstration; name another folder.")
        installation.forget(home)
        shutil.rmtree(home)
    home.mkdir(mode=0o711, parents=True, exist_ok=True)
    (home / _MARK).write_text("A demonstration of Truecount; emptied at each start.\n")
    os.environ["TRUECOUNT_HOME"] = str(home)
    for name in ("TRUECOUNT_DATABASE_URL", "TRUECOUNT_NOW"):
        os.environ.pop(name, None)


def _set_clock(home: Path, now: str, started: datetime) -> None:
    """The home's clock is the simulators': every command that uses this home reads it from here."""
    offset = (datetime.fromisoformat(now) - started).total_seconds()
    (home / "clock.json").write_text(json.dumps({"offset": offset}))


def _start_simulators(
    connectwise_port: int, sophos_port: int, customers: int, seed: int, now: str
) -> tuple[subprocess.Popen[str], dict[str, str]]:
    command = [
        sys.executable,
        "-m",
        "truecount.simulator",
        f"--connectwise-port={connectwise_port}",
        "--connectwise-tls-port=0",
        f"--sophos-port={sophos_port}",
        f"--customers={customers}",
        f"--seed={seed}",
        f"--now={now}",
    ]
    simulators = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    assert simulators.stdout is not None
    line = simulators.stdout.readline()
    if not line.startswith("ready "):
        simulators.kill()
        raise click.ClickException("The simulators did not start; are their ports free?")
    words = dict(word.split("=", 1) for word in line.split()[1:])
    return simulators, {"connectwise": words["connectwise"], "sophos": words["sophos"]}


def _await(address: str, children: list[subprocess.Popen[str]]) -> None:
    """Until the pages answer."""
    for _ in range(300):
        try:
            with urllib.request.urlopen(address, timeout=2):  # noqa: S310  # our own loopback address
                return
        except (urllib.error.URLError, OSError):
            if any(child.poll() is not None for child in children):
                break
            time.sleep(0.1)
    raise click.ClickException(f"The pages at {address} did not answer; is the port free?")
