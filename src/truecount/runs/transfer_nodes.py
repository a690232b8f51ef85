"""YAML as nodes that know their line, and typed readers of single values; what a document consists of is not here."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from typing import Any, TypeVar

import yaml

from truecount.core.plan import plain
from truecount.runs.transfer_document import NUMBER, SWITCHES
from truecount.runs.transfer_reasons import Why, bad

DEEPEST = 10
MOST_DIGITS = 12
"""Before the point: what the columns hold."""
LARGEST_ID = 2**31 - 1
_LOADER: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
"""The same nodes, many times faster, where PyYAML came with libyaml."""
_UNPRINTABLE = re.compile("[^\t\n\r\x20-\x7e\xa0-\u2027\u202a-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
"""Also what YAML takes for the end of a line and editors do not, so that lines are counted alike."""
_NOTICED_LATE = ("found unexpected end of stream", "could not find expected ':'")
_NEVER = re.compile("[\x00\ud800-\udfff]")
"""What the database can't hold; quotes and escapes make it writable in YAML."""
_ID = re.compile(r"[1-9][0-9]{0,9}")
_SAID = SWITCHES | {"true": True, "false": False, "yes": True, "no": False}

Choice = TypeVar("Choice", bound=StrEnum)


# --- from bytes to nodes --------------------------------------------------------------------------


def root_of(content: bytes) -> yaml.Node:
    """The document's node; refused unless it is one plain YAML document without anchors and tags of its own."""
    text = _decoded(content)
    try:
        _check_events(text)
        root = yaml.compose(text, Loader=_LOADER)
    except yaml.MarkedYAMLError as error:
        raise bad(_line_of_error(error), "YAML", Why.NOT_YAML, value=error.problem) from None
    if root is None:
        raise bad(1, "YAML", Why.EMPTY_FILE)
    return root


def _line_of_error(error: yaml.MarkedYAMLError) -> int:
    """A quote that does not end and a key without a colon are noticed on later lines than they stand."""
    mark = (error.context_mark if error.problem in _NOTICED_LATE else None) or error.problem_mark
    return mark.line + 1 if mark is not None else 1


def _decoded(content: bytes) -> str:
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise bad(content.count(b"\n", 0, error.start) + 1, "UTF-8", Why.NOT_UTF8) from None
    if (found := _UNPRINTABLE.search(text)) is not None:
        line = text.count("\n", 0, found.start()) + 1
        raise bad(line, "YAML", Why.UNPRINTABLE, value=f"U+{ord(found[0]):04X}")
    return text


def _check_events(text: str) -> None:
    """Composing follows nesting and aliases wherever they lead, so both are looked at before."""
    depth = 0
    for event in yaml.parse(text, Loader=_LOADER):
        line = line_of(event)
        if isinstance(event, yaml.AliasEvent) or getattr(event, "anchor", None):
            raise bad(line, "YAML", Why.ALIAS)
        if tag := getattr(event, "tag", None):
            raise bad(line, "YAML", Why.TAG, value=tag)
        depth += isinstance(event, yaml.CollectionStartEvent)
        depth -= isinstance(event, yaml.CollectionEndEvent)
        if depth > DEEPEST:
            raise bad(line, "YAML", Why.TOO_DEEP)


def line_of(found: yaml.Node | yaml.Event) -> int:
    """Counted from 1."""
    return found.start_mark.line + 1 if found.start_mark is not None else 1


# --- single values --------------------------------------------------------------------------------


def scalar_of(node: yaml.Node, what: str) -> str:
    """The text of anything but a list or keys, as it stands there."""
    _must_be_there(node, what)
    if not isinstance(node, yaml.ScalarNode):
        raise bad(line_of(node), what, Why.NO_TEXT)
    return str(node.value)


def text_of(node: yaml.Node, what: str, longest: int, *, may_be_empty: bool = False) -> str:
    """A text, in quotes or without; a number without quotes is the text that stands there."""
    text = scalar_of(node, what)
    if not text and not may_be_empty:
        raise bad(line_of(node), what, Why.EMPTY_TEXT)
    if len(text) > longest:
        raise bad(line_of(node), what, Why.TOO_LONG, most=longest)
    if found := _NEVER.search(text):
        raise bad(line_of(node), what, Why.UNPRINTABLE, value=f"U+{ord(found[0]):04X}")
    return text


def number_of(node: yaml.Node, what: str, decimals: int) -> Decimal:
    """A number that is not negative, digit by digit; it stands without quotes."""
    text = _unquoted(node, what)
    if not NUMBER.fullmatch(text):
        raise bad(line_of(node), what, Why.NO_NUMBER, value=text)
    whole, _, part = text.lstrip("-").partition(".")
    if len(whole) > MOST_DIGITS:
        raise bad(line_of(node), what, Why.TOO_LARGE, value=text)
    if len(part.rstrip("0")) > decimals:
        raise bad(line_of(node), what, Why.TOO_FINE, value=text, most=decimals)
    number = Decimal(text)
    if number < 0:
        raise bad(line_of(node), what, Why.NEGATIVE, value=plain(number))
    return abs(number)


def id_of(node: yaml.Node, what: str) -> int:
    """An id of the PSA's."""
    text = _unquoted(node, what)
    if not _ID.fullmatch(text) or int(text) > LARGEST_ID:
        raise bad(line_of(node), what, Why.NO_ID, value=text)
    return int(text)


def switch_of(node: yaml.Node, what: str) -> bool:
    text = scalar_of(node, what)
    found = None if _is_quoted(node) else _SAID.get(text.lower())
    if found is None:
        raise bad(line_of(node), what, Why.NO_SWITCH, value=text)
    return found


def choice_of(node: yaml.Node, what: str, choices: type[Choice]) -> Choice:
    text = word_of(node, what, [str(choice) for choice in choices])
    return choices(text)


def word_of(node: yaml.Node, what: str, choices: Iterable[str]) -> str:
    text = scalar_of(node, what)
    if text not in choices:
        raise bad(line_of(node), what, Why.NO_CHOICE, value=text, choices=", ".join(choices))
    return text


def list_of(node: yaml.Node, what: str) -> Sequence[yaml.Node]:
    _must_be_there(node, what)
    if not isinstance(node, yaml.SequenceNode):
        raise bad(line_of(node), what, Why.NO_LIST)
    return list(node.value)


def _unquoted(node: yaml.Node, what: str) -> str:
    text = scalar_of(node, what)
    if _is_quoted(node):
        raise bad(line_of(node), what, Why.QUOTED, value=text)
    return text


def _is_quoted(node: yaml.Node) -> bool:
    return isinstance(node, yaml.ScalarNode) and bool(node.style)


def _must_be_there(node: yaml.Node, what: str) -> None:
    if isinstance(node, yaml.ScalarNode) and node.tag == "tag:yaml.org,2002:null":
        raise bad(line_of(node), what, Why.NO_VALUE)


# --- keys -----------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class Keys:
    """The keys of one place with their values, in the order of the file. `what` names the place."""

    what: str
    line: int
    lines: Mapping[str, int]
    nodes: Mapping[str, yaml.Node]

    def __contains__(self, key: str) -> bool:
        return key in self.nodes

    def __getitem__(self, key: str) -> yaml.Node:
        if key not in self.nodes:
            raise bad(self.line, key, Why.MISSING_KEY)
        return self.nodes[key]


def keys_of(node: yaml.Node, what: str, known: Iterable[str] | None = None) -> Keys:
    """Refused where a key stands twice or is not among the known ones."""
    _must_be_there(node, what)
    if not isinstance(node, yaml.MappingNode):
        raise bad(line_of(node), what, Why.NO_KEYS)
    lines: dict[str, int] = {}
    nodes: dict[str, yaml.Node] = {}
    for key_node, value in node.value:
        key = scalar_of(key_node, what)
        if key in nodes:
            raise bad(line_of(key_node), key, Why.TWICE, first=lines[key])
        if known is not None and key not in known:
            raise bad(line_of(key_node), key, Why.UNKNOWN_KEY, choices=", ".join(known))
        lines[key], nodes[key] = line_of(key_node), value
    return Keys(what=what, line=line_of(node), lines=lines, nodes=nodes)
