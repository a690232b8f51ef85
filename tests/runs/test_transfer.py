"""Export and import: the round trip, what a file replaces, connections, rights, all or nothing, and the commands."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from types import SimpleNamespace
from typing import Any, NamedTuple

import click
import pytest
import yaml

from truecount.cli import transfer as command
from truecount.core import model
from truecount.core.errors import ErrorCode, Misused
from truecount.core.roles import Role
from truecount.runs import transfer
from truecount.runs.transfer_document import Document, text_of, tree_of
from truecount.runs.transfer_read import read_file
from truecount.runs.transfer_rows import document_of
from truecount.store import models
from truecount.store.configurations import load_configuration
from truecount.store.models import AuditEvent, Integration, Partner, User
from truecount.store.seals import seal

NOW = datetime(2026, 11, 26, 9, tzinfo=UTC)

FILE = (Path(__file__).parent / "transfer.yaml").read_text(encoding="utf-8")
BACKUP = "      - agreement: 11  # Backup\n        percent: 40\n"


# --- a place to export from and import to ---------------------------------------------------------


class Place(NamedTuple):
    row: Integration
    admin: User

    @property
    def integration(self) -> Integration:
        """As it is now."""
        return Integration.objects.get(pk=self.row.pk)

    def import_(self, text: str, *, dry_run: bool = False, by: User | None = None) -> transfer.Imported:
        content, by = text.encode(), by or self.admin
        return transfer.import_(self.integration, content, "mine.yaml", dry_run=dry_run, by=by, now=NOW)

    def export(self) -> str:
        return transfer.export(self.integration, by=self.admin)[0]

    def document(self) -> Document:
        return document_of(self.integration)

    def configuration(self) -> model.Configuration:
        return load_configuration(self.integration)

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
    for ident, name, gone in ((1, "Boulangerie SARL", None), (2, "", None), (3, "Gone", NOW.date())):
        models.Company.objects.create(integration=place, psa_id=ident, name=name, gone_since=gone)
    for ident, name, gone in ((10, "Services", None), (11, "Backup", None), (12, "Gone", NOW.date())):
        models.Agreement.objects.create(
            integration=place, psa_id=ident, company=1, name=name, state="active", gone_since=gone
        )
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
    """Refused, and nothing changed."""
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
    done = decided.import_(FILE.replace("percent: 60", "percent: 100").replace(BACKUP, ""), dry_run=True)
    assert [change.what for change in done.changes] == ["customer c1 (Boulangerie)"]
    assert not done.applied
    assert (decided.document(), decided.acts()) == (before, acts)


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
    text = FILE.replace("Garage", "Workshop").replace("name: Endpoint", "name: Old")
    assert decided.import_(text).changes == ()
    assert decided.import_(text.replace("company: 2", "company: 1")).changes[0].what == "customer c2 (Garage)"


def test_agreements_keep_their_order(decided: Place) -> None:
    assert list(models.CustomerShare.objects.values_list("position", "agreement")) == [(0, 10), (1, 11)]


def test_customers_that_are_gone_are_told_where_something_is_decided(decided: Place) -> None:
    models.Customer.objects.create(integration=decided.row, vendor_id="c4", name="Zoo", billing="usage")
    models.CustomerOverride.objects.create(integration=decided.row, customer="c4", item=100, exclude=True)
    models.Customer.objects.update(gone_since=NOW.date())
    told = yaml.safe_load(decided.export())
    assert [one["id"] for one in told["customers"]] == ["c1", "c2", "c4"]
    assert decided.import_(decided.export()).changes == ()


def test_what_has_no_row_of_its_own_is_told_by_its_id(place: Place, partner: Partner) -> None:
    """Nothing but mappings, as before the first reading; an override that says nothing is none."""
    mapping = models.ProductMapping.objects.create(integration=place.row, item=100)
    models.ProductMappingCode.objects.create(mapping=mapping, code="X")
    models.CustomerMapping.objects.create(integration=place.row, customer="c8", company=1)
    models.CustomerOverride.objects.create(integration=place.row, customer="c9", item=100, exclude=True)
    models.CustomerOverride.objects.create(integration=place.row, customer="c8", item=100)
    there = Place(integration("there", partner), place.admin)
    there.import_(place.export())
    assert list(there.document().products) == ["X"]
    assert list(there.document().customers) == ["c8", "c9"]
    assert list(there.document().overrides) == [("c9", 100)]


def test_a_text_that_looks_like_a_number_stays_as_it_is() -> None:
    document = Document(policy={"arrears": "1.0"})
    assert read_file(text_of(tree_of(document)).encode()).document == document


def test_every_act_is_in_the_trail(decided: Place) -> None:
    assert decided.acts() == [
        *(("set_policy", f"setting {name}") for name in ("mode", "hour", "money_percent", "mail")),
        *(("switch_product", f"product {code}") for code in "ABC"),
        ("map_product", "mapping of item 100 (ENDPOINT)"),
        ("map_product", "mapping of item 200 (MAIL)"),
        ("map_customer", "customer c1 (Boulangerie)"),
        ("bill_anyway", "customer c1 (Boulangerie)"),
        ("map_customer", "customer c2 (Garage)"),
        ("switch_customer", "customer c3 (Aurora)"),
        ("map_override", "override of customer c1 (Boulangerie), item 100 (ENDPOINT)"),
        ("import", "mine.yaml"),
    ]
    event = AuditEvent.objects.get(subject="customer c2 (Garage)")
    assert event.before is None
    assert event.after == {"sync": False, "company": 2, "by_rule": "name", "pattern": "Managed"}
    assert event.by == decided.admin


def test_a_customer_that_is_billed_anyway_and_one_that_is_switched_are_acts_of_their_own(decided: Place) -> None:
    text = FILE.replace("    bill_anyway: on\n", "").replace(
        "name: Garage\n    sync: off", "name: Garage\n    sync: on"
    )
    before = len(decided.acts())
    decided.import_(text)
    assert decided.acts()[before:] == [
        ("bill_anyway", "customer c1 (Boulangerie)"),
        ("switch_customer", "customer c2 (Garage)"),
        ("import", "mine.yaml"),
    ]
    event = AuditEvent.objects.latest("pk")
    assert event.after == {"changes": 2}
    told = AuditEvent.objects.filter(action="bill_anyway").latest("pk")
    assert (told.before, told.after) == ({"bill_anyway": True}, {"bill_anyway": False})


# --- switches -------------------------------------------------------------------------------------


def switches(place: Place) -> dict[str, tuple[bool, str]]:
    return {code: (one.sync, one.turned_off_by) for code, one in place.document().products.items()}


def test_products_that_the_file_does_not_list_follow_their_mapping(decided: Place) -> None:
    listed = re.sub(r"products:\n.*?\n\n", "products: []\n\n", FILE, flags=re.DOTALL)
    assert decided.import_(listed).changes == ()
    decided.import_(listed.replace("[A, B]", "[C]"))
    assert switches(decided) == {"A": (False, "itself"), "B": (False, "person"), "C": (True, "")}
    models.VendorProduct.objects.filter(code="C").update(sync=False, switched_off_by="itself")
    decided.import_(listed)
    assert switches(decided) == {"A": (True, ""), "B": (False, "person"), "C": (False, "itself")}


def test_sync_turned_off_by_an_import_was_turned_off_by_a_person(decided: Place) -> None:
    text = FILE.replace("    group: Endpoint\n    sync: on", "    sync: off")
    decided.import_(text)
    assert switches(decided)["A"] == (False, "person")
    assert decided.import_(text).changes == ()


def test_line_ends_and_a_mark_of_other_editors_are_no_harm(place: Place) -> None:
    place.import_("\ufeff" + FILE.replace("\n", "\r\n"))
    assert place.export() == FILE


# --- what stands here already ---------------------------------------------------------------------


def test_what_stands_here_passes_though_it_has_ended_since(decided: Place) -> None:
    ended: list[type[Any]] = [models.CatalogItem, models.Company, models.Agreement]
    for kind in ended:
        kind.objects.all().update(gone_since=NOW.date())
    assert decided.import_(FILE).changes == ()
    assert decided.import_(FILE.replace("maximum: 9", "maximum: 8")).applied


@pytest.mark.parametrize(
    ("old", "new", "why"),
    [
        ("item: 200", "item: 201", "no product 201"),
        ("item: 200", "item: 300", "300 (SUITE) is of class Bundle"),
        ("item: 200", "item: 400", "400 (OLD) is inactive"),
        ("item: 200", "item: 500", "no product 500"),
        ("company: 2", "company: 3", "no company 3"),
        ("agreement: 11", "agreement: 12", "no agreement 12"),
        ("codes: [C]", "codes: [X]", "“X” is neither among the file’s products"),
        ("fixed: 5", "fixed: -5", "-5 is negative"),
    ],
)
def test_a_wrong_file_changes_nothing(decided: Place, old: str, new: str, why: str) -> None:
    """All of them are in `test_transfer_wrong.py`; these are the ones that depend on what was read."""
    text = FILE.replace("mode: review", "mode: automatic").replace("codes: [A, B]", "codes: [A]")
    trouble = refusal(decided, text.replace(old, new))
    assert why in str(trouble.fields["why"])
    assert trouble.fields["line"] == text.count("\n", 0, text.index(old)) + 1
    assert trouble.fields["file"] == "mine.yaml"


def test_more_products_for_an_item_that_has_ended_are_refused(decided: Place) -> None:
    models.CatalogItem.objects.filter(psa_id=200).update(active=False)
    assert "inactive" in str(refusal(decided, FILE.replace("codes: [C]", "codes: [B, C]")).fields["why"])


def test_products_and_customers_known_here_need_not_be_in_the_file(decided: Place) -> None:
    text = re.sub(r"customers:\n.*?\n\n", "customers: []\n\n", FILE, flags=re.DOTALL)
    assert decided.import_(text).applied
    assert decided.configuration().overrides


# --- connections ----------------------------------------------------------------------------------


FIELDS = {"url": "https://na.example", "company": "msp", "public_key": "pub", "client_id": "guid"}
CONNECTED = FILE.replace(
    "connections: []",
    """connections:
  - kind: connectwise
    fields:
      url: https://na.example
      company: msp
      public_key: pub
      client_id: guid
    identity: na.example/msp""",
)


def connect(where: Integration, **fields: str) -> models.Connection:
    return models.Connection.objects.create(
        integration=where,
        side="psa",
        kind="connectwise",
        fields=FIELDS | fields,
        sealed=seal("a private key"),
        identity="na.example/msp",
    )


def test_a_connection_that_is_the_same_keeps_its_secret(place: Place) -> None:
    before = connect(place.row)
    done = place.import_(CONNECTED)
    assert done.without_secret == ()
    assert place.export() == CONNECTED
    after = models.Connection.objects.get()
    assert (after.pk, bytes(after.sealed)) == (before.pk, before.sealed)


def test_no_secret_is_exported(place: Place) -> None:
    row = connect(place.row)
    text, tree = transfer.export(place.integration, by=place.admin)
    for secret in ("a private key", "private_key", bytes(row.sealed).decode()):
        assert secret not in text + repr(tree)


@pytest.mark.parametrize("there", [None, "https://other.example"])
def test_without_a_secret_a_connection_is_left_and_the_rest_imported(place: Place, there: str | None) -> None:
    """The secret for one address is not sent to another."""
    rows = [connect(place.row, url=there)] if there else []
    done = place.import_(CONNECTED)
    assert [one.fields for one in done.without_secret] == [FIELDS]
    assert [row.fields["url"] for row in models.Connection.objects.all()] == [row.fields["url"] for row in rows]
    assert place.export().partition("policy:")[2] == CONNECTED.partition("policy:")[2]
    assert place.import_(CONNECTED).changes == ()


def test_another_integration_of_the_partner_lends_its_secret(place: Place, partner: Partner) -> None:
    lender = connect(integration("there", partner))
    done = place.import_(CONNECTED)
    assert (done.changes[0].what, done.without_secret) == ("connection psa", ())
    assert place.export() == CONNECTED
    assert bytes(models.Connection.objects.get(integration=place.row).sealed) == lender.sealed
    assert place.acts()[0] == ("connect", "connection psa")


def test_another_partner_lends_nothing(place: Place) -> None:
    other = Partner.objects.create(slug="other", name="Other", made_at=NOW)
    connect(integration("there", other))
    assert place.import_(CONNECTED).without_secret


def test_a_default_left_empty_is_the_default_written_out(place: Place) -> None:
    row = connect(place.row)
    row.side, row.kind, row.fields = "vendor", "sophos", {"client_id": "x", "auth_url": ""}
    row.save()
    assert yaml.safe_load(place.export())["connections"][0]["fields"]["auth_url"].startswith("https://")
    assert place.import_(place.export()).without_secret == ()


def test_a_connection_that_the_file_does_not_name_stays(place: Place) -> None:
    connect(place.row)
    place.import_(FILE)
    assert models.Connection.objects.count() == 1


# --- rights, and all or nothing -------------------------------------------------------------------


@pytest.mark.parametrize(
    ("role", "old", "new", "allowed"),
    [
        (Role.VIEWER, "company: 2", "company: 1", False),
        (Role.VIEWER, "code: B", "code: B", True),
        (Role.OPERATOR, "company: 2", "company: 1", True),
        (Role.OPERATOR, "sync: off\n    turned", "sync: off\n    turned", True),
        (Role.OPERATOR, "mode: review", "mode: automatic", False),
        (Role.APPROVER, "mode: review", "mode: automatic", False),
    ],
)
def test_who_may(decided: Place, role: Role, old: str, new: str, allowed: bool) -> None:
    who, text = person(decided.admin.partner, role), FILE.replace(old, new)
    assert decided.import_(text, dry_run=True, by=who).applied is False
    if allowed:
        decided.import_(text, by=who)
    else:
        assert refusal(decided, text, by=who).code is ErrorCode.NOT_ALLOWED


def test_an_operator_may_not_connect(place: Place, partner: Partner) -> None:
    place.import_(FILE)
    connect(integration("there", partner))
    assert refusal(place, CONNECTED, by=person(partner, Role.OPERATOR)).code is ErrorCode.NOT_ALLOWED


def test_a_late_failure_leaves_everything_as_it_was(decided: Place) -> None:
    """The trail is written last, and can't name a person whom the database does not have."""
    before, acts = decided.document(), decided.acts()
    nobody = User(email="nobody@x.example", partner=decided.admin.partner, role=Role.ADMIN.value, made_at=NOW)
    text = FILE.replace("mode: review", "mode: automatic").replace("codes: [A, B]", "codes: [A]")
    text = text.replace("company: 2", "company: 1").replace("fixed: 5", "fixed: 6").replace("code: B", "code: Z")
    assert len(decided.import_(text, dry_run=True).changes) >= 5
    with pytest.raises(ValueError, match="unsaved"):
        decided.import_(text, by=nobody)
    assert (decided.document(), decided.acts()) == (before, acts)


# --- on the command line --------------------------------------------------------------------------


class Answer(NamedTuple):
    status: int
    out: str
    err: str


@pytest.fixture
def run(place: Place, capsys: pytest.CaptureFixture[str]) -> Callable[..., Answer]:
    installation = SimpleNamespace(open=lambda: None)

    def run(entry: click.Command, *arguments: object) -> Answer:
        status = entry.main([str(one) for one in arguments], standalone_mode=False, obj=installation)
        return Answer(status, *capsys.readouterr())

    return run


def test_commands_go_there_and_back(run: Callable[..., Answer], tmp_path: Path) -> None:
    file = tmp_path / "mine.yaml"
    file.write_text(FILE)
    told = json.loads(run(command.import_, file, "--dry-run", "--json").out)
    assert told["applied"] is False
    assert {"what": "setting mode", "before": "observe", "after": "review"} in told["changes"]
    done = run(command.import_, file)
    assert done.status == 0
    assert "codes: [A, B], rule: {combine: max, multiply:" in " ".join(done.out.split())
    assert "Imported: 13 changes." in done.err
    assert run(command.export).out == FILE
    assert json.loads(run(command.import_, file, "--json").out) == {"changes": [], "applied": False, "connect": []}
    assert "nothing to change" in run(command.import_, file).err


def test_export_as_json(run: Callable[..., Answer], decided: Place) -> None:
    told = json.loads(run(command.export, "--json").out)
    assert told["yaml"] == FILE
    assert told["configuration"]["overrides"] == [{"customer": "c1", "item": 100, "fixed": "5"}]
    assert told["configuration"]["policy"] == {"mode": "review", "hour": "04:30", "money_percent": "40", "mail": False}


def test_a_wrong_file_is_wrong_use(run: Callable[..., Answer], tmp_path: Path) -> None:
    file = tmp_path / "mine.yaml"
    file.write_text(FILE.replace("minimum: 1", "minimum: [/one]"))
    told = run(command.import_, file, "--json")
    assert told.status == 2
    assert json.loads(told.out)["error"]["code"] == "bad_file"
    assert (run(command.import_, file).status, run(command.import_, tmp_path / "missing").status) == (2, 2)


def test_a_connection_to_make_is_told_with_its_command(run: Callable[..., Answer], tmp_path: Path) -> None:
    file = tmp_path / "mine.yaml"
    file.write_text(CONNECTED)
    line = "truecount connect connectwise --url https://na.example --company msp --public-key pub --client-id guid"
    assert line in run(command.import_, file).err
    assert json.loads(run(command.import_, file, "--json").out)["connect"] == [{"kind": "connectwise", "command": line}]
