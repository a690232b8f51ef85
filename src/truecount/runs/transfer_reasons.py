"""Why a configuration file, or a decision, is refused: a clause per reason, in both languages; no rules are here."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum, auto

from django.utils.translation import get_language

from truecount.core.errors import ErrorCode, Misused
from truecount.runs.sentences_form import fill, typeset
from truecount.runs.sentences_words import Said


class Why(StrEnum):
    # of the file as a text
    NOT_UTF8 = auto()
    UNPRINTABLE = auto()
    NOT_YAML = auto()
    EMPTY_FILE = auto()
    ALIAS = auto()
    TAG = auto()
    TOO_DEEP = auto()
    FORMAT = auto()
    # of one value
    NO_KEYS = auto()
    NO_LIST = auto()
    NO_VALUE = auto()
    NO_TEXT = auto()
    EMPTY_TEXT = auto()
    TOO_LONG = auto()
    NO_NUMBER = auto()
    QUOTED = auto()
    TOO_FINE = auto()
    TOO_LARGE = auto()
    NO_ID = auto()
    NO_SWITCH = auto()
    NO_CHOICE = auto()
    UNKNOWN_KEY = auto()
    MISSING_KEY = auto()
    TWICE = auto()
    # of what the values say together
    SECRET = auto()
    UNKNOWN_SETTING = auto()
    SETTING = auto()
    NEGATIVE = auto()
    NOT_ABOVE_ZERO = auto()
    MINIMUM_ABOVE_MAXIMUM = auto()
    TWO_RULES = auto()
    MIXED = auto()
    SOME_PERCENT = auto()
    NOT_100 = auto()
    TWO_RESTS = auto()
    BY_HAND_AND_BY_RULE = auto()
    NOT_WITH = auto()
    SAYS_NOTHING = auto()
    UNMAPPED_ITEM = auto()
    ON_UNMAPPED = auto()
    # of what is known here
    UNKNOWN_PRODUCT = auto()
    UNKNOWN_CUSTOMER = auto()
    UNKNOWN_ITEM = auto()
    BUNDLE_ITEM = auto()
    INACTIVE_ITEM = auto()
    ON_UNUSABLE = auto()
    UNKNOWN_COMPANY = auto()
    UNKNOWN_AGREEMENT = auto()
    OTHER_COMPANY = auto()
    # of forms and commands, which have no lines
    NAMED_TWICE = auto()
    BOTH_REST = auto()
    NOTHING_ENDED = auto()


CLAUSES: Mapping[Why, Said] = {
    Why.NOT_UTF8: Said("this is not a text in UTF-8", "ce n’est pas un texte en UTF-8"),
    Why.UNPRINTABLE: Said(
        "the character {value} can’t stand in a configuration",
        "le caractère {value} n’est pas admis dans une configuration",
    ),
    Why.NOT_YAML: Said("this is not YAML ({value})", "ce n’est pas du YAML ({value})"),
    Why.EMPTY_FILE: Said("nothing stands in it", "il ne contient rien"),
    Why.ALIAS: Said(
        "& and * stand for other places; write the value out", "& et * renvoient ailleurs ; écrivez la valeur"
    ),
    Why.TAG: Said("the tag {value} has no meaning here", "la balise {value} n’a pas de sens ici"),
    Why.TOO_DEEP: Said("this is nested too deeply", "ceci est trop imbriqué"),
    Why.FORMAT: Said(
        "format {value} is not known to this version, which reads format {known}",
        "cette version ne connaît pas le format {value} ; elle lit le format {known}",
    ),
    Why.NO_KEYS: Said("keys with values are needed here", "il faut ici des clés avec leurs valeurs"),
    Why.NO_LIST: Said("a list is needed here", "il faut ici une liste"),
    Why.NO_VALUE: Said(
        "no value is given; leave the key out, or write [] for an empty list",
        "il n’y a pas de valeur ; retirez la clé, ou écrivez [] pour une liste vide",
    ),
    Why.NO_TEXT: Said("a text is needed here", "il faut ici un texte"),
    Why.EMPTY_TEXT: Said("the text is empty", "le texte est vide"),
    Why.TOO_LONG: Said(
        "the text is longer than {most:character|characters}", "le texte dépasse {most:caractère|caractères}"
    ),
    Why.NO_NUMBER: Said("“{value}” is not a number", "« {value} » n’est pas un nombre"),
    Why.QUOTED: Said(
        "“{value}” stands in quotes and is a text, but a number is needed",
        "« {value} » est entre guillemets, donc un texte, mais il faut un nombre",
    ),
    Why.TOO_FINE: Said("{value} has more than {most:decimal|decimals}", "{value} a plus de {most:décimale|décimales}"),
    Why.TOO_LARGE: Said("{value} is too large", "{value} est trop grand"),
    Why.NO_ID: Said(
        "“{value}” is not an id; ids are whole numbers above 0",
        "« {value} » n’est pas un identifiant ; ce sont des nombres entiers supérieurs à 0",
    ),
    Why.NO_SWITCH: Said("“{value}” is neither on nor off", "« {value} » n’est ni on ni off"),
    Why.NO_CHOICE: Said("“{value}” is none of {choices}", "« {value} » ne figure pas parmi {choices}"),
    Why.UNKNOWN_KEY: Said(
        "this key is not known here; known are {choices}",
        "cette clé n’est pas connue ici ; les clés connues sont {choices}",
    ),
    Why.MISSING_KEY: Said("this key is missing", "cette clé manque"),
    Why.TWICE: Said("it stands in line {first} already", "figure déjà à la ligne {first}"),
    Why.SECRET: Said(
        "secrets don’t belong in a file; truecount connect asks for them",
        "les secrets n’ont pas leur place dans un fichier ; truecount connect les demande",
    ),
    Why.UNKNOWN_SETTING: Said("there is no such setting", "ce réglage n’existe pas"),
    Why.SETTING: Said(
        "“{value}” is not possible; possible: {choices}", "« {value} » n’est pas possible ; choix : {choices}"
    ),
    Why.NEGATIVE: Said("{value} is negative", "{value} est négatif"),
    Why.NOT_ABOVE_ZERO: Said("{value} is too little; it must be above 0", "{value} ne suffit pas ; il faut plus de 0"),
    Why.MINIMUM_ABOVE_MAXIMUM: Said(
        "the minimum {value} is above the maximum {most}", "le minimum {value} dépasse le maximum {most}"
    ),
    Why.TWO_RULES: Said(
        "the item has its rule in line {first} already, and takes only one",
        "ce produit a déjà sa règle à la ligne {first}, et n’en admet qu’une",
    ),
    Why.MIXED: Said(
        "one customer is split by percent or by first, not both",
        "un client est réparti par percent ou par first, pas les deux",
    ),
    Why.SOME_PERCENT: Said(
        "a percentage is missing, although others have one",
        "il manque un pourcentage, alors que d’autres en ont un",
    ),
    Why.NOT_100: Said(
        "the percentages of {customer} add up to {value}, not to 100",
        "la somme des pourcentages de {customer} est {value}, et non 100",
    ),
    Why.TWO_RESTS: Said(
        "line {first} takes the rest already; give one of both percent or first",
        "la ligne {first} prend déjà le reste ; donnez percent ou first à l’une des deux",
    ),
    Why.BY_HAND_AND_BY_RULE: Said(
        "agreements are named or found by a rule, not both",
        "les contrats sont nommés ou trouvés par une règle, pas les deux",
    ),
    Why.NOT_WITH: Said("it makes no sense together with “{other}”", "n’a pas de sens avec « {other} »"),
    Why.SAYS_NOTHING: Said("exclude, fixed or minimum is needed", "il faut exclude, fixed ou minimum"),
    Why.UNMAPPED_ITEM: Said("the file has no mapping for this item", "le fichier n’a pas de mappage pour ce produit"),
    Why.ON_UNMAPPED: Said(
        "sync can’t be on without a mapping, and the file has none for {product}",
        "sync ne peut pas être on sans mappage, et le fichier n’en a pas pour {product}",
    ),
    Why.UNKNOWN_PRODUCT: Said(
        "the vendor product “{value}” is neither among the file’s products nor known here",
        "le produit du fournisseur « {value} » n’est ni parmi les produits du fichier ni connu ici",
    ),
    Why.UNKNOWN_CUSTOMER: Said(
        "the customer “{value}” is neither among the file’s customers nor known here",
        "le client « {value} » n’est ni parmi les clients du fichier ni connu ici",
    ),
    Why.UNKNOWN_ITEM: Said("ConnectWise PSA has no product {value}", "ConnectWise PSA n’a pas de produit {value}"),
    Why.BUNDLE_ITEM: Said(
        "{value} is of class Bundle, which can’t stand on an agreement",
        "{value} est de classe Bundle, ce qu’un contrat n’admet pas",
    ),
    Why.INACTIVE_ITEM: Said("{value} is inactive", "{value} est inactif"),
    Why.ON_UNUSABLE: Said(
        "sync can’t be turned on: the ConnectWise product {value} is gone or inactive",
        "sync ne peut pas passer à on : le produit ConnectWise {value} est supprimé ou inactif",
    ),
    Why.UNKNOWN_COMPANY: Said("ConnectWise PSA has no company {value}", "ConnectWise PSA n’a pas d’entreprise {value}"),
    Why.UNKNOWN_AGREEMENT: Said(
        "ConnectWise PSA has no agreement {value}", "ConnectWise PSA n’a pas de contrat {value}"
    ),
    Why.OTHER_COMPANY: Said(
        "company {company} has no agreement {value}; that one belongs to another company",
        "l’entreprise {company} n’a pas de contrat {value} ; celui-ci appartient à une autre entreprise",
    ),
    Why.NAMED_TWICE: Said("agreement {value} is named twice", "le contrat {value} est nommé deux fois"),
    Why.BOTH_REST: Said(
        "agreements {first} and {value} would both take the rest; give one of them percent or first",
        "les contrats {first} et {value} prendraient tous deux le reste ; donnez percent ou first à l’un d’eux",
    ),
    Why.NOTHING_ENDED: Said(
        "Truecount keeps no line of {item} on the agreement {agreement} that somebody else could have ended",
        "Truecount ne gère aucune ligne de {item} dans le contrat {agreement} que quelqu’un d’autre ait pu terminer",
    ),
}


def clause(why: Why, fields: Mapping[str, object]) -> str:
    """The reason in the language of whoever reads it."""
    french = (get_language() or "en").startswith("fr")
    return fill(CLAUSES[why].said(french), fields, french)


def bad(line: int, what: str, why: Why, **fields: object) -> Misused:
    """The error for a line, counted from 1. `what` is the file's own word for the place; `reason` is both in one."""
    told = clause(why, fields)
    colon = typeset(" : ") if (get_language() or "en").startswith("fr") else ": "
    return Misused(ErrorCode.BAD_FILE, line=line, what=what, why=told, reason=f"{what}{colon}{told}")
