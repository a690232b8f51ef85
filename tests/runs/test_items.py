"""ConnectWise products made and edited from here: once, only what changed, and never over somebody else's change."""

from __future__ import annotations

import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest
from django.db import connection

from tests.store.rows import NOW
from truecount.connectors.memory import MemoryPsa
from truecount.core.errors import ErrorCode, Misused, Refused, RetryLater, Stale
from truecount.core.items import as_edit, differing
from truecount.core.model import CatalogItem as CoreItem
from truecount.core.ports import ItemEdit
from truecount.core.roles import Role
from truecount.runs import configure, found, items
from truecount.runs.remote import Doors
from truecount.store.models import AuditEvent, CatalogItem, Connection, Integration, User, VendorProduct
from truecount.store.seals import check_key, seal

CODE = "NDR-MSP"
NEW = ItemEdit(
    identifier="NDR",
    description="Network detection",
    customer_description="Network detection, per user",
    category=1,
    subcategory=1,
    type=1,
    item_class="Service",
    unit=1,
    price=Decimal("3.20"),
    cost=Decimal("1.75"),
    taxable=True,
    recurring=True,
    billing_cycle=2,
)


@pytest.fixture
def psa() -> MemoryPsa:
    return MemoryPsa()


@pytest.fixture
def doors(psa: MemoryPsa) -> Doors:
    return Doors(psa=lambda *_given, **_more: psa)


@pytest.fixture
def where(db: None) -> Integration:
    check_key(NOW)
    partner = found.create_partner("msp", by=None, now=NOW)
    where = found.create_integration(partner, "acme", by=None, now=NOW)
    Connection.objects.create(integration=where, side="psa", kind="memory", sealed=seal("none"), identity="memory/test")
    VendorProduct.objects.create(integration=where, code=CODE, name="Sophos NDR", seen_at=NOW)
    return where


@pytest.fixture
def by(where: Integration) -> User:
    return User.objects.create(email="op@msp.example", partner=where.partner, role=Role.OPERATOR, made_at=NOW)


def test_a_new_item_is_made_and_mapped_at_once(where: Integration, by: User, psa: MemoryPsa, doors: Doors) -> None:
    made = items.create_item(where, CODE, NEW, by=by, now=NOW, doors=doors)
    assert differing(NEW, as_edit(psa.items[made.id], psa.setup)) == []
    assert configure.items_of(where, CODE) == [made.id]
    assert VendorProduct.objects.get(code=CODE).sync
    assert CatalogItem.objects.get(psa_id=made.id).identifier == "NDR"
    assert items.last_filled_in(where)["subcategory"] == 1


def test_asked_for_twice_it_is_made_once(where: Integration, by: User, psa: MemoryPsa, doors: Doors) -> None:
    one = items.create_item(where, CODE, NEW, by=by, now=NOW, doors=doors)
    two = items.create_item(where, CODE, NEW, by=by, now=NOW, doors=doors)
    assert (one.id, psa.attempts, len(psa.items)) == (two.id, 1, 1)
    assert AuditEvent.objects.filter(action="create_item").count() == 1


@pytest.mark.django_db(transaction=True)
def test_two_clicks_at_one_moment_make_one(
    transactional_db: None, where: Integration, by: User, psa: MemoryPsa
) -> None:
    """The server may allow two items of one identifier, and be slow."""
    slow = SlowPsa(psa)
    doors = Doors(psa=lambda *_given, **_more: slow)

    def click() -> int:
        try:
            return items.create_item(where, CODE, NEW, by=by, now=NOW, doors=doors).id
        finally:
            connection.close()

    with ThreadPoolExecutor(2) as pool:
        clicks = [pool.submit(click) for _ in range(2)]
        assert {one.result() for one in clicks} == set(psa.items)
    assert (len(psa.items), psa.attempts) == (1, 1)


class SlowPsa:
    """Nobody else knows of a new item before its answer is there."""

    def __init__(self, psa: MemoryPsa) -> None:
        self._psa = psa

    def __getattr__(self, name: str) -> Any:
        return getattr(self._psa, name)

    def create_catalog_item(self, edit: ItemEdit) -> CoreItem:
        time.sleep(0.3)
        return self._psa.create_catalog_item(edit)


@pytest.mark.django_db(transaction=True)
def test_no_transaction_is_open_while_the_psa_answers_and_the_trail_has_what_is_asked_for(
    transactional_db: None, where: Integration, by: User, psa: MemoryPsa
) -> None:
    watching = WatchingPsa(psa)
    items.create_item(where, CODE, NEW, by=by, now=NOW, doors=Doors(psa=lambda *_given, **_more: watching))
    assert watching.seen == [("find", False, []), ("create", False, ["ask_item"])]
    assert acts() == ["ask_item", "create_item", "map_product"]


class WatchingPsa:
    """Notes whether a transaction is open, and what the trail says, whenever it is asked to find or create."""

    def __init__(self, psa: MemoryPsa) -> None:
        self._psa = psa
        self.seen: list[tuple[str, bool, list[str]]] = []

    def __getattr__(self, name: str) -> Any:
        return getattr(self._psa, name)

    def find_catalog_items(self, text: str) -> list[CoreItem]:
        self.seen.append(("find", connection.in_atomic_block, acts()))
        return list(self._psa.find_catalog_items(text))

    def create_catalog_item(self, edit: ItemEdit) -> CoreItem:
        self.seen.append(("create", connection.in_atomic_block, acts()))
        return self._psa.create_catalog_item(edit)


def acts() -> list[str]:
    made = ("ask_item", "create_item", "fail_item", "map_product")
    return list(AuditEvent.objects.filter(action__in=made).order_by("pk").values_list("action", flat=True))


class DyingPsa(WatchingPsa):
    """The process ends when the item is made, before its answer is there."""

    def create_catalog_item(self, edit: ItemEdit) -> CoreItem:
        super().create_catalog_item(edit)
        raise SystemExit


def test_what_ends_in_between_is_told_and_asking_again_goes_on(
    where: Integration, by: User, psa: MemoryPsa, doors: Doors
) -> None:
    dying = DyingPsa(psa)
    with pytest.raises(SystemExit):
        items.create_item(where, CODE, NEW, by=by, now=NOW, doors=Doors(psa=lambda *_given, **_more: dying))
    assert (acts(), configure.items_of(where, CODE)) == (["ask_item"], [])
    made = items.create_item(where, CODE, replace(NEW, identifier=" NDR"), by=by, now=NOW, doors=doors)
    assert (list(psa.items), psa.attempts) == ([made.id], 1)
    assert acts() == ["ask_item", "create_item", "map_product"]


def test_what_was_made_is_known_even_where_it_cannot_be_mapped(
    where: Integration, by: User, psa: MemoryPsa, doors: Doors
) -> None:
    """The product is gone when the answer comes."""
    dropping = DroppingPsa(psa)
    with pytest.raises(Misused) as refused:
        items.create_item(where, CODE, NEW, by=by, now=NOW, doors=Doors(psa=lambda *_given, **_more: dropping))
    assert refused.value.code is ErrorCode.UNKNOWN_PRODUCT
    assert (acts(), CatalogItem.objects.get().identifier) == (["ask_item", "create_item"], "NDR")


class DroppingPsa(WatchingPsa):
    def create_catalog_item(self, edit: ItemEdit) -> CoreItem:
        VendorProduct.objects.all().delete()
        return super().create_catalog_item(edit)


def test_an_item_that_was_there_before_is_mapped_and_not_told_as_made_here(
    where: Integration, by: User, psa: MemoryPsa, doors: Doors
) -> None:
    """Not even where it was asked for in vain before."""
    psa.fail_next("certain")
    with pytest.raises(RetryLater):
        items.create_item(where, CODE, NEW, by=by, now=NOW, doors=doors)
    psa.create_catalog_item(NEW)
    items.create_item(where, CODE, NEW, by=by, now=NOW, doors=doors)
    assert acts() == ["ask_item", "fail_item", "map_product"]


@pytest.mark.parametrize("failure", ["uncertain-done", "malformed"])
def test_a_lost_answer_is_looked_up(where: Integration, by: User, psa: MemoryPsa, doors: Doors, failure: str) -> None:
    psa.fail_next(failure)
    made = items.create_item(where, CODE, NEW, by=by, now=NOW, doors=doors)
    assert list(psa.items) == [made.id]
    assert configure.items_of(where, CODE) == [made.id]


@pytest.mark.parametrize("failure", ["uncertain-not-done", "certain", "unreachable"])
def test_what_was_not_made_is_said_and_can_be_sent_again(
    where: Integration, by: User, psa: MemoryPsa, doors: Doors, failure: str
) -> None:
    psa.fail_next(failure)
    with pytest.raises(RetryLater):
        items.create_item(where, CODE, NEW, by=by, now=NOW, doors=doors)
    assert (configure.items_of(where, CODE), psa.items) == ([], {})
    assert acts() == ["ask_item"] if failure == "uncertain-not-done" else ["ask_item", "fail_item"]
    items.create_item(where, CODE, NEW, by=by, now=NOW, doors=doors)
    assert len(psa.items) == 1


def test_another_item_has_the_identifier(where: Integration, by: User, psa: MemoryPsa, doors: Doors) -> None:
    psa.add_item("ndr")
    with pytest.raises(Misused) as refused:
        items.create_item(where, CODE, NEW, by=by, now=NOW, doors=doors)
    assert (refused.value.code, refused.value.fields["field"]) == (ErrorCode.NAME_TAKEN, "identifier")
    assert (psa.attempts, configure.items_of(where, CODE)) == (0, [])


@pytest.mark.parametrize(
    ("fields", "field"),
    [
        ({"description": "x" * 61}, "description"),
        ({"identifier": "x" * 76}, "identifier"),
        ({"subcategory": None}, "subcategory"),
        ({"type": None}, "type"),
        ({"billing_cycle": None}, "billing_cycle"),
    ],
)
def test_what_connectwise_would_refuse_is_not_sent(
    where: Integration, by: User, psa: MemoryPsa, doors: Doors, fields: dict[str, Any], field: str
) -> None:
    with pytest.raises(Misused) as refused:
        items.create_item(where, CODE, replace(NEW, **fields), by=by, now=NOW, doors=doors)
    assert refused.value.fields["field"] == field
    assert (psa.reads, psa.attempts) == (0, 0)


def edit(where: Integration, by: User, doors: Doors, shown: items.Reading, **fields: Any) -> list[str]:
    wanted = replace(shown.values, **fields)
    return items.edit_item(
        where, shown.item.id, shown=shown.values, wanted=wanted, seen=shown.item.updated, by=by, now=NOW, doors=doors
    )


@pytest.fixture
def shown(where: Integration, by: User, psa: MemoryPsa, doors: Doors) -> items.Reading:
    """An item as the form of a person shows it."""
    made = psa.create_catalog_item(NEW)
    psa.written.clear()
    psa.attempts = 0
    return items.read_to_edit(where, made.id, by=by, doors=doors)


def test_an_edit_sends_what_was_changed(
    where: Integration, by: User, psa: MemoryPsa, doors: Doors, shown: items.Reading
) -> None:
    assert edit(where, by, doors, shown, price=Decimal("3.5"), description="Network") == ["description", "price"]
    assert psa.items[shown.item.id].price == Decimal("3.5")
    told = AuditEvent.objects.get(action="edit_item")
    assert (told.before, told.after) == (
        {"description": "Network detection", "price": "3.2"},
        {"description": "Network", "price": "3.5"},
    )
    assert CatalogItem.objects.get(psa_id=shown.item.id).description == "Network"


def test_nothing_changed_nothing_sent(
    where: Integration, by: User, psa: MemoryPsa, doors: Doors, shown: items.Reading
) -> None:
    assert edit(where, by, doors, shown, customer_description="Network detection,\r\n per user") == []
    assert (psa.attempts, AuditEvent.objects.filter(action="edit_item").count()) == (0, 0)


def test_a_change_made_meanwhile_is_not_overwritten(
    where: Integration, by: User, psa: MemoryPsa, doors: Doors, shown: items.Reading
) -> None:
    psa.update_catalog_item(shown.item.id, ItemEdit(price=Decimal(9)), seen=shown.item.updated)
    with pytest.raises(Stale):
        edit(where, by, doors, shown, price=Decimal(4))
    assert psa.items[shown.item.id].price == Decimal(9)


def test_the_same_change_made_meanwhile_is_done(
    where: Integration, by: User, psa: MemoryPsa, doors: Doors, shown: items.Reading
) -> None:
    """A second click comes after the first."""
    assert edit(where, by, doors, shown, price=Decimal(4)) == ["price"]
    assert edit(where, by, doors, shown, price=Decimal(4)) == []
    assert psa.attempts == 1


@pytest.mark.parametrize(("failure", "done"), [("uncertain-done", True), ("uncertain-not-done", False)])
def test_an_edit_whose_answer_was_lost_is_read_back(
    where: Integration, by: User, psa: MemoryPsa, doors: Doors, shown: items.Reading, failure: str, done: bool
) -> None:
    psa.fail_next(failure)
    if done:
        assert edit(where, by, doors, shown, price=Decimal(4)) == ["price"]
    else:
        with pytest.raises(RetryLater):
            edit(where, by, doors, shown, price=Decimal(4))
    assert AuditEvent.objects.filter(action="edit_item").exists() is done


def test_an_identifier_that_is_taken_is_refused_at_its_field(
    where: Integration, by: User, psa: MemoryPsa, doors: Doors, shown: items.Reading
) -> None:
    psa.add_item("OTHER")
    with pytest.raises(Refused) as refused:
        edit(where, by, doors, shown, identifier="other")
    assert "identifier" in str(refused.value.fields["errors"])


def test_a_search_keeps_what_is_new_and_leaves_what_is_mapped(
    where: Integration, by: User, psa: MemoryPsa, doors: Doors
) -> None:
    """The next reading tells of a new name of something mapped; a search must not take that from it."""
    mapped, new = psa.add_item("SOPHOS-1"), psa.add_item("SOPHOS-2")
    CatalogItem.objects.create(integration=where, psa_id=mapped.id, identifier="OLD", description="OLD")
    configure.map_product(where, CODE, mapped.id, by=by, now=NOW)
    found_items = items.search_items(where, " sophos ", by=by, doors=doors)
    assert [one.id for one in found_items] == [mapped.id, new.id]
    assert dict(CatalogItem.objects.values_list("psa_id", "identifier")) == {mapped.id: "OLD", new.id: "SOPHOS-2"}
    with pytest.raises(Misused):
        items.search_items(where, " s ", by=by, doors=doors)


def test_a_viewer_reads_and_does_no_more(
    where: Integration, by: User, psa: MemoryPsa, doors: Doors, shown: items.Reading
) -> None:
    by.role = Role.VIEWER
    assert items.read_item(where, shown.item.id, by=by, doors=doors) == shown.item
    for act in (
        lambda: items.search_items(where, "ndr", by=by, doors=doors),
        lambda: items.read_to_edit(where, shown.item.id, by=by, doors=doors),
        lambda: items.create_item(where, CODE, NEW, by=by, now=NOW, doors=doors),
        lambda: edit(where, by, doors, shown, price=Decimal(4)),
    ):
        with pytest.raises(Misused) as refused:
            act()
        assert refused.value.code is ErrorCode.NOT_ALLOWED
    assert psa.attempts == 0
