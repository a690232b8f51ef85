"""Inputs of a plan at any size, for measuring; the numbers are made up, the shapes are those of a real month."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal

from truecount.core.model import (
    Addition,
    Agreement,
    Baseline,
    Billing,
    CatalogItem,
    Combine,
    Company,
    Configuration,
    Customer,
    CustomerMapping,
    Managed,
    Override,
    Pair,
    Policy,
    ProductMapping,
    Rounding,
    Rule,
    Share,
    Slot,
    Source,
    Usage,
    UsageLine,
    VendorProduct,
)
from truecount.core.period import Period

TODAY = date(2026, 11, 26)
PERIOD = Period(2026, 11)
PRICE = Decimal("2.50")


@dataclass(frozen=True, kw_only=True)
class World:
    usage: Usage
    billing: Billing
    baseline: Baseline
    configuration: Configuration


def quantity(customer: int, product: int) -> Decimal:
    return Decimal(1 + (customer * 7 + product * 3) % 40)


def make(customers: int, products: int) -> World:
    """Every customer uses every product; each has its company and agreement, and every line stands and is ours."""
    usage = _usage(customers, products)
    return World(
        usage=usage,
        billing=_billing(customers, products),
        baseline=_baseline(customers, products, len(usage.lines)),
        configuration=_configuration(customers, products),
    )


def nothing_standing(world: World) -> World:
    """The first month: every line is to be created."""
    return replace(
        world,
        billing=replace(world.billing, additions=dict.fromkeys(world.billing.agreements, ())),
        baseline=Baseline(),
    )


def some_changed(world: World, every: int) -> World:
    """One usage line of so many has another quantity than last month."""
    lines = tuple(
        replace(line, billable=(line.billable or 0) + Decimal(1)) if number % every == 0 else line
        for number, line in enumerate(world.usage.lines)
    )
    return replace(world, usage=replace(world.usage, lines=lines))


def bundled_and_split(world: World) -> World:
    """Two vendor products make one item, by turns of four rules, and also feed a fee of their own; every third customer
    is split over two agreements, and every seventh has an exception. Every line is to be created."""
    world = nothing_standing(world)
    codes = sorted(world.configuration.products)
    pairs = [codes[at : at + 2] for at in range(0, len(codes), 2)]
    mappings = [ProductMapping(item=at, codes=tuple(pair), rule=_RULES[at % 4]) for at, pair in enumerate(pairs)]
    fees = [
        ProductMapping(item=len(codes) - 1 - at, codes=(pair[0],)) for at, pair in enumerate(pairs[: len(pairs) // 2])
    ]
    leading = list(world.configuration.customer_mappings.values())
    second = {one.company: one.company + len(leading) for one in leading[::3]}
    agreements = {
        ident: replace(world.billing.agreements[company], id=ident) for company, ident in second.items()
    } | dict(world.billing.agreements)
    return replace(
        world,
        billing=replace(world.billing, agreements=agreements, additions=dict.fromkeys(agreements, ())),
        configuration=replace(
            world.configuration,
            product_mappings=(*mappings, *fees),
            customer_mappings={one.customer: _halved(one, second.get(one.company)) for one in leading},
            overrides=tuple(Override(customer=one.customer, item=0, fixed=Decimal(3)) for one in leading[::7]),
        ),
    )


_RULES = (
    Rule(combine=Combine.MAX),
    Rule(included=Decimal(2), minimum=Decimal(1)),
    Rule(combine=Combine.ALL_OF, multiply=Decimal("1.5")),
    Rule(rounding=Rounding.UP, step=Decimal(5)),
)


def _halved(mapping: CustomerMapping, second: int | None) -> CustomerMapping:
    if second is None:
        return mapping
    shares = (Share(agreement=mapping.company, percent=Decimal(60)), Share(agreement=second, percent=Decimal(40)))
    return replace(mapping, shares=shares)


def _customer(number: int) -> str:
    return f"718b6047-2fbc-b4f4-1a43-{number:012d}"


def _usage(customers: int, products: int) -> Usage:
    codes = [f"PRODUCT{product}-MSP" for product in range(products)]
    return Usage(
        source=Source.INVOICE,
        period=PERIOD,
        lines=tuple(
            UsageLine(
                customer=_customer(customer),
                code=codes[product],
                billable=quantity(customer, product),
                name=f"Product {product}",
                order_line=f"L-{customer}-{product}",
                unit_price=PRICE,
            )
            for customer in range(customers)
            for product in range(products)
        ),
        customers=tuple(Customer(id=_customer(customer), name=f"Customer {customer}") for customer in range(customers)),
    )


def _billing(customers: int, products: int) -> Billing:
    next_invoice = date(2026, 12, 1)
    return Billing(
        companies={id: Company(id=id, identifier=f"C{id}", name=f"Company {id}") for id in range(customers)},
        agreements={
            id: Agreement(id=id, name=f"Agreement {id}", company=id, next_invoice=next_invoice, currency="EUR")
            for id in range(customers)
        },
        items={
            id: CatalogItem(id=id, identifier=f"I{id}", description=f"Item {id}", price=PRICE) for id in range(products)
        },
        additions={
            agreement: tuple(
                Addition(
                    id=agreement * products + item,
                    agreement=agreement,
                    item=item,
                    quantity=quantity(agreement, item),
                    unit_price=PRICE,
                )
                for item in range(products)
            )
            for agreement in range(customers)
        },
    )


def _baseline(customers: int, products: int, lines: int) -> Baseline:
    return Baseline(
        managed={
            customer * products + item: Managed(
                addition=customer * products + item,
                slot=Slot(customer, item),
                quantity=quantity(customer, item),
                source=Source.INVOICE,
                period=PERIOD.plus(-1),
                next_invoice=date(2026, 11, 1),
                origin=(Pair(_customer(customer), f"PRODUCT{item}-MSP"),),
            )
            for customer in range(customers)
            for item in range(products)
        },
        last_lines=lines,
        last_period=PERIOD.plus(-1),
        touched_agreements=frozenset(range(customers)),
    )


def _configuration(customers: int, products: int) -> Configuration:
    codes = [f"PRODUCT{product}-MSP" for product in range(products)]
    return Configuration(
        products={code: VendorProduct(code=code, name=code) for code in codes},
        product_sync=dict.fromkeys(codes, True),
        customer_sync={_customer(customer): True for customer in range(customers)},
        product_mappings=tuple(ProductMapping(item=item, codes=(code,)) for item, code in enumerate(codes)),
        customer_mappings={
            _customer(customer): CustomerMapping(
                customer=_customer(customer), company=customer, shares=(Share(agreement=customer),)
            )
            for customer in range(customers)
        },
        policy=Policy(currency="EUR"),
    )
