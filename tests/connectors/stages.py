"""Connectors on their stages: in memory, on a fake transport, on the live simulator."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import replace
from datetime import date
from decimal import Decimal
from functools import partial
from typing import Any

import httpx2
import pytest

from tests.connectors.fakes import SECRET, FakeConnectWise, FakeSophos, Instead, error, throttled
from truecount.connectors.connectwise import ConnectWisePsa
from truecount.connectors.http import Settings
from truecount.connectors.memory import Failure, MemoryPsa, MemorySource
from truecount.connectors.pace import Ticker
from truecount.connectors.sophos import SophosCentral
from truecount.core.errors import Refused
from truecount.core.model import AgreementState, Customer, Firewall, UsageLine
from truecount.core.period import Period
from truecount.core.ports import Psa, UsageSource

GUID = "11111111-2222-4333-8444-555555555555"
SHORT = Settings(tries=2, read_timeout=5, write_timeout=5, rates=())


def impatient() -> Ticker:
    """The real clock, with every wait skipped: as if it had passed."""
    skipped: list[float] = []
    return Ticker(now=lambda: time.monotonic() + sum(skipped), sleep=skipped.append)


def refusal(call: Callable[..., object], *given: Any, **named: Any) -> Refused:
    """The refusal that a call ends with."""
    with pytest.raises(Refused) as caught:
        call(*given, **named)
    return caught.value


# --- in memory ------------------------------------------------------------------------------------


class MemoryVendor:
    ready, not_ready, unassigned = Period(2026, 11), Period(2027, 1), "F-2"

    def __init__(self) -> None:
        line = partial(UsageLine, code="CIXA-MSP", billable=Decimal(3))
        self.source = MemorySource(
            customers=[Customer(id="a", name="A"), Customer(id="b", name="B")],
            reports={self.ready: [line(customer="a"), line(customer=None)]},
            live={"a": [line(customer="a")], "b": [line(customer="b")]},
            firewalls=[Firewall(serial="F-1", customer="a"), Firewall(serial="F-2")],
        )

    def with_wrong_secret(self) -> UsageSource:
        self.source.fail_next(Failure.WRONG_CREDENTIALS)
        return self.source

    def hide(self, customer: str) -> None:
        self.source.unread.add(customer)

    def break_down(self) -> None:
        self.source.fail_next(Failure.UNREACHABLE)


class MemoryStage:
    gone, effective = 999_999, date(2026, 11, 1)

    def __init__(self) -> None:
        self.psa = MemoryPsa()
        company = self.psa.add_company()
        self.agreement = self.psa.add_agreement(company.id).id
        self.ended = self.psa.add_agreement(company.id).id
        ended = self.psa.agreements[self.ended]
        self.psa.agreements[self.ended] = replace(ended, state=AgreementState.EXPIRED)
        self.item = self.psa.add_item(price=Decimal("4.2")).id

    def with_wrong_keys(self) -> Psa:
        self.psa.fail_next_read(Failure.WRONG_CREDENTIALS)
        return self.psa

    def fail_next_write(self, kind: str) -> None:
        self.psa.fail_next(kind)

    def edit_item_by_hand(self, item: int) -> None:
        self.psa.items[item] = replace(self.psa.items[item], updated="by hand")


# --- on a fake transport --------------------------------------------------------------------------


def sophos_on(fake: FakeSophos, **other: Any) -> SophosCentral:
    given = {"client_id": "sim", "secret": SECRET, "record": lambda _: None, "settings": SHORT, "ticker": impatient()}
    return SophosCentral(transport=fake.transport, **{**given, **other})


def connectwise_on(fake: FakeConnectWise, **other: Any) -> ConnectWisePsa:
    given = {
        "url": "https://na.myconnectwise.net",
        "company": "sim",
        "public_key": "pub",
        "private_key": SECRET,
        "client_id": GUID,
        "record": lambda _: None,
        "settings": SHORT,
        "ticker": impatient(),
    }
    return ConnectWisePsa(transport=fake.transport, **{**given, **other})


class FakeVendor:
    ready, not_ready, unassigned = Period(2026, 11), Period(2027, 1), "F-2"

    def __init__(self) -> None:
        self.fake = FakeSophos()
        self.fake.firewalls = [
            {"serialNumber": "F-1", "model": "XGS126", "billingTenant": {"id": self.fake.tenants[0]["id"]}},
            {"serialNumber": "F-2", "model": "XGS87", "tenant": {}, "licenses": [{"type": "usage"}]},
        ]
        self.source = sophos_on(self.fake)

    def with_wrong_secret(self) -> UsageSource:
        return sophos_on(self.fake, secret="wrong")

    def hide(self, customer: str) -> None:
        self.fake.forbidden.add(customer)

    def break_down(self) -> None:
        self.fake.give(*[error("internalServerError", 500)] * 20)


class FakeStage:
    agreement, ended, gone, item, effective = 1, 2, 999_999, 77, date(2026, 11, 1)

    def __init__(self) -> None:
        self.fake = FakeConnectWise()
        self.psa = connectwise_on(self.fake)

    def with_wrong_keys(self) -> Psa:
        self.fake.give(error("Unauthorized", 401), only="/apis/")
        return self.psa

    def fail_next_write(self, kind: str) -> None:
        def done(request: httpx2.Request) -> httpx2.Response:
            self.fake.usual(request)
            raise httpx2.ReadTimeout("too late", request=request)

        given: dict[str, Instead] = {
            "certain": throttled(),
            "uncertain-done": done,
            "uncertain-not-done": httpx2.ReadError("closed"),
        }
        self.fake.give(given[kind], only="/additions")

    def edit_item_by_hand(self, item: int) -> None:
        self.fake.records["/procurement/catalog"][0]["_info"]["lastUpdated"] = "2026-11-27T00:00:00Z"


# --- on the live simulator ------------------------------------------------------------------------


class Simulator:
    """The control calls of both systems (design: interface, Simulators)."""

    def __init__(self, addresses: dict[str, str]) -> None:
        self.connectwise, self.sophos = addresses["connectwise"], addresses["sophos"]
        self.tls, self.certificate = addresses["tls"], addresses["certificate"]
        self._http = httpx2.Client(trust_env=False, timeout=10)

    def close(self) -> None:
        self._http.close()

    def reset(self) -> None:
        self._told(self._http.post(f"{self.connectwise}/_sim/reset"))

    def state(self, base: str) -> dict[str, Any]:
        found: dict[str, Any] = self._told(self._http.get(f"{base}/_sim/state")).json()
        return found

    def requests(self, base: str) -> dict[str, Any]:
        found: dict[str, Any] = self._told(self._http.get(f"{base}/_sim/requests")).json()
        return found

    def forget_requests(self, base: str) -> None:
        self._told(self._http.delete(f"{base}/_sim/requests"))

    def fault(self, base: str, **rule: Any) -> None:
        self._told(self._http.post(f"{base}/_sim/faults", json={"rules": [rule]}))

    def switch(self, base: str, **values: Any) -> None:
        self._told(self._http.patch(f"{base}/_sim/switches", json=values))

    def add(self, base: str, collection: str, **fields: Any) -> None:
        self._told(self._http.post(f"{base}/_sim/{collection}", json=fields))

    def change(self, base: str, collection: str, id: object, **fields: Any) -> None:
        self._told(self._http.patch(f"{base}/_sim/{collection}/{id}", json=fields))

    def _told(self, response: httpx2.Response) -> httpx2.Response:
        assert response.is_success, response.text
        return response


def sophos_at(simulator: Simulator, **other: Any) -> SophosCentral:
    given = {"client_id": "sim", "secret": "secret", "record": lambda _: None, "settings": SHORT, "ticker": impatient()}
    urls = {"auth_url": simulator.sophos, "api_url": simulator.sophos}
    return SophosCentral(**{**urls, **given, **other})


def connectwise_at(simulator: Simulator, **other: Any) -> ConnectWisePsa:
    given = {
        "url": simulator.connectwise,
        "company": "sim",
        "public_key": "pub",
        "private_key": "priv",
        "client_id": GUID,
        "record": lambda _: None,
        "settings": SHORT,
        "ticker": impatient(),
    }
    return ConnectWisePsa(**{**given, **other})


class LiveVendor:
    ready, not_ready = Period(2026, 11), Period(2027, 6)

    def __init__(self, simulator: Simulator) -> None:
        self._simulator = simulator
        self._opened = [sophos_at(simulator)]
        firewalls = simulator.state(simulator.sophos)["firewalls"]
        self.unassigned = firewalls[0]["serialNumber"]
        simulator.change(simulator.sophos, "firewalls", self.unassigned, billingTenant=None)

    @property
    def source(self) -> SophosCentral:
        return self._opened[-1]

    def close(self) -> None:
        for source in self._opened:
            source.close()

    def with_wrong_secret(self) -> UsageSource:
        self._opened.append(sophos_at(self._simulator, secret="wrong"))
        return self.source

    def hide(self, customer: str) -> None:
        """The first customer asked for meets the first failure; one thread keeps the order."""
        self._opened.append(sophos_at(self._simulator, settings=replace(SHORT, tries=1, threads=1)))
        self.source.list_customers()
        self._simulator.fault(self._simulator.sophos, route="/licenses/v1/licenses", kind="500", nth=1)

    def break_down(self) -> None:
        self._simulator.fault(self._simulator.sophos, route="*", kind="500")


class LiveStage:
    gone, effective = 999_999, date(2026, 12, 1)

    def __init__(self, simulator: Simulator) -> None:
        self._simulator = simulator
        self._opened = [connectwise_at(simulator)]
        state = simulator.state(simulator.connectwise)
        agreements, catalog = state["agreements"], state["catalog"]
        active = [one for one in agreements if one["agreementStatus"] == "Active"]
        self.agreement = active[0]["id"]
        self.ended = next(one["id"] for one in agreements if one["agreementStatus"] == "Expired")
        self.item = next(one["id"] for one in catalog if one.get("price", 0) > 0 and one["productClass"] == "Service")

    @property
    def psa(self) -> ConnectWisePsa:
        return self._opened[-1]

    def close(self) -> None:
        for psa in self._opened:
            psa.close()

    def with_wrong_keys(self) -> Psa:
        self._opened.append(connectwise_at(self._simulator, private_key="wrong"))
        return self.psa

    def fail_next_write(self, kind: str) -> None:
        kinds = {"certain": "429", "uncertain-done": "drop-after-commit", "uncertain-not-done": "drop-before-commit"}
        route = "/finance/agreements/{id}/additions"
        self._simulator.fault(self._simulator.connectwise, route=route, method="POST", kind=kinds[kind], nth=1)

    def edit_item_by_hand(self, item: int) -> None:
        self._simulator.change(self._simulator.connectwise, "catalog", item, description="Edited by hand")
