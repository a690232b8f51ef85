"""Random worlds for Hypothesis, small and dense, and the same world as the plain records that the simulators show."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Any

from hypothesis import HealthCheck, settings
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
    Override,
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
    UsageLine,
    Vanish,
    VendorProduct,
    WhereNone,
)
from truecount.core.plan import plain

CODES = ("A", "B", "C", "D")
CUSTOMERS = ("c1", "c2", "c3", "c4")
COMPANIES = (1, 2, 3)
AGREEMENTS = (10, 11, 20, 21, 30)
ITEMS = (100, 200, 300)
SLOTS = [Slot(agreement, item) for agreement in AGREEMENTS for item in ITEMS]

Draw = Callable[[st.SearchStrategy[Any]], Any]


def examples(count: int) -> settings:
    """So many worlds, however long one takes on a busy machine; nothing is kept between runs."""
    quiet = [HealthCheck.too_slow, HealthCheck.data_too_large]
    return settings(max_examples=count, deadline=None, database=None, suppress_health_check=quiet)


def mostly(usual: Any, *others: Any, times: int = 6) -> st.SearchStrategy[Any]:
    return st.sampled_from([usual] * times + list(others))


def decimals(*numbers: str) -> st.SearchStrategy[Decimal]:
    return st.sampled_from([Decimal(number) for number in numbers])


QUANTITIES = decimals("0", "1", "2", "3", "5", "7", "8", "10", "11", "0.5", "2.25", "0.333", "12.345")
STANDING = decimals("0", "1", "2", "3", "5", "8", "10", "11", "0.5", "2.25")
PERCENTS = [("50", "50"), ("60", "40"), ("33.33", "66.67"), ("100", "0"), ("12.5", "87.5")]
THIRDS = ("33.3", "33.3", "33.4")

RULES = st.builds(
    Rule,
    combine=mostly(Combine.SUM, *Combine),
    multiply=mostly(Decimal(1), Decimal("0.5"), Decimal(3), Decimal(0), Decimal("0.333")),
    included=mostly(Decimal(0), Decimal(1), Decimal("2.5")),
    rounding=mostly(Rounding.NONE, *Rounding),
    step=mostly(Decimal(1), Decimal(5), Decimal("0.25"), Decimal("0.001")),
    minimum=mostly(None, Decimal(2), Decimal(6)),
    maximum=mostly(None, Decimal(4), Decimal(10)),
)


def product_mappings() -> st.SearchStrategy[tuple[ProductMapping, ...]]:
    """At most one mapping per item; a product may feed several items."""
    codes = st.lists(st.sampled_from(CODES), min_size=1, max_size=3, unique=True).map(tuple)
    where_none = mostly(WhereNone.CREATE, WhereNone.ADOPT_ONLY)
    one = st.tuples(codes, st.one_of(st.just(Rule()), RULES), where_none)
    return st.dictionaries(st.sampled_from(ITEMS), one, max_size=3).map(
        lambda found: tuple(
            ProductMapping(item=item, codes=codes, rule=rule, where_none=where)
            for item, (codes, rule, where) in found.items()
        )
    )


@st.composite
def shares(draw: Draw, agreements: Sequence[int] = AGREEMENTS) -> tuple[Share, ...]:
    """One agreement, or two or three by percentages or by first-N."""
    count = draw(mostly(1, 2, 2, 3, times=4))
    chosen = draw(st.permutations(agreements))[: min(count, len(agreements))]
    if len(chosen) == 1:
        return (Share(agreement=chosen[0]),)
    if draw(st.booleans()):
        parts = draw(st.sampled_from(PERCENTS)) if len(chosen) == 2 else THIRDS
        return tuple(Share(agreement=one, percent=Decimal(part)) for one, part in zip(chosen, parts, strict=True))
    firsts = [Share(agreement=one, first=draw(decimals("0", "1", "3", "4.5"))) for one in chosen[1:]]
    return tuple(draw(st.permutations([Share(agreement=chosen[0]), *firsts])))


@st.composite
def customer_mappings(draw: Draw) -> dict[str, CustomerMapping]:
    """Customers lead to agreements of their own company only; several may share one."""
    found = {}
    for customer in CUSTOMERS:
        where = draw(mostly(1, 2, 3, None, times=4))
        if where is None:
            continue
        of_company = [one for one in AGREEMENTS if one // 10 == where]
        if draw(mostly(False, True)):
            rule = draw(st.sampled_from(list(ByRule)))
            pattern = draw(st.sampled_from(["Agreement", "one", "Other"]))
            found[customer] = CustomerMapping(customer=customer, company=where, by_rule=rule, pattern=pattern)
        else:
            found[customer] = CustomerMapping(customer=customer, company=where, shares=draw(shares(of_company)))
    return found


@st.composite
def configurations(draw: Draw) -> Configuration:
    off = draw(mostly((), ("A",), ("B",), ("c1",), ("c2",), ("A", "c1")))
    firewalls = draw(mostly((), ("C",), ("A",)))
    overrides = {}
    for _ in range(draw(mostly(0, 1, 2))):
        key = (draw(st.sampled_from(CUSTOMERS)), draw(st.sampled_from(ITEMS)))
        what: dict[str, Any] = draw(
            st.sampled_from(
                [{"exclude": True}, {"fixed": Decimal(4)}, {"minimum": Decimal(6)}, {"minimum": Decimal(1)}]
            )
        )
        overrides[key] = Override(customer=key[0], item=key[1], **what)
    policy = Policy(
        mode=draw(st.sampled_from(list(Mode))),
        quantity=draw(mostly(QuantityField.BILLABLE, QuantityField.ACTUAL)),
        vanish=draw(mostly(Vanish.ZERO, Vanish.CANCEL, Vanish.HOLD, times=3)),
        decimals=draw(mostly(2, 0, 3)),
        currency=draw(st.sampled_from(["", "EUR", "USD"])),
    )
    return Configuration(
        products={code: VendorProduct(code=code, name=code, firewall=code in firewalls) for code in CODES},
        product_sync={code: code not in off for code in CODES},
        customer_sync={customer: customer not in off for customer in CUSTOMERS},
        bill_anyway=frozenset(draw(mostly((), ("c3",), ("c4",)))),
        product_mappings=draw(product_mappings()),
        customer_mappings=draw(customer_mappings()),
        overrides=tuple(overrides.values()),
        policy=policy,
    )


@st.composite
def usages(draw: Draw) -> Usage:
    live = draw(mostly(False, True))
    quantity = st.one_of(QUANTITIES, QUANTITIES, QUANTITIES, QUANTITIES, st.sampled_from([None, Decimal(-1)]))
    lines: st.SearchStrategy[UsageLine] = st.builds(
        line,
        customer=st.sampled_from([*CUSTOMERS * 3, None, "c9"]),
        code=st.sampled_from([*CODES * 3, "NEW"]),
        billable=quantity,
        actual=quantity,
        unit_price=mostly(None, Decimal(3)),
    )
    gone = draw(mostly(None, "c1", "c3", times=10))
    customers = [
        Customer(id=id, name=id, billing=draw(mostly(BillingType.USAGE, BillingType.TERM, times=12)))
        for id in CUSTOMERS
        if id != gone
    ]
    return Usage(
        source=Source.LIVE if live else Source.INVOICE,
        period=draw(mostly(NOVEMBER, OCTOBER)),
        lines=tuple(draw(st.lists(lines, max_size=10))),
        customers=tuple(customers),
        complete=draw(mostly(True, False, times=15)),
        unread=frozenset(draw(mostly((), ("c1",), ("c2", "c3"), times=4))) if live else frozenset(),
    )


@st.composite
def agreements(draw: Draw, id: int) -> Agreement:
    next_invoice = draw(mostly(date(2026, 12, 1), date(2027, 1, 1), None))
    return agreement(
        id,
        name=f"Agreement {draw(st.sampled_from(['one', 'two']))}",
        type=draw(st.sampled_from(["One", "Two"])),
        state=draw(mostly(AgreementState.ACTIVE, *AgreementState, times=20)),
        next_invoice=next_invoice,
        invoiced_to=draw(st.sampled_from([None, next_invoice])),
        billing_starts=draw(st.sampled_from([None, date(2026, 11, 20)])),
    )


KINDS = (
    ["nothing"] * 8
    + ["ours"] * 8
    + ["unmanaged"] * 4
    + [
        "elsewhere",
        "twins",
        "our twins",
        "ended by us",
        "ended by others",
        "ending by us",
        "ending by others",
        "deleted",
    ]
)


@st.composite
def lines_and_records(draw: Draw) -> tuple[list[Addition], dict[int, Managed], dict[int, str]]:
    """Standing, ending and ended lines in some slots, and what we and another integration know of them."""
    additions: list[Addition] = []
    managed: dict[int, Managed] = {}
    elsewhere: dict[int, str] = {}
    for slot in SLOTS:
        kind = draw(st.sampled_from(KINDS))
        if kind == "nothing":
            continue
        number = len(additions) + len(managed) + 1
        cancelled = {"ended": date(2026, 11, 20), "ending": date(2026, 11, 28)}.get(kind.split()[0])
        one = addition(draw(STANDING), id=number, slot=slot, unit_price=draw(mostly("2", "0")), cancelled=cancelled)
        if kind != "deleted":
            additions.append(one)
        if "twins" in kind:
            additions.append(addition(draw(STANDING), id=number + 500, slot=slot))
        if kind == "elsewhere":
            elsewhere[number] = "other"
        if kind == "deleted" or "our" in kind or kind.endswith("us") or kind.endswith("others"):
            managed[number] = draw(records(one, by_us=kind.endswith("by us")))
    return additions, managed, elsewhere


@st.composite
def records(draw: Draw, line: Addition, by_us: bool) -> Managed:
    pairs = st.builds(Pair, st.sampled_from(CUSTOMERS), st.sampled_from(CODES))
    return Managed(
        addition=line.id,
        slot=Slot(line.agreement, line.item),
        quantity=line.quantity,
        source=draw(st.sampled_from(list(Source))),
        period=draw(mostly(OCTOBER, NOVEMBER, NOVEMBER, DECEMBER)),
        next_invoice=draw(mostly(date(2026, 12, 1), date(2026, 11, 1), None)),
        origin=tuple(draw(st.lists(pairs, min_size=1, max_size=3, unique=True))),
        firewall=draw(mostly(False, True)),
        cancelled_by_us=line.cancelled if by_us else None,
        bill_again=draw(mostly(False, True)),
    )


@st.composite
def worlds(draw: Draw) -> World:
    additions, managed, elsewhere = draw(lines_and_records())
    inactive_item, gone_item = draw(mostly(None, 100, 200, times=12)), draw(mostly(None, 300, times=12))
    psa = Billing(
        companies={id: company(id, active=draw(mostly(True, False, times=20))) for id in COMPANIES},
        agreements={id: draw(agreements(id)) for id in AGREEMENTS},
        items={id: item(id, active=id != inactive_item) for id in ITEMS if id != gone_item},
        additions={id: tuple(one for one in additions if one.agreement == id) for id in AGREEMENTS},
    )
    before = Baseline(
        managed=managed,
        elsewhere=elsewhere,
        last_lines=draw(st.sampled_from([None, 0, 3, 20])),
        last_period=draw(mostly(None, OCTOBER, NOVEMBER, DECEMBER)),
        touched_agreements=frozenset(draw(st.sets(st.sampled_from(AGREEMENTS)))),
        held_slots=frozenset(draw(mostly((), (Slot(10, 100),)))),
    )
    return World(usage=draw(usages()), billing=psa, baseline=before, configuration=draw(configurations()), today=TODAY)


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
