"""A rule on the stored readings: which readings are taken, who may look, and that looking keeps nothing."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal

import pytest

from tests.core import builders as core
from tests.runs.test_configure import known
from tests.runs.test_transfer import NOW, Place, partner, person, place
from truecount.core.errors import ErrorCode, Misused
from truecount.core.model import Rule, Source
from truecount.core.period import Period
from truecount.core.roles import Role
from truecount.runs import configure
from truecount.runs.names import Names
from truecount.runs.preview import preview, told
from truecount.store.snapshots import save_snapshot

__all__ = ["known", "partner", "place"]
pytestmark = pytest.mark.django_db
DOUBLE = Rule(multiply=Decimal(2))


def read(place: Place, month: int, billable: int, *, source: Source = Source.INVOICE, day: int = 0) -> None:
    usage = core.usage(core.line(billable=billable), core.line(code="B"), period=Period(2026, month), source=source)
    save_snapshot(place.row, usage, core.billing(), NOW + timedelta(days=day))


@pytest.fixture
def readings(known: Place) -> Place:
    """Four months, one of them read twice, and in between a live reading of what comes after."""
    read(known, 12, 99, source=Source.LIVE, day=5)
    for month, billable in ((8, 1), (9, 2), (10, 3), (11, 4)):
        read(known, month, billable, day=month)
    read(known, 11, 5, day=30)
    configure.map_customer(known.row, "c1", 1, core.customer().shares, by=None, now=NOW)
    return known


def test_it_works(readings: Place) -> None:
    looks = preview(readings.row, 100, DOUBLE, by=readings.admin)
    assert [(str(one.period), one.before, one.after) for one in looks] == [
        ("2026-11", 5, 10),
        ("2026-10", 3, 6),
        ("2026-09", 2, 4),
    ]
    first = told(looks[0], Names(readings.row))
    assert first["customers"] == [
        {
            "customer": "c1",
            "customer_name": "Client c1",
            "used": {"A": "5"},
            "before": "5",
            "after": "10",
            "skip": None,
        }
    ]
    assert first["money"] == [{"currency": "EUR", "before": "10", "after": "20"}]


def test_a_mapping_that_does_not_stand_yet(readings: Place) -> None:
    (look,) = preview(readings.row, 200, Rule(), ["A", "B"], months=1, by=readings.admin)
    assert (look.before, look.after) == (0, 10)


def test_looking_needs_no_right_to_map_and_keeps_nothing(readings: Place) -> None:
    viewer, before = person(readings.row.partner, Role.VIEWER), (readings.document(), readings.acts())
    assert preview(readings.row, 100, DOUBLE, by=viewer)
    assert (readings.document(), readings.acts()) == before


def test_a_rule_that_makes_no_sense_is_refused(readings: Place) -> None:
    with pytest.raises(Misused) as caught:
        preview(readings.row, 100, Rule(step=Decimal(0)), by=readings.admin)
    assert caught.value.code is ErrorCode.BAD_VALUE


def test_without_a_reading_there_is_nothing_to_show(known: Place) -> None:
    assert preview(known.row, 100, DOUBLE, by=known.admin) == []
