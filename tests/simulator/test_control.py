"""Control calls over HTTP: state, counters, reset, and changes of both worlds behind their APIs' backs."""

from typing import Any

import httpx2
import pytest

from tests.simulator.conftest import PLAIN, Place, Simulator, additions, new_line, token

PSA_TABLES = (
    "companies agreements additions catalog invoices companyTypes statuses agreementTypes categories subcategories "
    "types unitOfMeasures manufacturers billingCycles members securityroles"
)


def test_state_of_both(simulator: Simulator, psa: httpx2.Client, place: Place) -> None:
    state, vendor = simulator.state(), simulator.state(vendor=True)
    assert set(PSA_TABLES.split()) <= set(state)
    assert {"now", "products", "customers", "usage", "firewalls"} == set(vendor)
    assert state["now"].startswith("2026-11-26T09:00:")
    assert state["now"][:16] == vendor["now"][:16]
    assert next(row for row in state["agreements"] if row["id"] == place.agreement) == (
        psa.get(f"/finance/agreements/{place.agreement}").json()
    )
    assert set(vendor["products"][0]) == {"code", "name", "productGroup"}
    assert {"id", "period", "productCode"} <= set(vendor["usage"][0])


def test_counters(simulator: Simulator, psa: httpx2.Client, place: Place) -> None:
    assert simulator.control("GET", "requests").json() == {"total": 0, "by_route": {}, "by_status": {}}
    psa.get(additions(place))
    psa.get(f"/finance/agreements/{place.agreement}/")
    psa.get("/finance/agreements/999999")
    psa.post("/system/bundles", json={"requests": []})
    PLAIN.get(f"{simulator.connectwise}/login/companyinfo/sim")
    PLAIN.get(f"{simulator.connectwise}/v4_6_release/apis/3.0/system/info")
    PLAIN.get(f"{simulator.sophos}/partner/v1/billing/usage/2026/11")
    assert simulator.control("GET", "requests").json() == {
        "total": 6,
        "by_route": {
            "GET /finance/agreements/{id}": 2,
            "GET /finance/agreements/{id}/additions": 1,
            "GET /login/companyinfo/{id}": 1,
            "GET /system/info": 1,
            "POST /system/bundles": 1,
        },
        "by_status": {"200": 4, "401": 1, "404": 1},
    }
    vendor = simulator.control("GET", "requests", vendor=True).json()
    assert vendor["by_route"] == {"GET /partner/v1/billing/usage/{year}/{month}": 1}
    assert simulator.control("DELETE", "requests").status_code == 204
    assert simulator.control("GET", "requests").json()["total"] == 0


def test_reset_brings_everything_back(simulator: Simulator, psa: httpx2.Client, place: Place) -> None:
    before = (simulator.state(), simulator.state(vendor=True))
    psa.post(additions(place), json=new_line(place))
    simulator.control("DELETE", f"companies/{place.company}")
    simulator.control("PATCH", "products/CIXA-MSP", {"name": "Other"}, vendor=True)
    simulator.control("DELETE", f"customers/{before[1]['customers'][0]['id']}", vendor=True)
    simulator.switch(C_34="accepted", permissions={"agreements": ""})
    simulator.faults({"kind": "500"})
    simulator.set_clock("2027-03-05T00:00:00Z")
    for port in (False, True):
        assert simulator.control("POST", "reset", vendor=port).status_code == 204
    after = (simulator.state(), simulator.state(vendor=True))
    for old, new in zip(before, after, strict=True):
        old.pop("now")
        new.pop("now")
        assert old == new
    assert psa.get("/finance/agreements").status_code == 200
    assert simulator.control("GET", "requests").json()["total"] == 1


@pytest.mark.parametrize(
    ("method", "path", "json"),
    [
        ("GET", "nothing", None),
        ("POST", "rockets", {}),
        ("PATCH", "agreements/999999", {}),
        ("PATCH", "agreements/x", {}),
        ("DELETE", "companies/999999", None),
        ("POST", "clock", {"now": "later"}),
        ("POST", "clock", {"now": "2500-01-01T00:00:00Z"}),
        ("POST", "agreements", []),
    ],
)
def test_control_calls_that_make_no_sense(simulator: Simulator, method: str, path: str, json: Any) -> None:
    for vendor in (False, True):
        answer = simulator.control(method, path, json, vendor=vendor)
        assert answer.status_code in (400, 404)
        assert answer.json()["error"]


def test_patch_of_an_addition_bypasses_validation(simulator: Simulator, psa: httpx2.Client, place: Place) -> None:
    line = psa.get(additions(place)).json()[0]
    body = {"quantity": -7, "cancelledDate": "2026-11-01T00:00:00Z", "unitPrice": 2, "product": {"id": 40}}
    patched = simulator.control("PATCH", f"additions/{line['id']}", body).json()
    assert (patched["quantity"], patched["extPrice"], patched["agreementStatus"]) == (-7.0, -14.0, "Cancelled")
    assert patched["product"]["identifier"] == psa.get("/procurement/catalog/40").json()["identifier"]
    assert patched["_info"]["lastUpdated"] > line["_info"]["lastUpdated"]
    assert psa.get(f"{additions(place)}/{line['id']}").json() == patched
    undone = simulator.control("PATCH", f"additions/{line['id']}", {"cancelledDate": None}).json()
    assert "cancelledDate" not in undone
    assert undone["agreementStatus"] == "Active"


@pytest.mark.parametrize(
    ("change", "status"),
    [
        ({"cancelledFlag": True}, "Cancelled"),
        ({"endDate": "2026-10-31T00:00:00Z"}, "Expired"),
        ({"startDate": "2027-01-01T00:00:00Z"}, "Inactive"),
        ({"agreementStatus": "Expired"}, "Expired"),
        ({"agreementStatus": "Cancelled"}, "Cancelled"),
        ({"agreementStatus": "Inactive"}, "Inactive"),
        ({"agreementStatus": "Active"}, "Active"),
    ],
)
def test_status_of_an_agreement(simulator: Simulator, place: Place, change: dict[str, Any], status: str) -> None:
    patched = simulator.control("PATCH", f"agreements/{place.agreement}", change).json()
    assert patched["agreementStatus"] == status


def test_create_and_delete_behind_the_back(simulator: Simulator, psa: httpx2.Client, place: Place) -> None:
    body = new_line(place, agreementId=place.agreement, effectiveDate="2020-01-01", quantity=5)
    made = simulator.control("POST", "additions", body)
    assert made.status_code == 201
    line = made.json()
    assert line["effectiveDate"] == "2020-01-01T00:00:00Z"
    assert line["extPrice"] > 0
    assert line in psa.get(additions(place), params={"pageSize": 1000}).json()
    name = psa.get(f"/procurement/catalog/{place.product}").json()["identifier"]
    assert simulator.control("DELETE", f"catalog/{place.product}").status_code == 204
    assert psa.get(f"/procurement/catalog/{place.product}").status_code == 404
    left = psa.get(f"{additions(place)}/{line['id']}").json()
    assert left["product"]["identifier"] == name, "references dangle with their names"
    assert simulator.control("POST", "additions", {"quantity": 1}).status_code == 400


def test_create_companies_agreements_and_items(simulator: Simulator, psa: httpx2.Client) -> None:
    company = simulator.control("POST", "companies", {"identifier": "Later", "name": "Later Ltd"}).json()
    body = {"name": "New", "company": {"identifier": "Later"}, "type": {"name": "Backup"}}
    agreement = simulator.control("POST", "agreements", body).json()
    assert agreement["company"]["id"] == company["id"]
    assert agreement["agreementStatus"] == "Active"
    renamed = simulator.control("PATCH", f"companies/{company['id']}", {"name": "Sooner Ltd"}).json()
    assert renamed["name"] == "Sooner Ltd"
    assert psa.get(f"/finance/agreements/{agreement['id']}").json()["company"]["name"] == "Sooner Ltd"
    item = simulator.control("POST", "catalog", {"identifier": "X", "productClass": "Bundle"}).json()
    assert psa.get(f"/procurement/catalog/{item['id']}").json() == item


def usage(vendor: httpx2.Client, month: int = 11) -> list[dict[str, Any]]:
    answer = vendor.get(f"/partner/v1/billing/usage/2026/{month}?pageSize=1000")
    items: list[dict[str, Any]] = answer.json()["items"]
    return items


def test_usage_lines(simulator: Simulator, vendor: httpx2.Client) -> None:
    lines = [line for line in simulator.state(vendor=True)["usage"] if line["period"] == "2026-11"]
    first = lines[0]
    shown = {name: value for name, value in first.items() if name not in ("id", "period")}
    assert shown in usage(vendor)
    patched = simulator.control("PATCH", f"usage/{first['id']}", {"billableQuantity": 77}, vendor=True).json()
    assert (patched["billableQuantity"], patched["netPrice"]) == (77, round(77 * first["unitPrice"], 2))
    assert 77 in [line["billableQuantity"] for line in usage(vendor)]
    unassigned = simulator.control("PATCH", f"usage/{first['id']}", {"accountId": None}, vendor=True).json()
    assert "accountId" not in unassigned
    assert simulator.control("DELETE", f"usage/{first['id']}", vendor=True).status_code == 204
    assert len(usage(vendor)) == len(lines) - 1
    body = {"period": "2026-11", "accountId": first["accountId"], "productCode": "NEW-MSP", "billableQuantity": 4}
    made = simulator.control("POST", "usage", body, vendor=True).json()
    assert set(made) >= set(first) - {"assignedAccountIdentifier", "unitPrice", "netPrice"}
    assert sum(line["productCode"] == "NEW-MSP" for line in usage(vendor)) == 1


def test_customers(simulator: Simulator, vendor: httpx2.Client) -> None:
    made = simulator.control("POST", "customers", {"name": "Fresh Ltd", "billingType": "usage"}, vendor=True).json()
    found = vendor.get(f"/partner/v1/tenants/{made['id']}").json()
    assert found == made
    assert found["apiHost"] == simulator.sophos
    patched = simulator.control("PATCH", f"customers/{made['id']}", {"name": "F2", "billingType": "term"}, vendor=True)
    assert (patched.json()["showAs"], patched.json()["billingType"]) == ("F2", "term")
    assert simulator.control("DELETE", f"customers/{made['id']}", vendor=True).status_code == 204
    assert vendor.get(f"/partner/v1/tenants/{made['id']}").status_code == 404


def test_a_renamed_product(simulator: Simulator, vendor: httpx2.Client) -> None:
    old = {line["productDescription"] for line in usage(vendor, 10) if line["productCode"] == "CDE-MSP"}
    simulator.control("PATCH", "products/CDE-MSP", {"name": "Sophos Encryption"}, vendor=True)
    assert {line["productDescription"] for line in usage(vendor) if line["productCode"] == "CDE-MSP"} == {
        "Sophos Encryption"
    }
    assert {line["productDescription"] for line in usage(vendor, 10) if line["productCode"] == "CDE-MSP"} == old


def test_a_firewall_is_assigned(simulator: Simulator, vendor: httpx2.Client) -> None:
    state = simulator.state(vendor=True)
    free = next(row for row in state["firewalls"] if row["billingTenant"] is None)
    serial, customer = free["serialNumber"], state["customers"][0]
    mine = [line for line in usage(vendor) if line["accountNumberOrSerialNumber"] == serial]
    assert mine
    assert all("accountId" not in line for line in mine)
    change = {"billingTenant": {"id": customer["id"]}}
    assert simulator.control("PATCH", f"firewalls/{serial}", change, vendor=True).status_code == 200
    mine = [line for line in usage(vendor) if line["accountNumberOrSerialNumber"] == serial]
    assert {line["accountId"] for line in mine} == {customer["id"]}
    simulator.set_clock("2026-12-26T00:00:00Z")
    vendor.headers["Authorization"] = f"Bearer {token(simulator)['access_token']}"
    later = usage(vendor, 12)
    assert {line["accountId"] for line in later if line["accountNumberOrSerialNumber"] == serial} == {customer["id"]}
