"""Setting up: tables, users, partners, integrations."""

from __future__ import annotations

import functools
import os
import sys
from typing import Any

import click
from django.core.management import call_command

from truecount.cli.shared import command, print_json, talk, the_user
from truecount.core.errors import ErrorCode, Misused, Trouble
from truecount.core.roles import Role
from truecount.runs import clock, found
from truecount.store.models import Partner
from truecount.store.seals import check_key


@click.command()
@click.option("--json", "as_json", is_flag=True)
@click.pass_obj
def migrate(installation: Any, as_json: bool) -> None:
    """Bring the database up to date. Running it again does no harm."""
    from truecount.cli.shared import tell_trouble

    installation.open()
    bring_up_to_date()
    try:
        check_key(clock.now())
    except Trouble as trouble:
        raise click.exceptions.Exit(tell_trouble(trouble, as_json)) from None
    if as_json:
        print_json({"migrated": True})
    else:
        talk.print("The database is up to date.")


def bring_up_to_date() -> None:
    """Create or change tables, quietly."""
    call_command("migrate", interactive=False, verbosity=0)


@click.command()
@click.argument("email")
@click.option("--partner", "partner_slug", metavar="P", help="Needed where there is more than one.")
@click.option("--role", type=click.Choice([role.name.lower() for role in Role]), default="admin", show_default=True)
@click.option("--language", type=click.Choice(["en", "fr"]), default="en", show_default=True)
@click.option("--password-file", type=click.File(), help="Default: asked for, or the first line of stdin.")
@command
def createuser(
    email: str, partner_slug: str | None, role: str, language: str, password_file: Any, as_json: bool
) -> None:
    """Add a user of a partner."""
    partner = _partner(partner_slug)
    password = read_secret("Password", password_file, twice=True)
    user = found.create_user(
        partner, email, password, Role[role.upper()], language=language, by=the_user(None), now=clock.now()
    )
    if as_json:
        print_json({"user": user.email, "role": role, "partner": partner.slug})
    else:
        talk.print(f"{user.email} can sign in as {role} of {partner.slug}.")


def _partner(slug: str | None) -> Partner:
    rows = list(Partner.objects.all()[:2])
    if slug is not None:
        chosen = Partner.objects.filter(slug=slug).first()
        if chosen is None:
            raise Misused(ErrorCode.UNKNOWN_PARTNER, partner=slug)
        return chosen
    if len(rows) != 1:
        raise Misused(ErrorCode.UNKNOWN_PARTNER, partner="–")
    return rows[0]


def read_secret(label: str, file: Any, *, twice: bool = False) -> str:
    """From a file, from a terminal without showing it, or the first line of standard input."""
    if file is not None:
        return str(file.read()).strip()
    if sys.stdin is not None and sys.stdin.isatty():
        return str(click.prompt(label, hide_input=True, confirmation_prompt=twice, err=True))
    secret = sys.stdin.readline().strip() if sys.stdin is not None else ""
    if not secret:
        raise click.UsageError(f"{label} is missing: type it, pipe it in, or name a file that holds it.")
    return secret


@click.group()
def partner() -> None:
    """Partners: the MSPs that use this installation."""


@partner.command(name="create")
@click.argument("slug")
@click.option("--name", default="")
@click.option("--time-zone", default=None, help="e.g. Europe/Paris; default: this machine's, else UTC.")
@command
def partner_create(slug: str, name: str, time_zone: str | None, as_json: bool) -> None:
    """Add a partner."""
    zone = time_zone or _machine_zone()
    row = found.create_partner(slug, name=name, time_zone=zone, by=the_user(None), now=clock.now())
    if as_json:
        print_json({"partner": row.slug, "time_zone": row.time_zone})
    else:
        talk.print(f"Partner {row.slug} is there; its time zone is {row.time_zone}.")


@functools.cache
def _machine_zone() -> str:
    link = os.path.realpath("/etc/localtime")
    return link.partition("/zoneinfo/")[2] or "UTC"


@click.group()
def integration() -> None:
    """Integrations: one vendor and one PSA, with their mappings."""


@integration.command(name="create")
@click.argument("slug")
@click.option("--partner", "partner_slug", metavar="P", help="Needed where there is more than one.")
@command
def integration_create(slug: str, partner_slug: str | None, as_json: bool) -> None:
    """Add an integration; it starts in observe mode."""
    row = found.create_integration(_partner(partner_slug), slug, by=the_user(None), now=clock.now())
    if as_json:
        print_json({"integration": row.slug, "mode": "observe"})
    else:
        talk.print(f"Integration {row.slug} is there, in observe mode: it only makes plans.")
