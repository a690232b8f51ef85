"""Small worlds for the core's tests: builders with defaults, and what applying a plan would leave; no assertions.

Unless told otherwise: November 2026, read on the 26th; customers c1, c2 and c3 lead to agreements 10, 20 and 30 of
companies 1, 2 and 3; vendor products A, B and C lead to catalog items 100, 200 and 300 at 2.00 each.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from typing import Any

from truecount.core.model import (
    Addition,
    Agreement,
    Baseline,
    Billing,
    CatalogItem,
    Change,
    ChangeKind,
    Company,
    Configuration,
    Customer,
    CustomerMapping,
    FindingKind,
    HoldKind,
    Managed,
    Override,
    Pair,
    Policy,
    ProductMapping,
    Rule,
    Share,
    Slot,
    Source,
    Usage,
    UsageLine,
    VendorProduct,
)
from truecount.core.period import Period
from truecount.core.plan import Plan, make_plan

TODAY = date(2026, 11, 26)
OCTOBER, NOVEMBER, DECEMBER = Period(2026, 10), Period(2026, 11), Period(2026, 12)
NEXT_INVOICE = date(2026, 12, 1)
COMPANIES = {"c1": 1, "c2": 2, "c3": 3}
AGREEMENTS = {"c1": 10, "c2": 20, "c3": 30}
ITEMS = {"A": 100, "B": 200, "C": 300}
HERE = Slot(10, 100)
"""Where usage of product A by customer c1 leads."""

Number = Decimal | int | str


def number(value: Number | None) -> Decimal | None:
    return None if value is None else Decimal(value)


def line(customer: str | None = "c1", code: str = "A", billable: Number | None = 5, **more: Any) -> UsageLine:
    for name in ("actual", "unit_price"):
        if name in more:
            more[name] = number(more[name])
    return UsageLine(customer=customer, code=code, billable=number(billable), **more)


def usage(*lines: UsageLine, customers: Iterable[Customer] | None = None, **more: Any) -> Usage:
    if customers is None:
        customers = [Customer(id=name, name=name.upper()) for name in COMPANIES]
    return Usage(**{"source": Source.INVOICE, "period": NOVEMBER} | more, lines=lines, customers=tuple(customers))


def agreement(id: int = 10, **more: Any) -> Agreement:
    standard: dict[str, Any] = {"name": f"Agreement {id}", "company": id // 10, "next_invoice": NEXT_INVOICE}
    standard["currency"] = "EUR"
    return Agreement(id=id, **standard | more)


def company(id: int = 1, **more: Any) -> Company:
    return Company(id=id, **{"identifier": f"company{id}", "name": f"Company {id}"} | more)


def item(id: int = 100, price: Number = 2, **more: Any) -> CatalogItem:
    return CatalogItem(id=id, price=Decimal(price), **{"identifier": f"item{id}", "description": f"Item {id}"} | more)


def addition(quantity: Number = 5, *, id: int = 1, slot: Slot = HERE, unit_price: Number = 2, **more: Any) -> Addition:
    for name in ("less_included",):
        if name in more:
            more[name] = Decimal(more[name])
    return Addition(
        id=id,
        agreement=slot.agreement,
        item=slot.item,
        quantity=Decimal(quantity),
        unit_price=Decimal(unit_price),
        **more,
    )


def billing(
    *additions: Addition,
    companies: Iterable[Company] = (),
    agreements: Iterable[Agreement] = (),
    items: Iterable[CatalogItem] = (),
    without: Collection[int] = (),
) -> Billing:
    """The standard companies, agreements and items; those given replace or join them, `without` leaves ids out."""
    known_companies = {one: company(one) for one in COMPANIES.values()} | {one.id: one for one in companies}
    known_agreements = {one: agreement(one) for one in AGREEMENTS.values()} | {one.id: one for one in agreements}
    known_items = {one: item(one) for one in ITEMS.values()} | {one.id: one for one in items}
    lines: dict[int, tuple[Addition, ...]] = dict.fromkeys(known_agreements, ())
    for one in additions:
        lines[one.agreement] = (*lines.get(one.agreement, ()), one)
    return Billing(
        companies={key: one for key, one in known_companies.items() if key not in without},
        agreements={key: one for key, one in known_agreements.items() if key not in without},
        items={key: one for key, one in known_items.items() if key not in without},
        additions={key: found for key, found in lines.items() if key not in without},
    )


def ours(one: Addition, *pairs: tuple[str, str], **more: Any) -> Managed:
    """An addition that this integration wrote a month ago; counted into it: product A of c1 unless told."""
    standard: dict[str, Any] = {
        "quantity": one.quantity,
        "source": Source.INVOICE,
        "period": OCTOBER,
        "next_invoice": date(2026, 11, 1),
        "origin": tuple(Pair(*pair) for pair in pairs or (("c1", "A"),)),
    }
    return Managed(addition=one.id, slot=Slot(one.agreement, one.item), **standard | more)


def baseline(*managed: Managed, **more: Any) -> Baseline:
    return Baseline(managed={one.addition: one for one in managed}, **more)


def product(codes: str = "A", to: int | None = None, **more: Any) -> ProductMapping:
    """`product("AB", 100)`: vendor products A and B lead to item 100; what is left over is the rule."""
    mapping = {"where_none": more.pop("where_none")} if "where_none" in more else {}
    for name in ("multiply", "included", "step", "minimum", "maximum"):
        if name in more:
            more[name] = number(more[name])
    rule = Rule(**more) if more else Rule()
    return ProductMapping(item=ITEMS[codes[0]] if to is None else to, codes=tuple(codes), rule=rule, **mapping)


def percent(agreement: int, part: Number) -> Share:
    return Share(agreement=agreement, percent=Decimal(part))


def first(agreement: int, part: Number) -> Share:
    return Share(agreement=agreement, first=Decimal(part))


def rest(agreement: int) -> Share:
    return Share(agreement=agreement)


def customer(id: str = "c1", *shares: Share | int, **more: Any) -> CustomerMapping:
    """`customer("c1", 10)` leads to one agreement; no share at all is the customer's own agreement."""
    if not shares and "by_rule" not in more:
        shares = (AGREEMENTS[id],)
    named = tuple(rest(share) if isinstance(share, int) else share for share in shares)
    standard: dict[str, Any] = {"company": COMPANIES[id], "shares": named}
    return CustomerMapping(customer=id, **standard | more)


def override(customer: str = "c1", item: int = 100, **more: Any) -> Override:
    for name in ("fixed", "minimum"):
        if name in more:
            more[name] = number(more[name])
    return Override(customer=customer, item=item, **more)


def configuration(
    products: Iterable[ProductMapping] | None = None,
    customers: Iterable[CustomerMapping] | None = None,
    *,
    off: Collection[str] = (),
    overrides: Iterable[Override] = (),
    firewalls: Collection[str] = (),
    policy: Mapping[str, Any] | None = None,
    bill_anyway: Collection[str] = (),
) -> Configuration:
    """`off` names the vendor products and customers whose switch is off; the others are on."""
    mappings = [product(code) for code in ITEMS] if products is None else list(products)
    leading = [customer(name) for name in COMPANIES] if customers is None else list(customers)
    codes = sorted({code for mapping in mappings for code in mapping.codes} | set(ITEMS) | set(firewalls))
    return Configuration(
        products={code: VendorProduct(code=code, name=f"Product {code}", firewall=code in firewalls) for code in codes},
        product_sync={code: code not in off for code in codes},
        customer_sync={mapping.customer: mapping.customer not in off for mapping in leading},
        bill_anyway=frozenset(bill_anyway),
        product_mappings=tuple(mappings),
        customer_mappings={mapping.customer: mapping for mapping in leading},
        overrides=tuple(overrides),
        policy=Policy(**policy or {}),
    )


@dataclass(frozen=True, kw_only=True)
class World:
    """All that a plan is computed from."""

    usage: Usage
    billing: Billing
    baseline: Baseline
    configuration: Configuration
    today: date = TODAY

    def plan(self) -> Plan:
        return make_plan("demo", self.usage, self.billing, self.baseline, self.configuration, self.today)

    def but(self, **more: Any) -> World:
        return replace(self, **more)


def world(
    *lines: UsageLine,
    additions: Iterable[Addition] = (),
    managed: Iterable[Managed] = (),
    read: Usage | None = None,
    psa: Billing | None = None,
    before: Baseline | None = None,
    today: date = TODAY,
    **decided: Any,
) -> World:
    """A world by its usage lines; the rest is standard unless given, `decided` goes to `configuration`."""
    return World(
        usage=usage(*lines) if read is None else read,
        billing=billing(*additions) if psa is None else psa,
        baseline=baseline(*managed) if before is None else before,
        configuration=configuration(**decided),
        today=today,
    )


# --- looking at a plan ----------------------------------------------------------------------------


def told(plan: Plan) -> list[Any]:
    """The changes in short: kind, slot, before, after. Any, so that tests may write plain numbers."""
    return [(str(change.kind), change.slot, change.before, change.after) for change in plan.changes]


def only_change(plan: Plan) -> Any:
    assert len(plan.changes) == 1, told(plan)
    return plan.changes[0]


def kinds(plan: Plan) -> set[FindingKind]:
    return {finding.kind for finding in plan.findings}


def found(plan: Plan, kind: FindingKind) -> Any:
    """The one finding of a kind."""
    matching = [finding for finding in plan.findings if finding.kind is kind]
    assert len(matching) == 1, plan.findings
    return matching[0]


def held(plan: Plan) -> set[HoldKind]:
    return {hold.kind for hold in plan.holds}


# --- applying -------------------------------------------------------------------------------------


def apply_to(billing: Billing, managed: Mapping[int, Managed], plan: Plan) -> tuple[Billing, dict[int, Managed]]:
    """What all changes of a plan leave in the PSA and in our own records, as if a person had released every hold."""
    lines = {one.id: one for found in billing.additions.values() for one in found}
    records = dict(managed)
    fresh = max([*lines, *records, 0]) + 1
    zeroed = {change.slot for change in plan.changes if change.kind is ChangeKind.ZERO}
    for change in plan.changes:
        assert zeroed.issuperset(change.after_zero), "a Create that waits for a Zero that is not there"
        if change.kind is ChangeKind.CREATE:
            written = addition(
                change.after, id=fresh, slot=change.slot, unit_price=change.unit_price, effective=change.effective
            )
            fresh += 1
        else:
            assert change.ground is not None
            written = _written(lines[change.ground.id], change)
        lines[written.id] = written
        records = {key: one for key, one in records.items() if one.slot != change.slot or key == written.id}
        records[written.id] = _recorded(records.get(written.id), written, change, plan, billing)
    additions = {key: tuple(one for one in lines.values() if one.agreement == key) for key in billing.additions}
    return replace(billing, additions=additions), records


def _written(old: Addition, change: Change) -> Addition:
    if change.kind is ChangeKind.CANCEL:
        return replace(old, cancelled=change.effective)
    return replace(old, quantity=change.after, cancelled=None if change.reopen else old.cancelled)


def _recorded(old: Managed | None, line: Addition, change: Change, plan: Plan, billing: Billing) -> Managed:
    cancelled = None if old is None or change.reopen else old.cancelled_by_us
    return Managed(
        addition=line.id,
        slot=change.slot,
        quantity=line.quantity,
        source=plan.source,
        period=plan.period,
        next_invoice=billing.agreements[change.slot.agreement].next_invoice,
        origin=change.origin,
        firewall=change.firewall,
        cancelled_by_us=change.effective if change.kind is ChangeKind.CANCEL else cancelled,
    )


def applied(before: World, plan: Plan | None = None) -> World:
    """The world after a run."""
    plan = before.plan() if plan is None else plan
    after, managed = apply_to(before.billing, before.baseline.managed, plan)
    last = before.baseline.last_period
    return before.but(
        billing=after,
        baseline=replace(
            before.baseline,
            managed=managed,
            last_lines=len(before.usage.lines),
            last_period=plan.period if last is None else max(last, plan.period),
            touched_agreements=before.baseline.touched_agreements | {change.slot.agreement for change in plan.changes},
        ),
    )


def quantities(billing: Billing, today: date = TODAY) -> dict[Slot, list[Decimal]]:
    """The standing quantities of every slot, smallest first."""
    standing: dict[Slot, list[Decimal]] = {}
    for lines in billing.additions.values():
        for one in lines:
            if one.standing(today):
                standing.setdefault(Slot(one.agreement, one.item), []).append(one.quantity)
    return {slot: sorted(amounts) for slot, amounts in standing.items()}
