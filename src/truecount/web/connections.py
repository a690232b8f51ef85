"""Connections: each system's address, its last check with the rights that are missing or too many, and a new secret.

A secret goes in and is sealed; no page ever shows one, and what was typed does not come back with an error.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from django.contrib import messages
from django.http import Http404, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_POST

from truecount.connectors.kinds import CONNECTWISE, KINDS, SOPHOS, Field, Kind, Side
from truecount.core.errors import ErrorCode, Misused, Trouble
from truecount.core.ports import Checked
from truecount.core.roles import Action
from truecount.runs import advice, clock, found, start
from truecount.runs.sentences_words import SCREENS
from truecount.store.models import Connection, Integration
from truecount.web.asked import Asked, typed
from truecount.web.belongings import integration_of
from truecount.web.dialogs import dialog, go_on
from truecount.web.failures import status_of
from truecount.web.figures import french
from truecount.web.request import Request
from truecount.web.rights import needs
from truecount.web.words import Words

LABELS: dict[str, tuple[Words, Words]] = {
    "connection.auth_url": (
        gettext_lazy("Sign-in address"),
        gettext_lazy("Sophos’ own, unless you were told another."),
    ),
    "connection.api_url": (gettext_lazy("API address"), gettext_lazy("Sophos’ own, unless you were told another.")),
    "connection.client_id": (
        gettext_lazy("Client ID"),
        gettext_lazy(
            "In Sophos Central Partner: Settings & policies › API Credentials Management. "
            "The role Service Principal Read-Only is enough."
        ),
    ),
    "connection.client_secret": (
        gettext_lazy("Client secret"),
        gettext_lazy("Sophos shows it once. It is sealed here and never shown again."),
    ),
    "connection.url": (gettext_lazy("Site address"), gettext_lazy("For example https://api-eu.myconnectwise.net")),
    "connection.company": (gettext_lazy("Company ID"), gettext_lazy("As on the sign-in page of ConnectWise PSA.")),
    "connection.public_key": (
        gettext_lazy("Public key"),
        gettext_lazy("In ConnectWise PSA: System › Members › API Members › API Keys."),
    ),
    "connection.integration_id": (
        gettext_lazy("Client ID (GUID)"),
        gettext_lazy("It names the program; it comes from ConnectWise’s developer site."),
    ),
    "connection.private_key": (
        gettext_lazy("Private key"),
        gettext_lazy("ConnectWise shows it once. It is sealed here and never shown again."),
    ),
}
"""Label and hint by the key in the table of kinds."""
_KIND_OF = {Side.VENDOR: SOPHOS, Side.PSA: CONNECTWISE}


@dataclass(frozen=True, slots=True, kw_only=True)
class System:
    """One system as the page shows it; `row` is None before it is connected."""

    side: str
    kind: Kind
    row: Connection | None
    told: list[tuple[Words, str]]
    secret: Words
    error: advice.Text | None = None


@needs(Action.LOOK)
def connections(request: Request, slug: str) -> HttpResponse:
    return _page(request, integration_of(request, slug))


@needs(Action.CONNECT)
@require_POST
def check(request: Request, slug: str, side: str) -> HttpResponse:
    """Check a kept connection now."""
    integration = integration_of(request, slug)
    kind = _kind_of(side)
    try:
        checked = found.check_again(integration, side, by=request.user, now=clock.now())
    except Trouble as trouble:
        text = advice.error_text(str(trouble.code), trouble.fields)
        return _page(request, integration, {side: text}, status=status_of(trouble))
    _settle(request, integration, side, kind, checked)
    return HttpResponseRedirect(reverse("connections", args=[slug]))


@needs(Action.CONNECT)
@sensitive_post_parameters("client_secret", "private_key")
@require_http_methods(["GET", "POST"])
def connection(request: Request, slug: str, side: str) -> HttpResponse:
    """Connect a system, or connect it anew with another address or secret; only what was checked is kept."""
    integration = integration_of(request, slug)
    kind = _kind_of(side)
    kept = Connection.objects.filter(integration=integration, side=side).first()
    if request.method == "GET":
        return _form(request, integration, side, kept.fields if kept else {}, {})
    given = {field.name: typed(request.POST.get(field.name)) for field in kind.plain}
    secret = typed(request.POST.get(kind.secret.name))
    errors = _empty(kind, given, secret)
    if errors:
        return _form(request, integration, side, given, errors, status=422)
    try:
        checked = found.connect(integration, kind.name, given, secret, by=request.user, now=clock.now())
    except Trouble as trouble:
        return _refused(request, integration, side, given, trouble)
    _settle(request, integration, side, kind, checked)
    return go_on(request, reverse("connections", args=[slug]))


def _kind_of(side: str) -> Kind:
    try:
        return _KIND_OF[Side(side)]
    except ValueError:
        raise Http404 from None


def _empty(kind: Kind, given: Mapping[str, str], secret: str) -> dict[str, str]:
    names = [field.name for field in kind.plain if not given[field.name] and not field.default]
    return {name: _("Fill this in.") for name in names + ([] if secret else [kind.secret.name])}


def _refused(
    request: Request, integration: Integration, side: str, given: Mapping[str, str], trouble: Trouble
) -> HttpResponse:
    """At its field where the trouble names one, else above the form."""
    text = advice.error_text(str(trouble.code), trouble.fields)
    field = str(trouble.fields.get("field", ""))
    if isinstance(trouble, Misused) and trouble.code == ErrorCode.BAD_VALUE and field in given:
        return _form(request, integration, side, given, {field: f"{text.sentence} {text.advice}"}, status=422)
    return _form(request, integration, side, given, {}, text=text, status=status_of(trouble))


def _settle(request: Request, integration: Integration, side: str, kind: Kind, checked: Checked) -> None:
    """Say what was found; where all is well, read what there is to map."""
    number = len(checked.missing)
    if not number:
        start.begin_reading_labels(integration, side)
        messages.success(request, _("%(system)s is connected, and no right is missing.") % {"system": kind.title})
        return
    told = ngettext(
        "%(system)s is connected, but %(count)d right is missing.",
        "%(system)s is connected, but %(count)d rights are missing.",
        number,
    )
    messages.warning(request, told % {"system": kind.title, "count": number})


def _page(
    request: Request, integration: Integration, errors: Mapping[str, advice.Text] | None = None, status: int = 200
) -> HttpResponse:
    rows = {row.side: row for row in Connection.objects.filter(integration=integration).defer("sealed")}
    sides = [_side(side, rows.get(side), (errors or {}).get(side)) for side in Side]
    context = {"tab": "connections", "sides": sides, "security_roles": SCREENS["security_roles"].said(french())}
    return render(request, "web/connections.html", context, status=status)


def _side(side: Side, row: Connection | None, error: advice.Text | None) -> System:
    kind = KINDS[row.kind] if row else _KIND_OF[side]
    fields = row.fields if row else {}
    told = [(LABELS[field.label][0], fields.get(field.name) or field.default) for field in kind.plain]
    return System(side=side, kind=kind, row=row, told=told, secret=LABELS[kind.secret.label][0], error=error)


def _form(
    request: Request,
    integration: Integration,
    side: str,
    given: Mapping[str, str],
    errors: Mapping[str, str],
    *,
    text: advice.Text | None = None,
    status: int = 200,
) -> HttpResponse:
    kind = _kind_of(side)
    context = {
        "side": side,
        "kind": kind,
        "known": Connection.objects.filter(integration=integration, side=side).exists(),
        "fields": [_field(field, given, errors) for field in kind.fields],
        "text": text,
    }
    return dialog(request, "web/connection.html", context, status=status)


def _field(field: Field, given: Mapping[str, str], errors: Mapping[str, str]) -> Asked:
    label, hint = LABELS[field.label]
    return Asked(
        name=field.name,
        label=label,
        value="" if field.secret else given.get(field.name, "") or field.default,
        hint=hint,
        error=errors.get(field.name, ""),
        kind="password" if field.secret else "text",
        complete="new-password" if field.secret else "off",
        needed=not field.default,
    )
