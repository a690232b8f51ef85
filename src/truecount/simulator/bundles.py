"""POST /system/bundles: several reads in one call, each with its own status; writes are refused."""

import json
from collections.abc import Mapping
from typing import Any

from truecount.simulator import refusals
from truecount.simulator.bodies import read_body
from truecount.simulator.books import HOMES, Books, Row
from truecount.simulator.conditions import BadCondition
from truecount.simulator.names import field_tree, partial
from truecount.simulator.queries import BadQuery, Query, one_page, query_of, rows_of, selected
from truecount.simulator.resources import Resource
from truecount.simulator.wire import Answer, Call, json_answer

TYPES: Mapping[str, str] = {
    "addition": "additions",
    "agreement": "agreements",
    "agreementtype": "agreementTypes",
    "catalogitem": "catalog",
    "company": "companies",
    "companysite": "sites",
    "contact": "contacts",
    "invoice": "invoices",
    "member": "members",
}
"""Resource types in lower case → table."""


class Refused(Exception):
    """One request of a bundle that is not answered."""

    def __init__(self, status: int, code: str, message: str) -> None:
        super().__init__(message)
        self.status = status
        self.error = {"code": code, "message": message}


def lowered(value: Any) -> Any:
    """Keys without regard to case, all levels."""
    if isinstance(value, dict):
        return {str(key).lower(): lowered(item) for key, item in value.items()}
    return [lowered(item) for item in value] if isinstance(value, list) else value


def bundle_answer(books: Books, call: Call, *, count_only: bool = False) -> Answer:
    """`count_only`: the twin /count, whose results carry the number of all records that match, and none of them."""
    body = lowered(read_body(books.switches, call))
    requests = body.get("requests") if isinstance(body, dict) else None
    if not isinstance(requests, list) or not all(isinstance(request, dict) for request in requests):
        return refusals.bad_request(books.switches, "requests is required.")
    held = books.switches["C-48"]
    if held in ("50", "100") and len(requests) > int(held):
        return refusals.bad_request(books.switches, f"A bundle has at most {held} requests.")
    results = [_result(books, request, count_only) for request in requests]
    mixed = held == "207" and any(not result["success"] for result in results)
    return json_answer(207 if mixed else 200, {"results": results})


def _result(books: Books, request: dict[str, Any], count_only: bool) -> dict[str, Any]:
    kind = request.get("resourcetype") or request.get("resourcename")
    result: dict[str, Any] = {
        "sequenceNumber": request.get("sequencenumber"),
        "resourceType": kind,
        "entities": [],
        "count": 0,
    }
    try:
        entities = _entities(books, str(kind), request.get("apirequest") or {}, count_only)
    except Refused as refused:
        outcome = {"success": False, "statusCode": refused.status, "error": refused.error}
    else:
        result |= {"entities": [] if count_only else entities, "count": len(entities)}
        outcome = {"success": True, "statusCode": 200}
    version = {"version": request["version"]} if request.get("version") else {}
    return {name: value for name, value in {**result, **version, **outcome}.items() if value is not None}


def _entities(books: Books, kind: str, asked: dict[str, Any], count_only: bool) -> list[Any]:
    table = TYPES.get(kind.lower())
    if table is None:
        raise Refused(400, "InvalidObject", f"Resource type {kind} is not supported.")
    home = HOMES[table]
    if not books.switches.may(home.module, "I"):
        raise Refused(403, "Security", "You do not have security permission to perform this action.")
    if asked.get("entity"):
        raise Refused(405, "MethodNotAllowed", "Writing through a bundle is not supported.")
    query = _query(books, asked)
    ids = _parent(books, home, asked.get("parentid"))
    try:
        return _found(books, home, ids, asked.get("id"), query, count_only)
    except (BadCondition, RecursionError) as error:
        raise Refused(400, "ApiFindCondition", str(error)) from error


def _parent(books: Books, home: Resource, given: Any) -> list[int]:
    if home.parent is None:
        return []
    if not isinstance(given, int):
        raise Refused(400, "InvalidObject", "parentId is required.")
    if given not in books[home.parent].rows:
        raise Refused(404, "NotFound", f"{HOMES[home.parent].thing} {given} not found")
    return [given]


def _query(books: Books, asked: dict[str, Any]) -> Query:
    filters = asked.get("filters") or {}
    page = asked.get("page") or {}
    given = {**filters, **page, "fields": asked.get("fields")}
    pairs = [(name, str(value)) for name, value in given.items() if value is not None]
    forward = bool(page.get("pageid")) and not page.get("page")
    try:
        return query_of(pairs, books, forward=forward)
    except BadQuery as error:
        raise Refused(400, "InvalidObject", str(error)) from error


def _found(books: Books, home: Resource, ids: list[int], id: Any, query: Query, count_only: bool) -> list[Any]:
    rows = list(rows_of(books, home, ids))
    if isinstance(id, int):
        rows = [row for row in rows if row["id"] == id]
        if not rows:
            raise Refused(404, "NotFound", f"{home.thing} {id} not found")
    found = selected(books, home, home.schema, rows, query)
    if count_only:
        return found
    page = one_page(books, found, query)
    return [_shown(books, home, row, query) for row in page]


def _shown(books: Books, home: Resource, row: Row, query: Query) -> dict[str, Any]:
    if query.fields:
        tree = field_tree(home.schema, query.fields, strict=books.switches["C-13"] == "400")
        return partial(books, home.table, home.schema, row, tree)
    shown: dict[str, Any] = json.loads(books.text(home.table, home.schema, row))
    return shown
