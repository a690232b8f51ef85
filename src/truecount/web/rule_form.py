"""The quantity rule of a product mapping as fields, and in words; the rule itself is in `core/rules.py`."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from django import forms
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from truecount.core.model import Combine, Rounding, Rule, WhereNone
from truecount.runs.decisions import RULE_DECIMALS, rule_fault
from truecount.web.figures import quantity
from truecount.web.numbers import Number, told

COMBINE = {
    Combine.SUM: _("Add them up"),
    Combine.MAX: _("Take the largest"),
    Combine.MIN: _("Take the smallest of those in use"),
    Combine.ALL_OF: _("Count complete sets only"),
}
ROUNDING = {
    Rounding.NONE: _("Do not round"),
    Rounding.UP: pgettext_lazy("rounding", "Up"),
    Rounding.DOWN: pgettext_lazy("rounding", "Down"),
    Rounding.HALF_EVEN: _("To the nearest, a half to the even one"),
}
WHERE_NONE = {
    WhereNone.CREATE: _("Create one"),
    WhereNone.ADOPT_ONLY: _("Only take over existing lines"),
}


class RuleForm(forms.Form):
    """Empty numbers are those of the plain rule; a minimum or maximum may be left out."""

    combine = forms.ChoiceField(
        label=_("Several Sophos products"),
        choices=list(COMBINE.items()),
        help_text=_("How quantities come together when more than one Sophos product is billed as this product."),
    )
    multiply = Number(label=_("Multiply by"), decimals=RULE_DECIMALS, required=False)
    included = Number(label=_("Included, not billed"), decimals=RULE_DECIMALS, required=False)
    rounding = forms.ChoiceField(label=_("Round"), choices=list(ROUNDING.items()))
    step = Number(label=_("To multiples of"), decimals=RULE_DECIMALS, required=False)
    minimum = Number(
        label=_("At least"), decimals=RULE_DECIMALS, required=False, help_text=_("Only where there is usage.")
    )
    maximum = Number(label=_("At most"), decimals=RULE_DECIMALS, required=False)
    where_none = forms.ChoiceField(label=_("Where no agreement line stands"), choices=list(WHERE_NONE.items()))

    use_required_attribute = False

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for field in self.fields.values():
            field.widget.attrs["class"] = "input"

    def clean(self) -> dict[str, Any]:
        given = super().clean() or {}
        fault = None if self.errors else rule_fault(self.rule)
        if fault is not None:
            self.add_error(fault.name, told(fault))
        return given

    @property
    def rule(self) -> Rule:
        """Of a valid form."""
        plain, given = Rule(), self.cleaned_data
        numbers = {
            name: getattr(plain, name) if given[name] is None else given[name]
            for name in ("multiply", "included", "step")
        }
        return Rule(
            combine=Combine(given["combine"]),
            rounding=Rounding(given["rounding"]),
            minimum=given["minimum"],
            maximum=given["maximum"],
            **numbers,
        )

    @property
    def chosen_where_none(self) -> WhereNone:
        return WhereNone(self.cleaned_data["where_none"])


def initial_of(rule: Rule, where_none: WhereNone) -> dict[str, Any]:
    """A rule as the form shows it."""
    names = ("combine", "multiply", "included", "rounding", "step", "minimum", "maximum")
    return {name: getattr(rule, name) for name in names} | {"where_none": where_none}


def in_words(rule: Rule, where_none: WhereNone) -> list[str | Promise]:
    """What differs from simply adding up; nothing where nothing does."""
    return list(_words(rule, where_none))


def _words(rule: Rule, where_none: WhereNone) -> Iterator[str | Promise]:
    plain = Rule()
    if rule.combine is not plain.combine:
        yield COMBINE[rule.combine]
    if rule.multiply != plain.multiply:
        yield _("times %(number)s") % {"number": quantity(rule.multiply)}
    if rule.included:
        yield _("%(number)s included") % {"number": quantity(rule.included)}
    if rule.rounding is not plain.rounding:
        how = {"how": str(ROUNDING[rule.rounding]).lower(), "step": quantity(rule.step)}
        yield _("rounded (%(how)s) to multiples of %(step)s") % how
    if rule.minimum is not None:
        yield _("at least %(number)s") % {"number": quantity(rule.minimum)}
    if rule.maximum is not None:
        yield _("at most %(number)s") % {"number": quantity(rule.maximum)}
    if where_none is WhereNone.ADOPT_ONLY:
        yield _("existing lines only")
