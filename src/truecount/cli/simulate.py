"""`truecount simulate`: the simulators alone, as a process of their own."""

from __future__ import annotations

import os
import sys

import click


@click.command()
@click.option("--connectwise-port", type=int, default=18080, show_default=True)
@click.option("--connectwise-tls-port", type=int, default=18443, show_default=True)
@click.option("--sophos-port", type=int, default=18081, show_default=True)
@click.option("--seed", type=int, default=1, show_default=True)
@click.option("--customers", type=int, default=120, show_default=True)
@click.option("--agreements", type=int, help="Exact number of agreements.")
@click.option("--additions", type=int, help="Exact number of additions.")
@click.option("--now", default="2026-11-26T09:00:00Z", show_default=True, help="Start of the simulated clock.")
@click.option("--latency-ms", type=float, default=0, show_default=True, help="Waited before every answer.")
@click.option("--certificates", metavar="DIR", help="Where the TLS certificate is written.")
def simulate(**given: object) -> None:
    """Run the simulators of Sophos Central and ConnectWise PSA until Ctrl-C. A port of 0 takes a free one."""
    arguments = [f"--{name.replace('_', '-')}={value}" for name, value in given.items() if value is not None]
    sys.stdout.flush()
    os.execv(sys.executable, [sys.executable, "-m", "truecount.simulator", *arguments])  # noqa: S606  # our own module
