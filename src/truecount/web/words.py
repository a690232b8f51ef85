"""What states, kinds and phases are called, and the tone in which they are shown: word and shape, not colour alone."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from truecount.core.model import BillingType, ChangeKind, FindingKind, Mode, Outcome, Source
from truecount.core.roles import Action, Role

Words = Promise | str


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


def _mark(word: Words, tone: Tone, shape: str) -> Mark:
    return Mark(word=word, tone=tone, shape=shape)


RUN_STATES = {
    "queued": _mark(pgettext_lazy("run", "Queued"), Tone.BUSY, "clock"),
    "running": _mark(pgettext_lazy("run", "Running"), Tone.BUSY, "loader-circle"),
    "observed": _mark(pgettext_lazy("run", "Observed"), Tone.GOOD, "eye"),
    "waiting": _mark(pgettext_lazy("run", "Waits for approval"), Tone.WARN, "hourglass"),
    "held": _mark(pgettext_lazy("run", "Held"), Tone.WARN, "octagon-pause"),
    "done": _mark(pgettext_lazy("run", "Done"), Tone.GOOD, "circle-check"),
    "partial": _mark(pgettext_lazy("run", "Partly done"), Tone.WARN, "circle-slash-2"),
    "refused": _mark(pgettext_lazy("run", "Refused"), Tone.BAD, "circle-x"),
    "failed": _mark(pgettext_lazy("run", "Failed"), Tone.BAD, "circle-x"),
    "not_ready": _mark(pgettext_lazy("run", "Report not there yet"), Tone.CALM, "calendar-clock"),
}
ACTIVE = frozenset({"queued", "running"})

PLAN_STATES = {
    "open": _mark(pgettext_lazy("plan", "Waits for approval"), Tone.WARN, "hourglass"),
    "held": _mark(pgettext_lazy("plan", "Held"), Tone.WARN, "octagon-pause"),
    "nothing": _mark(pgettext_lazy("plan", "Nothing to change"), Tone.GOOD, "circle-check"),
    "observed": _mark(pgettext_lazy("plan", "For information"), Tone.CALM, "eye"),
    "approved": _mark(pgettext_lazy("plan", "Approved"), Tone.BUSY, "stamp"),
    "applied": _mark(pgettext_lazy("plan", "Applied"), Tone.GOOD, "circle-check"),
    "superseded": _mark(pgettext_lazy("plan", "Superseded"), Tone.CALM, "layers"),
    "expired": _mark(pgettext_lazy("plan", "Expired"), Tone.CALM, "calendar-x"),
    "void": _mark(pgettext_lazy("plan", "Void"), Tone.BAD, "circle-x"),
}

CHANGES = {
    ChangeKind.CREATE: _mark(_("Create"), Tone.GOOD, "plus"),
    ChangeKind.ADOPT: _mark(_("Take over"), Tone.BUSY, "link"),
    ChangeKind.UPDATE: _mark(_("Update"), Tone.CALM, "pencil"),
    ChangeKind.ZERO: _mark(_("Set to 0"), Tone.WARN, "circle-slash"),
    ChangeKind.CANCEL: _mark(pgettext_lazy("change", "Cancel"), Tone.BAD, "ban"),
}
UNCHANGED: Words = _("Unchanged")

OUTCOMES = {
    Outcome.DONE: _mark(pgettext_lazy("outcome", "Done"), Tone.GOOD, "circle-check"),
    Outcome.UNCHANGED: _mark(pgettext_lazy("outcome", "Unchanged"), Tone.CALM, "equal"),
    Outcome.WAITING: _mark(pgettext_lazy("outcome", "Waiting"), Tone.WARN, "hourglass"),
    Outcome.HELD: _mark(pgettext_lazy("outcome", "Held"), Tone.WARN, "octagon-pause"),
    Outcome.SKIPPED: _mark(pgettext_lazy("outcome", "Left out"), Tone.CALM, "circle-dashed"),
    Outcome.STALE: _mark(pgettext_lazy("outcome", "Changed meanwhile"), Tone.BAD, "shuffle"),
    Outcome.REFUSED: _mark(pgettext_lazy("outcome", "Refused"), Tone.BAD, "circle-x"),
    Outcome.FAILED: _mark(pgettext_lazy("outcome", "Failed"), Tone.BAD, "circle-x"),
}

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
ROLES: dict[int, Words] = {
    Role.VIEWER: _("Viewer"),
    Role.OPERATOR: _("Operator"),
    Role.APPROVER: _("Approver"),
    Role.ADMIN: _("Administrator"),
}
ACTIONS: dict[str, Words] = {
    Action.LOOK: _("look at the pages"),
    Action.MAP: _("map products and customers"),
    Action.SWITCH: _("switch usage sync on and off"),
    Action.SYNC: _("start a synchronization"),
    Action.EDIT_ITEM: _("edit ConnectWise products"),
    Action.APPROVE: _("approve a plan"),
    Action.APPLY: _("apply a plan"),
    Action.RELEASE: _("release a hold"),
    Action.UNDO: _("undo a run"),
    Action.CONNECT: _("change connections"),
    Action.SET_POLICY: _("change the policy"),
    Action.KEEP_USERS: _("manage users"),
    Action.CREATE_INTEGRATION: _("create an integration"),
}

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

ON = _mark(pgettext_lazy("switch", "On"), Tone.GOOD, "toggle-right")
OFF = _mark(pgettext_lazy("switch", "Off"), Tone.CALM, "toggle-left")


def switch(on: bool) -> Mark:
    return ON if on else OFF
