"""The command line from outside: exit statuses, one JSON object, sentences for people."""

from __future__ import annotations

import re
import shlex
from pathlib import Path

import click
import pytest

from tests.architecture.tree import ROOT
from tests.cli.conftest import Answer, Call, HereAndNow
from tests.store.rows import NOW
from truecount.cli.main import COMMANDS, truecount
from truecount.runs import configure
from truecount.store.models import (
    Agreement,
    CatalogItem,
    Company,
    Customer,
    CustomerOverride,
    Integration,
    VendorProduct,
)

pytestmark = pytest.mark.django_db


def test_it_works(call: Call, where: Integration) -> None:
    answer = call("policy", "set", "mode=review", "schedule=monthly:31", "--json")
    assert answer.status == 0
    assert answer.told == {"policy": {"mode": "review", "schedule": "monthly:31"}}
    where.refresh_from_db()
    assert where.policy["mode"] == "review"


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_has_help(name: str) -> None:
    context = click.Context(truecount, obj=HereAndNow())
    command = truecount.get_command(context, name)
    assert command is not None
    assert command.help
    assert COMMANDS[name].help_fr


def documented() -> list[str]:
    """Every command line of the documentation, without what stands beside it in the shell."""
    text = "\n".join(path.read_text(encoding="utf-8") for path in sorted((ROOT / "docs" / "en").rglob("*.md")))
    text = text.replace("\\\n", " ")
    blocks = re.findall(r"^```sh\n(.*?)^```$", text, re.MULTILINE | re.DOTALL)
    lines = (re.sub(r"\s+[#<>|].*", "", line) for block in blocks for line in block.splitlines())
    return sorted({line.partition("bin/truecount ")[2] for line in lines if "bin/truecount " in line})


@pytest.mark.parametrize("line", documented())
def test_documented_commands_are_understood(line: str) -> None:
    """Up to the point where they would run, ask for something, or open a file that is not here."""
    command: click.Command = truecount
    context, words = click.Context(truecount, obj=HereAndNow()), shlex.split(line)
    while isinstance(command, click.Group):
        found = command.get_command(context, words[0])
        assert found is not None, words[0]
        command, words = found, words[1:]
    try:
        command.make_context(line, words, parent=context)
    except click.BadParameter as missing:
        if not isinstance(missing, click.MissingParameter) and "No such file" not in str(missing):
            raise


def test_one_wrong_setting_keeps_none(call: Call, where: Integration) -> None:
    answer = call("policy", "set", "mode=review", "decimals=many", "--json")
    assert answer.status == 2
    assert answer.told["error"]["code"] == "bad_setting"
    where.refresh_from_db()
    assert where.policy == {}


def test_errors_for_people_are_one_sentence_and_its_cure_on_stderr(call: Call, where: Integration) -> None:
    answer = call("sync", "--period", "2026-13")
    assert answer.status == 2
    assert answer.out == ""
    assert "2026-13" in answer.err
    assert "Traceback" not in answer.err


@pytest.mark.parametrize(
    ("words", "code", "status"),
    [
        (("sync", "--integration", "nobody"), "unknown_integration", 2),
        (("sync", "--as", "nobody@msp.example"), "unknown_user", 2),
        (("sync",), "no_connection", 1),
        (("plan", "--source", "invoice", "--period", "2026-11"), "no_snapshot", 1),
        (("sync", "--as", "viewer@msp.example"), "not_allowed", 1),
        (("approve",), "unknown_plan", 2),
        (("apply", "--plan", "99"), "unknown_plan", 2),
        (("release", "--hold", "1", "--reason", "x"), "unknown_plan", 2),
        (("map", "product", "CIXA-MSP", "--item", "1"), "unknown_product", 2),
        (("unmap", "customer", "nobody"), "unknown_customer", 2),
        (("switch", "product", "CIXA-MSP", "on"), "unknown_product", 2),
        (("explain", "--agreement", "1", "--item", "1", "--plan", "99"), "unknown_plan", 2),
        (("explain", "--agreement", "1", "--item", "1", "--period", "2026-11"), "unknown_plan", 2),
        (("explain", "--agreement", "1", "--item", "1", "--period", "2026-13"), "bad_period", 2),
    ],
)
def test_what_does_not_exist(call: Call, where: Integration, words: tuple[str, ...], code: str, status: int) -> None:
    answer = call(*words, "--json")
    assert answer.status == status
    told = answer.told
    assert told["error"]["code"] == code
    assert told["error"]["message"]
    assert told["error"]["advice"]


def test_wrong_use_of_an_option_exits_2(call: Call, where: Integration) -> None:
    assert call("sync", "--source", "rumour").status == 2
    assert call("no-such-command").status == 2


def test_mapping_and_switches(call: Call, where: Integration) -> None:
    VendorProduct.objects.create(integration=where, code="CIXA-MSP", name="Sophos Endpoint", seen_at=NOW)
    CatalogItem.objects.create(integration=where, psa_id=7, identifier="ENDPOINT", description="Endpoint")
    CatalogItem.objects.create(integration=where, psa_id=8, identifier="PACK", description="", item_class="Bundle")
    CatalogItem.objects.create(integration=where, psa_id=9, identifier="OLD", description="", active=False)
    assert call("switch", "product", "CIXA-MSP", "on", "--json").told["error"]["code"] == "not_mapped"
    assert call("map", "product", "CIXA-MSP", "--item", "8", "--json").told["error"]["code"] == "bundle_item"
    assert call("map", "product", "CIXA-MSP", "--item", "9", "--json").told["error"]["code"] == "inactive_item"
    assert call("map", "product", "CIXA-MSP", "--item", "7").status == 0
    assert VendorProduct.objects.get(code="CIXA-MSP").sync
    assert call("switch", "product", "CIXA-MSP", "off").status == 0
    assert call("map", "product", "CIXA-MSP", "--item", "7").status == 0
    assert not VendorProduct.objects.get(code="CIXA-MSP").sync, "a switch that a person turned off stays off"
    assert call("unmap", "product", "CIXA-MSP").status == 0


@pytest.fixture
def mapped(where: Integration) -> Integration:
    """A product that is mapped, a customer, and two agreements of its company."""
    VendorProduct.objects.create(integration=where, code="CIXA-MSP", name="Sophos Endpoint", seen_at=NOW)
    CatalogItem.objects.create(integration=where, psa_id=7, identifier="ENDPOINT", description="Endpoint")
    CatalogItem.objects.create(integration=where, psa_id=8, identifier="FEE", description="Service fee")
    Company.objects.create(integration=where, psa_id=1, identifier="A", name="A")
    Customer.objects.create(integration=where, vendor_id="c1", name="Client", billing="trial")
    for ident in (10, 11):
        Agreement.objects.create(integration=where, psa_id=ident, company=1, name=str(ident), state="active")
    configure.map_product(where, "CIXA-MSP", 7, by=None, now=NOW)
    return where


def test_a_rule_is_changed_word_by_word_and_shown(call: Call, mapped: Integration) -> None:
    assert call("rule", "7", "combine=max", "round=up:5", "minimum=2").status == 0
    told = call("rule", "7", "maximum=50", "minimum=none", "where_none=adopt_only", "--json").told
    rule = {"combine": "max", "rounding": "up", "step": "5", "maximum": "50"}
    assert told == {"item": 7, "rule": rule, "where_none": "adopt-only"}
    assert call("rule", "7", "--json").told == told
    assert "rounding: up" in call("rule", "7").out
    looked = call("rule", "7", "multiply=3", "--dry-run", "--json").told
    assert (looked["dry_run"], looked["rule"]["multiply"], looked["months"]) == (True, "3", [])
    for words in (("minimum=60",), ("round=up:0",), ("combine=most",), ("included",), ("multiply=-1",)):
        answer = call("rule", "7", *words, "--json")
        assert (answer.status, answer.told["error"]["code"]) == (2, "bad_value"), words
    assert call("rule", "7", "--json").told == told
    assert call("rule", "8", "--json").told["error"]["code"] == "not_mapped"


def test_a_product_to_two_items_and_back(call: Call, mapped: Integration) -> None:
    assert call("map", "product", "CIXA-MSP", "--item", "8", "--also", "--json").told["items"] == [7, 8]
    assert call("unmap", "product", "CIXA-MSP", "--item", "7", "--json").told["items"] == [8]
    assert call("map", "product", "CIXA-MSP", "--item", "7", "--json").told["items"] == [7]


def test_a_customer_on_several_agreements_or_by_rule(call: Call, mapped: Integration) -> None:
    def customer(*words: str) -> Answer:
        return call("map", "customer", "c1", "--company", "1", *words, "--json")

    halves = customer("--agreement", "10", "--percent", "60", "--agreement", "11", "--percent", "40").told
    assert [(one["agreement"], one["percent"]) for one in halves["shares"]] == [(10, "60"), (11, "40")]
    firsts = customer("--agreement", "11", "--agreement=10", "--first", "10").told["shares"]
    assert [(one["agreement"], one["first"]) for one in firsts] == [(11, None), (10, "10")]
    by_rule = customer("--by", "name", "--pattern", "Managed").told
    assert (by_rule["by_rule"], by_rule["pattern"], by_rule["shares"]) == ("name", "Managed", [])
    assert customer("--agreement", "10").told["agreement"] == 10
    wrong = customer("--agreement", "10", "--percent", "60")
    assert (wrong.status, wrong.told["error"]["code"]) == (2, "bad_value")
    assert customer().status == 2
    assert customer("--percent", "60", "--agreement", "10").status == 2


def test_exceptions_and_bill_anyway(call: Call, mapped: Integration) -> None:
    assert call("override", "c1", "7", "fixed=5", "--json").told == {"customer": "c1", "item": 7, "override": "fixed=5"}
    assert call("override", "c1", "7", "exclude").status == 0
    assert CustomerOverride.objects.get().exclude
    for words in (("exclude=1",), ("fixed",), ("fixed=few",), ("everything",), ("minimum=-1",)):
        assert call("override", "c1", "7", *words, "--json").told["error"]["code"] == "bad_value", words
    assert call("override", "c1", "7", "off").status == 0
    assert not CustomerOverride.objects.exists()
    assert call("bill-anyway", "c1", "on").status == 0
    assert Customer.objects.get().bill_anyway
    again = call("bill-again", "--agreement", "10", "--item", "7", "--json")
    assert (again.status, again.told["error"]["code"]) == (2, "bad_value")


def test_an_unmapped_product_goes_off_and_a_new_mapping_brings_it_back(call: Call, where: Integration) -> None:
    VendorProduct.objects.create(integration=where, code="CIXA-MSP", name="Sophos Endpoint", seen_at=NOW)
    CatalogItem.objects.create(integration=where, psa_id=7, identifier="ENDPOINT", description="Endpoint")
    call("map", "product", "CIXA-MSP", "--item", "7")
    call("unmap", "product", "CIXA-MSP")
    assert not VendorProduct.objects.get(code="CIXA-MSP").sync
    call("map", "product", "CIXA-MSP", "--item", "7")
    assert VendorProduct.objects.get(code="CIXA-MSP").sync


def test_a_viewer_changes_nothing(call: Call, where: Integration) -> None:
    Company.objects.create(integration=where, psa_id=1, identifier="A", name="A")
    answer = call("policy", "set", "mode=automatic", "--as", "viewer@msp.example", "--json")
    assert answer.status == 1
    assert answer.told["error"]["code"] == "not_allowed"
    where.refresh_from_db()
    assert where.policy == {}


@pytest.mark.parametrize("name", ["runs", "plans", "findings", "holds"])
def test_empty_lists(call: Call, where: Integration, name: str) -> None:
    answer = call(name, "--json")
    assert answer.status == 0
    assert answer.told == {name: []}


def test_an_untouched_ledger_is_whole(call: Call, where: Integration) -> None:
    answer = call("ledger", "verify", "--json")
    assert (answer.status, answer.told) == (0, {"events": 0, "ok": True, "first_broken": None})


def test_partners_users_and_integrations(call: Call, tmp_path: Path) -> None:
    password = tmp_path / "password"
    password.write_text("long-enough-pass\n")
    assert call("partner", "create", "msp", "--time-zone", "Europe/Paris").status == 0
    assert call("partner", "create", "msp", "--json").told["error"]["code"] == "name_taken"
    assert call("createuser", "a@msp.example", "--password-file", str(password)).status == 0
    assert call("integration", "create", "acme", "--json").told == {"integration": "acme", "mode": "observe"}


def test_a_weak_password_is_refused(call: Call, tmp_path: Path) -> None:
    password = tmp_path / "password"
    password.write_text("short\n")
    call("partner", "create", "msp")
    answer = call("createuser", "a@msp.example", "--password-file", str(password), "--json")
    assert answer.status == 2
    assert answer.told["error"]["code"] == "bad_value"


def test_doctor_names_what_is_missing(call: Call, where: Integration) -> None:
    answer = call("doctor", "--json")
    assert answer.status == 1
    checks = {check["name"]: check for check in answer.told["checks"]}
    assert checks["database"]["ok"]
    assert not checks["worker"]["ok"]
    assert checks["worker"]["advice"]
    assert not checks["acme: psa_connection"]["ok"]
