"""Rows for the tests of pages: two partners, people of every role, a plan with all that a plan can have."""

from __future__ import annotations

import hashlib
import random
from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import Decimal
from functools import cache
from typing import Any

from django.contrib.auth.hashers import make_password

from truecount.core.model import Billing, ChangeKind, FindingKind, HoldKind, QuantityField, Source, Usage, UsageLine
from truecount.core.months import difference
from truecount.core.period import Period
from truecount.core.roles import Role
from truecount.runs import clock
from truecount.store.documents import unpack
from truecount.store.models import (
    Agreement,
    AuditEvent,
    CatalogItem,
    Company,
    Connection,
    Customer,
    CustomerMapping,
    CustomerShare,
    Finding,
    Hold,
    Integration,
    Partner,
    Plan,
    PlanChange,
    ProductMapping,
    ProductMappingCode,
    Run,
    Snapshot,
    User,
    VendorProduct,
)
from truecount.store.plans import save_since
from truecount.store.seals import seal
from truecount.store.snapshots import load_usage_before, save_snapshot

PASSWORD = "demo-demo-demo"
NO_BILLING = Billing(companies={}, agreements={}, items={}, additions={})
NOWHERE = "http://127.0.0.1:9"
"""Nobody answers there, and nobody waits."""

NAMES = (
    "Boulangerie Lemaître",
    "Cabinet Dubois & Associés",
    "Clinique Sainte-Anne",
    "École Jacques-Cartier",
    "Garage Tremblay",
    "Hôtel du Vieux-Port",
    "Imprimerie Gagnon",
    "Laboratoires Moreau",
    "Mairie de Saint-Rémy",
    "Notaires Lefèvre",
    "Pharmacie Bélanger",
    "Transports Roussel",
    "Acme Logistics",
    "Bright Dental Group",
    "Cedar & Stone Architects",
    "Harbour Freight Partners",
    "Kingsway Law",
    "Northwind Energy",
    "Orchard Primary School",
    "Riverside Veterinary Practice",
)
PRODUCTS = (
    ("CIXA-MSP", "Sophos Endpoint - User MSP Monthly", "MS-ENDPOINT", "Managed endpoint protection, per user", "4.50"),
    ("SVRCLOUDADV-MSP", "Sophos Endpoint - Server MSP Monthly", "MS-SERVER", "Managed server protection", "11.90"),
    ("CIXAMTR-ADV-MSP", "Sophos MDR Complete - User MSP Monthly", "MS-MDR", "24/7 detection and response", "9.80"),
    ("CEMA-MSP", "Sophos Email MSP Monthly", "MS-EMAIL", "Email protection", "2.20"),
    ("CPHISH-MSP", "Central Phish Threat MSP Monthly", "MS-AWARENESS", "Security awareness training", "1.40"),
    ("CDE-MSP", "Central Device Encryption MSP Monthly", "MS-ENCRYPTION", "Disk encryption", "1.10"),
    ("XGS-STD-MSP", "XGS 116 Standard Protection MSP Monthly", "MS-FIREWALL", "Managed firewall", "38.00"),
    ("NDR-MSP", "Sophos NDR MSP Monthly", "", "", ""),
)


@dataclass(kw_only=True)
class World:
    """One partner's rows, by name."""

    partner: Partner
    integration: Integration
    users: dict[str, User] = field(default_factory=dict)
    customers: list[Customer] = field(default_factory=list)
    agreements: list[Agreement] = field(default_factory=list)
    plan: Plan | None = None


def make_partner(slug: str = "demo", *, name: str = "Azimut Informatique", mode: str = "review") -> World:
    """A partner with one integration and a person of each role, all with the same password."""
    partner = Partner.objects.create(slug=slug, name=name, time_zone="Europe/Paris", made_at=clock.now())
    integration = Integration.objects.create(partner=partner, slug=slug, policy={"mode": mode}, made_at=clock.now())
    world = World(partner=partner, integration=integration)
    for role in Role:
        world.users[role.name.lower()] = make_user(partner, f"{role.name.lower()}@{slug}.example", role)
    return world


def make_user(partner: Partner, email: str, role: Role, language: str = "en") -> User:
    user = User(email=email, partner=partner, role=role.value, language=language, made_at=clock.now())
    user.password = _hashed()
    user.save()
    return user


@cache
def _hashed() -> str:
    """Hashing is slow on purpose; once is enough for all people."""
    return make_password(PASSWORD)


def make_labels(world: World, customers: int = 20) -> None:
    """Customers with companies and agreements, vendor products with what they are mapped to."""
    integration = world.integration
    places = range(customers)
    world.customers = Customer.objects.bulk_create(
        Customer(
            integration=integration,
            vendor_id=f"c{place:04d}",
            name=_name(place),
            billing="term" if place % 11 == 10 else "usage",
            sync=_is_mapped(place),
        )
        for place in places
    )
    Company.objects.bulk_create(
        Company(integration=integration, psa_id=100 + place, identifier=f"CO{place}", name=_name(place))
        for place in places
    )
    world.agreements = Agreement.objects.bulk_create(
        Agreement(
            integration=integration,
            psa_id=500 + place,
            name="Managed Services" if place % 2 else "Infogérance 360",
            company=100 + place,
            type="Managed",
            state="active" if place % 8 else "expired",
            next_invoice=date(2026, 12, 1),
            currency="EUR",
        )
        for place in places
    )
    mappings = CustomerMapping.objects.bulk_create(
        CustomerMapping(integration=integration, customer=f"c{place:04d}", company=100 + place)
        for place in places
        if _is_mapped(place)
    )
    CustomerShare.objects.bulk_create(
        CustomerShare(mapping=mapping, position=0, agreement=mapping.company + 400, percent=100) for mapping in mappings
    )
    make_products(world)


def make_products(world: World) -> None:
    integration, now = world.integration, clock.now()
    VendorProduct.objects.bulk_create(
        VendorProduct(
            integration=integration,
            code=code,
            name=name,
            group="User",
            firewall=code.startswith("XGS"),
            sync=bool(item),
            seen_at=now,
        )
        for code, name, item, _description, _price in PRODUCTS
    )
    mapped = [(place, product) for place, product in enumerate(PRODUCTS) if product[2]]
    CatalogItem.objects.bulk_create(
        CatalogItem(
            integration=integration,
            psa_id=900 + place,
            identifier=item,
            description=description,
            category="Security",
            price=Decimal(price),
        )
        for place, (_code, _name, item, description, price) in mapped
    )
    mappings = ProductMapping.objects.bulk_create(
        ProductMapping(integration=integration, item=900 + place) for place, _product in mapped
    )
    members = [ProductMappingCode(mapping=mapping, code=PRODUCTS[mapping.item - 900][0]) for mapping in mappings]
    ProductMappingCode.objects.bulk_create([*members, ProductMappingCode(mapping=mappings[0], code="CDE-MSP")])


def _name(place: int) -> str:
    return NAMES[place % len(NAMES)] + (f" {place // len(NAMES) + 1}" if place >= len(NAMES) else "")


def _is_mapped(place: int) -> bool:
    return place % 9 != 7


def make_snapshot(world: World, *, period: str = "2026-11", more: int = 0) -> Snapshot:
    """Three products of every customer; `more` units of the first product of the first."""
    usage = Usage(
        source=Source.INVOICE,
        period=Period.parse(period),
        customers=(),
        lines=tuple(
            _line(customer.vendor_id, code, 4 + place % 7 + (more if not place and not number else 0))
            for place, customer in enumerate(world.customers)
            for number, (code, *_rest) in enumerate(PRODUCTS[:3])
        ),
    )
    snapshot = save_snapshot(world.integration, usage, NO_BILLING, clock.now() - timedelta(minutes=4))
    compare(world.plan)
    return snapshot


def compare(plan: Plan | None) -> None:
    """Tell the plan what changed since the month before, as readings stand now."""
    earlier = load_usage_before(plan.snapshot) if plan else None
    if plan and earlier:
        save_since(plan, difference(earlier, unpack(plan.snapshot.usage, Usage), QuantityField.BILLABLE))


def _line(customer: str, code: str, number: int) -> UsageLine:
    return UsageLine(customer=customer, code=code, billable=Decimal(number), actual=Decimal(number))


def make_plan(world: World, *, changes: int = 38, state: str = "", unchanged: int = 402) -> Plan:
    """A plan whose changes go through the customers; every kind occurs."""
    made = clock.now() - timedelta(minutes=3)
    plan = Plan.objects.create(
        integration=world.integration,
        snapshot=make_snapshot(world),
        source="invoice",
        period="2026-11",
        digest=hashlib.sha256(str(made).encode()).hexdigest(),
        state=state or ("open" if changes else "empty"),
        today=made.date(),
        inputs=b"",
        contributions=unchanged + changes + 12,
        made_by=world.users["operator"],
        made_at=made,
        expires_at=made + timedelta(days=7),
    )
    rows = [_change(world, plan, number) for number in range(changes)]
    PlanChange.objects.bulk_create(rows)
    kinds = [row.kind for row in rows]
    plan.counts = {str(kind): kinds.count(str(kind)) for kind in ChangeKind} | {"unchanged": unchanged}
    moved = sum((row.money_after - row.money_before for row in rows), Decimal(0))
    before = Decimal("12340.50") if world.agreements else Decimal(0)
    plan.money = {"EUR": {"before": str(before), "after": str(before + moved)}} if rows or unchanged else {}
    plan.save()
    world.plan = plan
    return plan


def _change(world: World, plan: Plan, number: int) -> PlanChange:
    kind = (ChangeKind.UPDATE, ChangeKind.UPDATE, ChangeKind.CREATE, ChangeKind.UPDATE, ChangeKind.ADOPT)[number % 5]
    if number % 19 == 18:
        kind = ChangeKind.ZERO
    place, again = number % len(world.customers), number // len(world.customers)
    product = (place + again) % 7
    rng = random.Random(number)
    before = Decimal(0) if kind is ChangeKind.CREATE else Decimal(rng.randint(3, 60))
    after = Decimal(0) if kind is ChangeKind.ZERO else max(Decimal(1), before + rng.randint(-4, 9))
    price = Decimal(PRODUCTS[product][4])
    return PlanChange(
        plan=plan,
        agreement=world.agreements[place].psa_id,
        item=900 + product + 100 * (again // 7),
        kind=str(kind),
        before=before,
        after=after,
        effective=date(2026, 11, 1) if kind is ChangeKind.CREATE else None,
        addition=None if kind is ChangeKind.CREATE else 7000 + number,
        customers=[world.customers[place].vendor_id],
        codes=[PRODUCTS[product][0]],
        money_before=before * price,
        money_after=after * price,
        currency="EUR",
    )


def make_holds(plan: Plan) -> list[Hold]:
    """One of the whole plan, two of single lines."""
    first, second = plan.changes.all()[:2]
    return [
        Hold.objects.create(plan=plan, kind=HoldKind.USAGE_HALVED, fields={"now": "200", "last": "412"}),
        _line_hold(plan, first),
        _line_hold(plan, second),
    ]


def _line_hold(plan: Plan, change: PlanChange) -> Hold:
    told = {"before": str(change.before), "after": str(change.after)}
    return Hold.objects.create(plan=plan, kind=HoldKind.JUMP, agreement=change.agreement, item=change.item, fields=told)


def make_findings(world: World) -> None:
    some: tuple[tuple[FindingKind, dict[str, Any], str | None], ...] = (
        (FindingKind.PRODUCT_NOT_MAPPED, {"product": "NDR-MSP", "customer": "c0003"}, "96.00"),
        (FindingKind.CUSTOMER_NOT_MAPPED, {"customer": "c0007"}, "148.50"),
        (FindingKind.CUSTOMER_NOT_MAPPED, {"customer": "c0016"}, "41.80"),
        (FindingKind.BILLED_WITHOUT_USAGE, {"agreement": 505, "item": 903}, "26.20"),
        (FindingKind.UNASSIGNED_USAGE, {"product": "XGS-STD-MSP", "mark": "C0100ABCDE12345"}, None),
        (FindingKind.RENAMED_PRODUCT, {"product": "CIXA-MSP"}, None),
    )
    for place, (kind, about, money) in enumerate(some):
        make_finding(world, kind, since=date(2026, 11, 25) - timedelta(days=place), money=money, **about)


def make_finding(world: World, kind: FindingKind, *, since: date, money: str | None = None, **about: Any) -> Finding:
    return Finding.objects.create(
        integration=world.integration,
        plan=world.plan,
        kind=str(kind),
        money=None if money is None else Decimal(money),
        currency="EUR" if money else "",
        fields={
            "before": "Central Intercept X Advanced",
            "after": PRODUCTS[0][1],
            "serial": about.get("mark", ""),
            "pairs": "4",
            "quantity": "12",
            "addition": "7003",
        },
        since=since,
        seen_at=clock.now(),
        **about,
    )


def make_run(world: World, *, state: str = "waiting", verb: str = "sync", **told: Any) -> Run:
    """A run as the worker leaves it; what is told replaces the usual."""
    started = clock.now() - timedelta(minutes=4)
    usual: dict[str, Any] = {
        "phase": "plan",
        "period": "2026-11",
        "source": "invoice",
        "plan": world.plan,
        "started_at": started,
        "finished_at": started + timedelta(seconds=2.4),
        "calls": {"vendor": {"read": 9}, "psa": {"read": 131, "write": 0}},
        "seconds": {"collect": 1.9, "plan": 0.3, "total": 2.4},
        "outcomes": {"unchanged": 402, "waiting": 36, "held": 2, "skipped": 12},
        "place": "billing-1:4127",
        "by": world.users["operator"],
    }
    return Run.objects.create(integration=world.integration, verb=verb, state=state, **usual | told)


def make_audit(world: World) -> None:
    for action, subject, before, after in (
        ("create_integration", world.integration.slug, None, None),
        ("map_product", "CIXA-MSP", {"items": []}, {"items": [900]}),
        ("set_policy", world.integration.slug, {"mode": "observe"}, {"mode": "review"}),
    ):
        AuditEvent.objects.create(
            partner=world.partner,
            integration=world.integration,
            by=world.users["admin"],
            action=action,
            subject=subject,
            before=before,
            after=after,
            at=clock.now(),
        )


def make_connections(world: World) -> None:
    """Both systems, as the last check found them; the sealed secrets open nothing."""
    fields = {
        "vendor": ("sophos", {"auth_url": NOWHERE, "api_url": NOWHERE, "client_id": "sophos-client"}),
        "psa": ("connectwise", {"url": NOWHERE, "company": "azimut", "public_key": "PUBLIC", "client_id": "guid"}),
    }
    for side, (kind, told) in fields.items():
        Connection.objects.create(
            integration=world.integration,
            side=side,
            kind=kind,
            fields=told,
            sealed=seal(f"the secret of {side}"),
            checked_at=clock.now(),
            identity=f"{kind}.{world.partner.slug}",
        )


def make_world(slug: str = "demo", *, customers: int = 20, mode: str = "review") -> World:
    """All of it: what a partner has a few minutes after a sync."""
    world = make_partner(slug, mode=mode)
    make_connections(world)
    make_labels(world, customers)
    make_plan(world)
    make_findings(world)
    make_run(world)
    make_audit(world)
    return world
