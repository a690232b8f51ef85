"""Numbers, money, dates and spans of time as the reader's language writes them; plain text in, plain text out."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, date, datetime, timedelta
from decimal import ROUND_HALF_EVEN, Decimal

from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import get_language, ngettext
from django.utils.translation import gettext as _

from truecount.core.period import Period
from truecount.core.plan import plain

NARROW = "\u202f"
FIXED = "\u00a0"
MINUS = "\u2212"

_BEFORE, _AFTER = "before", "after"
_SYMBOLS = {
    # currency: (English symbol, its place, French symbol); French always writes it after the number
    "EUR": ("€", _AFTER, "€"),
    "USD": ("$", _BEFORE, "$ US"),
    "CAD": ("CA$", _BEFORE, "$ CA"),
    "GBP": ("£", _BEFORE, "£"),
}


def french() -> bool:
    return (get_language() or "en").startswith("fr")


def _write(digits: str) -> str:
    """`1234.5` → `1,234.5` or `1 234,5`; the minus as a minus, not as a hyphen."""
    sign, digits = (MINUS, digits[1:]) if digits.startswith("-") else ("", digits)
    whole, _dot, part = digits.partition(".")
    grouped = f"{int(whole):,}"
    if french():
        grouped = grouped.replace(",", NARROW)
    point = "," if french() else "."
    return f"{sign}{grouped}{point}{part}" if part else f"{sign}{grouped}"


def quantity(number: Decimal | int | str | None) -> str:
    """All its digits and no zeros behind them; nothing where it is unknown."""
    return "" if number is None else _write(plain(Decimal(number)))


def money(amount: Decimal | str | None, currency: str = "") -> str:
    if amount is None:
        return ""
    written = _write(f"{Decimal(amount).quantize(Decimal('0.01'), ROUND_HALF_EVEN):f}")
    if currency not in _SYMBOLS:
        return f"{written}{FIXED}{currency}" if currency else written
    english, place, local = _SYMBOLS[currency]
    if french():
        return f"{written}{FIXED}{local.replace(' ', FIXED)}"
    if place == _AFTER:
        return f"{written}{FIXED}{english}"
    return f"{MINUS}{english}{written[1:]}" if written.startswith(MINUS) else f"{english}{written}"


def signed(text: str) -> str:
    """A difference shows its direction: +3, −3, 0."""
    shows_nothing = not any(digit in text for digit in "123456789")
    return text.replace(MINUS, "") if shows_nothing else text if text.startswith(MINUS) else f"+{text}"


def sums(by_currency: Mapping[str, Decimal]) -> str:
    """`312.50 € and $20.00`: sums are per currency, never across."""
    return _together([money(amount, currency) for currency, amount in _largest_first(by_currency)])


def moves(by_currency: Mapping[str, Decimal]) -> str:
    """`+312.50 € and −$20.00`."""
    return _together([signed(money(move, currency)) for currency, move in _largest_first(by_currency)])


def _largest_first(by_currency: Mapping[str, Decimal]) -> list[tuple[str, Decimal]]:
    told = [(currency, amount) for currency, amount in by_currency.items() if amount]
    return sorted(told, key=lambda one: (-abs(one[1]), one[0]))


def _together(told: list[str]) -> str:
    if len(told) < 2:
        return "".join(told)
    return _("{first} and {last}").format(first=", ".join(told[:-1]), last=told[-1])


def day(moment: date | datetime | None) -> str:
    if moment is None:
        return ""
    if isinstance(moment, datetime):
        moment = timezone.localtime(moment)
    return date_format(moment, _day_format())


def _day_format() -> str:
    """26 Nov 2026, and 26 nov. 2026: Django writes the short French month with a capital unless asked for `N`."""
    return "j N Y" if french() else "j M Y"


def moment(at: datetime | None) -> str:
    return "" if at is None else date_format(timezone.localtime(at), f"{_day_format()}, H:i")


def month(text: str) -> str:
    """`2026-11` → November 2026."""
    return date_format(Period.parse(text).first_day, "F Y") if text else ""


def span(length: timedelta) -> str:
    """About how long, in one unit: for how old a reading is."""
    minutes = int(length.total_seconds() // 60)
    if minutes < 1:
        return _("less than a minute")
    if minutes < 60:
        return ngettext("%(count)d minute", "%(count)d minutes", minutes) % {"count": minutes}
    if minutes < 48 * 60:
        return ngettext("%(count)d hour", "%(count)d hours", minutes // 60) % {"count": minutes // 60}
    days = minutes // (24 * 60)
    return ngettext("%(count)d day", "%(count)d days", days) % {"count": days}


def seconds(length: float | Decimal | str) -> str:
    """`0.4 s`, `12 s`, `3 min 20 s`."""
    exact = Decimal(str(length))
    if exact < 10:
        return f"{_write(f'{exact:.1f}')}{FIXED}s"
    whole = int(exact)
    return f"{whole // 60}{FIXED}min {whole % 60}{FIXED}s" if whole >= 60 else f"{whole}{FIXED}s"


def machine(at: datetime | date) -> str:
    """For `<time datetime>`."""
    return at.astimezone(UTC).isoformat(timespec="seconds") if isinstance(at, datetime) else at.isoformat()
