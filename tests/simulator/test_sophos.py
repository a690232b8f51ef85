"""The simulated vendor over HTTP: token, whoami, both kinds of paging, filters, licences, and published bodies."""

from typing import Any

import httpx2
import pytest

from tests.simulator.conftest import PLAIN, Simulator, token

USAGE = "/partner/v1/billing/usage/2026/11"

# The keys of the bodies that the vendor publishes, and further keys known from other programs.
PUBLISHED = {
    "token": "access_token refresh_token token_type message errorCode expires_in trackingId",
    "whoami": "id idType apiHosts",
    "pages": "current size total items maxSize",
    "keyed pages": "fromKey nextKey size total items maxSize",
    "tenant": "id name dataGeography dataRegion billingType partner apiHost",
    "usage": (
        "partnerAccountId partnerEdiAccountNumber partnerAccountName billingStartDate billingEndDate orderNumber "
        "orderLineItemNumber accountNumberOrSerialNumber productDescription productGroup sku billableQuantity "
        "externalId accountId accountStatus actualQuantity productCode"
    ),
    "licences": "organization tenant licenses",
    "licence": "id licenseIdentifier product startDate perpetual type unlimited",
    "firewall": "serialNumber owner model modelType licenses",
    "error": "error message correlationId requestId",
}
FURTHER = {
    "tenant": "showAs contact externalIds status",
    "usage": "orderedQuantity assignedAccountIdentifier unitPrice netPrice",
    "licence": "usage quantity endDate",
    "firewall": "partner tenant billingTenant lastSeenAt",
}


def same_keys(name: str, body: dict[str, Any]) -> bool:
    """Every published key, and no key beyond those known."""
    published = set(PUBLISHED[name].split())
    return published <= set(body) <= published | set(FURTHER.get(name, "").split())


def test_token(simulator: Simulator) -> None:
    body = token(simulator)
    assert same_keys("token", body)
    assert (body["errorCode"], body["token_type"], body["expires_in"]) == ("success", "bearer", 3600)
    address = f"{simulator.sophos}/api/v2/oauth2/token"
    refresh = {
        "grant_type": "refresh_token",
        "client_id": "sim",
        "client_secret": "secret",
        "refresh_token": body["refresh_token"],
    }
    again = PLAIN.post(address, json=refresh)
    assert again.status_code == 200
    assert again.json()["access_token"] != body["access_token"]
    assert PLAIN.post(address, json={**refresh, "refresh_token": "x"}).status_code == 401


@pytest.mark.parametrize(
    ("form", "status"),
    [
        ({"grant_type": "client_credentials", "client_id": "sim", "client_secret": "wrong"}, 401),
        ({"grant_type": "client_credentials", "client_id": "x", "client_secret": "secret"}, 401),
        ({"client_id": "sim", "client_secret": "secret"}, 400),
        ({}, 401),
    ],
)
def test_refused_tokens_have_their_own_body(simulator: Simulator, form: dict[str, str], status: int) -> None:
    answer = PLAIN.post(f"{simulator.sophos}/api/v2/oauth2/token", data=form)
    assert answer.status_code == status
    assert set(answer.json()) == {"errorCode", "message", "trackingId"}
    assert answer.json()["errorCode"] != "success"


def test_whoami(simulator: Simulator, vendor: httpx2.Client) -> None:
    body = vendor.get("/whoami/v1").json()
    assert same_keys("whoami", body)
    assert body["idType"] == "partner"
    assert body["apiHosts"] == {"global": simulator.sophos}


@pytest.mark.parametrize(
    ("method", "path", "headers", "status", "name"),
    [
        ("GET", "/whoami/v1", {"Authorization": "Bearer x"}, 401, "notAuthorized"),
        ("GET", "/partner/v1/tenants", {"X-Partner-ID": "00000000-0000-0000-0000-000000000000"}, 403, "forbidden"),
        ("GET", "/partner/v1/tenants/00000000-0000-0000-0000-000000000000", {}, 404, "notFound"),
        ("GET", "/partner/v1/tenants?page=0", {}, 400, "badRequest"),
        ("GET", "/partner/v1/tenants?pageSize=101", {}, 400, "badRequest"),
        ("GET", f"{USAGE}?pageSize=1001", {}, 400, "badRequest"),
        ("GET", f"{USAGE}?pageFromKey=nothing", {}, 400, "badRequest"),
        ("GET", "/partner/v1/billing/usage/2026/12", {}, 404, "notFound"),
        ("GET", "/partner/v1/billing/usage/2026/13", {}, 400, "badRequest"),
        ("GET", "/licenses/v1/licenses", {}, 400, "badRequest"),
        ("GET", "/licenses/v1/licenses", {"X-Tenant-ID": "nobody"}, 403, "forbidden"),
        ("GET", "/nothing/v1", {}, 404, "notFound"),
        ("DELETE", "/partner/v1/tenants", {}, 405, "methodNotAllowed"),
    ],
)
def test_errors(vendor: httpx2.Client, method: str, path: str, headers: dict[str, str], status: int, name: str) -> None:
    answer = vendor.request(method, path, headers=headers)
    assert (answer.status_code, answer.json()["error"]) == (status, name)
    assert same_keys("error", answer.json())
    assert len(answer.json()["correlationId"]) == 36


def test_a_missing_partner_header(simulator: Simulator, vendor: httpx2.Client) -> None:
    del vendor.headers["X-Partner-ID"]
    assert vendor.get("/partner/v1/tenants").status_code == 400


def test_tenants_by_page(simulator: Simulator, vendor: httpx2.Client) -> None:
    wanted = simulator.state(vendor=True)["customers"]
    first = vendor.get("/partner/v1/tenants?pageTotal=true").json()
    assert same_keys("pages", first["pages"])
    assert first["pages"] == {"current": 1, "size": 50, "maxSize": 100, "total": 1, "items": 40}
    assert "total" not in vendor.get("/partner/v1/tenants").json()["pages"]
    read = []
    for page in range(1, 8):
        body = vendor.get(f"/partner/v1/tenants?page={page}&pageSize=7").json()
        assert body["pages"]["current"] == page
        read += body["items"]
    assert read == wanted
    assert all(same_keys("tenant", row) for row in read if "apiHost" in row)
    assert {row["billingType"] for row in read if "apiHost" not in row} == {"trial"}, "not activated yet"
    assert {row["billingType"] for row in read} == {"usage", "trial", "term"}
    assert vendor.get(f"/partner/v1/tenants/{read[3]['id']}").json() == read[3]
    some = vendor.get("/partner/v1/tenants?fields=id,name&pageSize=1").json()["items"][0]
    assert set(some) == {"id", "name"}


def test_usage_by_key(simulator: Simulator, vendor: httpx2.Client) -> None:
    lines = [line for line in simulator.state(vendor=True)["usage"] if line["period"] == "2026-11"]
    read: list[dict[str, Any]] = []
    key: str | None = ""
    while key is not None:
        query: dict[str, str | int] = {"pageSize": 33, "pageTotal": "true"}
        query |= {"pageFromKey": key} if key else {}
        body = vendor.get(USAGE, params=query).json()
        assert body["pages"]["items"] == len(lines)
        assert body["pages"]["total"] == -(-len(lines) // 33)
        assert key in ("", body["pages"]["fromKey"])
        if "nextKey" in body["pages"]:
            assert same_keys("keyed pages", body["pages"])
            assert len(body["items"]) == 33
        read += body["items"]
        key = body["pages"].get("nextKey")
    assert read == [{name: value for name, value in line.items() if name not in ("id", "period")} for line in lines]
    assert all(same_keys("usage", line) for line in read if "accountId" in line)
    assert [line for line in read if "accountId" not in line], "firewalls that are assigned to nobody"
    for size, more in ((len(lines), False), (len(lines) - 1, True)):
        assert ("nextKey" in vendor.get(USAGE, params={"pageSize": size}).json()["pages"]) is more
    assert len(vendor.get(USAGE).json()["items"]) == 50
    for path in ("/partner/v1/billing/usage/2026/9", "/partner/v1/billing/usage/2026/09"):
        assert vendor.get(path).status_code == 200


def test_usage_filters(simulator: Simulator, vendor: httpx2.Client) -> None:
    customer = next(row for row in simulator.state(vendor=True)["customers"] if row["billingType"] == "usage")
    by_id = vendor.get(USAGE, params={"accountId": customer["id"]}).json()["items"]
    by_mail = vendor.get(USAGE, params={"contactEmail": customer["contact"]["email"]}).json()["items"]
    assert by_id
    assert {line["accountId"] for line in by_id} == {customer["id"]}
    assert by_id == by_mail
    assert vendor.get(USAGE, params={"contactEmail": "nobody@nowhere.example"}).json()["items"] == []


def test_licences_show_the_live_count(simulator: Simulator, vendor: httpx2.Client) -> None:
    state = simulator.state(vendor=True)
    customer = next(row for row in state["customers"] if row["billingType"] == "usage")
    serials = {row["serialNumber"] for row in state["firewalls"]}
    wanted: dict[str, int] = {}
    for line in state["usage"]:
        own = line["period"] == "2026-11" and line.get("accountId") == customer["id"]
        if own and line["accountNumberOrSerialNumber"] not in serials:
            wanted[line["productCode"]] = wanted.get(line["productCode"], 0) + line["actualQuantity"]
    body = vendor.get("/licenses/v1/licenses", headers={"X-Tenant-ID": customer["id"]}).json()
    assert same_keys("licences", body)
    assert all(same_keys("licence", licence) for licence in body["licenses"])
    assert {row["product"]["code"]: row["usage"]["current"]["count"] for row in body["licenses"]} == wanted
    assert wanted
    term = next(row for row in state["customers"] if row["billingType"] == "term")
    licence = vendor.get("/licenses/v1/licenses", headers={"X-Tenant-ID": term["id"]}).json()["licenses"][0]
    assert (licence["type"], licence["unlimited"]) == ("term", False)
    assert licence["endDate"] > "2026-11-26"


def test_firewall_licences(simulator: Simulator, vendor: httpx2.Client) -> None:
    firewalls = simulator.state(vendor=True)["firewalls"]
    body = vendor.get("/licenses/v1/licenses/firewalls?pageSize=100&pageTotal=true").json()
    assert same_keys("pages", body["pages"])
    assert body["pages"]["items"] == len(firewalls)
    assert all(same_keys("firewall", row) for row in body["items"])
    assert [row for row in body["items"] if "billingTenant" not in row]
    owned = next(row for row in body["items"] if "billingTenant" in row)
    tenant = {"X-Tenant-ID": owned["billingTenant"]["id"]}
    mine = vendor.get("/licenses/v1/licenses/firewalls", headers=tenant).json()["items"]
    assert owned in mine
    assert len(mine) < len(firewalls)


def test_an_expired_token_in_mid_paging(simulator: Simulator, vendor: httpx2.Client) -> None:
    simulator.faults({"route": "/partner/v1/billing/usage/{year}/{month}", "nth": 2, "kind": "401"}, vendor=True)
    first = vendor.get(USAGE)
    second = vendor.get(USAGE, params={"pageFromKey": first.json()["pages"]["nextKey"]})
    assert (first.status_code, second.status_code) == (200, 401)
