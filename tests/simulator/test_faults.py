"""Fault rules over HTTP: each kind, when a rule fires, and what is counted."""

import time
from typing import Any

import httpx2
import pytest

from tests.simulator.conftest import PLAIN, Place, Simulator, additions, new_line
from truecount.simulator.faults import FAULTS

ROUTE = "/finance/agreements/{id}/additions"


def count(psa: httpx2.Client, place: Place) -> int:
    return int(psa.get(f"{additions(place)}/count").json()["count"])


@pytest.mark.parametrize(
    ("kind", "status", "done"),
    [("401", 401, False), ("429", 429, False), ("500", 500, False), ("409", 409, False), ("malformed", 200, True)],
)
def test_kinds_that_answer(
    simulator: Simulator, psa: httpx2.Client, place: Place, kind: str, status: int, done: bool
) -> None:
    before = count(psa, place)
    simulator.faults({"route": ROUTE, "method": "POST", "kind": kind})
    answer = psa.post(additions(place), json=new_line(place))
    assert answer.status_code == status
    if kind == "malformed":
        with pytest.raises(ValueError, match=r"Unterminated|Expecting|delimiter"):
            answer.json()
    else:
        assert answer.json()["message"]
    assert (count(psa, place) == before + 1) is done
    assert answer.headers.get("retry-after") == ("1" if kind == "429" else None)
    if kind == "500":
        assert "timeout" in answer.text


@pytest.mark.parametrize(
    ("rule", "done"),
    [
        ({"kind": "drop-before-commit"}, False),
        ({"kind": "drop-after-commit"}, True),
        ({"kind": "timeout", "seconds": 0.2}, False),
    ],
)
def test_kinds_that_hang_up(
    simulator: Simulator, psa: httpx2.Client, place: Place, rule: dict[str, Any], done: bool
) -> None:
    before = count(psa, place)
    simulator.control("DELETE", "requests")
    simulator.faults({"route": "*", "method": "POST", **rule})
    started = time.monotonic()
    with pytest.raises(httpx2.TransportError):
        psa.post(additions(place), json=new_line(place))
    assert time.monotonic() - started >= rule.get("seconds", 0)
    requests = simulator.control("GET", "requests").json()
    assert requests["by_status"] == {"dropped": 1}
    assert (count(psa, place) == before + 1) is done


def test_slow_is_answered_late_and_done(simulator: Simulator, psa: httpx2.Client, place: Place) -> None:
    before = count(psa, place)
    simulator.faults({"route": ROUTE, "method": "POST", "kind": "slow", "seconds": 0.3})
    started = time.monotonic()
    assert psa.post(additions(place), json=new_line(place)).status_code == 201
    assert time.monotonic() - started >= 0.3
    assert count(psa, place) == before + 1


def test_waiting_by_default() -> None:
    assert (FAULTS["timeout"].seconds, FAULTS["slow"].seconds) == (120.0, 5.0)


def test_nth_fires_once_and_counts_from_when_it_was_set(simulator: Simulator, psa: httpx2.Client) -> None:
    psa.get("/system/info")
    simulator.faults({"route": "/system/info", "method": "get", "nth": 2, "kind": "409"})
    assert [psa.get("/system/info").status_code for _ in range(4)] == [200, 409, 200, 200]
    simulator.faults({"route": "/system/info", "nth": 1, "kind": "429", "retry_after": 7})
    answer = psa.get("/system/info")
    assert (answer.status_code, answer.headers["retry-after"]) == (429, "7")
    assert simulator.control("DELETE", "faults").status_code == 204


def test_rate_is_by_chance_but_repeatable(simulator: Simulator, psa: httpx2.Client) -> None:
    def statuses() -> list[int]:
        simulator.faults({"route": "*", "rate": 0.3, "kind": "500"})
        return [psa.get("/system/info").status_code for _ in range(60)]

    first = statuses()
    assert 5 < first.count(500) < 35
    assert statuses() == first


def test_places_of_a_rule(simulator: Simulator, psa: httpx2.Client, place: Place) -> None:
    simulator.faults(
        {"route": f"/finance/agreements/{place.agreement}", "kind": "409"},
        {"route": "/finance/agreements/{id}", "kind": "500", "nth": 2},
    )
    one = f"/finance/agreements/{place.agreement}"
    assert psa.get(f"{one}/").status_code == 409
    assert psa.get(one).status_code == 409, "the first rule that fires decides"
    assert psa.get(f"{one}/additions").status_code == 200
    other = place.agreement + 1 if place.agreement == 100 else 100
    assert psa.get(f"/finance/agreements/{other}").status_code == 200, "the second call was counted by both"


def test_rules_come_before_keys_and_per_port(simulator: Simulator) -> None:
    simulator.faults({"route": "*", "kind": "429"})
    address = f"{simulator.connectwise}/v4_6_release/apis/3.0/system/info"
    assert PLAIN.get(address).status_code == 429
    assert PLAIN.get(f"{simulator.sophos}/whoami/v1").status_code == 401
    simulator.faults({"route": "/whoami/v1", "kind": "500"}, vendor=True)
    body = PLAIN.get(f"{simulator.sophos}/whoami/v1").json()
    assert body["error"] == "internalServerError"
    assert simulator.control("GET", "switches").status_code == 200, "control calls are spared"


@pytest.mark.parametrize(
    "body", [{}, {"rules": [{"kind": "rain"}]}, {"rules": ["429"]}, {"rules": [{"kind": "429", "nth": "x"}]}, []]
)
def test_rules_that_make_no_sense(simulator: Simulator, body: Any) -> None:
    answer = simulator.control("POST", "faults", body)
    assert answer.status_code == 400
    assert answer.json()["error"]
