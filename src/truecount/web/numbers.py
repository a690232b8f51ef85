"""Numbers as people type them in forms, and what is wrong with them; which make sense is in `runs/decisions.py`."""

from __future__ import annotations

import re
from decimal import Decimal
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from truecount.core.plan import plain
from truecount.runs.decisions import DECIMALS, Fault, number_fault, number_in
from truecount.runs.transfer_reasons import clause
from truecount.web.figures import french

_GROUPED = re.compile(r"-?\d{1,3}(,\d{3})+(\.\d*)?")
_AMBIGUOUS = re.compile(r"-?[1-9]\d{0,2}(\.\d{3})+")
_SPACES = dict.fromkeys(map(ord, "\u202f\u00a0 "))


class Number(forms.DecimalField):
    """Shown and read in the reader's own notation; not negative, and no finer or larger than what is kept."""

    def __init__(self, *, decimals: int = DECIMALS, **kwargs: Any) -> None:
        super().__init__(widget=forms.TextInput(attrs={"inputmode": "decimal", "autocomplete": "off"}), **kwargs)
        self.decimals = decimals
        self.error_messages["invalid"] = _("Enter a number, for example 12.50.")

    def prepare_value(self, value: Any) -> Any:
        return typed(value) if isinstance(value, Decimal) else value

    def to_python(self, value: Any) -> Any:
        if value in self.empty_values:
            return None
        found = value if isinstance(value, Decimal) else number_typed(str(value))
        if found is None:
            raise ValidationError(self.error_messages["invalid"], code="invalid")
        return found

    def validate(self, value: Any) -> None:
        super().validate(value)
        fault = number_fault("", value, self.decimals)
        if fault is not None:
            raise ValidationError(told(fault), code="invalid")

    def has_changed(self, initial: Any, data: Any) -> bool:
        return bool(super().has_changed(initial, data))


def number_typed(text: str) -> Decimal | None:
    """`1 000,5` in French, `1,000.5` in English; None where it is no number there, or may be two: `1.000` in French."""
    text = text.translate(_SPACES)
    if french() and _AMBIGUOUS.fullmatch(text):
        return None
    if not french() and "," in text:
        return number_in(text.replace(",", "")) if _GROUPED.fullmatch(text) else None
    return number_in(text)


def typed(number: Decimal) -> str:
    """As one would type it: no grouping, no zeros behind."""
    return _in_own_notation(plain(number))


def told(fault: Fault) -> str:
    """The reason as a sentence beside a field."""
    fields = {name: _in_own_notation(one) if isinstance(one, str) else one for name, one in fault.fields.items()}
    text = clause(fault.why, fields)
    return f"{text[:1].upper()}{text[1:]}."


def _in_own_notation(text: str) -> str:
    return text.replace(".", ",") if french() and number_in(text) is not None else text
