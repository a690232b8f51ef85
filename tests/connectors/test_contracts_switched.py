"""The contracts of the connectors against the simulator with each switch flipped, one at a time.

A switch is an undocumented behaviour of the real systems: whichever it turns out to be, the connector keeps its
contract. `BREAKS` names the few promises that a choice takes away, because the server itself then behaves otherwise.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from tests.connectors.contracts import PsaContract, UsageSourceContract
from tests.connectors.stages import LiveStage, LiveVendor, Simulator
from truecount.core.errors import Trouble
from truecount.simulator.switch_table import SWITCHES

FLIPS = [(switch.id, choice) for switch in SWITCHES for choice in switch.choices[1:]]


def promises(contract: type) -> Iterator[tuple[str, Callable[..., None], dict[str, Any]]]:
    """Every test of a contract with its values; `parametrize` is unfolded."""
    for name, function in inspect.getmembers(contract, inspect.isfunction):
        if not name.startswith("test_"):
            continue
        marks = [mark for mark in getattr(function, "pytestmark", ()) if mark.name == "parametrize"]
        if not marks:
            yield name, function, {}
            continue
        (mark,) = marks
        names = [mark.args[0]] if isinstance(mark.args[0], str) else list(mark.args[0])
        for values in mark.args[1]:
            each = values if isinstance(values, tuple) else (values,)
            yield f"{name}[{'-'.join(map(str, each))}]", function, dict(zip(names, each, strict=True))


CREATES = {"test_a_new_line_takes_the_catalog_price", "test_a_line_is_ended_and_opened_again"}
EXACT = {f"test_quantities_are_exact[{quantity}]" for quantity in ("0.1", "10.0", "1E+2", "0", "1234567.89")}
FRACTIONS = {f"test_quantities_are_exact[{quantity}]" for quantity in ("0.1", "1234567.89")}
DONE = "test_an_uncertain_failure_says_so_and_is_not_sent_again[uncertain-done-1]"
UPDATE = "test_an_update_changes_what_it_names"

BREAKS: dict[tuple[str, str], set[str]] = {
    # Wrong keys can't be told from a wrong company, or from a server that does not answer.
    ("C-02", "404"): {"test_wrong_keys_are_named"},
    ("C-02", "no answer"): {"test_wrong_keys_are_named"},
    # Plain http is refused, and that is all there is.
    ("C-07", "SSL is required"): {name for name, _, _ in promises(PsaContract)},
    ("C-16", "case-sensitive"): {"test_items_are_found_by_part_of_their_name"},
    ("C-26", "0"): {"test_a_new_line_takes_the_catalog_price"},
    ("C-27", "allowed"): {"test_a_taken_identifier_is_refused_by_its_field"},
    # The product stands on the agreement already: the line is refused, by its field.
    ("C-32", "400"): CREATES | EXACT | {DONE, UPDATE, "test_a_bad_line_names_its_field"},
    ("C-33", "400"): {"test_quantities_are_exact[0]"},
    ("C-34", "accepted"): {"test_a_bad_line_names_its_field"},
    ("C-35", "rounded"): FRACTIONS | {UPDATE, "test_a_new_line_takes_the_catalog_price"},
    # A page instead of an answer may come from anybody in between: it proves nothing about what is there.
    ("C-44", "html"): {
        "test_an_unknown_agreement_takes_no_line",
        "test_an_unknown_item_is_not_found",
        "test_an_unknown_line_is_not_found",
        "test_gone_agreements_are_left_out",
    },
    # Who reads before writing meets the invoice in between: the period takes no new line any more.
    ("C-52", "invoice"): {DONE, "test_a_new_line_takes_the_catalog_price"},
    # The published examples do not tell to whom a firewall is charged.
    ("S-FIELDS", "published"): {"test_a_firewall_may_belong_to_nobody"},
}


@pytest.fixture(autouse=True)
def _quiet(caplog: pytest.LogCaptureFixture) -> None:
    """Refused promises leave long logs that nobody reads."""
    caplog.set_level("CRITICAL", logger="truecount")


def broken(simulator: Simulator, contract: type, stage: type, given: str, flip: tuple[str, str]) -> set[str]:
    """The promises that are not kept while a switch is flipped."""
    found = set()
    for name, function, values in promises(contract):
        simulator.reset()
        here = stage(simulator)
        simulator.switch(simulator.connectwise if flip[0].startswith("C-") else simulator.sophos, **{flip[0]: flip[1]})
        try:
            function(contract(), **{given: here}, **values)
        except (AssertionError, Trouble, pytest.fail.Exception):
            found.add(name)
        finally:
            here.close()
    return found


@pytest.mark.parametrize("flip", [flip for flip in FLIPS if flip[0].startswith("C-")], ids=": ".join)
def test_connectwise_keeps_its_contract(running_simulator: Simulator, flip: tuple[str, str]) -> None:
    assert broken(running_simulator, PsaContract, LiveStage, "stage", flip) == BREAKS.get(flip, set())


@pytest.mark.parametrize("flip", [flip for flip in FLIPS if flip[0].startswith("S-")], ids=": ".join)
def test_sophos_keeps_its_contract(running_simulator: Simulator, flip: tuple[str, str]) -> None:
    assert broken(running_simulator, UsageSourceContract, LiveVendor, "vendor", flip) == BREAKS.get(flip, set())
