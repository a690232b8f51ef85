"""The way to a ConnectWise API: finds its base URL once, finds it again when the site was upgraded."""

from __future__ import annotations

import threading
from dataclasses import replace
from typing import Any

from truecount.connectors.connectwise_address import CODEBASE, COMPANY_INFO, Discovered, Site
from truecount.connectors.http import Answer, Call, Client
from truecount.core.errors import ErrorCode, Refused, RetryLater, Trouble


class Gateway:
    """Adds the base URL to every call. Where it is asked for, see `Site`; facts: ConnectWise §2.1, §2.2."""

    def __init__(self, client: Client, site: Site, company: str) -> None:
        self.system = client.system
        self.redactor = client.redactor
        self.threads = client.threads
        self._client = client
        self._site = site
        self._company = company
        self._info = Discovered(codebase=site.codebase) if site.codebase else None
        self._lock = threading.Lock()

    def close(self) -> None:
        self._client.close()

    def read(self, call: Call) -> Answer:
        base = self._base()
        try:
            return self._client.read(replace(call, base=base))
        except Refused as refused:
            if _is_lost(refused) and self._has_moved(base):
                return self._client.read(replace(call, base=self._base()))
            self._explain(refused)
            raise

    def write(self, call: Call, *, deadline: float | None = None) -> Answer:
        """Sent once: what could not be routed was surely not done, and finds its way the next time."""
        base = self._base()
        try:
            return self._client.write(replace(call, base=base), deadline=deadline)
        except Refused as refused:
            if _is_lost(refused) and self._has_moved(base):
                fields: dict[str, Any] = refused.fields
                raise RetryLater(ErrorCode.UNREACHABLE, certain=True, **fields) from refused
            self._explain(refused)
            raise

    def _base(self) -> str:
        with self._lock:
            if self._info is None:
                self._info = self._discover()
            return self._site.api(self._info.codebase or CODEBASE, self._info.host)

    def _has_moved(self, base: str) -> bool:
        with self._lock:
            self._info = self._discover()
        return self._base() != base

    def _discover(self) -> Discovered:
        """Sent once and without keys; a site that does not answer it has the API all the same (requirement R15)."""
        call = Call(base=self._site.login, path=COMPANY_INFO, ids=(self._company,), anonymous=True)
        try:
            return Discovered.read(self._client.read(call, tries=1).value)
        except Trouble:
            return Discovered()

    def _explain(self, refused: Refused) -> None:
        """An unknown company shows as wrong keys, as a missing record or as a lost route (facts: §2.4, §3.2)."""
        unknown = self._info is not None and not self._info.known
        if _is_lost(refused) or (unknown and refused.code in (ErrorCode.WRONG_CREDENTIALS, ErrorCode.NOT_FOUND)):
            fields = {**refused.fields, "field": "company"}
            raise Refused(ErrorCode.WRONG_CREDENTIALS, **fields) from refused


def _is_lost(refused: Refused) -> bool:
    """The gateway's own words for a wrong codebase or company (facts: ConnectWise §3.2)."""
    return "cannot route" in str(refused.fields.get("message", "")).lower()
