"""Callbacks that are really called: who is to be told of a change, the signed body, and delivery with its retries."""

import asyncio
import base64
import hashlib
import hmac
import logging
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from truecount.simulator.books import ME, Books, Row
from truecount.simulator.rules import callback_type
from truecount.simulator.wire import BASE_BYTES, dumps

KEY_PATH = "/login/callbackkey"
SIGNING_KEY = "simulated-signing-key"
TIMEOUT = 5.0
RETRY_AFTER = (2.0, 4.0)
RETRIED = frozenset({404, 409, 419, 429})
PATIENCE = timedelta(days=3)
"""A callback that fails for so long, by the simulated clock, is disabled."""

TYPES: Mapping[str, tuple[str, str]] = {
    "agreements": ("agreement", "Agreement"),
    "companies": ("company", "Company"),
    "contacts": ("contact", "Contact"),
    "invoices": ("invoice", "Invoice"),
    "catalog": ("productcatalog", "CatalogItem"),
    "sites": ("site", "CompanySite"),
    "members": ("member", "Member"),
}
"""Table → the type of its callbacks without spaces and plural, and the schema of their entity."""


def signature(body: bytes) -> str:
    """base64(HMAC-SHA256(SHA256(signing key), body))."""
    key = hashlib.sha256(SIGNING_KEY.encode()).digest()
    return base64.b64encode(hmac.new(key, body, hashlib.sha256).digest()).decode()


def concerns(callback: Row, table: str, row: Row) -> bool:
    """Whether a callback's level and object are those of a record."""
    wanted = callback.get("objectId")
    match str(callback.get("level", "")).lower():
        case "owner":
            return wanted == 1 or wanted == row.get("location", row.get("territory"))
        case "type":
            return bool(wanted == row.get("type"))
        case "status" | "territory" as level:
            return bool(wanted == row.get(level))
        case "company":
            return bool(wanted == (row["id"] if table == "companies" else row.get("company")))
        case "agreement":
            return table == "agreements" and wanted == row["id"]
        case "contact" | "invoice" | "site" | "member" | "product" | "productcatalog":
            return bool(wanted == row["id"])
    return False


class Callbacks:
    """What waits to be delivered, and since when each address fails."""

    def __init__(self) -> None:
        self.base = "http://127.0.0.1"
        """The address that the last caller used; it stands in what is delivered."""
        self._tasks: set[asyncio.Task[None]] = set()
        self._failing: dict[int, datetime] = {}

    def reset(self) -> None:
        for task in self._tasks:
            task.cancel()
        self._failing.clear()

    def changed(self, books: Books, table: str, row: Row, action: str, by: str) -> None:
        """Calls whoever registered for a change of a record (C-47 for the lines of agreements)."""
        if not books["callbacks"].rows:
            return
        if table == "additions":
            agreement = books["agreements"].rows.get(row.get("agreementId", 0))
            if books.switches["C-47"] == "none" or agreement is None:
                return
            table, row, action = "agreements", agreement, "updated"
        kind = TYPES.get(table)
        if kind is None:
            return
        for callback in list(books["callbacks"].rows.values()):
            own = by == ME and callback.get("isSelfSuppressedFlag")
            if callback.get("inactiveFlag") or own or callback_type(str(callback.get("type"))) != kind[0]:
                continue
            if concerns(callback, table, row):
                self._start(books, callback, self._body(books, table, kind, row, action), row["id"], action)

    def _body(self, books: Books, table: str, kind: tuple[str, str], row: Row, action: str) -> bytes:
        base = dumps(self.base)[1:-1]
        entity = b"null" if action == "deleted" else books.text(table, kind[1], row).replace(BASE_BYTES, base)
        body: dict[str, Any] = {
            "Action": action,
            "CompanyId": "sim",
            "Entity": entity.decode(),
            "FromUrl": self.base.partition("://")[2],
            "ID": row["id"],
            "MemberId": row.get("_by", ME),
            "Metadata": {"key_url": f"{self.base}{KEY_PATH}/sim"},
            "Type": kind[0],
        }
        return dumps(body)

    def _start(self, books: Books, callback: Row, body: bytes, id: int, action: str) -> None:
        url = str(callback["url"])
        address = f"{url}{id}{'&' if '?' in url else '?'}action={action}"
        task = asyncio.get_running_loop().create_task(self._deliver(books, callback, address, body))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _deliver(self, books: Books, callback: Row, address: str, body: bytes) -> None:
        for wait in (*RETRY_AFTER, None):
            status = await _post(address, body)
            if status is not None and 200 <= status < 300:
                self._failing.pop(callback["id"], None)
                return
            if wait is None or status not in RETRIED:
                break
            await asyncio.sleep(wait)
        since = self._failing.setdefault(callback["id"], books.clock.now())
        if books.clock.now() - since >= PATIENCE:
            callback["inactiveFlag"] = True
            books.forget()


async def _post(address: str, body: bytes) -> int | None:
    """The status of the answer; None where there is none in time."""
    import httpx2  # only who registers callbacks pays for it at the start

    logging.getLogger("httpx2").setLevel(logging.WARNING)
    headers = {"content-type": "application/json", "x-content-signature": signature(body)}
    # Receivers in tests have certificates of their own making.
    client = httpx2.AsyncClient(verify=False, timeout=TIMEOUT, trust_env=False)
    try:
        async with client:
            return (await client.post(address, content=body, headers=headers)).status_code
    except (httpx2.HTTPError, httpx2.InvalidURL, ValueError):
        return None
