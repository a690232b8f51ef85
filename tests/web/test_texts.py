"""No text stands in a template or a stylesheet outside the catalog, and both languages say the same things."""

from __future__ import annotations

import re
from pathlib import Path

import polib
import pytest

import truecount.web

WEB = Path(truecount.web.__file__).parent
TEMPLATES = sorted((WEB / "templates").rglob("*.html"))
TEMPLATE_NAMES = [path.relative_to(WEB / "templates").as_posix() for path in TEMPLATES]
CATALOG = WEB.parent / "locale" / "fr" / "LC_MESSAGES" / "django.po"
NAMES = {"Truecount", "CSV", "Sophos", "ConnectWise"}
COMMANDS = re.compile(r"<code>.*?</code>", re.DOTALL)
TAGS = re.compile(r"{%\s*blocktranslate.*?{%\s*endblocktranslate\s*%}|{%.*?%}|{{.*?}}|{#.*?#}", re.DOTALL)
SPOKEN = re.compile(r'\b(?:aria-label|alt|title|placeholder)="([^"]*)"')
PLACEHOLDER = re.compile(r"%\((\w+)\)[sd]|{(\w+)}")


@pytest.mark.parametrize("path", TEMPLATES, ids=TEMPLATE_NAMES)
def test_every_text_of_a_template_is_translated(path: Path) -> None:
    text = COMMANDS.sub("", TAGS.sub("", path.read_text(encoding="utf-8")))
    spoken = SPOKEN.findall(text)
    shown = re.sub(r"<[^>]*>", " ", text)
    found = re.findall(r"[A-Za-zÀ-ÿ]{2,}", " ".join([shown, *spoken]))
    assert [word for word in found if word not in NAMES | {"doctype", "html"}] == []


@pytest.mark.parametrize("path", TEMPLATES, ids=TEMPLATE_NAMES)
def test_what_a_template_loads_is_only_our_own(path: Path) -> None:
    assert "http://" not in path.read_text(encoding="utf-8")
    assert "https://" not in path.read_text(encoding="utf-8")


def test_french_keeps_every_placeholder() -> None:
    for entry in polib.pofile(str(CATALOG)):
        wanted = set(PLACEHOLDER.findall(entry.msgid_plural or entry.msgid))
        for said in [entry.msgstr, *entry.msgstr_plural.values()]:
            if said:
                assert set(PLACEHOLDER.findall(said)) == wanted, entry.msgid


def test_french_punctuation_stays_with_its_word() -> None:
    """No-break spaces before : ; ! ? and inside « »."""
    wrong = [
        said
        for entry in polib.pofile(str(CATALOG))
        for said in [entry.msgstr, *entry.msgstr_plural.values()]
        if re.search(r" [:;!?»]|« |\w'\w", said)
    ]
    assert wrong == []


@pytest.mark.parametrize(
    ("english", "french"),
    [
        ("Usage sync", "Synchronisation d’utilisation"),
        ("Sync Now", "Synchroniser maintenant"),
        ("PSA Integration", "Intégration PSA"),
        ("ConnectWise product", "Produit ConnectWise"),
        ("With Sophos monthly invoice", "Avec facture mensuelle Sophos"),
        ("Once a month", "Une fois par mois"),
        ("Once a day", "Une fois par jour"),
        ("Take over", "Reprendre"),
        ("Set to 0", "Mettre à 0"),
        ("Findings", "Constats"),
        ("Snapshot", "Relevé"),
        ("Digest", "Empreinte"),
        ("Ledger", "Registre"),
        ("Agreement", "Contrat"),
        ("Agreement line", "Ligne de contrat"),
        ("Audit trail", "Journal des actions"),
    ],
)
def test_the_words_of_the_vendor_and_the_glossary(english: str, french: str) -> None:
    said = {entry.msgid: entry.msgstr for entry in polib.pofile(str(CATALOG)) if not entry.msgctxt}
    assert said[english] == french
