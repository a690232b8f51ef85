"""Map Sophos product to ConnectWise product: choosing the item and its quantity rule, and removing the mapping."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from django.contrib import messages
from django.http import HttpResponse, QueryDict
from django.shortcuts import get_object_or_404
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods

from truecount.core.errors import ErrorCode, Misused, Stale, Trouble
from truecount.core.model import Rule, WhereNone
from truecount.core.roles import Action
from truecount.runs import advice, clock, configure, items
from truecount.store.models import Integration, ProductMappingCode, VendorProduct
from truecount.web.belongings import integration_of
from truecount.web.dialogs import dialog
from truecount.web.item_choices import Choices, choices_of, named_item
from truecount.web.product_rows import targets_of
from truecount.web.request import Request
from truecount.web.rights import needs
from truecount.web.rule_form import RuleForm, initial_of
from truecount.web.rule_preview import Look, look_at
from truecount.web.usage_sync import back

_ABOUT_ITEM = frozenset({ErrorCode.BUNDLE_ITEM, ErrorCode.INACTIVE_ITEM, ErrorCode.UNKNOWN_ITEM, ErrorCode.BAD_VALUE})


@dataclass(slots=True, kw_only=True)
class Asked:
    """What the dialog was asked for and what was typed into it; `of` is the item whose mapping is changed."""

    integration: Integration
    product: VendorProduct
    present: list[int]
    of: int | None
    also: bool
    text: str
    item: int | None
    form: RuleForm | None = None
    error: str = ""
    note: advice.Text | None = None
    told: str = ""
    rule_item: int | None = field(default=None)


@needs(Action.MAP)
@require_http_methods(["GET", "POST"])
def mapping(request: Request, slug: str) -> HttpResponse:
    """The dialog, and the parts of it that follow what is typed and chosen."""
    asked = _asked(request, integration_of(request, slug))
    if request.method != "POST":
        return _shown(request, asked)
    if request.POST.get("act") == "search":
        return _search(request, asked)
    return _shown(request, asked) if request.POST.get("act") in ("find", "preview") else _apply(request, asked)


@needs(Action.MAP)
@require_http_methods(["GET", "POST"])
def unmapping(request: Request, slug: str) -> HttpResponse:
    """Remove a mapping, after asking; twice is the same as once."""
    integration = integration_of(request, slug)
    product = _product(request, integration)
    item = _whole(request.GET.get("item"))
    targets = targets_of(integration, product.code).get(product.code, [])
    target = next((one for one in targets if one.number == item), None)
    if request.method != "POST":
        context = {"product": product, "target": target, "last": len(targets) < 2}
        return dialog(request, "web/product_unmapping.html", context)
    if target is None:
        messages.info(request, _("This mapping was removed already."))
    else:
        configure.unmap_product(integration, product.code, item=item, by=request.user, now=clock.now())
        told = _("“%(product)s” is no longer billed as %(item)s.")
        messages.success(request, told % {"product": product.name, "item": target.name})
    return back(request, integration)


# --- what is asked --------------------------------------------------------------------------------


def _asked(request: Request, integration: Integration) -> Asked:
    product = _product(request, integration)
    present = configure.items_of(integration, product.code)
    also = request.GET.get("also") == "1"
    of = _whole(request.GET.get("of"))
    if not also and of not in present:
        of = present[0] if len(present) == 1 else None
    given = request.POST if request.method == "POST" else request.GET
    return Asked(
        integration=integration,
        product=product,
        present=present,
        of=None if also else of,
        also=also,
        text=given.get("q", "").replace("\0", "").strip()[:200],
        item=_whole(given.get("item")) if "item" in given else (None if also else of),
    )


def _product(request: Request, integration: Integration) -> VendorProduct:
    return get_object_or_404(
        VendorProduct, integration=integration, code=request.GET.get("product", "").replace("\0", "")
    )


def _whole(text: str | None) -> int | None:
    return int(text) if text and text.isdecimal() and len(text) < 10 else None


# --- what is done ---------------------------------------------------------------------------------


def _search(request: Request, asked: Asked) -> HttpResponse:
    try:
        found = items.search_items(asked.integration, asked.text, by=request.user)
    except Trouble as trouble:
        if trouble.code is ErrorCode.BAD_VALUE:
            asked.error = _("Type at least two characters.")
        else:
            asked.note = advice.error_text(str(trouble.code), trouble.fields)
        return _shown(request, asked, 422)
    told = ngettext(
        "ConnectWise PSA has %(count)d such product.", "ConnectWise PSA has %(count)d such products.", len(found)
    )
    asked.told = told % {"count": len(found)}
    return _shown(request, asked)


def _apply(request: Request, asked: Asked) -> HttpResponse:
    asked.form = RuleForm(request.POST)
    if asked.item is None and len(asked.text) >= items.LEAST_LETTERS:
        named = named_item(asked.integration, asked.text)
        asked.item = named.psa_id if named else None
    asked.error = _wrong_choice(asked)
    if asked.error or not asked.form.is_valid():
        return _shown(request, asked, 422)
    try:
        applied = _map(request, asked, asked.form)
    except Stale as stale:
        asked.note = advice.error_text(str(stale.code), stale.fields)
        asked.present = configure.items_of(asked.integration, asked.product.code)
        return _shown(request, asked, 409)
    except Misused as refused:
        if refused.code not in _ABOUT_ITEM:
            raise
        text = advice.error_text(str(refused.code), refused.fields)
        asked.error = f"{text.sentence} {text.advice}"
        return _shown(request, asked, 422)
    return applied or _shown(request, asked, 409)


def _wrong_choice(asked: Asked) -> str:
    if asked.item is None and 0 < len(asked.text) < items.LEAST_LETTERS:
        return _("Type at least two characters.")
    if asked.item is None:
        return _("Choose a ConnectWise product from the list, or type its whole name.")
    if asked.also and asked.item in asked.present:
        return _("It is billed as this product already. Choose another one.")
    return ""


def _map(request: Request, asked: Asked, form: RuleForm) -> HttpResponse | None:
    """None where the chosen item has a rule of its own that was not on the form while it was changed."""
    rule, where_none = form.rule, form.chosen_where_none
    own_rule = configure.rule_of(asked.integration, asked.item)
    shown_rule, rule_item = request.POST.get("shown_rule", ""), _whole(request.POST.get("rule_item"))
    on_form = rule_item == asked.item
    feeds = ProductMappingCode.objects.filter(mapping__integration=asked.integration, mapping__item=asked.item or 0)
    if not on_form and feeds.exists():
        if configure.rule_mark(rule, where_none) != shown_rule and (rule, where_none) != own_rule:
            asked.form = None
            asked.note = advice.Text(
                _("This product has a rule already"),
                _("Other Sophos products are billed as it, by the rule that is shown now."),
                _("Check the rule, then click Apply again."),
            )
            return None
        rule, where_none = own_rule
    shown = configure.Shown(
        items=tuple(_numbers(request.POST, "shown")), item=asked.item if on_form else None, rule=shown_rule
    )
    replacing = () if asked.also else (asked.of,) if asked.of is not None else None
    configure.map_product(
        asked.integration,
        asked.product.code,
        asked.item or 0,
        replacing=replacing,
        rule=rule,
        where_none=where_none,
        shown=shown,
        by=request.user,
        now=clock.now(),
    )
    targets = targets_of(asked.integration, asked.product.code)[asked.product.code]
    name = next(target.name for target in targets if target.number == asked.item)
    messages.success(request, _("“%(product)s” is billed as %(item)s.") % {"product": asked.product.name, "item": name})
    return back(request, asked.integration)


def _numbers(given: QueryDict, name: str) -> list[int]:
    return sorted(number for text in given.getlist(name) if (number := _whole(text)) is not None)


# --- what is shown --------------------------------------------------------------------------------


def _shown(request: Request, asked: Asked, status: int = 200) -> HttpResponse:
    rule, where_none = configure.rule_of(asked.integration, asked.item)
    others = _others(asked)
    form = asked.form
    if form is None:
        form = RuleForm(initial=initial_of(rule, where_none) | _typed(request, asked, has_rule=bool(others)))
    context: dict[str, Any] = {
        "product": asked.product,
        "targets": targets_of(asked.integration, asked.product.code).get(asked.product.code, []),
        "of": asked.of,
        "also": asked.also,
        "address": request.get_full_path() if request.method == "POST" else _address(request),
        "text": asked.text,
        "item": asked.item,
        "choices": _choices(request, asked),
        "form": form,
        "shown_rule": configure.rule_mark(rule, where_none),
        "present": asked.present,
        "others": others,
        "open": bool(others or form.errors) or (rule, where_none) != (Rule(), WhereNone.CREATE),
        "look": _look(request, asked),
        "loads": bool(request.htmx) and request.htmx.target == "rule",
        "error": asked.error,
        "note": asked.note,
        "told": asked.told,
    }
    return dialog(request, "web/product_mapping.html", context, status)


def _look(request: Request, asked: Asked) -> Look | None:
    """Only where it is asked for: a reading is large."""
    asks = request.htmx and request.htmx.target == "rule-preview"
    if asked.item is None or not (asks or request.POST.get("act") == "preview"):
        return None
    form = RuleForm(request.POST if request.method == "POST" else request.GET)
    codes = ProductMappingCode.objects.filter(mapping__integration=asked.integration, mapping__item=asked.item)
    fed = {*codes.values_list("code", flat=True), asked.product.code}
    return look_at(asked.integration, asked.item, form.rule, fed, by=request.user) if form.is_valid() else None


def _choices(request: Request, asked: Asked) -> Choices:
    """Nothing where only the rule was asked for: suggestions take a while in a large catalog."""
    if request.htmx and request.htmx.target in ("rule", "rule-preview"):
        return Choices(options=[])
    present = [asked.of] if asked.of is not None else []
    return choices_of(asked.integration, asked.product, asked.text, chosen=asked.item, present=present)


def _address(request: Request) -> str:
    """The dialog's own address, without what was typed."""
    kept = QueryDict(mutable=True)
    for name in ("product", "of", "also"):
        if name in request.GET:
            kept[name] = request.GET[name]
    return f"{request.path}?{kept.urlencode()}"


def _typed(request: Request, asked: Asked, *, has_rule: bool) -> dict[str, str]:
    """A rule that was typed goes with the choice, but not to a product that has a rule of its own."""
    given = request.POST if request.method == "POST" else request.GET
    if asked.note is not None or (has_rule and _whole(given.get("rule_item")) != asked.item):
        return {}
    return {name: given[name] for name in RuleForm.base_fields if name in given}


def _others(asked: Asked) -> list[str]:
    """Names of the other Sophos products that are billed as the chosen item."""
    codes = ProductMappingCode.objects.filter(mapping__integration=asked.integration, mapping__item=asked.item or 0)
    names = VendorProduct.objects.filter(integration=asked.integration, code__in=codes.values("code"))
    return list(names.exclude(code=asked.product.code).order_by("name").values_list("name", flat=True))
