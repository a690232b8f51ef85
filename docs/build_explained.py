"""Puts what `truecount explain` says of the demonstration's examples into docs/*/how-to/explain.md.

    .venv/bin/truecount demo --exit
    TRUECOUNT_HOME=/var/lib/truecount-demo .venv/bin/python docs/build_explained.py

Numbers that differ from one demonstration to the next are given a fixed one; a test compares the pages with a run.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from itertools import count
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from truecount.runs.explain_told import Line

PAGES = {language: Path(__file__).parent / language / "how-to" / "explain.md" for language in ("en", "fr")}
_BLOCK = re.compile(r"(<!-- explain: (\w+) -->\n```text\n)(.*?)(^```$)", re.MULTILINE | re.DOTALL)
_FIXED = (
    (r"\bplan \d+", "plan 2"),
    (r"(kept answer|réponse conservée) \d+", r"\1 483"),
    (r"\b([Ll]ine|[Ll]igne) \d+ (?=held|holds|contenait|contient)", r"\1 1031 "),
    (r"2026-11-26 09:\d\d UTC", "2026-11-26 09:00 UTC"),
)
_LEDGER = re.compile(r"^(Ledger|Registre) \d+")


def fixed(lines: Iterable[Line]) -> Iterator[Line]:
    """The same for every run of the demonstration."""
    numbers = count(85)
    for line in lines:
        text, note = line.text, line.note
        for pattern, instead in _FIXED:
            text, note = re.sub(pattern, instead, text), re.sub(pattern, instead, note)
        if _LEDGER.match(text):
            text = _LEDGER.sub(rf"\1 {next(numbers)}", text)
        yield replace(line, text=text, note=note)


def examples_in(language: str) -> dict[str, str]:
    """What the page shows, by the name of the example."""
    page = PAGES[language].read_text(encoding="utf-8")
    return {name: text.rstrip("\n") for _, name, text, _ in _BLOCK.findall(page)}


def put(language: str, examples: Mapping[str, str]) -> None:
    page = PAGES[language].read_text(encoding="utf-8")
    page = _BLOCK.sub(lambda found: f"{found[1]}{examples[found[2]]}\n{found[4]}", page)
    PAGES[language].write_text(page, encoding="utf-8")


def said(language: str) -> dict[str, str]:
    """What the program says now, of the newest plan; Django must be ready."""
    from truecount.cli.demo_examples import examples
    from truecount.cli.explain import printed
    from truecount.runs.explain import Explanations
    from truecount.runs.explain_told import readable
    from truecount.store.models import Plan

    plan = Plan.objects.select_related("snapshot", "integration").order_by("-pk")[0]
    explanations = Explanations(plan)
    return {name: printed(fixed(readable(explanations.of(slot), language))) for name, slot in examples(plan).items()}


def main() -> int:
    from truecount.conf.entry import Installation

    installation = Installation()
    installation.set_up()
    installation.open()
    try:
        for language in PAGES:
            put(language, said(language))
    finally:
        installation.close()
    return 0


if __name__ == "__main__":
    sys.exit(main())
