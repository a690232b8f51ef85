"""Both remote systems as transports in memory, just enough of them, answering as the collected facts say.

`answers` holds what is given instead, once each: a response, an exception to raise, or a function of the request.
"""

from __future__ import annotations

import json
import re
from collections import deque
from collections.abc import Callable, Iterable, Mapping
from typing import Any

import httpx2

from truecount.connectors.pace import Pace, Ticker

Row = dict[str, Any]
Instead = httpx2.Response | Exception | Callable[[httpx2.Request], httpx2.Response]

PARTNER = "f0000000-0000-4000-8000-000000000001"
TENANT = "a0000000-0000-4000-8000-{:012d}"
SECRET = "s3cr3t-of-the-tests"


class Time:
    """A clock that only moves when somebody sleeps."""

    def __init__(self) -> None:
        self.at = 1000.0
        self.slept: list[float] = []

    def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        self.at += seconds

    @property
    def ticker(self) -> Ticker:
        return Ticker(now=lambda: self.at, sleep=self.sleep)

    def pace(self) -> Pace:
        return Pace((), ticker=self.ticker)


class Fake:
    """Keeps every request, and what is to be answered instead of the usual."""

    def __init__(self) -> None:
        self.requests: list[httpx2.Request] = []
        self.answers: deque[Instead] = deque()
        self.only = ""
        """Part of a path: `answers` are for requests to it alone."""
        self.transport = httpx2.MockTransport(self._answer)

    def paths(self) -> list[str]:
        return [f"{one.method} {one.url.path}" for one in self.requests]

    def give(self, *answers: Instead, only: str = "") -> None:
        self.only = only
        self.answers.extend(answers)

    def _answer(self, request: httpx2.Request) -> httpx2.Response:
        self.requests.append(request)
        if self.answers and self.only in request.url.path:
            instead = self.answers.popleft()
            if isinstance(instead, Exception):
                raise instead
            return instead if isinstance(instead, httpx2.Response) else instead(request)
        return self.usual(request)

    def usual(self, request: httpx2.Request) -> httpx2.Response:
        raise NotImplementedError


def answer(body: Any, status: int = 200, **headers: str) -> httpx2.Response:
    return httpx2.Response(status, content=json.dumps(body), headers={"Content-Type": "application/json", **headers})


def raw(body: str | bytes, status: int = 200, **headers: str) -> httpx2.Response:
    return httpx2.Response(status, content=body, headers=headers)


def throttled(after: str | None = "7") -> httpx2.Response:
    headers = {} if after is None else {"Retry-After": after}
    body = {"error": "ConnectWiseAPI", "message": "Too many requests. Please try again in 30 seconds."}
    return httpx2.Response(429, content=json.dumps(body), headers=headers)


# --- Sophos ---------------------------------------------------------------------------------------


def tenant(number: int, **fields: Any) -> Row:
    return {
        "id": TENANT.format(number),
        "showAs": f"Customer {number}",
        "name": f"Customer {number} Ltd",
        "billingType": "usage",
        "status": "active",
        "apiHost": "https://api-eu01.central.sophos.com",
        **fields,
    }


def report_line(number: int, code: str = "CIXA-MSP", quantity: Any = 10, **fields: Any) -> Row:
    return {
        "orderLineItemNumber": f"OrderLine-{number}",
        "accountNumberOrSerialNumber": "1231231",
        "productDescription": "Sophos Endpoint - User MSP Monthly",
        "productGroup": "User",
        "productCode": code,
        "sku": "CEAZ1CSMG",
        "billableQuantity": quantity,
        "actualQuantity": quantity,
        "accountId": TENANT.format(number),
        "unitPrice": 2.5,
        **fields,
    }


def license_row(code: str = "CIXA-MSP", count: Any = 7, **fields: Any) -> Row:
    return {
        "id": "WPT6-WJ3H-T9CF-KJKL",
        "licenseIdentifier": f"D-{code}",
        "product": {"code": code, "name": f"Name of {code}"},
        "type": "usage",
        "unlimited": True,
        "usage": {"current": {"count": count, "date": "2026-11-25"}},
        **fields,
    }


class FakeSophos(Fake):
    """Tenants, one month's report, licences by tenant, firewalls; tokens are valid until `expire` is called."""

    def __init__(self) -> None:
        super().__init__()
        self.secret = SECRET
        self.who: Row = {
            "id": PARTNER,
            "idType": "partner",
            "apiHosts": {"global": "https://api.central.sophos.com"},
        }
        self.tenants = [tenant(1), tenant(2), tenant(3, billingType="term")]
        self.reports: dict[str, list[Row]] = {"2026/11": [report_line(1), report_line(2, quantity=0)]}
        self.licenses = {TENANT.format(1): [license_row()], TENANT.format(2): [license_row(count=0)]}
        self.firewalls: list[Row] = []
        self.forbidden: set[str] = set()
        self.page_size = 2
        self.tokens = 0

    def expire(self) -> None:
        """The current token is refused from now on."""
        self.tokens += 1

    @property
    def token(self) -> str:
        return f"token-number-{self.tokens}"

    def usual(self, request: httpx2.Request) -> httpx2.Response:
        path = request.url.path
        if path == "/api/v2/oauth2/token":
            return self._login(request)
        if request.headers.get("Authorization") != f"Bearer {self.token}":
            return error("notAuthorized", 401)
        if path == "/whoami/v1":
            return answer(self.who)
        if path in ("/partner/v1/tenants", "/organization/v1/tenants"):
            return self._numbered(request, self.tenants)
        if path == "/licenses/v1/licenses/firewalls":
            return self._numbered(request, self.firewalls)
        if path == "/licenses/v1/licenses":
            return self._licenses(request)
        month = path.removeprefix("/partner/v1/billing/usage/")
        return self._keyed(request, self.reports[month]) if month in self.reports else error("notFound", 404)

    def _login(self, request: httpx2.Request) -> httpx2.Response:
        form = request.content.decode()
        if f"client_secret={self.secret}" not in form or "grant_type=client_credentials" not in form:
            return answer({"errorCode": "oauth.client_app_does_not_exist", "message": "Bad credentials"}, 401)
        self.tokens += 1
        return answer({"access_token": self.token, "token_type": "bearer", "errorCode": "success", "expires_in": 3600})

    def _licenses(self, request: httpx2.Request) -> httpx2.Response:
        asked = request.headers.get("X-Tenant-ID", "")
        if "X-Partner-ID" in request.headers or asked in self.forbidden:
            return error("forbidden", 403)
        return answer({"tenant": {"id": asked}, "licenses": self.licenses.get(asked, [])})

    def _numbered(self, request: httpx2.Request, rows: list[Row]) -> httpx2.Response:
        page = int(request.url.params.get("page", "1"))
        size = self.page_size
        pages: Row = {"current": page, "size": size, "maxSize": 100}
        if request.url.params.get("pageTotal") == "true":
            pages |= {"total": max(1, -(-len(rows) // size)), "items": len(rows)}
        return answer({"items": rows[(page - 1) * size : page * size], "pages": pages})

    def _keyed(self, request: httpx2.Request, rows: list[Row]) -> httpx2.Response:
        start = int(request.url.params.get("pageFromKey", "0"))
        size = self.page_size
        pages: Row = {"size": size, "maxSize": 1000}
        if request.url.params.get("pageTotal") == "true":
            pages |= {"total": len(rows), "items": len(rows)}
        if start + size < len(rows):
            pages["nextKey"] = str(start + size)
        return answer({"items": rows[start : start + size], "pages": pages})


def error(name: str, status: int) -> httpx2.Response:
    return answer({"error": name, "message": f"Made up: {name}.", "requestId": "r-1"}, status)


# --- ConnectWise ----------------------------------------------------------------------------------

API = "/v4_6_release/apis/3.0"


def agreement_row(id: int, **fields: Any) -> Row:
    return {
        "id": id,
        "name": f"Agreement {id}",
        "type": {"id": 1, "name": "Managed Services"},
        "company": {"id": 1, "identifier": "Acme", "name": "Acme"},
        "agreementStatus": "Active",
        "cancelledFlag": False,
        "startDate": "2025-01-01T00:00:00Z",
        "billStartDate": "2025-01-01T00:00:00Z",
        "nextInvoiceDate": "2026-12-01T00:00:00Z",
        "periodType": "Current",
        "billingCycle": {"id": 2, "name": "Monthly"},
        "currency": {"id": 1, "currencyCode": "EUR"},
        **fields,
    }


def item_row(id: int, **fields: Any) -> Row:
    return {
        "id": id,
        "identifier": f"ITEM-{id}",
        "description": f"Item {id}",
        "customerDescription": f"Item {id}",
        "inactiveFlag": False,
        "productClass": "Service",
        "price": 4.2,
        "cost": 2.0,
        "subcategory": {"id": 1, "name": "Security"},
        "type": {"id": 1, "name": "Service"},
        "recurringFlag": True,
        "recurringBillCycle": {"id": 2, "name": "Monthly"},
        "_info": {"lastUpdated": "2026-01-05T08:00:00Z"},
        **fields,
    }


def line_row(id: int, **fields: Any) -> Row:
    return {"id": id, "product": {"id": 77}, "quantity": 10.0, "billCustomer": "Billable", "agreementId": 1, **fields}


def security_row(module: str, function: str, levels: str, id: int = 1) -> Row:
    """`levels` has a letter for each verb that is allowed: IAED."""
    names = {"I": "inquireLevel", "A": "addLevel", "E": "editLevel", "D": "deleteLevel"}
    rights = {field: "All" if letter in levels else "None" for letter, field in names.items()}
    return {"id": id, "moduleName": module, "moduleFunctionName": function, **rights}


class FakeConnectWise(Fake):
    """Records by collection; forward-only paging; writes to additions and catalog items that change the records."""

    def __init__(self) -> None:
        super().__init__()
        self.codebase = "v4_6_release/"
        self.known = True
        self.page_size = 1000
        self.records: dict[str, list[Row]] = {
            "/company/companies": [
                {"id": 1, "identifier": "Acme", "name": "Acme", "status": {"id": 1, "name": "Active"}}
            ],
            "/company/companies/statuses": [
                {"id": 1, "name": "Active"},
                {"id": 2, "name": "Former", "inactiveFlag": True},
            ],
            "/finance/agreements": [agreement_row(1), agreement_row(2, agreementStatus="Expired")],
            "/procurement/catalog": [item_row(77), item_row(78, productClass="Bundle")],
            "/procurement/categories": [{"id": 1, "name": "Software", "defaultFlag": True}],
            "/procurement/subcategories": [{"id": 1, "name": "Security", "category": {"id": 1, "name": "Software"}}],
            "/procurement/types": [{"id": 1, "name": "Service"}],
            "/procurement/unitOfMeasures": [{"id": 1, "name": "Each"}, {"id": 2, "name": "Old", "inactiveFlag": True}],
            "/finance/billingCycles": [{"id": 2, "name": "Monthly", "identifier": "M", "billingOptions": "Monthly"}],
            "/system/mySecurity": [
                security_row("Companies", "Company Maintenance", "I"),
                security_row("Finance", "Agreements", "IAE"),
                security_row("Finance", "Invoicing", "I"),
                security_row("Procurement", "Product Catalog", "IAE"),
                security_row("System", "Table Setup", "I"),
            ],
        }
        self.additions: dict[int, list[Row]] = {1: [], 2: []}
        self.last_id = 1000

    def usual(self, request: httpx2.Request) -> httpx2.Response:
        path = request.url.path
        if path.startswith("/login/companyinfo/"):
            return answer({"Codebase": self.codebase, "CompanyID": "sim", "IsCloud": "True"} if self.known else None)
        if not path.startswith(f"/{self.codebase}apis/3.0/"):
            return raw("Cannot route. Codebase/company is invalid", 400)
        if "clientId" not in request.headers:
            return told("Security", "clientId is missing", 403)
        if not request.headers.get("Authorization", "").startswith("Basic "):
            return told("Unauthorized", "no keys", 401)
        return self._record(request, path.removeprefix(f"/{self.codebase}apis/3.0"))

    def _record(self, request: httpx2.Request, path: str) -> httpx2.Response:
        if path in self.records:
            return self._create_item(request) if request.method == "POST" else self._list(request, self.records[path])
        if found := re.fullmatch(r"/finance/agreements/(\d+)/additions(?:/(\d+))?", path):
            return self._additions(request, int(found[1]), found[2])
        if found := re.fullmatch(r"/procurement/catalog/(\d+)", path):
            return self._one_item(request, int(found[1]))
        return told("NotFound", f"{path} not found", 404)

    def _list(self, request: httpx2.Request, rows: Iterable[Row]) -> httpx2.Response:
        after = int(request.url.params.get("pageId", "0"))
        size = min(self.page_size, int(request.url.params.get("pageSize", "25")))
        left = sorted((row for row in rows if row["id"] > after), key=lambda row: int(row["id"]))
        page = left[:size]
        more = (
            f'<https://elsewhere.example/{API}/x?pageSize={size}&pageId={page[-1]["id"]}>; rel="next"' if page else ""
        )
        return answer(page, Link=more if len(left) > len(page) else "")

    def _additions(self, request: httpx2.Request, parent: int, line: str | None) -> httpx2.Response:
        if parent not in self.additions:
            return told("NotFound", f"Agreement {parent} not found", 404)
        if request.method == "GET":
            return self._list(request, self.additions[parent])
        if request.method == "POST":
            return self._create_line(parent, json.loads(request.content))
        rows = [row for row in self.additions[parent] if str(row["id"]) == line]
        if not rows:
            return told("NotFound", f"Addition {line} not found", 404)
        patch(rows[0], json.loads(request.content))
        return answer(rows[0])

    def _create_line(self, parent: int, body: Row) -> httpx2.Response:
        items = {row["id"]: row for row in self.records["/procurement/catalog"]}
        item = items.get(body["product"]["id"])
        if item is None:
            return invalid("addition", "product/id", f"Product {body['product']['id']} not found")
        if body["quantity"] < 0:
            return invalid("addition", "quantity", "Quantity must not be negative.")
        self.last_id += 1
        row = {"unitPrice": item["price"], "unitCost": item["cost"], **body, "id": self.last_id, "agreementId": parent}
        self.additions[parent].append(row)
        return answer(row, 201)

    def _one_item(self, request: httpx2.Request, id: int) -> httpx2.Response:
        rows = [row for row in self.records["/procurement/catalog"] if row["id"] == id]
        if not rows:
            return told("NotFound", f"CatalogItem {id} not found", 404)
        if request.method == "PATCH":
            patch(rows[0], json.loads(request.content))
            self._touch(rows[0])
        return answer(rows[0])

    def _create_item(self, request: httpx2.Request) -> httpx2.Response:
        body = json.loads(request.content)
        rows = self.records["/procurement/catalog"]
        if any(row["identifier"] == body.get("identifier") for row in rows):
            return invalid("catalogItem", "identifier", "Product ID already in use.")
        if "subcategory" not in body:
            return invalid("catalogItem", "subcategory/id", "subcategory is required.")
        self.last_id += 1
        row = {**body, "id": self.last_id}
        self._touch(row)
        rows.append(row)
        return answer(row, 201)

    def _touch(self, row: Row) -> None:
        self.last_id += 1
        row["_info"] = {"lastUpdated": f"2026-11-26T09:00:{self.last_id % 60:02d}Z"}


def patch(row: Row, operations: list[Row]) -> None:
    for one in operations:
        if one["op"] == "remove":
            row.pop(one["path"], None)
        else:
            row[one["path"]] = one["value"]


def told(code: str, message: str, status: int, errors: list[Row] | None = None) -> httpx2.Response:
    return answer({"code": code, "message": message, "errors": errors}, status)


def invalid(resource: str, field: str, message: str) -> httpx2.Response:
    inner: Mapping[str, str] = {"code": "InvalidField", "message": message, "resource": resource, "field": field}
    return told("InvalidObject", f"{resource} object is invalid", 400, [dict(inner)])
