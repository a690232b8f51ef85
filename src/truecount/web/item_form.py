"""A ConnectWise product as a form: fields with ConnectWise's own lengths, choices from its setup tables."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import asdict
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from truecount.core.items import CLASSES, FIELDS, LARGEST_AMOUNT, LONGEST, table_of
from truecount.core.model import CatalogItem
from truecount.core.ports import Choice, ItemEdit, SetupTables
from truecount.store.models import VendorProduct
from truecount.web.numbers import Number

LABELS = {
    "identifier": _("Identifier"),
    "description": _("Description"),
    "customer_description": _("Customer description"),
    "category": _("Category"),
    "subcategory": _("Subcategory"),
    "type": pgettext_lazy("product", "Type"),
    "item_class": pgettext_lazy("product", "Class"),
    "unit": _("Unit of measure"),
    "price": _("Price"),
    "cost": _("Cost"),
    "taxable": _("Taxable"),
    "recurring": _("Recurring"),
    "billing_cycle": _("Billing cycle"),
    "vendor_sku": _("Vendor SKU"),
}
_NOT_MAPPED = pgettext_lazy("products", "Not mapped")
CLASS_NAMES = {"NonInventory": "Non-Inventory"}
"""As ConnectWise writes them; the others are written as they are sent."""
REFERENCES = ("category", "subcategory", "type", "unit", "billing_cycle")


def class_name(item_class: str) -> str:
    return CLASS_NAMES.get(item_class, item_class)


class ItemForm(forms.Form):
    """`item` is the present one where an item is edited: what the setup tables do not have is left as it is."""

    identifier = forms.CharField(label=LABELS["identifier"], max_length=LONGEST["identifier"])
    description = forms.CharField(label=LABELS["description"], max_length=LONGEST["description"])
    customer_description = forms.CharField(
        label=LABELS["customer_description"],
        max_length=LONGEST["customer_description"],
        help_text=_("What the customer reads on the invoice."),
        widget=forms.Textarea(attrs={"rows": 2}),
    )
    category = forms.ChoiceField(label=LABELS["category"], required=False)
    subcategory = forms.ChoiceField(label=LABELS["subcategory"])
    type = forms.ChoiceField(label=LABELS["type"])
    item_class = forms.ChoiceField(label=LABELS["item_class"])
    unit = forms.ChoiceField(label=LABELS["unit"], required=False)
    billing_cycle = forms.ChoiceField(label=LABELS["billing_cycle"], required=False)
    price = Number(label=LABELS["price"], max_value=LARGEST_AMOUNT)
    cost = Number(label=LABELS["cost"], required=False, max_value=LARGEST_AMOUNT)
    taxable = forms.BooleanField(label=LABELS["taxable"], required=False)
    recurring = forms.BooleanField(label=LABELS["recurring"], required=False)

    use_required_attribute = False

    def __init__(self, setup: SetupTables, *args: Any, item: CatalogItem | None = None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.setup, self.item = setup, item
        for name in REFERENCES:
            self._choice(name).choices = _choices(setup, name, getattr(item, name, ""))
            if item is not None:
                self.fields[name].required = False
        names = [*CLASSES, *([item.item_class] if item and item.item_class not in CLASSES else [])]
        self._choice("item_class").choices = [(name, class_name(name)) for name in names]
        for field in self.fields.values():
            if not isinstance(field, forms.BooleanField):
                field.widget.attrs["class"] = "input"

    def _choice(self, name: str) -> forms.ChoiceField:
        field = self.fields[name]
        assert isinstance(field, forms.ChoiceField)
        return field

    def clean(self) -> dict[str, Any]:
        given = super().clean() or {}
        has_cycle = self.item is not None and self.item.billing_cycle
        if given.get("recurring") and not given.get("billing_cycle") and not has_cycle:
            self.add_error("billing_cycle", _("A recurring product needs a billing cycle."))
        self._fit_category(given)
        return given

    def _fit_category(self, given: dict[str, Any]) -> None:
        """The category may be left out: the subcategory has one."""
        chosen = next((one for one in self.setup.subcategories if str(one.id) == given.get("subcategory")), None)
        if chosen is None or chosen.parent is None:
            return
        if not given.get("category"):
            given["category"] = str(chosen.parent)
        elif given["category"] != str(chosen.parent):
            self.add_error("subcategory", _("This subcategory belongs to another category."))

    def add_refusals(self, errors: Mapping[str, str], message: str) -> None:
        """What ConnectWise said no to, at its fields; what belongs to none stands above them."""
        for name, told in errors.items():
            place = name if name in self.fields else None
            self.add_error(place, _("ConnectWise PSA says: %(told)s") % {"told": told})
        if not errors:
            self.add_error(None, _("ConnectWise PSA says: %(told)s") % {"told": message})

    @property
    def edit(self) -> ItemEdit:
        """Of a valid form."""
        return edit_of(self.cleaned_data)


class NewItemForm(ItemForm):
    """With the Sophos product that the new item is for."""

    product = forms.ChoiceField(label=_("Sophos product"))
    field_order = ("product",)

    def __init__(
        self, setup: SetupTables, products: Iterable[VendorProduct], mapped: Collection[str], *args: Any, **kwargs: Any
    ) -> None:
        super().__init__(setup, *args, **kwargs)
        self.names = {row.code: row.name for row in products}
        named = [(code, f"{name} ({code})", code in mapped) for code, name in self.names.items()]
        waiting = [(code, name) for code, name, is_mapped in named if not is_mapped]
        taken = [(code, name) for code, name, is_mapped in named if is_mapped]
        groups = ((_NOT_MAPPED, waiting), (_("Mapped: will be billed as the new product instead"), taken))
        self._choice("product").choices = [("", "–"), *((title, rows) for title, rows in groups if rows)]


def edit_of(given: Mapping[str, Any]) -> ItemEdit:
    """Cleaned values as they are sent; an empty choice leaves a field alone."""
    values: dict[str, Any] = {name: given.get(name) for name in FIELDS}
    for name in REFERENCES:
        values[name] = int(values[name]) if values[name] else None
    return ItemEdit(**values)


def initial_of(edit: ItemEdit) -> dict[str, Any]:
    return {name: value for name, value in asdict(edit).items() if value is not None}


def _choices(setup: SetupTables, name: str, present: str) -> list[Any]:
    """Subcategories stand under their categories; an inactive row is offered only where it is the present one."""
    rows = [one for one in table_of(setup, name) if one.active or one.name == present]
    known = any(one.name == present for one in rows)
    first = ("", present if present and not known else "–")
    if name != "subcategory":
        return [first, *((str(one.id), one.name) for one in rows)]
    return [
        first,
        *((category.name, _inside(rows, category)) for category in setup.categories if _inside(rows, category)),
        *_inside(rows, None),
    ]


def _inside(rows: Iterable[Choice], category: Choice | None) -> list[tuple[str, str]]:
    return [(str(one.id), one.name) for one in rows if one.parent == (category.id if category else None)]
