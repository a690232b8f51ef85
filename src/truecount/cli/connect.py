"""`truecount connect`: credentials in, checked, sealed; missing and excess rights told one by one."""

from __future__ import annotations

from typing import Any

import click

from truecount.cli.setup import read_secret
from truecount.cli.shared import command, integration_option, print_json, talk, the_integration, the_user, user_option
from truecount.core.ports import Checked
from truecount.runs import clock, found

_secret_file = click.option("--secret-file", type=click.File(), help="Default: asked for, or standard input.")


@click.group()
def connect() -> None:
    """Connect Sophos Central or ConnectWise PSA."""


@connect.command()
@click.option("--auth-url", default="", help="Default: Sophos' own.")
@click.option("--api-url", default="", help="Default: Sophos' own.")
@click.option("--client-id", required=True)
@_secret_file
@integration_option
@user_option
@command
def sophos(
    auth_url: str,
    api_url: str,
    client_id: str,
    secret_file: Any,
    integration: str | None,
    user: str | None,
    as_json: bool,
) -> int:
    """Sophos Central Partner; the client secret comes from a file, the terminal or standard input."""
    fields = {"auth_url": auth_url, "api_url": api_url, "client_id": client_id}
    return _connect("sophos", fields, read_secret("Client secret", secret_file), integration, user, as_json)


@connect.command()
@click.option("--url", required=True, help="e.g. https://na.myconnectwise.net")
@click.option("--company", required=True, help="The company id of the sign-in page.")
@click.option("--public-key", required=True)
@click.option("--client-id", required=True, help="The GUID of the integration, from ConnectWise's developer site.")
@_secret_file
@integration_option
@user_option
@command
def connectwise(
    url: str,
    company: str,
    public_key: str,
    client_id: str,
    secret_file: Any,
    integration: str | None,
    user: str | None,
    as_json: bool,
) -> int:
    """ConnectWise PSA; the private key comes from a file, the terminal or standard input."""
    fields = {"url": url, "company": company, "public_key": public_key, "client_id": client_id}
    return _connect("connectwise", fields, read_secret("Private key", secret_file), integration, user, as_json)


def _connect(
    kind: str, fields: dict[str, str], secret: str, integration: str | None, user: str | None, as_json: bool
) -> int:
    where = the_integration(integration)
    now = clock.now()
    checked = found.connect(where, kind, fields, secret, by=the_user(user, where), now=now)
    if not checked.missing:
        refresh = found.refresh_vendor_labels if kind == "sophos" else found.refresh_psa_labels
        refresh(where, now)
    if as_json:
        print_json(
            {
                "identity": checked.identity,
                "missing": [str(right) for right in checked.missing],
                "excess": [str(right) for right in checked.excess],
                "notes": dict(checked.notes or {}),
            }
        )
    else:
        _tell(checked)
    return 1 if checked.missing else 0


def _tell(checked: Checked) -> None:
    talk.print(f"[green]✓[/] Connected: {checked.identity}", soft_wrap=True)
    for right in checked.missing:
        talk.print(f"[bold red]Missing:[/] {right} — give it to the security role of the API member.", soft_wrap=True)
    for right in checked.excess:
        talk.print(f"[yellow]Not needed:[/] {right} — take it away to be safe.", soft_wrap=True)
    for name, note in (checked.notes or {}).items():
        talk.print(f"{name}: {note}", soft_wrap=True)
