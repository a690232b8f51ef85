"""Quantity rules, exceptions, and what a person decides about a single line or customer, on the command line."""

from __future__ import annotations

import click

from truecount.cli.mapping import said
from truecount.cli.shared import command, integration_option, out, print_json, the_integration, the_user, user_option
from truecount.core.errors import ErrorCode, Misused
from truecount.core.model import Override, Rule, WhereNone
from truecount.runs import clock, configure, decisions
from truecount.runs.transfer_document import in_short, json_of, rule_told


@click.command()
@click.argument("item", type=int)
@click.argument("words", nargs=-1, metavar="[KEY=VALUE…]")
@integration_option
@user_option
@command
def rule(item: int, words: tuple[str, ...], integration: str | None, user: str | None, as_json: bool) -> None:
    """Change or show the quantity rule of a ConnectWise product; what is not named stays as it is.

    \b
    combine=sum|max|min|all-of      how several Sophos products become one number
    multiply=N  included=N          times N; minus what is included, not below 0
    round=none|up|down|half-even[:STEP]
    minimum=N|none  maximum=N|none  at least, where there is usage; at most
    where_none=create|adopt_only    what to do where no line stands
    """
    where = the_integration(integration)
    before = configure.rule_of(where, item)
    wanted, where_none = decisions.read_rule(_pairs(words), *before)
    if words:
        configure.set_rule(where, item, wanted, where_none, by=the_user(user, where), now=clock.now())
    _tell(item, wanted, where_none, as_json)


def _pairs(words: tuple[str, ...]) -> dict[str, str]:
    found = {}
    for word in words:
        name, equals, value = word.partition("=")
        if not equals:
            choices = " ".join(f"{one}=…" for one in decisions.RULE_WORDS)
            raise Misused(ErrorCode.BAD_VALUE, field=name, value=word, choices=choices)
        found[name.strip()] = value
    return found


def _tell(item: int, rule: Rule, where_none: WhereNone, as_json: bool) -> None:
    told = rule_told(rule, where_none)
    if as_json:
        print_json({"item": item, "rule": json_of(told.get("rule", {})), "where_none": str(where_none)})
    else:
        out.print(f"{item}: {in_short(told) if told else 'combine: sum'}", soft_wrap=True, markup=False)


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
