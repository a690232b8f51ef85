"""Where a set-up value is used: the routes `…/usages` and `…/usages/list`."""

from collections.abc import Iterator

from truecount.simulator.books import HOMES, Books, Row
from truecount.simulator.contract import Kind, schema
from truecount.simulator.resources import REFERENCES, RESOURCES, Resource

USED = (
    "/company/companies/statuses",
    "/company/companies/types",
    "/company/companies/{id}/sites",
    "/finance/agreements/types",
    "/finance/billingCycles",
    "/finance/billingTerms",
    "/finance/currencies",
    "/procurement/subcategories",
    "/procurement/types",
)
"""Collections whose definition has these routes."""


def used_resources() -> Iterator[Resource]:
    yield from (resource for resource in RESOURCES if resource.path in USED)


def users(books: Books, table: str, id: int) -> Iterator[tuple[Resource, list[Row]]]:
    """The records of each collection that refer to one."""
    for home in HOMES.values():
        names = [
            field.name
            for field in schema(home.schema).values()
            if field.kind is Kind.REFERENCE and REFERENCES.get(str(field.of)) == table
        ]
        rows = [row for row in books[home.table].rows.values() if any(row.get(name) == id for name in names)]
        if rows:
            yield home, rows


def counted(books: Books, table: str, id: int) -> list[Row]:
    return [{"type": home.thing, "count": len(rows), "typeKey": home.table} for home, rows in users(books, table, id)]


def listed(books: Books, table: str, id: int) -> list[Row]:
    return [
        {"type": home.thing, "id": row["id"], "description": books.title(home.table, row) or "", "typeKey": home.table}
        for home, rows in users(books, table, id)
        for row in rows
    ]
