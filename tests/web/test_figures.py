"""Numbers, money and dates as each language writes them."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest
from django.utils import timezone, translation

from truecount.web import figures

N, F = "\u202f", "\u00a0"


@pytest.mark.parametrize(
    ("number", "english", "french"),
    [
        ("0", "0", "0"),
        ("12.500000", "12.5", "12,5"),
        ("-3", "−3", "−3"),
        ("1234567.80", "1,234,567.8", f"1{N}234{N}567,8"),
        ("1E+3", "1,000", f"1{N}000"),
    ],
)
def test_quantity(number: str, english: str, french: str) -> None:
    with translation.override("en"):
        assert figures.quantity(Decimal(number)) == english
    with translation.override("fr"):
        assert figures.quantity(Decimal(number)) == french


@pytest.mark.parametrize(
    ("amount", "currency", "english", "french"),
    [
        ("312.5", "EUR", f"312.50{F}€", f"312,50{F}€"),
        ("1234.005", "USD", "$1,234.00", f"1{N}234,00{F}${F}US"),
        ("-20", "USD", "−$20.00", f"−20,00{F}${F}US"),
        ("7", "CHF", f"7.00{F}CHF", f"7,00{F}CHF"),
        ("7", "", "7.00", "7,00"),
    ],
)
def test_money(amount: str, currency: str, english: str, french: str) -> None:
    with translation.override("en"):
        assert figures.money(Decimal(amount), currency) == english
    with translation.override("fr"):
        assert figures.money(Decimal(amount), currency) == french


def test_unknown_is_not_zero() -> None:
    assert figures.quantity(None) == figures.money(None, "EUR") == ""
    assert figures.quantity(0) == "0"


@pytest.mark.parametrize(("text", "shown"), [("3", "+3"), ("−3", "−3"), ("0.00", "0.00"), ("−0.00", "0.00")])
def test_a_difference_shows_its_direction(text: str, shown: str) -> None:
    assert figures.signed(text) == shown


def test_sums_never_cross_currencies() -> None:
    with translation.override("en"):
        sums = {"USD": Decimal(20), "EUR": Decimal("312.5"), "GBP": Decimal(0)}
        assert figures.sums(sums) == f"312.50{F}€ and $20.00"
        assert figures.sums({}) == ""


def test_moments_are_told_in_the_zone_and_language() -> None:
    at = datetime(2026, 11, 26, 23, 30, tzinfo=UTC)
    with timezone.override(ZoneInfo("Europe/Paris")):
        with translation.override("fr"):
            assert figures.moment(at) == "27 nov. 2026, 00:30"
            assert figures.day(date(2026, 8, 1)) == "1 août 2026"
            assert figures.month("2026-02") == "février 2026"
        with translation.override("en"):
            assert figures.moment(at) == "27 Nov 2026, 00:30"
            assert figures.day(at) == "27 Nov 2026"
            assert figures.month("2026-02") == "February 2026"
    assert figures.machine(at) == "2026-11-26T23:30:00+00:00"


@pytest.mark.parametrize(
    ("length", "french"),
    [(timedelta(seconds=20), "moins d’une minute"), (timedelta(hours=1), "1 heure"), (timedelta(days=3), "3 jours")],
)
def test_spans(length: timedelta, french: str) -> None:
    with translation.override("fr"):
        assert figures.span(length) == french


def test_seconds() -> None:
    with translation.override("en"):
        assert figures.seconds(0.42) == f"0.4{F}s"
        assert figures.seconds("200") == f"3{F}min 20{F}s"
    with translation.override("fr"):
        assert figures.seconds(Decimal("1.95")) == f"2,0{F}s"
