"""The simulated clock over HTTP: it runs, invoices on the first of a month, and lets reports and products appear."""

import time
from datetime import datetime
from typing import Any

import httpx2
import pytest

from tests.simulator.conftest import PLAIN, Place, Simulator, additions, new_line, token


def agreement(psa: httpx2.Client, id: int) -> dict[str, Any]:
    found: dict[str, Any] = psa.get(f"/finance/agreements/{id}").json()
    return found


def invoices(psa: httpx2.Client, id: int) -> list[dict[str, Any]]:
    query: dict[str, str | int] = {"conditions": f"agreement/id={id}", "pageSize": 1000}
    found: list[dict[str, Any]] = psa.get("/finance/invoices", params=query).json()
    return found


def test_the_clock_runs_for_both(simulator: Simulator) -> None:
    simulator.set_clock("2027-02-28T23:59:00Z")
    first = datetime.fromisoformat(simulator.state()["now"])
    time.sleep(1.1)
    later = datetime.fromisoformat(simulator.state(vendor=True)["now"])
    assert 1 <= (later - first).total_seconds() < 10


def test_the_first_of_a_month_invoices_what_is_due(simulator: Simulator, psa: httpx2.Client, place: Place) -> None:
    before = len(invoices(psa, place.agreement))
    assert agreement(psa, place.agreement)["nextInvoiceDate"] == "2026-12-01T00:00:00Z"
    simulator.set_clock("2026-11-30T23:59:00Z")
    assert len(invoices(psa, place.agreement)) == before
    simulator.set_clock("2026-12-01T00:00:00Z")
    made = invoices(psa, place.agreement)
    assert len(made) == before + 1
    assert agreement(psa, place.agreement)["nextInvoiceDate"] == "2027-01-01T00:00:00Z"
    lines = psa.get(additions(place), params={"pageSize": 1000}).json()
    billed = [row for row in lines if row["agreementStatus"] == "Active" and row["billCustomer"] == "Billable"]
    assert made[-1]["total"] == pytest.approx(sum(row["extPrice"] for row in billed))
    assert made[-1]["date"] == "2026-12-01T00:00:00Z"
    simulator.set_clock("2027-03-02T00:00:00Z")
    assert len(invoices(psa, place.agreement)) == before + 4
    assert agreement(psa, place.agreement)["nextInvoiceDate"] == "2027-04-01T00:00:00Z"


def test_cycles_move_by_their_own_length(simulator: Simulator, psa: httpx2.Client) -> None:
    rows = [row for row in simulator.state()["agreements"] if row["agreementStatus"] == "Active"]
    quarterly = next(row for row in rows if row["billingCycle"]["name"] == "Quarterly")
    yearly = next(row for row in rows if row["billingCycle"]["name"] == "Annual")
    assert quarterly["nextInvoiceDate"] == "2027-01-01T00:00:00Z"
    simulator.set_clock("2027-01-01T06:00:00Z")
    assert agreement(psa, quarterly["id"])["nextInvoiceDate"] == "2027-04-01T00:00:00Z"
    due = yearly["nextInvoiceDate"]
    simulator.set_clock(due)
    year = int(due[:4]) + 1
    assert agreement(psa, yearly["id"])["nextInvoiceDate"] == f"{year}{due[4:]}"


def test_ended_agreements_are_not_invoiced(simulator: Simulator, psa: httpx2.Client, place: Place) -> None:
    simulator.control("PATCH", f"agreements/{place.agreement}", {"endDate": "2026-11-27T00:00:00Z"})
    before = len(invoices(psa, place.agreement))
    simulator.set_clock("2026-12-02T00:00:00Z")
    assert len(invoices(psa, place.agreement)) == before
    for status in ("Expired", "Cancelled"):
        ended = next(row["id"] for row in simulator.state()["agreements"] if row["agreementStatus"] == status)
        answer = psa.post(f"/finance/agreements/{ended}/invoice")
        assert (answer.status_code, answer.json()["code"]) == (400, "InvalidObject")
    assert psa.post("/finance/agreements/999999/invoice").status_code == 404


def test_the_invoice_action_freezes_the_period(simulator: Simulator, psa: httpx2.Client, place: Place) -> None:
    assert psa.post(additions(place), json=new_line(place)).status_code == 201
    answer = psa.post(f"/finance/agreements/{place.agreement}/invoice")
    assert answer.status_code == 201
    assert psa.get(f"/finance/invoices/{answer.json()}").json()["agreement"]["id"] == place.agreement
    assert agreement(psa, place.agreement)["nextInvoiceDate"] == "2027-01-01T00:00:00Z"
    refused = psa.post(additions(place), json=new_line(place)).json()
    assert "already been invoiced" in refused["errors"][0]["message"]
    simulator.set_clock("2026-12-05T00:00:00Z")
    assert agreement(psa, place.agreement)["nextInvoiceDate"] == "2027-01-01T00:00:00Z", "not twice"


def test_an_invoice_keeps_its_amount(simulator: Simulator, psa: httpx2.Client, place: Place) -> None:
    made = psa.post(f"/finance/agreements/{place.agreement}/invoice").json()
    before = psa.get(f"/finance/invoices/{made}").json()
    line = psa.get(additions(place)).json()[0]
    psa.patch(f"{additions(place)}/{line['id']}", json=[{"op": "replace", "path": "quantity", "value": 9999}])
    assert psa.get(f"/finance/invoices/{made}").json() == before


def test_agreements_begin_and_end_with_the_clock(simulator: Simulator, psa: httpx2.Client) -> None:
    coming = next(row for row in simulator.state()["agreements"] if row["agreementStatus"] == "Inactive")
    simulator.set_clock(coming["startDate"])
    assert agreement(psa, coming["id"])["agreementStatus"] == "Active"
    ending = next(row for row in simulator.state()["agreements"] if row.get("endDate", "") > "2027-06")
    simulator.set_clock(ending["endDate"])
    assert agreement(psa, ending["id"])["agreementStatus"] == "Active", "its last day"
    simulator.set_clock(ending["endDate"].replace("-01T", "-02T"))
    assert agreement(psa, ending["id"])["agreementStatus"] == "Expired"


def test_a_report_appears_on_the_25th(simulator: Simulator, vendor: httpx2.Client) -> None:
    def status(month: str) -> int:
        vendor.headers["Authorization"] = f"Bearer {token(simulator)['access_token']}"
        return vendor.get(f"/partner/v1/billing/usage/{month}").status_code

    months = [status(f"2026/{month:02d}") for month in range(6, 13)]
    assert months == [404, 404, 200, 200, 200, 200, 404]
    assert status("2026/9") == 200
    simulator.set_clock("2026-12-24T23:59:00Z")
    assert status("2026/12") == 404
    simulator.set_clock("2026-12-25T00:00:00Z")
    assert status("2026/12") == 200
    simulator.set_clock("2027-06-25T00:00:00Z")
    assert [status(month) for month in ("2027/06", "2027/07", "2026/08")] == [200, 404, 200]


def test_what_the_months_bring(simulator: Simulator) -> None:
    state = simulator.state(vendor=True)
    periods = sorted({line["period"] for line in state["usage"]})
    assert periods == ["2026-08", "2026-09", "2026-10", "2026-11", "2026-12"]
    names = {(line["period"], line["productCode"]): line["productDescription"] for line in state["usage"]}
    assert names["2026-10", "CIXA-MSP"] != names["2026-11", "CIXA-MSP"], "renamed between two months"
    assert names["2026-11", "CEMA-MSP"] != names["2026-12", "CEMA-MSP"]
    customers = {
        period: {line["accountId"] for line in state["usage"] if line["period"] == period and "accountId" in line}
        for period in periods
    }
    assert customers["2026-09"] - customers["2026-11"], "customers leave"
    assert customers["2026-12"] - customers["2026-11"], "and join"
    assert "COPX-MSP" not in {row["code"] for row in state["products"]}
    simulator.set_clock("2026-12-26T00:00:00Z")
    later = simulator.state(vendor=True)
    assert "COPX-MSP" in {row["code"] for row in later["products"]}
    assert {row["id"] for row in later["customers"]} != {row["id"] for row in state["customers"]}
    renamed = next(row["name"] for row in later["products"] if row["code"] == "CEMA-MSP")
    assert renamed == names["2026-12", "CEMA-MSP"]


def test_tokens_expire_on_the_simulated_clock(simulator: Simulator, vendor: httpx2.Client) -> None:
    path = "/partner/v1/tenants"
    assert vendor.get(path).status_code == 200
    simulator.set_clock("2026-11-26T09:50:00Z")
    assert vendor.get(path).status_code == 200
    simulator.set_clock("2026-11-26T10:01:00Z")
    expired = vendor.get(path)
    assert (expired.status_code, expired.json()["error"]) == (401, "notAuthorized")
    assert PLAIN.get(f"{simulator.sophos}/_sim/state").status_code == 200
