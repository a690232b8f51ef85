"""Whole runs over HTTP against the simulators: seconds and calls, beside a plain script that goes customer by customer.

python -m benchmarks.runs [--customers 500] [--agreements 720] [--latency-ms 100]
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
import urllib.request
from base64 import b64encode
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

from truecount.core.model import Share

START = "2026-11-26T09:00:00Z"
CLIENT_ID = "00000000-0000-4000-8000-000000000001"
SURE = 70
NAIVE = 40
"""Customers that the plain script is timed on; it would need minutes for all."""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--customers", type=int, default=500)
    parser.add_argument("--agreements", type=int, default=720)
    parser.add_argument("--latency-ms", type=float, default=100)
    given = parser.parse_args()
    large = measure(given.customers, given.agreements, given.latency_ms)
    small = measure(120, None, 0)
    print_table([large, small])


def print_table(rows: list[dict[str, Any]]) -> None:
    print(f"{'no-change run':<40}{'seconds':>9}{'PSA reads':>11}{'per agreement':>15}{'writes':>8}{'plain script':>16}")
    for row in rows:
        print(
            f"{row['name']:<40}{row['seconds']:>9.2f}{row['reads']:>11}{row['per_agreement']:>15.3f}{row['writes']:>8}"
            f"{row['plain']:>12.1f} s ×{row['plain'] / row['seconds']:.0f}"
        )


def measure(customers: int, agreements: int | None, latency: float) -> dict[str, Any]:
    """Set up a world, apply once, then time a run that finds nothing to do, from collect to verify."""
    with simulators(customers, agreements, latency) as addresses, home():
        where, mapped = set_up(addresses)
        apply_once(where)
        run = one_run(where, "sync")
        assert run.converged, "the second run should have had nothing to do"
        per_customer = plain_script(addresses["connectwise"], min(customers, NAIVE))
        return {
            "name": f"{customers} customers, {mapped} agreements, {latency:g} ms",
            "seconds": run.seconds["total"],
            "reads": run.calls["psa"]["read"],
            "per_agreement": run.calls["psa"]["read"] / mapped,
            "writes": run.calls["psa"]["write"],
            "plain": per_customer * customers,
        }


@contextmanager
def simulators(customers: int, agreements: int | None, latency: float) -> Iterator[dict[str, str]]:
    command = [sys.executable, "-m", "truecount.simulator", f"--customers={customers}", f"--latency-ms={latency}"]
    command += ["--connectwise-port=0", "--connectwise-tls-port=0", "--sophos-port=0", f"--now={START}"]
    command += [f"--agreements={agreements}"] if agreements else []
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    try:
        words = dict(word.split("=", 1) for word in process.stdout.readline().split()[1:])
        yield {"connectwise": words["connectwise"], "sophos": words["sophos"]}
    finally:
        process.terminate()
        process.wait()


@contextmanager
def home() -> Iterator[None]:
    """A database of its own in a temporary folder; Django is set up once per process and told its address."""
    from truecount.conf.database import EmbeddedDatabase

    with tempfile.TemporaryDirectory() as folder:
        os.environ["TRUECOUNT_HOME"] = folder
        database = EmbeddedDatabase(Path(folder))
        address = database.open()
        _use(address)
        try:
            yield
        finally:
            from django.db import connections

            connections.close_all()
            database.close()
            database.remove()


def _use(address: str) -> None:
    import django
    from django.core.management import call_command

    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "truecount.conf.settings")
    django.setup()
    from django.conf import settings
    from django.db import connection
    from psycopg.conninfo import conninfo_to_dict

    settings.TRUECOUNT_CLOCK_OFFSET = (datetime.fromisoformat(START) - datetime.now(UTC)).total_seconds()
    connection.settings_dict["HOST"] = conninfo_to_dict(address)["host"]
    call_command("migrate", verbosity=0)


def set_up(addresses: dict[str, str]) -> tuple[Any, int]:
    """Connections and mappings: every customer to all agreements of its company, split evenly."""
    from truecount.runs import clock, configure, found, suggest
    from truecount.store.models import Agreement, CustomerShare, Integration

    now = clock.now()
    where = found.create_integration(found.create_partner("bench", by=None, now=now), "bench", by=None, now=now)
    fast = {"mode": "review", "vendor_rates": "off", "psa_rates": "off"}
    configure.set_policy(where, fast, by=None, now=now)
    where = Integration.objects.get(pk=where.pk)
    _control(addresses["connectwise"], "switches", {"C-46": "off"})
    sophos = {"auth_url": addresses["sophos"], "api_url": addresses["sophos"], "client_id": "sim"}
    found.connect(where, "sophos", sophos, "secret", by=None, now=now)
    psa = {"url": addresses["connectwise"], "company": "sim", "public_key": "pub", "client_id": CLIENT_ID}
    found.connect(where, "connectwise", psa, "priv", by=None, now=now)
    one_run(where, "collect")
    found_now = suggest.suggest(where)
    suggest.accept(where, suggest.Suggestions(products=found_now.products, customers=[]), 90, by=None, now=now)
    for one in found_now.customers:
        active = Agreement.objects.filter(integration=where, company=one.company, state="active")
        shares = evenly(list(active.order_by("psa_id").values_list("psa_id", flat=True)))
        if shares and one.score >= SURE:
            configure.map_customer(where, one.customer, one.company, shares, by=None, now=now)
    return where, CustomerShare.objects.values("agreement").distinct().count()


def evenly(agreements: list[int]) -> list[Share]:
    """One share for each, in percent; the last takes what is left of a hundred."""
    part = Decimal(100 // max(len(agreements), 1))
    parts = [part] * (len(agreements) - 1) + [100 - part * (len(agreements) - 1)]
    if len(agreements) == 1:
        return [Share(agreement=agreements[0])]
    return [Share(agreement=ident, percent=part) for ident, part in zip(agreements, parts, strict=False)]


def apply_once(where: Any) -> None:
    from truecount.runs import clock, configure
    from truecount.runs.approve import approve, release

    run = one_run(where, "sync")
    for hold in run.plan.holds.all():
        release(hold, reason="benchmark", by=None, now=clock.now())
    approve(run.plan, by=None, now=clock.now())
    one_run(where, "apply", plan=run.plan)
    configure.set_policy(where, {"psa_rates": ""}, by=None, now=clock.now())


def one_run(where: Any, verb: str, plan: Any = None) -> Any:
    from truecount.core.model import Source
    from truecount.runs.flow import begin, execute
    from truecount.store.models import Integration

    fresh = Integration.objects.get(pk=where.pk)
    run = execute(begin(fresh, verb, by=None, source=None if plan else Source.INVOICE, plan=plan))
    assert run.error is None, run.error
    return run


def plain_script(address: str, customers: int) -> float:
    """Seconds a customer: its company's agreements, then each agreement's lines, one request after the other."""
    api = f"{address}/v4_6_release/apis/3.0"
    companies = _get(f"{api}/company/companies?pageSize={customers}")
    since = time.perf_counter()
    for company in companies:
        for agreement in _get(f"{api}/finance/agreements?conditions=company/id={company['id']}"):
            _get(f"{api}/finance/agreements/{agreement['id']}/additions?pageSize=1000")
    return (time.perf_counter() - since) / len(companies)


def _get(address: str) -> Any:
    key = b64encode(b"sim+pub:priv").decode()
    request = urllib.request.Request(address, headers={"Authorization": f"Basic {key}", "clientId": CLIENT_ID})
    with urllib.request.urlopen(request) as answer:
        return json.load(answer)


def _control(address: str, name: str, told: dict[str, Any]) -> None:
    body = json.dumps(told).encode()
    request = urllib.request.Request(f"{address}/_sim/{name}", data=body, method="PATCH")
    urllib.request.urlopen(request).read()


if __name__ == "__main__":
    main()
