"""Names of products, taken apart: what they are under the vendor's names of today, and whom they protect."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum

from truecount.core.names import fold, word_set, word_table


class Audience(Enum):
    USER = "user"
    SERVER = "server"


@dataclass(frozen=True, slots=True, kw_only=True)
class Article:
    """A product's name: what it is, under today's names, and whom it protects. `brands` are makers it names."""

    words: frozenset[str]
    audience: frozenset[Audience]
    brands: frozenset[str]


VENDOR = "sophos"

# The identifiers under which the vendor's own integration creates its products, by code without `-MSP`. CMS is left
# out: it is Mobile Standard in one source and Mobile Security in another.
DEFAULT_IDENTIFIERS: Mapping[str, str] = word_table("""
    Sophos_Endpoint_Protection: CEP
    Sophos_Intercept_X_Advanced: CIXA
    Sophos_Intercept_X_Advanced_XDR: CIXAXDR
    Sophos_MTR_Standard: CIXAMTR-STD
    Sophos_MTR_Advanced: CIXAMTR-ADV
    Sophos_Mobile_Advanced: CMA
    Sophos_Email_Portal_Encryption: CEMA-PE-ADDON
    Sophos_Srv_Protection: SVRC
    Sophos_Intercept_X_Adv_Srv: SVRCIXA, SVRCLOUDADV
    Sophos_Intercept_X_Adv_Srv_XDR: SVRCIXAXDR
    Sophos_MTR_Standard_Srv: SVRCIXAMTR-STD
    Sophos_MTR_Advanced_Srv: SVRCIXAMTR-ADV
    Sophos_Device_Encryption: CDE
    Sophos_Central_Phish_Threat: CPHISH
""")

_BRANDS = word_set("""
    sophos bitdefender eset microsoft defender crowdstrike sentinelone trend kaspersky webroot huntress acronis
    mcafee fortinet fortigate sonicwall watchguard malwarebytes trellix barracuda mimecast proofpoint datto
    withsecure avast
""")
_AUDIENCES: Mapping[str, str] = word_table("""
    server: server, servers, srv, svr, srvr, serveur, serveurs, servidor, servidores, serverul
    user: user, users, utilisateur, utilisateurs, benutzer, usuario, usuarios, utente, utenti, gebruiker, gebruikers
    user: workstation, workstations, desktop, desktops, laptop, laptops, poste, postes, arbeitsplatz
""")
_NOISE = word_set("""
    central msp flex monthly month mensuel mensuelle monatlich mensual maandelijks licence licences license
    licenses lizenz lizenzen licencia licencias licenza licenze licentie subscription abonnement per par pro with
    and for the of pour fur mit con y et und de du la le to
""")
# The vendor's own renames, applied one after the other to the words in their order, without noise and audience.
_RENAMES = tuple(
    (re.compile(rf"\b(?:{old})\b"), new)
    for old, new in (
        (r"add on", "addon"),
        (r"interceptx", "intercept x"),
        (r"adv", "advanced"),
        (r"std", "standard"),
        (r"managed threat response|managed detection response", "mdr"),
        (r"extended detection response", "xdr"),
        (r"zero trust network access", "ztna"),
        (r"network detection response", "ndr"),
        (r"(?:intercept x advanced (?:edr|xdr) )?(?:mtr|mdr) (?:standard|essentials)", "mdr essentials"),
        (r"(?:intercept x advanced (?:edr|xdr) )?(?:mtr|mdr) (?:advanced|complete)", "mdr complete"),
        (r"intercept x advanced (?:edr|xdr)", "xdr"),
        (r"intercept x mobile", "mobile security"),
        (r"intercept x advanced", "endpoint"),
        (r"email advanced", "email"),
        (r"mobile control", "mobile"),
        (r"sandstorm", "zero day protection"),
        (r"windows 7 extended support", "endpoint legacy platforms"),
        (r"[0-9]+ [0-9]+ devices", ""),
    )
)
# No rename applies where none of these stands: most of a catalog is other makers' goods.
_RENAMED = word_set(
    "add adv std managed extended zero network mtr mdr intercept interceptx email mobile sandstorm windows devices"
)


# What a word may have been before the renames: one of these pieces stands in the text as it is written.
_BEFORE: Mapping[str, tuple[str, ...]] = {
    "addon": ("add on", "add-on", "add_on"),
    "day": ("sandstorm",),
    "endpoint": ("intercept", "windows"),
    "intercept": ("interceptx",),
    "legacy": ("windows",),
    "mdr": ("managed", "mtr"),
    "ndr": ("network",),
    "platforms": ("windows",),
    "protection": ("sandstorm",),
    "security": ("intercept", "mobile"),
    "xdr": ("extended", "intercept"),
    "zero": ("sandstorm",),
    "ztna": ("zero",),
}


def before_renames(word: str) -> tuple[str, ...]:
    """Pieces of text, one of which must be there for an article to have the word; folded, without accents."""
    return (word, *_BEFORE.get(word, ()))


def base(code: str) -> str:
    """The code in capitals, without the mark of the monthly programme; SRV is another spelling of SVR."""
    code = code.strip().upper().removesuffix("-MSP")
    return "SVR" + code[3:] if code.startswith("SRV") else code


def default_identifier(code: str) -> str:
    """What the vendor's own integration calls a product's item; empty where that is not known."""
    return DEFAULT_IDENTIFIERS.get(base(code), "")


def article(text: str) -> Article:
    """A product's name taken apart; what is not known stays a word and keeps two products apart."""
    tokens = re.findall(r"[^\W_]+", fold(text).replace("web server", "webserver"))
    audience = frozenset(Audience(_AUDIENCES[token]) for token in tokens if token in _AUDIENCES)
    told = " ".join(t for t in tokens if t not in _AUDIENCES and t not in _NOISE and t not in _BRANDS)
    for old, new in () if _RENAMED.isdisjoint(tokens) else _RENAMES:
        told = old.sub(new, told)
    return Article(words=frozenset(told.split()), audience=audience, brands=_BRANDS.intersection(tokens))
