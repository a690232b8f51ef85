"""Partner, organization and tenant as callers of the vendor, and tenants that a partner creates and renames."""

from typing import Any

import httpx2
import pytest

from tests.simulator.conftest import PLAIN, Simulator


def caller(simulator: Simulator, client_id: str) -> dict[str, str]:
    form = {"grant_type": "client_credentials", "client_id": client_id, "client_secret": "secret", "scope": "token"}
    token = PLAIN.post(f"{simulator.sophos}/api/v2/oauth2/token", data=form).json()["access_token"]
    return {"Authorization": f"Bearer {token}"}


def whoami(simulator: Simulator, headers: dict[str, str]) -> dict[str, Any]:
    body: dict[str, Any] = PLAIN.get(f"{simulator.sophos}/whoami/v1", headers=headers).json()
    return body


@pytest.mark.parametrize(
    ("client_id", "kind", "hosts"),
    [
        ("sim", "partner", {"global"}),
        ("sim-organization", "organization", {"global"}),
        ("sim-tenant", "tenant", {"global", "dataRegion"}),
    ],
)
def test_who_am_i(simulator: Simulator, client_id: str, kind: str, hosts: set[str]) -> None:
    body = whoami(simulator, caller(simulator, client_id))
    assert (body["idType"], set(body["apiHosts"])) == (kind, hosts)


def test_an_organization_sees_its_tenants_only(simulator: Simulator) -> None:
    headers = caller(simulator, "sim-organization")
    headers["X-Organization-ID"] = whoami(simulator, headers)["id"]
    items = PLAIN.get(f"{simulator.sophos}/organization/v1/tenants", headers=headers).json()["items"]
    everybody = {row["id"] for row in simulator.state(vendor=True)["customers"]}
    own = {item["id"] for item in items}
    assert own < everybody
    assert own
    single = f"{simulator.sophos}/organization/v1/tenants"
    assert PLAIN.get(f"{single}/{items[0]['id']}", headers=headers).json() == items[0]
    assert PLAIN.get(f"{single}/{min(everybody - own)}", headers=headers).status_code == 404
    licences = f"{simulator.sophos}/licenses/v1/licenses"
    assert PLAIN.get(licences, headers={**headers, "X-Tenant-ID": min(own)}).status_code == 200
    assert PLAIN.get(licences, headers={**headers, "X-Tenant-ID": min(everybody - own)}).status_code == 403
    partner = {**headers, "X-Partner-ID": headers["X-Organization-ID"]}
    assert PLAIN.get(f"{simulator.sophos}/partner/v1/tenants", headers=partner).status_code == 403


def test_a_tenant_sees_itself_only(simulator: Simulator) -> None:
    headers = caller(simulator, "sim-tenant")
    me = whoami(simulator, headers)["id"]
    other = next(row["id"] for row in simulator.state(vendor=True)["customers"] if row["id"] != me)
    for path in ("licenses/v1/licenses", "licenses/v1/licenses/firewalls"):
        address = f"{simulator.sophos}/{path}"
        assert PLAIN.get(address, headers={**headers, "X-Tenant-ID": me}).status_code == 200
        assert PLAIN.get(address, headers={**headers, "X-Tenant-ID": other}).status_code == 403


def test_a_token_is_refreshed_by_its_own_client_only(simulator: Simulator) -> None:
    address = f"{simulator.sophos}/api/v2/oauth2/token"
    form = {"grant_type": "client_credentials", "client_id": "sim-tenant", "client_secret": "secret"}
    refresh = PLAIN.post(address, data=form).json()["refresh_token"]
    again = {"grant_type": "refresh_token", "client_id": "sim", "client_secret": "secret", "refresh_token": refresh}
    assert PLAIN.post(address, json=again).status_code == 401
    fresh = PLAIN.post(address, json={**again, "client_id": "sim-tenant"}).json()["access_token"]
    assert whoami(simulator, {"Authorization": f"Bearer {fresh}"})["idType"] == "tenant"


NEW = {
    "showAs": "Neue Kundin GmbH",
    "dataGeography": "DE",
    "billingType": "trial",
    "contact": {"firstName": "A", "lastName": "B", "email": "a@b.example"},
}


def test_a_tenant_is_created_and_renamed(vendor: httpx2.Client) -> None:
    made = vendor.post("/partner/v1/tenants", json=NEW)
    assert made.status_code == 201
    tenant = made.json()
    assert (tenant["name"], tenant["dataGeography"], tenant["billingType"]) == ("Neue Kundin GmbH", "DE", "trial")
    assert vendor.get(f"/partner/v1/tenants/{tenant['id']}").json() == tenant
    headers = {"content-type": "application/merge-patch+json"}
    renamed = vendor.patch(
        f"/partner/v1/tenants/{tenant['id']}", content='{"showAs": "Umbenannt", "id": "x"}', headers=headers
    )
    assert renamed.status_code == 200
    assert renamed.json() == {**tenant, "showAs": "Umbenannt"}
    assert vendor.post("/partner/v1/tenants", json=NEW).status_code == 409


@pytest.mark.parametrize("name", ["showAs", "dataGeography", "billingType"])
def test_what_a_new_tenant_needs(vendor: httpx2.Client, name: str) -> None:
    answer = vendor.post("/partner/v1/tenants", json={key: value for key, value in NEW.items() if key != name})
    assert (answer.status_code, answer.json()["error"]) == (400, "badRequest")


def test_a_quantity_that_is_no_number_is_kept_as_it_is(simulator: Simulator, vendor: httpx2.Client) -> None:
    line = next(row for row in simulator.state(vendor=True)["usage"] if row["period"] == "2026-11")
    given = {"billableQuantity": "many", "actualQuantity": "some"}
    answer = simulator.control("PATCH", f"usage/{line['id']}", given, vendor=True)
    assert answer.status_code == 200
    assert answer.json().items() >= given.items()
    for switch in ({"S_32": "fractions"}, {"S_34": "late"}, {"S_27": "corrections"}):
        simulator.switch(**switch)
        assert vendor.get("/partner/v1/billing/usage/2026/11", params={"pageSize": 1000}).status_code == 200
    assert simulator.control("GET", "state", vendor=True).status_code == 200
    tenant = {"X-Tenant-ID": line["accountId"]}
    assert vendor.get("/licenses/v1/licenses", headers=tenant).status_code == 200
