"""Every text is translated, and the compiled catalogs are those of the sources; needs no gettext."""

from __future__ import annotations

from pathlib import Path

import polib
import pytest

from tests.architecture.tree import SRC, named

CATALOGS = sorted(SRC.rglob("*.po"))


@pytest.mark.parametrize("path", CATALOGS, ids=named)
def test_every_text_is_translated(path: Path) -> None:
    catalog = polib.pofile(str(path))
    assert [entry.msgid for entry in catalog.untranslated_entries()] == []
    assert [entry.msgid for entry in catalog.fuzzy_entries()] == []
    assert catalog.metadata["Language"] == path.parts[-3], "an empty Language breaks the plural forms"


@pytest.mark.parametrize("path", CATALOGS, ids=named)
def test_compiled_catalog_is_fresh(path: Path) -> None:
    """Compared entry by entry: two compilers order the same catalog differently."""
    written = {_key(entry): _said(entry) for entry in polib.pofile(str(path)) if not entry.obsolete}
    compiled = {_key(entry): _said(entry) for entry in polib.mofile(str(path.with_suffix(".mo")))}
    assert compiled == written


def _key(entry: polib.POEntry | polib.MOEntry) -> tuple[str | None, str, str]:
    return entry.msgctxt, entry.msgid, entry.msgid_plural or ""


def _said(entry: polib.POEntry | polib.MOEntry) -> list[str]:
    return list(entry.msgstr_plural.values()) or [entry.msgstr]
