"""Where a ConnectWise API is: site address, discovery of the codebase, base URL; sends nothing by itself.

Facts: ConnectWise §2.1, §2.2.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import urlsplit

from truecount.connectors.http import address
from truecount.connectors.values import Json

COMPANY_INFO = "/login/companyinfo/{company}"
CODEBASE = "v4_6_release/"
"""Leads to the newest release; on-premises servers always tell it."""
CODEBASE_FORM = re.compile(r"v\d+_\w+/")
GIVEN_PATH = re.compile(r"/(?P<codebase>v\d+_\w+)(/apis(/3\.0)?)?")
CLOUD = ".myconnectwise.net"


@dataclass(frozen=True, slots=True, kw_only=True)
class Site:
    """What a person typed: a site, an API host or a whole API address; `codebase` where the address names one."""

    scheme: str
    host: str
    codebase: str = ""

    @classmethod
    def parse(cls, value: str) -> Site:
        parts = urlsplit(address(value, "url"))
        given = GIVEN_PATH.fullmatch(parts.path)
        return cls(
            scheme=parts.scheme,
            host=parts.netloc.lower(),
            codebase=f"{given['codebase']}/" if given else "",
        )

    @property
    def is_cloud(self) -> bool:
        return self.host.endswith(CLOUD)

    @property
    def login(self) -> str:
        """Base of the discovery: the site's host, where the API's has `api-` before it."""
        host = self.host.removeprefix("api-") if self.is_cloud else self.host
        return f"{self.scheme}://{host}"

    @property
    def name(self) -> str:
        """The site, however its address was written."""
        return self.login.partition("://")[2]

    def api(self, codebase: str, told_host: str = "") -> str:
        """Base URL of the API. Keys go to the host that was configured or, in the cloud, to its API host only,
        whatever an answer says."""
        host = self.host
        if self.is_cloud:
            told = urlsplit(f"https://{told_host}").hostname or ""
            named = told if told.endswith(CLOUD) else ""
            host = named or f"api-{host.removeprefix('api-')}"
        return f"{self.scheme}://{host}/{codebase}apis/3.0"


@dataclass(frozen=True, slots=True, kw_only=True)
class Discovered:
    """The discovery's answer; `known` is false where the site has no such company."""

    codebase: str = ""
    host: str = ""
    known: bool = True

    @classmethod
    def read(cls, body: Json) -> Discovered:
        """Anything that is not as documented counts as no answer."""
        if body is None:
            return cls(known=False)
        if not isinstance(body, Mapping):
            return cls()
        codebase, host = body.get("Codebase"), body.get("SiteUrl")
        fits = isinstance(codebase, str) and CODEBASE_FORM.fullmatch(codebase)
        return cls(codebase=str(codebase) if fits else "", host=host if isinstance(host, str) else "")
