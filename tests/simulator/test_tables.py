"""The tables of the simulator that its page in the documentation is made of."""

import pytest

from truecount.simulator.connectwise import simulated_routes
from truecount.simulator.contract import contract
from truecount.simulator.faults import FAULTS, Fault
from truecount.simulator.switch_table import SWITCHES, Switch

ENTRIES: list[Switch | Fault] = [*SWITCHES, *FAULTS.values()]


@pytest.mark.parametrize("entry", ENTRIES, ids=lambda entry: getattr(entry, "id", None) or entry.kind)
def test_every_entry_has_a_sentence_in_each_language(entry: Switch | Fault) -> None:
    assert entry.says.strip()
    assert entry.says_fr.strip()
    assert entry.says != entry.says_fr


def test_every_switch_says_what_it_stands_on() -> None:
    assert [switch.id for switch in SWITCHES if not switch.basis] == []


def test_the_switches_of_the_facts_are_all_there() -> None:
    assert [f"C-{number:02d}" for number in range(1, 54)] == [s.id for s in SWITCHES if s.id.startswith("C-")]


def test_every_route_of_the_definition_is_either_simulated_or_not() -> None:
    rows = {template: {*served, *missing} for template, served, missing in simulated_routes()}
    assert all(set(verbs) <= rows[template] for template, verbs in contract().paths.items())


@pytest.mark.parametrize(
    "template",
    [
        "/finance/agreements/{id}/copy",
        "/finance/agreementrecap",
        "/finance/invoices/{id}/pdf",
        "/procurement/catalog/{id}/copy",
        "/procurement/catalog/{id}/pricing",
        "/procurement/catalog/{id}/inventory",
        "/procurement/pricingschedules",
        "/system/callbacks",
        "/system/userDefinedFields",
        "/system/audittrail",
        "/system/bundles",
        "/system/bundles/count",
    ],
)
def test_what_a_usage_sync_needs_is_simulated(template: str) -> None:
    assert [missing for known, served, missing in simulated_routes() if known == template and served] == [[]]
