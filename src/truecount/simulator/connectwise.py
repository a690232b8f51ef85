"""The ConnectWise API: routes, keys, rights, the rate limit; records are read and written elsewhere."""

import base64
import binascii
import re
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from dataclasses import replace as replace_query
from typing import Any

from truecount.simulator import actions, refusals
from truecount.simulator.billing import COMPUTED, NotInvoiced, invoice_due, make_invoice
from truecount.simulator.bodies import read_body
from truecount.simulator.books import PREFIX, Books, Row
from truecount.simulator.callbacks import KEY_PATH, SIGNING_KEY, Callbacks
from truecount.simulator.checks import Wrong
from truecount.simulator.clock import Clock, months_later
from truecount.simulator.conditions import BadCondition
from truecount.simulator.contract import contract
from truecount.simulator.models import LATEST, asked_version, older_body
from truecount.simulator.names import field_tree
from truecount.simulator.queries import (
    BadQuery,
    Query,
    body_of,
    link_header,
    one_page,
    read_query,
    record_body,
    rows_of,
    selected,
    trail_of,
)
from truecount.simulator.resources import RESOURCES, Resource
from truecount.simulator.switches import Switches
from truecount.simulator.throttle import Window
from truecount.simulator.wire import JSON_TYPE, Answer, Call, Refusal, addressed, empty_answer, json_answer
from truecount.simulator.writes import create, delete, patch, replace

COMPANY, PUBLIC, PRIVATE = "sim", "pub", "priv"
RETRY_AFTER = 30
LONGEST_URL = 2000
RIGHT_OF = {"GET": "I", "POST": "A", "PUT": "E", "PATCH": "E", "DELETE": "D"}
DISCOVERY = "/login/companyinfo"
NEW_CODEBASE = "v2026_4"

_ROOT = re.compile(r"/(?P<codebase>v4_6_release|v20\d\d_\d+)/apis/3\.0(?=/|$)", re.IGNORECASE)
_GUID = re.compile(r"\{?[0-9a-f]{8}-?(?:[0-9a-f]{4}-?){3}[0-9a-f]{12}\}?", re.IGNORECASE)

Special = Callable[[Books, Call, list[int]], Answer]


@dataclass(frozen=True, kw_only=True, slots=True)
class Endpoint:
    """A simulated route: how it answers and whose right it needs."""

    resource: Resource | None = None
    schema: str = ""
    shape: str = ""
    """collection, count or record"""
    special: Special | None = None
    module: str | None = None


def _twins(resource: Resource) -> dict[str, Endpoint]:
    """The collection, its records, their count and the light twins, as far as the definition has them."""

    def shown(shape: str, schema: str) -> Endpoint:
        return Endpoint(resource=resource, schema=schema, module=resource.module, shape=shape)

    routes = {
        resource.path: shown("collection", resource.schema),
        f"{resource.path}/count": shown("count", resource.schema),
        f"{resource.path}/{{id}}": shown("record", resource.schema),
    }
    if resource.info is not None:
        info_path = resource.info_path or f"{resource.path}/info"
        routes[info_path] = shown("collection", resource.info)
        routes[f"{info_path}/count"] = shown("count", resource.info)
        routes[f"{resource.path}/{{id}}/info"] = shown("record", resource.info)
        if resource.info_path is not None:
            routes[f"{info_path}/{{id}}"] = shown("record", resource.info)
    return routes


def _endpoints() -> dict[tuple[str, str], Endpoint]:
    """(verb, template in lower case) → endpoint, for what the definition knows and is simulated."""
    found: dict[tuple[str, str], Endpoint] = {}
    paths = contract().paths
    for resource in RESOURCES:
        for template, endpoint in _twins(resource).items():
            for verb in paths.get(template, ()):
                found[verb, template.lower()] = endpoint
    for (verb, template), (special, module) in actions.SPECIALS.items():
        found[verb, template.lower()] = Endpoint(special=special, module=module)
    return found


def simulated_routes() -> list[tuple[str, list[str], list[str]]]:
    """Template, verbs that are simulated, verbs of the definition that answer 501."""
    found = _endpoints()
    known = {template.lower(): template for template in contract().paths}
    known |= {template.lower(): template for _, template in actions.SPECIALS if template.lower() not in known}
    rows = []
    for key, template in sorted(known.items()):
        verbs = {*contract().paths.get(template, ()), *(verb for verb, place in found if place == key)}
        served = sorted(verb for verb in verbs if (verb, key) in found)
        rows.append((template, served, sorted(verbs - set(served))))
    return rows


class ConnectWise:
    def __init__(self, *, clock: Clock, switches: Switches, fill: Callable[[Books], None]) -> None:
        self.clock = clock
        self.switches = switches
        self._fill = fill
        self.books = Books(clock=clock, switches=switches, computed=COMPUTED)
        self.window = Window(60.0)
        self._endpoints = _endpoints()
        self._paths = {template.lower(): verbs for template, verbs in contract().paths.items()}
        self._known_keys: set[str] = set()
        self._read_agreements: set[int] = set()
        self._calls = 0
        self.callbacks = Callbacks()
        fill(self.books)
        self.books.watch = self._changed

    def reset(self) -> None:
        self.books = Books(clock=self.clock, switches=self.switches, computed=COMPUTED)
        self.window.reset()
        self.callbacks.reset()
        self._read_agreements.clear()
        self._calls = 0
        self._fill(self.books)
        self.books.watch = self._changed

    def _changed(self, table: str, row: Row, action: str, by: str) -> None:
        self.callbacks.changed(self.books, table, row, action, by)

    def catch_up(self) -> None:
        """Invoices what became due on each first of a month that passed."""
        today = self.clock.today()
        text = today.isoformat()
        books = self.books
        if text == books.today:
            return
        first = months_later(type(today).fromisoformat(books.today).replace(day=1), 1)
        while first <= today:
            books.today = first.isoformat()
            books.forget()
            invoice_due(books, first)
            first = months_later(first, 1)
        books.today = text
        books.forget()

    def bare(self, path: str) -> str:
        match = _ROOT.match(path)
        return path[match.end() :] if match else path

    def template(self, path: str) -> str:
        template, _ = _split(self.bare(path))
        return f"{DISCOVERY}/{{id}}" if template.lower().startswith(DISCOVERY + "/") else template

    def fault(self, kind: str, retry_after: int) -> Answer:
        match kind:
            case "401":
                return refusals.plain_unauthorized()
            case "429":
                return refusals.throttled(retry_after)
            case "409":
                return refusals.conflict(self.switches, "The record may be in use, or another conflict occurred.")
        return refusals.server_error()

    def answer(self, call: Call) -> Answer:
        if self.switches["C-07"] != "accepted" and call.scheme == "http":
            return refusals.no_ssl(self.switches)
        if call.path.lower().startswith(DISCOVERY):
            return self._discovery(call)
        if call.path.startswith(KEY_PATH):
            return json_answer(200, {"signing_key": SIGNING_KEY})
        self.callbacks.base = call.base
        match = _ROOT.match(call.path)
        codebase = match["codebase"].lower() if match else ""
        moved = self.switches["C-52"] == "codebase change" and codebase != NEW_CODEBASE
        if match is None or moved or "/apis/3.0" in call.path[match.end() :]:
            return refusals.cannot_route(self.switches)
        return self._dressed(call, self._routed(call, call.path[match.end() :]))

    def _dressed(self, call: Call, answer: Answer) -> Answer:
        """The headers that every answer of the API carries, and the caller's own address in hrefs."""
        self._calls += 1
        answer.headers += [
            (b"api-current-version", b"2026.4"),
            (b"cache-control", b"no-cache"),
            (b"x-cw-request-id", b"%032x" % self._calls),
        ]
        return addressed(answer, call)

    def _routed(self, call: Call, path: str) -> Answer:
        template, ids = _split(path)
        key = template.lower()
        endpoint = self._endpoints.get((call.method, key))
        open_door = key == "/system/info" and self.switches["C-03"] == "200"
        if not open_door:
            self._check_keys(call)
        self._throttle()
        self.books.model = LATEST if self.switches["C-51"] == "latest" else asked_version(call.header("accept"))
        if len(call.path) + len(call.query) > LONGEST_URL:
            return refusals.too_long(self.switches)
        if endpoint is None:
            return self._unserved(call.method, key, template)
        if endpoint.module is not None and not self.switches.may(endpoint.module, RIGHT_OF[call.method]):
            return refusals.no_right(self.switches, template)
        if endpoint.special is not None:
            return endpoint.special(self.books, call, ids)
        answer = self._collection_call(call, endpoint, ids)
        if self.books.model != LATEST and 200 <= answer.status < 300 and answer.body and endpoint.shape != "count":
            answer.body = older_body(answer.body, endpoint.schema, self.books.model)
        return answer

    def _unserved(self, method: str, key: str, template: str) -> Answer:
        verbs = self._paths.get(key)
        if verbs is None:
            return refusals.no_route(self.switches, method, template)
        if method in verbs:
            return refusals.not_simulated(self.switches, method, template)
        return refusals.no_verb(self.switches, method)

    def _check_keys(self, call: Call) -> None:
        given = call.header("authorization") or ""
        if given not in self._known_keys:
            if not _are_keys(given):
                raise Refusal(refusals.unauthorized(self.switches))
            self._known_keys.add(given)
        if self.switches["C-01"] != "ignored" and _GUID.fullmatch(call.header("clientid") or "") is None:
            raise Refusal(refusals.client_id(self.switches))

    def _throttle(self) -> None:
        limit = self.switches["C-46"]
        if limit == "off":
            return
        if self.window.wait(100 if limit == "100" else 1000) > 0:
            raise Refusal(refusals.throttled(RETRY_AFTER, with_header=limit != "no Retry-After"))
        self.window.count()

    def _collection_call(self, call: Call, endpoint: Endpoint, ids: list[int]) -> Answer:
        resource = endpoint.resource
        assert resource is not None, "an endpoint is a special or a resource's"
        books = self.books
        if resource.table == "additions" and self.switches["C-52"] == "invoice":
            self._invoice_in_between(call.method, ids[0])
        if resource.parent is not None and ids[0] not in books[resource.parent].rows:
            parent = next(other for other in RESOURCES if other.table == resource.parent)
            return refusals.not_found(self.switches, parent.thing, ids[0])
        try:
            match endpoint.shape:
                case "count":
                    return self._count(call, endpoint, resource, ids)
                case "collection" if call.method == "GET":
                    return self._list(call, endpoint, resource, ids)
                case "collection":
                    query = self._record_query(call, endpoint)
                    row = create(books, resource, ids[0] if ids else None, read_body(self.switches, call))
                    return self._record(endpoint, resource, row, query, 201)
            return self._record_call(call, endpoint, resource, ids)
        except BadCondition as error:
            return refusals.bad_condition(self.switches, str(error))
        except RecursionError:
            return refusals.bad_condition(self.switches, "Conditions string is too deeply nested.")
        except BadQuery as error:
            return refusals.bad_request(self.switches, str(error))
        except Wrong as wrong:
            return refusals.invalid_object(self.switches, resource.name, [wrong.problem])

    def _invoice_in_between(self, method: str, agreement: int) -> None:
        """C-52: once after each reading of an agreement's additions."""
        row = self.books["agreements"].rows.get(agreement)
        if method == "GET":
            self._read_agreements.add(agreement)
        elif row is not None and agreement in self._read_agreements:
            self._read_agreements.discard(agreement)
            with suppress(NotInvoiced):
                make_invoice(self.books, row)

    def _count(self, call: Call, endpoint: Endpoint, resource: Resource, ids: list[int]) -> Answer:
        query = read_query(call, self.books)
        rows = rows_of(self.books, resource, ids)
        if resource.table == "auditTrail":
            rows = trail_of(rows, query)
        rows = selected(self.books, resource, endpoint.schema, rows, query)
        return json_answer(200, {"count": len(rows)})

    def _list(self, call: Call, endpoint: Endpoint, resource: Resource, ids: list[int]) -> Answer:
        books = self.books
        query = read_query(call, books)
        rows = rows_of(books, resource, ids)
        if resource.table == "auditTrail":
            query, rows = replace_query(query, forward=False), trail_of(rows, query)
        rows = selected(books, resource, endpoint.schema, rows, query)
        page = one_page(books, rows, query)
        answer = Answer(status=200, body=body_of(books, resource, endpoint.schema, page, query), headers=[JSON_TYPE])
        link = link_header(call, books, query, len(rows), page)
        if link is not None:
            answer.headers.append(link)
        return answer

    def _record_query(self, call: Call, endpoint: Endpoint) -> Query:
        """The query of a call for one record, read before anything is written; raises BadCondition."""
        query = read_query(call, self.books)
        if query.fields:
            field_tree(endpoint.schema, query.fields, strict=self.switches["C-13"] == "400")
        return query

    def _record(self, endpoint: Endpoint, resource: Resource, row: dict[str, Any], query: Query, status: int) -> Answer:
        body = record_body(self.books, resource, endpoint.schema, row, query)
        return Answer(status=status, body=body, headers=[JSON_TYPE])

    def _record_call(self, call: Call, endpoint: Endpoint, resource: Resource, ids: list[int]) -> Answer:
        books = self.books
        row = books[resource.table].rows.get(ids[-1])
        if row is None or (resource.parent_field is not None and row.get(resource.parent_field) != ids[0]):
            return refusals.not_found(self.switches, resource.thing, ids[-1])
        query = self._record_query(call, endpoint)
        match call.method:
            case "DELETE":
                delete(books, resource, row)
                return empty_answer(204)
            case "PATCH" if resource.table == "companies" and self.switches["C-22"] == "on":
                return refusals.no_verb(self.switches, "PATCH")
            case "PATCH":
                patch(books, resource, row, read_body(self.switches, call))
            case "PUT":
                replace(books, resource, row, read_body(self.switches, call))
        return self._record(endpoint, resource, row, query, 200)

    def _discovery(self, call: Call) -> Answer:
        company = call.path.rstrip("/").rsplit("/", 1)[-1]
        if company.lower() != COMPANY:
            if self.switches["C-05"] == "404":
                return refusals.not_found(self.switches, "Company", company)
            return json_answer(200, None)
        moved = self.switches["C-52"] == "codebase change"
        host = call.base.partition("://")[2]
        facts: Mapping[str, Any] = {
            "CompanyName": "Simulated MSP",
            "Codebase": f"{NEW_CODEBASE}/" if moved else f"{PREFIX.split('/')[1]}/",
            "VersionCode": "v2026.4",
            "VersionNumber": "v4.6.126046",
            "CompanyID": COMPANY,
            "IsCloud": True if self.switches["C-06"] == "boolean" else "True",
            "SiteUrl": host,
            "AllowedOrigins": [],
        }
        return json_answer(200, facts)


def _split(path: str) -> tuple[str, list[int]]:
    """`/finance/agreements/7/` → `/finance/agreements/{id}`, [7]."""
    ids: list[int] = []
    parts = []
    for part in path.strip("/").split("/"):
        if part.isdigit() and part.isascii():
            ids.append(int(part))
            parts.append("{id}")
        else:
            parts.append(part)
    return "/" + "/".join(parts), ids


def _are_keys(given: str) -> bool:
    """`Basic ` + base64 of `company+public:private`, with a literal plus."""
    kind, _, encoded = given.partition(" ")
    if kind.lower() != "basic":
        return False
    try:
        text = base64.b64decode(encoded.strip(), validate=True).decode("utf-8")
    except (binascii.Error, UnicodeDecodeError):
        return False
    company, _, keys = text.partition("+")
    return company.lower() == COMPANY and keys == f"{PUBLIC}:{PRIVATE}"
