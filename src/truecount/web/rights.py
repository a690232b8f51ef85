"""The right that each address needs: declared beside its view, kept in one table, checked in one place."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Concatenate, ParamSpec

from django.contrib.auth.decorators import login_not_required
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponseBase

from truecount.core.roles import Action
from truecount.web.request import Request

P = ParamSpec("P")
View = Callable[Concatenate[Request, P], HttpResponseBase]
OpenView = Callable[Concatenate[HttpRequest, P], HttpResponseBase]

RIGHTS: dict[Callable[..., HttpResponseBase], Action | None] = {}
"""View → what one must be allowed to do, None where nobody has to be signed in."""


def needs(action: Action) -> Callable[[View[P]], View[P]]:
    """Let in only those whose role may do it; the others get the page that says who may."""

    def declare(view: View[P]) -> View[P]:
        @wraps(view)
        def checked(request: Request, /, *args: P.args, **kwargs: P.kwargs) -> HttpResponseBase:
            if not request.user.may(action):
                raise PermissionDenied(action)
            return view(request, *args, **kwargs)

        RIGHTS[checked] = action
        return checked

    return declare


def for_anybody(view: OpenView[P]) -> OpenView[P]:
    """Also for those who are not signed in."""
    opened = login_not_required(view)
    RIGHTS[opened] = None
    return opened
