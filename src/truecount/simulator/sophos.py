"""The Sophos Central Partner API over the vendor's state: token, whoami, tenants, billing usage, licences."""

import json
import random
import secrets
import uuid
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import parse_qsl

from truecount.simulator.clock import Clock
from truecount.simulator.edits import merged
from truecount.simulator.published import PUBLISHED, shaped
from truecount.simulator.switches import Switches
from truecount.simulator.throttle import Window
from truecount.simulator.vendor import Tenant, Vendor
from truecount.simulator.wire import BASE, Answer, Call, Refusal, addressed, dumps, header, json_answer
from truecount.simulator.world import World

KEY = "secret"
CALLERS = {"sim": "partner", "sim-organization": "organization", "sim-tenant": "tenant"}
"""Client id → type of the account behind it."""
TOKEN_SECONDS = 3600
LIMITS = ((1.0, 10), (60.0, 100), (3600.0, 1000), (86400.0, 200_000))
"""S-26: (seconds, calls), second-hand."""
MESSAGES = {
    400: ("badRequest", "Bad request."),
    401: ("notAuthorized", "Not authorized."),
    403: ("forbidden", "Forbidden."),
    404: ("notFound", "Resource not found."),
    405: ("methodNotAllowed", "Method not allowed."),
    409: ("resourceConflict", "Resource conflict."),
    415: ("unsupportedMediaType", "Unsupported media type."),
    429: ("tooManyRequests", "Too many requests. See Retry-After header."),
    500: ("internalServerError", "Internal Server Error. timeout"),
    501: ("notImplemented", "Not simulated."),
}

BILLING_TYPES = ("trial", "usage", "term")
CHANGEABLE = frozenset({"showAs", "contact", "externalIds", "billingType"})
"""Fields of a tenant that a PATCH changes; others are passed over."""

Json = dict[str, Any]

Handler = Callable[["Sophos", Call, dict[str, str], list[str]], Answer]


@dataclass(frozen=True, kw_only=True, slots=True)
class Paging:
    """How a route pages: `default` items, at most `most`."""

    default: int = 50
    most: int = 100


TENANT_PAGES = Paging()
FIREWALL_PAGES = Paging()
USAGE_PAGES = Paging(most=1000)


class Sophos:
    def __init__(self, *, clock: Clock, switches: Switches, world: World) -> None:
        self.clock = clock
        self.switches = switches
        self.world = world
        self.vendor = Vendor(world=world, clock=clock, switches=switches)
        self._ids = random.Random(f"{world.seed}/correlation")
        self._tokens: dict[str, tuple[datetime, str]] = {}
        """Access token → when it ends, and the type of its caller."""
        self._refresh: dict[str, str] = {}
        self._caller = "partner"
        self._windows = [Window(seconds) for seconds, _ in LIMITS]

    def reset(self) -> None:
        self.vendor = Vendor(world=self.world, clock=self.clock, switches=self.switches)
        for window in self._windows:
            window.reset()

    def catch_up(self) -> None:
        """What is visible is asked from the clock each time; only what the months bring happens here."""
        self.vendor.life.catch_up()

    def bare(self, path: str) -> str:
        return path

    def template(self, path: str) -> str:
        return _route(path)[0]

    def fault(self, kind: str, retry_after: int) -> Answer:
        answer = self.error(int(kind))
        if kind == "429":
            answer.headers.append(header("retry-after", str(retry_after)))
        return answer

    def error(self, status: int, message: str | None = None) -> Answer:
        name, text = MESSAGES[status]
        return json_answer(
            status,
            {
                "error": name,
                "message": message or text,
                "correlationId": self._uuid(),
                "requestId": self._uuid(),
            },
        )

    def _uuid(self) -> str:
        return str(uuid.UUID(int=self._ids.getrandbits(128), version=4))

    def refuse(self, status: int, message: str | None = None) -> Refusal:
        return Refusal(self.error(status, message))

    def answer(self, call: Call) -> Answer:
        template, parts = _route(call.path)
        route = ROUTES.get(template)
        if route is None:
            return self.error(404)
        handler = route.get(call.method)
        if handler is None:
            return self.error(405)
        if handler is not Sophos.token:
            self._throttle()
            self._check_token(call)
        answer = addressed(handler(self, call, _query(call), parts), call)
        if self.switches["S-FIELDS"] == "published" and answer.status == 200 and template in PUBLISHED:
            answer.body = dumps(shaped(json.loads(answer.body), PUBLISHED[template]))
        return answer

    def _throttle(self) -> None:
        if self.switches["S-26"] == "off":
            return
        waits = [window.wait(most) for window, (_, most) in zip(self._windows, LIMITS, strict=True)]
        if max(waits) > 0:
            answer = self.error(429)
            answer.headers.append(header("retry-after", str(max(1, round(max(waits) + 0.5)))))
            raise Refusal(answer)
        for window in self._windows:
            window.count()

    def _check_token(self, call: Call) -> None:
        kind, _, token = (call.header("authorization") or "").partition(" ")
        expiry, caller = self._tokens.get(token.strip(), (self.clock.start, ""))
        if kind.lower() != "bearer" or not caller or expiry <= self.clock.now():
            raise self.refuse(401)
        self._caller = caller

    # Token

    def token(self, call: Call, query: dict[str, str], parts: list[str]) -> Answer:
        given = _token_request(call)
        caller = CALLERS.get(given.get("client_id", ""))
        if caller is None or not secrets.compare_digest(given.get("client_secret", ""), KEY):
            return self._token_refused(401, "unauthorized", "Invalid client credentials.")
        match given.get("grant_type"):
            case "client_credentials":
                return self._new_token(caller)
            case "refresh_token" if self._refresh.get(given.get("refresh_token", "")) == caller:
                return self._new_token(caller)
            case "refresh_token":
                return self._token_refused(401, "unauthorized", "Invalid refresh token.")
        return self._token_refused(400, "badRequest", "grant_type is missing or unknown.")

    def _new_token(self, caller: str) -> Answer:
        now = self.clock.now()
        self._tokens = {token: held for token, held in self._tokens.items() if held[0] > now}
        access, refresh = f"sim.{secrets.token_urlsafe(48)}.a", f"sim.{secrets.token_urlsafe(48)}.r"
        self._tokens[access] = now + timedelta(seconds=TOKEN_SECONDS), caller
        self._refresh[refresh] = caller
        return json_answer(
            200,
            {
                "access_token": access,
                "refresh_token": refresh,
                "token_type": "bearer",
                "message": "OK",
                "errorCode": "success",
                "expires_in": TOKEN_SECONDS,
                "trackingId": self._uuid(),
            },
        )

    def _token_refused(self, status: int, code: str, message: str) -> Answer:
        """S-33: not the error format of the other routes."""
        if self.switches["S-33"] == "oauth":
            return json_answer(status, {"error": "invalid_client", "error_description": message})
        return json_answer(status, {"errorCode": code, "message": message, "trackingId": self._uuid()})

    # Who and what

    def whoami(self, call: Call, query: dict[str, str], parts: list[str]) -> Answer:
        hosts = {"global": BASE} if self._caller != "tenant" else {"global": BASE, "dataRegion": BASE}
        return json_answer(200, {"id": self._caller_id(), "idType": self._caller, "apiHosts": hosts})

    def _caller_id(self) -> str:
        match self._caller:
            case "organization":
                return self.vendor.organization_id
            case "tenant":
                return self.vendor.own_tenant()
        return self.world.partner_id

    def organization_tenants(self, call: Call, query: dict[str, str], parts: list[str]) -> Answer:
        self._as("organization", call)
        items = [self.vendor.tenant_json(tenant) for tenant in self.vendor.organization_tenants()]
        return self._pages(items, query, TENANT_PAGES)

    def organization_tenant(self, call: Call, query: dict[str, str], parts: list[str]) -> Answer:
        self._as("organization", call)
        for tenant in self.vendor.organization_tenants():
            if tenant.row["id"] == parts[0]:
                return json_answer(200, _pruned(self.vendor.tenant_json(tenant), query))
        return self.error(404)

    def tenants(self, call: Call, query: dict[str, str], parts: list[str]) -> Answer:
        self._as_partner(call)
        items = [self.vendor.tenant_json(tenant) for tenant in self.vendor.visible_tenants()]
        return self._pages(items, query, TENANT_PAGES)

    def tenant(self, call: Call, query: dict[str, str], parts: list[str]) -> Answer:
        self._as_partner(call)
        tenant = self.vendor.tenants.get(parts[0])
        if tenant is None or tenant not in self.vendor.visible_tenants():
            return self.error(404)
        return json_answer(200, _pruned(self.vendor.tenant_json(tenant), query))

    def create_tenant(self, call: Call, query: dict[str, str], parts: list[str]) -> Answer:
        self._as_partner(call)
        given = self._json(call)
        name = given.get("showAs") or given.get("name")
        billing = given.get("billingType")
        if not isinstance(name, str) or billing not in BILLING_TYPES or not given.get("dataGeography"):
            raise self.refuse(400)
        if any(tenant.row["name"] == name for tenant in self.vendor.visible_tenants()):
            raise self.refuse(409)
        return json_answer(201, self.vendor.tenant_json(self.vendor.add_tenant(given, name)))

    def change_tenant(self, call: Call, query: dict[str, str], parts: list[str]) -> Answer:
        """A merge patch; what identifies the tenant stays."""
        self._as_partner(call)
        given = self._json(call)
        tenant = self.vendor.tenants.get(parts[0])
        if tenant is None or tenant not in self.vendor.visible_tenants():
            return self.error(404)
        if "showAs" in given and not isinstance(given["showAs"], str):
            raise self.refuse(400)
        changes = {name: value for name, value in given.items() if name in CHANGEABLE}
        tenant.row = merged(tenant.row, changes)
        self.vendor.changed()
        return json_answer(200, self.vendor.tenant_json(tenant))

    def _json(self, call: Call) -> Json:
        if "json" not in (call.header("content-type") or "").lower():
            raise self.refuse(415)
        try:
            given = json.loads(call.body)
        except (ValueError, RecursionError) as error:
            raise self.refuse(400) from error
        if not isinstance(given, dict):
            raise self.refuse(400)
        return given

    def usage(self, call: Call, query: dict[str, str], parts: list[str]) -> Answer:
        self._as_partner(call)
        year, month = (int(part) for part in parts)
        if not 1 <= month <= 12 or not 2000 <= year <= 9999:
            return self.error(400)
        period = f"{year:04d}-{month:02d}"
        if not self.vendor.has_report(period):
            return self.error(404)
        lines = self.vendor.report(period)
        if "accountid" in query:
            lines = [(key, line) for key, line in lines if line.get("accountId") == query["accountid"]]
        if "contactemail" in query:
            wanted = self._tenants_by_email(query["contactemail"])
            lines = [(key, line) for key, line in lines if line.get("accountId") in wanted]
        return self._keyed_pages(lines, query, USAGE_PAGES)

    def _tenants_by_email(self, email: str) -> set[str]:
        return {
            str(tenant.row["id"])
            for tenant in self.vendor.tenants.values()
            if str((tenant.row.get("contact") or {}).get("email", "")).lower() == email.lower()
        }

    def licences(self, call: Call, query: dict[str, str], parts: list[str]) -> Answer:
        wanted = call.header("x-tenant-id")
        if wanted is None:
            raise self.refuse(400)
        tenant = self.vendor.tenants.get(wanted)
        if tenant is None or tenant not in self._reachable():
            return self.error(403)
        body = {
            "organization": {"id": self.world.partner_id},
            "tenant": {"id": wanted},
            "licenses": self.vendor.licences(tenant),
        }
        return json_answer(200, body)

    def _reachable(self) -> list[Tenant]:
        """The tenants whose data the caller may read."""
        match self._caller:
            case "organization":
                return self.vendor.organization_tenants()
            case "tenant":
                own = self.vendor.own_tenant()
                return [tenant for tenant in self.vendor.visible_tenants() if tenant.row["id"] == own]
        return self.vendor.visible_tenants()

    def firewall_licences(self, call: Call, query: dict[str, str], parts: list[str]) -> Answer:
        items = [
            {name: value for name, value in firewall.items() if value is not None}
            for firewall in self.vendor.firewalls.values()
        ]
        tenant = call.header("x-tenant-id")
        if tenant is not None:
            if self._caller != "partner" and tenant not in {held.row["id"] for held in self._reachable()}:
                return self.error(403)
            items = [item for item in items if tenant in (_id(item, "tenant"), _id(item, "billingTenant"))]
        else:
            self._as_partner(call)
        return self._pages(items, query, FIREWALL_PAGES)

    def _as_partner(self, call: Call) -> None:
        self._as("partner", call)

    def _as(self, kind: str, call: Call) -> None:
        """Only a caller of this type, who names itself in its header."""
        given = call.header(f"x-{kind}-id")
        if given is None:
            raise self.refuse(400)
        if self._caller != kind or given != self._caller_id():
            raise self.refuse(403)

    # Pages

    def _number(self, query: dict[str, str], name: str, otherwise: int) -> int:
        text = query.get(name.lower(), "")
        if not text:
            return otherwise
        if not text.isdigit() or int(text) < 1:
            raise self.refuse(400)
        return int(text)

    def _size(self, query: dict[str, str], paging: Paging) -> int:
        size = self._number(query, "pageSize", paging.default)
        if size > paging.most:
            raise self.refuse(400)
        return size

    def _pages(self, items: list[Json], query: dict[str, str], paging: Paging) -> Answer:
        size = self._size(query, paging)
        page = self._number(query, "page", 1)
        pages: Json = {"current": page, "size": size, "maxSize": paging.most}
        if query.get("pagetotal", "").lower() == "true":
            pages |= {"total": -(-len(items) // size), "items": len(items)}
        shown = [_pruned(item, query) for item in items[(page - 1) * size : page * size]]
        return json_answer(200, {"items": shown, "pages": pages})

    def _keyed_pages(self, lines: list[tuple[str, Json]], query: dict[str, str], paging: Paging) -> Answer:
        size = self._size(query, paging)
        keys = [key for key, _ in lines]
        wanted = query.get("pagefromkey", "")
        if wanted and wanted not in keys:
            return self.error(400)
        start = keys.index(wanted) if wanted else 0
        pages: Json = {"size": size, "maxSize": paging.most}
        if keys:
            pages["fromKey"] = keys[start]
        if start + size < len(keys):
            pages["nextKey"] = keys[start + size]
        if query.get("pagetotal", "").lower() == "true":
            pages |= {"total": -(-len(keys) // size), "items": len(keys)}
        shown = [_pruned(line, query) for _, line in lines[start : start + size]]
        return json_answer(200, {"items": shown, "pages": pages})


ROUTES: dict[str, dict[str, Handler]] = {
    "/api/v2/oauth2/token": {"POST": Sophos.token},
    "/whoami/v1": {"GET": Sophos.whoami},
    "/partner/v1/tenants": {"GET": Sophos.tenants, "POST": Sophos.create_tenant},
    "/partner/v1/tenants/{id}": {"GET": Sophos.tenant, "PATCH": Sophos.change_tenant},
    "/organization/v1/tenants": {"GET": Sophos.organization_tenants},
    "/organization/v1/tenants/{id}": {"GET": Sophos.organization_tenant},
    "/partner/v1/billing/usage/{year}/{month}": {"GET": Sophos.usage},
    "/licenses/v1/licenses": {"GET": Sophos.licences},
    "/licenses/v1/licenses/firewalls": {"GET": Sophos.firewall_licences},
}


def _route(path: str) -> tuple[str, list[str]]:
    """Template and variable parts of a path."""
    parts = path.strip("/").split("/")
    match parts:
        case ["partner", "v1", "billing", "usage", year, month] if year.isdecimal() and month.isdecimal():
            return "/partner/v1/billing/usage/{year}/{month}", [year, month]
        case ["partner" | "organization" as level, "v1", "tenants", id]:
            return f"/{level}/v1/tenants/{{id}}", [id]
    shown = ["{id}" if part.isdecimal() or len(part) == 36 else part for part in parts]
    return "/" + "/".join(shown), []


def _query(call: Call) -> dict[str, str]:
    pairs = parse_qsl(call.query.decode("utf-8", "replace"), keep_blank_values=True)
    return {name.lower(): value for name, value in pairs}


def _token_request(call: Call) -> dict[str, str]:
    """A form, or JSON as the refresh is documented."""
    text = call.body.decode("utf-8", "replace")
    if "json" in (call.header("content-type") or "").lower():
        try:
            given = json.loads(text)
        except ValueError:
            return {}
        return {str(key): str(value) for key, value in given.items()} if isinstance(given, dict) else {}
    return dict(parse_qsl(text))


def _id(item: Json, name: str) -> Any:
    return (item.get(name) or {}).get("id")


def _pruned(item: Json, query: dict[str, str]) -> Json:
    """`fields`: a partial response."""
    wanted = [name.strip() for name in query.get("fields", "").split(",") if name.strip()]
    return {name: item[name] for name in wanted if name in item} if wanted else item
