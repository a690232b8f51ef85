"""Imports point down (the contracts of pyproject.toml), and the core never asks what time it is."""

from __future__ import annotations

import ast
import subprocess
import sys
from collections.abc import Iterator

from tests.architecture.tree import ROOT, SRC, files, named

CLOCKS = {"now", "today", "utcnow"}


def test_import_contracts_are_kept() -> None:
    """As `make check` does, in a process of its own: the linter reads its settings from the working directory."""
    command = [sys.executable, "-c", "from importlinter.cli import lint_imports_command as run; run()"]
    told = subprocess.run([*command, "--no-logo", "--no-cache"], cwd=ROOT, capture_output=True, text=True, check=False)
    assert told.returncode == 0, told.stdout + told.stderr


def test_core_asks_no_clock() -> None:
    core = [path for path in files(SRC / "core") if path.suffix == ".py"]
    asking = {named(path): list(_clock_calls(ast.parse(path.read_text(encoding="utf-8")))) for path in core}
    assert asking
    assert {path: calls for path, calls in asking.items() if calls} == {}


def test_a_clock_is_noticed() -> None:
    asked = ast.parse("a = datetime.now(UTC)\nb = field(default_factory=date.today)\nc = datetime.datetime.utcnow()")
    assert sorted(_clock_calls(asked)) == ["line 1: now", "line 2: today", "line 3: utcnow"]


def _clock_calls(tree: ast.Module) -> Iterator[str]:
    for node in ast.walk(tree):
        if not isinstance(node, ast.Attribute) or node.attr not in CLOCKS:
            continue
        owner = node.value.attr if isinstance(node.value, ast.Attribute) else getattr(node.value, "id", "")
        if owner in {"datetime", "date"}:
            yield f"line {node.lineno}: {node.attr}"
