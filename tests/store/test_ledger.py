"""The ledger: appended to, chained, unchangeable, and able to name what was sent but never answered."""

from __future__ import annotations

import uuid

import pytest
from django.db import DatabaseError, connection, transaction

from tests.store.rows import NOW, integration, run
from truecount.core.model import Slot
from truecount.store.ledger import first_broken, open_intents, save_event
from truecount.store.models import AuditEvent, LedgerEvent

pytestmark = pytest.mark.django_db

SLOT = Slot(7, 12)


def test_it_works() -> None:
    where = integration()
    row = run(where)
    write = uuid.uuid4()
    save_event(row, "intent", write, SLOT, {"after": "5"}, NOW)
    save_event(row, "answer", write, SLOT, {"done": True}, NOW)
    assert [event.number for event in LedgerEvent.objects.filter(integration=where)] == [1, 2]
    assert first_broken(where) is None


def test_each_integration_has_its_own_chain() -> None:
    for slug in ("one", "two"):
        save_event(run(integration(slug)), "intent", uuid.uuid4(), SLOT, {}, NOW)
    assert set(LedgerEvent.objects.values_list("number", flat=True)) == {1}


def test_open_intents_have_neither_answer_nor_finding() -> None:
    where = integration()
    row = run(where)
    answered, found, open_ = (uuid.uuid4() for _ in range(3))
    for write in (answered, found, open_):
        save_event(row, "intent", write, SLOT, {}, NOW)
    save_event(row, "answer", answered, SLOT, {}, NOW)
    save_event(row, "found", found, SLOT, {}, NOW)
    assert [event.write for event in open_intents(where)] == [open_]


@pytest.mark.parametrize("statement", ["UPDATE store_ledgerevent SET told = '{}'", "DELETE FROM store_ledgerevent"])
def test_the_database_itself_refuses_changes(statement: str) -> None:
    save_event(run(integration()), "intent", uuid.uuid4(), SLOT, {"after": "5"}, NOW)
    with pytest.raises(DatabaseError, match="Cannot"), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement)


def test_audit_rows_are_refused_too() -> None:
    where = integration()
    AuditEvent.objects.create(partner=where.partner, integration=where, action="map_product", subject="x", at=NOW)
    with pytest.raises(DatabaseError, match="Cannot"), transaction.atomic():
        AuditEvent.objects.update(subject="y")


def test_a_change_behind_the_triggers_back_is_noticed() -> None:
    where = integration()
    row = run(where)
    for after in ("5", "6", "7"):
        save_event(row, "intent", uuid.uuid4(), SLOT, {"after": after}, NOW)
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL session_replication_role = replica")
        cursor.execute('UPDATE store_ledgerevent SET told = \'{"after": "60"}\' WHERE number = 2')
    assert first_broken(where) == 2
