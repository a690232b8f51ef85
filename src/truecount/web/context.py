"""What every page shows around its content: the ways to go, where one is, and whose page it is."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from truecount.store.models import Integration, User
from truecount.web.preferences import look_of
from truecount.web.words import ROLES, Words


@dataclass(frozen=True, slots=True, kw_only=True)
class Way:
    title: Words
    address: str
    shape: str
    here: bool


_USAGE_SYNC = frozenset(
    {
        "usage-sync",
        "usage-sync-configure",
        "usage-sync-save",
        "product-mapping",
        "product-unmapping",
        "item-add",
        "item",
        "item-edit",
    }
)
_WAYS: tuple[tuple[str, Words, str, frozenset[str]], ...] = (
    ("overview", _("Overview"), "layout-dashboard", frozenset({"overview"})),
    ("usage-sync", _("Usage sync"), "arrow-left-right", _USAGE_SYNC),
    ("customers", _("Customers"), "building-2", frozenset({"customers", "customer", "customer-suggestions"})),
    ("plans", _("Plans and runs"), "list-checks", frozenset({"plans", "plan", "runs", "run"})),
    ("findings", _("Findings"), "inbox", frozenset({"findings"})),
    ("history", _("History"), "history", frozenset({"history", "ledger"})),
)
"""Address, title, shape, and the addresses at which one is there."""
_CONFIGURE = frozenset(
    {"psa-integration", "integration-new", "manage-settings", "connections", "connection", "connection-check"}
    | {"policy", "sync-settings", "users", "user-new", "user", "user-link", "user-password"}
)
"""The last way, which is there before the first integration is."""


def frame(request: HttpRequest) -> dict[str, Any]:
    """For all templates. Nothing but the languages and the look where nobody is signed in."""
    shared = {"languages": settings.LANGUAGES, "look": look_of(request)}
    user = getattr(request, "user", None)
    if not isinstance(user, User):
        return shared
    integration = getattr(request, "integration", None)
    others = list(Integration.objects.filter(partner_id=user.partner_id).order_by("slug"))
    return shared | {
        "ways": [*(_ways(request, integration) if integration else []), _configure(request)],
        "integration": integration,
        "integrations": others,
        "role": ROLES[user.role],
    }


def _ways(request: HttpRequest, integration: Integration) -> list[Way]:
    here = _here(request)
    return [
        Way(title=title, address=reverse(name, args=[integration.slug]), shape=shape, here=here in there)
        for name, title, shape, there in _WAYS
    ]


def _configure(request: HttpRequest) -> Way:
    here = _here(request) in _CONFIGURE
    return Way(title=_("Configure"), address=reverse("psa-integration"), shape="settings", here=here)


def _here(request: HttpRequest) -> str:
    return (request.resolver_match.url_name or "") if request.resolver_match else ""
