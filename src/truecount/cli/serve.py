"""`serve`, `web`, `worker`: the long-running processes."""

from __future__ import annotations

import subprocess
from typing import Any

import click

from truecount.cli.children import watch
from truecount.cli.setup import bring_up_to_date
from truecount.cli.shared import check_database, talk, tell_trouble
from truecount.core.errors import Trouble

_host = click.option("--host", default="127.0.0.1", show_default=True)
_port = click.option("--port", type=int, default=8400, show_default=True)


@click.command()
@_host
@_port
@click.option("--concurrency", type=int, default=2, show_default=True, help="Runs at the same time.")
@click.pass_obj
def serve(installation: Any, host: str, port: int, concurrency: int) -> None:
    """Pages and worker under one parent, on the embedded database unless an address is given."""
    installation.open()
    bring_up_to_date()
    _check()
    children = start_children(installation, host, port, concurrency)
    talk.print(f"Truecount is at http://{host}:{port} — Ctrl-C stops it.")
    status = watch(children)
    raise click.exceptions.Exit(status)


def start_children(
    installation: Any, host: str, port: int, concurrency: int = 2, **options: Any
) -> list[subprocess.Popen[str]]:
    """Web and worker as processes of their own."""
    return [
        installation.spawn(["web", "--host", host, "--port", str(port)], **options),
        installation.spawn(["worker", "--concurrency", str(concurrency)], **options),
    ]


@click.command()
@_host
@_port
@click.pass_obj
def web(installation: Any, host: str, port: int) -> None:
    """The pages alone; another process works on the queue."""
    from granian import Granian  # only this command needs it
    from granian.constants import Interfaces

    installation.open()
    _check()
    Granian(
        "truecount.conf.wsgi:application",
        address=host,
        port=port,
        interface=Interfaces.WSGI,
        blocking_threads=4,
        log_access=False,
        log_level="warning",  # type: ignore[arg-type]  # granian takes the name as well
    ).serve()


@click.command()
@click.option("--concurrency", type=int, default=2, show_default=True, help="Runs at the same time.")
@click.pass_obj
def worker(installation: Any, concurrency: int) -> None:
    """The worker alone: does queued runs and keeps the schedules, on as many machines as wanted."""
    from procrastinate.contrib.django import app  # ready only after Django's set-up

    installation.open()
    _check()
    with app.replace_connector(app.connector.get_worker_connector()) as working:  # type: ignore[attr-defined]  # Django's connector has it
        working.run_worker(queues=["runs"], concurrency=concurrency, shutdown_graceful_timeout=10)


def _check() -> None:
    try:
        check_database()
    except Trouble as trouble:
        raise click.exceptions.Exit(tell_trouble(trouble, False)) from None
