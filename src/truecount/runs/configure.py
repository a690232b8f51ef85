"""What people decide about an integration: mappings, rules, exceptions, switches, policy. Refused, or kept whole."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

from django.db import transaction

from truecount.core import model
from truecount.core.errors import ErrorCode, Misused, Stale
from truecount.core.model import ByRule, Override, Rule, Share, WhereNone
from truecount.core.plan import plain
from truecount.core.roles import Action
from truecount.core.rules import PLAIN
from truecount.runs.audit import record, require
from truecount.runs.decisions import Fault, override_fault, refuse, rule_fault, split_fault, way_fault
from truecount.runs.transfer_document import json_of, override_told, rule_told
from truecount.runs.transfer_reasons import Why
from truecount.store.configurations import (
    load_customer_mapping,
    load_override,
    load_overrides,
    load_product_mapping,
    rule_kept,
    save_customer_mappings,
    save_overrides,
)
from truecount.store.labels import item_from
from truecount.store.models import (
    Agreement,
    CatalogItem,
    Company,
    Customer,
    Integration,
    Managed,
    ProductMapping,
    ProductMappingCode,
    User,
    VendorProduct,
)
from truecount.store.settings import check_setting, policy_mark


def _product(integration: Integration, code: str) -> VendorProduct:
    found = VendorProduct.objects.filter(integration=integration, code=code).first()
    if found is None:
        raise Misused(ErrorCode.UNKNOWN_PRODUCT, product=code)
    return found


def _customer(integration: Integration, vendor_id: str) -> Customer:
    found = Customer.objects.filter(integration=integration, vendor_id=vendor_id).first()
    if found is None:
        raise Misused(ErrorCode.UNKNOWN_CUSTOMER, customer=vendor_id)
    return found


def _item(integration: Integration, ident: int) -> CatalogItem:
    """An item that additions can be made of; refused with the reason otherwise."""
    found = CatalogItem.objects.filter(integration=integration, psa_id=ident, gone_since=None).first()
    if found is None:
        raise Misused(ErrorCode.UNKNOWN_ITEM, item=ident)
    if not item_from(found).billable:
        raise Misused(ErrorCode.BUNDLE_ITEM, item=ident, item_name=found.identifier)
    if not found.active:
        raise Misused(ErrorCode.INACTIVE_ITEM, item=ident, item_name=found.identifier)
    return found


def items_of(integration: Integration, code: str) -> list[int]:
    """The catalog items that a vendor product is mapped to."""
    rows = ProductMappingCode.objects.filter(mapping__integration=integration, code=code)
    return sorted(rows.values_list("mapping__item", flat=True))


def check_product(integration: Integration, code: str) -> None:
    """Refused where the vendor never reported it."""
    _product(integration, code)


@dataclass(frozen=True, slots=True, kw_only=True)
class Shown:
    """What a person had before the eyes when deciding: the product's items, and the rule of `item` by its mark."""

    items: tuple[int, ...]
    item: int | None = None
    rule: str = ""


def rule_of(integration: Integration, item: int | None) -> tuple[Rule, WhereNone]:
    """An item's rule, the plain one where nothing is mapped to it."""
    mapping = load_product_mapping(integration, item) if item is not None else None
    return (mapping.rule, mapping.where_none) if mapping else (PLAIN, WhereNone.CREATE)


def rule_mark(rule: Rule, where_none: WhereNone) -> str:
    """The same for equal rules: `multiply=2 create`."""
    return " ".join([*(f"{name}={told}" for name, told in rule_kept(rule).items()), str(where_none)])


@transaction.atomic
def map_product(
    integration: Integration,
    code: str,
    item: int,
    *,
    replacing: Collection[int] | None = None,
    sync: bool | None = None,
    rule: Rule | None = None,
    where_none: WhereNone | None = None,
    shown: Shown | None = None,
    by: User | None,
    now: datetime,
) -> None:
    """Map a vendor product to an item, away from any other or from those of `replacing` alone; Sync starts on unless
    a person had turned it off. `rule` and `where_none` are the item's, for all products that feed it; None keeps them.

    `Stale` where the mapping is no longer as it was `shown`, unless it is already as wanted.
    """
    require(by, Action.MAP)
    _lock(integration)
    product, _ = _product(integration, code), _item(integration, item)
    before = items_of(integration, code)
    left = [] if replacing is None else [one for one in before if one not in replacing and one != item]
    old = rule_of(integration, item)
    new = (old[0] if rule is None else rule, old[1] if where_none is None else where_none)
    refuse(rule_fault(new[0]))
    on = sync if sync is not None else product.sync or product.switched_off_by != "person"
    if sync is None and (before, old, product.sync) == (sorted([*left, item]), new, on):
        return
    _check_shown(integration, product, shown, before)
    _leave_items(integration, code, [one for one in before if one != item and one not in left], by, now)
    mapping, _made = ProductMapping.objects.get_or_create(integration=integration, item=item)
    ProductMappingCode.objects.get_or_create(mapping=mapping, code=code)
    _record_items(integration, code, before, by, now)
    _keep_rule(mapping, old, new, by, now)
    if sync is not None or on != product.sync:
        _set_sync(product, on)


@transaction.atomic
def unmap_product(
    integration: Integration, code: str, item: int | None = None, *, by: User | None, now: datetime
) -> None:
    """Remove a vendor product's mapping to one item, or to all; with the last one its Sync goes off by itself."""
    require(by, Action.MAP)
    _lock(integration)
    product = _product(integration, code)
    before = items_of(integration, code)
    if item is not None and item not in before:
        raise Misused(ErrorCode.NOT_MAPPED, product=code, product_name=product.name)
    _leave_items(integration, code, before if item is None else [item], by, now)
    if product.sync and not items_of(integration, code):
        product.sync, product.switched_off_by = False, "itself"
        product.save(update_fields=["sync", "switched_off_by"])
    _record_items(integration, code, before, by, now)


def _check_shown(integration: Integration, product: VendorProduct, shown: Shown | None, items: list[int]) -> None:
    if shown is None:
        return
    same_rule = shown.item is None or rule_mark(*rule_of(integration, shown.item)) == shown.rule
    if tuple(items) != shown.items or not same_rule:
        raise Stale(ErrorCode.EDITED_MEANWHILE, mapping=product.code, mapping_name=product.name)


def _lock(integration: Integration) -> None:
    """Two people who edit one mapping go one after the other."""
    Integration.objects.select_for_update(no_key=True).get(pk=integration.pk)


def _leave_items(integration: Integration, code: str, items: Sequence[int], by: User | None, now: datetime) -> None:
    """A mapping that no vendor product feeds any more goes, with its rule and the customers' exceptions to it."""
    ProductMappingCode.objects.filter(mapping__integration=integration, mapping__item__in=items, code=code).delete()
    empty = ProductMapping.objects.filter(integration=integration, item__in=items, codes=None)
    lost = list(empty.values_list("item", flat=True))
    for override in load_overrides(integration, items=lost):
        _drop_override(integration, override.customer, override.item, by, now)
    empty.delete()


def _record_items(integration: Integration, code: str, before: list[int], by: User | None, now: datetime) -> None:
    then, after = {"items": before}, {"items": items_of(integration, code)}
    record("map_product", code, by=by, now=now, integration=integration, before=then, after=after)


@transaction.atomic
def set_rule(
    integration: Integration, item: int, rule: Rule, where_none: WhereNone, *, by: User | None, now: datetime
) -> None:
    """The quantity rule of an item's mapping, and whether lines may be created where none stands."""
    require(by, Action.MAP)
    refuse(rule_fault(rule))
    mapping = _mapping(integration, item)
    _keep_rule(mapping, rule_of(integration, item), (rule, where_none), by, now)


def rule_in_use(integration: Integration, item: int) -> tuple[Rule, WhereNone]:
    """As `rule_of`, refused where no vendor product is mapped to the item."""
    _mapping(integration, item)
    return rule_of(integration, item)


def _keep_rule(
    mapping: ProductMapping, old: tuple[Rule, WhereNone], new: tuple[Rule, WhereNone], by: User | None, now: datetime
) -> None:
    if old == new:
        return
    mapping.rule, mapping.where_none = rule_kept(new[0]), str(new[1])
    mapping.save(update_fields=["rule", "where_none"])
    before, after = (json_of(rule_told(*one)) for one in (old, new))
    where = mapping.integration
    record("map_rule", str(mapping.item), by=by, now=now, integration=where, before=before, after=after)


def _mapping(integration: Integration, item: int) -> ProductMapping:
    found = ProductMapping.objects.filter(integration=integration, item=item).first()
    if found is None:
        label = CatalogItem.objects.filter(integration=integration, psa_id=item).first()
        if label is None:
            raise Misused(ErrorCode.UNKNOWN_ITEM, item=item)
        raise Misused(ErrorCode.NOT_MAPPED, item=item, item_name=label.identifier)
    return found


@transaction.atomic
def map_override(integration: Integration, override: Override, *, by: User | None, now: datetime) -> None:
    """One customer's exception to the rule of an item, in place of any before."""
    require(by, Action.MAP)
    _customer(integration, override.customer)
    _mapping(integration, override.item)
    refuse(override_fault(override))
    before = _override_told(integration, override.customer, override.item)
    save_overrides(integration, {(override.customer, override.item): override})
    _record_override(integration, override.customer, override.item, before, by, now)


@transaction.atomic
def drop_override(integration: Integration, vendor_id: str, item: int, *, by: User | None, now: datetime) -> None:
    """Let a customer be counted by an item's rule again; nothing happens where there is no exception."""
    require(by, Action.MAP)
    _customer(integration, vendor_id)
    _drop_override(integration, vendor_id, item, by, now)


def _drop_override(integration: Integration, vendor_id: str, item: int, by: User | None, now: datetime) -> None:
    before = _override_told(integration, vendor_id, item)
    save_overrides(integration, {(vendor_id, item): None})
    _record_override(integration, vendor_id, item, before, by, now)


def _override_told(integration: Integration, vendor_id: str, item: int) -> Any:
    """An exception as the audit trail keeps it."""
    override = load_override(integration, vendor_id, item)
    return None if override is None else json_of(override_told(override))


def _record_override(
    integration: Integration, vendor_id: str, item: int, before: Any, by: User | None, now: datetime
) -> None:
    after = _override_told(integration, vendor_id, item)
    if before != after:
        what = f"{vendor_id}, {item}"
        record("map_override", what, by=by, now=now, integration=integration, before=before, after=after)


def _set_sync(product: VendorProduct, on: bool) -> None:
    product.sync, product.switched_off_by = on, "" if on else "person"
    product.save(update_fields=["sync", "switched_off_by"])


@transaction.atomic
def switch_product(integration: Integration, code: str, on: bool, *, by: User | None, now: datetime) -> None:
    """The Sync switch; it can't be turned on without a mapping to an item that can be billed, and where it went off
    by itself, only a new mapping turns it on."""
    require(by, Action.SWITCH)
    product = _product(integration, code)
    if on:
        items = items_of(integration, code)
        if not items:
            raise Misused(ErrorCode.NOT_MAPPED, product=code, product_name=product.name)
        if product.switched_off_by == "itself":
            raise Misused(ErrorCode.NOT_MAPPED, product=code, product_name=product.name, lost=True)
        for item in items:
            _item(integration, item)
    if product.sync != on:
        before = product.sync
        _set_sync(product, on)
        record(
            "switch_product",
            code,
            by=by,
            now=now,
            integration=integration,
            before={"sync": before},
            after={"sync": on},
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Switched:
    """`turned` were switched now; `meanwhile` were switched by somebody else since they were shown, and left so."""

    turned: list[str]
    meanwhile: list[str]


@transaction.atomic
def switch_products(
    integration: Integration,
    wanted: Mapping[str, bool],
    shown: Mapping[str, bool],
    *,
    by: User | None,
    now: datetime,
) -> Switched:
    """All the switches that a person moved, or none. `shown` is how they stood when the person looked at them."""
    require(by, Action.SWITCH)
    _lock(integration)
    rows = VendorProduct.objects.filter(integration=integration, code__in=wanted)
    present = dict(rows.values_list("code", "sync"))
    turned = []
    for code, on in sorted(wanted.items()):
        if on != shown.get(code) and on != present.get(code):
            _switch_named(integration, code, on, by=by, now=now)
            turned.append(code)
    meanwhile = [code for code in sorted(present) if shown.get(code) not in (None, present[code])]
    return Switched(turned=turned, meanwhile=[code for code in meanwhile if present[code] != wanted[code]])


def _switch_named(integration: Integration, code: str, on: bool, *, by: User | None, now: datetime) -> None:
    """A refusal names the product, too."""
    try:
        switch_product(integration, code, on, by=by, now=now)
    except Misused as wrong:
        fields: dict[str, Any] = {**wrong.fields, "product": code}
        raise Misused(wrong.code, **fields) from None


@transaction.atomic
def map_customer(
    integration: Integration,
    vendor_id: str,
    company: int,
    shares: Sequence[Share] = (),
    *,
    by_rule: ByRule | None = None,
    pattern: str = "",
    by: User | None,
    now: datetime,
) -> None:
    """Map a customer to a company and its agreements, named or found by a rule, in place of any mapping before.

    An agreement that the mapping named before may stay, even where it has moved to another company since.
    """
    require(by, Action.MAP)
    customer, home = _customer(integration, vendor_id), _company(integration, company)
    refuse(split_fault(shares, customer.name))
    refuse(way_fault(shares, by_rule, pattern))
    standing = load_customer_mapping(integration, vendor_id)
    kept = standing.shares if standing and standing.company == company else ()
    for share in shares:
        _check_agreement(
            integration, share.agreement, home, stands=any(one.agreement == share.agreement for one in kept)
        )
    before = mapping_told(integration, vendor_id)
    mapping = model.CustomerMapping(
        customer=vendor_id, company=company, shares=tuple(shares), by_rule=by_rule, pattern=pattern
    )
    save_customer_mappings(integration, {vendor_id: mapping})
    after = mapping_told(integration, vendor_id)
    record("map_customer", vendor_id, by=by, now=now, integration=integration, before=before, after=after)


def _company(integration: Integration, ident: int) -> Company:
    found = Company.objects.filter(integration=integration, psa_id=ident, gone_since=None).first()
    if found is None:
        raise Misused(ErrorCode.UNKNOWN_COMPANY, company=ident)
    return found


def _check_agreement(integration: Integration, ident: int, home: Company, *, stands: bool) -> None:
    found = Agreement.objects.filter(integration=integration, psa_id=ident, gone_since=None).first()
    if found is None:
        raise Misused(ErrorCode.UNKNOWN_AGREEMENT, agreement=ident)
    if found.company != home.psa_id and not stands:
        told: dict[str, object] = {"agreement_name": found.name, "company": home.psa_id, "company_name": home.name}
        raise Misused(ErrorCode.UNKNOWN_AGREEMENT, agreement=ident, **told)


@transaction.atomic
def unmap_customer(integration: Integration, vendor_id: str, *, by: User | None, now: datetime) -> None:
    require(by, Action.MAP)
    _customer(integration, vendor_id)
    before = mapping_told(integration, vendor_id)
    save_customer_mappings(integration, {vendor_id: None})
    record("map_customer", vendor_id, by=by, now=now, integration=integration, before=before, after=None)


def mapping_told(integration: Integration, vendor_id: str) -> dict[str, Any] | None:
    """A customer mapping as the audit trail keeps it."""
    mapping = load_customer_mapping(integration, vendor_id)
    if mapping is None:
        return None
    shares = [
        {"agreement": share.agreement, "percent": _text(share.percent), "first": _text(share.first)}
        for share in mapping.shares
    ]
    by_rule = str(mapping.by_rule or "")
    return {"company": mapping.company, "shares": shares, "by_rule": by_rule, "pattern": mapping.pattern}


def _text(value: Decimal | None) -> str | None:
    return None if value is None else plain(value)


@transaction.atomic
def switch_customer(integration: Integration, vendor_id: str, on: bool, *, by: User | None, now: datetime) -> None:
    """The Usage sync switch."""
    require(by, Action.SWITCH)
    customer = _customer(integration, vendor_id)
    if customer.sync != on:
        customer.sync = on
        customer.save(update_fields=["sync"])
        record(
            "switch_customer",
            vendor_id,
            by=by,
            now=now,
            integration=integration,
            before={"sync": not on},
            after={"sync": on},
        )


@transaction.atomic
def bill_anyway(integration: Integration, vendor_id: str, on: bool, *, by: User | None, now: datetime) -> None:
    """Bill a customer by usage although the vendor bills it otherwise, as a trial or for a term."""
    require(by, Action.MAP)
    customer = _customer(integration, vendor_id)
    if customer.bill_anyway != on:
        customer.bill_anyway = on
        customer.save(update_fields=["bill_anyway"])
        before, after = {"bill_anyway": not on}, {"bill_anyway": on}
        record("bill_anyway", vendor_id, by=by, now=now, integration=integration, before=before, after=after)


@transaction.atomic
def set_policy(
    integration: Integration, wanted: Mapping[str, str], *, by: User | None, now: datetime, seen: str | None = None
) -> None:
    """Change settings of the table in `store/settings.py`; all are checked before any is kept.

    `seen` is the mark of the policy that the person had before them: nothing is kept where it is another by now.
    """
    require(by, Action.SET_POLICY)
    checked = {name: check_setting(name, text) for name, text in wanted.items()}
    integration = Integration.objects.select_for_update().get(pk=integration.pk)
    if seen is not None and seen != policy_mark(integration.policy):
        raise Stale(ErrorCode.EDITED_MEANWHILE, settings=integration.slug)
    before = {name: integration.policy.get(name) for name in checked}
    integration.policy = integration.policy | checked
    integration.save(update_fields=["policy"])
    record("set_policy", integration.slug, by=by, now=now, integration=integration, before=before, after=checked)


@transaction.atomic
def bill_again(integration: Integration, agreement: int, item: int, *, by: User | None, now: datetime) -> None:
    """Let a line that somebody else ended be created anew."""
    require(by, Action.MAP)
    rows = Managed.objects.filter(integration=integration, agreement=agreement, item=item, cancelled_by_us=None)
    if not rows.exists():
        told = {"item": item, "agreement": agreement, "value": f"{agreement}/{item}"}
        refuse(Fault(name="agreement", why=Why.NOTHING_ENDED, fields=told))
    rows.update(bill_again=True)
    record("bill_again", f"{agreement}/{item}", by=by, now=now, integration=integration)
