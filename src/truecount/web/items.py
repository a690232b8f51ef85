"""ConnectWise products: their details as they stand in the PSA now, editing them there, and adding a new one."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from truecount.core.errors import ErrorCode, Misused, Refused, Stale, Trouble
from truecount.core.items import LONGEST, differing, table_of
from truecount.core.model import CatalogItem as PsaItem
from truecount.core.ports import ItemEdit, SetupTables
from truecount.core.roles import Action
from truecount.runs import advice, clock, configure, items
from truecount.store.models import CatalogItem, Integration, Managed, ProductMappingCode, VendorProduct
from truecount.web.belongings import integration_of
from truecount.web.dialogs import dialog
from truecount.web.figures import money
from truecount.web.item_form import LABELS, REFERENCES, ItemForm, NewItemForm, class_name, edit_of, initial_of
from truecount.web.request import Request
from truecount.web.rights import needs
from truecount.web.rule_form import in_words
from truecount.web.usage_sync import back
from truecount.web.words import Words

_SHOWN = "was-"
"""Before the names of the fields that say how an item was when it was shown."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Fact:
    """One line of an item's details; `before` where it changed since the form was shown."""

    title: Words
    value: object
    before: object = ""


# --- details --------------------------------------------------------------------------------------


@needs(Action.LOOK)
def details(request: Request, slug: str, item: int) -> HttpResponse:
    """As they stand in ConnectWise now; where it can't be asked, as they were read last."""
    integration = integration_of(request, slug)
    kept = get_object_or_404(CatalogItem, integration=integration, psa_id=item)
    fresh, note = None, None
    try:
        fresh = items.read_item(integration, item, by=request.user)
    except Trouble as trouble:
        note = advice.error_text(str(trouble.code), trouble.fields)
    context = {
        "item": fresh or kept,
        "number": item,
        "fresh": fresh,
        "note": note,
        "facts": _facts(fresh) if fresh else _kept_facts(kept),
        "uses": _uses(integration, item),
        "rule": in_words(*configure.rule_of(integration, item)),
        "agreements": Managed.objects.filter(integration=integration, item=item).values("agreement").distinct().count(),
    }
    return dialog(request, "web/item.html", context)


def _facts(item: PsaItem) -> list[Fact]:
    shown: dict[str, object] = {name: getattr(item, name) for name in LABELS}
    shown |= {"item_class": class_name(item.item_class), "price": money(item.price), "cost": money(item.cost)}
    return [Fact(title=title, value=shown[name]) for name, title in LABELS.items()]


def _kept_facts(item: CatalogItem) -> list[Fact]:
    names = ("identifier", "description", "category", "item_class", "price", "vendor_sku")
    shown = {name: getattr(item, name) for name in names} | {"price": money(item.price)}
    return [Fact(title=LABELS[name], value=shown[name]) for name in names]


def _uses(integration: Integration, item: int) -> list[VendorProduct]:
    codes = ProductMappingCode.objects.filter(mapping__integration=integration, mapping__item=item).values("code")
    return list(VendorProduct.objects.filter(integration=integration, code__in=codes).order_by("name"))


# --- editing --------------------------------------------------------------------------------------


@needs(Action.EDIT_ITEM)
@require_http_methods(["GET", "POST"])
def edit(request: Request, slug: str, item: int) -> HttpResponse:
    integration = integration_of(request, slug)
    kept = get_object_or_404(CatalogItem, integration=integration, psa_id=item)
    try:
        reading = items.read_to_edit(integration, item, by=request.user)
    except Trouble as trouble:
        note = advice.error_text(str(trouble.code), trouble.fields)
        context = {"item": kept, "number": item, "note": note}
        return dialog(request, "web/item_edit.html", context, _status(trouble, request))
    if request.method != "POST":
        form = ItemForm(reading.setup, item=reading.item, initial=initial_of(reading.values))
        return _editing(request, reading, form)
    return _edit(request, integration, reading)


def _edit(request: Request, integration: Integration, reading: items.Reading) -> HttpResponse:
    form = ItemForm(reading.setup, request.POST, item=reading.item)
    shown, seen = _shown(request.POST), request.POST.get("seen", "")
    if not form.is_valid():
        return _editing(request, reading, form, shown=shown, seen=seen, status=422)
    wanted = form.edit
    try:
        sent = items.edit_item(
            integration, reading.item.id, shown=shown, wanted=wanted, seen=seen, by=request.user, now=clock.now()
        )
    except Stale as stale:
        return _changed_meanwhile(request, integration, reading, stale, wanted=wanted, shown=shown)
    except Refused as refused:
        _add_refusals(form, refused)
        return _editing(request, reading, form, shown=shown, seen=seen, status=422)
    except Trouble as trouble:
        note = advice.error_text(str(trouble.code), trouble.fields)
        return _editing(request, reading, form, shown=shown, seen=seen, note=note, status=_status(trouble, request))
    told = (
        _("%(item)s is changed in ConnectWise PSA.")
        if sent
        else _("%(item)s was not changed: all is as it stands there.")
    )
    messages.success(request, told % {"item": wanted.identifier or reading.item.identifier})
    return back(request, integration)


def _changed_meanwhile(
    request: Request,
    integration: Integration,
    reading: items.Reading,
    stale: Stale,
    *,
    wanted: ItemEdit,
    shown: ItemEdit,
) -> HttpResponse:
    """What somebody else changed is shown, and stays; what was typed here stays in its fields."""
    reading = items.read_to_edit(integration, reading.item.id, by=request.user)
    now = reading.values
    typed = differing(wanted, shown)
    merged = replace(now, **{name: getattr(wanted, name) for name in typed})
    form = ItemForm(reading.setup, item=reading.item, initial=initial_of(merged))
    news = [
        Fact(
            title=LABELS[name],
            value=_said(getattr(now, name), name, reading.setup),
            before=_said(getattr(shown, name), name, reading.setup),
        )
        for name in differing(now, shown)
    ]
    note = advice.error_text(str(stale.code), stale.fields)
    return _editing(request, reading, form, note=note, news=news, status=409)


def _editing(
    request: Request,
    reading: items.Reading,
    form: ItemForm,
    *,
    shown: ItemEdit | None = None,
    seen: str | None = None,
    note: advice.Text | None = None,
    news: list[Fact] | None = None,
    status: int = 200,
) -> HttpResponse:
    context = {
        "item": reading.item,
        "number": reading.item.id,
        "form": form,
        "shown": _hidden(shown or reading.values),
        "seen": reading.item.updated if seen is None else seen,
        "note": note,
        "news": news or [],
    }
    return dialog(request, "web/item_edit.html", context, status)


def _hidden(shown: ItemEdit) -> dict[str, str]:
    """For `_shown`: plain texts, whatever the reader's language."""
    return {f"{_SHOWN}{name}": str(value) for name, value in initial_of(shown).items()}


def _shown(given: Mapping[str, str]) -> ItemEdit:
    """How the item was when its form was shown; what can't be read differs from everything."""
    told: dict[str, Any] = {name[len(_SHOWN) :]: text for name, text in given.items() if name.startswith(_SHOWN)}
    for name in ("taxable", "recurring"):
        told[name] = told.get(name) == "True"
    for name in ("price", "cost"):
        told[name] = _decimal(told.get(name, ""))
    for name in REFERENCES:
        told[name] = told.get(name) if str(told.get(name, "")).isdecimal() else None
    return edit_of(told)


def _decimal(text: str) -> Decimal:
    whole, _dot, part = text.partition(".")
    return Decimal(text) if (whole + part).isdecimal() else Decimal(-1)


def _said(value: object, name: str, setup: SetupTables) -> object:
    """A reference by its name."""
    rows = table_of(setup, name) if name in REFERENCES else ()
    return next((one.name for one in rows if one.id == value), value)


# --- adding ---------------------------------------------------------------------------------------


@needs(Action.EDIT_ITEM)
@require_http_methods(["GET", "POST"])
def add(request: Request, slug: str) -> HttpResponse:
    """Add products to PSA: filled in from the Sophos product and from what was used last."""
    integration = integration_of(request, slug)
    products = list(VendorProduct.objects.filter(integration=integration).order_by("name", "code"))
    try:
        setup = items.read_setup(integration, by=request.user)
    except Trouble as trouble:
        note = advice.error_text(str(trouble.code), trouble.fields)
        return dialog(request, "web/item_add.html", {"note": note}, _status(trouble, request))
    mapped = set(ProductMappingCode.objects.filter(mapping__integration=integration).values_list("code", flat=True))
    if request.method != "POST":
        preset = _preset(request, integration, products, setup)
        return _adding(request, NewItemForm(setup, products, mapped, initial=preset))
    form = NewItemForm(setup, products, mapped, request.POST)
    return _add(request, integration, form) if form.is_valid() else _adding(request, form, status=422)


def _add(request: Request, integration: Integration, form: NewItemForm) -> HttpResponse:
    code = form.cleaned_data["product"]
    sku = code if len(code) <= LONGEST["vendor_sku"] else None
    wanted = replace(form.edit, vendor_sku=sku)
    try:
        item = items.create_item(integration, code, wanted, by=request.user, now=clock.now())
    except Refused as refused:
        _add_refusals(form, refused)
        return _adding(request, form, status=422)
    except Misused as wrong:
        if wrong.code is ErrorCode.NOT_ALLOWED:
            raise
        text = advice.error_text(str(wrong.code), wrong.fields)
        place = str(wrong.fields.get("field", ""))
        form.add_error(place if place in form.fields else None, f"{text.sentence} {text.advice}")
        return _adding(request, form, status=422)
    except Trouble as trouble:
        note = advice.error_text(str(trouble.code), trouble.fields)
        return _adding(request, form, note=note, status=_status(trouble, request))
    name = form.names[code]
    messages.success(
        request,
        _("%(item)s is in ConnectWise PSA, and “%(product)s” is billed as it.")
        % {"item": item.identifier, "product": name},
    )
    return back(request, integration)


def _adding(request: Request, form: NewItemForm, *, note: advice.Text | None = None, status: int = 200) -> HttpResponse:
    return dialog(request, "web/item_add.html", {"form": form, "note": note, "of": _template_of(form)}, status)


def _template_of(form: NewItemForm) -> str:
    """The Sophos product whose name the texts were filled in from."""
    return str(form["product"].value() or "")


def _preset(
    request: Request, integration: Integration, products: list[VendorProduct], setup: SetupTables
) -> dict[str, Any]:
    """From the product's name and code, the newest item made here, and the defaults of the setup tables; what was
    typed before another product was chosen stays."""
    by_code = {row.code: row for row in products}
    chosen, before = by_code.get(request.GET.get("product", "")), by_code.get(request.GET.get("of", ""))
    filled = _usual(integration, setup) | _texts(chosen)
    texts = _texts(before)
    typed = {name: text for name, text in request.GET.items() if name in NewItemForm.base_fields and name != "product"}
    if typed:
        for name in ("taxable", "recurring"):
            typed[name] = request.GET.get(name, "")
    return filled | {name: text for name, text in typed.items() if text != texts.get(name)}


def _texts(product: VendorProduct | None) -> dict[str, Any]:
    if product is None:
        return {"identifier": "", "description": "", "customer_description": ""}
    return {
        "product": product.code,
        "identifier": product.code[: LONGEST["identifier"]],
        "description": product.name[: LONGEST["description"]].strip(),
        "customer_description": product.name,
    }


def _usual(integration: Integration, setup: SetupTables) -> dict[str, Any]:
    """What the newest item made from here has, else the defaults; recurring, because usage is billed every month."""
    last = items.last_filled_in(integration)
    usual: dict[str, Any] = {"item_class": "Service", "recurring": True}
    usual |= {name: last[name] for name in ("item_class", "taxable", "recurring") if name in last}
    for name in REFERENCES:
        rows = table_of(setup, name)
        known = {one.id for one in rows if one.active}
        default = next((one.id for one in rows if one.default and one.active), None)
        usual[name] = last.get(name) if last.get(name) in known else default
    return usual


# --- both -----------------------------------------------------------------------------------------


def _add_refusals(form: ItemForm, refused: Refused) -> None:
    errors = refused.fields.get("errors")
    if refused.code is ErrorCode.INVALID:
        form.add_refusals(errors if isinstance(errors, Mapping) else {}, str(refused.fields.get("message", "")))
        return
    text = advice.error_text(str(refused.code), refused.fields)
    form.add_error(None, f"{text.sentence} {text.advice}")


def _status(trouble: Trouble, request: Request) -> int:
    """A page that only says that ConnectWise does not answer is a page."""
    if trouble.code is ErrorCode.NOT_FOUND:
        return 404
    return 200 if request.method == "GET" else 424
