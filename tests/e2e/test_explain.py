"""The demonstration, run whole in this process: it converges, and every number in it leads back to the vendor's rows
and forward to the ledger; the documentation shows what the program says."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest

from docs.build_explained import examples_in, said
from tests.core.test_explain import walked
from tests.e2e.world import simulators_of
from truecount.cli import show_demo
from truecount.cli.demo_examples import examples
from truecount.core.plan import plain
from truecount.runs.explain import Explained, Explanations
from truecount.runs.explain_told import told
from truecount.store.models import Managed, Plan, Run

PEOPLE = ("viewer", "operator", "approver", "admin")


@pytest.fixture
def plan(transactional_db: None, settings: Any, monkeypatch: pytest.MonkeyPatch) -> Any:
    """The second plan of the demonstration, as `truecount demo --exit` leaves it."""
    with simulators_of(customers=120) as simulators:
        monkeypatch.setenv("SSL_CERT_FILE", simulators.certificate)
        settings.TRUECOUNT_CLOCK_OFFSET = (simulators.now() - datetime.now(UTC)).total_seconds()
        addresses = {"connectwise": simulators.connectwise.base, "sophos": simulators.sophos.base}
        show_demo.prepare(addresses, PEOPLE, "demo-demo-demo")
        show_demo.run_once()
        yield Plan.objects.select_related("snapshot", "integration").order_by("-pk")[0]


def test_every_number_of_the_demonstration_is_explained(plan: Plan) -> None:
    applied = Run.objects.get(verb="apply")
    assert (applied.state, applied.converged) == ("done", True)
    assert plan.state == "empty"
    for number in (applied.plan, plan):
        assert number is not None
        explanations = Explanations(number)
        slots = explanations.slots()
        assert len(slots) > 350
        for slot in slots:
            check(explanations.of(slot))
    assert set(examples(plan)) == {"bundle", "split", "included", "minimum", "shared"}
    for language in ("en", "fr"):
        assert said(language) == examples_in(language), "run docs/build_explained.py after truecount demo --exit"


def check(explained: Explained) -> None:
    """Recomputed here: from the vendor's rows to the sum, and from the sum to the line and the ledger's last word."""
    one, words = explained.explanation, told(explained)
    assert explained.same
    total = Decimal(0)
    for piece, spoken in zip(one.pieces, words["pieces"], strict=True):
        for amount in spoken["amounts"]:
            rows = [line["raw"] for line in amount["lines"]]
            assert Decimal(amount["quantity"]) == sum(Decimal(row["billableQuantity"]) for row in rows)
            assert {row["productCode"] for row in rows} == {amount["product"]}
            assert {row["accountId"] for row in rows} <= {piece.customer}
        assert sum(part.quantity for part in piece.parts) in (walked(piece), 0)
        if piece.counted:
            total += piece.quantity or 0
    assert Decimal(words["total"]) == total
    if words["wanted"] is None:
        return
    assert Decimal(words["wanted"]) == total
    mine = Managed.objects.filter(agreement=one.slot.agreement, item=one.slot.item).first()
    if mine is None:
        assert not total or one.left
        return
    assert plain(mine.quantity) == words["number"] == words["wanted"]
    last = words["ledger"][-1]["told"]
    assert (last["done"], last["addition"], last["quantity"]) == (True, mine.addition, words["number"])
