"""Reading collections: the query of a call, selection, the two kinds of paging and their Link header; no writes."""

from collections.abc import Iterable
from dataclasses import dataclass
from urllib.parse import parse_qsl, quote

from truecount.simulator.books import HOMES, Books, Row
from truecount.simulator.conditions import BadCondition
from truecount.simulator.names import child_filter, custom_filter, field_tree, ordered, partial, row_filter
from truecount.simulator.resources import Resource
from truecount.simulator.wire import Call, Header, dumps, header

PAGE_SIZE = 25
MOST = 1000


class BadQuery(ValueError):
    """A query that can't be answered; the text says why."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Query:
    """The parameters of a read; names without regard to case, unknown ones are passed over."""

    conditions: str = ""
    child: str = ""
    custom: str = ""
    order: str = ""
    fields: str = ""
    page: int = 1
    size: int = PAGE_SIZE
    page_id: int = 0
    forward: bool = False
    others: tuple[tuple[str, str], ...] = ()
    """Everything but the page, as sent, for links."""


PLAIN = Query()


def read_query(call: Call, books: Books) -> Query:
    forward = (call.header("pagination-type") or "").lower() == "forward-only"
    if not call.query:
        return Query(forward=True) if forward else PLAIN
    pairs = parse_qsl(call.query.decode("utf-8", "replace"), keep_blank_values=True)
    return query_of(pairs, books, forward=forward)


def query_of(pairs: list[tuple[str, str]], books: Books, *, forward: bool) -> Query:
    """Raises BadQuery."""
    named = {name.lower(): value for name, value in pairs}
    size = _number(named.get("pagesize"), PAGE_SIZE, "pageSize")
    if size > MOST and books.switches["C-08"] == "400":
        raise BadQuery("pageSize must not be above 1000.")
    return Query(
        conditions=named.get("conditions", "").strip(),
        child=named.get("childconditions", "").strip(),
        custom=named.get("customfieldconditions", "").strip(),
        order=named.get("orderby", "").strip(),
        fields=named.get("fields", "").strip(),
        page=max(_number(named.get("page"), 1, "page"), 1),
        size=min(max(size, 1), MOST),
        page_id=_number(named.get("pageid"), 0, "pageId"),
        forward=forward,
        others=tuple(pair for pair in pairs if pair[0].lower() not in ("page", "pageid", "pagesize")),
    )


def _number(text: str | None, otherwise: int, name: str) -> int:
    if text is None or not text.strip():
        return otherwise
    try:
        return int(text)
    except ValueError as error:
        raise BadQuery(f"{name} must be an integer.") from error


def selected(books: Books, resource: Resource, schema: str, rows: Iterable[Row], query: Query) -> list[Row]:
    """The rows that fulfil a query, in its order, all pages; raises BadCondition."""
    table = resource.table
    if query.conditions:
        test = row_filter(books, table, schema, query.conditions)
        rows = [row for row in rows if test(row)]
    if query.child:
        test = child_filter(books, table, schema, query.child)
        rows = [row for row in rows if test(row)]
    if query.custom:
        test = custom_filter(books, table, query.custom)
        rows = [row for row in rows if test(row)]
    if query.order and not query.forward:
        return ordered(books, table, schema, rows, query.order)
    found = list(rows)
    if books.switches["C-12"] == "unordered" and not query.forward:
        found.sort(key=lambda row: row["id"] * 2654435761 % 4294967296)
    return found


def rows_of(books: Books, resource: Resource, ids: list[int]) -> Iterable[Row]:
    """The rows of a collection; of the parent that the path names, where it has one."""
    table = books[resource.table]
    if resource.parent is None:
        return table.rows.values()
    if resource.parent_field == HOMES[resource.table].parent_field:
        return table.of(ids[0])
    field = str(resource.parent_field)
    return (row for row in table.rows.values() if row.get(field) == ids[0])


def trail_of(rows: Iterable[Row], query: Query) -> list[Row]:
    """The audit trail of one kind of records, or of one record, as `type` and `id` ask for."""
    asked = {name.lower(): value.replace(" ", "").lower() for name, value in query.others}
    kind, id = asked.get("type", ""), asked.get("id", "")
    return [
        row
        for row in rows
        if (not kind or row["auditType"].replace(" ", "").lower() == kind) and (not id or str(row["_record"]) == id)
    ]


def one_page(books: Books, rows: list[Row], query: Query) -> list[Row]:
    """Raises BadCondition where forward-only paging is asked for in an order."""
    if query.forward:
        if query.order:
            raise BadCondition("orderBy is not allowed with forward-only pagination.")
        return [row for row in rows if row["id"] > query.page_id][: query.size]
    start = (query.page - 1) * query.size
    if query.page > 1 and books.switches["C-52"] == "paging shift":
        start += 1
    return rows[start : start + query.size]


def body_of(books: Books, resource: Resource, schema: str, rows: list[Row], query: Query) -> bytes:
    """The rows as a JSON array."""
    if not query.fields:
        return b"[" + b",".join([books.text(resource.table, schema, row) for row in rows]) + b"]"
    tree = field_tree(schema, query.fields, strict=books.switches["C-13"] == "400")
    return dumps([partial(books, resource.table, schema, row, tree) for row in rows])


def record_body(books: Books, resource: Resource, schema: str, row: Row, query: Query) -> bytes:
    if not query.fields:
        return books.text(resource.table, schema, row)
    return body_of(books, resource, schema, [row], query)[1:-1]


def link_header(call: Call, books: Books, query: Query, total: int, page: list[Row]) -> Header | None:
    """R6: on every page; the number of the page is the last parameter."""
    address = f"{call.base}{call.path}?"
    for name, value in query.others:
        address += f"{quote(name)}={quote(value, safe='')}&"
    address += f"pageSize={query.size}&"
    if query.forward:
        return _forward_link(books, address, query, page)
    last = max((total + query.size - 1) // query.size, 1)
    if query.page >= last:
        held = books.switches["C-10" if last == 1 else "C-09"]
        if held == "absent":
            return None
        if held == "empty":
            return header("link", "")
    rels = {"first": 1}
    if query.page > 1:
        rels["prev"] = min(query.page - 1, last)
    if query.page < last:
        rels["next"] = query.page + 1
    rels["last"] = last
    return header("link", ", ".join(f'<{address}page={number}>; rel="{rel}"' for rel, number in rels.items()))


def _forward_link(books: Books, address: str, query: Query, page: list[Row]) -> Header | None:
    if len(page) == query.size:
        return header("link", f'<{address}pageId={page[-1]["id"]}>; rel="next"')
    return header("link", "") if books.switches["C-11"] == "empty" else None
