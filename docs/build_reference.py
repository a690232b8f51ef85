"""Writes the reference pages, in both languages, from the code's own tables; run it after a table has changed.

    .venv/bin/python docs/build_reference.py           writes docs/en/reference and docs/fr/reference
    .venv/bin/python docs/build_reference.py --check   names the pages that differ, and writes nothing

A page is one `Table` in `TABLES`: texts for its head, and a function that gives its rows in a language.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from truecount.cli.main import COMMANDS
from truecount.conf.environment import VARIABLES
from truecount.core.errors import ErrorCode
from truecount.core.model import FindingKind, HoldKind, Outcome, Skip
from truecount.core.roles import LEAST_ROLE
from truecount.runs import advice
from truecount.simulator.connectwise import simulated_routes
from truecount.simulator.faults import FAULTS
from truecount.simulator.sophos import ROUTES
from truecount.simulator.switch_table import SWITCHES
from truecount.store.settings import SETTINGS

DOCS = Path(__file__).parent
LANGUAGES = ("en", "fr")

Texts = dict[str, str]
Row = tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class Section:
    """A further table under a heading of its own on the same page."""

    title: Texts
    opening: Texts
    columns: tuple[Texts, ...]
    rows: Callable[[str], list[Row]]


@dataclass(frozen=True, kw_only=True)
class Table:
    """`columns` are one head for each cell of a row; `rows` gives the rows in a language; `source` holds them."""

    page: str
    source: str = "truecount/core/model.py"
    title: Texts
    opening: Texts
    columns: tuple[Texts, ...]
    rows: Callable[[str], list[Row]]
    sections: tuple[Section, ...] = ()


MADE = {
    "en": "<!-- Made by docs/build_reference.py from {source}. Change it there. -->",
    "fr": "<!-- Produit par docs/build_reference.py à partir de {source}. À modifier là-bas. -->",
}
CODE = {"en": "Code", "fr": "Code"}
MEANS = {"en": "What it says", "fr": "Ce qu’il dit"}


def environment(language: str) -> list[Row]:
    return [
        (
            f"`{variable.name}`",
            (variable.default_fr if language == "fr" else "") or variable.default or "–",
            variable.sentence if language == "en" else variable.sentence_fr,
        )
        for variable in VARIABLES
    ]


def settings(language: str) -> list[Row]:
    return [
        (
            f"`{setting.name}`",
            f"`{setting.default}`" if setting.default else "–",
            (setting.choices_fr if language == "fr" else "") or setting.choices,
            setting.sentence if language == "en" else setting.sentence_fr,
        )
        for setting in SETTINGS.values()
    ]


def roles(_language: str) -> list[Row]:
    return [(f"`{action}`", f"`{role.name.lower()}`") for action, role in LEAST_ROLE.items()]


def commands(language: str) -> list[Row]:
    return [
        (f"`truecount {name}`", entry.help if language == "en" else entry.help_fr) for name, entry in COMMANDS.items()
    ]


def coded(codes: type[StrEnum], sentence: Callable[[str, str], str]) -> Callable[[str], list[Row]]:
    """Rows of an enumeration: the code and what a person is told."""

    def rows(language: str) -> list[Row]:
        return [(f"`{code.value}`", sentence(code.value, language)) for code in codes]

    return rows


UNFOUNDED: dict[str, Texts] = {
    "ND": {"en": "not documented", "fr": "non documenté"},
    "E": {"en": "our choice", "fr": "notre choix"},
    "I": {"en": "inferred", "fr": "déduit"},
}


def switches(language: str) -> list[Row]:
    return [
        (
            switch.id,
            f"`{switch.default}`",
            ", ".join(f"`{choice}`" for choice in switch.choices[1:]) or "–",
            switch.says if language == "en" else switch.says_fr,
            founded(switch.basis, language),
        )
        for switch in SWITCHES
    ]


def founded(basis: str, language: str) -> str:
    """What a default stands on, as words."""
    for code, words in UNFOUNDED.items():
        if code in basis.split(", "):
            return words[language]
    return {"en": "reported", "fr": "rapporté"}[language]


def inferred(language: str) -> list[Row]:
    """Defaults that no source states."""
    unfounded = {words[language] for words in UNFOUNDED.values()}
    return [(row[0], row[3], row[1], row[4]) for row in switches(language) if row[4] in unfounded]


def faults(language: str) -> list[Row]:
    done = {"en": ("yes", "no"), "fr": ("oui", "non")}[language]
    return [
        (f"`{fault.kind}`", done[0] if fault.done else done[1], fault.says if language == "en" else fault.says_fr)
        for fault in FAULTS.values()
    ]


def simulated(_language: str) -> list[Row]:
    psa = [("ConnectWise", template, served) for template, served, _ in simulated_routes() if served]
    vendor = [("Sophos", template, sorted(methods)) for template, methods in ROUTES.items()]
    return [(system, f"`{template}`", " ".join(verbs)) for system, template, verbs in psa + vendor]


def not_simulated(_language: str) -> list[Row]:
    return [(f"`{template}`", " ".join(missing)) for template, _, missing in simulated_routes() if missing]


ROUTE = {"en": "Route", "fr": "Route"}
VERBS = {"en": "Verbs", "fr": "Verbes"}
SWITCH = {"en": "Switch", "fr": "Commutateur"}
DEFAULT = {"en": "Default", "fr": "Par défaut"}
CONCERNS = {"en": "What it is about", "fr": "De quoi il s’agit"}
BASIS = {"en": "Basis", "fr": "Fondement"}

SIMULATORS = Table(
    page="simulators",
    source="truecount/simulator (switches.py, faults.py, connectwise.py, sophos.py)",
    title={"en": "The simulators", "fr": "Les simulateurs"},
    opening={
        "en": "Every behaviour of ConnectWise PSA and Sophos Central that is not documented, or that sources tell "
        'differently, is a switch: `PATCH /_sim/switches` with `{"C-46": "off"}`. The last column says what the '
        "default stands on.",
        "fr": "Chaque comportement de ConnectWise PSA et de Sophos Central qui n’est pas documenté, ou que les sources "
        'rapportent différemment, est un commutateur : `PATCH /_sim/switches` avec `{"C-46": "off"}`. La dernière '
        "colonne dit sur quoi repose la valeur par défaut.",
    },
    columns=(SWITCH, DEFAULT, {"en": "Other values", "fr": "Autres valeurs"}, CONCERNS, BASIS),
    rows=switches,
    sections=(
        Section(
            title={"en": "Defaults that no source states", "fr": "Valeurs par défaut qu’aucune source n’établit"},
            opening={
                "en": "A test that relies on one of these relies on our reading. Try the other values too.",
                "fr": "Un test qui s’appuie sur l’une d’elles s’appuie sur notre lecture. Essayez aussi les autres.",
            },
            columns=(SWITCH, CONCERNS, DEFAULT, BASIS),
            rows=inferred,
        ),
        Section(
            title={"en": "Faults", "fr": "Pannes"},
            opening={
                "en": "Set with `POST /_sim/faults`; each kind tells whether the call is carried out.",
                "fr": "À provoquer par `POST /_sim/faults` ; chaque sorte dit si l’appel est exécuté.",
            },
            columns=(
                {"en": "Kind", "fr": "Sorte"},
                {"en": "Carried out", "fr": "Exécuté"},
                {"en": "What happens", "fr": "Ce qui se passe"},
            ),
            rows=faults,
        ),
        Section(
            title={"en": "What is simulated", "fr": "Ce qui est simulé"},
            opening={
                "en": "ConnectWise routes stand below `/v4_6_release/apis/3.0`.",
                "fr": "Les routes de ConnectWise se trouvent sous `/v4_6_release/apis/3.0`.",
            },
            columns=({"en": "System", "fr": "Système"}, ROUTE, VERBS),
            rows=simulated,
        ),
        Section(
            title={"en": "What is not", "fr": "Ce qui ne l’est pas"},
            opening={
                "en": "These are in ConnectWise’s API definition and answer 501 with the code `NotSimulated`. A route "
                "that the definition does not have answers 404, a verb that it does not have 405.",
                "fr": "Ces routes figurent dans la définition de l’API de ConnectWise et répondent 501 avec le code "
                "`NotSimulated`. Une route absente de la définition répond 404, un verbe absent 405.",
            },
            columns=(ROUTE, VERBS),
            rows=not_simulated,
        ),
    ),
)

TABLES = (
    SIMULATORS,
    Table(
        page="commands",
        source="truecount/cli/main.py",
        title={"en": "Commands", "fr": "Commandes"},
        opening={
            "en": "Each command says more with `--help`, and answers with one JSON object with `--json`. Exit "
            "status: 0 done or nothing to do, 1 refused or failed, 2 wrong use, 3 something waits for a person.",
            "fr": "Chaque commande en dit plus avec `--help` et répond par un objet JSON avec `--json`. Code de "
            "sortie : 0 fait ou rien à faire, 1 refusé ou échoué, 2 mauvais usage, 3 quelque chose attend une "
            "personne.",
        },
        columns=({"en": "Command", "fr": "Commande"}, {"en": "Does", "fr": "Effet"}),
        rows=commands,
    ),
    Table(
        page="environment",
        source="truecount/conf/environment.py",
        title={"en": "Environment variables", "fr": "Variables d’environnement"},
        opening={
            "en": "What an installation is told from outside. A wrong value stops the start and names itself.",
            "fr": "Ce qu’une installation reçoit de l’extérieur. Une valeur erronée empêche le démarrage et se nomme.",
        },
        columns=(
            {"en": "Variable", "fr": "Variable"},
            {"en": "Without it", "fr": "Sans elle"},
            {"en": "Meaning", "fr": "Sens"},
        ),
        rows=environment,
    ),
    Table(
        page="settings",
        source="truecount/store/settings.py",
        title={"en": "Settings of an integration", "fr": "Réglages d’une intégration"},
        opening={
            "en": "Set on the page *Policy*, or with `truecount policy set NAME=VALUE`. A value that makes no sense is "
            "refused and named.",
            "fr": "À régler sur la page *Politique*, ou avec `truecount policy set NAME=VALUE`. Une valeur qui n’a pas "
            "de sens est refusée et nommée.",
        },
        columns=(
            {"en": "Name", "fr": "Nom"},
            {"en": "Default", "fr": "Par défaut"},
            {"en": "Values", "fr": "Valeurs"},
            {"en": "Meaning", "fr": "Sens"},
        ),
        rows=settings,
    ),
    Table(
        page="roles",
        source="truecount/core/roles.py",
        title={"en": "Roles", "fr": "Rôles"},
        opening={
            "en": "Each role may do all that the ones before it may: viewer, operator, approver, admin. The table "
            "gives the least role that an action needs.",
            "fr": "Chaque rôle peut tout ce que peuvent les précédents : viewer (lecture), operator (exploitation), "
            "approver (approbation), admin (administration). Le tableau donne le moindre rôle qu’une action exige.",
        },
        columns=({"en": "Action", "fr": "Action"}, {"en": "Least role", "fr": "Moindre rôle"}),
        rows=roles,
    ),
    Table(
        page="findings",
        title={"en": "Findings", "fr": "Constats"},
        opening={
            "en": "A finding is something a person should know: since when, what it costs a month, what to do. It "
            "changes nothing by itself.",
            "fr": "Un constat est quelque chose qu’une personne doit savoir : depuis quand, ce que cela coûte par "
            "mois, que faire. Il ne modifie rien par lui-même.",
        },
        columns=(CODE, MEANS),
        rows=coded(FindingKind, advice.finding_sentence),
    ),
    Table(
        page="holds",
        title={"en": "Holds", "fr": "Blocages"},
        opening={
            "en": "A hold makes a plan, or one line of it, wait until a person releases it and says why.",
            "fr": "Un blocage fait attendre un plan, ou une seule de ses lignes, jusqu’à ce qu’une personne le lève en "
            "disant pourquoi.",
        },
        columns=(CODE, MEANS),
        rows=coded(HoldKind, advice.hold_sentence),
    ),
    Table(
        page="outcomes",
        title={"en": "Outcomes", "fr": "Résultats"},
        opening={
            "en": "Every run ends with one outcome for each customer and vendor product that was counted. Their "
            "number is always the number of what was counted: nothing is lost on the way.",
            "fr": "Chaque exécution se termine par un résultat pour chaque client et produit Sophos compté. Leur "
            "nombre est toujours celui de ce qui a été compté : rien ne se perd en route.",
        },
        columns=(CODE, MEANS),
        rows=coded(Outcome, advice.outcome_sentence),
    ),
    Table(
        page="skips",
        title={"en": "Reasons for “skipped”", "fr": "Raisons de « skipped » (écarté)"},
        opening={
            "en": "Why something that was counted never reached an agreement line. Each has a finding of its own where "
            "money may be lost.",
            "fr": "Pourquoi quelque chose qui a été compté n’a pas atteint de ligne de contrat. Là où de l’argent peut "
            "se perdre, un constat l’accompagne.",
        },
        columns=(CODE, MEANS),
        rows=coded(Skip, advice.skip_sentence),
    ),
    Table(
        page="errors",
        source="truecount/core/errors.py",
        title={"en": "Errors", "fr": "Erreurs"},
        opening={
            "en": "The code of an error is the same on the command line (`--json`), on the pages and in the interface "
            "for programs; the sentence is written in the language of whoever reads it.",
            "fr": "Le code d’une erreur est le même en ligne de commande (`--json`), sur les pages et dans l’interface "
            "pour programmes ; la phrase est dans la langue de la personne qui la lit.",
        },
        columns=(CODE, MEANS),
        rows=coded(ErrorCode, advice.error_sentence),
    ),
)


def shown(table: Table | Section, language: str) -> list[str]:
    """The opening of a table and its lines."""
    heads = [column[language] for column in table.columns]
    lines = [heads, ["---"] * len(heads), *(list(row) for row in table.rows(language))]
    rows = ("| " + " | ".join(cell.replace("|", "\\|") for cell in line) + " |" for line in lines)
    return [table.opening[language], "", *rows, ""]


def page(table: Table, language: str) -> str:
    """The whole text of one page."""
    parts = [f"# {table.title[language]}", "", MADE[language].format(source=table.source), ""]
    parts += shown(table, language)
    for section in table.sections:
        parts += [f"## {section.title[language]}", "", *shown(section, language)]
    return "\n".join(parts)


def pages() -> Iterator[tuple[Path, str]]:
    for language in LANGUAGES:
        for table in TABLES:
            yield DOCS / language / "reference" / f"{table.page}.md", page(table, language)


def stale() -> list[str]:
    """Pages that differ from the tables, are missing, or belong to no table; as paths from docs/."""
    made = dict(pages())
    there = {path for language in LANGUAGES for path in (DOCS / language / "reference").glob("*.md")}
    wrong = {path for path, text in made.items() if path not in there or path.read_text(encoding="utf-8") != text}
    return sorted(path.relative_to(DOCS).as_posix() for path in wrong | (there - made.keys()))


def main() -> int:
    if "--check" in sys.argv[1:]:
        for name in stale():
            print(f"docs/{name} is not what the code's tables give: run docs/build_reference.py", file=sys.stderr)
        return 1 if stale() else 0
    for path, text in pages():
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
