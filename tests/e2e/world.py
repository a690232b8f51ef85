"""A simulated world and an integration connected to it, as the end-to-end tests act with them; no tests here."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any, Protocol

import httpx2

from truecount.core.model import Share, Source
from truecount.core.period import Period
from truecount.core.plan import plain
from truecount.core.roles import Role
from truecount.runs import clock, configure, found
from truecount.runs.approve import approve, release
from truecount.runs.flow import begin, execute
from truecount.runs.remote import DOORS, Doors
from truecount.store.models import Finding, Integration, Managed, Plan, Run, User
from truecount.store.seals import check_key

Row = dict[str, Any]
Place = tuple[int, int]
"""(agreement, catalog item)"""

GUID = "00000000-0000-4000-8000-000000000001"
NOW = Period(2026, 11)
ADDITIONS, ADDITION = "/finance/agreements/{id}/additions", "/finance/agreements/{id}/additions/{id}"
BRAKES = ("jump", "first_write", "adoption", "many_down", "many_zeroed", "money_moves", "usage_halved", "usage_empty")
"""Holds that a person may release after a look; the others ask for a decision."""


class Clocked(Protocol):
    """The settings as pytest-django lends them: what is set is put back."""

    TRUECOUNT_CLOCK_OFFSET: float


class Side:
    """The control calls of one system (design: interface, Simulators)."""

    def __init__(self, base: str) -> None:
        self.base = base
        self._http = httpx2.Client(trust_env=False, timeout=20)

    def close(self) -> None:
        self._http.close()

    def call(self, method: str, path: str, json: Any = None) -> Any:
        response = self._http.request(method, f"{self.base}/_sim/{path}", json=json)
        assert response.is_success, response.text
        return response.json() if response.content else None

    def state(self) -> Row:
        state: Row = self.call("GET", "state")
        return state

    def add(self, collection: str, **fields: Any) -> Row:
        made: Row = self.call("POST", collection, fields)
        return made

    def change(self, collection: str, ident: object, **fields: Any) -> None:
        self.call("PATCH", f"{collection}/{ident}", fields)

    def remove(self, collection: str, ident: object) -> None:
        self.call("DELETE", f"{collection}/{ident}")

    def faults(self, *rules: Row) -> None:
        self.call("POST", "faults", {"rules": list(rules)})

    def switch(self, **values: object) -> None:
        """`switch(C_46="off")`"""
        self.call("PATCH", "switches", {name.replace("_", "-"): value for name, value in values.items()})

    def forget_requests(self) -> None:
        self.call("DELETE", "requests")

    def requests(self) -> Row:
        counted: Row = self.call("GET", "requests")
        return counted

    def writes(self) -> int:
        """Requests other than reads, as the server counted them."""
        return sum(count for route, count in self.requests()["by_route"].items() if not route.startswith("GET "))


@dataclass(kw_only=True)
class Simulators:
    """Both systems in a process of their own."""

    connectwise: Side
    sophos: Side
    certificate: str
    """File of the one authority that tests need to trust; loading a system's hundreds takes longer than a run."""

    def reset(self) -> None:
        """Back to the start, without a rate limit: tests share one minute."""
        self.connectwise.call("POST", "reset")
        self.connectwise.switch(C_46="off")

    def now(self) -> datetime:
        return datetime.fromisoformat(self.connectwise.state()["now"])

    def set_clock(self, moment: str) -> None:
        self.connectwise.call("POST", "clock", {"now": moment})


@contextmanager
def simulators_of(customers: int, seed: int = 1) -> Iterator[Simulators]:
    """A process with a world of that size, on free ports."""
    ports = ["--connectwise-port=0", "--connectwise-tls-port=0", "--sophos-port=0"]
    command = [sys.executable, "-m", "truecount.simulator", *ports, f"--customers={customers}", f"--seed={seed}"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        try:
            assert process.stdout is not None
            words = process.stdout.readline().split()
            assert words[:1] == ["ready"], words
            where = dict(word.split("=", 1) for word in words[1:])
            sides = {name: Side(where[name]) for name in ("connectwise", "sophos")}
            running = Simulators(**sides, certificate=where["certificate"])
            yield running
            running.connectwise.close()
            running.sophos.close()
        finally:
            process.terminate()


@dataclass(kw_only=True)
class Office:
    """An integration and its admin: what a person can do and see. `doors` open the connectors of its runs."""

    integration: Integration
    admin: User
    doors: Doors = DOORS

    # --- what people decide -----------------------------------------------------------------------

    def policy(self, **wanted: str) -> None:
        configure.set_policy(self.integration, wanted, by=self.admin, now=clock.now())
        self.integration.refresh_from_db()

    def map_product(self, code: str, item: int, *, by: User | None = None) -> None:
        configure.map_product(self.integration, code, item, by=by or self.admin, now=clock.now())

    def map_customer(self, customer: str, company: int, *agreements: int) -> None:
        shares = tuple(Share(agreement=agreement) for agreement in agreements)
        configure.map_customer(self.integration, customer, company, shares, by=self.admin, now=clock.now())

    # --- the verbs --------------------------------------------------------------------------------

    def run(
        self,
        verb: str,
        *,
        plan: Plan | None = None,
        period: str | None = None,
        source: str | None = None,
        doors: Doors | None = None,
    ) -> Run:
        month = Period.parse(period) if period else None
        read = Source(source) if source else None
        run = begin(self.integration, verb, by=self.admin, plan=plan, period=month, source=read)
        return execute(run, doors=doors or self.doors)

    def sync(self, **which: Any) -> Run:
        return self.run("sync", **which)

    def apply(self, plan: Plan, **which: Any) -> Run:
        plan.refresh_from_db()
        return self.run("apply", plan=plan, **which)

    def approve(self, plan: Plan, by: User | None = None) -> None:
        approve(plan, by=by or self.admin, now=clock.now())

    def release(self, plan: Plan, kinds: Iterable[str] = BRAKES) -> None:
        for hold in plan.holds.filter(released_at=None, kind__in=list(kinds)):
            release(hold, reason="looked at", by=self.admin, now=clock.now())

    def planned(self, **which: Any) -> Plan:
        """A sync and its plan, with the brakes let go."""
        plan = self.sync(**which).plan
        assert plan is not None
        self.release(plan)
        return plan

    def synchronise(self, **which: Any) -> Run:
        """The whole of it: sync, look, approve, apply."""
        plan = self.planned(**which)
        if not plan.changes.exists():
            return self.sync(**which)
        self.approve(plan)
        return self.apply(plan)

    # --- what came of it --------------------------------------------------------------------------

    def managed(self) -> dict[Place, int]:
        rows = Managed.objects.filter(integration=self.integration)
        return {(row.agreement, row.item): row.addition for row in rows}

    def findings(self, *kinds: str) -> list[Finding]:
        open_ones = Finding.objects.filter(integration=self.integration, closed_at=None)
        return list(open_ones.filter(kind__in=kinds) if kinds else open_ones)


@dataclass(kw_only=True)
class World(Office):
    """Simulators with an integration on them, in mode *review* and with the settle time of the kill test."""

    simulators: Simulators = field(repr=False)
    settings: Clocked = field(repr=False)

    @property
    def psa(self) -> Side:
        return self.simulators.connectwise

    @property
    def vendor(self) -> Side:
        return self.simulators.sophos

    def map_all(self, *, products: Iterable[str] | None = None) -> None:
        """Every product by its SKU, every customer to the company of its turn and that company's first agreement."""
        for code, item in self.items().items():
            if products is None or code in products:
                self.map_product(code, item)
        for customer, company, agreement in self.homes():
            self.map_customer(customer, company, agreement)

    def items(self) -> dict[str, int]:
        """Product code → catalog item, as the catalog itself says in its vendor SKU."""
        codes = {line["productCode"] for line in self.report()}
        rows = self.psa.state()["catalog"]
        return {row["vendorSku"]: row["id"] for row in rows if row.get("vendorSku") in codes}

    def free_item(self) -> int:
        """A product that may be billed and that no agreement has a line of."""
        state = self.psa.state()
        used = {row["product"]["id"] for row in state["additions"]} | set(self.items().values())
        fit = (row for row in state["catalog"] if row["productClass"] != "Bundle" and not row.get("inactiveFlag"))
        return next(int(row["id"]) for row in fit if row["id"] not in used)

    def homes(self) -> list[tuple[str, int, int]]:
        """(customer, company, agreement): both systems list customers in the order of the world."""
        first: dict[int, int] = {}
        for row in self.psa.state()["agreements"]:
            if row["agreementStatus"] == "Active":
                first.setdefault(row["company"]["id"], row["id"])
        customers = [row["id"] for row in self.vendor.state()["customers"] if row["billingType"] == "usage"]
        pairs = zip(customers, sorted(first.items()), strict=False)
        return [(customer, company, agreement) for customer, (company, agreement) in pairs]

    def lines(self) -> dict[Place, list[Row]]:
        """The additions that stand, by place, as the simulator holds them."""
        today = clock.now().date().isoformat()
        found: dict[Place, list[Row]] = {}
        for row in self.psa.state()["additions"]:
            if not row.get("cancelledDate") or row["cancelledDate"][:10] > today:
                found.setdefault((row["agreementId"], row["product"]["id"]), []).append(row)
        return found

    def standing(self) -> dict[Place, list[str]]:
        """Quantities by place: the final state that two ways of getting there must share."""
        return {
            place: sorted(plain(Decimal(str(row["quantity"]))) for row in rows) for place, rows in self.lines().items()
        }

    def report(self, period: str = str(NOW)) -> list[Row]:
        """The vendor's lines of a month."""
        return [row for row in self.vendor.state()["usage"] if row["period"] == period]

    def set_clock(self, moment: str) -> None:
        self.simulators.set_clock(moment)
        self.follow_clock()

    def follow_clock(self) -> None:
        """The product's clock is the simulators'."""
        self.settings.TRUECOUNT_CLOCK_OFFSET = (self.simulators.now() - datetime.now(UTC)).total_seconds()


def connected(simulators: Simulators, settings: Clocked, slug: str = "e2e") -> World:
    """A partner with an admin and an integration whose connections are checked; nothing is mapped yet."""
    simulators.reset()
    settings.TRUECOUNT_CLOCK_OFFSET = (simulators.now() - datetime.now(UTC)).total_seconds()
    now = clock.now()
    check_key(now)
    partner = found.create_partner(slug, by=None, now=now)
    admin = User.objects.create(email=f"admin@{slug}.example", partner=partner, role=Role.ADMIN, made_at=now)
    where = found.create_integration(partner, slug, by=admin, now=now)
    world = World(simulators=simulators, integration=where, admin=admin, settings=settings)
    world.policy(mode="review", vendor_rates="off", psa_rates="off", settle_seconds="0.5", mail="off")
    found.connect(where, "sophos", sophos_fields(simulators), "secret", by=admin, now=now)
    found.connect(where, "connectwise", connectwise_fields(simulators), "priv", by=admin, now=now)
    return world


def read_once(world: World) -> World:
    """With a first reading, so that there is something to map."""
    assert world.run("collect").state == "done"
    return world


def sophos_fields(simulators: Simulators) -> Mapping[str, str]:
    base = simulators.sophos.base
    return {"auth_url": base, "api_url": base, "client_id": "sim"}


def connectwise_fields(simulators: Simulators) -> Mapping[str, str]:
    return {"url": simulators.connectwise.base, "company": "sim", "public_key": "pub", "client_id": GUID}
