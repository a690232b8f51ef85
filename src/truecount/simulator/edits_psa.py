"""Changes of the PSA's records behind its API's back, without its checks."""

from collections.abc import Iterable
from typing import Any

from truecount.simulator.billing import agreement_status, field_definitions
from truecount.simulator.books import HOMES, Books, Row
from truecount.simulator.clock import date_text, months_later
from truecount.simulator.contract import Field, Kind, schema
from truecount.simulator.edits import BadControl, Json, merged
from truecount.simulator.resources import REFERENCES
from truecount.simulator.rules import FILLS, settle_agreement
from truecount.simulator.wire import JSON_TYPE, Answer, empty_answer

STATE_TABLES = (
    "companies",
    "agreements",
    "additions",
    "catalog",
    "invoices",
    "companyTypes",
    "statuses",
    "agreementTypes",
    "categories",
    "subcategories",
    "types",
    "unitOfMeasures",
    "manufacturers",
    "billingCycles",
    "members",
    "securityroles",
    "contacts",
    "sites",
    "billingTerms",
    "currencies",
)


class BooksEdits:
    """The PSA's tables without their validation."""

    def __init__(self, books: Books) -> None:
        self.books = books

    def state(self) -> Iterable[tuple[str, Iterable[bytes]]]:
        for name in STATE_TABLES:
            rows = self.books[name].rows.values()
            yield name, [self.books.text(name, HOMES[name].schema, row) for row in rows]

    def _answer(self, status: int, table: str, row: Row) -> Answer:
        body = self.books.text(table, HOMES[table].schema, row)
        return Answer(status=status, body=body, headers=[JSON_TYPE])

    def _table(self, collection: str) -> str:
        if collection not in self.books.tables:
            raise BadControl(404, f"no collection {collection}")
        return collection

    def _row(self, table: str, id: str) -> Row:
        row = self.books[table].rows.get(int(id)) if id.isdigit() else None
        if row is None:
            raise BadControl(404, f"no {id} in {table}")
        return row

    def create(self, collection: str, given: Json) -> Answer:
        table = self._table(collection)
        home = HOMES[table]
        row: Row = {}
        self._write(table, row, given)
        if home.parent_field is not None and row.get(home.parent_field) is None:
            raise BadControl(400, f"{home.parent_field} is needed")
        if "id" in given:
            row["id"] = int(given["id"])
        fill = FILLS.get(table)
        if fill is not None and self._parent_exists(table, row):
            fill(self.books, row)
        self._complete(table, row)
        types = row.pop("_types", ())
        self.books.add(table, row, "control")
        for kind in types:
            self.books.add("typeAssociations", {"company": row["id"], "type": kind}, "control")
        return self._answer(201, table, row)

    def _complete(self, table: str, row: Row) -> None:
        """What every record of the real system has, where a caller left it out."""
        if table == "agreements" and row.get("contact") is None and self.books["contacts"].rows:
            company = self.books["companies"].rows.get(row.get("company") or 0, {})
            row["contact"] = company.get("defaultContact") or min(self.books["contacts"].rows)
        if table == "catalog":
            row.setdefault("identifier", f"ITEM-{self.books[table].last_id + 1}")
            row.setdefault("description", row["identifier"])
            row.setdefault("customerDescription", row["description"])
            row.setdefault("subcategory", min(self.books["subcategories"].rows))
            row.setdefault("type", min(self.books["types"].rows))

    def _parent_exists(self, table: str, row: Row) -> bool:
        home = HOMES[table]
        return home.parent is None or row[str(home.parent_field)] in self.books[home.parent].rows

    def patch(self, collection: str, id: str, given: Json) -> Answer:
        table = self._table(collection)
        row = self._row(table, id)
        changed = dict(row)
        self._write(table, changed, given)
        types = changed.pop("_types", None)
        parent_field = HOMES[table].parent_field
        if parent_field is not None:
            self.books[table].adopt(row, changed[parent_field])
        row.clear()
        row.update(changed)
        if types is not None:
            self._retype(row["id"], types)
        if table == "agreements":
            settle_agreement(self.books, row, set(given))
        self.books.touch(table, row, "control")
        return self._answer(200, table, row)

    def _retype(self, company: int, types: list[int]) -> None:
        for link in list(self.books["typeAssociations"].of(company)):
            self.books.remove("typeAssociations", link["id"], "control")
        for kind in types:
            self.books.add("typeAssociations", {"company": company, "type": kind}, "control")

    def delete(self, collection: str, id: str) -> Answer:
        table = self._table(collection)
        self.books.remove(table, self._row(table, id)["id"], "control")
        return empty_answer(204)

    def _write(self, table: str, row: Row, given: Json) -> None:
        """Merges values in the vendor's field names into a row; what the PSA computes is turned into its causes."""
        fields = schema(HOMES[table].schema)
        for name, value in given.items():
            if name == "agreementStatus":
                self._write_status(table, row, str(value))
            elif name == "customFields":
                row["_custom"] = _custom_values(self.books, table, value)
            elif name == "types" and table == "companies":
                row["_types"] = [self._reference_value(fields[name], item) for item in value or ()]
            elif name in fields and name not in ("id", "_info"):
                row[name] = self._form(fields[name], row.get(name), value)

    def _write_status(self, table: str, row: Row, status: str) -> None:
        """A status that a caller wants to see, as dates and flags."""
        today = self.books.clock.today()
        yesterday, tomorrow = date_text(today.replace(day=1)), date_text(months_later(today, 1))
        if table == "additions":
            row["cancelledDate"] = yesterday if status == "Cancelled" else None
            return
        row["cancelledFlag"] = status == "Cancelled"
        row["noEndingDateFlag"] = status != "Expired"
        row["endDate"] = date_text(months_later(today.replace(day=1), -1)) if status == "Expired" else None
        if status == "Inactive":
            row["startDate"] = tomorrow
        elif agreement_status(self.books, {**row, "cancelledFlag": False, "endDate": None}) == "Inactive":
            row["startDate"] = yesterday

    def _form(self, field: Field, held: Any, value: Any) -> Any:
        """The row's own form of a JSON value, without checks."""
        if value is None:
            return None
        match field.kind:
            case Kind.NUMBER:
                return float(value)
            case Kind.DATE if isinstance(value, str) and len(value) == 10:
                return f"{value}T00:00:00Z"
            case Kind.REFERENCE:
                return self._reference_value(field, value)
            case Kind.LIST if field.items is Kind.REFERENCE:
                return [self._reference_value(field, item) for item in value]
            case Kind.ANY | Kind.MAP | Kind.RECORD:
                return merged(held, value)
        return value

    def _reference_value(self, field: Field, value: Any) -> Any:
        table = REFERENCES.get(str(field.of))
        if table is None or not isinstance(value, dict):
            return value
        if value.get("id") is not None:
            return int(value["id"])
        for key in ("identifier", "name"):
            for row in self.books[table].rows.values():
                shown = self.books.title(table, row) if key == "name" else row.get(key)
                if key in value and shown == value[key]:
                    return row["id"]
        raise BadControl(400, f"{field.name}: no such record")


def _custom_values(books: Books, table: str, value: Any) -> dict[int, Any]:
    captions = {field["caption"]: field["id"] for field in field_definitions(books, table)}
    return {int(entry.get("id") or captions.get(entry.get("caption"), 0)): entry.get("value") for entry in value or ()}
