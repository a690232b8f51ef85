"""What a view is given: a request of somebody signed in, with htmx's details and the integration it is about."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.http import HttpRequest

from truecount.store.models import Integration, User

if TYPE_CHECKING:
    from django_htmx.middleware import HtmxDetails


class Request(HttpRequest):
    """Never made: LoginRequiredMiddleware, HtmxMiddleware and `belongings.py` fill these in."""

    user: User
    htmx: HtmxDetails
    integration: Integration
