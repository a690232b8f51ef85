"""What a form asks: each field with its label, what stands in it, what was wrong with it; parts/asked.html draws it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from truecount.web.tables import Choice
from truecount.web.words import Words


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """One field. `kind` is an input's type, or `select`; `usual` is told as the default."""

    name: str
    label: Words
    value: str = ""
    hint: Words = ""
    usual: Words = ""
    error: Words = ""
    kind: str = "text"
    options: Sequence[Choice] = ()
    needed: bool = False
    complete: str = "off"
    wide: bool = False

    @property
    def described(self) -> str:
        """Ids of what a screen reader says after the label."""
        parts = [
            f"{self.name}-{part}" for part, told in (("hint", self.hint or self.usual), ("error", self.error)) if told
        ]
        return " ".join(parts)


def options_of(choices: Iterable[tuple[str, Words]], chosen: str) -> list[Choice]:
    return [Choice(value=value, title=title, chosen=value == chosen) for value, title in choices]


def typed(given: str | None) -> str:
    """What was typed, without what a database can't keep."""
    return (given or "").replace("\0", "").strip()
