"""Numbers as people type them: a decimal comma in French, grouped or not; a text that is no number says so."""

from __future__ import annotations

import re
from decimal import Decimal
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from truecount.core.plan import plain
from truecount.web.figures import french

_GROUPED = re.compile(r"-?\d{1,3}(,\d{3})+(\.\d*)?")
_SPACES = dict.fromkeys(map(ord, "\u202f\u00a0 "))


class Number(forms.DecimalField):
    """Shown and read in the reader's own notation; at most six decimals."""

    def __init__(self, **kwargs: Any) -> None:
        kwargs.setdefault("max_digits", 15)
        kwargs.setdefault("decimal_places", 6)
        kwargs.setdefault("min_value", 0)
        super().__init__(widget=forms.TextInput(attrs={"inputmode": "decimal", "autocomplete": "off"}), **kwargs)
        self.error_messages["invalid"] = _("Enter a number, for example 12.50.")

    def prepare_value(self, value: Any) -> Any:
        return typed(value) if isinstance(value, Decimal) else value

    def to_python(self, value: Any) -> Any:
        return super().to_python(_read(str(value)) if value not in self.empty_values else value)

    def has_changed(self, initial: Any, data: Any) -> bool:
        return bool(super().has_changed(initial, data))


def typed(number: Decimal) -> str:
    """As one would type it: no grouping, no zeros behind."""
    return plain(number).replace(".", ",") if french() else plain(number)


def _read(text: str) -> str:
    text = text.translate(_SPACES)
    if french():
        return text.replace(",", ".")
    if "," not in text:
        return text
    if not _GROUPED.fullmatch(text):
        raise ValidationError(_("Enter a number, for example 12.50."), code="invalid")
    return text.replace(",", "")
