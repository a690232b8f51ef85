"""Every code as what a person is told, in both languages: errors, findings, holds, changes, outcomes, reasons, checks.

The texts are in the tables of `sentences_*.py`; which fields each uses stands in their placeholders. Whatever comes
in, an answer goes out: a code without a row gets a general sentence, a field that is missing a question mark.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from django.core.exceptions import ImproperlyConfigured
from django.utils.translation import get_language

from truecount.core.errors import ErrorCode
from truecount.core.model import FindingKind
from truecount.runs.sentences_checks import ANY_CHECK, ANY_CHECK_OK, CHECKS
from truecount.runs.sentences_explain import EXPLAINED, STEPS
from truecount.runs.sentences_form import Row, Text, choose, fill, is_empty
from truecount.runs.sentences_left_out import LEFT_OUT
from truecount.runs.sentences_lines import LINES
from truecount.runs.sentences_missing import IN_FILE, MISSING
from truecount.runs.sentences_misuse import MISUSE
from truecount.runs.sentences_plans import ANY_CHANGE, ANY_FINDING, ANY_HOLD, CHANGES, HOLDS
from truecount.runs.sentences_remote import ANY_ERROR, REMOTE
from truecount.runs.sentences_words import ANY_REASON, OUTCOMES, PLAN_STATES, REASONS, RUN_STATES, SKIPS, Said

__all__ = [
    "Text",
    "change_text",
    "check_text",
    "error_sentence",
    "error_text",
    "explained_text",
    "finding_sentence",
    "finding_text",
    "hold_sentence",
    "hold_text",
    "outcome_sentence",
    "outcome_text",
    "plan_state_text",
    "reason_text",
    "run_state_text",
    "skip_sentence",
    "skip_text",
    "step_text",
]

Fields = Mapping[str, object]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Kind:
    """One kind of code: all its rows, and the one for a code that has none."""

    rows: Mapping[str, Sequence[Row]]
    other: Row

    def text(self, code: str, fields: Fields, language: str | None, unknown: str = "?") -> Text:
        rows = self.rows.get(code, (self.other,))
        return choose(rows, fields).filled({"code": str(code), **fields}, _french(language), unknown)

    def sentence(self, code: str, language: str | None) -> str:
        """For the reference pages: all in one, with `…` for what only a real case can fill in."""
        title, sentence, advice = self.text(code, {}, language, unknown="…")
        return f"**{title}{'' if title.endswith('?') else '.'}** {sentence} {advice}"


_ERRORS = _Kind(rows={**MISSING, **MISUSE, **REMOTE}, other=ANY_ERROR)
_FINDINGS = _Kind(rows={**LEFT_OUT, **LINES}, other=ANY_FINDING)
_HOLDS = _Kind(rows=HOLDS, other=ANY_HOLD)
_CHANGES = _Kind(rows=CHANGES, other=ANY_CHANGE)
_CHECKS = _Kind(rows=CHECKS, other=ANY_CHECK)

_RIGHTS = (
    ("/finance/agreements", "Finance / Agreements"),
    ("/system/bundles", "Finance / Agreements"),
    ("/procurement/catalog", "Procurement / Product Catalog"),
    ("/company/companies", "Companies / Company Maintenance"),
    ("/procurement/", "System / Table Setup"),
    ("/finance/", "System / Table Setup"),
    ("/partner/v1/billing", "Billing usage"),
    ("/partner/v1/tenants", "Customers"),
    ("/organization/v1/tenants", "Customers"),
    ("/licenses/v1/licenses/firewalls", "Firewall licenses"),
    ("/licenses/", "Licenses"),
)
"""Beginning of a route → the right that it takes, in the other system's own words; the first that fits counts."""
_VERBS = {"GET": "Inquire", "POST": "Add", "PATCH": "Edit", "PUT": "Edit"}


def error_text(code: str, fields: Fields, language: str | None = None) -> Text:
    """An error of use that names the file it comes from is mended there."""
    if code == ErrorCode.MISSING_RIGHT and is_empty(fields.get("right")) and is_empty(fields.get("missing")):
        fields = {**fields, "right": _right(str(fields.get("route", "")))}
    text = _ERRORS.text(code, fields, language)
    if not is_empty(fields.get("file")) and code in {**MISSING, **MISUSE} and code != ErrorCode.BAD_FILE:
        return text._replace(advice=IN_FILE.filled(fields, _french(language)).advice)
    return text


def finding_text(kind: str, fields: Fields, language: str | None = None) -> Text:
    if kind == FindingKind.SLOT_WAITS:
        fields = {**fields, "why": reason_text(str(fields.get("reason", "")), fields, language)}
    return _FINDINGS.text(kind, fields, language)


def hold_text(kind: str, fields: Fields, language: str | None = None) -> Text:
    return _HOLDS.text(kind, fields, language)


def change_text(kind: str, fields: Fields, language: str | None = None) -> Text:
    """The kind as screens call it, and the reason in words; `before`, `after`, `effective`, `reopen`, `after_zero`."""
    same = not is_empty(fields.get("after")) and fields.get("before") == fields.get("after")
    return _CHANGES.text(kind, {**fields, "same": same}, language)


def check_text(name: str, fields: Fields, language: str | None = None) -> Text:
    """A check that failed with an error, `code` and its fields, says what that error says."""
    code, fine = fields.get("code"), not is_empty(fields.get("ok"))
    if name not in CHECKS and fine:
        return ANY_CHECK_OK.filled({"code": name}, _french(language))
    text = _CHECKS.text(name, {**fields, "code": name}, language)
    if fine or is_empty(code):
        return text
    return error_text(str(code), fields, language)._replace(title=text.title)


def reason_text(reason: str, fields: Fields, language: str | None = None) -> str:
    """Why a line was left as it stands."""
    if reason in REASONS:
        return fill(REASONS[reason].said(_french(language)), fields, _french(language))
    if reason in SKIPS:
        return skip_text(reason, language)
    kind = next((kind for kind in (_FINDINGS, _HOLDS) if reason in kind.rows), None)
    return kind.text(reason, fields, language).sentence if kind else ANY_REASON.said(_french(language))


def skip_text(skip: str, language: str | None = None) -> str:
    return SKIPS.get(skip, ANY_REASON).said(_french(language))


def step_text(name: str, setting: str, language: str | None = None) -> str:
    """A step of a quantity rule; `combine` and `round` have a sentence for each way."""
    way, _, step = setting.partition(" ")
    said = STEPS.get(f"{name}:{way}") or STEPS[name]
    return fill(said.said(_french(language)), {"setting": step or way}, _french(language))


def explained_text(code: str, fields: Fields, language: str | None = None) -> str:
    return fill(EXPLAINED[code].said(_french(language)), fields, _french(language))


def outcome_text(outcome: str, language: str | None = None) -> str:
    """The label; `outcome_sentence` says what it means."""
    return _label({code: label for code, (label, _) in OUTCOMES.items()}, outcome, language)


def run_state_text(state: str, language: str | None = None) -> str:
    return _label(RUN_STATES, state, language)


def plan_state_text(state: str, language: str | None = None) -> str:
    return _label(PLAN_STATES, state, language)


def error_sentence(code: str, language: str | None = None) -> str:
    return _ERRORS.sentence(code, language)


def finding_sentence(kind: str, language: str | None = None) -> str:
    return _FINDINGS.sentence(kind, language)


def hold_sentence(kind: str, language: str | None = None) -> str:
    return _HOLDS.sentence(kind, language)


def skip_sentence(skip: str, language: str | None = None) -> str:
    return skip_text(skip, language)


def outcome_sentence(outcome: str, language: str | None = None) -> str:
    label, sentence = OUTCOMES[outcome]
    return f"**{label.said(_french(language))}.** {sentence.said(_french(language))}"


def _label(labels: Mapping[str, Said], code: str, language: str | None) -> str:
    said = labels.get(code)
    return said.said(_french(language)) if said else str(code).replace("_", " ").capitalize() or "?"


def _french(language: str | None) -> bool:
    if language is None:
        try:
            language = get_language()
        except ImproperlyConfigured:  # an error before the settings are read
            language = None
    return (language or "en").startswith("fr")


def _right(route: str) -> str:
    """The right that a refused request needs, worked out from `METHOD /path`; the request itself where none fits."""
    method, _, path = route.partition(" ")
    function = next((function for start, function in _RIGHTS if path.startswith(start)), None)
    if function is None or " / " not in function:
        return function or route
    verb = "Inquire" if path.startswith("/system/bundles") else _VERBS.get(method, method)
    return f"{function} / {verb}"
