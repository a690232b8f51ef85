"""The audit trail: who did what, when, and what it was before."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from truecount.core.errors import ErrorCode, Misused
from truecount.core.roles import LEAST_ROLE, Action
from truecount.store.models import AuditEvent, Integration, Partner, User


def record(
    action: str,
    subject: str,
    *,
    by: User | None,
    now: datetime,
    integration: Integration | None = None,
    partner: Partner | None = None,
    before: Any = None,
    after: Any = None,
) -> None:
    """Append one act. `by` is None for what Truecount did by itself."""
    owner = partner or (integration.partner if integration else None)
    assert owner is not None, "an act belongs to a partner"
    AuditEvent.objects.create(
        partner=owner,
        integration=integration,
        by=by,
        action=action,
        subject=subject,
        before=before,
        after=after,
        at=now,
    )


def require(by: User | None, action: Action) -> None:
    """Refuse when the person's role is too low; None is Truecount itself, acting on a schedule."""
    if by is not None and not by.may(action):
        raise Misused(ErrorCode.NOT_ALLOWED, action=str(action), needed=LEAST_ROLE[action].name.lower(), user=by.email)
