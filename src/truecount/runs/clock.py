"""The one place that reads the clock; callers pass the moment down as `now`."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from django.conf import settings


def now() -> datetime:
    """The machine's clock, moved by TRUECOUNT_NOW or by the home of a demonstration."""
    return datetime.now(UTC) + timedelta(seconds=settings.TRUECOUNT_CLOCK_OFFSET)
