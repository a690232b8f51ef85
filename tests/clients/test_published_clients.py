"""What published clients make of the simulators, compared with what the simulators hold."""

from pathlib import Path
from typing import Any

import pytest

from tests.clients.conftest import Run
from tests.simulator.conftest import Simulator

ACTIVE = 'agreementStatus="Active" and type/name="Security as a Service"'


def work(simulator: Simulator) -> dict[str, Any]:
    """What every client is given to do; the first count of companies meets a 429."""
    state = simulator.state()
    agreement = next(
        row for row in state["agreements"] if row["agreementStatus"] == "Active" and not row["prorateFlag"]
    )
    used = {row["product"]["id"] for row in state["additions"] if row["agreementId"] == agreement["id"]}
    product = next(row for row in state["catalog"] if row["id"] not in used and row["productClass"] == "Service")
    simulator.faults({"route": "/company/companies/count", "method": "GET", "nth": 1, "kind": "429"})
    return {
        "agreement": agreement["id"],
        "conditions": ACTIVE,
        "line": {
            "product": {"id": product["id"]},
            "quantity": 3,
            "billCustomer": "Billable",
            "effectiveDate": "2026-12-01T00:00:00Z",
        },
        "item": {
            "identifier": "CLIENT-1",
            "description": "By a client",
            "customerDescription": "By a client",
            "subcategory": {"id": 1},
            "type": {"id": 1},
        },
    }


def is_what_stands(simulator: Simulator, given: dict[str, Any], before: dict[str, Any], seen: dict[str, Any]) -> None:
    state = simulator.state()
    ids = [row["id"] for row in before["agreements"]]
    assert len(ids) > 25, "more than a page"
    assert sorted(seen["listed"]) == sorted(ids)
    wanted = {
        row["id"]
        for row in before["agreements"]
        if row["agreementStatus"] == "Active" and row["type"]["name"] == "Security as a Service"
    }
    assert 0 < len(wanted) <= 25, "one page"
    assert set(seen["filtered"]) == wanted
    assert seen["count"] == len(ids)
    (line,) = (row for row in state["additions"] if row["id"] == seen["created"])
    assert (line["quantity"], seen["patched"], line["product"]["id"]) == (11.0, 11, given["line"]["product"]["id"])
    assert seen["after"] == len(state["companies"])
    if "deleted" in seen:
        assert seen["deleted"] not in {row["id"] for row in state["additions"]}
    if "item" in seen:
        (item,) = (row for row in state["catalog"] if row["identifier"] == "CLIENT-1")
        assert item["id"] == seen["item"]
    assert simulator.control("GET", "requests").json()["by_status"]["429"] == 1


@pytest.mark.parametrize(
    ("script", "errors"),
    [
        ("with_pyconnectwise.py", ["ObjectExistsError", "MalformedRequestException", "NotFoundException"]),
        ("with_connectpyse.py", ["400", "400", "404"]),
        ("with_connectpyse_manage.py", ["ConnectWiseBadRequestError"]),
    ],
)
def test_clients_of_the_psa(simulator: Simulator, run: Run, script: str, errors: list[str]) -> None:
    before, given = simulator.state(), work(simulator)
    seen = run(script, **given)
    is_what_stands(simulator, given, before, seen)
    assert seen["errors"] == errors


def test_the_npm_client_of_the_psa(simulator: Simulator, run: Run, node: Path) -> None:
    before, given = simulator.state(), work(simulator)
    seen = run("with_connectwise_rest.js", node=node, **given)
    is_what_stands(simulator, given, before, seen)
    assert (seen["errors"], seen["throttled"]) == (["400", "400", "404"], "429")


def test_a_client_of_the_vendor(simulator: Simulator, run: Run) -> None:
    state = simulator.state(vendor=True)
    simulator.faults({"route": "/partner/v1/tenants", "nth": 2, "kind": "429"}, vendor=True)
    seen = run("with_sophoscentral.py")
    tenants = sorted(row["id"] for row in state["customers"])
    assert sorted(seen["tenants"]) == tenants
    lines = [row for row in state["usage"] if row["period"] == "2026-11"]
    assert len(lines) > 50, "more than a page"
    assert seen["lines"] == len(lines)
    assert seen["billable"] == sum(row["billableQuantity"] for row in lines)
    assert seen["after"] == len(tenants)
    endings = [error.rsplit(" ", 1)[-1] for error in seen["errors"]]
    assert endings == ["404", "expired.", "429"]
