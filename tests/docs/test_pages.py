"""The documentation exists twice, leads somewhere, and says what the code says."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from docs.build_reference import stale
from tests.architecture.tree import ROOT, files, named

DOCS = ROOT / "docs"
LANGUAGES = ("en", "fr")
PAGES = [path for path in files() if path.suffix == ".md"]
LINK = re.compile(r"!?\[[^\]]*\]\(([^)\s]+)\)")
FENCE = re.compile(r"^```.*?^```$|<!--.*?-->", re.MULTILINE | re.DOTALL)


def pages_of(language: str) -> set[str]:
    top = DOCS / language
    return {path.relative_to(top).as_posix() for path in top.rglob("*.md")}


def prose(path: Path) -> str:
    return FENCE.sub("", path.read_text(encoding="utf-8"))


def targets(path: Path) -> list[str]:
    return [target for target in LINK.findall(prose(path)) if "://" not in target and not target.startswith("mailto:")]


def anchors(path: Path) -> set[str]:
    """As the usual renderers make them: lower case, spaces to dashes, other signs left out."""
    heads = re.findall(r"^#+ (.+)$", prose(path), re.MULTILINE)
    return {re.sub(r"[^\w -]", "", head.lower()).replace(" ", "-") for head in heads}


def commands(language: str, page: str) -> list[str]:
    """The lines of a page's command blocks, without comments, which are translated."""
    text = (DOCS / language / page).read_text(encoding="utf-8")
    blocks = re.findall(r"^```sh\n(.*?)^```$", text, re.MULTILINE | re.DOTALL)
    lines = [re.sub(r"\s*#.*", "", line).strip() for block in blocks for line in block.splitlines()]
    return [line for line in lines if line]


def test_every_page_exists_in_both_languages() -> None:
    assert pages_of("en") == pages_of("fr") != set()
    assert (ROOT / "README.fr.md").exists()


@pytest.mark.parametrize("path", PAGES, ids=named)
def test_links_lead_somewhere(path: Path) -> None:
    lost = []
    for target in targets(path):
        file, _, anchor = target.partition("#")
        there = (path.parent / file).resolve() if file else path
        if not there.exists() or (anchor and anchor not in anchors(there)):
            lost.append(target)
    assert lost == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_page_can_be_reached_from_the_index(language: str) -> None:
    top = DOCS / language
    linked = {(top / target.partition("#")[0]).resolve() for target in targets(top / "index.md")}
    assert {page for page in pages_of(language) if (top / page) not in linked} == {"index.md"}


def test_both_languages_show_the_same_commands() -> None:
    assert [page for page in pages_of("en") if commands("en", page) != commands("fr", page)] == []


def test_reference_pages_are_what_the_tables_give() -> None:
    assert stale() == [], "run .venv/bin/python docs/build_reference.py"


def test_every_decision_says_what_would_change_it() -> None:
    decisions = [path for path in (DOCS / "adr").glob("*.md") if path.name[:4].isdigit()]
    assert decisions
    assert [path.name for path in decisions if "change our mind" not in path.read_text(encoding="utf-8")] == []


def test_files_that_the_lifecycle_names_exist() -> None:
    """`runs/apply.py` there means the file of that name below src/truecount."""
    files_named = re.findall(r"`([a-z_]+/[a-z_/]+\.py)`", (DOCS / "lifecycle.md").read_text(encoding="utf-8"))
    assert [name for name in files_named if not (ROOT / "src" / "truecount" / name).exists()] == []
