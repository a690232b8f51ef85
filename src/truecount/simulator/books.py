"""What the simulated PSA holds: tables of rows, references between them, and how a record looks as JSON.

A row holds what was written: references as ids, dates as texts, no computed values. `_updated` and `_by` become
`_info`. Addresses are written with the mark `BASE`, which each answer replaces by the address its caller used.
"""

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from truecount.simulator.clock import Clock, moment_text
from truecount.simulator.contract import Field, Kind, schema
from truecount.simulator.defaults import DEFAULTS
from truecount.simulator.models import LATEST
from truecount.simulator.resources import FIRST_IDS, HREFS, REFERENCES, RESOURCES, Resource
from truecount.simulator.switches import Switches
from truecount.simulator.wire import BASE, dumps

Row = dict[str, Any]
Computed = Callable[["Books", Row], Any]

PREFIX = "/v4_6_release/apis/3.0"
ME = "SimApi"
"""The member behind the keys."""

HOMES: Mapping[str, Resource] = {resource.table: resource for resource in reversed(RESOURCES)}
"""The main collection of each table."""

AUDITED = frozenset({"companies", "contacts", "sites", "agreements", "additions", "catalog", "invoices"})
Watch = Callable[[str, Row, str, str], None]
"""(table, row, added | updated | deleted, who) → told after each change."""


class Table:
    def __init__(self, name: str) -> None:
        home = HOMES[name]
        self.name = name
        self.parent_field = home.parent_field
        self.rows: dict[int, Row] = {}
        self.gone: dict[int, Row] = {}
        """Deleted rows, whose names dangling references still show."""
        self.children: dict[int, list[int]] = {}
        self.last_id = FIRST_IDS.get(name, 1) - 1
        self.has_defaults = DEFAULTS.get(name, {})

    def put(self, row: Row) -> Row:
        """Adds a row; gives it the next id where it has none."""
        if "id" not in row:
            row["id"] = self.last_id + 1
        self.last_id = max(self.last_id, row["id"])
        self.rows[row["id"]] = row
        self.gone.pop(row["id"], None)
        if self.parent_field is not None:
            self.children.setdefault(row[self.parent_field], []).append(row["id"])
        return row

    def drop(self, id: int) -> None:
        row = self.rows.pop(id)
        self.gone[id] = row
        if self.parent_field is not None:
            self.children[row[self.parent_field]].remove(id)

    def of(self, parent: int) -> Iterator[Row]:
        """The rows of one parent, by id."""
        return (self.rows[id] for id in self.children.get(parent, ()))

    def adopt(self, row: Row, parent: int) -> None:
        """Moves a row to another parent."""
        if self.parent_field is not None and row[self.parent_field] != parent:
            self.children[row[self.parent_field]].remove(row["id"])
            self.children.setdefault(parent, []).append(row["id"])
            row[self.parent_field] = parent


class Books:
    """All tables of the PSA, its clock and its switches."""

    def __init__(self, *, clock: Clock, switches: Switches, computed: Mapping[str, Mapping[str, Computed]]) -> None:
        self.clock = clock
        self.switches = switches
        self.computed = computed
        self.tables = {name: Table(name) for name in HOMES}
        self.today = clock.today().isoformat()
        self.model = LATEST
        """The model version of the running call; see models.py."""
        self.watch: Watch | None = None
        self._texts: dict[tuple[str, str, int], bytes] = {}
        self._last_invoices: dict[int, Row] | None = None

    def __getitem__(self, name: str) -> Table:
        return self.tables[name]

    def stamp(self) -> str:
        return moment_text(self.clock.now())

    def touch(self, table: str, row: Row, by: str = ME, action: str = "updated") -> None:
        """To be called after each change of a row: its time stamp, and what was kept of it as text."""
        row["_updated"] = self.stamp()
        row["_by"] = by
        if table == "additions":
            self._texts.pop((table, "Addition", row["id"]), None)
            self._texts.pop(("agreements", "AgreementRecap", row["agreementId"]), None)
        else:
            self.forget()
        self._changed(table, row, action, by)

    def _changed(self, table: str, row: Row, action: str, by: str) -> None:
        if table in AUDITED:
            thing = HOMES[table].thing
            entry = {
                "text": f"{thing} {row['id']} has been {action}.",
                "enteredDate": self.stamp(),
                "enteredBy": by,
                "auditType": thing,
                "auditSubType": action.capitalize(),
                "auditSource": "API" if by == ME else "User",
                "_record": row["id"],
            }
            self.tables["auditTrail"].put(entry)
        if self.watch is not None:
            self.watch(table, row, action, by)

    def forget(self) -> None:
        self._texts.clear()
        self._last_invoices = None

    def last_invoices(self) -> dict[int, Row]:
        """The newest invoice of each agreement; kept until something changes."""
        if self._last_invoices is None:
            rows = sorted(self.tables["invoices"].rows.values(), key=lambda row: (row.get("date") or "", row["id"]))
            self._last_invoices = {row["agreement"]: row for row in rows if row.get("agreement") is not None}
        return self._last_invoices

    def value(self, table: str, row: Row, name: str) -> Any:
        """One field of a row as it is answered, references still as ids."""
        computed = self.computed.get(table)
        if computed is not None and name in computed:
            return computed[name](self, row)
        value = row.get(name)
        return DEFAULTS.get(table, {}).get(name) if value is None else value

    def text(self, table: str, schema_name: str, row: Row) -> bytes:
        """A whole record as JSON with the mark instead of the address; kept until something changes."""
        key = (table, schema_name, row["id"])
        kept = self._texts.get(key)
        if kept is None:
            kept = self._texts[key] = dumps(self.record(table, schema_name, row))
        return kept

    def record(self, table: str, schema_name: str, row: Row) -> dict[str, Any]:
        """A whole record as the API answers it; what is null is left out."""
        record: dict[str, Any] = {}
        for name, field in schema(schema_name).items():
            if name == "_info":
                record["_info"] = self.info(table, row)
                continue
            shown = self.shown(field, self.value(table, row, name))
            if shown is not None:
                record[name] = shown
        return record

    def shown(self, field: Field, value: Any) -> Any:
        if value is None:
            return None
        if field.kind is Kind.REFERENCE:
            return self.reference(str(field.of), value)
        if field.kind is Kind.LIST and field.items is Kind.REFERENCE:
            return [self.reference(str(field.of), item) for item in value]
        return value

    def reference(self, of: str, value: Any) -> dict[str, Any]:
        """`{id, name[, identifier], _info}`; what is not simulated as it was given."""
        if isinstance(value, dict):
            return value
        table = REFERENCES[of]
        target = self.target(table, value)
        shown: dict[str, Any] = {"id": value}
        if target is not None:
            for name in schema(of):
                if name not in ("id", "_info"):
                    label = self.label(table, target, of, name)
                    if label is not None:
                        shown[name] = label
        shown["_info"] = {HREFS[table]: BASE + PREFIX + self.path(table, value, target)}
        return shown

    def target(self, table: str, id: int) -> Row | None:
        """A referenced row, also one that was deleted behind the reference."""
        held = self.tables[table]
        return held.rows.get(id) or held.gone.get(id)

    def path(self, table: str, id: int, row: Row | None) -> str:
        home = HOMES[table]
        collection = home.path
        if home.parent_field is not None and row is not None:
            collection = collection.replace("{id}", str(row[home.parent_field]))
        return f"{collection}/{id}"

    def label(self, table: str, row: Row, of: str, name: str) -> Any:
        """A field of a reference, which may be called otherwise in the record itself."""
        if name == "name":
            return self.title(table, row)
        if of == "AgreementReference":
            if name == "type":
                kind = self.tables["agreementTypes"].rows.get(row.get("type", 0))
                return kind["name"] if kind else None
            return self.value(table, row, "chargeToFirm") if name == "chargeFirmFlag" else None
        if of == "CurrencyReference" and name == "currencyCode":
            return row["currencyCode"]["name"]
        return self.value(table, row, name) if name != "dailyCapacity" else None

    def title(self, table: str, row: Row) -> str | None:
        match table:
            case "contacts":
                return " ".join(str(row[key]) for key in ("firstName", "lastName") if row.get(key))
            case "members":
                return f"{row['firstName']} {row['lastName']}"
            case "catalog":
                return row.get("description")
        return row.get("name")

    def info(self, table: str, row: Row) -> dict[str, str]:
        """The record's own `_info`; every value is a string."""
        info = {"lastUpdated": row.get("_updated", ""), "updatedBy": row.get("_by", "admin1")}
        info = {key: value for key, value in info.items() if value}
        here = BASE + PREFIX
        id = row["id"]
        match table:
            case "agreements":
                info["additions_href"] = f"{here}/finance/agreements/{id}/additions"
                info["adjustments_href"] = f"{here}/finance/agreements/{id}/adjustments"
                info["configurations_href"] = f"{here}/finance/agreements/{id}/configurations"
            case "companies":
                info["contacts_href"] = f"{here}/company/contacts?conditions=company/id={id}"
                info["agreements_href"] = f"{here}/finance/agreements?conditions=company/id={id}"
                info["sites_href"] = f"{here}/company/companies/{id}/sites"
            case "catalog":
                info["components_href"] = f"{here}/procurement/catalog/{id}/components"
        return info

    def add(self, table: str, row: Row, by: str = ME) -> Row:
        """A new record from outside the start of the world."""
        self.tables[table].put(row)
        self.touch(table, row, by, "added")
        return row

    def remove(self, table: str, id: int, by: str = ME) -> None:
        self.tables[table].drop(id)
        self.forget()
        self._changed(table, self.tables[table].gone[id], "deleted", by)
