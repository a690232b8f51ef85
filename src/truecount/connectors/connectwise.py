"""ConnectWise PSA as a `Psa`: companies, agreements, catalog, additions, and the few writes that billing needs."""

from __future__ import annotations

import base64
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import UTC, date, datetime
from functools import partial
from typing import TypeVar

import httpx2

from truecount.connectors import connectwise_records as records
from truecount.connectors.connectwise_address import Site
from truecount.connectors.connectwise_gateway import Gateway
from truecount.connectors.connectwise_rights import ADMINISTRATOR, NEEDED, RECOMMENDED, judge
from truecount.connectors.http import Call, Client, Settings, in_parallel
from truecount.connectors.pace import REAL_TIME, Pace, Rate, Ticker
from truecount.connectors.paging import list_of, list_rows, puzzled, understanding
from truecount.connectors.redaction import Redactor
from truecount.connectors.values import Json, Puzzling, Row, flag, inner, objects, understood, whole
from truecount.core.errors import ErrorCode, Misused, Refused, RetryLater, Stale
from truecount.core.model import Addition, Agreement, CatalogItem, Company
from truecount.core.ports import (
    AdditionEdit,
    Checked,
    Choice,
    ItemEdit,
    NewAddition,
    Recorder,
    Right,
    SetupTables,
)

T = TypeVar("T")

SYSTEM = "ConnectWise PSA"
RATES = (Rate(1000, 60.5),)
"""Above 1,000 requests a minute it throttles (facts: ConnectWise §2.8); half a second for uneven arrival."""
THREADS = 12
UNNAMED_PAUSE = 30.0
"""After 429 without Retry-After, doubled each time (facts: ConnectWise §2.8)."""
MOST_FOUND = 50
NOT_ALLOWED = (ErrorCode.MISSING_RIGHT, ErrorCode.NOT_FOUND)
"""What a call gives that these keys may not make; some servers hide it as not found (facts: ConnectWise C-53)."""

COMPANIES, STATUSES = "/company/companies", "/company/companies/statuses"
AGREEMENTS, CYCLES = "/finance/agreements", "/finance/billingCycles"
ADDITIONS, ADDITION = "/finance/agreements/{id}/additions", "/finance/agreements/{id}/additions/{id}"
CATALOG, ITEM = "/procurement/catalog", "/procurement/catalog/{id}"


class ConnectWisePsa:
    """A `Psa`. Nothing is sent before the first method is called."""

    def __init__(
        self,
        *,
        url: str,
        company: str,
        public_key: str,
        private_key: str,
        client_id: str,
        record: Recorder,
        settings: Settings | None = None,
        pace: Pace | None = None,
        transport: httpx2.BaseTransport | None = None,
        today: Callable[[], date] | None = None,
        ticker: Ticker = REAL_TIME,
    ) -> None:
        """`today` is asked only where the server does not tell the state of an agreement itself."""
        self._settings = settings or Settings()
        self._today = today or _utc_today
        self._site = Site.parse(url)
        self._company = company
        if not (client_id.isascii() and client_id.isprintable()):
            raise Misused(ErrorCode.BAD_VALUE, field="client_id", value="")
        user = f"{company}+{public_key}"
        client = Client(
            system=SYSTEM,
            origin=self._site.api(""),
            record=record,
            pace=pace or Pace(self._settings.rates or RATES, ticker=ticker),
            redactor=Redactor(private_key, base64.b64encode(f"{user}:{private_key}".encode()).decode()),
            settings=self._settings,
            threads=self._settings.threads or THREADS,
            auth=httpx2.BasicAuth(user, private_key),
            headers={
                "clientId": client_id,
                "Accept": f"application/vnd.connectwise.com+json; version={self._settings.api_version}",
            },
            unnamed_pause=UNNAMED_PAUSE,
            transport=transport,
            ticker=ticker,
        )
        self._gateway = Gateway(client, self._site, company)

    def close(self) -> None:
        self._gateway.close()

    def identity(self) -> str:
        return f"{self._site.name}/{self._company.lower()}"

    # --- check ------------------------------------------------------------------------------------

    def check(self) -> Checked:
        """Rights as the server lists them for these keys; where it does not, what reading alone can show."""
        call = Call(path="/system/mySecurity", params={"pageSize": 1000})
        try:
            answer = self._gateway.read(call)
        except Refused as refused:
            if refused.code not in NOT_ALLOWED:
                raise
            return Checked(identity=self.identity(), missing=self._unreadable(), notes={"rights": "unreadable"})
        with understanding(self._gateway, call):
            rights = judge(objects(answer.value, "list"))
        admin = (ADMINISTRATOR,) if self._is_administrator() else ()
        notes = {} if rights.recommended else {"recommended": str(RECOMMENDED)}
        return Checked(identity=self.identity(), missing=rights.missing, excess=(*rights.excess, *admin), notes=notes)

    def _unreadable(self) -> tuple[Right, ...]:
        paths = (COMPANIES, AGREEMENTS, CATALOG)
        rights = (Right(module=module, function=function, verb="Inquire") for module, function in NEEDED)
        return tuple(right for path, right in zip(paths, rights, strict=True) if not self._may_read(path))

    def _may_read(self, path: str) -> bool:
        """A collection that is always there is not found with wrong keys (facts: ConnectWise §2.4)."""
        try:
            self._gateway.read(Call(path=path, params={"pageSize": 1}))
        except Refused as refused:
            if refused.code is ErrorCode.MISSING_RIGHT:
                return False
            if refused.code is ErrorCode.NOT_FOUND:
                raise Refused(ErrorCode.WRONG_CREDENTIALS, **refused.fields) from refused
            raise
        return True

    def _is_administrator(self) -> bool:
        call = Call(path="/system/myMembers")
        me = self._if_allowed(call)
        with understanding(self._gateway, call):
            if flag(me, "adminFlag"):
                return True
            role = whole(inner(me, "securityRole"), "id")
        call = Call(path="/system/securityroles/{id}", ids=(role,))
        with understanding(self._gateway, call):
            return role is not None and flag(self._if_allowed(call), "adminFlag")

    def _if_allowed(self, call: Call) -> Row:
        """One record, empty where it may not be read or is not there."""
        try:
            value = self._gateway.read(call).value
        except Refused as refused:
            if refused.code not in NOT_ALLOWED:
                raise
            return {}
        value = value[0] if isinstance(value, Sequence) and value else value
        return value if isinstance(value, Mapping) else {}

    # --- read -------------------------------------------------------------------------------------

    def list_companies(self) -> list[Company]:
        inactive = self._inactive_statuses()
        call = Call(path=COMPANIES, params={"fields": records.COMPANY_FIELDS})
        return self._list(call, lambda row: records.company(row, inactive))

    def list_agreements(self) -> list[Agreement]:
        arrears, today = self._settings.arrears, self._today()
        cycles = self._cycles() if arrears else {}
        call = Call(path=AGREEMENTS, params={"fields": records.AGREEMENT_FIELDS})
        return self._list(call, lambda row: records.agreement(row, today, arrears, cycles))

    def list_catalog_items(self) -> list[CatalogItem]:
        return self._list(Call(path=CATALOG, params={"fields": records.ITEM_FIELDS}), records.catalog_item)

    def list_additions(self, agreements: Iterable[int]) -> dict[int, tuple[Addition, ...]]:
        """One call per agreement: there is no list of all additions (facts: ConnectWise §6.1)."""
        asked = list(dict.fromkeys(agreements))
        read = in_parallel(self._additions, asked, threads=self._gateway.threads)
        return {one: lines for one, lines in zip(asked, read, strict=True) if lines is not None}

    def get_catalog_item(self, item: int) -> CatalogItem:
        call, row = self._item(item)
        return self._made([row], records.catalog_item, call)[0]

    def find_catalog_items(self, text: str) -> list[CatalogItem]:
        """Asked for by the parts that a condition can hold without escapes, whose rules are not documented
        (facts: ConnectWise §5.1); what came is compared with the whole text."""
        sought = text.strip().lower()
        if not sought:
            return []
        call = Call(
            path=CATALOG,
            params={
                "conditions": containing(text),
                "fields": records.ITEM_FIELDS,
                "pageSize": 4 * MOST_FOUND,
                "orderBy": "identifier asc",
            },
        )
        rows = list_of(self._gateway, call, self._gateway.read(call))
        items = self._made(rows, records.catalog_item, call)
        fit = (one for one in items if sought in one.identifier.lower() or sought in one.description.lower())
        return list(fit)[:MOST_FOUND]

    def list_setup(self) -> SetupTables:
        paths = (
            "/procurement/categories",
            "/procurement/subcategories",
            "/procurement/types",
            "/procurement/unitOfMeasures",
            CYCLES,
        )
        tables = in_parallel(self._choices, paths, threads=self._gateway.threads)
        categories, subcategories, types, units, cycles = tables
        return SetupTables(
            categories=categories, subcategories=subcategories, types=types, units=units, billing_cycles=cycles
        )

    def _additions(self, parent: int) -> tuple[Addition, ...] | None:
        call = Call(path=ADDITIONS, ids=(parent,), params={"fields": records.ADDITION_FIELDS})
        try:
            return tuple(self._list(call, lambda row: records.addition(row, parent)))
        except Refused as refused:
            if refused.code is ErrorCode.NOT_FOUND:
                return None
            raise

    def _choices(self, path: str) -> tuple[Choice, ...]:
        return tuple(self._list(Call(path=path), records.choice))

    def _inactive_statuses(self) -> frozenset[int]:
        """Where statuses may not be read, a company's own status name must do."""
        try:
            found = self._list(Call(path=STATUSES), records.status)
        except Refused as refused:
            if refused.code not in NOT_ALLOWED:
                raise
            return frozenset()
        return frozenset(one for one, inactive in found if inactive)

    def _cycles(self) -> Mapping[int, str]:
        return dict(self._list(Call(path=CYCLES), records.cycle))

    def _item(self, item: int) -> tuple[Call, Row]:
        call = Call(path=ITEM, ids=(item,))
        value = self._gateway.read(call).value
        with understanding(self._gateway, call):
            return call, _record(value)

    def _list(self, call: Call, make: Callable[[Row], T]) -> list[T]:
        return self._made(list_rows(self._gateway, call), make, call)

    def _made(self, rows: Iterable[Row], make: Callable[[Row], T], call: Call) -> list[T]:
        return understood(rows, make, name="id", system=SYSTEM, route=call.route)

    # --- write ------------------------------------------------------------------------------------

    def create_addition(self, new: NewAddition, *, deadline: float) -> Addition:
        call = Call(method="POST", path=ADDITIONS, ids=(new.agreement,), body=records.new_addition(new))
        return self._write(call, partial(records.addition, parent=new.agreement), deadline)

    def update_addition(self, agreement: int, addition: int, edit: AdditionEdit, *, deadline: float) -> Addition:
        call = Call(method="PATCH", path=ADDITION, ids=(agreement, addition), body=records.addition_patch(edit))
        return self._write(call, partial(records.addition, parent=agreement), deadline)

    def create_catalog_item(self, edit: ItemEdit) -> CatalogItem:
        return self._write(Call(method="POST", path=CATALOG, body=records.new_item(edit)), records.catalog_item)

    def update_catalog_item(self, item: int, edit: ItemEdit, *, seen: str) -> CatalogItem:
        """Compared before it is sent, because there is no conditional write (facts: ConnectWise §2.7)."""
        read, row = self._item(item)
        fresh = self._made([row], records.catalog_item, read)[0]
        if fresh.updated != seen:
            raise Stale(ErrorCode.EDITED_MEANWHILE, system=SYSTEM, item=item, seen=seen, found=fresh.updated)
        with understanding(self._gateway, read):
            operations = records.item_patch(edit, row)
        if not operations:
            return fresh
        return self._write(Call(method="PATCH", path=ITEM, ids=(item,), body=operations), records.catalog_item)

    def _write(self, call: Call, make: Callable[[Row], T], deadline: float | None = None) -> T:
        """Done, but not understood, is not known to be done."""
        try:
            value = self._gateway.write(call, deadline=deadline).value
            return make(_record(value))
        except Refused as refused:
            errors = refused.fields.get("errors")
            named = records.by_our_fields(errors) if isinstance(errors, Mapping) else {}
            raise Refused(refused.code, **{**refused.fields, "errors": named}) from refused
        except Puzzling as puzzle:
            fields = puzzled(self._gateway, call, puzzle)
            raise RetryLater(ErrorCode.NOT_UNDERSTOOD, certain=False, **fields) from puzzle


def containing(text: str) -> str:
    """A condition for the parts of a text between the characters that mean something in it."""
    parts = [part for part in re.split(r'["\\*%\[\]]', text.strip()) if part.strip()]
    fields = (" and ".join(f'{field} contains "{part}"' for part in parts) for field in ("identifier", "description"))
    return " or ".join(f"({condition})" for condition in fields) if parts else "id > 0"


def _record(value: Json) -> Row:
    if not isinstance(value, Mapping):
        raise Puzzling("record", value)
    return value


def _utc_today() -> date:
    return datetime.now(UTC).date()
