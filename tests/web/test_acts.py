"""Every act that is recorded anywhere has its words in the history, in both languages."""

from __future__ import annotations

import ast
from collections.abc import Iterator

import pytest
from django.utils import translation

from tests.architecture.tree import SRC, files
from truecount.runs.transfer import _ACTS
from truecount.web.history import ACTS


def recorded() -> set[str]:
    """First arguments of all calls of `record(…)`; those of an import are in its own table."""
    sources = [path.read_text(encoding="utf-8") for path in files(SRC / "runs") if path.suffix == ".py"]
    found = {name for source in sources for call in _calls(ast.parse(source)) for name in _names(call.args[0])}
    return found | set(_ACTS.values())


def _calls(tree: ast.Module) -> Iterator[ast.Call]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "record" and node.args:
            yield node


def _names(first: ast.expr) -> Iterator[str]:
    match first:
        case ast.Constant(value=str() as name):
            yield name
        case ast.IfExp(body=one, orelse=other):
            yield from _names(one)
            yield from _names(other)
        case ast.Name(id="act"):
            return
        case _:
            raise AssertionError(f"an act whose name can't be read: {ast.unparse(first)}")


def test_the_acts_are_found() -> None:
    assert {"approve", "tick", "untick", "set_policy", "connect", "import", "map_override"} <= recorded()


def test_every_act_has_its_words() -> None:
    assert recorded() == set(ACTS)


@pytest.mark.parametrize("act", sorted(ACTS))
def test_in_both_languages(act: str) -> None:
    with translation.override("en"):
        english = str(ACTS[act])
    with translation.override("fr"):
        assert str(ACTS[act]) != english
