"""The stylesheet keeps its promises: contrast in light and dark, no foreign address, no fixed text size."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

import truecount.web

STYLE = (Path(truecount.web.__file__).parent / "static" / "web" / "truecount.css").read_text(encoding="utf-8")
TOKENS = {
    name: (light, dark)
    for name, light, dark in re.findall(r"--([\w-]+): light-dark\((#[0-9a-f]{6}), (#[0-9a-f]{6})\)", STYLE)
}
GROUNDS = ("ground", "surface", "sunken", "raised")
TEXTS = [(text, ground) for text in ("text", "muted", "accent", "good", "bad") for ground in GROUNDS]
TEXTS += [("on-accent", "accent"), ("on-accent", "accent-strong"), ("accent-strong", "accent-weak")]
TEXTS += [(tone, f"{tone}-weak") for tone in ("good", "warn", "bad")]
SHAPES = [("line-strong", "surface"), ("line-strong", "ground"), ("accent", "surface"), ("accent", "ground")]


@pytest.mark.parametrize("look", [0, 1], ids=["light", "dark"])
@pytest.mark.parametrize(("text", "ground"), TEXTS)
def test_texts_can_be_read(text: str, ground: str, look: int) -> None:
    assert contrast(TOKENS[text][look], TOKENS[ground][look]) >= 4.5


@pytest.mark.parametrize("look", [0, 1], ids=["light", "dark"])
@pytest.mark.parametrize(("shape", "ground"), SHAPES)
def test_edges_of_controls_can_be_seen(shape: str, ground: str, look: int) -> None:
    assert contrast(TOKENS[shape][look], TOKENS[ground][look]) >= 3


def test_nothing_is_loaded_from_elsewhere() -> None:
    assert "url(" not in STYLE
    assert "@import" not in STYLE


def test_texts_grow_with_the_readers_setting() -> None:
    assert re.findall(r"font(?:-size)?:[^;]*\dpx", STYLE) == []


def test_a_known_contrast() -> None:
    assert contrast("#000000", "#ffffff") == pytest.approx(21)


def contrast(one: str, other: str) -> float:
    """WCAG 2.2: (lighter + 0.05) / (darker + 0.05)."""
    darker, lighter = sorted((_luminance(one), _luminance(other)))
    return (lighter + 0.05) / (darker + 0.05)


def _luminance(colour: str) -> float:
    parts = [int(colour[place : place + 2], 16) / 255 for place in (1, 3, 5)]
    red, green, blue = (part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue
