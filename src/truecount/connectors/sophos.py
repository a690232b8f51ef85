"""Sophos Central Partner as a source of usage: token, who we are, customers, billing report, licences, firewalls.

Facts: `Sophos §…` are sections of the collected facts about its API. Partner and organization credentials work;
the billing report exists for partners only.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Generator, Iterable, Mapping
from dataclasses import replace
from datetime import UTC, datetime
from functools import partial
from typing import NamedTuple, TypeVar
from urllib.parse import urlsplit

import httpx2

from truecount.connectors.http import Call, Client, Settings, address, in_parallel
from truecount.connectors.pace import REAL_TIME, Pace, Rate, Ticker
from truecount.connectors.paging import by_key, by_number, understanding
from truecount.connectors.redaction import Redactor
from truecount.connectors.sophos_records import customer, firewall, licenses, live_line, usage_line
from truecount.connectors.values import (
    Puzzling,
    Row,
    inner,
    needed_text,
    number,
    parse,
    rows,
    text,
    understood,
)
from truecount.core.errors import ErrorCode, NotReady, Refused, RetryLater, Trouble, Unexpected
from truecount.core.model import Customer, Firewall, UsageLine
from truecount.core.period import Period
from truecount.core.ports import Checked, LiveUsage, Recorder, Right

log = logging.getLogger(__name__)
T = TypeVar("T")

SYSTEM = "Sophos Central"
AUTH_URL = "https://id.sophos.com"
API_URL = "https://api.central.sophos.com"
LOGIN_PATH = "/api/v2/oauth2/token"

RATES = (Rate(10, 1.05), Rate(100, 60.5), Rate(1_000, 3_601), Rate(200_000, 86_401))
"""Second-hand figures (facts: Sophos §13.9), each window a little longer than told because requests don't arrive
as evenly as they leave."""
THREADS = 4
UNNAMED_PAUSE = 5.0
"""After 429 without Retry-After (facts: Sophos §13.9)."""
LIFETIME = 3600.0
"""Of a token whose answer does not tell it (facts: Sophos §13.1)."""

TENANTS, REPORT = "/partner/v1/tenants", "/partner/v1/billing/usage/{year}/{month}"
ORGANIZATION_TENANTS = "/organization/v1/tenants"
LICENSES, FIREWALLS = "/licenses/v1/licenses", "/licenses/v1/licenses/firewalls"
USAGE_ROUTES = (f"GET {REPORT}", f"GET {LICENSES}")
"""Whose answers hold usage."""
TENANTS_PAGE, REPORT_PAGE, FIREWALLS_PAGE = 100, 1000, 50
"""The most that public clients ask for (facts: Sophos §13.4, §13.5, §13.7)."""

GIVE_UP_AFTER = 3
"""So many customers in a row without any answer, and the rest are unread without being asked."""


CALLERS = ("partner", "organization")


class Caller(NamedTuple):
    """Who the credentials belong to, and where its API is."""

    id: str
    type: str
    api: str

    @property
    def header(self) -> Mapping[str, str]:
        return {f"X-{self.type.title()}-ID": self.id}


class TokenAuth(httpx2.Auth):
    """Client credentials for a bearer token, renewed before it expires and once on 401; shared by all threads."""

    def __init__(self, client: Client, call: Call, *, ticker: Ticker) -> None:
        self._client = client
        self._call = call
        self._ticker = ticker
        self._token = ""
        self._renew_at = 0.0
        self._lock = threading.Lock()

    def sync_auth_flow(self, request: httpx2.Request) -> Generator[httpx2.Request, httpx2.Response, None]:
        token = self._valid()
        request.headers["Authorization"] = f"Bearer {token}"
        response = yield request
        if response.status_code == 401:
            request.headers["Authorization"] = f"Bearer {self._valid(refused=token)}"
            yield request

    def _valid(self, refused: str = "") -> str:
        """A token that is not the refused one; one thread asks for it, the others wait for the same."""
        with self._lock:
            if self._token in ("", refused) or self._ticker.now() >= self._renew_at:
                self._renew()
            return self._token

    def _renew(self) -> None:
        """Sent once: whoever needed the token is asked again as a whole. Keys: facts, Sophos §13.1."""
        try:
            body = self._client.read(self._call, tries=1).value
        except Refused as refused:
            if refused.code is ErrorCode.NOT_FOUND:
                raise
            raise Refused(ErrorCode.WRONG_CREDENTIALS, **refused.fields) from refused
        with understanding(self._client, self._call):
            if not isinstance(body, Mapping):
                raise Puzzling("access_token", body)
            token, told = needed_text(body, "access_token"), number(body, "expires_in")
        lifetime = LIFETIME if told is None else float(told)
        self._client.redactor.learn(token)
        self._token = token
        self._renew_at = self._ticker.now() + lifetime - min(60.0, lifetime / 10)


class Outage:
    """Tells one customer's trouble from everybody's: after a few in a row without any answer, nobody else is asked."""

    def __init__(self) -> None:
        self.last: Trouble | None = None
        self._failed = 0
        self._in_a_row = 0
        self._answers = 0
        self._lock = threading.Lock()

    @property
    def is_on(self) -> bool:
        return self._in_a_row >= GIVE_UP_AFTER

    @property
    def is_total(self) -> bool:
        return self._answers == 0 and self._failed >= GIVE_UP_AFTER

    def answered(self) -> None:
        with self._lock:
            self._answers += 1
            self._in_a_row = 0

    def failed(self, trouble: Trouble, customer: str) -> None:
        log.warning(
            "A customer's licences could not be read",
            extra={"action": "unread", "system": SYSTEM, "customer": customer, "code": str(trouble.code)},
        )
        with self._lock:
            self.last = trouble
            self._failed += 1
            self._in_a_row = self._in_a_row + 1 if isinstance(trouble, RetryLater) else 0


class SophosCentral:
    """A `UsageSource`. Nothing is sent before the first method is called."""

    def __init__(
        self,
        *,
        client_id: str,
        secret: str,
        auth_url: str = AUTH_URL,
        api_url: str = API_URL,
        record: Recorder,
        settings: Settings | None = None,
        pace: Pace | None = None,
        transport: httpx2.BaseTransport | None = None,
        ticker: Ticker = REAL_TIME,
    ) -> None:
        settings = settings or Settings()
        auth_url, self._api = address(auth_url, "auth_url"), address(api_url, "api_url")
        self._caller: Caller | None = None
        self._lock = threading.Lock()
        client = partial(
            Client,
            system=SYSTEM,
            record=record,
            pace=pace or Pace(settings.rates or RATES, ticker=ticker),
            redactor=Redactor(secret),
            settings=settings,
            threads=settings.threads or THREADS,
            unnamed_pause=UNNAMED_PAUSE,
            transport=transport,
            ticker=ticker,
        )
        self._login = client(origin=auth_url)
        token = token_call(auth_url, client_id, secret)
        self._client = client(origin=self._api, auth=TokenAuth(self._login, token, ticker=ticker))

    def close(self) -> None:
        self._client.close()
        self._login.close()

    def check(self) -> Checked:
        """Who the credentials belong to, and what they may not read. That they may do more can't be seen."""
        caller = self._whoami()
        return Checked(
            identity=f"{caller.type} {caller.id}",
            missing=tuple(right for right, call in self._needed().items() if not self._may(call)),
            notes={"type": caller.type, "host": urlsplit(caller.api).netloc},
        )

    def list_customers(self) -> list[Customer]:
        call = self._customers_call(pageSize=TENANTS_PAGE)
        return _understood(by_number(self._client, call, identity="id"), customer, call, name="id")

    def list_usage(self, period: Period) -> list[UsageLine]:
        call = self._report_call(period, pageSize=REPORT_PAGE)
        self._partners_only(call)
        try:
            return _understood(by_key(self._client, call), usage_line, call, name="orderLineItemNumber")
        except Refused as refused:
            if refused.code is ErrorCode.NOT_FOUND and refused.fields.get("error"):
                raise NotReady(ErrorCode.NOT_READY, system=SYSTEM, period=period) from refused
            raise

    def list_live_usage(self, customers: Iterable[str]) -> LiveUsage:
        """What fails makes one customer unread; a wrong secret, and no answer for anybody, are errors."""
        asked = list(dict.fromkeys(customers))
        api, outage = self._whoami().api, Outage()
        read = in_parallel(lambda one: self._licenses(api, one, outage), asked, threads=self._client.threads)
        answered = {one: lines for one, lines in zip(asked, read, strict=True) if lines is not None}
        if outage.last is not None and outage.is_total:
            raise outage.last
        return LiveUsage(
            lines=tuple(line for lines in answered.values() for line in lines),
            unread=frozenset(asked) - answered.keys(),
        )

    def list_firewalls(self) -> list[Firewall]:
        call = self._call(FIREWALLS, pageSize=FIREWALLS_PAGE)
        found = by_number(self._client, call, identity="serialNumber")
        made = _understood(found, firewall, call, name="serialNumber")
        return [one for one in made if one is not None]

    def _licenses(self, api: str, customer: str, outage: Outage) -> list[UsageLine] | None:
        """None where they could not be had. The global host with the customer's header alone answers; the
        regional one says 404 (facts: Sophos §13.3)."""
        if outage.is_on:
            return None
        call = Call(base=api, path=LICENSES, headers={"X-Tenant-ID": customer})
        try:
            found = self._license_rows(call)
            lines = _understood(found, partial(live_line, customer), call, name="licenseIdentifier")
        except (Refused, RetryLater, Unexpected) as trouble:
            if isinstance(trouble, Refused) and trouble.fields["route"] == f"POST {LOGIN_PATH}":
                raise
            outage.failed(trouble, customer)
            return None
        outage.answered()
        return [line for line in lines if line is not None]

    def _license_rows(self, call: Call) -> list[Row]:
        body = self._client.read(call).value
        with understanding(self._client, call):
            return licenses(body)

    def _needed(self) -> Mapping[Right, Call]:
        last_month = Period.of(datetime.now(UTC).date()).plus(-1)
        return {
            _reading("Customers"): self._customers_call(pageSize=1),
            _reading("Billing usage"): self._report_call(last_month, pageSize=1),
            _reading("Firewall licenses"): self._call(FIREWALLS, pageSize=1),
        }

    def _may(self, call: Call) -> bool:
        """Whether one row may be read; that there is none is no lack of permission."""
        try:
            self._partners_only(call)
            self._client.read(call)
        except Refused as refused:
            if refused.code is ErrorCode.MISSING_RIGHT:
                return False
            if refused.code is not ErrorCode.NOT_FOUND:
                raise
        return True

    def _partners_only(self, call: Call) -> None:
        """There is no billing report for organizations (facts: Sophos §13.5)."""
        if call.path == REPORT and (caller := self._whoami()).type != "partner":
            raise Refused(ErrorCode.MISSING_RIGHT, system=SYSTEM, route=call.route, found=caller.type)

    def _customers_call(self, **params: int) -> Call:
        organization = self._whoami().type == "organization"
        return self._call(ORGANIZATION_TENANTS if organization else TENANTS, **params)

    def _report_call(self, period: Period, **params: int) -> Call:
        return replace(self._call(REPORT, **params), ids=tuple(period))

    def _call(self, path: str, **params: int) -> Call:
        caller = self._whoami()
        return Call(base=caller.api, path=path, params=params, headers=caller.header)

    def _whoami(self) -> Caller:
        with self._lock:
            if self._caller is None:
                self._caller = self._read_whoami()
            return self._caller

    def _read_whoami(self) -> Caller:
        """Partner or organization; others have no customers to report on (facts: Sophos §13.2)."""
        call = Call(base=self._api, path="/whoami/v1")
        body = self._client.read(call).value
        with understanding(self._client, call):
            if not isinstance(body, Mapping):
                raise Puzzling("idType", body)
            kind, own_id = needed_text(body, "idType"), needed_text(body, "id")
            told = text(inner(body, "apiHosts"), "global")
        if kind not in CALLERS:
            raise Refused(ErrorCode.WRONG_CREDENTIALS, system=SYSTEM, route=call.route, found=kind, needed="partner")
        return Caller(id=own_id, type=kind, api=api_host(self._api, told))


def lines_in(route: str, body: bytes) -> list[tuple[Row, UsageLine]]:
    """The usage lines of a kept answer, each beside the row that it came from. Licences don't name their customer:
    the answer was asked for with the customer's header."""
    told = parse(body) if route in USAGE_ROUTES else None
    if not isinstance(told, dict):
        return []
    if route == f"GET {REPORT}":
        return [(row, usage_line(row)) for row in rows(told, "items")]
    lines = [(row, live_line("", row)) for row in licenses(told)]
    return [(row, line) for row, line in lines if line is not None]


def token_call(auth_url: str, client_id: str, secret: str) -> Call:
    """Facts: Sophos §13.1. The address may be given with or without its path."""
    return Call(
        base=auth_url.removesuffix(LOGIN_PATH),
        path=LOGIN_PATH,
        method="POST",
        form={
            "grant_type": "client_credentials",
            "client_id": client_id,
            "client_secret": secret,
            "scope": "token",
        },
    )


def api_host(configured: str, told: str) -> str:
    """The host that whoami names, over https, if it and the configured one are Sophos'; else the configured one.
    A token never goes where only an answer says."""
    host = urlsplit(told).hostname or ""
    return f"https://{host}" if _is_sophos(host) and _is_sophos(urlsplit(configured).hostname or "") else configured


def _is_sophos(host: str) -> bool:
    return host == "sophos.com" or host.endswith(".sophos.com")


def _reading(function: str) -> Right:
    return Right(module=SYSTEM, function=function, verb="Read")


def _understood(found: Iterable[Row], make: Callable[[Row], T], call: Call, *, name: str) -> list[T]:
    return understood(found, make, name=name, system=SYSTEM, route=call.route)
