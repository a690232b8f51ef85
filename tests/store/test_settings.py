"""The table of settings: every default is readable, every wrong value is refused with the choices."""

from __future__ import annotations

from decimal import Decimal

import pytest

from truecount.core.errors import ErrorCode, Misused
from truecount.core.model import Guards, Mode, Policy, Vanish
from truecount.store.settings import SETTINGS, check_setting, policy_of, value_of


def test_it_works() -> None:
    policy = policy_of({"mode": "review", "vanish": "hold", "going_down_percent": "12.5"})
    assert policy.mode is Mode.REVIEW
    assert policy.vanish is Vanish.HOLD
    assert policy.guards.going_down == Decimal("0.125")


def test_the_defaults_are_the_cores_own() -> None:
    assert policy_of({}) == Policy(guards=Guards())


@pytest.mark.parametrize("name", SETTINGS)
def test_every_default_can_be_read(name: str) -> None:
    value_of({}, name)
    if SETTINGS[name].default:
        assert check_setting(name, SETTINGS[name].default)


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("mode", "auto"),
        ("schedule", "monthly:32"),
        ("schedule", "weekly"),
        ("hour", "25:00"),
        ("time_zone", "Mars/Base"),
        ("time_zone", "Europe"),
        ("decimals", "two"),
        ("decimals", "9"),
        ("going_down_percent", "-1"),
        ("going_down_percent", "NaN"),
        ("settle_seconds", "0"),
        ("currency", "EURO"),
        ("mail", "maybe"),
        ("psa_rates", "fast"),
        ("no_such_setting", "1"),
    ],
)
def test_a_wrong_value_is_refused(name: str, text: str) -> None:
    with pytest.raises(Misused) as caught:
        check_setting(name, text)
    assert caught.value.code is ErrorCode.BAD_SETTING


@pytest.mark.parametrize(
    ("name", "text", "kept"), [("schedule", "monthly:31", "monthly:31"), ("currency", "eur", "EUR")]
)
def test_a_value_is_kept_as_written_or_tidied(name: str, text: str, kept: str) -> None:
    assert check_setting(name, text) == kept
