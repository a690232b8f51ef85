"""`truecount doctor`: is everything in order, and what to do where it is not."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any, NamedTuple

import click
from django.db import DatabaseError, connection
from django.db.migrations.executor import MigrationExecutor

from truecount.cli.shared import print_json, talk
from truecount.core.errors import Trouble
from truecount.runs import advice, clock, found
from truecount.runs.flow import schedule_of
from truecount.runs.remote import Tape, connection_of, psa_of, source_of
from truecount.store.models import Integration
from truecount.store.seals import check_key


class Check(NamedTuple):
    name: str
    ok: bool
    advice: str


@click.command()
@click.option("--json", "as_json", is_flag=True)
@click.pass_obj
def doctor(installation: Any, as_json: bool) -> None:
    """Check the database, its tables, the key, every connection with its rights, and the worker."""
    installation.open()
    checks = list(_checks())
    if as_json:
        print_json({"checks": [check._asdict() for check in checks]})
    else:
        for check in checks:
            mark = "[green]✓[/]" if check.ok else "[bold red]✗[/]"
            talk.print(f"{mark} {check.name}  {check.advice}", soft_wrap=True)
    raise click.exceptions.Exit(0 if all(check.ok for check in checks) else 1)


def _checks() -> Iterator[Check]:
    yield (database := _database())
    if not database.ok:
        return
    yield (tables := _tables())
    if not tables.ok:
        return
    yield _tried("secret_key", lambda: check_key(clock.now()))
    yield _worker()
    for integration in Integration.objects.select_related("partner"):
        yield from _integration(integration)


def _tried(name: str, act: Callable[[], object]) -> Check:
    try:
        act()
    except Trouble as trouble:
        text = advice.error_text(str(trouble.code), trouble.fields)
        return Check(name, False, f"{text.sentence} {text.advice}")
    return Check(name, True, "")


def _database() -> Check:
    try:
        connection.ensure_connection()
    except DatabaseError:
        return Check("database", False, advice.check_text("database", {}).advice)
    return Check("database", True, "")


def _tables() -> Check:
    executor = MigrationExecutor(connection)
    waiting = executor.migration_plan(executor.loader.graph.leaf_nodes())
    return Check("migrations", not waiting, advice.check_text("migrations", {}).advice if waiting else "")


def _worker() -> Check:
    """Whether any worker has given a sign of life in the last minute."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT max(last_heartbeat) > now() - interval '1 minute' FROM procrastinate_workers")
        alive = bool(cursor.fetchone()[0])
    return Check("worker", alive, "" if alive else advice.check_text("worker", {}).advice)


def _integration(integration: Integration) -> Iterator[Check]:
    name = integration.slug
    yield _tried(f"{name}: vendor_connection", lambda: _vendor(integration))
    yield _tried(f"{name}: psa_connection", lambda: _psa(integration))
    missing = integration.connections.filter(side="psa").values_list("missing", flat=True).first() or []
    told = advice.check_text("rights", {"missing": ", ".join(missing)}).advice if missing else ""
    yield Check(f"{name}: rights", not missing, told)
    yield _tried(f"{name}: schedule", lambda: schedule_of(integration))


def _vendor(integration: Integration) -> None:
    with source_of(integration, Tape()) as source:
        source.check()


def _psa(integration: Integration) -> None:
    with psa_of(integration, Tape()) as psa:
        found.keep_check(connection_of(integration, "psa"), psa.check(), clock.now())
