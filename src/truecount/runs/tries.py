"""How often a wrong password may be tried, by e-mail and by address; counted in the database, for all web processes."""

from __future__ import annotations

import logging
from datetime import datetime, timedelta
from math import ceil

from django.db.models import Q

from truecount.core.errors import ErrorCode, Misused
from truecount.store.models import SignInTry

logger = logging.getLogger(__name__)

WINDOW = timedelta(minutes=15)
MOST_OF_AN_EMAIL = 5
MOST_OF_AN_ADDRESS = 30
"""More than for one e-mail: a whole office may come from one address."""


def note_try(email: str, address: str, now: datetime) -> None:
    """Count this try, before the password is looked at, so that tries at the same time count as well.

    Refused where too many went wrong within the window: then the right password waits, too.
    """
    email, address = email.lower()[:254], address[:64]
    _refuse_many(Q(email=email), MOST_OF_AN_EMAIL, email, now)
    _refuse_many(Q(address=address), MOST_OF_AN_ADDRESS, email, now)
    SignInTry.objects.filter(at__lt=now - WINDOW).delete()
    SignInTry.objects.create(email=email, address=address, at=now)


def forget_tries(email: str) -> None:
    """The right password was given: what went wrong before counts no longer."""
    SignInTry.objects.filter(email=email.lower()[:254]).delete()


def _refuse_many(whose: Q, most: int, email: str, now: datetime) -> None:
    tries = SignInTry.objects.filter(whose, at__gt=now - WINDOW).order_by("-at").values_list("at", flat=True)
    recent = list(tries[:most])
    if len(recent) == most:
        wait = recent[-1] + WINDOW - now
        logger.warning("Too many wrong passwords", extra={"action": "sign_in", "email": email})
        raise Misused(ErrorCode.TOO_MANY_TRIES, minutes=max(1, ceil(wait.total_seconds() / 60)))
