"""Mappings, switches and policy on the command line."""

from __future__ import annotations

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
from truecount.core.model import Share
from truecount.runs import clock, configure
from truecount.store.settings import SETTINGS

_ON_OFF = click.Choice(["on", "off"])


@click.group(name="map")
def map_() -> None:
    """Map a Sophos product or a customer."""


@map_.command(name="product")
@click.argument("code")
@click.option("--item", type=int, required=True, metavar="ID", help="Id of the ConnectWise product.")
@click.option("--sync", type=_ON_OFF, help="Default: on, unless a person turned it off before.")
@integration_option
@user_option
@command
def map_product(
    code: str, item: int, sync: str | None, integration: str | None, user: str | None, as_json: bool
) -> None:
    """Map a Sophos product, by its code, to a ConnectWise product."""
    where = the_integration(integration)
    on = None if sync is None else sync == "on"
    configure.map_product(where, code, item, sync=on, by=the_user(user, where), now=clock.now())
    _said({"product": code, "item": item}, f"{code} is mapped to ConnectWise product {item}.", as_json)


@map_.command(name="customer")
@click.argument("ident", metavar="ID")
@click.option("--company", type=int, required=True, metavar="C", help="Id of the ConnectWise company.")
@click.option("--agreement", type=int, required=True, metavar="A", help="Id of the agreement.")
@integration_option
@user_option
@command
def map_customer(
    ident: str, company: int, agreement: int, integration: str | None, user: str | None, as_json: bool
) -> None:
    """Map a customer, by its Sophos id, to a company and an agreement."""
    where = the_integration(integration)
    shares = (Share(agreement=agreement),)
    configure.map_customer(where, ident, company, shares, by=the_user(user, where), now=clock.now())
    told = {"customer": ident, "company": company, "agreement": agreement}
    _said(told, f"{ident} is mapped to company {company}, agreement {agreement}.", as_json)


@click.group()
def unmap() -> None:
    """Remove a mapping."""


@unmap.command(name="product")
@click.argument("code")
@integration_option
@user_option
@command
def unmap_product(code: str, integration: str | None, user: str | None, as_json: bool) -> None:
    """Remove the mapping of a Sophos product; its Sync goes off."""
    where = the_integration(integration)
    configure.unmap_product(where, code, by=the_user(user, where), now=clock.now())
    _said({"product": code, "item": None}, f"{code} is no longer mapped, and its Sync is off.", as_json)


@unmap.command(name="customer")
@click.argument("ident", metavar="ID")
@integration_option
@user_option
@command
def unmap_customer(ident: str, integration: str | None, user: str | None, as_json: bool) -> None:
    """Remove the mapping of a customer."""
    where = the_integration(integration)
    configure.unmap_customer(where, ident, by=the_user(user, where), now=clock.now())
    _said({"customer": ident, "company": None}, f"{ident} is no longer mapped.", as_json)


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
    _said({"product": code, "sync": state}, f"Sync of {code} is {state}.", as_json)


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
    _said({"customer": ident, "sync": state}, f"Usage sync of {ident} is {state}.", as_json)


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
    _said({"policy": where.policy}, "Kept: " + ", ".join(f"{k}={v}" for k, v in wanted.items()), as_json)


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


def _said(told: dict[str, object], sentence: str, as_json: bool) -> None:
    if as_json:
        print_json(told)
    else:
        talk.print(sentence, soft_wrap=True)
