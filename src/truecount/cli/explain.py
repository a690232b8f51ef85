"""`truecount explain`: how a line of an agreement came to its number."""

from __future__ import annotations

from collections.abc import Iterable

import click

from truecount.cli.shared import command, integration_option, print_json, the_integration, the_user, user_option
from truecount.core.model import Source
from truecount.core.period import Period
from truecount.core.plan import plain
from truecount.runs.explain import explain as explain_slot
from truecount.runs.explain_told import Line, readable, told

WIDTH = 84
"""Of the texts; their numbers stand right of it."""


@click.command()
@click.option("--agreement", type=int, required=True, metavar="A")
@click.option("--item", type=int, required=True, metavar="C", help="Id of the ConnectWise product.")
@click.option("--period", metavar="YYYY-MM", help="Its newest plan; default: the newest of all.")
@click.option("--source", type=click.Choice([str(one) for one in Source]), help="Of that source only.")
@click.option("--plan", "plan_id", type=int, metavar="N", help="This plan instead.")
@integration_option
@user_option
@command
def explain(
    agreement: int,
    item: int,
    period: str | None,
    source: str | None,
    plan_id: int | None,
    integration: str | None,
    user: str | None,
    as_json: bool,
) -> None:
    """Explain a number: from the vendor's lines, step by step, to the line of the agreement and the ledger."""
    where = the_integration(integration)
    explained = explain_slot(
        where,
        agreement,
        item,
        period=Period.parse(period) if period else None,
        source=Source(source) if source else None,
        plan=plan_id,
        by=the_user(user, where),
    )
    if as_json:
        print_json(told(explained))
    else:
        click.echo(printed(readable(explained)))


def printed(lines: Iterable[Line]) -> str:
    """As a text of two columns."""
    return "\n".join(_row(line) for line in lines)


def _row(line: Line) -> str:
    text = "  " * line.depth + line.text + (f" · {line.note}" if line.note else "")
    return text if line.number is None else f"{text:{WIDTH}} {plain(line.number):>10}"
