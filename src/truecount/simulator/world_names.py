"""Words from which the names of made-up companies, places and people are put together; no customers."""

import random
import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True, slots=True)
class Land:
    """A country of customers: how companies are called there."""

    code: str
    name: str
    geography: str
    region: str
    forms: tuple[tuple[str, str], ...]
    """Legal forms with another spelling of each."""
    trades: tuple[str, ...]
    """Patterns with `{name}` and `{place}`."""
    names: tuple[str, ...]
    places: tuple[str, ...]
    agreements: tuple[str, ...]
    weight: int


def _words(text: str) -> tuple[str, ...]:
    return tuple(text.split())


LANDS: tuple[Land, ...] = (
    Land(
        code="FR",
        name="France",
        geography="IE",
        region="eu01",
        forms=(("SARL", "S.A.R.L."), ("SAS", "S.A.S."), ("SA", "S.A."), ("SASU", "S.A.S.U.")),
        trades=(
            "Menuiserie {name}",
            "Transports {name}",
            "Cabinet {name} & Associés",
            "Boulangerie {name}",
            "Établissements {name}",
            "Imprimerie {name}",
            "Clinique vétérinaire {name}",
            "Garage {name} Frères",
            "Étude notariale {name}",
            "Pépinières {name}",
            "{name} Électricité Générale",
        ),
        names=_words(
            "Lefèvre Gauthier Béranger Château Dubois Noël Péchard Rivière Guérin Besançon Lévêque Françon Mercier "
            "Delaunay Héraud Vasseur Régnier Maréchal Tissot Crémieux"
        ),
        places=_words("Lyon Nîmes Orléans Besançon Angoulême Béziers Saint-Étienne Évreux Mâcon Périgueux"),
        agreements=("Contrat de services gérés", "Sécurité managée", "Infogérance"),
        weight=24,
    ),
    Land(
        code="CA",
        name="Canada",
        geography="CA",
        region="us01",
        forms=(("inc.", "Inc"), ("ltée", "Ltée"), ("S.E.N.C.", "SENC")),
        trades=(
            "Groupe {name}",
            "Les Entreprises {name}",
            "Érablière {name}",
            "Clinique dentaire {name}",
            "Construction {name} et Fils",
            "Pharmacie {name}",
            "Notaires {name} Québec",
            "Fromagerie {name}",
            "Déneigement {name}",
        ),
        names=_words(
            "Tremblay Gagné Côté Bélanger Thériault Lévesque Pépin Bérubé Séguin Légaré Hébert Gélinas Bédard "
            "Prévost Lachapelle Desrosiers"
        ),
        places=_words("Montréal Québec Trois-Rivières Lévis Sherbrooke Gatineau Saguenay Rimouski Chicoutimi"),
        agreements=("Services gérés", "Contrat de sécurité"),
        weight=13,
    ),
    Land(
        code="DE",
        name="Germany",
        geography="DE",
        region="eu02",
        forms=(("GmbH", "Gesellschaft mbH"), ("GmbH & Co. KG", "GmbH und Co KG"), ("AG", "Aktiengesellschaft")),
        trades=(
            "{name} Maschinenbau",
            "Autohaus {name}",
            "Steuerkanzlei {name}",
            "{name} & Söhne Spedition",
            "Bäckerei {name}",
            "{name} Gebäudetechnik",
            "Zahnarztpraxis Dr. {name}",
            "Möbelhaus {name}",
            "{name} Präzisionswerkzeuge",
            "Gärtnerei {name}",
        ),
        names=_words(
            "Müller Schröder Köhler Krüger Jäger Böhm Weiß Günther Vögele Hübner Großmann Lüders Brömmel Petersen "
            "Achternbusch Kärcher Dürr Wöhrle Öztürk Strauß"
        ),
        places=_words("Köln München Lübeck Göttingen Würzburg Tübingen Nürnberg Gießen Osnabrück Görlitz"),
        agreements=("Managed Security", "Wartungsvertrag Plus", "Managed Services"),
        weight=26,
    ),
    Land(
        code="NL",
        name="Netherlands",
        geography="IE",
        region="eu01",
        forms=(("B.V.", "BV"), ("N.V.", "NV")),
        trades=("{name} Logistiek", "Bouwbedrijf {name}", "Tandartspraktijk {name}", "{name} Accountants"),
        names=_words("Jansen Hoogland Reijnders Vermeulen Zeilstra Kuipers Boersma Coöperman Oosterhuis"),
        places=_words("Utrecht Zwolle Delft Haarlem Groningen Tilburg"),
        agreements=("Beheerovereenkomst", "Managed Security"),
        weight=8,
    ),
    Land(
        code="BE",
        name="Belgium",
        geography="IE",
        region="eu01",
        forms=(("SRL", "S.R.L."), ("NV", "N.V."), ("BV", "B.V.")),
        trades=("Pharmacie {name}", "{name} Bouw", "Brasserie {name}", "Drukkerij {name}", "Études {name}"),
        names=_words("Peeters Dumoulin Lambrecht Wéry Delvaux Gérardy Claes Vandenbroucke"),
        places=_words("Liège Gent Namur Leuven Tournai Brugge"),
        agreements=("Services gérés", "Managed Services"),
        weight=7,
    ),
    Land(
        code="CH",
        name="Switzerland",
        geography="DE",
        region="eu02",
        forms=(("AG", "Aktiengesellschaft"), ("SA", "S.A."), ("Sàrl", "S.à r.l.")),
        trades=("{name} Treuhand", "Horlogerie {name}", "{name} Immobilien", "Käserei {name}"),
        names=_words("Zürcher Brändli Favre Rüegg Pittet Wäfler Monnier Hösli"),
        places=_words("Zürich Genève Neuchâtel Bülach Delémont Küsnacht"),
        agreements=("Managed Security", "Services gérés"),
        weight=6,
    ),
    Land(
        code="ES",
        name="Spain",
        geography="IE",
        region="eu01",
        forms=(("S.L.", "SL"), ("S.A.", "SA")),
        trades=("Talleres {name}", "Bodegas {name}", "Asesoría {name}", "Clínica {name}", "Cerámicas {name}"),
        names=_words("Muñoz Ibáñez Peláez Núñez Garrido Cañizares Álvarez Güell Sáenz"),
        places=_words("Málaga Logroño Cádiz León Gijón Alcalá"),
        agreements=("Servicios gestionados",),
        weight=6,
    ),
    Land(
        code="IT",
        name="Italy",
        geography="IE",
        region="eu01",
        forms=(("S.r.l.", "SRL"), ("S.p.A.", "SPA")),
        trades=("Officine {name}", "Studio Legale {name}", "Cantina {name}", "Trasporti {name}"),
        names=_words("Bianchi Nicolò Ferrari D'Angelo Cantù Pelà Rossetti Fabbri Zanon"),
        places=_words("Forlì Mantova Cefalù Torino Bergamo Trento"),
        agreements=("Servizi gestiti",),
        weight=4,
    ),
    Land(
        code="DK",
        name="Denmark",
        geography="IE",
        region="eu01",
        forms=(("ApS", "Aps"), ("A/S", "AS")),
        trades=("{name} Tømrer", "{name} Rådgivning", "{name} Køleteknik"),
        names=_words("Sørensen Kjær Møller Ærø Nygård Østergaard Bøgelund"),
        places=_words("Århus Køge Næstved Hillerød"),
        agreements=("Driftsaftale",),
        weight=3,
    ),
    Land(
        code="IE",
        name="Ireland",
        geography="IE",
        region="eu01",
        forms=(("Ltd", "Limited"), ("DAC", "D.A.C.")),
        trades=("{name} & Sons Solicitors", "{name} Fisheries", "{name} Dairy", "{name} Architects"),
        names=_words("O'Sullivan Ó'Briain MacCarthy Fitzgerald Seán Gallagher Níall"),
        places=_words("Dublin Cork Galway Limerick"),
        agreements=("Managed Services", "Security as a Service"),
        weight=3,
    ),
)

FIRST_NAMES = _words(
    "Amélie Björn Chloé Désirée Émile François Gérard Hélène Inès Jürgen Käthe Loïc Márta Noémie Olivier Pauline "
    "Renée Søren Thérèse Ulrike Véronique Wim Yaël Zoë"
)
LAST_NAMES = tuple(sorted({name for land in LANDS for name in land.names}))

BY_CODE: Mapping[str, Land] = {land.code: land for land in LANDS}


def plain(text: str) -> str:
    """Without accents."""
    text = text.replace("ß", "ss").replace("ø", "o").replace("Ø", "O").replace("æ", "ae").replace("Æ", "Ae")
    return "".join(char for char in unicodedata.normalize("NFKD", text) if not unicodedata.combining(char))


def identifier(text: str, most: int) -> str:
    """Letters and digits only, as company ids in the PSA often are."""
    return re.sub(r"[^A-Za-z0-9]", "", plain(text))[:most]


@dataclass(frozen=True, kw_only=True, slots=True)
class CompanyName:
    """A company's name in parts, so that others may write it otherwise."""

    core: str
    form: str
    other_form: str

    @property
    def full(self) -> str:
        return f"{self.core} {self.form}"


def company_name(land: Land, rng: random.Random, taken: set[str]) -> CompanyName:
    """A name that was not used before."""
    form, other = rng.choice(land.forms)
    core = rng.choice(land.trades).format(name=rng.choice(land.names))
    if core in taken:
        core = f"{core} {rng.choice(land.places)}"
    if core in taken:
        core = f"{core} {rng.choice(_words('Nord Sud Est Ouest Centre Alpha Delta Omega'))}"
    base, number = core, 2
    while core in taken:
        core = f"{base} {number}"
        number += 1
    taken.add(core)
    return CompanyName(core=core, form=form, other_form=other)


def written_otherwise(name: CompanyName, rng: random.Random) -> str:
    """The same company as somebody else may have typed it; about half stay as they are."""
    chance = rng.random()
    if chance < 0.55:
        return name.full
    if chance < 0.68:
        return name.core
    if chance < 0.78:
        return f"{name.core} {name.other_form}"
    if chance < 0.88:
        return plain(name.full)
    if chance < 0.94:
        words = name.core.split(" ")
        return " ".join([*words[1:], words[0], name.form])
    return name.full.upper()
