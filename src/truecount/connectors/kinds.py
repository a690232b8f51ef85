"""The one table of connector kinds: what a connection of each consists of, and how it is opened."""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from truecount.connectors import connectwise, sophos
from truecount.connectors.connectwise import ConnectWisePsa
from truecount.connectors.http import Settings
from truecount.connectors.pace import Pace, Rate
from truecount.connectors.sophos import SophosCentral
from truecount.connectors.values import Row
from truecount.core.errors import ErrorCode, Misused
from truecount.core.model import UsageLine
from truecount.core.ports import Psa, Recorder, UsageSource


class Side(StrEnum):
    VENDOR = "vendor"
    PSA = "psa"


@dataclass(frozen=True, slots=True, kw_only=True)
class Field:
    """A value that a person gives. `label` is the key of its text; there is exactly one secret per kind."""

    name: str
    label: str
    secret: bool = False
    default: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Kind:
    name: str
    side: Side
    title: str
    fields: tuple[Field, ...]

    @property
    def secret(self) -> Field:
        return next(field for field in self.fields if field.secret)

    @property
    def plain(self) -> tuple[Field, ...]:
        """All fields but the secret."""
        return tuple(field for field in self.fields if not field.secret)


SOPHOS = Kind(
    name="sophos",
    side=Side.VENDOR,
    title=sophos.SYSTEM,
    fields=(
        Field(name="auth_url", label="connection.auth_url", default=sophos.AUTH_URL),
        Field(name="api_url", label="connection.api_url", default=sophos.API_URL),
        Field(name="client_id", label="connection.client_id"),
        Field(name="client_secret", label="connection.client_secret", secret=True),
    ),
)
CONNECTWISE = Kind(
    name="connectwise",
    side=Side.PSA,
    title=connectwise.SYSTEM,
    fields=(
        Field(name="url", label="connection.url"),
        Field(name="company", label="connection.company"),
        Field(name="public_key", label="connection.public_key"),
        Field(name="client_id", label="connection.integration_id"),
        Field(name="private_key", label="connection.private_key", secret=True),
    ),
)
KINDS: Mapping[str, Kind] = {kind.name: kind for kind in (SOPHOS, CONNECTWISE)}


def open_source(
    kind: str, fields: Mapping[str, str], secret: str, *, record: Recorder, settings: Settings | None = None
) -> UsageSource:
    """A vendor's connector; nothing is sent yet. Misused where a field is missing or makes no sense."""
    given = _given(kind, Side.VENDOR, fields, secret)
    return SophosCentral(
        client_id=given["client_id"],
        secret=secret,
        auth_url=given["auth_url"],
        api_url=given["api_url"],
        record=record,
        settings=settings,
        pace=_pace(kind, given["api_url"], given["client_id"], settings, sophos.RATES),
    )


def open_psa(
    kind: str,
    fields: Mapping[str, str],
    secret: str,
    *,
    record: Recorder,
    settings: Settings | None = None,
    today: Callable[[], date] | None = None,
) -> Psa:
    """A PSA's connector; nothing is sent yet. Misused where a field is missing or makes no sense."""
    given = _given(kind, Side.PSA, fields, secret)
    return ConnectWisePsa(
        url=given["url"],
        company=given["company"],
        public_key=given["public_key"],
        private_key=secret,
        client_id=given["client_id"],
        record=record,
        settings=settings,
        pace=_pace(kind, given["url"], given["company"], settings, connectwise.RATES),
        today=today,
    )


def lines_in(kind: str, route: str, body: bytes) -> list[tuple[Row, UsageLine]]:
    """The usage lines of an answer as it was kept, each beside its row."""
    return sophos.lines_in(route, body) if kind == SOPHOS.name else []


def usage_routes(kind: str) -> tuple[str, ...]:
    """Whose kept answers hold usage."""
    return sophos.USAGE_ROUTES if kind == SOPHOS.name else ()


def _given(kind: str, side: Side, fields: Mapping[str, str], secret: str) -> Mapping[str, str]:
    found = KINDS.get(kind)
    if found is None or found.side is not side:
        raise Misused(ErrorCode.BAD_VALUE, field="kind", value=kind)
    given = {field.name: fields.get(field.name, "").strip() or field.default for field in found.plain}
    missing = [name for name, value in given.items() if not value] + ([] if secret else [found.secret.name])
    if missing:
        raise Misused(ErrorCode.BAD_VALUE, field=missing[0], value="")
    return given


_paces: dict[tuple[str, ...], Pace] = {}
_paces_lock = threading.Lock()


def _pace(kind: str, url: str, account: str, settings: Settings | None, default: tuple[Rate, ...]) -> Pace:
    """One per account for the whole process: a limit counts requests, whichever connector object sent them."""
    rates = settings.rates if settings and settings.rates is not None else default
    key = (kind, url, account, repr(rates))
    with _paces_lock:
        return _paces.setdefault(key, Pace(rates))
