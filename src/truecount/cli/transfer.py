"""`truecount export` and `truecount import`: the whole configuration as one YAML file."""

from __future__ import annotations

import shlex
import sys
from pathlib import Path

import click
from rich.table import Table
from rich.text import Text

from truecount.cli.shared import (
    command,
    integration_option,
    out,
    print_json,
    talk,
    the_integration,
    the_user,
    user_option,
)
from truecount.core.errors import ErrorCode, Misused
from truecount.runs import clock, transfer
from truecount.runs.transfer_document import Connection, Tree, in_short, json_of


@click.command()
@integration_option
@user_option
@command
def export(integration: str | None, user: str | None, as_json: bool) -> None:
    """Write the configuration as YAML, without secrets."""
    where = the_integration(integration)
    text, tree = transfer.export(where, by=the_user(user, where))
    if as_json:
        print_json({"yaml": text, "configuration": json_of(tree)})
    else:
        sys.stdout.write(text)


@click.command(name="import")
@click.argument("file", type=click.Path(path_type=str, allow_dash=True), metavar="FILE")
@click.option("--dry-run", is_flag=True, help="Only show what would change.")
@integration_option
@user_option
@command
def import_(file: str, dry_run: bool, integration: str | None, user: str | None, as_json: bool) -> None:
    """Replace the configuration by the one in FILE (- is standard input): all of it or, if anything is wrong, nothing.

    Secrets don't travel: a connection that is not here yet is named, with the command that makes it.
    """
    where = the_integration(integration)
    content, name = _content(file), "<stdin>" if file == "-" else file
    done = transfer.import_(where, content, name, dry_run=dry_run, by=the_user(user, where), now=clock.now())
    if as_json:
        print_json(_told(done))
    else:
        _tell(done, dry_run)


def _content(file: str) -> bytes:
    try:
        return sys.stdin.buffer.read() if file == "-" else Path(file).read_bytes()
    except OSError as error:
        why = error.strerror or str(error)
        raise Misused(ErrorCode.BAD_FILE, file=file, what=file, why=why, reason=why) from None


def _told(done: transfer.Imported) -> dict[str, object]:
    return {
        "changes": [
            {"what": change.what, "before": _json(change.before), "after": _json(change.after)}
            for change in done.changes
        ],
        "applied": done.applied,
        "connect": [{"kind": one.kind, "command": _connect(one)} for one in done.without_secret],
    }


def _json(tree: Tree | None) -> object:
    return None if tree is None else json_of(tree)


def _tell(done: transfer.Imported, dry_run: bool) -> None:
    if done.changes:
        table = Table("What", "Before", "After")
        for change in done.changes:
            table.add_row(*(Text(told) for told in (change.what, in_short(change.before), in_short(change.after))))
        out.print(table)
    for one in done.without_secret:
        talk.print(
            f"The secret of the connection {one.kind} is not known here, so the connection is left as it is. Run:",
            Text(_connect(one)),
            soft_wrap=True,
        )
    talk.print(_sentence(len(done.changes), dry_run))


def _sentence(count: int, dry_run: bool) -> str:
    if not count:
        return "There is nothing to change."
    changes = "1 change" if count == 1 else f"{count} changes"
    return f"{changes}; nothing was imported (--dry-run)." if dry_run else f"Imported: {changes}."


def _connect(connection: Connection) -> str:
    """The command that makes it."""
    options = [f"--{name.replace('_', '-')} {shlex.quote(value)}" for name, value in connection.fields.items()]
    return " ".join(["truecount connect", connection.kind, *options])
