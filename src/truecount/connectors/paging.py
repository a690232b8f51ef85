"""Reading whole collections: by page number and by key (Sophos), forward-only and navigable (ConnectWise)."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from itertools import count
from typing import Any
from urllib.parse import parse_qs, urlsplit

from truecount.connectors.http import Answer, Call, Reader
from truecount.connectors.values import Puzzling, Row, inner, needed_whole, objects, rows, text, whole
from truecount.core.errors import ErrorCode, Unexpected

NEXT = re.compile(r'<([^>]*)>\s*;\s*rel="?next"?', re.IGNORECASE)


class NotForward(Exception):
    """The server pages by number although it was asked to page forward only."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """One page of Sophos (facts: Sophos §13.10); `total` and `items` are None where they are not told."""

    rows: Sequence[Row]
    total: int | None
    items: int | None
    size: int | None
    next_key: str


# --- Sophos ---------------------------------------------------------------------------------------


def by_key(client: Reader, call: Call) -> Iterator[Row]:
    """Rows until `nextKey` is absent; CUT_SHORT where another number was announced (product §3).

    Whether `total` counts rows or pages here is told by no source, so either is accepted as long as it agrees
    with what was read.
    """
    seen: set[str] = set()
    first, pages, read = None, 0, 0
    params: Mapping[str, str | int] = {"pageTotal": "true"}
    while True:
        page = _page(client, replace(call, params={**call.params, **params}))
        first = first or page
        yield from page.rows
        pages += 1
        read += len(page.rows)
        if not page.next_key:
            break
        _once(client, call, page.next_key, seen)
        params = {"pageFromKey": page.next_key}
    if not (first.total == read or _agrees(first, pages, read)):
        raise _cut_short(client, call, first, read)


def by_number(client: Reader, call: Call, *, identity: str) -> Iterator[Row]:
    """Rows of all pages: `total` counts pages, `items` rows. `identity` tells a page that comes twice."""
    seen: set[str] = set()
    first, read = None, 0
    for number in count(1):
        asked: Mapping[str, str | int] = {"page": number} if number > 1 else {"page": 1, "pageTotal": "true"}
        page = _page(client, replace(call, params={**call.params, **asked}))
        first = first or page
        if page.rows:
            _once(client, call, str(page.rows[0].get(identity)), seen)
        yield from page.rows
        read += len(page.rows)
        if number == first.total or len(page.rows) < (page.size or int(call.params["pageSize"])):
            break
    if first and not _agrees(first, number, read):
        raise _cut_short(client, call, first, read)


def _page(client: Reader, call: Call) -> Page:
    body = client.read(call).value
    with understanding(client, call):
        if not isinstance(body, Mapping) or "items" not in body:
            raise Puzzling("items", body)
        about = inner(body, "pages")
        return Page(
            rows=rows(body, "items"),
            total=whole(about, "total"),
            items=whole(about, "items"),
            size=whole(about, "size"),
            next_key=text(about, "nextKey"),
        )


def _agrees(first: Page, pages: int, read: int) -> bool:
    """`total` counts pages, 0 where it was not computed; `items` counts all rows, or those of the page."""
    all_pages = first.total in (None, 0, pages)
    return all_pages and (first.items in (None, read) or (pages > 1 and first.items == len(first.rows)))


def _cut_short(client: Reader, call: Call, first: Page, read: int) -> Unexpected:
    return Unexpected(
        ErrorCode.CUT_SHORT,
        system=client.system,
        route=call.route,
        total=first.total,
        items=first.items,
        read=read,
    )


def _once(client: Reader, call: Call, mark: str, seen: set[str]) -> None:
    if mark in seen:
        raise Unexpected(
            ErrorCode.PAGING_LOOP, system=client.system, route=call.route, what=client.redactor.excerpt(mark)
        )
    seen.add(mark)


# --- ConnectWise ----------------------------------------------------------------------------------


def list_rows(client: Reader, call: Call, *, size: int = 1000) -> list[Row]:
    """Everything, forward only; by page number in order of id where the server does not do that (facts §4)."""
    try:
        return list(_forward(client, call, size))
    except NotForward:
        return list(_navigable(client, call, size))


def _forward(client: Reader, call: Call, size: int) -> Iterator[Row]:
    seen: set[str] = set()
    last, params = 0, {**call.params, "pageSize": size}
    headers = {**call.headers, "pagination-type": "forward-only"}
    while True:
        answer = client.read(replace(call, params=params, headers=headers))
        found = list_of(client, call, answer)
        ids = [_id(client, call, row) for row in found]
        if "pageId" in params and any(one <= last for one in ids):
            raise NotForward
        yield from found
        key = _next_key(answer, ids, size)
        if not key:
            return
        _once(client, call, key, seen)
        last, params = max(ids, default=last), {**params, "pageId": key}


def _next_key(answer: Answer, ids: Sequence[int], size: int) -> str:
    """The next `pageId`, empty on the last page; without any Link header a full page may not be the last."""
    link = answer.headers.get("link")
    if link is None:
        return str(max(ids)) if len(ids) >= size else ""
    query = _next_query(link)
    if "page" in query and "pageId" not in query:
        raise NotForward
    return query.get("pageId", "")


def _navigable(client: Reader, call: Call, size: int) -> Iterator[Row]:
    seen: set[str] = set()
    params = {**call.params, "pageSize": size, "orderBy": "id asc"}
    for page in count(1):
        answer = client.read(replace(call, params={**params, "page": page}))
        found = list_of(client, call, answer)
        if not found:
            return
        _once(client, call, str(_id(client, call, found[0])), seen)
        yield from found
        link = answer.headers.get("link")
        if (link is None and len(found) < size) or (link is not None and not _next_query(link)):
            return


def _next_query(link: str) -> Mapping[str, str]:
    """Parameters of the next page; the address itself is never followed, it may name another host."""
    found = NEXT.search(link)
    if not found:
        return {}
    given = parse_qs(urlsplit(found[1]).query)
    names = {"page": "page", "pageid": "pageId"}
    return {names[name.lower()]: values[0] for name, values in given.items() if name.lower() in names}


def list_of(client: Reader, call: Call, answer: Answer) -> Sequence[Row]:
    with understanding(client, call):
        return objects(answer.value, "list")


def _id(client: Reader, call: Call, row: Row) -> int:
    with understanding(client, call):
        return needed_whole(row, "id")


@contextmanager
def understanding(client: Reader, call: Call) -> Iterator[None]:
    """A field that does not hold what it should becomes an answer not understood."""
    try:
        yield
    except Puzzling as puzzle:
        raise Unexpected(ErrorCode.NOT_UNDERSTOOD, **puzzled(client, call, puzzle)) from puzzle


def puzzled(client: Reader, call: Call, puzzle: Puzzling) -> dict[str, Any]:
    return {
        "system": client.system,
        "route": call.route,
        "what": puzzle.field,
        "excerpt": client.redactor.excerpt(str(puzzle.value)),
    }
