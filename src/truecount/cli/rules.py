"""Quantity rules, exceptions, and what a person decides about a single line or customer, on the command line."""

from __future__ import annotations

from decimal import Decimal

import click
from rich.markup import escape
from rich.table import Table

from truecount.cli.mapping import said
from truecount.cli.shared import command, integration_option, out, print_json, the_integration, the_user, user_option
from truecount.core.errors import ErrorCode, Misused
from truecount.core.model import Override, Rule, WhereNone
from truecount.core.plan import plain
from truecount.core.preview import Preview
from truecount.runs import clock, configure, decisions, preview
from truecount.runs.names import Names
from truecount.runs.transfer_document import in_short, json_of, rule_told


@click.command()
@click.argument("item", type=int)
@click.argument("words", nargs=-1, metavar="[KEY=VALUE…]")
@click.option("--dry-run", is_flag=True, help="Only show what it would bill on the last readings.")
@integration_option
@user_option
@command
def rule(
    item: int, words: tuple[str, ...], dry_run: bool, integration: str | None, user: str | None, as_json: bool
) -> None:
    """Change or show the quantity rule of a ConnectWise product; what is not named stays as it is.

    \b
    combine=sum|max|min|all-of      how several Sophos products become one number
    multiply=N  included=N          times N; minus what is included, not below 0
    round=none|up|down|half-even[:STEP]
    minimum=N|none  maximum=N|none  at least, where there is usage; at most
    where_none=create|adopt_only    what to do where no line stands
    """
    where = the_integration(integration)
    before = configure.rule_in_use(where, item)
    wanted, where_none = decisions.read_rule(_pairs(words), *before)
    who = the_user(user, where)
    looks = preview.preview(where, item, wanted, by=who) if dry_run else []
    if words and not dry_run:
        configure.set_rule(where, item, wanted, where_none, by=who, now=clock.now())
    told = _rule_told(item, wanted, where_none)
    names = Names(where)
    if as_json and dry_run:
        print_json(told | {"dry_run": True, "months": [preview.told(one, names) for one in looks]})
    elif as_json:
        print_json(told)
    else:
        short = rule_told(wanted, where_none)
        out.print(f"{item}: {in_short(short) if short else 'combine: sum'}", soft_wrap=True, markup=False)
        for one in looks:
            _show(one, names)


def _pairs(words: tuple[str, ...]) -> dict[str, str]:
    found = {}
    for word in words:
        name, equals, value = word.partition("=")
        if not equals:
            choices = " ".join(f"{one}=…" for one in decisions.RULE_WORDS)
            raise Misused(ErrorCode.BAD_VALUE, field=name, value=word, choices=choices)
        found[name.strip()] = value
    return found


def _rule_told(item: int, rule: Rule, where_none: WhereNone) -> dict[str, object]:
    changed = json_of(rule_told(rule, where_none).get("rule", {}))
    return {"item": item, "rule": changed, "where_none": str(where_none)}


def _show(one: Preview, names: Names) -> None:
    """The customers for whom it makes a difference, and the sums of all."""
    table = Table(title=str(one.period), title_justify="left", show_footer=True)
    table.add_column("Customer", footer="All")
    table.add_column("Used")
    table.add_column("Billed now", justify="right", footer=plain(one.before))
    table.add_column("Would be billed", justify="right", footer=plain(one.after))
    for row in one.rows:
        if row.skip is None and row.before != row.after:
            used = ", ".join(f"{code} {_shown(quantity)}" for code, quantity in row.used)
            name = names.customers.get(row.customer, row.customer)
            table.add_row(escape(name), escape(used), _shown(row.before), _shown(row.after))
    out.print(table)
    for sums in one.money:
        out.print(f"{sums.before:,.2f} → {sums.after:,.2f} {sums.currency} a month")


def _shown(quantity: Decimal | None) -> str:
    return "–" if quantity is None else plain(quantity)


@click.command()
@click.argument("customer")
@click.argument("item", type=int)
@click.argument("words", nargs=-1, required=True, metavar="exclude|fixed=N|minimum=N|off")
@integration_option
@user_option
@command
def override(
    customer: str, item: int, words: tuple[str, ...], integration: str | None, user: str | None, as_json: bool
) -> None:
    """Make one customer an exception to the rule of a ConnectWise product, or, with off, no longer."""
    where = the_integration(integration)
    who, now = the_user(user, where), clock.now()
    told: dict[str, object] = {"customer": customer, "item": item}
    if words == ("off",):
        configure.drop_override(where, customer, item, by=who, now=now)
        said(told | {"override": None}, f"{customer} is counted by the rule of {item} again.", as_json)
        return
    configure.map_override(where, _override(customer, item, words), by=who, now=now)
    kept = " ".join(words)
    said(told | {"override": kept}, f"{customer} is an exception to the rule of {item}: {kept}.", as_json)


def _override(customer: str, item: int, words: tuple[str, ...]) -> Override:
    given: dict[str, str] = {}
    for word in words:
        name, _, value = word.partition("=")
        if name not in ("exclude", "fixed", "minimum") or (name == "exclude") is ("=" in word):
            raise Misused(
                ErrorCode.BAD_VALUE, field="exception", value=word, choices="exclude, fixed=N, minimum=N, off"
            )
        given[name] = value
    fixed, minimum = (
        decisions.read_number(name, given[name]) if name in given else None for name in ("fixed", "minimum")
    )
    return Override(customer=customer, item=item, exclude="exclude" in given, fixed=fixed, minimum=minimum)


@click.command(name="bill-again")
@click.option("--agreement", type=int, required=True, metavar="A")
@click.option("--item", type=int, required=True, metavar="C")
@integration_option
@user_option
@command
def bill_again(agreement: int, item: int, integration: str | None, user: str | None, as_json: bool) -> None:
    """Let a line that somebody else ended in ConnectWise be created anew by the next plan."""
    where = the_integration(integration)
    configure.bill_again(where, agreement, item, by=the_user(user, where), now=clock.now())
    said({"agreement": agreement, "item": item}, f"The next plan may bill {item} on {agreement} again.", as_json)


@click.command(name="bill-anyway")
@click.argument("customer")
@click.argument("state", type=click.Choice(["on", "off"]))
@integration_option
@user_option
@command
def bill_anyway(customer: str, state: str, integration: str | None, user: str | None, as_json: bool) -> None:
    """Bill a customer by usage although Sophos does not, as a trial or for a term."""
    where = the_integration(integration)
    configure.bill_anyway(where, customer, state == "on", by=the_user(user, where), now=clock.now())
    told: dict[str, object] = {"customer": customer, "bill_anyway": state}
    said(told, f"Bill anyway is {state} for {customer}.", as_json)
