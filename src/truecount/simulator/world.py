"""The customers of the simulated world and what they use, made from a seed; how either system shows it is elsewhere."""

import random
import uuid
from dataclasses import dataclass, field
from datetime import date, datetime

from truecount.simulator.clock import period_later, period_of
from truecount.simulator.world_names import LANDS, CompanyName, Land, company_name, written_otherwise
from truecount.simulator.world_products import BY_CODE, FIREWALL_MODELS

REPORT_DAY = 25
"""A month's report exists from this day of it."""
HISTORY = 3
"""Full months before the start month whose reports exist."""
MANY = 12
"""Worlds with at least so many customers have one of each oddity."""
SERIAL_LETTERS = "ABCDEFGHJKMNPQRSTUVWXYZ23456789"


@dataclass(kw_only=True, slots=True)
class Customer:
    index: int
    id: str
    land: Land
    name: CompanyName
    psa_name: str
    city: str
    billing_type: str
    charged: bool
    """Whether the billing report has lines of it."""
    users: int
    servers: int
    first: str | None = None
    """First month with the MSP; None: from before the history."""
    last: str | None = None

    def there(self, period: str) -> bool:
        return (self.first is None or self.first <= period) and (self.last is None or period <= self.last)


@dataclass(kw_only=True, slots=True)
class Order:
    """One order line of the vendor: a product of a customer, or a licence of a firewall."""

    index: int
    customer: Customer | None
    code: str
    number: str
    line: str
    base: int
    """Billable quantity in the first report."""
    extra: int
    """What was measured beyond the billable quantity."""
    unit_price: float
    serial: str | None = None
    description: str | None = None
    first: str | None = None
    last: str | None = None

    def there(self, period: str) -> bool:
        if self.customer is not None and not self.customer.there(period):
            return False
        return (self.first is None or self.first <= period) and (self.last is None or period <= self.last)


@dataclass(frozen=True, kw_only=True, slots=True)
class Firewall:
    serial: str
    model: str
    model_type: str
    customer: Customer | None
    codes: tuple[str, ...]


@dataclass(kw_only=True, slots=True)
class World:
    seed: int
    start: datetime
    base: str
    """The newest month whose report exists at the start."""
    partner_id: str
    customers: list[Customer]
    orders: list[Order] = field(default_factory=list)
    firewalls: list[Firewall] = field(default_factory=list)

    @property
    def oldest(self) -> str:
        return period_later(period_of(self.start.date()), -HISTORY)

    def present(self) -> list[Customer]:
        """The customers at the start."""
        now = period_of(self.start.date())
        return [customer for customer in self.customers if customer.there(now)]


def newest_report(today: date) -> str:
    period = period_of(today)
    return period if today.day >= REPORT_DAY else period_later(period, -1)


def make_world(*, seed: int, customers: int, start: datetime) -> World:
    rng = random.Random(f"{seed}/world")
    base = newest_report(start.date())
    world = World(seed=seed, start=start, base=base, partner_id=_uuid(rng), customers=[])
    taken: set[str] = set()
    for index in range(customers):
        world.customers.append(_customer(index, customers, rng, taken))
    _comings_and_goings(world, customers, rng, taken)
    for customer in world.customers:
        _use_products(world, customer, rng)
    _unassigned_firewalls(world, customers, rng)
    _new_product(world, rng)
    world.orders.sort(key=lambda order: order.number)
    for index, order in enumerate(world.orders):
        order.index = index
    return world


def _uuid(rng: random.Random) -> str:
    return str(uuid.UUID(int=rng.getrandbits(128), version=4))


def _customer(index: int, count: int, rng: random.Random, taken: set[str]) -> Customer:
    land = rng.choices(LANDS, weights=[land.weight for land in LANDS])[0]
    name = company_name(land, rng, taken)
    other = rng.random() < 0.04 and count >= MANY
    billing = "usage"
    if count >= MANY and index % 17 in (5, 11):
        billing = "trial" if index % 17 == 5 else "term"
    users = min(max(int(rng.lognormvariate(2.9, 0.8)), 3), 420)
    return Customer(
        index=index,
        id=_uuid(rng),
        land=land,
        name=name,
        psa_name=company_name(land, rng, taken).full if other else written_otherwise(name, rng),
        city=rng.choice(land.places),
        billing_type=billing,
        charged=billing == "usage" or index in (5, 11) or rng.random() < 0.2,
        users=users,
        servers=max(0, round(users / rng.uniform(8, 25))),
    )


def _comings_and_goings(world: World, count: int, rng: random.Random, taken: set[str]) -> None:
    """Beyond the customers of the start: some left before it, some join in the months to come."""
    if count < MANY:
        return
    now = period_of(world.start.date())
    for number in range(max(1, count // 60)):
        gone = _customer(len(world.customers), count, rng, taken)
        gone.billing_type, gone.charged = "usage", True
        gone.last = period_later(world.base, -1 - number % 2) if world.base == now else period_later(now, -1)
        coming = _customer(len(world.customers) + 1, count, rng, taken)
        coming.billing_type, coming.charged = "usage", True
        coming.first = period_later(now, 1 + number % 3)
        world.customers += [gone, coming]
    for index in range(19, count, 40):
        world.customers[index].last = period_later(now, index % 2)
    for index in range(23, count, 30):
        world.customers[index].first = period_later(world.base, -(index % 2))


def newcomer(
    world: World, index: int, period: str, rng: random.Random, taken: set[str]
) -> tuple[Customer, list[Order]]:
    """A customer that joins in a month after the start, with its orders; the world itself stays as it is."""
    customer = _customer(index, MANY, rng, taken)
    customer.billing_type, customer.charged, customer.first = "usage", True, period
    apart = World(seed=world.seed, start=world.start, base=world.base, partner_id=world.partner_id, customers=[])
    _use_products(apart, customer, rng)
    return customer, [order for order in apart.orders if order.serial is None]


def _use_products(world: World, customer: Customer, rng: random.Random) -> None:
    users, servers = customer.users, customer.servers
    tier = rng.random()
    endpoint, server = _tier(tier)
    if endpoint is not None:
        _order(world, customer, endpoint, _near(users, rng), rng)
    if servers and server is not None:
        _order(world, customer, server, servers, rng)
    mail = endpoint is None or rng.random() < 0.45
    if mail:
        _order(world, customer, "CEMA-MSP", _near(users, rng) + 1, rng)
        if rng.random() < 0.2:
            _order(world, customer, "CEMA-PE-ADDON-MSP", max(users // 3, 1), rng)
    for code, chance, part in (
        ("CDE-MSP", 0.26, 0.8),
        ("CPHISH-MSP", 0.26, 1.0),
        ("CMA-MSP", 0.12, 0.5),
        ("CMS-MSP", 0.07, 0.4),
        ("NDR-MSP", 0.09, 1.0),
        ("CW7-SUP-MSP", 0.05, 0.1),
        ("AP6-840-SUP-MSP", 0.08, 0.08),
    ):
        if rng.random() < (chance if len(world.customers) >= MANY else chance * 2):
            _order(world, customer, code, max(round(users * part), 1), rng)
    if rng.random() < 0.34 or (customer.index == 7):
        for number in range(2 if customer.index % 11 == 7 else 1):
            _firewall(world, customer, rng, number)


def _tier(chance: float) -> tuple[str | None, str | None]:
    if chance < 0.44:
        return "CIXA-MSP", "SVRCLOUDADV-MSP"
    if chance < 0.6:
        return "CIXAXDR-MSP", "SVRCLOUDADV-MSP"
    if chance < 0.73:
        return "CIXAMTR-STD-MSP", "SVRCIXAMTR-STD-MSP"
    if chance < 0.93:
        return "CIXAMTR-ADV-MSP", "SVRCIXAMTR-ADV-MSP"
    return None, None


def _near(users: int, rng: random.Random) -> int:
    return max(1, round(users * rng.uniform(0.9, 1.1)))


def _order(world: World, customer: Customer, code: str, quantity: int, rng: random.Random) -> None:
    """One order line, or two of the same product where the customer ordered in parts."""
    if rng.random() < 0.015:
        quantity = 0
    if quantity > 5 and (rng.random() < 0.05 or (customer.index == 3 and code.startswith("CIXA"))):
        part = rng.randint(1, quantity - 1)
        _order_line(world, customer, code, quantity - part, rng)
        _order_line(world, customer, code, part, rng)
        return
    _order_line(world, customer, code, quantity, rng)


def _order_line(
    world: World,
    customer: Customer | None,
    code: str,
    quantity: int,
    rng: random.Random,
    serial: str | None = None,
    description: str | None = None,
) -> Order:
    extra = rng.choice((-2, -1, 1, 1, 2, 3)) if serial is None and rng.random() < 0.12 else 0
    order = Order(
        index=len(world.orders),
        customer=customer,
        code=code,
        number=f"MSP-{rng.randrange(10**9):09d}",
        line=f"{rng.randint(1, 40) * 10:06d}",
        base=quantity,
        extra=extra if quantity + extra >= 0 else 0,
        unit_price=BY_CODE[code].cost,
        serial=serial,
        description=description,
    )
    world.orders.append(order)
    return order


def _firewall(world: World, customer: Customer | None, rng: random.Random, number: int) -> None:
    models = list(FIREWALL_MODELS)
    model = models[min(number + rng.randrange(5), len(models) - 1)] if rng.random() < 0.85 else models[-1]
    serial = f"X{rng.randint(1, 9)}" + "".join(rng.choice(SERIAL_LETTERS) for _ in range(13))
    codes = ["xgs_xstream_std" if rng.random() < 0.65 else "xgs_standard_std"]
    if rng.random() < 0.3:
        codes.append("xg_email_std")
    kind, band = FIREWALL_MODELS[model]
    for code in codes:
        words = BY_CODE[code].name.removeprefix("XGS ").removesuffix(" MSP Monthly")
        _order_line(world, customer, code, 1, rng, serial, f"{model} {words} - {band} - MSP Monthly")
    world.firewalls.append(Firewall(serial=serial, model=model, model_type=kind, customer=customer, codes=tuple(codes)))


def _unassigned_firewalls(world: World, count: int, rng: random.Random) -> None:
    """Firewalls whose monthly licence is assigned to nobody."""
    for number in range(0 if count < MANY else max(1, count // 50)):
        _firewall(world, None, rng, number)


def _new_product(world: World, rng: random.Random) -> None:
    """A product that appears in the month after the first report and is in nobody's catalog."""
    for customer in world.customers[2 : len(world.customers) : 37]:
        if len(world.customers) >= MANY and customer.billing_type == "usage":
            order = _order_line(world, customer, "COPX-MSP", max(customer.users // 2, 2), rng)
            order.first = period_later(world.base, 1)
