"""Sorting, filtering, searching and paging by the address; and addresses that make no sense."""

from __future__ import annotations

import re

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from tests.web.conftest import SignedIn
from tests.web.rows import World, make_findings, make_plan
from truecount.store.models import Customer

NAME = re.compile(r'<th scope="row">.*?<a [^>]*>([^<]+)</a>')


def names(client: Client, query: str = "") -> list[str]:
    page = client.get(f"/integrations/demo/customers/{query}").content.decode()
    return [found.strip().replace("&amp;", "&") for found in NAME.findall(page)]


def test_sorted_by_name_as_people_sort(signed_in: SignedIn) -> None:
    found = names(signed_in())
    assert found[:2] == ["Acme Logistics", "Boulangerie Lemaître"]
    assert found.index("École Jacques-Cartier") < found.index("Garage Tremblay")
    assert names(signed_in(), "?sort=-customer") == found[::-1]


def test_search_and_filter_together(signed_in: SignedIn) -> None:
    assert names(signed_in(), "?q=LABO") == ["Laboratoires Moreau"]
    assert names(signed_in(), "?q=moreau&show=unmapped") == ["Laboratoires Moreau"]
    assert names(signed_in(), "?q=moreau&show=gone") == []
    assert names(signed_in(), "?status=failed") == ["École Jacques-Cartier", "Kingsway Law", "Laboratoires Moreau"]


def test_pages(signed_in: SignedIn, world: World) -> None:
    Customer.objects.bulk_create(
        Customer(integration=world.integration, vendor_id=f"x{number}", name=f"Zeta {number:03d}", billing="usage")
        for number in range(100)
    )
    client = signed_in()
    first, second, third = names(client), names(client, "?page=2"), names(client, "?page=3")
    assert [len(first), len(second), len(third)] == [50, 50, 20]
    assert not set(first) & set(second)
    assert "1–50 of 120" in client.get("/integrations/demo/customers/").content.decode()


@pytest.mark.parametrize(
    "query", ["?page=999", "?page=x", "?sort=nothing", "?sort=-", "?show=else", "?q=%00%27", "?q="]
)
def test_a_parameter_that_makes_no_sense_is_left_out(signed_in: SignedIn, query: str) -> None:
    assert signed_in().get(f"/integrations/demo/customers/{query}").status_code == 200


def test_nothing_found_says_what_to_do(signed_in: SignedIn) -> None:
    page = signed_in().get("/integrations/demo/customers/?q=nobody-at-all").content.decode()
    assert "No customer matches" in page
    assert "Search for less" in page


def test_the_head_tells_how_it_is_sorted(signed_in: SignedIn) -> None:
    page = signed_in().get("/integrations/demo/customers/?sort=-customer").content.decode()
    assert 'aria-sort="descending"' in page
    assert "sort=customer" in page


@pytest.mark.parametrize("path", ["customers/", "findings/", "plans/", "usage-sync/"])
def test_the_number_of_queries_does_not_grow_with_the_rows(signed_in: SignedIn, world: World, path: str) -> None:
    client = signed_in()
    client.get(f"/integrations/demo/{path}")
    before = _queries(client, path)
    for number in range(3):
        Customer.objects.create(
            integration=world.integration, vendor_id=f"m{number}", name=f"More {number}", billing="usage"
        )
        make_findings(world)
        make_plan(world, changes=2)
    assert _queries(client, path) == before


def _queries(client: Client, path: str) -> int:
    with CaptureQueriesContext(connection) as captured:
        client.get(f"/integrations/demo/{path}")
    return len(captured)
