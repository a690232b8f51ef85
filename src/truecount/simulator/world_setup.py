"""Fills the PSA's set-up tables, catalog and companies from a world; agreements and their lines are world_psa.py."""

import random
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from truecount.simulator.books import Books, Row
from truecount.simulator.clock import date_text
from truecount.simulator.world import MANY, Customer, World
from truecount.simulator.world_names import FIRST_NAMES, LANDS, LAST_NAMES, identifier
from truecount.simulator.world_products import (
    BUNDLE,
    BUNDLE_PARTS,
    OTHER_ITEMS,
    VENDOR_ITEMS,
    OtherItem,
    VendorItem,
)

MONTHLY, QUARTERLY, YEARLY, ONCE = 2, 3, 5, 7
"""Ids of billing cycles."""
CAD = 2
STAMP = "2026-01-05T08:00:00Z"


@dataclass(kw_only=True, slots=True)
class Filling:
    """The books while they are filled, and ids that later steps need."""

    books: Books
    world: World
    rng: random.Random
    items: dict[str, int] = field(default_factory=dict)
    """Vendor code or identifier → catalog id."""
    foreign: list[Row] = field(default_factory=list)
    companies: dict[int, int] = field(default_factory=dict)
    """Customer index → company id; the same for contacts and agreements below."""
    contacts: dict[int, int] = field(default_factory=dict)
    agreements: dict[int, Row] = field(default_factory=dict)
    first: date = date.min
    """First day of the start month."""
    identifiers: set[str] = field(default_factory=set)

    def put(self, table: str, **row: Any) -> Row:
        row.setdefault("_updated", STAMP)
        return self.books[table].put(row)


def set_up(filling: Filling) -> None:
    put = filling.put
    currency = {"displayIdFlag": True, "displaySymbolFlag": True, "negativeParenthesesFlag": False, "rightAlign": False}
    for code, symbol, name in (("EUR", "€", "Euro"), ("CAD", "$", "Canadian Dollar"), ("CHF", "CHF", "Swiss Franc")):
        put(
            "currencies",
            currencyIdentifier=code,
            name=name,
            symbol=symbol,
            currencyCode={"id": len(filling.books["currencies"].rows) + 1, "name": code},
            thousandsSeparator=".",
            decimalSeparator=",",
            numberOfDecimals=2,
            reportFormat="#,##0.00",
            **currency,
        )
    cycles = (
        ("W", "Weekly", "Weekly"),
        ("M", "Monthly", "Monthly"),
        ("Q", "Quarterly", "Quarterly"),
        ("SA", "Semi-Annual", "SemiAnnual"),
        ("Y", "Annual", "Yearly"),
        ("BM", "Bi-Monthly", "BiMonthly"),
        ("ONE", "One time", "NotRecurring"),
    )
    for code, name, options in cycles:
        put("billingCycles", identifier=code, name=name, billingOptions=options, defaultFlag=name == "Monthly")
    for days in (30, 14, 0):
        put("billingTerms", name=f"Net {days} days" if days else "Due on receipt", dueDays=days, defaultFlag=days == 30)
    put("statuses", name="Active", defaultFlag=True)
    put("statuses", name="Inactive", inactiveFlag=True)
    put("statuses", name="Credit hold", notifyFlag=True)
    for name in ("Client", "Prospect", "Vendor", "Partner", "Former client"):
        put("companyTypes", name=name, defaultFlag=name == "Client", vendorFlag=name == "Vendor")
    put("locations", ownerLevelId=1, structureLevel={"id": 1, "name": "Location"}, name="Head Office")
    put("locations", ownerLevelId=2, structureLevel={"id": 1, "name": "Location"}, name="Montréal")
    put("departments", identifier="MS", name="Managed Services")
    put("departments", identifier="ADM", name="Administration")
    put("securityroles", name="API usage sync", roleType="Member")
    put("securityroles", name="Admin", roleType="Admin", adminFlag=True)
    _members(filling)
    put("pricingSchedules", name="Standard", defaultFlag=True, currency=1)
    for pod, caption in ((1, "Vendor reference"), (2, "Contract number")):
        put(
            "userDefinedFields",
            podId=pod,
            caption=caption,
            sequenceNumber=1,
            fieldTypeIdentifier="Text",
            entryTypeIdentifier="EntryField",
            dateCreated=STAMP,
        )
    for name, cycle in (("Managed Services", MONTHLY), ("Security as a Service", MONTHLY), ("Backup", MONTHLY)):
        put("agreementTypes", name=name, billingCycle=cycle, billingTerms=1, defaultFlag=name == "Managed Services")
    put("agreementTypes", name="Block time", billingCycle=ONCE, billingTerms=1, prePaymentFlag=True)
    put("agreementTypes", name="Old maintenance", inactiveFlag=True, billingCycle=YEARLY, billingTerms=1)


def _members(filling: Filling) -> None:
    people = ("SimApi", "Sim", "Api", "A"), ("admin1", "Ada", "Admin", "F"), ("mleroy", "Mélanie", "Leroy", "F")
    for name, first, last, licence in people:
        filling.put(
            "members",
            identifier=name,
            firstName=first,
            lastName=last,
            licenseClass=licence,
            hireDate="2020-01-01T00:00:00Z",
            defaultEmail="Office",
            defaultPhone="Office",
            officeEmail=f"{name.lower()}@msp.example",
            securityRole=1 if licence == "A" else 2,
            adminFlag=licence == "F",
        )
    filling.put("apiMembers", identifier="SimApi", name="Usage sync", emailAddress="api@msp.example", securityRole=1)


def fill_catalog(filling: Filling) -> None:
    put = filling.put
    put("categories", name="Security")
    put("categories", name="Services")
    categories = {"Retired": 2, "Support": 2, "Backup": 2, "Cloud Licences": 2}
    names = [item.subcategory for item in VENDOR_ITEMS] + [item.subcategory for item in OTHER_ITEMS]
    subcategories = {
        name: put("subcategories", name=name, category=categories.get(name, 1))["id"] for name in dict.fromkeys(names)
    }
    for name, xref in (("Service", "Service"), ("Licence", "NonInventoryPart"), ("Hardware", "InventoryPart")):
        put("types", name=name, typeXref=xref, defaultFlag=name == "Service")
    for name in ("Each", "User", "Device", "Hour", "Month"):
        put("unitOfMeasures", name=name, defaultFlag=name == "Each")
    for name in ("Sophos", "Microsoft", "Veeam", "Own services"):
        put("manufacturers", name=name)
    for item in VENDOR_ITEMS:
        if item.identifier:
            filling.items[item.code] = _vendor_item(filling, item, subcategories)["id"]
    for other in (*OTHER_ITEMS, BUNDLE):
        row = _other_item(filling, other, subcategories)
        filling.items[other.identifier] = row["id"]
        if not other.inactive and other is not BUNDLE:
            filling.foreign.append(row)
    stock = {"warehouse": {"id": 1, "name": "Main"}, "warehouseBin": {"id": 1, "name": "Shelf"}}
    put("inventory", catalogItem=filling.items["VOIP-SEAT"], onHand=12, **stock)
    for number, name in enumerate(BUNDLE_PARTS, start=1):
        part = next(row["id"] for row in filling.books["catalog"].rows.values() if row["identifier"] == name)
        put(
            "components",
            parentCatalogItem=filling.items[BUNDLE.identifier],
            catalogItem=part,
            quantity=1.0,
            sequenceNumber=number,
        )


def _vendor_item(filling: Filling, item: VendorItem, subcategories: dict[str, int]) -> Row:
    return filling.put(
        "catalog",
        identifier=item.identifier,
        description=item.description,
        customerDescription=f"{item.description}, per {item.group.lower()} and month",
        subcategory=subcategories[item.subcategory],
        category=1,
        type=2,
        productClass="Service",
        unitOfMeasure={"User": 2, "Device": 3, "Server": 3}[item.group],
        price=item.price,
        cost=item.cost,
        taxableFlag=True,
        manufacturer=1,
        manufacturerPartNumber=item.sku,
        vendorSku=item.code if item.vendor_sku else None,
        recurringFlag=True,
        recurringRevenue=item.price,
        recurringCost=item.cost,
        recurringBillCycle=MONTHLY,
        recurringCycleType="CalendarYear",
    )


def _other_item(filling: Filling, item: OtherItem, subcategories: dict[str, int]) -> Row:
    return filling.put(
        "catalog",
        identifier=item.identifier,
        description=item.description,
        customerDescription=item.description,
        subcategory=subcategories[item.subcategory],
        category=1 if item.clazz == "Bundle" else 2,
        type=1,
        productClass=item.clazz,
        unitOfMeasure=1,
        price=item.price,
        cost=item.cost,
        taxableFlag=True,
        inactiveFlag=item.inactive,
        manufacturer=2 if item.identifier.startswith("M365") else 4,
    )


def own_companies(filling: Filling) -> None:
    """The MSP itself, its vendors, and some who are no customers."""
    others = (
        ("SimulatedMSP", "Simulated MSP GmbH", 4),
        ("Sophos", "Sophos Ltd", 3),
        ("Ingram", "Ingram Micro", 3),
        ("Prospect1", "Brasserie du Port SRL", 2),
        ("Prospect2", "Hansen & Möller OHG", 2),
    )
    for name, full, kind in others:
        filling.identifiers.add(name.lower())
        row = filling.put(
            "companies",
            identifier=name,
            name=full,
            status=1,
            city="Köln",
            currency=1,
            territory=1,
            isVendorFlag=kind == 3,
        )
        filling.put("typeAssociations", company=row["id"], type=kind)


def _identifier(filling: Filling, text: str) -> str:
    """At most 25 letters and digits, not used before."""
    base = identifier(text, 22)
    found, number = base, 2
    while found.lower() in filling.identifiers:
        found = f"{base}{number}"
        number += 1
    filling.identifiers.add(found.lower())
    return found


def customer_company(filling: Filling, customer: Customer) -> None:
    rng, put = filling.rng, filling.put
    land = customer.land
    country = {"id": LANDS.index(land) + 1, "identifier": land.code, "name": land.name}
    row = put(
        "companies",
        identifier=_identifier(filling, customer.psa_name),
        name=customer.psa_name,
        status=1,
        addressLine1=f"{rng.randint(1, 180)} {rng.choice(LAST_NAMES)}",
        city=customer.city,
        zip=f"{rng.randint(10000, 99999)}",
        country=country,
        currency=1,
        territory=2 if land.code == "CA" else 1,
        billingTerms=1,
        dateAcquired=date_text(date(rng.randint(2017, 2025), rng.randint(1, 12), 1)),
    )
    id = row["id"]
    filling.companies[customer.index] = id
    site = put("sites", company=id, name="Main", city=customer.city, country=country, primaryAddressFlag=True)
    contact = put(
        "contacts",
        firstName=rng.choice(FIRST_NAMES),
        lastName=rng.choice(LAST_NAMES),
        company=id,
        site=site["id"],
        defaultFlag=True,
    )
    filling.contacts[customer.index] = contact["id"]
    row |= {"site": site["id"], "defaultContact": contact["id"]}
    put("typeAssociations", company=id, type=1)
    if len(filling.world.customers) >= MANY and customer.index % 40 == 5:
        twin = {name: value for name, value in row.items() if name not in ("id", "site", "defaultContact")}
        twin |= {"identifier": _identifier(filling, f"{customer.psa_name} alt"), "status": 2, "deletedFlag": True}
        deleted = put("companies", **twin, dateDeleted="2025-06-30T00:00:00Z", deletedBy="admin1")
        put("typeAssociations", company=deleted["id"], type=5)
