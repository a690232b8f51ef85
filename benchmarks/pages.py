"""The pages with a large partner: 10,000 customers, 200 Sophos products, 300,000 lines, 50,000 catalog items.

python -m benchmarks.pages [--customers 10000]: the 95th percentile of each page's answer, database and template
included, and its weight with everything it loads.
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from decimal import Decimal
from itertools import islice
from pathlib import Path
from statistics import median, quantiles
from typing import Any

from benchmarks.runs import home
from benchmarks.worlds import PERIOD, World, make, quantity, some_changed
from truecount.core.model import CatalogItem, Managed
from truecount.core.period import Period

PRODUCTS = 200
USED = 30
"""By each customer."""
ITEMS = 50_000
ROUNDS = 20
ASKED_BY_DIALOG = {"HX-Request": "true", "HX-Target": "dialog"}
"""Pages for the dialog come without the frame; the others are not changed by it."""
PAGE_LIMIT, TYPING_LIMIT, WEIGHT_LIMIT = 0.300, 0.100, 400_000


@dataclass(frozen=True, kw_only=True)
class Measured:
    name: str
    middle: float
    slow: float
    """95 of 100 answers come sooner; both in seconds."""
    weight: int
    limit: float


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--customers", type=int, default=10_000)
    given = parser.parse_args()
    with home():
        world = large(given.customers)
        client, integration = fill(world)
        rows = [measured(client, name, addresses, limit) for name, addresses, limit in pages(integration)]
    print_table(rows)
    assert all(row.slow <= row.limit for row in rows), "slower than the limits of the pages"
    assert all(row.weight <= WEIGHT_LIMIT for row in rows), "heavier than the limit of the pages"


def print_table(rows: Sequence[Measured]) -> None:
    print(f"{'page':<44}{'median ms':>11}{'p95 ms':>9}{'limit ms':>10}{'kB with all it loads':>22}")
    for row in rows:
        print(
            f"{row.name:<44}{row.middle * 1000:>11.0f}{row.slow * 1000:>9.0f}{row.limit * 1000:>10.0f}"
            f"{row.weight / 1000:>22.0f}"
        )


def large(customers: int) -> World:
    """Every customer uses 30 of 200 products; one line in thirty differs from what stands."""
    world = make(customers, USED)
    lines = tuple(
        replace(line, code=f"PRODUCT{_product(place // USED, place % USED)}-MSP")
        for place, line in enumerate(world.usage.lines)
    )
    items = {
        number: CatalogItem(
            id=number, identifier=f"SKU-{number:05d}", description=f"Managed service {number}", price=Decimal("2.5")
        )
        for number in range(ITEMS)
    }
    additions = {
        agreement: tuple(replace(line, item=_product(agreement, line.item)) for line in standing)
        for agreement, standing in world.billing.additions.items()
    }
    usage, billing = replace(world.usage, lines=lines), replace(world.billing, items=items, additions=additions)
    return some_changed(replace(world, usage=usage, billing=billing), every=30)


def _product(customer: int, place: int) -> int:
    return (customer * 13 + place) % PRODUCTS


def fill(world: World) -> tuple[Any, Any]:
    """The whole of it as rows, with a plan that a person would look at; returns a signed-in client."""
    from django.conf import settings
    from django.test import Client

    from truecount.core.roles import Role
    from truecount.runs import clock, configure, found, labels
    from truecount.store.models import Integration, Run, User

    settings.ALLOWED_HOSTS = ["testserver"]
    now = clock.now()
    partner = found.create_partner("bench", by=None, now=now)
    integration = found.create_integration(partner, "bench", by=None, now=now)
    configure.set_policy(integration, {"mode": "review"}, by=None, now=now)
    integration = Integration.objects.get(pk=integration.pk)
    labels.refresh(integration, world.usage, world.billing, now)
    _decide(integration, world)
    user = User.objects.create(email="a@bench.example", partner=partner, role=Role.ADMIN.value, made_at=now)
    run = Run.objects.create(integration=integration, verb="sync", state="running", by=user, started_at=now)
    for months in (-1, 0):
        _plan(run, world, PERIOD.plus(months), now)
    run.state, run.period, run.source, run.finished_at = "waiting", str(PERIOD), "invoice", now
    run.save()
    client = Client()
    client.force_login(user)
    return client, integration


def _decide(integration: Any, world: World) -> None:
    """Everything is mapped and managed."""
    from truecount.store.models import (
        Connection,
        CustomerMapping,
        CustomerShare,
        ProductMapping,
        ProductMappingCode,
        VendorProduct,
    )
    from truecount.store.models import Managed as ManagedRow

    Connection.objects.create(integration=integration, side="psa", kind="connectwise", sealed=b"", identity="bench")
    products = [ProductMapping(integration=integration, item=number) for number in range(PRODUCTS)]
    ProductMapping.objects.bulk_create(products)
    ProductMappingCode.objects.bulk_create(
        ProductMappingCode(mapping=mapping, code=f"PRODUCT{mapping.item}-MSP") for mapping in products
    )
    VendorProduct.objects.filter(integration=integration).update(sync=True)
    customers = [
        CustomerMapping(integration=integration, customer=customer.id, company=number)
        for number, customer in enumerate(world.usage.customers)
    ]
    CustomerMapping.objects.bulk_create(customers, batch_size=5000)
    CustomerShare.objects.bulk_create(
        (CustomerShare(mapping=mapping, position=0, agreement=mapping.company) for mapping in customers),
        batch_size=5000,
    )
    lines = (_managed(line) for line in world.baseline.managed.values())
    while batch := list(islice(lines, 10_000)):
        ManagedRow.objects.bulk_create(ManagedRow(integration=integration, identity="bench", **row) for row in batch)


def _managed(line: Managed) -> dict[str, Any]:
    agreement, place = line.slot
    number = _product(agreement, place)
    return {
        "addition": line.addition,
        "agreement": agreement,
        "item": number,
        "quantity": quantity(agreement, place),
        "source": "invoice",
        "period": str(PERIOD.plus(-1)),
        "next_invoice": line.next_invoice,
        "origin": [[line.origin[0].customer, f"PRODUCT{number}-MSP"]],
        "written_at": datetime.now(UTC),
    }


def _plan(run: Any, world: World, period: Period, now: datetime) -> None:
    from truecount.runs.prepare import prepare
    from truecount.store.snapshots import save_snapshot

    snapshot = save_snapshot(run.integration, replace(world.usage, period=period), world.billing, now)
    run.snapshot = snapshot
    run.plan, _ = prepare(run, snapshot, now)
    run.save()


def pages(integration: Any) -> Iterator[tuple[str, list[str], float]]:
    """Every page with a table, as people use it: first, far, sorted, searched; and what answers each key typed."""
    from django.urls import reverse

    from truecount.store.models import Plan

    def of(name: str) -> str:
        return reverse(name, args=[integration.slug])

    customer = reverse("customer", args=[integration.slug, "718b6047-2fbc-b4f4-1a43-000000000077"])
    typed = ("ma", "mana", "managed", "managed service 12", "sku-4", "sku-49", "zz")
    dialog = f"{of('product-mapping')}?product=PRODUCT5-MSP"
    yield "Each letter typed for a ConnectWise product", [f"{dialog}&q={text}" for text in typed], TYPING_LIMIT
    named = [f"{customer}?q={text}" for text in ("co", "company 7", "zz")]
    yield "Each letter typed for a company", named, TYPING_LIMIT
    yield "Map Sophos product, with suggestions", [dialog], PAGE_LIMIT
    yield "A customer, with suggestions", [customer], PAGE_LIMIT
    plan = reverse("plan", args=[Plan.objects.latest("pk").pk])
    yield "Overview", [of("overview")], PAGE_LIMIT
    for name, title in (("usage-sync", "Usage sync"), ("customers", "Customers"), ("findings", "Findings")):
        yield title, [of(name), f"{of(name)}?page=3", f"{of(name)}?q=product+1"], PAGE_LIMIT
    yield "Customers, last page", [f"{of('customers')}?page=190"], PAGE_LIMIT
    yield "Customers by company", [f"{of('customers')}?sort=company"], PAGE_LIMIT
    yield "Customers with findings", [f"{of('customers')}?show=failed"], PAGE_LIMIT
    yield "Plan", [plan, f"{plan}?page=40", f"{plan}?q=customer+77"], PAGE_LIMIT
    yield "Plans and runs", [of("plans"), of("runs")], PAGE_LIMIT
    yield "History", [of("history"), of("ledger")], PAGE_LIMIT


def measured(client: Any, name: str, addresses: Sequence[str], limit: float) -> Measured:
    times, weight, text = [], 0, ""
    for turn in range(ROUNDS * len(addresses) + len(addresses)):
        since = time.perf_counter()
        answer = client.get(addresses[turn % len(addresses)], headers=ASKED_BY_DIALOG)
        took = time.perf_counter() - since
        assert answer.status_code == 200, (name, answer.status_code)
        if turn >= len(addresses):  # the first of each loads templates
            times.append(took)
        text = answer.content.decode()
        weight = max(weight, len(answer.content))
    return Measured(
        name=name, middle=median(times), slow=quantiles(times, n=20)[-1], weight=weight + _loaded(text), limit=limit
    )


def _loaded(text: str) -> int:
    """Style sheet and scripts that a whole page names, as files."""
    import re

    from django.contrib.staticfiles import finders

    found = 0
    for address in set(re.findall(r'(?:src|href)="/static/([^"?]+)"', text)):
        path = finders.find(address)
        assert path, address
        found += Path(path).stat().st_size
    return found


if __name__ == "__main__":
    main()
