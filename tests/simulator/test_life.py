"""What the months bring as the clock moves: drift, customers, products, firewalls, corrections; the same each time."""

from itertools import pairwise
from typing import Any

import httpx2
import pytest

from tests.simulator.conftest import PLAIN, Simulator, token


def world(simulator: Simulator) -> dict[str, Any]:
    state = simulator.state(vendor=True)
    state.pop("now")
    return state


def lines(state: dict[str, Any], period: str) -> list[dict[str, Any]]:
    return [line for line in state["usage"] if line["period"] == period]


def licences(simulator: Simulator, tenant: str) -> dict[str, int]:
    headers = {"Authorization": f"Bearer {token(simulator)['access_token']}", "X-Tenant-ID": tenant}
    body = PLAIN.get(f"{simulator.sophos}/licenses/v1/licenses", headers=headers).json()
    return {row["product"]["code"]: row["usage"]["current"]["count"] for row in body["licenses"]}


def counts_of_day(simulator: Simulator, tenants: list[str], day: str) -> list[dict[str, int]]:
    simulator.set_clock(f"{day}T12:00:00Z")
    return [licences(simulator, tenant) for tenant in tenants]


def test_the_same_clock_gives_the_same_world(simulator: Simulator) -> None:
    simulator.set_clock("2028-02-11T00:00:00Z")
    at_once = world(simulator)
    simulator.control("POST", "reset")
    for day in ("2026-12-26", "2027-03-10", "2027-11-30", "2028-02-11"):
        simulator.set_clock(f"{day}T00:00:00Z")
        world(simulator)
    assert world(simulator) == at_once
    simulator.control("POST", "reset")
    start = world(simulator)
    simulator.set_clock("2028-02-11T00:00:00Z")
    assert world(simulator) == at_once
    simulator.control("POST", "reset")
    assert world(simulator) == start


def test_counts_drift_within_a_month_and_end_at_the_report(simulator: Simulator) -> None:
    state = simulator.state(vendor=True)
    tenants = [row["id"] for row in state["customers"] if row["billingType"] == "usage"][:25]
    start = [licences(simulator, tenant) for tenant in tenants]
    reported = [
        {
            code: sum(
                line["actualQuantity"]
                for line in lines(state, "2026-11")
                if line.get("accountId") == tenant and line["productCode"] == code
            )
            for code in codes
        }
        for tenant, codes in zip(tenants, start, strict=True)
    ]
    assert start == reported, "on the day after the report"
    days = [counts_of_day(simulator, tenants, f"2026-12-{day}") for day in ("03", "12", "20")]
    assert start != days[0] != days[1] != days[2]
    near, far = (sum(a != b for a, b in zip(start, counts, strict=True)) for counts in (days[0], days[2]))
    assert near < far, "it goes on in one direction"
    biggest = max(abs(sum(a.values()) - sum(b.values())) for a, b in zip(start, days[0], strict=True))
    assert biggest < 60, "steps of a day or a week, not another world"


def test_customers_join_and_leave_without_end(simulator: Simulator) -> None:
    seen = [{row["id"] for row in world(simulator)["customers"]}]
    for month in ("2027-04", "2027-05", "2028-01"):
        simulator.set_clock(f"{month}-26T00:00:00Z")
        state = world(simulator)
        seen.append({row["id"] for row in state["customers"]})
        assert {line["accountId"] for line in lines(state, month) if "accountId" in line} <= seen[-1]
    for before, after in pairwise(seen):
        assert before - after, "somebody left"
        assert after - before, "somebody joined"
    assert abs(len(seen[-1]) - len(seen[0])) < 10


def test_products_are_renamed_and_withdrawn(simulator: Simulator) -> None:
    start = {row["code"]: row["name"] for row in world(simulator)["products"]}
    simulator.set_clock("2027-04-01T00:00:00Z")
    assert "CW7-SUP-MSP" not in {row["code"] for row in world(simulator)["products"]}
    simulator.set_clock("2028-04-01T00:00:00Z")
    state = world(simulator)
    later = {row["code"]: row["name"] for row in state["products"]}
    assert start.keys() - later.keys() == {"CW7-SUP-MSP", "CMS-MSP"}
    assert sum(start.get(code) not in (None, name) for code, name in later.items()) >= 3
    gone = {line["period"] for line in state["usage"] if line["productCode"] == "CMS-MSP"}
    assert max(gone) == "2027-09"


def test_firewalls_get_assigned(simulator: Simulator) -> None:
    def unassigned(state: dict[str, Any]) -> set[str]:
        return {row["serialNumber"] for row in state["firewalls"] if not (row.get("billingTenant") or {}).get("id")}

    before = unassigned(world(simulator))
    assert before
    simulator.set_clock("2027-01-09T23:00:00Z")
    assert unassigned(world(simulator)) == before
    simulator.set_clock("2027-01-10T00:00:00Z")
    state = world(simulator)
    (assigned,) = before - unassigned(state)
    charged = {
        period: {
            line.get("accountId") for line in lines(state, period) if line["accountNumberOrSerialNumber"] == assigned
        }
        for period in ("2026-12", "2027-01", "2027-02")
    }
    tenant = next(row["billingTenant"]["id"] for row in state["firewalls"] if row["serialNumber"] == assigned)
    assert charged == {"2026-12": {None}, "2027-01": {tenant}, "2027-02": {tenant}}


def test_corrections_arrive_late(simulator: Simulator, vendor: httpx2.Client) -> None:
    simulator.switch(S_34="late")

    def report(now: str) -> float:
        simulator.set_clock(now)
        vendor.headers["Authorization"] = f"Bearer {token(simulator)['access_token']}"
        items = vendor.get("/partner/v1/billing/usage/2026/11", params={"pageSize": 1000}).json()["items"]
        return float(sum(item["billableQuantity"] for item in items))

    first = report("2026-11-26T09:00:00Z")
    assert report("2026-12-04T23:00:00Z") == first
    assert report("2026-12-05T00:00:00Z") > first


@pytest.mark.parametrize("now", ["2046-01-01T00:00:00Z"])
def test_far_away(simulator: Simulator, now: str) -> None:
    simulator.set_clock(now)
    assert simulator.state(vendor=True)["customers"]
