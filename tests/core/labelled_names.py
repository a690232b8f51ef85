"""Names with what they mean: the labelled pairs of companies, legal forms, and the vendor's products by name."""

from __future__ import annotations

import csv
from collections.abc import Iterable
from pathlib import Path
from typing import NamedTuple

from truecount.core.model import CatalogItem


class Row(NamedTuple):
    language: str
    same: bool
    customer: str
    company: str


def labelled() -> list[Row]:
    path = Path(__file__).with_name("labelled_names.tsv")
    with path.open(encoding="utf-8", newline="") as stream:
        read = csv.DictReader(stream, delimiter="\t", quoting=csv.QUOTE_NONE)
        return [Row(row["language"], row["same"] == "yes", row["customer"], row["company"]) for row in read]


ROWS = labelled()


def kin(rows: Iterable[Row]) -> dict[str, str]:
    """Name → one name that stands for all names of the same company."""
    stands: dict[str, str] = {}

    def find(name: str) -> str:
        while stands.setdefault(name, name) != name:
            name = stands[name]
        return name

    for row in rows:
        if row.same:
            stands[find(row.customer)] = find(row.company)
    return {name: find(name) for row in rows for name in (row.customer, row.company)}


KIN = kin(ROWS)


def world() -> tuple[dict[str, str], set[str]]:
    """Customer → its company, one for every company that has customers; and the names of all other companies."""
    own: dict[str, Row] = {}
    for row in ROWS:
        if row.same:
            own.setdefault(KIN[row.company], row)
    others = {row.company for row in ROWS if not row.same and KIN[row.company] not in own}
    return {row.customer: row.company for row in own.values()}, others


LEGAL_FORMS = """\
SARL, S.A.R.L., S.à r.l., SAS, S.A.S., SASU, EURL, SA, S.A., GmbH, Ges.m.b.H., GmbH & Co. KG, AG, KG, OHG, GbR,
UG, UG (haftungsbeschränkt), e.K., e. K., e.V., Ltd, Ltd., Limited, LLC, L.L.C., Inc, Inc., Incorporated, Corp.,
PLC, LLP, Pty Ltd, Pty. Ltd., P/L, BV, B.V., NV, N.V., SA/NV, SRL, S.r.l., SpA, S.p.A., S.n.c., SL, S.L., S.L.U.,
SA de CV, S.A. de C.V., S. de R.L. de C.V., AB, AS, A/S, ApS, Oy, Oyj, Sp. z o.o., Sp. z o. o., sp.k., s.r.o.,
spol. s r.o., ltée, Ltée, limitée, inc., enr., SENC, s.e.n.c.r.l., SPRL, BVBA, ASBL, VZW, V.O.F., Lda, Lda., Ltda,
d.o.o., Kft., Zrt., SELARL, SCEA, Soc. Coop., Ltd. Şti., PartG mbB."""

# Identifier and description as the vendor's integration creates them (facts: Sophos §7.3).
DEFAULTS = """
Sophos_Endpoint_Protection      Sophos Central Endpoint Protection
Sophos_Intercept_X              Sophos Central Intercept X
Sophos_Intercept_X_Advanced     Sophos Central Intercept X Advanced
Sophos_Intercept_X_Advanced_XDR Sophos Central Intercept X Advanced with XDR
Sophos_MTR_Standard             Intercept X Advanced with XDR and MTR Standard
Sophos_MTR_Advanced             Intercept X Advanced with XDR and MTR Advanced
Sophos_Mobile_Standard          Sophos Central Mobile Control Standard
Sophos_Mobile_Advanced          Sophos Central Mobile Control Advanced
Sophos_Email_Portal_Encryption  Sophos Central Portal Encryption Add-on for Email Advanced
Sophos_Mobile_Security          Sophos Central Mobile Security
Sophos_Srv_Protection           Sophos Central Server Protection
Sophos_Intercept_X_Adv_Srv      Sophos Central Server Intercept X Advanced for Server
Sophos_Intercept_X_Adv_Srv_XDR  Sophos Central Intercept X Advanced for Server with XDR
Sophos_MTR_Standard_Srv         Intercept X Advanced for Server with XDR and MTR Standard
Sophos_MTR_Advanced_Srv         Intercept X Advanced for Server with XDR and MTR Advanced
Sophos_Device_Encryption        Sophos Central Device Encryption
Sophos_Central_Phish_Threat     Sophos Central Phish Threat
Sophos_Wireless_Perf_Standard   Sophos Wireless Performance Standard
Sophos_Wireless_Entry_Standard  Sophos Wireless Entry Standard
"""


def default_items() -> list[CatalogItem]:
    lines = (line.split(maxsplit=1) for line in DEFAULTS.strip().splitlines())
    return [CatalogItem(id=i, identifier=key, description=text) for i, (key, text) in enumerate(lines, start=1)]


def table(text: str) -> list[tuple[str, ...]]:
    return [tuple(part.strip() for part in line.split(" =")) for line in text.strip().splitlines()]


# A company's name, and its words without the legal form.
WORDS = table("""
SARL Vermeer = Vermeer
S.à r.l. Vermeer = Vermeer
asbl Vermeer = Vermeer
Vermeer SARL Lyon = Vermeer Lyon
Harmony Day Spa = Harmony Day Spa
James Earl = James Earl
Johnson EV Ltd = Johnson EV
Rossi SPA = Rossi
ROSSI SPA = ROSSI SPA
Limited Edition Prints = Limited Edition Prints
AG Insurance = AG Insurance
Peace Corp Vets = Peace Corp Vets
Good As New = Good As New
Ltd = Ltd
J. P. Oakley = JP Oakley
SNC Lavalin = SNC Lavalin
SARL = SARL
B.T.P. Lacaze = BTP Lacaze
K+M Technik = K & M Technik
O’Rourke = ORourke
L’Atelier d'Alice = L Atelier d Alice
The Copper Kettle = Copper Kettle
The = The
… =
""")

# A word, and its spellings without accents.
SPELLINGS = table("""
Müller = muller mueller
Größe = grosse groesse
Ødegård = odegard odegaard oedegard oedegaard
Łódź = lodz
Kjær = kjaer
Œuvre = oeuvre
Yıldız = yildiz
ÄÖÜÄÖÜ = aouaou
""")

# A customer, a company, how certain it is that they are the same, and what speaks against it.
DOUBTS = table("""
Lund Martin SA = Lund Martin AG = certain
Ets Lund = Établissements Lund = certain
Clinique St-Lund = Clinique Saint-Lund = certain
Clinique Ste-Lund = Clinique Sainte-Lund = certain
Mt. Lund Farm = Mount Lund Farm = certain
Lund Bros. = Lund Brothers = certain
Lund Frs = Lund Frères = certain
Gebr. Lund = Gebroeders Lund = certain
Gebrüder Lund = Gebrueder Lund = certain
Hnos. Lund = Hermanos Lund = certain
F.lli Lund = Fratelli Lund = certain
Lund Int'l = Lund International = certain
Lund Mfg. = Lund Manufacturing = certain
Lund Mgmt = Lund Management = certain
Lund Eng. = Lund Engineering = certain
Lund Bldg. = Lund Building = certain
Lund Svcs = Lund Services = certain
Lund Center = Lund Centre = certain
Wm. Lund = William Lund = certain
1st Lund Bank = First Lund Bank = certain
Lund Martin SARL = Lund Martin SAS = likely legal_form
Lund GmbH = Lund GmbH & Co. KG = likely legal_form
SA Lund = Lund = likely small_words
Sté Lund = Société Lund = certain
Boulangerie Lund = Lund Boulangerie = certain
Couverture Zinguerie Le Goff = Le Goff Couverture Zinguerie = certain
Thomas Martin Garage = Martin Garage Thomas = likely word_order
Thomas Bernard = Bernard Thomas = likely word_order
Smith Jones Clark = Clark Smith Jones = likely word_order
Transport Express Lyon = Express Transport Lyon = likely word_order
Groupe Lund = Lund Group = certain
Groupe Lund = Lund = likely small_words
Lund & Cie Ltd = Lund & Co = certain
Lund & Cie = Lund = likely small_words
Dr Lund = Mr Lund = likely small_words
De Smet = Desmet = likely small_words
Hydro Sud = HydroSud = certain
Zeta Alpha = ZetaAlpha = certain
R Nova Lab = RNova Lab = likely small_words
Lund 12 345 = Lund 123 45 = likely small_words
Agence 42 = Agence 24 = none
Lund Agence 42 = Lund Agence 24 = possible numbers other_words
Lund 1234567 = Lund 1234568 = none
Lund Colbert 1234567 = Lund Colbert 1234568 = possible numbers other_words
Café Bär = Café Bar = likely accents
Café Bär = Cafe Bar = certain
Lundqvist = Lundqwist = possible spelling
Boulangerie Martin = Boulangerie Martine = possible spelling
Boulangerie Martin = Boucherie Martin = possible other_words
Boulangerie Martin = Boulangerie Lund = none
Boulangerie Martin = Martin = possible words
Boulangerie Martin Colbert = Martin Colbert = likely trade
Transport Martin = Transports Martin = likely small_words
Martin Colbert Lund Berger = Martin = possible words
24 = Lund 24 = none
Le Groupe = Groupe Lund = none
AS = L' = none
 = = none
… = … = none
""")

# Renames of the vendor (facts: Sophos §14.4): its product, and a catalog item under the old or the new name.
RENAMES = table("""
Sophos Endpoint - User MSP Monthly = Sophos Intercept X Advanced
Central Intercept X Advanced = Sophos Endpoint
Sophos XDR - User = Sophos Intercept X Advanced with XDR
Sophos XDR - User = Sophos Central Intercept X Advanced with EDR
Intercept X Advanced with EDR = Sophos Intercept X Advanced with XDR
Sophos MDR Complete - User MSP Monthly = Sophos Intercept X Advanced with XDR and MTR Advanced
Sophos MDR Complete - User MSP Monthly = Sophos MTR Advanced
Sophos MDR Complete - User MSP Monthly = Sophos Managed Detection and Response Complete
Sophos MDR Advanced - MSP = Sophos MDR Complete
Sophos MDR Essentials = Intercept X Advanced with EDR and MTR Standard (Sophos)
Sophos MDR Essentials = Sophos Managed Threat Response Standard
Sophos Email MSP Monthly = Sophos Central Email Advanced
Central Intercept X for Mobile = Sophos Mobile Security
Central Mobile Control Standard = Sophos Mobile Standard
Sophos Endpoint = Sophos InterceptX Advanced
Sophos XDR = Sophos Extended Detection and Response
Sophos ZTNA = Sophos Zero Trust Network Access
Sophos NDR MSP Monthly = Sophos Network Detection and Response
Central Mobile Standard = Sophos Mobile Std.
Central Mobile Advanced = Sophos Mobile Adv.
Portal Encryption Add-on for Email Advanced = Sophos Portal Encryption Addon Email
Web Server Protection = Sophos Webserver Protection
Sandstorm = Sophos Zero-Day Protection
Sophos Endpoint for Legacy Platforms = Sophos Windows 7 Extended Support
Central Phish Threat = Licence mensuelle Sophos Phish Threat par utilisateur
Central Device Encryption MSP Monthly = Sophos Device Encryption (pro Benutzer, monatlich)
EnterpriseGuard Plus - UP TO 2 CORES - 500-999 DEVICES - MSP Monthly = Sophos EnterpriseGuard Plus up to 2 cores
""")

# A vendor product and a catalog item that is another one.
OTHERS = table("""
Sophos Endpoint - User = Sophos Endpoint Protection
Sophos Endpoint - User = Sophos Endpoint for Legacy Platforms
Sophos Endpoint - User = Sophos Endpoint setup fee
Sophos Endpoint - User = Sophos Endpoint 3 years
Sophos Endpoint - User = Sophos Intercept X
Sophos Endpoint - User = Sophos XDR
Sophos Endpoint - User = Bitdefender Endpoint
Sophos XDR - User = Microsoft Defender XDR
Sophos XDR - User = Sophos MDR Complete
Sophos MDR Essentials = Sophos MDR Complete
Sophos MDR Essentials = Sophos MTR Advanced
Central Mobile Standard = Sophos Mobile Advanced
Central Mobile Standard = Sophos Mobile Security
Sophos Email = Sophos Portal Encryption Add-on for Email Advanced
Sophos Email = Sophos Email Standard
XGS 107 Xstream Protection = Sophos XGS 116 Xstream Protection
XGS 107 Xstream Protection = Sophos XGS 107 Standard Protection
Webserver Protection = Sophos Server Protection
Protection Gold = Sophos Gold
""")
