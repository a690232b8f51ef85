"""What states, kinds and phases are called, and the tone in which they are shown: word and shape, not colour alone."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import StrEnum

from django.utils.functional import Promise, lazy
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from truecount.core.model import BillingType, ByRule, ChangeKind, FindingKind, Mode, Outcome, Source
from truecount.core.roles import Role
from truecount.runs import advice

Words = Promise | str
"""A text, or one that is said in the reader's language when it is shown."""


class Tone(StrEnum):
    GOOD = "good"
    WARN = "warn"
    BAD = "bad"
    BUSY = "busy"
    CALM = "calm"


@dataclass(frozen=True, slots=True, kw_only=True)
class Mark:
    """How a state is shown: its word, its tone and the shape beside it."""

    word: Words
    tone: Tone
    shape: str


class Marks(dict[str, Mark]):
    """By code. The words are those of `runs/advice.py`, said in the language of the moment they are shown; a code
    that is new to the pages is shown calmly by its word."""

    def __init__(self, word: Callable[[str], str], shown: Mapping[str, tuple[Tone, str]]) -> None:
        self.said = lazy(word, str)
        super().__init__(
            (code, Mark(word=self.said(code), tone=tone, shape=shape)) for code, (tone, shape) in shown.items()
        )

    def __missing__(self, code: str) -> Mark:
        return Mark(word=self.said(code), tone=Tone.CALM, shape="circle-dashed")


def _change_word(kind: str) -> str:
    return advice.change_text(kind, {}).title


RUN_STATES = Marks(
    advice.run_state_text,
    {
        "queued": (Tone.BUSY, "clock"),
        "running": (Tone.BUSY, "loader-circle"),
        "observed": (Tone.GOOD, "eye"),
        "waiting": (Tone.WARN, "hourglass"),
        "held": (Tone.WARN, "octagon-pause"),
        "done": (Tone.GOOD, "circle-check"),
        "partial": (Tone.WARN, "circle-slash-2"),
        "refused": (Tone.BAD, "circle-x"),
        "failed": (Tone.BAD, "circle-x"),
        "not_ready": (Tone.CALM, "calendar-clock"),
    },
)
ACTIVE = frozenset({"queued", "running"})

PLAN_STATES = Marks(
    advice.plan_state_text,
    {
        "open": (Tone.WARN, "hourglass"),
        "held": (Tone.WARN, "octagon-pause"),
        "empty": (Tone.GOOD, "circle-check"),
        "observed": (Tone.CALM, "eye"),
        "approved": (Tone.BUSY, "stamp"),
        "applied": (Tone.GOOD, "circle-check"),
        "superseded": (Tone.CALM, "layers"),
        "expired": (Tone.CALM, "calendar-x"),
        "void": (Tone.BAD, "circle-x"),
    },
)
CHANGES = Marks(
    _change_word,
    {
        ChangeKind.CREATE: (Tone.GOOD, "plus"),
        ChangeKind.ADOPT: (Tone.BUSY, "link"),
        ChangeKind.UPDATE: (Tone.CALM, "pencil"),
        ChangeKind.ZERO: (Tone.WARN, "circle-slash"),
        ChangeKind.CANCEL: (Tone.BAD, "ban"),
    },
)
UNCHANGED: Words = _("Unchanged")

OUTCOMES = Marks(
    advice.outcome_text,
    {
        Outcome.DONE: (Tone.GOOD, "circle-check"),
        Outcome.UNCHANGED: (Tone.CALM, "equal"),
        Outcome.WAITING: (Tone.WARN, "hourglass"),
        Outcome.HELD: (Tone.WARN, "octagon-pause"),
        Outcome.SKIPPED: (Tone.CALM, "circle-dashed"),
        Outcome.STALE: (Tone.BAD, "shuffle"),
        Outcome.REFUSED: (Tone.BAD, "circle-x"),
        Outcome.FAILED: (Tone.BAD, "circle-x"),
    },
)

PHASES: dict[str, Words] = {
    "collect": _("Collect"),
    "plan": _("Plan"),
    "approve": _("Approve"),
    "apply": _("Apply"),
    "verify": _("Verify"),
}
VERBS: dict[str, Words] = {
    "collect": _("Collect"),
    "plan": _("Plan"),
    "apply": _("Apply"),
    "sync": pgettext_lazy("run", "Synchronization"),
    "undo": _("Undo"),
    "refresh": _("Refresh customer details"),
}
TRIGGERS: dict[str, Words] = {"schedule": _("on schedule"), "person": _("by hand")}

SOURCES: dict[str, Words] = {
    Source.INVOICE: _("Sophos monthly invoice"),
    Source.LIVE: _("Licences in use now"),
}
MODES: dict[str, Words] = {
    Mode.OBSERVE: pgettext_lazy("mode", "Observe"),
    Mode.REVIEW: pgettext_lazy("mode", "Review"),
    Mode.AUTOMATIC: pgettext_lazy("mode", "Automatic"),
}
MODE_SENTENCES: dict[str, Words] = {
    Mode.OBSERVE: _("plans only, nothing is written"),
    Mode.REVIEW: _("a person approves every plan"),
    Mode.AUTOMATIC: _("what is not held is applied by itself"),
}
SCHEDULES: dict[str, Words] = {
    "invoice": _("With Sophos monthly invoice"),
    "monthly": _("Once a month"),
    "daily": _("Once a day"),
}
SCHEDULE_SENTENCES: dict[str, Words] = {
    "invoice": _("towards the end of each month, as soon as the invoice is there"),
    "monthly": _("on a day of your choice, with the licences in use then"),
    "daily": _("every night, with the licences in use then"),
}
QUANTITIES: dict[str, Words] = {
    "billable": _("Billable quantity"),
    "actual": _("Actual quantity"),
}
VANISHING: dict[str, Words] = {
    "zero": _("Set to 0"),
    "cancel": _("Cancel at the end of the period"),
    "hold": _("Hold until a person decides"),
}
BILLING: dict[str, Words] = {
    BillingType.USAGE: _("Monthly usage"),
    BillingType.TERM: _("Term"),
    BillingType.TRIAL: _("Trial"),
    BillingType.UNKNOWN: _("Unknown"),
}
AGREEMENT_STATES: dict[str, Words] = {
    "active": pgettext_lazy("agreement", "Active"),
    "not_started": pgettext_lazy("agreement", "Not started"),
    "expired": pgettext_lazy("agreement", "Expired"),
    "cancelled": pgettext_lazy("agreement", "Cancelled"),
    "inactive": pgettext_lazy("agreement", "Inactive"),
}
BY_RULES: dict[str, Words] = {
    ByRule.ONLY_ACTIVE: _("the only active one"),
    ByRule.TYPE: _("by its type"),
    ByRule.NAME: _("by its name"),
}
"""How a customer's agreement is found where nobody names it."""
ROLES: dict[int, Words] = {
    Role.VIEWER: _("Viewer"),
    Role.OPERATOR: _("Operator"),
    Role.APPROVER: _("Approver"),
    Role.ADMIN: _("Administrator"),
}
ROLE_SENTENCES: dict[int, Words] = {
    Role.VIEWER: _("looks at everything, changes nothing"),
    Role.OPERATOR: _("maps, switches and synchronizes"),
    Role.APPROVER: _("approves, applies and releases"),
    Role.ADMIN: _("connections, users and policy"),
}
LANGUAGES: tuple[tuple[str, Words], ...] = (("en", "English"), ("fr", "Français"))
USER_ON = Mark(word=pgettext_lazy("user", "Active"), tone=Tone.GOOD, shape="circle-check")
USER_OFF = Mark(word=pgettext_lazy("user", "Deactivated"), tone=Tone.CALM, shape="user-x")
INFORMATION = frozenset(
    {
        FindingKind.RENAMED_PRODUCT,
        FindingKind.RENAMED_COMPANY,
        FindingKind.RENAMED_CUSTOMER,
        FindingKind.RENAMED_ITEM,
        FindingKind.FIREWALL_LIVE,
        FindingKind.OLDER_PERIOD,
    }
)
"""Findings that are good to know and ask nothing of anybody."""
UNBILLED = frozenset(
    {
        FindingKind.UNASSIGNED_USAGE,
        FindingKind.NOT_USAGE_CHARGED,
        FindingKind.CUSTOMER_NOT_MAPPED,
        FindingKind.CUSTOMER_OFF,
        FindingKind.PRODUCT_NOT_MAPPED,
        FindingKind.PRODUCT_OFF,
        FindingKind.ITEM_GONE,
        FindingKind.ITEM_INACTIVE,
        FindingKind.COMPANY_GONE,
        FindingKind.COMPANY_INACTIVE,
        FindingKind.AGREEMENT_GONE,
        FindingKind.AGREEMENT_ENDED,
        FindingKind.AGREEMENT_NOT_STARTED,
        FindingKind.NO_AGREEMENT,
        FindingKind.AGREEMENT_UNCLEAR,
        FindingKind.LINE_ENDED,
        FindingKind.NO_LINE_TO_ADOPT,
        FindingKind.PRICE_ZERO,
        FindingKind.NOT_BILLABLE,
    }
)
"""Findings about something that was counted and nobody pays for."""

ON = Mark(word=pgettext_lazy("switch", "On"), tone=Tone.GOOD, shape="toggle-right")
OFF = Mark(word=pgettext_lazy("switch", "Off"), tone=Tone.CALM, shape="toggle-left")


def switch(on: bool) -> Mark:
    return ON if on else OFF
