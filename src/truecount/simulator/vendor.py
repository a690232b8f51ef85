"""What the simulated vendor holds: tenants, products, firewalls and the usage lines of each month; no HTTP."""

import random
import uuid
from array import array
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from typing import Any

from truecount.simulator.clock import (
    Clock,
    first_of,
    last_of,
    months_later,
    period_later,
    period_of,
)
from truecount.simulator.life import Life
from truecount.simulator.products import Product, products_of
from truecount.simulator.switches import Switches
from truecount.simulator.wire import BASE
from truecount.simulator.world import REPORT_DAY, Customer, Order, World
from truecount.simulator.world_names import FIRST_NAMES, LAST_NAMES, identifier
from truecount.simulator.world_products import BY_CODE as ITEMS

Json = dict[str, Any]

PARTNER_NAME = "Simulated MSP GmbH"
CORRECTION_DAY = 5
"""S-34: day of the following month on which a report's late corrections are in it."""


@dataclass(kw_only=True, slots=True)
class Line:
    """One usage line of a month; `order` is None for lines that came from outside."""

    id: str
    period: str
    order: Order | None
    billable: float
    actual: float
    changes: Json


@dataclass(kw_only=True, slots=True)
class Tenant:
    row: Json
    customer: Customer | None
    """None for tenants that came from outside."""


class Vendor:
    def __init__(self, *, world: World, clock: Clock, switches: Switches) -> None:
        self.world = world
        self.clock = clock
        self.switches = switches
        rng = random.Random(f"{world.seed}/organization")
        self.organization_id = str(uuid.UUID(int=rng.getrandbits(128), version=4))
        self.tenants = {customer.id: self._tenant(customer) for customer in world.customers}
        self.products = {product.code: product for product in products_of(world)}
        self.firewalls = {firewall["serialNumber"]: firewall for firewall in self._firewalls()}
        self._months: dict[str, dict[str, Line]] = {}
        self._by_tenant: dict[str, dict[str, list[Line]]] = {}
        self._report: tuple[tuple[str, ...], list[tuple[str, Json]]] = ((), [])
        self.orders = list(world.orders)
        self._orders: dict[int, list[Order]] = {}
        for order in world.orders:
            if order.customer is not None:
                self._orders.setdefault(order.customer.index, []).append(order)
        self._quantities: dict[str, array[int]] = {world.base: array("l", [order.base for order in world.orders])}
        self.life = Life(self)
        self.left: dict[str, str] = {}
        """Customer id → its last month, of those who leave in the course of time."""
        self._assigned_since: dict[str, str] = {}

    def _tenant(self, customer: Customer) -> Tenant:
        land = customer.land
        rng = random.Random(f"{self.world.seed}/tenant/{customer.index}")
        domain = identifier(customer.name.core, 24).lower()
        first, last = rng.choice(FIRST_NAMES), rng.choice(LAST_NAMES)
        row: Json = {
            "id": customer.id,
            "showAs": customer.name.full,
            "name": customer.name.full,
            "dataGeography": land.geography,
            "dataRegion": land.region,
            "billingType": customer.billing_type,
            "partner": {"id": self.world.partner_id},
            "contact": {
                "firstName": first,
                "lastName": last,
                "email": f"it@{domain}.example",
                "address": {"city": customer.city, "countryCode": land.code},
            },
            "externalIds": [],
            "status": "suspended" if customer.index % 50 == 30 else "active",
        }
        if customer.billing_type != "trial" or customer.index % 2 == 0:
            row["apiHost"] = BASE
        return Tenant(row=row, customer=customer)

    def _firewalls(self) -> Iterator[Json]:
        rng = random.Random(f"{self.world.seed}/firewalls")
        for firewall in self.world.firewalls:
            customer = firewall.customer
            start = f"202{rng.randint(3, 5)}-{rng.randint(1, 12):02d}-01"
            yield {
                "serialNumber": firewall.serial,
                "owner": {"id": self.world.partner_id, "type": "partner"},
                "partner": {"id": self.world.partner_id},
                "tenant": {"id": customer.id} if customer is not None else {},
                "billingTenant": {"id": customer.id} if customer is not None else None,
                "model": firewall.model.split(" - ")[0],
                "modelType": firewall.model_type,
                "lastSeenAt": f"{self.world.start.date().isoformat()}T03:00:00.000Z",
                "licenses": [
                    {
                        "id": f"{firewall.serial[:8]}-{number}",
                        "licenseIdentifier": f"L{rng.randrange(10**9):09d}",
                        "product": {"code": code, "name": ITEMS[code].name, "genericCode": code},
                        "startDate": start,
                        "perpetual": False,
                        "type": "usage",
                        "quantity": 1,
                        "unlimited": False,
                    }
                    for number, code in enumerate(firewall.codes, start=1)
                ],
            }

    def there(self, customer: Customer, period: str) -> bool:
        left = self.left.get(customer.id)
        return customer.there(period) and (left is None or period <= left)

    def used(self, order: Order, period: str) -> bool:
        """Whether an order is one of a month: its customer is there, and its product still sold."""
        product = self.products.get(order.code)
        if product is not None and period > product.last:
            return False
        return order.there(period) and (order.customer is None or self.there(order.customer, period))

    def add_customer(self, customer: Customer, orders: list[Order]) -> None:
        """One that joins after the start, with what it uses."""
        for order in orders:
            order.index = len(self.orders)
            self.orders.append(order)
            self._orders.setdefault(customer.index, []).append(order)
        self.tenants[customer.id] = self._tenant(customer)
        self._quantities = {self.world.base: array("l", [order.base for order in self.orders])}

    def assign(self, serial: str, tenant_id: str | None, since: str) -> None:
        """Another assignment of a firewall shows on the lines of a month and of those after it."""
        self.firewalls[serial]["billingTenant"] = {"id": tenant_id} if tenant_id is not None else None
        self._assigned_since[serial] = since
        for period, lines in self._months.items():
            for line in lines.values() if period >= since else ():
                if self.line_json(line).get("accountNumberOrSerialNumber") == serial:
                    line.changes |= self._charged_to(tenant_id)
        self.changed()

    def _charged_to(self, tenant_id: str | None) -> Json:
        named = self.tenants.get(str(tenant_id))
        return {
            "accountId": tenant_id,
            "externalId": tenant_id,
            "assignedAccountIdentifier": named.row["name"] if named else None,
        }

    def changed(self) -> None:
        """To be called after each change from outside."""
        self._by_tenant.clear()
        self._report = ((), [])

    def now_period(self) -> str:
        return period_of(self.clock.today())

    def has_report(self, period: str) -> bool:
        """From the 25th of the month on; nothing older than the history."""
        return period >= self.world.oldest and self.clock.today() >= first_of(period).replace(day=REPORT_DAY)

    def visible_tenants(self) -> list[Tenant]:
        now = self.now_period()
        return [
            tenant for tenant in self.tenants.values() if tenant.customer is None or self.there(tenant.customer, now)
        ]

    def organization_tenants(self) -> list[Tenant]:
        """The tenants that also belong to the one organization."""
        return [
            tenant
            for tenant in self.visible_tenants()
            if tenant.customer is not None and tenant.customer.index % 10 == 4
        ]

    def own_tenant(self) -> str:
        """The tenant behind the tenant's credentials."""
        return next((str(tenant.row["id"]) for tenant in self.visible_tenants() if "apiHost" in tenant.row), "")

    def add_tenant(self, given: Json, name: str) -> Tenant:
        """A tenant that a caller creates."""
        id = str(uuid.uuid5(uuid.NAMESPACE_URL, f"tenant-{self.world.seed}-{len(self.tenants)}"))
        row: Json = {
            "id": id,
            "showAs": name,
            "name": name,
            "dataGeography": given["dataGeography"],
            "dataRegion": given.get("dataRegion") or "eu01",
            "billingType": given["billingType"],
            "partner": {"id": self.world.partner_id},
            "contact": given.get("contact"),
            "externalIds": given.get("externalIds") or [],
            "status": "active",
            "apiHost": BASE,
        }
        self.tenants[id] = Tenant(row=row, customer=None)
        self.changed()
        return self.tenants[id]

    def tenant_json(self, tenant: Tenant) -> Json:
        row = tenant.row
        if row.get("status") == "canceled" and self.switches["S-28"] != "canceled":
            row = {**row, "status": self.switches["S-28"]}
        return {name: value for name, value in row.items() if value is not None}

    def visible_products(self) -> list[Product]:
        now = self.now_period()
        return [product for product in self.products.values() if product.first <= now <= product.last]

    def product_json(self, product: Product) -> Json:
        return {"code": product.code, "name": product.name(self.now_period()), "productGroup": product.group}

    def quantities(self, period: str) -> "array[int]":
        """Billable quantities by order; each month drifts a little from the one next to it."""
        kept = self._quantities.get(period)
        if kept is not None:
            return kept
        step = -1 if period > self.world.base else 1
        nearer = self.quantities(period_later(period, step))
        rng = random.Random(f"{self.world.seed}/usage/{period}")
        drifted = array("l", nearer)
        for index, order in enumerate(self.orders):
            chance, part = rng.random(), rng.random()
            if chance < 0.35 and order.serial is None and drifted[index] > 1:
                move = max(1, round(drifted[index] * 0.08 * part))
                drifted[index] += move if chance < 0.2 else -move
        self._quantities[period] = drifted
        return drifted

    def live_quantity(self, order: Order, today: date) -> int:
        """Between two reports the count moves day by day from what the one says to the other, with a little unrest."""
        period = period_of(today)
        if today.day <= REPORT_DAY:
            since, until = period_later(period, -1), period
        else:
            since, until = period, period_later(period, 1)
        origin = first_of(since).replace(day=REPORT_DAY + 1)
        length = (first_of(until).replace(day=REPORT_DAY + 1) - origin).days
        passed = (today - origin).days
        before, after = (self.quantities(month)[order.index] for month in (since, until))
        moved = before + round((after - before) * passed / length)
        unrest = random.Random(f"{self.world.seed}/{order.index}/{today}").random() if passed else 0.5
        return max(0, moved + (1 if unrest > 0.97 else -1 if unrest < 0.03 else 0)) if before else moved

    def month(self, period: str) -> dict[str, Line]:
        """The lines of a month by id, whether their report exists yet or not."""
        self.life.until(period)
        kept = self._months.get(period)
        if kept is None:
            kept = self._months[period] = {line.id: line for line in self._lines(period)}
        return kept

    def _lines(self, period: str) -> Iterator[Line]:
        quantities = self.quantities(period)
        for order in self.orders:
            customer = order.customer
            if not self.used(order, period) or (customer is not None and not customer.charged):
                continue
            billable = quantities[order.index]
            actual = max(0, billable + order.extra)
            changes: Json = {}
            assigned = self._assignment(order, period)
            if assigned is not None:
                changes = self._charged_to(assigned or None)
            yield Line(
                id=f"{period}-{order.index + 1:06d}",
                period=period,
                order=order,
                billable=billable,
                actual=actual,
                changes=changes,
            )

    def _assignment(self, order: Order, period: str) -> str | None:
        """The tenant a firewall is assigned to now where that is not who had it at the start; `""` for nobody."""
        if order.serial is None or period < self._assigned_since.get(order.serial, ""):
            return None
        firewall = self.firewalls.get(order.serial)
        if firewall is None:
            return None
        now = (firewall.get("billingTenant") or {}).get("id") or ""
        at_start = order.customer.id if order.customer is not None else ""
        return None if now == at_start else str(now)

    def known_periods(self) -> list[str]:
        """From the history to the month to come, and further where the clock or a caller went."""
        last = max(period_later(self.now_period(), 1), period_later(self.world.base, 1), *self._months, "")
        periods = [self.world.oldest]
        while periods[-1] < last:
            periods.append(period_later(periods[-1], 1))
        return sorted({*periods, *self._months})

    def line_json(self, line: Line) -> Json:
        """A usage line as the report prints it."""
        shown: Json = {}
        if line.order is not None:
            shown = self.printed(line.order, line.period, line.billable, line.actual)
        shown |= line.changes
        price: Any = shown.get("unitPrice")
        quantity: Any = shown.get("billableQuantity")
        if "billableQuantity" in line.changes and "netPrice" not in line.changes and _numbers(price, quantity):
            shown["netPrice"] = round(price * quantity, 2)
        fractions = self.switches["S-32"] == "fractions" and shown.get("productCode") == "NDR-MSP"
        if fractions and _numbers(quantity):
            shown["billableQuantity"] = shown["billableQuantity"] + 0.5
        return {name: value for name, value in shown.items() if value is not None}

    def printed(self, order: Order, period: str, billable: float, actual: float) -> Json:
        """An order line of a month as the report prints it."""
        item = ITEMS[order.code]
        customer = order.customer
        tenant = self.tenants.get(customer.id) if customer is not None else None
        product = self.products.get(order.code)
        name = product.name(period) if product is not None else item.name
        first = first_of(period)
        return {
            "partnerAccountId": self.world.partner_id,
            "partnerEdiAccountNumber": "7700431",
            "partnerAccountName": PARTNER_NAME,
            "billingStartDate": first.isoformat(),
            "billingEndDate": last_of(period).isoformat(),
            "orderNumber": order.number,
            "orderLineItemNumber": order.line,
            "accountNumberOrSerialNumber": order.serial or f"{7000000 + order.index}",
            "productDescription": order.description or name,
            "productGroup": item.group,
            "sku": item.sku,
            "billableQuantity": billable,
            "orderedQuantity": billable,
            "externalId": customer.id if customer is not None else None,
            "accountId": customer.id if customer is not None else None,
            "accountStatus": "active",
            "actualQuantity": actual,
            "productCode": order.code,
            "assignedAccountIdentifier": (tenant.row["name"] if tenant is not None else None),
            "unitPrice": order.unit_price,
            "netPrice": round(order.unit_price * billable, 2),
        }

    def report(self, period: str) -> list[tuple[str, Json]]:
        """(key, line) of a month as it is printed now; kept until something changes."""
        held = (period, self._corrected(period), *(self.switches[id] for id in ("S-27", "S-32", "S-34")))
        if self._report[0] != held:
            self._report = (held, self._printed_report(period))
        return self._report[1]

    def _corrected(self, period: str) -> str:
        """Empty until the day on which the corrections of a past month arrive."""
        due = first_of(period_later(period, 1)).replace(day=CORRECTION_DAY)
        return "corrected" if self.clock.today() >= due else ""

    def _printed_report(self, period: str) -> list[tuple[str, Json]]:
        lines = [(line.id, self.line_json(line)) for line in self.month(period).values()]
        if self.switches["S-34"] == "late" and self._corrected(period):
            lines = [(key, _raised(line) if number % 25 == 3 else line) for number, (key, line) in enumerate(lines)]
        if self.switches["S-27"] == "corrections":
            lines += [
                (f"{key}-{sign}", {**line, "billableQuantity": sign * 2, "actualQuantity": sign * 2})
                for key, line in lines[7::40]
                for sign in (1, -1)
            ]
        if self.switches["S-27"] == "shuffled":
            random.Random(f"{self.world.seed}/{period}").shuffle(lines)
        return lines

    def live_counts(self, tenant_id: str) -> dict[str, int]:
        """What a tenant uses in the running month, by product code; firewalls are not counted here."""
        counts: dict[str, int] = {}
        period, today = self.now_period(), self.clock.today()
        tenant = self.tenants.get(tenant_id)
        if tenant is not None and tenant.customer is not None and not tenant.customer.charged:
            for order in self._orders.get(tenant.customer.index, ()):
                if order.serial is None and self.used(order, period):
                    used = max(0, self.live_quantity(order, today) + order.extra)
                    counts[order.code] = counts.get(order.code, 0) + used
        for line in self._lines_of(period, tenant_id):
            shown = self.line_json(line)
            item = ITEMS.get(str(shown.get("productCode")))
            if line.order is not None and line.order.serial is not None:
                continue
            if item is None or not item.firewall:
                code = str(shown.get("productCode"))
                counts[code] = counts.get(code, 0) + self._live_count(line, shown, today)
        return counts

    def _live_count(self, line: Line, shown: Json, today: date) -> int:
        """What a line counts today; a quantity that was set from outside stays what it is."""
        if line.order is not None and not {"actualQuantity", "billableQuantity"} & line.changes.keys():
            return max(0, self.live_quantity(line.order, today) + line.order.extra)
        used = shown.get("actualQuantity", 0)
        return int(used) if _numbers(used) else 0

    def _lines_of(self, period: str, tenant_id: str) -> Iterator[Line]:
        index = self._by_tenant.get(period)
        if index is None:
            index = self._by_tenant[period] = {}
            for line in self.month(period).values():
                index.setdefault(str(self.account(line)), []).append(line)
        yield from index.get(tenant_id, ())

    def account(self, line: Line) -> str | None:
        """The tenant that a line is charged to."""
        if "accountId" in line.changes:
            held: str | None = line.changes["accountId"]
            return held
        return line.order.customer.id if line.order is not None and line.order.customer is not None else None

    def licences(self, tenant: Tenant) -> list[Json]:
        """Licences of a tenant; monthly ones carry what is in use today."""
        kind = str(tenant.row.get("billingType"))
        today = self.clock.today()
        licences = []
        for number, (code, count) in enumerate(sorted(self.live_counts(str(tenant.row["id"])).items()), start=1):
            product = self.products.get(code)
            licence: Json = {
                "id": f"{str(tenant.row['id'])[:8]}-{number:02d}".upper(),
                "licenseIdentifier": f"D{int(str(tenant.row['id'])[:6], 16) + number:09d}",
                "product": {
                    "code": code,
                    "name": product.name(self.now_period()) if product is not None else code,
                    "genericCode": code.removesuffix("-MSP"),
                    "features": [],
                },
                "startDate": "2024-01-01",
                "perpetual": False,
                "type": kind,
                "unlimited": kind == "usage",
                "usage": {
                    "current": {
                        "count": count,
                        "date": today.isoformat(),
                        "collectedAt": f"{today.isoformat()}T03:00:00.000Z",
                    }
                },
            }
            if kind != "usage":
                licence |= {"quantity": count, "endDate": last_of(period_of(months_later(today, 6))).isoformat()}
            licences.append(licence)
        return licences


def _numbers(*values: Any) -> bool:
    """Whether all are numbers: what came from outside may be anything."""
    return all(isinstance(value, int | float) for value in values)


def _raised(line: Json) -> Json:
    """One more of everything that is a number."""
    names = [name for name in ("billableQuantity", "actualQuantity") if _numbers(line.get(name))]
    return {**line, **{name: line[name] + 1 for name in names}}
