"""Explanations of stored plans: which plan is taken, what is said in both languages, and who may ask."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from tests.core import builders as core
from tests.runs.test_transfer import NOW, Place, partner, person, place
from truecount.core.errors import ErrorCode, Misused
from truecount.core.plan import make_plan
from truecount.core.roles import Role
from truecount.runs.explain import Explained, explain
from truecount.runs.explain_told import readable, told
from truecount.store.documents import PlanInputs
from truecount.store.models import Customer, Plan
from truecount.store.plans import save_plan
from truecount.store.snapshots import save_snapshot

__all__ = ["partner", "place"]
pytestmark = pytest.mark.django_db
STANDING = core.addition(5)


def stored(place: Place, start: core.World, *, day: int = 0) -> Plan:
    """The plan of a world, as `prepare` would keep it."""
    now = NOW + timedelta(days=day)
    snapshot = save_snapshot(place.row, start.usage, start.billing, now)
    plan = make_plan(place.row.slug, start.usage, start.billing, start.baseline, start.configuration, now.date())
    inputs = PlanInputs(configuration=start.configuration, baseline=start.baseline)
    return save_plan(place.row, snapshot, plan, inputs, start.billing, by=None, now=now)


def asked(place: Place, **which: Any) -> Explained:
    return explain(place.row, 10, 100, by=which.pop("by", place.admin), **which)


def texts(explained: Explained, language: str = "en") -> list[str]:
    return [line.text for line in readable(explained, language)]


def test_it_works(place: Place) -> None:
    stored(place, core.world(core.line(order_line="L-1"), additions=[STANDING], managed=[core.ours(STANDING)]))
    explained = asked(place)
    assert explained.same
    assert [(line.text, line.number) for line in readable(explained)][2:] == [
        ("c1", None),
        ("A, ?", 5),
        ("Order line L-1", 5),
        ("Line 1 held before the plan", 5),
        ("Unchanged: the line holds this already.", 5),
    ]
    assert texts(explained, "fr")[-1] == "Inchangé\u00a0: la ligne contient déjà cela."
    words = told(explained)
    assert (words["number"], words["wanted"], words["total"], words["same"]) == ("5", "5", "5", True)
    assert words["pieces"][0]["amounts"][0]["lines"][0]["answer"] is None, "no answer was kept"


def test_the_newest_plan_of_the_month_unless_one_is_named(place: Place) -> None:
    october = core.usage(core.line(billable=1), period=core.OCTOBER)
    old = stored(place, core.world(read=october))
    stored(place, core.world(core.line(billable=2)), day=1)
    stored(place, core.world(core.line(billable=3)), day=2)
    assert asked(place).explanation.number == 3
    assert asked(place, period=core.OCTOBER).explanation.number == 1
    assert asked(place, plan=old.pk).explanation.number == 1
    with pytest.raises(Misused) as caught:
        asked(place, period=core.DECEMBER)
    assert (caught.value.code, caught.value.fields) == (ErrorCode.UNKNOWN_PLAN, {"period": "2026-12"})


def test_what_waits_names_the_customer_and_says_it_once(place: Place) -> None:
    Customer.objects.create(integration=place.row, vendor_id="c1", name="Boulangerie", billing="usage")
    shared = [core.customer("c1"), core.customer("c2", 10)]
    stored(place, core.world(core.line(), core.line("c2"), customers=shared, off=["c1"]))
    said = texts(asked(place))
    assert "Not counted: Usage sync is off for the customer." in said
    (waits,) = [text for text in said if "is counted here too" in text]
    assert "Boulangerie" in waits
    assert told(asked(place))["waits"]["about"] == "c1"


def test_a_change_its_reason_and_what_was_counted_before_are_told(place: Place) -> None:
    start = core.world(core.line("c2", "B"), additions=[STANDING], managed=[core.ours(STANDING)])
    stored(place, start.but(configuration=core.configuration(policy={"vanish": "hold"})))
    said = texts(asked(place))
    assert "A of c1 was counted here and is no longer in the report." in said
    assert said[-2] == "Set to 0: 5 → 0"
    assert said[-1].startswith("Held: ")
    moved = core.configuration(customers=[core.customer("c1", 20), core.customer("c2")])
    stored(place, start.but(configuration=moved), day=1)
    assert "A of c1 was counted here and leads elsewhere now." in texts(asked(place))
    stored(place, start.but(configuration=core.configuration(off=["A"])), day=2)
    assert any(text.startswith("A of c1 was counted here and leads nowhere now") for text in texts(asked(place)))


def test_a_plan_that_this_program_would_not_make_is_said_to_be_another_versions(place: Place) -> None:
    plan = stored(place, core.world(core.line()))
    Plan.objects.filter(pk=plan.pk).update(digest="0" * 64)
    assert any("another version of Truecount" in text for text in texts(asked(place)))


def test_a_slot_that_there_is_not(place: Place) -> None:
    stored(place, core.world(core.line()))
    for agreement, item, code in ((99, 100, ErrorCode.UNKNOWN_AGREEMENT), (10, 999, ErrorCode.UNKNOWN_ITEM)):
        with pytest.raises(Misused) as caught:
            explain(place.row, agreement, item, by=place.admin)
        assert caught.value.code is code
    empty = explain(place.row, 10, 300, by=person(place.row.partner, Role.VIEWER))
    assert texts(empty)[-2:] == ["Nothing is counted into this line.", "No line stood before the plan."]
