"""Files keep a readable size and a name that says what is in them."""

from __future__ import annotations

import ast
from pathlib import Path

from tests.architecture.tree import code_lines, modules, named

MOST = 400
# Longer files, each with the reason why two would read worse. An entry that is no longer needed must go.
LONG = {
    "tests/core/strategies.py": "one kind of random world: its parts only make sense together",
    "src/truecount/core/compare.py": "one comparison: every row of one table of the rules, in its order",
    "tests/core/test_table.py": "one test for every row of one table, in its order",
}

SAYS_NOTHING = ("manager", "helper", "helpers", "utils", "util", "service", "handler", "data", "info")
MODULES = [path for path in modules() if path.parent.name != "migrations"]  # those are written by makemigrations


def test_long_files_have_a_reason() -> None:
    long = {named(path): size for path in MODULES if (size := code_lines(path)) > MOST}
    assert {path: size for path, size in long.items() if path not in LONG} == {}
    assert [path for path in LONG if path not in long] == []


def test_names_say_what_is_there() -> None:
    """Modules, packages and classes."""
    empty = {named(path): [name for name in _names(path) if name.lower().endswith(SAYS_NOTHING)] for path in MODULES}
    assert {path: names for path, names in empty.items() if names} == {}


def test_code_lines_leave_out_what_is_not_code(tmp_path: Path) -> None:
    written = tmp_path / "x.py"
    written.write_text('"""Two\nlines."""\n\n# a comment\nx = """a\nb"""\n\n\ndef f():\n    """Doc."""\n    return 1\n')
    assert code_lines(written) == 4


def _names(path: Path) -> list[str]:
    tree = ast.parse(path.read_text(encoding="utf-8"))
    classes = [node.name for node in ast.walk(tree) if isinstance(node, ast.ClassDef)]
    return [path.stem, path.parent.name, *classes]
