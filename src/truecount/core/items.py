"""What a product of the PSA is filled in with: its longest texts, what it needs, and what an edit really changes."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import fields
from decimal import Decimal

from truecount.core.model import CatalogItem
from truecount.core.ports import Choice, ItemEdit, SetupTables

LONGEST: Mapping[str, int] = {"identifier": 75, "description": 60, "customer_description": 6000, "vendor_sku": 50}
"""Characters that ConnectWise takes (facts: ConnectWise §6.5)."""
NEEDED = ("identifier", "description", "customer_description", "subcategory", "type")
"""Without these ConnectWise makes no product (facts: ConnectWise §6.1)."""
CLASSES = ("NonInventory", "Service", "Agreement", "Inventory")
"""Classes whose products can be lines of an agreement (facts: ConnectWise §7.1)."""
LARGEST_AMOUNT = Decimal(10) ** 9
FIELDS = tuple(field.name for field in fields(ItemEdit))
_TABLES = {
    "category": "categories",
    "subcategory": "subcategories",
    "type": "types",
    "unit": "units",
    "billing_cycle": "billing_cycles",
}
"""Field → setup table that its id is of."""


def too_long(edit: ItemEdit) -> tuple[str, int] | None:
    """The first text that is longer than ConnectWise takes, with what it takes."""
    for name, longest in LONGEST.items():
        text = getattr(edit, name)
        if text is not None and len(text) > longest:
            return name, longest
    return None


def missing(edit: ItemEdit) -> str | None:
    """The first field without which a new product is refused; a recurring one needs its billing cycle."""
    lacking = [name for name in NEEDED if getattr(edit, name) in (None, "")]
    if edit.recurring and edit.billing_cycle is None:
        lacking.append("billing_cycle")
    return lacking[0] if lacking else None


def as_edit(item: CatalogItem, setup: SetupTables) -> ItemEdit:
    """An item as a form would send it. A reference that the setup tables do not have stays None: left alone."""
    category = _id_of(setup.categories, item.category)
    inside = [choice for choice in setup.subcategories if choice.parent in (None, category)]
    return ItemEdit(
        identifier=item.identifier,
        description=item.description,
        customer_description=item.customer_description,
        category=category,
        subcategory=_id_of(inside, item.subcategory),
        type=_id_of(setup.types, item.type),
        item_class=item.item_class,
        unit=_id_of(setup.units, item.unit),
        price=item.price,
        cost=item.cost,
        taxable=item.taxable,
        recurring=item.recurring,
        billing_cycle=_id_of(setup.billing_cycles, item.billing_cycle),
        vendor_sku=item.vendor_sku,
    )


def changed(wanted: ItemEdit, present: ItemEdit) -> ItemEdit:
    """Only what differs from what is there: all that is to be sent."""
    return ItemEdit(**{name: getattr(wanted, name) for name in differing(wanted, present)})


def differing(wanted: ItemEdit, present: ItemEdit) -> list[str]:
    """Fields that `wanted` names and that are otherwise now. Line breaks and outer spaces do not count: ConnectWise
    keeps texts on one line (facts: ConnectWise §5.3)."""
    return [
        name
        for name in FIELDS
        if getattr(wanted, name) is not None and _plain(getattr(wanted, name)) != _plain(getattr(present, name))
    ]


def table_of(setup: SetupTables, name: str) -> tuple[Choice, ...]:
    """The setup table that a field chooses from."""
    rows: tuple[Choice, ...] = getattr(setup, _TABLES[name])
    return rows


def _plain(value: object) -> object:
    if isinstance(value, str):
        return " ".join(value.split())
    return value


def _id_of(choices: Iterable[Choice], name: str) -> int | None:
    return next((one.id for one in choices if one.name == name), None) if name else None
