"""Export and import: the round trip, what a file replaces, and every wrong file refused with line and reason."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, date, datetime
from decimal import Decimal
from types import SimpleNamespace
from typing import Any, NamedTuple

import pytest
import yaml
from django.db import transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from truecount.cli import transfer as command
from truecount.core import model
from truecount.core.errors import ErrorCode, Misused
from truecount.core.roles import Role
from truecount.runs import transfer
from truecount.runs.advice import error_text
from truecount.runs.transfer_document import Connection, Customer, Document, Product, text_of, tree_of
from truecount.runs.transfer_read import read_file
from truecount.runs.transfer_reasons import CLAUSES, Why
from truecount.runs.transfer_rows import document_of
from truecount.store import models
from truecount.store.configurations import load_configuration
from truecount.store.models import AuditEvent, Integration, Partner, User
from truecount.store.seals import seal

NOW = datetime(2026, 11, 26, 9, tzinfo=UTC)

FILE = """\
# Configuration of a Truecount integration. Ids count; names and comments are for reading.
truecount: 1

connections: []

policy:
  mode: review
  hour: "04:30"
  money_percent: 40
  mail: off

products:
  - code: A
    name: Endpoint
    group: Endpoint
    sync: on
  - code: B
    name: Firewall
    firewall: on
    sync: off
    turned_off_by: person
  - code: C
    name: "Mail: basic"
    sync: on

mappings:
  - item: 100  # ENDPOINT
    codes: [A, B]
    rule:
      combine: max
      multiply: 1.5
      minimum: 1
      maximum: 9
  - item: 200  # MAIL
    codes: [C]
    where_none: adopt-only

customers:
  - id: c3
    name: Aurora
    sync: on
  - id: c1
    name: Boulangerie
    sync: on
    bill_anyway: on
    company: 1  # Boulangerie SARL
    agreements:
      - agreement: 10  # Services
        percent: 60
      - agreement: 11  # Backup
        percent: 40
  - id: c2
    name: Garage
    sync: off
    company: 2
    by_rule: name
    pattern: Managed

overrides:
  - customer: c1  # Boulangerie
    item: 100  # ENDPOINT
    fixed: 5
"""


# --- a place to export from and import to ---------------------------------------------------------


class Place(NamedTuple):
    integration: Integration
    admin: User

    def import_(self, text: str, *, dry_run: bool = False, by: User | None = None) -> transfer.Imported:
        return transfer.import_(
            self.integration, text.encode(), "mine.yaml", dry_run=dry_run, by=by or self.admin, now=NOW
        )

    def export(self) -> str:
        return transfer.export(self.integration, by=self.admin)[0]

    def document(self) -> Document:
        return document_of(Integration.objects.get(pk=self.integration.pk))

    def configuration(self) -> model.Configuration:
        return load_configuration(Integration.objects.get(pk=self.integration.pk))

    def acts(self) -> list[tuple[str, str]]:
        return [(event.action, event.subject) for event in AuditEvent.objects.order_by("pk")]


def person(partner: Partner, role: Role) -> User:
    return User.objects.create(email=f"{role.name}@x.example", partner=partner, role=role.value, made_at=NOW)


def integration(slug: str, partner: Partner) -> Integration:
    return Integration.objects.create(partner=partner, slug=slug, made_at=NOW)


def with_labels(place: Integration) -> Integration:
    """As a connected PSA leaves it: something of everything that a mapping may or may not lead to."""
    items: list[dict[str, Any]] = [
        {"psa_id": 100, "identifier": "ENDPOINT"},
        {"psa_id": 200, "identifier": "MAIL"},
        {"psa_id": 300, "identifier": "SUITE", "item_class": "Bundle"},
        {"psa_id": 400, "identifier": "OLD", "active": False},
        {"psa_id": 500, "identifier": "GONE", "gone_since": date(2026, 1, 1)},
    ]
    for item in items:
        models.CatalogItem.objects.create(integration=place, **{"item_class": "NonInventory"} | item)
    for ident, name in ((1, "Boulangerie SARL"), (2, "")):
        models.Company.objects.create(integration=place, psa_id=ident, name=name)
    for ident, company, name in ((10, 1, "Services"), (11, 1, "Backup"), (20, 2, "Managed")):
        models.Agreement.objects.create(integration=place, psa_id=ident, company=company, name=name, state="active")
    return place


@pytest.fixture
def partner(db: None) -> Partner:
    return Partner.objects.create(slug="msp", name="MSP", made_at=NOW)


@pytest.fixture
def place(partner: Partner) -> Place:
    """Connected, and nothing decided."""
    return Place(with_labels(integration("here", partner)), person(partner, Role.ADMIN))


@pytest.fixture
def decided(place: Place) -> Place:
    place.import_(FILE)
    return place


def refusal(place: Place, text: str, **how: Any) -> Misused:
    before = place.document()
    with pytest.raises(Misused) as caught:
        place.import_(text, **how)
    assert place.document() == before
    return caught.value


# --- the round trip -------------------------------------------------------------------------------


def test_it_works(place: Place) -> None:
    done = place.import_(FILE)
    assert done.applied
    assert place.export() == FILE


def test_import_of_an_export_is_the_same_configuration(decided: Place, partner: Partner) -> None:
    empty = Place(with_labels(integration("there", partner)), decided.admin)
    empty.import_(decided.export())
    assert empty.configuration() == decided.configuration()
    assert empty.export() == decided.export()


def test_where_nothing_was_read_only_the_names_in_comments_are_missing(decided: Place, partner: Partner) -> None:
    blank = Place(integration("there", partner), decided.admin)
    blank.import_(decided.export())
    assert blank.configuration() == decided.configuration()
    assert blank.export() == re.sub(r"  # (?!Boulangerie$).*", "", decided.export(), flags=re.MULTILINE)


def test_core_gets_what_the_file_says(decided: Place) -> None:
    configuration = decided.configuration()
    assert configuration.policy == model.Policy(mode=model.Mode.REVIEW, guards=model.Guards(money_move=Decimal("0.4")))
    assert configuration.product_sync == {"A": True, "B": False, "C": True}
    assert configuration.products["B"].firewall
    assert configuration.customer_sync == {"c2": False}
    assert configuration.bill_anyway == {"c1"}
    assert configuration.product_mappings[0].rule == model.Rule(
        combine=model.Combine.MAX, multiply=Decimal("1.5"), minimum=Decimal(1), maximum=Decimal(9)
    )
    assert configuration.customer_mappings["c2"].by_rule is model.ByRule.NAME
    assert configuration.overrides == (model.Override(customer="c1", item=100, fixed=Decimal(5)),)


def test_the_same_file_again_has_nothing_to_change(decided: Place) -> None:
    acts = decided.acts()
    done = decided.import_(FILE)
    assert (done.changes, done.applied) == ((), False)
    assert decided.acts() == acts


def test_a_dry_run_tells_and_keeps_nothing(decided: Place) -> None:
    before, acts = decided.document(), decided.acts()
    done = decided.import_(FILE.replace("percent: 60", "percent: 100").replace(FIRST_OF_TWO, ""), dry_run=True)
    assert [change.what for change in done.changes] == ["customer c1 (Boulangerie)"]
    assert not done.applied
    assert (decided.document(), decided.acts()) == (before, acts)


FIRST_OF_TWO = "      - agreement: 11  # Backup\n        percent: 40\n"


def test_differences_are_told_as_far_as_they_go(decided: Place) -> None:
    text = FILE.replace("minimum: 1\n", "minimum: 2\n").replace("mode: review", "mode: automatic")
    text = text.replace("    bill_anyway: on\n", "").replace("    fixed: 5\n", "    exclude: on\n")
    told = [(change.what, change.before, change.after) for change in decided.import_(text).changes]
    rule = {"combine": "max", "multiply": Decimal("1.5"), "minimum": Decimal(1), "maximum": Decimal(9)}
    assert told == [
        ("setting mode", "review", "automatic"),
        ("mapping of item 100 (ENDPOINT)", {"rule": rule}, {"rule": rule | {"minimum": Decimal(2)}}),
        ("customer c1 (Boulangerie)", {"bill_anyway": True}, {}),
        ("override of customer c1 (Boulangerie), item 100 (ENDPOINT)", {"fixed": Decimal(5)}, {"exclude": True}),
    ]
    assert decided.import_(text).changes == ()


def test_what_is_not_in_the_file_goes_back_to_the_beginning(decided: Place) -> None:
    empty = "truecount: 1\nconnections: []\npolicy: {}\nproducts: []\nmappings: []\ncustomers: []\noverrides: []\n"
    decided.import_(empty)
    after = decided.configuration()
    assert (after.product_mappings, after.customer_mappings, after.overrides) == ((), {}, ())
    assert (after.customer_sync, after.bill_anyway, after.policy) == ({}, frozenset(), model.Policy())
    assert after.product_sync == {"A": False, "B": False, "C": False}


def test_names_of_the_file_do_not_rename(decided: Place) -> None:
    assert decided.import_(FILE.replace("Garage", "Workshop").replace("name: Endpoint", "name: Old")).changes == ()


def test_every_act_is_in_the_trail(decided: Place) -> None:
    assert decided.acts() == [
        *(("set_policy", f"setting {name}") for name in ("mode", "hour", "money_percent", "mail")),
        *(("switch_product", f"product {code}") for code in "ABC"),
        ("map_product", "mapping of item 100 (ENDPOINT)"),
        ("map_product", "mapping of item 200 (MAIL)"),
        ("map_customer", "customer c1 (Boulangerie)"),
        ("map_customer", "customer c2 (Garage)"),
        ("switch_customer", "customer c3 (Aurora)"),
        ("map_override", "override of customer c1 (Boulangerie), item 100 (ENDPOINT)"),
        ("import", "mine.yaml"),
    ]
    event = AuditEvent.objects.get(subject="customer c2 (Garage)")
    assert event.before is None
    assert event.after == {"sync": False, "company": 2, "by_rule": "name", "pattern": "Managed"}
    assert event.by == decided.admin


# --- switches -------------------------------------------------------------------------------------


def switches(place: Place) -> dict[str, tuple[bool, str]]:
    return {code: (one.sync, one.turned_off_by) for code, one in place.document().products.items()}


def test_products_that_the_file_does_not_list_follow_their_mapping(decided: Place) -> None:
    listed = re.sub(r"products:\n.*?\n\n", "products: []\n\n", FILE, flags=re.DOTALL)
    assert decided.import_(listed).changes == ()
    decided.import_(listed.replace("[A, B]", "[B]").replace("[C]", "[B]"))
    assert switches(decided) == {"A": (False, "itself"), "B": (False, "person"), "C": (False, "itself")}
    decided.import_(listed)
    assert switches(decided) == {"A": (True, ""), "B": (False, "person"), "C": (True, "")}


def test_sync_turned_off_by_an_import_was_turned_off_by_a_person(decided: Place) -> None:
    text = FILE.replace("    group: Endpoint\n    sync: on", "    sync: off")
    decided.import_(text)
    assert switches(decided)["A"] == (False, "person")
    assert decided.import_(text).changes == ()


# --- wrong files ----------------------------------------------------------------------------------


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
    Wrong(W.NOT_YAML, "name: Aurora", "name: Au: rora"),
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
    Wrong(W.NO_NUMBER, "percent: 40", "percent: 40 %"),
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
        "connections:\n" + "  - {kind: sophos, fields: {client_id: %s}}\n" * 2 % ("x", "y"),
        at="y",
    ),
    Wrong(W.UNKNOWN_SETTING, "mode: review", "moods: review"),
    Wrong(W.SETTING, "mode: review", "mode: boldly"),
    Wrong(W.SETTING, "money_percent: 40", "money_percent: many"),
    Wrong(W.NEGATIVE, "minimum: 1\n", "minimum: -1\n"),
    Wrong(W.NEGATIVE, "multiply: 1.5", "multiply: -0.5"),
    Wrong(W.NEGATIVE, "multiply: 1.5", "included: -2"),
    Wrong(W.NEGATIVE, "multiply: 1.5", "step: -2"),
    Wrong(W.NEGATIVE, "fixed: 5", "fixed: -5"),
    Wrong(W.NOT_ABOVE_ZERO, "multiply: 1.5", "step: 0.0"),
    Wrong(W.MINIMUM_ABOVE_MAXIMUM, "maximum: 9", "maximum: 0.5"),
    Wrong(W.TWO_RULES, "item: 200", "item: 100"),
    Wrong(W.TWICE, "codes: [A, B]", "codes: [A, B, A]"),
    Wrong(W.TWICE, "code: B\n", "code: A\n    # B\n", at="code: A\n    # B"),
    Wrong(W.TWICE, "id: c2", "id: c1"),
    Wrong(W.TWICE, "agreement: 11", "agreement: 10"),
    Wrong(W.TWICE, "    fixed: 5\n", "    fixed: 5\n  - {customer: c1, item: 100, exclude: on}\n", at="- {"),
    Wrong(W.MIXED, "        percent: 40", "        percent: 40\n        first: 2", at="first: 2"),
    Wrong(W.MIXED, C1, C1.replace("percent", "first")),
    Wrong(W.SOME_PERCENT, C1, C1.replace("        percent: 60\n", "")),
    Wrong(W.NOT_100, C1, C1.replace("60", "59.99")),
    Wrong(W.TWO_RESTS, C1 + FIRST_OF_TWO, re.sub(r".*percent.*\n", "", C1 + FIRST_OF_TWO), at="- agreement: 11"),
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
        W.ON_UNMAPPED, "sync: off\n    turned_off_by: person\n", "sync: off\n  - code: D\n    sync: on\n", at="sync: on"
    ),
    Wrong(W.UNKNOWN_PRODUCT, "codes: [C]", "codes: [C, X]"),
    Wrong(W.UNKNOWN_ITEM, "item: 200", "item: 201"),
    Wrong(W.UNKNOWN_ITEM, "item: 200", "item: 500"),
    Wrong(W.BUNDLE_ITEM, "item: 200", "item: 300"),
    Wrong(W.INACTIVE_ITEM, "item: 200", "item: 400"),
    Wrong(W.UNKNOWN_COMPANY, "company: 2\n", "company: 3\n"),
    Wrong(W.UNKNOWN_AGREEMENT, "agreement: 11", "agreement: 12"),
]


@pytest.mark.parametrize("wrong", WRONG_FILES, ids=[f"{one.why}-{place}" for place, one in enumerate(WRONG_FILES)])
def test_a_wrong_file_is_refused_whole_with_line_and_reason(place: Place, wrong: Wrong) -> None:
    trouble = refusal(place, wrong.text())
    assert trouble.code is ErrorCode.BAD_FILE
    assert is_reason(trouble, wrong.why), trouble
    assert trouble.fields["line"] == wrong.line(), trouble
    assert trouble.fields["file"] == "mine.yaml"


def is_reason(trouble: Misused, why: Why) -> bool:
    """Whether the clause is that of the reason, whatever fills its gaps; none is left open."""
    parts = re.split(r"\{.+?\}", CLAUSES[why].en)
    return bool(re.fullmatch("(?!.*\\?).+".join(map(re.escape, parts)), str(trouble.fields["why"])))
