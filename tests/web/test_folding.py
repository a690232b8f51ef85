"""Searching and sorting without case and accents, in Python and in the database alike."""

from __future__ import annotations

import pytest

from tests.web.rows import World
from truecount.store.folding import fold
from truecount.store.models import Customer
from truecount.web.folding import contains


def test_it_works() -> None:
    assert fold("École HÔTEL Łódź") == "ecole hotel lodz"


@pytest.mark.parametrize("text", ["hotel", "HÔTEL", "vieux-port"])
def test_the_database_folds_as_python_does(world: World, text: str) -> None:
    found = Customer.objects.filter(contains(text, "name"), integration=world.integration)
    assert [customer.name for customer in found] == ["Hôtel du Vieux-Port"]


def test_a_percent_sign_is_only_a_letter(world: World) -> None:
    assert not Customer.objects.filter(contains("%", "name"), integration=world.integration).exists()
