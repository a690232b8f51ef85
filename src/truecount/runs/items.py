"""ConnectWise products from here: found, read, made once and edited; the PSA has the last word on each."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

from django.db import transaction

from truecount.core.errors import ErrorCode, Misused, Refused, RetryLater, Stale, Trouble
from truecount.core.items import as_edit, changed, differing, missing, too_long
from truecount.core.model import CatalogItem
from truecount.core.plan import plain
from truecount.core.ports import ItemEdit, Psa, SetupTables
from truecount.core.roles import Action
from truecount.runs import configure, labels
from truecount.runs.audit import record, require
from truecount.runs.lock import turn
from truecount.runs.remote import DOORS, Doors, Tape, hasty, psa_of
from truecount.store.models import AuditEvent, Integration, User
from truecount.store.models import CatalogItem as CatalogRow

LEAST_LETTERS = 2
"""Of a search: one letter finds half the catalog."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """An item as it stands in the PSA now, and what its references can be."""

    item: CatalogItem
    setup: SetupTables

    @property
    def values(self) -> ItemEdit:
        return as_edit(self.item, self.setup)


def search_items(integration: Integration, text: str, *, by: User | None, doors: Doors = DOORS) -> list[CatalogItem]:
    """Ask the PSA for what was made a minute ago; what it finds is kept in the local copy."""
    require(by, Action.MAP)
    text = text.replace("\0", "").strip()
    if len(text) < LEAST_LETTERS:
        raise Misused(ErrorCode.BAD_VALUE, field="search", value=text, needed="two_letters")
    with _psa(integration, doors) as psa:
        found = psa.find_catalog_items(text)
    with transaction.atomic():
        labels.keep_items(integration, found)
    return found


def know_item(integration: Integration, item: int, *, by: User | None, doors: Doors = DOORS) -> None:
    """Ask the PSA for an item that the local copy lacks. Where it can't be had, whoever needs it will say so."""
    require(by, Action.MAP)
    usable = CatalogRow.objects.filter(integration=integration, psa_id=item, gone_since=None, active=True)
    if usable.exists():
        return
    with suppress(Trouble), _psa(integration, doors) as psa:
        labels.keep_items(integration, [psa.get_catalog_item(item)])


def read_item(integration: Integration, item: int, *, by: User | None, doors: Doors = DOORS) -> CatalogItem:
    require(by, Action.LOOK)
    with _psa(integration, doors) as psa:
        return psa.get_catalog_item(item)


def read_to_edit(integration: Integration, item: int, *, by: User | None, doors: Doors = DOORS) -> Reading:
    require(by, Action.EDIT_ITEM)
    with _psa(integration, doors) as psa:
        return Reading(item=psa.get_catalog_item(item), setup=psa.list_setup())


def read_setup(integration: Integration, *, by: User | None, doors: Doors = DOORS) -> SetupTables:
    """What a new item may be filled in with."""
    require(by, Action.EDIT_ITEM)
    with _psa(integration, doors) as psa:
        return psa.list_setup()


def last_filled_in(integration: Integration) -> dict[str, Any]:
    """What the newest item made from here was filled in with, by field; nothing where none was."""
    newest = AuditEvent.objects.filter(integration=integration, action="create_item").order_by("-pk").first()
    kept = newest.after if newest else None
    return dict(kept) if isinstance(kept, dict) else {}


def create_item(
    integration: Integration, code: str, edit: ItemEdit, *, by: User | None, now: datetime, doors: Doors = DOORS
) -> CatalogItem:
    """Make an item in the PSA and map the vendor product to it, both once.

    The identifier is looked up before, and after an answer that was lost: an item just as it was asked for is taken
    for the one that was sent, any other has taken the name. Those who ask for one identifier wait for each other.
    The trail has what is asked for before it is sent, and what was made before it is mapped, so that whatever stops
    this in between leaves a trace; asking again goes on from there.
    """
    require(by, Action.EDIT_ITEM)
    require(by, Action.MAP)
    configure.check_product(integration, code)
    _check(edit, new=True)
    identifier = str(edit.identifier).strip()
    with turn(integration, identifier.casefold()):
        with _psa(integration, doors) as psa:
            item = _looked_up(psa, edit) or _made(psa, integration, edit, by, now)
        with transaction.atomic():
            labels.keep_items(integration, [item], own=True)
            if _unanswered(integration, identifier):
                record("create_item", identifier, by=by, now=now, integration=integration, after=_told(edit))
        configure.map_product(integration, code, item.id, replacing=None, by=by, now=now)
    return item


def edit_item(
    integration: Integration,
    item: int,
    *,
    shown: ItemEdit,
    wanted: ItemEdit,
    seen: str,
    by: User | None,
    now: datetime,
    doors: Doors = DOORS,
) -> list[str]:
    """Send what was changed on the form and nothing else; returns those fields.

    `Stale` where the item is no longer as it was `shown`, unless it is already as `wanted`.
    """
    require(by, Action.EDIT_ITEM)
    _check(wanted, new=False)
    with _psa(integration, doors) as psa:
        setup = psa.list_setup()
        fresh = psa.get_catalog_item(item)
        before = as_edit(fresh, setup)
        names = differing(wanted, before)
        if not names:
            return []
        if fresh.updated != seen or differing(shown, before):
            raise Stale(ErrorCode.EDITED_MEANWHILE, system="psa", item=item, item_name=fresh.identifier)
        after = _edited(psa, item, changed(wanted, before), fresh.updated, setup)
    told = {name: getattr(wanted, name) for name in names}
    with transaction.atomic():
        labels.keep_items(integration, [after], own=True)
        record(
            "edit_item",
            after.identifier,
            by=by,
            now=now,
            integration=integration,
            before={name: _text(getattr(before, name)) for name in names},
            after={name: _text(value) for name, value in told.items()},
        )
    return names


# --- how ------------------------------------------------------------------------------------------


@contextmanager
def _psa(integration: Integration, doors: Doors) -> Iterator[Psa]:
    with psa_of(integration, Tape(doors=doors), hasty) as psa:
        yield psa


def _check(edit: ItemEdit, *, new: bool) -> None:
    """Before anything is sent; forms have told the same at their fields already."""
    found = too_long(edit)
    if found is not None:
        raise Misused(ErrorCode.BAD_VALUE, field=found[0], longest=found[1])
    lacking = missing(edit) if new else None
    if lacking is not None:
        raise Misused(ErrorCode.BAD_VALUE, field=lacking, value="")
    if edit.item_class == "Bundle" and new:
        raise Misused(ErrorCode.BUNDLE_ITEM, item=edit.identifier)


def _unanswered(integration: Integration, identifier: str) -> bool:
    """Whether it was asked for from here, and nothing since says how that ended."""
    acts = AuditEvent.objects.filter(integration=integration, action__in=["ask_item", "create_item", "fail_item"])
    newest = acts.filter(subject__iexact=identifier).order_by("-pk").first()
    return newest is not None and newest.action == "ask_item"


def _made(psa: Psa, integration: Integration, edit: ItemEdit, by: User | None, now: datetime) -> CatalogItem:
    """What is asked for is in the trail for good before it is sent, and a certain no after it."""
    identifier = str(edit.identifier).strip()
    with transaction.atomic(durable=True):
        record("ask_item", identifier, by=by, now=now, integration=integration, after=_told(edit))
    try:
        return _sent(psa, edit)
    except (Refused, RetryLater) as failed:
        if isinstance(failed, Refused) or failed.certain:
            record("fail_item", identifier, by=by, now=now, integration=integration)
        raise


def _sent(psa: Psa, edit: ItemEdit) -> CatalogItem:
    """After an answer that was lost, the one that stands there is it."""
    try:
        return psa.create_catalog_item(edit)
    except RetryLater as lost:
        if lost.certain:
            raise
        there = _looked_up(psa, edit)
        if there is None:
            raise
        return there


def _looked_up(psa: Psa, edit: ItemEdit) -> CatalogItem | None:
    """The item with that identifier, if it is the very one; refused if it is another."""
    identifier = str(edit.identifier).strip()
    found = psa.find_catalog_items(identifier)
    named = next((one for one in found if one.identifier.strip().casefold() == identifier.casefold()), None)
    if named is None:
        return None
    if differing(edit, as_edit(named, psa.list_setup())):
        raise Misused(ErrorCode.NAME_TAKEN, name=identifier, field="identifier", item=named.id)
    return named


def _edited(psa: Psa, item: int, edit: ItemEdit, seen: str, setup: SetupTables) -> CatalogItem:
    """After an answer that was lost, what stands there says whether it was done."""
    try:
        return psa.update_catalog_item(item, edit, seen=seen)
    except RetryLater as lost:
        if lost.certain:
            raise
        there = psa.get_catalog_item(item)
        if differing(edit, as_edit(there, setup)):
            raise
        return there


def _told(edit: ItemEdit) -> dict[str, Any]:
    return {name: _text(getattr(edit, name)) for name in edit.__dataclass_fields__ if getattr(edit, name) is not None}


def _text(value: object) -> object:
    return plain(value) if isinstance(value, Decimal) else value
