"""Random worlds for Hypothesis, small and dense, and the same world as the plain records that the simulators show."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from decimal import Decimal
from random import Random
from typing import Any, TypeVar

from hypothesis import settings
from hypothesis import strategies as st

from tests.core.builders import (
    DECEMBER,
    NOVEMBER,
    OCTOBER,
    TODAY,
    World,
    addition,
    agreement,
    company,
    item,
    line,
    override,
)
from truecount.core.model import (
    Addition,
    Agreement,
    AgreementState,
    Baseline,
    Billing,
    BillingType,
    ByRule,
    Combine,
    Configuration,
    Customer,
    CustomerMapping,
    Managed,
    Mode,
    Pair,
    Policy,
    ProductMapping,
    QuantityField,
    Rounding,
    Rule,
    Share,
    Slot,
    Source,
    Usage,
    Vanish,
    VendorProduct,
    WhereNone,
)
from truecount.core.plan import plain

T = TypeVar("T")

CODES = ("A", "B", "C", "D")
CUSTOMERS = ("c1", "c2", "c3", "c4")
COMPANIES = (1, 2, 3)
AGREEMENTS = (10, 11, 20, 21, 30)
ITEMS = (100, 200, 300)
SLOTS = [Slot(agreement, item) for agreement in AGREEMENTS for item in ITEMS]

ODDITIES = (
    "rules",
    "adopt only",
    "splits",
    "agreements by rule",
    "unmapped customers",
    "overrides",
    "switches",
    "firewalls",
    "live",
    "unread",
    "incomplete",
    "other billing types",
    "gone customers",
    "unknown quantities",
    "negative quantities",
    "actual quantities",
    "other decimals",
    "vanish policy",
    "ended agreements",
    "inactive companies",
    "items gone",
    "twins",
    "other integration",
    "ended lines",
    "ending lines",
    "invoices",
    "periods",
    "prices",
)
"""What makes a world difficult. Hypothesis chooses which of them there may be, a seed does the rest: a hundred choices
by Hypothesis for every world would take minutes, and so a failing one still shrinks to the few that matter."""


class Dice:
    """The choices of one world."""

    def __init__(self, seed: int, odd: frozenset[str]) -> None:
        self._random = Random(seed)
        self._odd = odd

    def odd(self, oddity: str, chance: float = 0.3) -> bool:
        """Whether something odd happens here; the seed's numbers stay the same if it may not."""
        return self._random.random() < chance and oddity in self._odd

    def some(self, values: Sequence[T], count: int) -> list[T]:
        return self._random.sample(values, min(count, len(values)))

    def one(self, *values: T) -> T:
        return self._random.choice(values)


def examples(count: int) -> settings:
    """So many worlds, however long one takes on a busy machine; nothing is kept between runs."""
    return settings(max_examples=count, deadline=None, database=None)


def decimals(text: str) -> list[Decimal]:
    return [Decimal(number) for number in text.split()]


QUANTITIES = decimals("0 1 2 3 5 7 8 10 11 0.5 2.25 0.333 12.345")
STANDING = decimals("0 1 2 3 5 8 10 11 0.5 2.25")
PERCENTS = [("50", "50"), ("60", "40"), ("33.33", "66.67"), ("100", "0"), ("12.5", "87.5")]
THIRDS = ("33.3", "33.3", "33.4")


def _dice() -> st.SearchStrategy[Dice]:
    return st.builds(Dice, st.integers(0, 2**32), st.frozensets(st.sampled_from(ODDITIES)))


def configurations() -> st.SearchStrategy[Configuration]:
    return st.builds(configuration, _dice())


def usages() -> st.SearchStrategy[Usage]:
    return st.builds(usage, _dice(), st.integers(0, 10))


def worlds() -> st.SearchStrategy[World]:
    return st.builds(world, _dice(), st.integers(0, 10), st.integers(0, len(SLOTS)))


def shares(agreements: Sequence[int] = AGREEMENTS) -> st.SearchStrategy[tuple[Share, ...]]:
    odd = frozenset({"splits"})
    return st.builds(lambda seed: _shares(Dice(seed, odd), agreements, chance=0.8), st.integers(0, 2**32))


def _rule(dice: Dice) -> Rule:
    if not dice.odd("rules", 0.6):
        return Rule()
    return Rule(
        combine=dice.one(Combine.SUM, *Combine),
        multiply=dice.one(*decimals("1 1 1 0.5 3 0 0.333")),
        included=dice.one(*decimals("0 0 0 1 2.5")),
        rounding=dice.one(Rounding.NONE, *Rounding),
        step=dice.one(*decimals("1 1 5 0.25 0.001")),
        minimum=dice.one(None, None, *decimals("2 6")),
        maximum=dice.one(None, None, *decimals("4 10")),
    )


def _product_mappings(dice: Dice) -> tuple[ProductMapping, ...]:
    """At most one mapping per item; a product may feed several items."""
    return tuple(
        ProductMapping(
            item=item,
            codes=tuple(dice.some(CODES, dice.one(1, 1, 2, 3))),
            rule=_rule(dice),
            where_none=WhereNone.ADOPT_ONLY if dice.odd("adopt only") else WhereNone.CREATE,
        )
        for item in dice.some(ITEMS, dice.one(1, 2, 2, 3, 3))
    )


def _shares(dice: Dice, agreements: Sequence[int], chance: float = 0.4) -> tuple[Share, ...]:
    """One agreement, or two or three by percentages or by first-N."""
    chosen = dice.some(agreements, dice.one(2, 2, 3) if dice.odd("splits", chance) else 1)
    if len(chosen) == 1:
        return (Share(agreement=chosen[0]),)
    if dice.one(True, False):
        parts = dice.one(*PERCENTS) if len(chosen) == 2 else THIRDS
        return tuple(Share(agreement=one, percent=Decimal(part)) for one, part in zip(chosen, parts, strict=True))
    firsts = [Share(agreement=one, first=dice.one(*decimals("0 1 3 4.5"))) for one in chosen[1:]]
    return tuple(dice.some([Share(agreement=chosen[0]), *firsts], 3))


def _customer_mappings(dice: Dice) -> dict[str, CustomerMapping]:
    """Customers lead to agreements of their own company only; several may share one."""
    found = {}
    for customer in CUSTOMERS:
        where = dice.one(1, 1, 2, 2, 3)
        of_company = [one for one in AGREEMENTS if one // 10 == where]
        if dice.odd("unmapped customers", 0.2):
            continue
        by_rule: dict[str, Any] = {"shares": _shares(dice, of_company)}
        if dice.odd("agreements by rule", 0.2):
            by_rule = {"by_rule": dice.one(*ByRule), "pattern": dice.one("Agreement", "one", "Other")}
        found[customer] = CustomerMapping(customer=customer, company=where, **by_rule)
    return found


def configuration(dice: Dice) -> Configuration:
    off = dice.one(["A"], ["B"], ["c1"], ["c2"], ["A", "c1"]) if dice.odd("switches", 0.6) else []
    firewalls = dice.one("A", "C") if dice.odd("firewalls", 0.5) else ""
    exceptions: list[dict[str, Any]] = [{"exclude": True}, {"fixed": 4}, {"minimum": 6}, {"minimum": 1}]
    overrides = {
        (customer, item): override(customer, item, **dice.one(*exceptions))
        for customer in CUSTOMERS
        for item in ITEMS
        if dice.odd("overrides", 0.2)
    }
    return Configuration(
        products={code: VendorProduct(code=code, name=code, firewall=code in firewalls) for code in CODES},
        product_sync={code: code not in off for code in CODES},
        customer_sync={customer: customer not in off for customer in CUSTOMERS},
        bill_anyway=frozenset({"c3"} if dice.odd("other billing types") else ()),
        product_mappings=_product_mappings(dice),
        customer_mappings=_customer_mappings(dice),
        overrides=tuple(overrides.values()),
        policy=Policy(
            mode=dice.one(*Mode),
            quantity=QuantityField.ACTUAL if dice.odd("actual quantities") else QuantityField.BILLABLE,
            vanish=dice.one(*Vanish) if dice.odd("vanish policy", 0.9) else Vanish.ZERO,
            decimals=dice.one(0, 3) if dice.odd("other decimals", 0.5) else 2,
            currency=dice.one("", "EUR", "USD"),
        ),
    )


def _quantity(dice: Dice) -> Decimal | None:
    if dice.odd("unknown quantities", 0.15):
        return None
    return Decimal(-1) if dice.odd("negative quantities", 0.1) else dice.one(*QUANTITIES)


def usage(dice: Dice, count: int) -> Usage:
    live = dice.odd("live", 0.5)
    gone = dice.one("c1", "c3") if dice.odd("gone customers") else ""
    unread = dice.one(["c1"], ["c2", "c3"]) if dice.odd("unread", 0.6) and live else []
    lines = [
        line(
            dice.one(*CUSTOMERS, *CUSTOMERS, *CUSTOMERS, None, "c9"),
            dice.one(*CODES, *CODES, *CODES, "NEW"),
            _quantity(dice),
            actual=_quantity(dice),
            unit_price=dice.one(None, 3),
        )
        for _ in range(count)
    ]
    customers = [
        Customer(
            id=id, name=id, billing=BillingType.TERM if dice.odd("other billing types", 0.2) else BillingType.USAGE
        )
        for id in CUSTOMERS
        if id != gone
    ]
    return Usage(
        source=Source.LIVE if live else Source.INVOICE,
        period=OCTOBER if dice.odd("periods") else NOVEMBER,
        lines=tuple(lines),
        customers=tuple(customers),
        complete=not dice.odd("incomplete", 0.2),
        unread=frozenset(unread),
    )


def _some_agreement(dice: Dice, id: int) -> Agreement:
    next_invoice = dice.one(date(2027, 1, 1), None) if dice.odd("invoices") else date(2026, 12, 1)
    return agreement(
        id,
        name=f"Agreement {dice.one('one', 'two')}",
        type=dice.one("One", "Two"),
        state=dice.one(*AgreementState) if dice.odd("ended agreements", 0.2) else AgreementState.ACTIVE,
        next_invoice=next_invoice,
        invoiced_to=dice.one(None, next_invoice),
        billing_starts=dice.one(None, date(2026, 11, 20)),
    )


def _lines(dice: Dice, count: int) -> tuple[list[Addition], dict[int, Managed], dict[int, str]]:
    """Standing, ending and ended lines in so many slots, and what we and another integration know of them."""
    additions: list[Addition] = []
    managed: dict[int, Managed] = {}
    elsewhere: dict[int, str] = {}
    for number, slot in enumerate(dice.some(SLOTS, count), start=1):
        mine, by_us, there = dice.one(True, True, False), dice.one(True, False), True
        cancelled = None
        if dice.odd("ended lines", 0.2):
            cancelled, there = date(2026, 11, 20), dice.one(True, True, False)
        elif dice.odd("ending lines", 0.2):
            cancelled = date(2026, 11, 28)
        price = 0 if dice.odd("prices") else 2
        one = addition(dice.one(*STANDING), id=number, slot=slot, unit_price=price, cancelled=cancelled)
        if there:
            additions.append(one)
        if dice.odd("twins", 0.15):
            additions.append(addition(dice.one(*STANDING), id=number + 500, slot=slot))
        if mine:
            managed[number] = _record(dice, one, by_us)
        elif dice.odd("other integration"):
            elsewhere[number] = "other"
    return additions, managed, elsewhere


def _record(dice: Dice, line: Addition, by_us: bool) -> Managed:
    pairs = [Pair(customer, code) for customer in CUSTOMERS for code in CODES]
    return Managed(
        addition=line.id,
        slot=Slot(line.agreement, line.item),
        quantity=line.quantity,
        source=dice.one(*Source),
        period=dice.one(NOVEMBER, DECEMBER) if dice.odd("periods", 0.5) else OCTOBER,
        next_invoice=dice.one(date(2026, 11, 1), None) if dice.odd("invoices") else date(2026, 12, 1),
        origin=tuple(dice.some(pairs, dice.one(1, 2, 3))),
        firewall=dice.odd("firewalls", 0.2),
        cancelled_by_us=line.cancelled if by_us else None,
        bill_again=dice.one(True, False, False),
    )


def world(dice: Dice, lines: int, slots: int) -> World:
    additions, managed, elsewhere = _lines(dice, slots)
    inactive = dice.one(100, 200) if dice.odd("items gone") else None
    gone = 300 if dice.odd("items gone") else None
    psa = Billing(
        companies={id: company(id, active=not dice.odd("inactive companies", 0.1)) for id in COMPANIES},
        agreements={id: _some_agreement(dice, id) for id in AGREEMENTS},
        items={id: item(id, active=id != inactive) for id in ITEMS if id != gone},
        additions={id: tuple(one for one in additions if one.agreement == id) for id in AGREEMENTS},
    )
    before = Baseline(
        managed=managed,
        elsewhere=elsewhere,
        last_lines=dice.one(None, 0, 3, 20),
        last_period=dice.one(OCTOBER, NOVEMBER, DECEMBER) if dice.odd("periods", 0.2) else None,
        touched_agreements=frozenset(dice.some(AGREEMENTS, 2)),
        held_slots=frozenset(dice.some(SLOTS, dice.one(0, 1))),
    )
    return World(usage=usage(dice, lines), billing=psa, baseline=before, configuration=configuration(dice), today=TODAY)


# --- the same world under other names, and as plain records ---------------------------------------


def renamed(world: World) -> World:
    """Every label is another one; names and types of agreements only where no customer is mapped by them."""
    by_label = {ByRule.NAME, ByRule.TYPE} & {one.by_rule for one in world.configuration.customer_mappings.values()}
    agreements = world.billing.agreements
    if not by_label:
        agreements = {id: replace(one, name=f"New {id}", type="New") for id, one in agreements.items()}
    items = {
        id: replace(one, identifier="new", description="New", customer_description="New", category="New", updated="x")
        for id, one in world.billing.items.items()
    }
    lines = {
        id: tuple(replace(one, description="New") for one in found) for id, found in world.billing.additions.items()
    }
    return world.but(
        usage=replace(
            world.usage,
            lines=tuple(replace(one, name="New", group="New", customer_name="New") for one in world.usage.lines),
            customers=tuple(replace(one, name="New") for one in world.usage.customers),
        ),
        billing=replace(
            world.billing,
            companies={id: replace(one, name="New", identifier="new") for id, one in world.billing.companies.items()},
            agreements=agreements,
            items=items,
            additions=lines,
        ),
        configuration=replace(
            world.configuration,
            products={
                code: replace(one, name="New", group="New") for code, one in world.configuration.products.items()
            },
        ),
    )


def as_records(world: World) -> tuple[dict[str, Any], dict[str, Any], dict[str, Any]]:
    """Sophos, ConnectWise and what people decided, for `tests/reference.py`."""
    return _sophos(world.usage), _connectwise(world.billing), _setup(world)


def _text(number: Decimal | None) -> str | None:
    return None if number is None else plain(number)


def _day(day: date | None) -> str | None:
    return None if day is None else f"{day.isoformat()}T00:00:00Z"


def _sophos(usage: Usage) -> dict[str, Any]:
    lines = [
        {
            "accountId": one.customer,
            "productCode": one.code,
            "billableQuantity": _text(one.billable),
            "actualQuantity": _text(one.actual),
        }
        for one in usage.lines
    ]
    return {"usage": lines, "customers": [{"id": one.id, "billingType": str(one.billing)} for one in usage.customers]}


def _agreement(one: Agreement) -> dict[str, Any]:
    status = {"cancelled": "Cancelled", "expired": "Expired", "inactive": "Inactive"}.get(one.state, "Active")
    return {
        "id": one.id,
        "name": one.name,
        "company": {"id": one.company},
        "type": {"name": one.type},
        "agreementStatus": status,
        "startDate": "2027-02-01T00:00:00Z" if one.state is AgreementState.NOT_STARTED else "2020-01-01T00:00:00Z",
        "nextInvoiceDate": _day(one.next_invoice),
    }


def _connectwise(billing: Billing) -> dict[str, Any]:
    return {
        "statuses": [{"id": 1}, {"id": 2, "inactiveFlag": True}],
        "companies": [{"id": one.id, "status": {"id": 1 if one.active else 2}} for one in billing.companies.values()],
        "agreements": [_agreement(one) for one in billing.agreements.values()],
        "catalog": [{"id": one.id, "inactiveFlag": not one.active} for one in billing.items.values()],
        "additions": [
            {
                "id": one.id,
                "agreementId": one.agreement,
                "product": {"id": one.item},
                "quantity": _text(one.quantity),
                "cancelledDate": _day(one.cancelled),
            }
            for lines in billing.additions.values()
            for one in lines
        ],
    }


def _setup(world: World) -> dict[str, Any]:
    decided, usage, before = world.configuration, world.usage, world.baseline
    off = [code for code, on in decided.product_sync.items() if not on]
    off += [customer for customer, on in decided.customer_sync.items() if not on]
    return {
        "period": str(usage.period),
        "source": str(usage.source),
        "today": world.today.isoformat(),
        "complete": usage.complete,
        "unread": list(usage.unread),
        "off": off,
        "bill_anyway": list(decided.bill_anyway),
        "firewall_products": [code for code, product in decided.products.items() if product.firewall],
        "quantity": str(decided.policy.quantity),
        "decimals": decided.policy.decimals,
        "vanish": str(decided.policy.vanish),
        "last_period": str(before.last_period) if before.last_period else None,
        "products": [
            {
                "item": one.item,
                "codes": list(one.codes),
                "combine": str(one.rule.combine),
                "multiply": _text(one.rule.multiply),
                "included": _text(one.rule.included),
                "rounding": str(one.rule.rounding),
                "step": _text(one.rule.step),
                "minimum": _text(one.rule.minimum),
                "maximum": _text(one.rule.maximum),
                "adopt_only": one.where_none is WhereNone.ADOPT_ONLY,
            }
            for one in decided.product_mappings
        ],
        "customers": [
            {
                "customer": one.customer,
                "company": one.company,
                "by_rule": str(one.by_rule) if one.by_rule else None,
                "pattern": one.pattern,
                "shares": [
                    {"agreement": share.agreement, "percent": _text(share.percent), "first": _text(share.first)}
                    for share in one.shares
                ],
            }
            for one in decided.customer_mappings.values()
        ],
        "overrides": [
            {
                "customer": one.customer,
                "item": one.item,
                "exclude": one.exclude,
                "fixed": _text(one.fixed),
                "minimum": _text(one.minimum),
            }
            for one in decided.overrides
        ],
        "managed": [
            {
                "addition": one.addition,
                "agreement": one.slot.agreement,
                "item": one.slot.item,
                "pairs": [list(pair) for pair in one.origin],
                "period": str(one.period),
                "next_invoice": _day(one.next_invoice),
                "cancelled_by_us": _day(one.cancelled_by_us),
                "firewall": one.firewall,
                "bill_again": one.bill_again,
            }
            for one in before.managed.values()
        ],
        "elsewhere": list(before.elsewhere),
    }
