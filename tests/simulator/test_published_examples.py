"""The bodies that the vendor publishes, field by field, against the simulator's.

Read so: with `S-FIELDS=published` an answer has exactly the fields of the published body, on all levels; without it,
these and further ones that are known from other programs.
"""

import json
from typing import Any

import httpx2
import pytest

from tests.simulator.conftest import PLAIN, Simulator
from tests.simulator.definition import FACTS
from tests.simulator.test_sophos_callers import caller

EXAMPLES = FACTS / "sophos-examples"
ROUTES = {
    "token": "/api/v2/oauth2/token",
    "whoami_official": "/whoami/v1",
    "whoami_partner": "/whoami/v1",
    "partner_tenants_official": "/partner/v1/tenants",
    "billing_usage_official": "/partner/v1/billing/usage/2026/11",
    "licenses_official": "/licenses/v1/licenses",
    "licenses_firewalls_official": "/licenses/v1/licenses/firewalls",
    "error_404_min": "/partner/v1/billing/usage/2030/1",
}

pytestmark = pytest.mark.skipif(not EXAMPLES.exists(), reason="the facts are not beside this clone")


def fields(value: Any, place: str = "") -> set[str]:
    """Every field with its way there; the elements of a list are taken together."""
    if isinstance(value, list):
        return {name for item in value for name in fields(item, place)}
    if not isinstance(value, dict):
        return set()
    return {f"{place}/{name}" for name in value} | {
        name for key, inner in value.items() for name in fields(inner, f"{place}/{key}")
    }


def answer(simulator: Simulator, vendor: httpx2.Client, name: str) -> Any:
    path = ROUTES[name]
    match name:
        case "token":
            form = {"grant_type": "client_credentials", "client_id": "sim", "client_secret": "secret"}
            return PLAIN.post(f"{simulator.sophos}{path}", data=form).json()
        case "whoami_official":
            return PLAIN.get(f"{simulator.sophos}{path}", headers=caller(simulator, "sim-tenant")).json()
        case "licenses_official":
            tenants = simulator.state(vendor=True)["customers"]
            vendor.headers["X-Tenant-ID"] = next(row["id"] for row in tenants if row["billingType"] == "usage")
    return vendor.get(path, params={"pageSize": 2, "pageTotal": "true"}).json()


def test_every_example_is_compared() -> None:
    assert {path.stem for path in EXAMPLES.glob("*.json")} == set(ROUTES)


@pytest.mark.parametrize("name", ROUTES)
def test_exactly_the_published_fields(simulator: Simulator, vendor: httpx2.Client, name: str) -> None:
    published = fields(json.loads((EXAMPLES / f"{name}.json").read_text(encoding="utf-8")))
    assert published <= fields(answer(simulator, vendor, name))
    simulator.switch(S_FIELDS="published")
    assert fields(answer(simulator, vendor, name)) == published
