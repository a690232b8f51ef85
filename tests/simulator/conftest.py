"""One simulator process for the whole session, put back to its start before each test, and clients of both systems."""

import re
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx2
import pytest

from tests.simulator.definition import conforms

ROOT = "/v4_6_release/apis/3.0"
CLIENT_ID = "0d5b4a4e-6b0e-4c49-9d53-6f3c7b1a2e10"
PLAIN = httpx2.Client(verify=False, timeout=30)
"""For calls over http; making a client costs more than the call."""
READY = re.compile(
    r"ready connectwise=(?P<connectwise>http://127\.0\.0\.1:\d+) tls=(?P<tls>127\.0\.0\.1:\d+) "
    r"sophos=(?P<sophos>http://127\.0\.0\.1:\d+) certificate=(?P<certificate>\S+)\n"
)


@dataclass(frozen=True, kw_only=True)
class Simulator:
    connectwise: str
    tls: str
    sophos: str
    certificate: Path

    def control(self, method: str, path: str, json: Any = None, *, vendor: bool = False) -> httpx2.Response:
        """A control call to the ConnectWise port, or the Sophos one."""
        base = self.sophos if vendor else self.connectwise
        return PLAIN.request(method, f"{base}/_sim/{path}", json=json)

    def switch(self, **values: object) -> None:
        """`switch(C_46="off")`."""
        wanted = {name.replace("_", "-") if name[1] == "_" else name: value for name, value in values.items()}
        assert self.control("PATCH", "switches", wanted).status_code == 200

    def faults(self, *rules: dict[str, Any], vendor: bool = False) -> None:
        assert self.control("POST", "faults", {"rules": list(rules)}, vendor=vendor).status_code == 200

    def state(self, *, vendor: bool = False) -> dict[str, Any]:
        state: dict[str, Any] = self.control("GET", "state", vendor=vendor).json()
        return state

    def set_clock(self, now: str) -> None:
        assert self.control("POST", "clock", {"now": now}).status_code == 200


@contextmanager
def running(*arguments: str) -> Iterator[Simulator]:
    """A simulator process on free ports."""
    ports = ["--connectwise-port", "0", "--connectwise-tls-port", "0", "--sophos-port", "0"]
    command = [sys.executable, "-m", "truecount.simulator", *ports, *arguments]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        try:
            assert process.stdout is not None
            line = process.stdout.readline()
            match = READY.fullmatch(line)
            assert match is not None, line
            yield Simulator(
                connectwise=match["connectwise"],
                tls=match["tls"],
                sophos=match["sophos"],
                certificate=Path(match["certificate"]),
            )
        finally:
            process.terminate()
            assert process.wait(timeout=10) == 0


@pytest.fixture(scope="session", autouse=True)
def _plain() -> Iterator[None]:
    yield
    PLAIN.close()


@pytest.fixture(scope="session")
def _process() -> Iterator[Simulator]:
    with running("--customers", "40") as simulator:
        yield simulator


@pytest.fixture
def simulator(_process: Simulator) -> Simulator:
    assert _process.control("POST", "reset").status_code == 204
    return _process


def psa_client(base: str, **more: Any) -> httpx2.Client:
    """Every answer that it gets is compared with the API definition."""
    headers = {"clientId": CLIENT_ID}
    more.setdefault("verify", False)
    hooks = {"response": [conforms]}
    return httpx2.Client(
        base_url=base + ROOT, auth=("sim+pub", "priv"), headers=headers, timeout=30, event_hooks=hooks, **more
    )


@pytest.fixture
def psa(simulator: Simulator) -> Iterator[httpx2.Client]:
    with psa_client(simulator.connectwise) as client:
        yield client


def token(simulator: Simulator) -> dict[str, Any]:
    form = {"grant_type": "client_credentials", "client_id": "sim", "client_secret": "secret", "scope": "token"}
    answer = PLAIN.post(f"{simulator.sophos}/api/v2/oauth2/token", data=form)
    assert answer.status_code == 200
    body: dict[str, Any] = answer.json()
    return body


@pytest.fixture
def vendor(simulator: Simulator) -> Iterator[httpx2.Client]:
    bearer = {"Authorization": f"Bearer {token(simulator)['access_token']}"}
    with httpx2.Client(base_url=simulator.sophos, headers=bearer, timeout=30, verify=False) as client:
        client.headers["X-Partner-ID"] = client.get("/whoami/v1").json()["id"]
        yield client


@dataclass(frozen=True, kw_only=True)
class Place:
    """An active, invoiced agreement without proration, and a product that may stand on it."""

    agreement: int
    product: int
    company: int


@pytest.fixture(scope="session")
def place(_process: Simulator) -> Place:
    _process.control("POST", "reset")
    state = _process.state()
    agreement = next(
        row
        for row in state["agreements"]
        if row["agreementStatus"] == "Active" and not row["prorateFlag"] and "12-01" in row.get("nextInvoiceDate", "")
    )
    standing = {row["product"]["id"] for row in state["additions"] if row["agreementId"] == agreement["id"]}
    product = next(
        row
        for row in state["catalog"]
        if row["id"] not in standing and row["productClass"] == "Service" and not row["inactiveFlag"] and row["price"]
    )
    return Place(agreement=agreement["id"], product=product["id"], company=agreement["company"]["id"])


def additions(place: Place) -> str:
    return f"/finance/agreements/{place.agreement}/additions"


def new_line(place: Place, **more: Any) -> dict[str, Any]:
    """A body that is accepted as a new addition."""
    body = {
        "product": {"id": place.product},
        "quantity": 3,
        "billCustomer": "Billable",
        "effectiveDate": "2026-12-01T00:00:00Z",
    }
    return {**body, **more}
