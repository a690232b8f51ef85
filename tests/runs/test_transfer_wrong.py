"""Every configuration file that is refused, with the line and the reason; nothing here needs a database."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path
from typing import NamedTuple

import pytest
from django.utils import translation

from tests.core.builders import item
from truecount.core.errors import ErrorCode, Misused
from truecount.runs.advice import error_text
from truecount.runs.transfer_check import Known, check
from truecount.runs.transfer_document import Document
from truecount.runs.transfer_read import read_file
from truecount.runs.transfer_reasons import CLAUSES, Why

FILE = (Path(__file__).parent / "transfer.yaml").read_text(encoding="utf-8")
BACKUP = "      - agreement: 11  # Backup\n        percent: 40\n"
KNOWN = Known(
    items={
        100: item(100, identifier="ENDPOINT"),
        200: item(200, identifier="MAIL"),
        300: item(300, identifier="SUITE", item_class="Bundle"),
        400: item(400, identifier="OLD", active=False),
    },
    companies=frozenset({1, 2}),
    agreements={10: 1, 11: 1, 20: 2},
)


def refusal(content: str | bytes) -> Misused:
    with pytest.raises(Misused) as caught:
        check(read_file(content.encode() if isinstance(content, str) else content), Document(), KNOWN)
    assert caught.value.code is ErrorCode.BAD_FILE
    assert set(caught.value.fields) == {"line", "what", "why", "reason"}
    return caught.value


def test_it_works() -> None:
    check(read_file(FILE.encode()), Document(), KNOWN)


class Wrong(NamedTuple):
    """`old` becomes `new`; the refusal names the line where `new`, or `at`, stands."""

    why: Why
    old: str
    new: str
    at: str = ""

    def text(self) -> str:
        assert FILE.count(self.old) == 1, self.old
        return FILE.replace(self.old, self.new)

    def line(self) -> int:
        text, at = self.text(), self.at or self.new
        assert text.count(at) == 1, at
        return text.count("\n", 0, text.index(at)) + 1


W = Why
C1 = "    agreements:\n      - agreement: 10  # Services\n        percent: 60\n"
WRONG_FILES = [
    Wrong(W.UNPRINTABLE, "Aurora", "Au\x07rora"),
    Wrong(W.UNPRINTABLE, "name: Aurora", 'name: "\\0"'),
    Wrong(W.UNPRINTABLE, "Aurora", "Au\u2028rora"),
    Wrong(W.NOT_YAML, "name: Aurora", "name: Au: rora"),
    Wrong(W.NOT_YAML, "name: Aurora", "name: 'Aurora"),
    Wrong(W.NOT_YAML, "name: Aurora", "name Aurora"),
    Wrong(W.NOT_YAML, "name: Aurora", "\tname: Aurora"),
    Wrong(W.NOT_YAML, "overrides:\n", "---\noverrides:\n"),
    Wrong(W.ALIAS, "pattern: Managed", "pattern: &x Managed"),
    Wrong(W.ALIAS, "item: 200", "item: *x"),
    Wrong(W.TAG, "pattern: Managed", "pattern: !!python/name:os.system Managed"),
    Wrong(W.TAG, "fixed: 5", "fixed: !!float 5"),
    Wrong(W.TOO_DEEP, "policy:", "policy: " + "[" * 100_000),
    Wrong(W.FORMAT, "truecount: 1", "truecount: 2"),
    Wrong(W.MISSING_KEY, "truecount: 1", "version: 1"),
    Wrong(W.MISSING_KEY, "connections: []\n", "", at="truecount: 1"),
    Wrong(W.MISSING_KEY, "code: A\n    name", "name", at="name: Endpoint"),
    Wrong(W.MISSING_KEY, "    codes: [C]\n", "", at="item: 200"),
    Wrong(W.MISSING_KEY, "    company: 2\n", "", at="id: c2"),
    Wrong(W.MISSING_KEY, "    pattern: Managed\n", "", at="id: c2"),
    Wrong(W.UNKNOWN_KEY, "policy:\n", "polices: {}\npolicy:\n", at="polices"),
    Wrong(W.UNKNOWN_KEY, "combine: max", "combined: max"),
    Wrong(W.UNKNOWN_KEY, "        percent: 40", "        percents: 40"),
    Wrong(W.TWICE, "  mail: off\n", "  mail: off\n  mode: observe\n", at="mode: observe"),
    Wrong(
        W.NO_KEYS,
        "    rule:\n      combine: max\n      multiply: 1.5\n      minimum: 1\n      maximum: 9",
        "    rule: max",
    ),
    Wrong(W.NO_LIST, "codes: [C]", "codes: C"),
    Wrong(W.NO_LIST, "connections: []", "connections: {}"),
    Wrong(W.NO_VALUE, "connections: []", "connections:"),
    Wrong(W.NO_VALUE, "codes: [C]", "codes: []"),
    Wrong(W.NO_VALUE, "minimum: 1\n", "minimum: ~\n"),
    Wrong(W.NO_TEXT, "pattern: Managed", "pattern: [Managed]"),
    Wrong(W.EMPTY_TEXT, "pattern: Managed", 'pattern: ""'),
    Wrong(W.TOO_LONG, "code: B", f"code: {'B' * 101}"),
    Wrong(W.NO_NUMBER, "minimum: 1\n", "minimum: one\n"),
    Wrong(W.NO_NUMBER, "minimum: 1\n", "minimum: 1e3\n"),
    Wrong(W.NO_NUMBER, "minimum: 1\n", "minimum: .inf\n"),
    Wrong(W.NO_NUMBER, "  percent: 40", "  percent: 40 %"),
    Wrong(W.QUOTED, "minimum: 1\n", 'minimum: "1"\n'),
    Wrong(W.TOO_FINE, "fixed: 5", "fixed: 0.1234567"),
    Wrong(W.TOO_LARGE, "fixed: 5", "fixed: 1000000000000"),
    Wrong(W.NO_ID, "item: 200", "item: MAIL"),
    Wrong(W.NO_ID, "item: 200", "item: 0200"),
    Wrong(W.NO_ID, "company: 2\n", "company: 2147483648\n"),
    Wrong(W.NO_SWITCH, "firewall: on", "firewall: maybe"),
    Wrong(W.NO_SWITCH, "bill_anyway: on", 'bill_anyway: "on"'),
    Wrong(W.NO_CHOICE, "combine: max", "combine: most"),
    Wrong(W.NO_CHOICE, "by_rule: name", "by_rule: guess"),
    Wrong(W.NO_CHOICE, "connections: []", "connections:\n  - kind: abacus\n    fields: {}", at="kind: abacus"),
    Wrong(
        W.SECRET,
        "connections: []",
        "connections:\n  - kind: sophos\n    fields: {client_secret: x}",
        at="client_secret",
    ),
    Wrong(
        W.TWICE,
        "connections: []",
        "connections:\n" + "  - {kind: sophos, fields: {client_id: %s}}\n" * 2 % ("x1", "x2"),
        at="x2",
    ),
    Wrong(W.UNKNOWN_SETTING, "mode: review", "moods: review"),
    Wrong(W.SETTING, "mode: review", "mode: boldly"),
    Wrong(W.SETTING, "mode: review", "time_zone: Europe"),
    Wrong(W.SETTING, "money_percent: 40", "money_percent: many"),
    Wrong(W.NEGATIVE, "minimum: 1\n", "minimum: -1\n"),
    Wrong(W.NEGATIVE, "multiply: 1.5", "multiply: -0.5"),
    Wrong(W.NEGATIVE, "multiply: 1.5", "included: -2"),
    Wrong(W.NEGATIVE, "multiply: 1.5", "step: -2"),
    Wrong(W.NEGATIVE, "fixed: 5", "fixed: -5"),
    Wrong(W.NOT_ABOVE_ZERO, "multiply: 1.5", "step: 0.0"),
    Wrong(W.MINIMUM_ABOVE_MAXIMUM, "maximum: 9", "maximum: 0.5"),
    Wrong(W.TWO_RULES, "item: 200  # MAIL", "item: 100  # MAIL"),
    Wrong(W.TWICE, "codes: [A, B]", "codes: [A, B, A]"),
    Wrong(W.TWICE, "code: B\n", "code: A\n    # B\n", at="code: A\n    # B"),
    Wrong(W.TWICE, "id: c2\n", "id: c1\n    # c2\n"),
    Wrong(W.TWICE, "agreement: 11  #", "agreement: 10  # not"),
    Wrong(W.TWICE, "    fixed: 5\n", "    fixed: 5\n  - {customer: c1, item: 100, exclude: on}\n", at="- {"),
    Wrong(W.MIXED, "        percent: 40", "        percent: 40\n        first: 2", at="first: 2"),
    Wrong(W.MIXED, C1, C1.replace("percent", "first")),
    Wrong(W.SOME_PERCENT, C1, C1.replace("        percent: 60\n", "")),
    Wrong(W.NOT_100, C1, C1.replace("60", "59.99")),
    Wrong(W.TWO_RESTS, C1 + BACKUP, re.sub(r".*percent.*\n", "", C1 + BACKUP), at="- agreement: 11"),
    Wrong(W.BY_HAND_AND_BY_RULE, "    company: 1", "    by_rule: only-active\n    company: 1"),
    Wrong(W.NOT_WITH, "by_rule: name\n    pattern", "by_rule: only-active\n    pattern", at="pattern: Managed"),
    Wrong(W.NOT_WITH, "sync: off\n    turned_off_by", "sync: on\n    turned_off_by", at="turned_off_by"),
    Wrong(
        W.SAYS_NOTHING,
        "  - customer: c1  # Boulangerie\n    item: 100  # ENDPOINT\n    fixed: 5",
        "  - {customer: c1, item: 100}",
    ),
    Wrong(W.UNMAPPED_ITEM, "    item: 100  # ENDPOINT\n    fixed", "    item: 300\n    fixed"),
    Wrong(W.UNKNOWN_CUSTOMER, "customer: c1", "customer: c9"),
    Wrong(
        W.ON_UNMAPPED,
        "sync: off\n    turned_off_by: person\n",
        "sync: off\n  - code: D\n    sync: on  # D\n",
        at="sync: on  # D",
    ),
    Wrong(W.UNKNOWN_PRODUCT, "codes: [C]", "codes: [C, X]"),
    Wrong(W.UNKNOWN_ITEM, "item: 200", "item: 201"),
    Wrong(W.UNKNOWN_ITEM, "item: 200", "item: 500"),
    Wrong(W.BUNDLE_ITEM, "item: 200", "item: 300"),
    Wrong(W.INACTIVE_ITEM, "item: 200", "item: 400"),
    Wrong(W.UNKNOWN_COMPANY, "company: 2\n", "company: 3\n"),
    Wrong(W.UNKNOWN_AGREEMENT, "agreement: 11", "agreement: 12"),
    Wrong(W.OTHER_COMPANY, "agreement: 11", "agreement: 20"),
]


@pytest.mark.parametrize("wrong", WRONG_FILES, ids=[f"{one.why}-{place}" for place, one in enumerate(WRONG_FILES)])
def test_a_wrong_file_is_refused_with_line_and_reason(wrong: Wrong) -> None:
    trouble = refusal(wrong.text())
    assert is_reason(trouble, wrong.why), trouble
    assert trouble.fields["line"] == wrong.line(), trouble


def is_reason(trouble: Misused, why: Why) -> bool:
    """Whether the clause is that of the reason, whatever fills its gaps; none is left open."""
    parts = re.split(r"\{.+?\}", CLAUSES[why].en)
    return bool(re.fullmatch("(?!.*\\?).+".join(map(re.escape, parts)), str(trouble.fields["why"])))


OTHER_FILES = [
    (b"truecount: 1\npolicy: {}\n\xff: 1\n", 3, W.NOT_UTF8),
    (b"", 1, W.EMPTY_FILE),
    (b"# nothing\n", 1, W.EMPTY_FILE),
    (b"- truecount: 1\n", 1, W.NO_KEYS),
    (b"\ntruecount: {a: 1}\n", 2, W.NO_TEXT),
]


@pytest.mark.parametrize(("content", "line", "why"), OTHER_FILES)
def test_a_file_of_another_kind_is_refused(content: bytes, line: int, why: Why) -> None:
    trouble = refusal(content)
    assert is_reason(trouble, why)
    assert trouble.fields["line"] == line


def test_sync_does_not_come_on_for_an_item_that_has_ended() -> None:
    """Its mapping stands here already and passes; turning the switch on would be new."""
    here = read_file(FILE.replace('basic"\n    sync: on', 'basic"\n    sync: off').encode()).document
    known = replace(KNOWN, items={100: item(100, identifier="ENDPOINT")})
    with pytest.raises(Misused) as caught:
        check(read_file(FILE.encode()), here, known)
    assert is_reason(caught.value, W.ON_UNUSABLE)
    assert caught.value.fields["line"] == FILE.count("\n", 0, FILE.index("Mail: basic")) + 2


def test_every_reason_is_tried() -> None:
    tried = {one.why for one in WRONG_FILES} | {why for _content, _line, why in OTHER_FILES} | {W.ON_UNUSABLE}
    of_forms = {W.NAMED_TWICE, W.BOTH_REST, W.NOTHING_ENDED}
    assert tried == set(Why) - of_forms


def test_what_was_never_read_can_not_be_missed() -> None:
    text = FILE.replace("item: 200", "item: 999").replace("company: 2", "company: 999")
    read = read_file(text.replace("agreement: 11", "agreement: 999").encode())
    check(read, Document(), Known())


def test_the_sentence_names_file_line_place_and_reason() -> None:
    trouble = refusal(FILE.replace("percent: 60", "percent: sixty"))
    for language in ("en", "fr"):
        sentence = error_text(trouble.code, {"file": "mine.yaml", **trouble.fields}, language).sentence
        named = ("mine.yaml", str(trouble.fields["line"]), "percent", "“sixty” is not a number")
        assert all(told in sentence for told in named), sentence


def test_reasons_are_told_in_the_language_of_the_reader() -> None:
    with translation.override("fr"):
        trouble = refusal("truecount: 2")
    assert str(trouble.fields["why"]).startswith("cette version ne connaît pas le format 2")


@pytest.mark.parametrize("why", Why)
def test_both_languages_name_the_same(why: Why) -> None:
    english, french = (set(re.findall(r"\{(\w+)", text)) for text in (CLAUSES[why].en, CLAUSES[why].fr))
    assert english == french
    assert CLAUSES[why].en != CLAUSES[why].fr
