"""Mapping and switching vendor products: bundles, several items, two people at once, the switch that goes by itself."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from tests.store.rows import NOW, integration
from truecount.core.errors import ErrorCode, Misused, Stale
from truecount.core.model import Combine, Rule, WhereNone
from truecount.runs import configure, labels
from truecount.store.models import AuditEvent, CatalogItem, Integration, VendorProduct

ONE, TWO, THREE = 11, 12, 13
RULE = Rule(combine=Combine.MAX, multiply=Decimal(2))


@pytest.fixture
def where(db: None) -> Integration:
    where = integration()
    for code in ("A", "B", "C"):
        VendorProduct.objects.create(integration=where, code=code, name=f"Product {code}", seen_at=NOW)
    for item in (ONE, TWO, THREE):
        CatalogItem.objects.create(integration=where, psa_id=item, identifier=f"ITEM-{item}", description="")
    return where


def map_(where: Integration, code: str, item: int, **more: Any) -> None:
    configure.map_product(where, code, item, by=None, now=NOW, **more)


def sync_of(code: str) -> tuple[bool, str]:
    row = VendorProduct.objects.get(code=code)
    return row.sync, row.switched_off_by


def test_a_mapping_takes_the_product_away_from_any_other(where: Integration) -> None:
    map_(where, "A", ONE)
    map_(where, "A", TWO)
    assert configure.items_of(where, "A") == [TWO]


def test_one_product_on_several_items(where: Integration) -> None:
    map_(where, "A", ONE)
    map_(where, "A", TWO, replacing=())
    assert configure.items_of(where, "A") == [ONE, TWO]
    map_(where, "A", THREE, replacing=(TWO,))
    assert configure.items_of(where, "A") == [ONE, THREE]


def test_several_products_on_one_item_share_its_rule(where: Integration) -> None:
    map_(where, "A", ONE, rule=RULE, where_none=WhereNone.ADOPT_ONLY)
    map_(where, "B", ONE)
    assert configure.rule_of(where, ONE) == (RULE, WhereNone.ADOPT_ONLY)
    map_(where, "B", ONE, rule=Rule())
    assert configure.rule_of(where, ONE) == (Rule(), WhereNone.ADOPT_ONLY)


def test_the_same_mapping_again_is_no_act(where: Integration) -> None:
    map_(where, "A", ONE, rule=RULE)
    map_(where, "A", ONE, rule=RULE)
    assert AuditEvent.objects.filter(action="map_product").count() == 1


def test_a_mapping_that_changed_since_it_was_shown_is_left(where: Integration) -> None:
    map_(where, "A", ONE)
    shown = configure.Shown(items=(ONE,), item=ONE, rule=configure.rule_mark(*configure.rule_of(where, ONE)))
    map_(where, "A", TWO)
    with pytest.raises(Stale) as stale:
        map_(where, "A", THREE, shown=shown)
    assert stale.value.fields["mapping"] == "A"
    assert configure.items_of(where, "A") == [TWO]
    map_(where, "A", TWO, shown=shown)


def test_a_rule_that_changed_since_it_was_shown_is_left(where: Integration) -> None:
    map_(where, "A", ONE)
    shown = configure.Shown(items=(ONE,), item=ONE, rule=configure.rule_mark(*configure.rule_of(where, ONE)))
    map_(where, "B", ONE, rule=RULE)
    with pytest.raises(Stale):
        map_(where, "A", ONE, rule=Rule(multiply=Decimal(3)), shown=shown)
    assert configure.rule_of(where, ONE)[0] == RULE


def test_sync_goes_off_with_the_last_mapping_and_on_with_a_new_one(where: Integration) -> None:
    map_(where, "A", ONE)
    map_(where, "A", TWO, replacing=())
    configure.unmap_product(where, "A", item=ONE, by=None, now=NOW)
    assert (configure.items_of(where, "A"), sync_of("A")) == ([TWO], (True, ""))
    configure.unmap_product(where, "A", item=TWO, by=None, now=NOW)
    assert (configure.items_of(where, "A"), sync_of("A")) == ([], (False, "itself"))
    map_(where, "A", ONE)
    assert sync_of("A") == (True, "")


def test_a_switch_that_a_person_turned_off_stays_off_through_a_new_mapping(where: Integration) -> None:
    map_(where, "A", ONE)
    configure.switch_product(where, "A", False, by=None, now=NOW)
    map_(where, "A", TWO)
    assert sync_of("A") == (False, "person")


def test_where_the_item_was_lost_only_a_new_mapping_turns_it_on(where: Integration) -> None:
    map_(where, "A", ONE)
    CatalogItem.objects.filter(psa_id=ONE).update(active=False)
    labels.turn_off_lost(where, NOW)
    CatalogItem.objects.filter(psa_id=ONE).update(active=True)
    with pytest.raises(Misused) as refused:
        configure.switch_product(where, "A", True, by=None, now=NOW)
    assert refused.value.code is ErrorCode.NOT_MAPPED
    map_(where, "A", ONE)
    assert sync_of("A") == (True, "")


def test_switches_are_saved_all_or_none(where: Integration) -> None:
    map_(where, "A", ONE)
    with pytest.raises(Misused) as refused:
        configure.switch_products(where, {"A": False, "B": True}, {"A": True, "B": False}, by=None, now=NOW)
    assert refused.value.fields["product"] == "B"
    assert sync_of("A") == (True, "")


def test_a_stale_page_switches_only_what_was_moved_on_it(where: Integration) -> None:
    for code in ("A", "B", "C"):
        map_(where, code, ONE)
    shown = {"A": True, "B": True, "C": True}
    configure.switch_product(where, "B", False, by=None, now=NOW)
    done = configure.switch_products(where, {"A": False, "B": True, "C": True}, shown, by=None, now=NOW)
    assert (done.turned, done.meanwhile) == (["A"], ["B"])
    assert [sync_of(code)[0] for code in "ABC"] == [False, False, True]
