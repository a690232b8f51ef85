"""Troubles as pages: a title, one sentence, what to do, and the way back; as a small notice where htmx asked."""

from __future__ import annotations

from urllib.parse import urlsplit

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.http import url_has_allowed_host_and_scheme

from truecount.core.errors import Busy, ErrorCode, Misused, NotReady, Refused, Stale, Trouble
from truecount.runs.advice import error_text

_NOT_THERE = frozenset(code for code in ErrorCode if code.startswith("unknown_"))
_NOT_NOW = frozenset(
    {ErrorCode.PLAN_NOT_OPEN, ErrorCode.PLAN_EXPIRED, ErrorCode.PLAN_HELD, ErrorCode.PLAN_NOT_APPROVED}
)

_AS_NOTICE = {"HX-Retarget": "#notices", "HX-Reselect": "#trouble", "HX-Reswap": "innerHTML"}
"""Whatever part of the page asked, the notice goes to its place at the top."""


def status_of(trouble: Trouble) -> int:
    """Always 4xx: a trouble is told on purpose, it is no failure of the program."""
    if trouble.code in (ErrorCode.NOT_ALLOWED, ErrorCode.FOUR_EYES):
        return 403
    if trouble.code in _NOT_THERE:
        return 404
    if trouble.code in _NOT_NOW or isinstance(trouble, Stale | Busy | NotReady):
        return 409
    if isinstance(trouble, Misused):
        return 400
    return 422 if isinstance(trouble, Refused) else 424


def trouble_answer(request: HttpRequest, trouble: Trouble) -> HttpResponse:
    context = {"text": error_text(str(trouble.code), trouble.fields), "back": way_back(request)}
    if getattr(request, "htmx", False):
        response = render(request, "web/parts/trouble.html", context, status=status_of(trouble))
        for name, value in _AS_NOTICE.items():
            response.headers[name] = value
        return response
    return render(request, "web/trouble.html", context, status=status_of(trouble))


def way_back(request: HttpRequest) -> str | None:
    """The page that the person came from, where it is one of ours."""
    before = request.headers.get("Referer", "")
    if not url_has_allowed_host_and_scheme(before, {request.get_host()}, require_https=request.is_secure()):
        return None
    parts = urlsplit(before)
    path = f"{parts.path}?{parts.query}" if parts.query else parts.path
    return None if path == request.get_full_path() else path
