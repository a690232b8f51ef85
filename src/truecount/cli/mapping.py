"""Mappings, switches and policy on the command line; rules and exceptions are in `cli/rules.py`."""

from __future__ import annotations

from dataclasses import replace

import click
from rich.table import Table

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
from truecount.core.model import ByRule, Share
from truecount.core.plan import plain
from truecount.runs import clock, configure, decisions, items, refresh
from truecount.store.settings import SETTINGS

_ON_OFF = click.Choice(["on", "off"])
_ORDER = "truecount.order"


@click.group(name="map")
def map_() -> None:
    """Map a Sophos product or a customer."""


@map_.command(name="product")
@click.argument("code")
@click.option("--item", type=int, required=True, metavar="ID", help="Id of the ConnectWise product.")
@click.option("--also", is_flag=True, help="Besides the ones it is mapped to, instead of in their place.")
@click.option("--sync", type=_ON_OFF, help="Default: on, unless a person turned it off before.")
@integration_option
@user_option
@command
def map_product(
    code: str, item: int, also: bool, sync: str | None, integration: str | None, user: str | None, as_json: bool
) -> None:
    """Map a Sophos product, by its code, to a ConnectWise product."""
    where = the_integration(integration)
    on, who = None if sync is None else sync == "on", the_user(user, where)
    items.know_item(where, item, by=who)
    configure.map_product(where, code, item, replacing=() if also else None, sync=on, by=who, now=clock.now())
    now_mapped = configure.items_of(where, code)
    told = ", ".join(str(one) for one in now_mapped)
    said(
        {"product": code, "item": item, "items": now_mapped},
        f"{code} is mapped to ConnectWise product {told}.",
        as_json,
    )


class _InOrder(click.Command):
    """Keeps the order in which options were given, because `--percent` and `--first` belong to the one before."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        order = self.make_parser(ctx).parse_args(args=list(args))[2]
        ctx.meta[_ORDER] = [parameter.name for parameter in order]
        return super().parse_args(ctx, args)


@map_.command(name="customer", cls=_InOrder)
@click.argument("ident", metavar="ID")
@click.option("--company", type=int, required=True, metavar="C", help="Id of the ConnectWise company.")
@click.option("--agreement", "agreements", type=int, multiple=True, metavar="A", help="Id of an agreement.")
@click.option("--percent", "percents", multiple=True, metavar="N", help="What the agreement before gets, of 100.")
@click.option("--first", "firsts", multiple=True, metavar="N", help="Units that the agreement before gets first.")
@click.option(
    "--by", "by_rule", type=click.Choice([str(one) for one in ByRule]), help="Find the agreement by a rule instead."
)
@click.option("--pattern", default="", metavar="TEXT", help="The type, or what the name contains.")
@integration_option
@user_option
@command
def map_customer(
    ident: str,
    company: int,
    agreements: tuple[int, ...],
    percents: tuple[str, ...],
    firsts: tuple[str, ...],
    by_rule: str | None,
    pattern: str,
    integration: str | None,
    user: str | None,
    as_json: bool,
) -> None:
    """Map a customer, by its Sophos id, to a company and one or more of its agreements.

    `--agreement A --percent 60 --agreement B --percent 40` splits by percentages, `--agreement A --first 10
    --agreement B` puts the first ten into A and the rest into B.
    """
    if not agreements and by_rule is None:
        raise click.UsageError("Name an agreement with --agreement, or say with --by how it is found.")
    shares = _shares(agreements, percents, firsts)
    where, way = the_integration(integration), None if by_rule is None else ByRule(by_rule)
    who, now = the_user(user, where), clock.now()
    refresh.know_agreements(where, company, agreements, by=who, now=now)
    configure.map_customer(where, ident, company, shares, by_rule=way, pattern=pattern, by=who, now=now)
    told: dict[str, object] = {"customer": ident, **(configure.mapping_told(where, ident) or {})}
    if len(shares) == 1:
        told["agreement"] = shares[0].agreement
    found = "agreement " + ", ".join(_share_told(one) for one in shares) if shares else f"agreement by {by_rule}"
    said(told, f"{ident} is mapped to company {company}, {found}.", as_json)


def _shares(agreements: tuple[int, ...], percents: tuple[str, ...], firsts: tuple[str, ...]) -> list[Share]:
    named, percent, first = iter(agreements), iter(percents), iter(firsts)
    found: list[Share] = []
    for name in click.get_current_context().meta[_ORDER]:
        if name in ("percents", "firsts") and not found:
            raise click.UsageError("--percent and --first come after the --agreement that they are about.")
        if name == "agreements":
            found.append(Share(agreement=next(named)))
        elif name == "percents":
            found[-1] = replace(found[-1], percent=decisions.read_number("percent", next(percent)))
        elif name == "firsts":
            found[-1] = replace(found[-1], first=decisions.read_number("first", next(first)))
    return found


def _share_told(share: Share) -> str:
    if share.percent is not None:
        return f"{share.agreement} ({plain(share.percent)} %)"
    return f"{share.agreement} (first {plain(share.first)})" if share.first is not None else str(share.agreement)


@click.group()
def unmap() -> None:
    """Remove a mapping."""


@unmap.command(name="product")
@click.argument("code")
@click.option("--item", type=int, metavar="ID", help="Only from this ConnectWise product; default: from all.")
@integration_option
@user_option
@command
def unmap_product(code: str, item: int | None, integration: str | None, user: str | None, as_json: bool) -> None:
    """Remove the mapping of a Sophos product; with the last one its Sync goes off."""
    where = the_integration(integration)
    configure.unmap_product(where, code, item, by=the_user(user, where), now=clock.now())
    left = configure.items_of(where, code)
    sentence = f"{code} is no longer mapped to {item}." if left else f"{code} is no longer mapped, and its Sync is off."
    said({"product": code, "item": None, "items": left}, sentence, as_json)


@unmap.command(name="customer")
@click.argument("ident", metavar="ID")
@integration_option
@user_option
@command
def unmap_customer(ident: str, integration: str | None, user: str | None, as_json: bool) -> None:
    """Remove the mapping of a customer."""
    where = the_integration(integration)
    configure.unmap_customer(where, ident, by=the_user(user, where), now=clock.now())
    said({"customer": ident, "company": None}, f"{ident} is no longer mapped.", as_json)


@click.group()
def switch() -> None:
    """Turn the sync of a product or of a customer on or off."""


@switch.command(name="product")
@click.argument("code")
@click.argument("state", type=_ON_OFF)
@integration_option
@user_option
@command
def switch_product(code: str, state: str, integration: str | None, user: str | None, as_json: bool) -> None:
    """The Sync switch of a Sophos product."""
    where = the_integration(integration)
    configure.switch_product(where, code, state == "on", by=the_user(user, where), now=clock.now())
    said({"product": code, "sync": state}, f"Sync of {code} is {state}.", as_json)


@switch.command(name="customer")
@click.argument("ident", metavar="ID")
@click.argument("state", type=_ON_OFF)
@integration_option
@user_option
@command
def switch_customer(ident: str, state: str, integration: str | None, user: str | None, as_json: bool) -> None:
    """The Usage sync switch of a customer."""
    where = the_integration(integration)
    configure.switch_customer(where, ident, state == "on", by=the_user(user, where), now=clock.now())
    said({"customer": ident, "sync": state}, f"Usage sync of {ident} is {state}.", as_json)


@click.group()
def policy() -> None:
    """The settings of an integration."""


@policy.command(name="set")
@click.argument("settings", nargs=-1, required=True, metavar="KEY=VALUE…")
@integration_option
@user_option
@command
def set_(settings: tuple[str, ...], integration: str | None, user: str | None, as_json: bool) -> None:
    """Change settings; all of them or, if one is wrong, none."""
    where = the_integration(integration)
    wanted: dict[str, str] = {}
    for text in settings:
        name, equals, value = text.partition("=")
        if not equals:
            raise Misused(ErrorCode.BAD_SETTING, name=text, value="", choices="KEY=VALUE")
        wanted[name.strip()] = value.strip()
    configure.set_policy(where, wanted, by=the_user(user, where), now=clock.now())
    where.refresh_from_db()
    said({"policy": where.policy}, "Kept: " + ", ".join(f"{k}={v}" for k, v in wanted.items()), as_json)


@policy.command(name="show")
@integration_option
@command
def show_(integration: str | None, as_json: bool) -> None:
    """All settings with their values."""
    where = the_integration(integration)
    told = {name: where.policy.get(name, setting.default) for name, setting in SETTINGS.items()}
    if as_json:
        print_json({"policy": told})
        return
    table = Table("Setting", "Value", "Choices", "What it does")
    for name, value in told.items():
        table.add_row(name, value, SETTINGS[name].choices, SETTINGS[name].sentence)
    out.print(table)


def said(told: dict[str, object], sentence: str, as_json: bool) -> None:
    if as_json:
        print_json(told)
    else:
        talk.print(sentence, soft_wrap=True)
