"""Every error that Truecount raises on purpose, as codes and fields; the sentences are in `runs/advice.py`.

Trouble
├── Misused      the command, form or file asks for something that does not exist or makes no sense
├── Refused      the other side said no, and will say no again (4xx)
├── RetryLater   the other side could not answer now (429, 5xx, time-out, unreachable)
├── Unexpected   the answer was not understood
├── NotReady     the vendor has no report for that month yet
├── Stale        the world moved since it was looked at
└── Busy         another run holds the integration
"""

from __future__ import annotations

from enum import StrEnum


class ErrorCode(StrEnum):
    """One code per situation; its advice, in both languages, is found by this code."""

    # Misused
    UNKNOWN_INTEGRATION = "unknown_integration"
    INTEGRATION_NEEDED = "integration_needed"
    UNKNOWN_PARTNER = "unknown_partner"
    UNKNOWN_USER = "unknown_user"
    UNKNOWN_PRODUCT = "unknown_product"
    UNKNOWN_ITEM = "unknown_item"
    UNKNOWN_CUSTOMER = "unknown_customer"
    UNKNOWN_COMPANY = "unknown_company"
    UNKNOWN_AGREEMENT = "unknown_agreement"
    UNKNOWN_PLAN = "unknown_plan"
    UNKNOWN_HOLD = "unknown_hold"
    UNKNOWN_RUN = "unknown_run"
    NO_SNAPSHOT = "no_snapshot"
    NO_CONNECTION = "no_connection"
    BAD_PERIOD = "bad_period"
    LIVE_IS_NOW = "live_is_now"
    BAD_SETTING = "bad_setting"
    BAD_VALUE = "bad_value"
    BAD_FILE = "bad_file"
    NAME_TAKEN = "name_taken"
    BUNDLE_ITEM = "bundle_item"
    INACTIVE_ITEM = "inactive_item"
    NOT_MAPPED = "not_mapped"
    NOT_ALLOWED = "not_allowed"
    FOUR_EYES = "four_eyes"
    PLAN_NOT_OPEN = "plan_not_open"
    PLAN_EXPIRED = "plan_expired"
    PLAN_HELD = "plan_held"
    PLAN_NOT_APPROVED = "plan_not_approved"
    WRONG_KEY = "wrong_key"
    NO_DATABASE = "no_database"
    REASON_NEEDED = "reason_needed"
    LAST_ADMIN = "last_admin"
    NOT_YOURS = "not_yours"
    TOO_MANY_TRIES = "too_many_tries"
    LINK_USED = "link_used"
    # Refused
    WRONG_CREDENTIALS = "wrong_credentials"
    MISSING_RIGHT = "missing_right"
    NOT_FOUND = "not_found"
    INVALID = "invalid"
    CONFLICT = "conflict"
    # RetryLater
    UNREACHABLE = "unreachable"
    TIMED_OUT = "timed_out"
    RATE_LIMITED = "rate_limited"
    SERVER_FAILED = "server_failed"
    # Unexpected
    NOT_UNDERSTOOD = "not_understood"
    CUT_SHORT = "cut_short"
    PAGING_LOOP = "paging_loop"
    # the rest
    NOT_READY = "not_ready"
    DIGEST_CHANGED = "digest_changed"
    GROUND_MOVED = "ground_moved"
    INTERRUPTED = "interrupted"
    EDITED_MEANWHILE = "edited_meanwhile"
    BUSY = "busy"


class Trouble(Exception):
    """The root. `fields` fill the sentence that belongs to `code`; they never hold a secret."""

    def __init__(self, code: ErrorCode, **fields: object) -> None:
        super().__init__(code, fields)
        self.code = code
        self.fields = fields

    def __str__(self) -> str:
        told = ", ".join(f"{name}={value}" for name, value in self.fields.items())
        return f"{self.code}({told})" if told else str(self.code)


class Misused(Trouble):
    """Wrong use: nothing was sent anywhere."""


class Refused(Trouble):
    """A certain no. `system`, `status`, `message`, and `errors` as {field: text} where the answer names fields."""


class RetryLater(Trouble):
    """No answer now. `after` seconds where the other side named them.

    `certain` is true when the request surely had no effect (429, 401, connection refused before sending);
    false when it may have been carried out, so that a write must be read back first.
    """

    def __init__(self, code: ErrorCode, *, after: float | None = None, certain: bool, **fields: object) -> None:
        super().__init__(code, **fields)
        self.after = after
        self.certain = certain


class Unexpected(Trouble):
    """An answer that was not understood: `system`, `route`, `what`, and `excerpt`, redacted and short."""


class NotReady(Trouble):
    """The vendor has no billing report for `period` yet: not the same as no usage."""


class Stale(Trouble):
    """The world moved since it was looked at."""


class Busy(Trouble):
    """Another run holds the integration: `run`, `who`, `since`, `where`."""
