"""Exports open as tables in the spreadsheet of the reader's language, and compute nothing."""

from __future__ import annotations

import csv
import io

import pytest

from tests.web.conftest import SignedIn
from tests.web.rows import World
from truecount.store.models import Customer

LISTS = (
    "/integrations/demo/customers/",
    "/integrations/demo/usage-sync/",
    "/integrations/demo/plans/",
    "/integrations/demo/runs/",
    "/integrations/demo/findings/",
    "/integrations/demo/history/",
    "/integrations/demo/history/ledger/",
)


@pytest.mark.parametrize("path", LISTS)
@pytest.mark.parametrize("language", ["en", "fr"])
def test_every_table_can_be_exported(signed_in: SignedIn, path: str, language: str) -> None:
    answer = signed_in("viewer", language).get(f"{path}?format=csv")
    assert answer.headers["Content-Type"] == "text/csv; charset=utf-8"
    assert answer.headers["Content-Disposition"].startswith('attachment; filename="')
    rows = _read(answer.content, language)
    assert rows
    assert {len(row) for row in rows} == {len(rows[0])}


def test_all_rows_that_match_not_only_those_of_the_page(signed_in: SignedIn, world: World) -> None:
    client, plan = signed_in(), world.plan
    assert plan is not None
    rows = _read(client.get(f"/plans/{plan.pk}/?format=csv").content, "en")
    assert len(rows) == 1 + plan.changes.count()
    some = _read(client.get(f"/plans/{plan.pk}/?format=csv&kind=create").content, "en")
    assert {row[7] for row in some[1:]} == {"Create"}


def test_french_numbers(signed_in: SignedIn) -> None:
    content = signed_in("viewer", "fr").get("/integrations/demo/findings/?format=csv").content
    rows = _read(content, "fr")
    assert rows[0][-2:] == ["Par mois", "Devise"]
    assert rows[1][-2:] == ["148,5", "EUR"]
    assert content.startswith("\ufeff".encode())


def test_a_name_is_never_computed(signed_in: SignedIn, world: World) -> None:
    Customer.objects.filter(vendor_id="c0000").update(name='=HYPERLINK("x")')
    rows = _read(signed_in().get("/integrations/demo/customers/?format=csv").content, "en")
    assert rows[1][0] == '\'=HYPERLINK("x")'


def _read(content: bytes, language: str) -> list[list[str]]:
    text = content.decode("utf-8-sig")
    return list(csv.reader(io.StringIO(text), delimiter=";" if language == "fr" else ","))
