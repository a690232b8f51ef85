"""ConnectWise on a fake transport: whole collections, whatever the server knows of paging."""

from __future__ import annotations

from typing import Any

import httpx2
import pytest

from tests.connectors.fakes import (
    API,
    FakeConnectWise,
    answer,
)
from tests.connectors.stages import connectwise_on
from truecount.core.errors import ErrorCode, Unexpected

COMPANIES = f"{API}/company/companies"


def many(connectwise: FakeConnectWise, number: int) -> None:
    connectwise.page_size = 3
    rows = [{"id": id, "identifier": f"C{id}", "name": f"C{id}"} for id in range(1, number + 1)]
    connectwise.records["/company/companies"] = rows


def ids(connectwise: FakeConnectWise) -> list[int]:
    return [one.id for one in connectwise_on(connectwise).list_companies()]


def asked(connectwise: FakeConnectWise) -> list[str]:
    pages = [one.url.params for one in connectwise.requests if one.url.path == COMPANIES]
    return [page.get("pageId", page.get("page", "")) for page in pages]


@pytest.mark.parametrize("number", [0, 1, 3, 4, 10])
def test_all_pages_are_read_forward(connectwise: FakeConnectWise, number: int) -> None:
    many(connectwise, number)
    assert ids(connectwise) == list(range(1, number + 1))


def test_the_next_address_is_never_followed(connectwise: FakeConnectWise) -> None:
    many(connectwise, 7)
    ids(connectwise)
    assert asked(connectwise) == ["", "3", "6"]
    assert {one.url.host for one in connectwise.requests} == {"na.myconnectwise.net", "api-na.myconnectwise.net"}


def navigable(connectwise: FakeConnectWise) -> None:
    """From now on the server knows page numbers only."""

    def page(request: httpx2.Request) -> httpx2.Response:
        rows = connectwise.records["/company/companies"]
        number, size = int(request.url.params.get("page", "1")), connectwise.page_size
        link = '<https://x/y?a=%2C&page=1>; rel="first"'
        if number * size < len(rows):
            link += f', <https://x/y?pageSize=3&page={number + 1}>; rel="next", <https://x/y?page=9>; rel="last"'
        return answer(rows[(number - 1) * size : number * size], Link=link)

    connectwise.give(*[page] * 30, only=COMPANIES)


def test_a_server_that_only_knows_numbers(connectwise: FakeConnectWise) -> None:
    many(connectwise, 8)
    connectwise.give(answer([]), only="/statuses")
    psa = connectwise_on(connectwise)
    psa.list_companies()
    connectwise.requests.clear()
    navigable(connectwise)
    assert [one.id for one in psa.list_companies()] == list(range(1, 9))
    assert asked(connectwise) == ["", "1", "2", "3"]
    assert connectwise.requests[-1].url.params["orderBy"] == "id asc"


def test_a_server_that_links_nothing(connectwise: FakeConnectWise) -> None:
    rows = [{"id": id} for id in range(1, 1501)]

    def page(request: httpx2.Request) -> httpx2.Response:
        after = int(request.url.params.get("pageId", "0"))
        return answer(rows[after : after + 1000])

    connectwise.give(answer([]), page, page, only="/company/companies")
    assert len(ids(connectwise)) == 1500


def test_numbers_without_links(connectwise: FakeConnectWise) -> None:
    rows = [{"id": id} for id in range(1, 1501)]

    def page(request: httpx2.Request) -> httpx2.Response:
        number = int(request.url.params.get("page", "1"))
        return answer(rows[(number - 1) * 1000 : number * 1000])

    connectwise.give(answer([]), *[page] * 9, only="/company/companies")
    assert len(ids(connectwise)) == 1500


def test_a_page_that_comes_again_is_a_loop(connectwise: FakeConnectWise) -> None:
    page = answer([{"id": 1}, {"id": 2}], Link='<https://x/y?page=2>; rel="next"')
    connectwise.give(answer([]), *[page] * 9, only="/company/companies")
    with pytest.raises(Unexpected) as caught:
        ids(connectwise)
    assert caught.value.code is ErrorCode.PAGING_LOOP


def test_a_key_that_comes_again_is_a_loop(connectwise: FakeConnectWise) -> None:
    pages = [answer([{"id": id}], Link='<https://x/y?pageId=5>; rel="next"') for id in (1, 2, 3)]
    connectwise.give(answer([]), *pages, only="/company/companies")
    with pytest.raises(Unexpected) as caught:
        ids(connectwise)
    assert caught.value.code is ErrorCode.PAGING_LOOP


@pytest.mark.parametrize("body", [{}, "text", [1], [{"name": "no id"}], [{"id": "x"}], 5])
def test_something_else_than_a_list(connectwise: FakeConnectWise, body: Any) -> None:
    connectwise.give(answer([]), answer(body), only="/company/companies")
    with pytest.raises(Unexpected):
        ids(connectwise)
