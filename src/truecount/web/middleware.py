"""What every answer passes: the reader's language and time zone, the content policy, and troubles told as a page."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC
from urllib.parse import urlencode, urlsplit
from zoneinfo import ZoneInfo

from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.urls import reverse
from django.utils import timezone, translation
from django.utils.cache import patch_vary_headers

from truecount.core.errors import Trouble
from truecount.store.models import User
from truecount.web.failures import trouble_answer

Answer = Callable[[HttpRequest], HttpResponseBase]

CONTENT_POLICY = "; ".join(
    (
        "default-src 'self'",
        "base-uri 'none'",
        "form-action 'self'",
        "frame-ancestors 'none'",
        "object-src 'none'",
    )
)
PERMISSIONS = "camera=(), geolocation=(), microphone=(), payment=(), usb=()"


class _Language:
    def __init__(self, get_response: Answer) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        """Who asks is not known yet, and at an address that does not exist it never will be."""
        with translation.override(translation.get_language_from_request(request)), timezone.override(UTC):
            response = self.get_response(request)
            response.headers.setdefault("Content-Language", translation.get_language() or "en")
            patch_vary_headers(response, ("Accept-Language", "Cookie"))
            return response

    def process_view(self, request: HttpRequest, *_view: object) -> None:
        """Now it is known who asks; leaving `__call__` puts back what was set before."""
        user = getattr(request, "user", None)
        if isinstance(user, User):
            translation.activate(user.language)
            timezone.activate(ZoneInfo(user.partner.time_zone))


def language(get_response: Answer) -> Answer:
    """The user's own language and the partner's time zone; before signing in, the language used here last."""
    return _Language(get_response)


def own_content_only(get_response: Answer) -> Answer:
    """Scripts, styles, pictures and forms of this host alone, nothing inline; pages with numbers are not kept."""

    def guard(request: HttpRequest) -> HttpResponseBase:
        response = get_response(request)
        response.headers.setdefault("Content-Security-Policy", CONTENT_POLICY)
        response.headers.setdefault("Permissions-Policy", PERMISSIONS)
        response.headers.setdefault("Cross-Origin-Resource-Policy", "same-origin")
        response.headers.setdefault("Cache-Control", "no-store, private")
        return response

    return guard


class _Troubles:
    def __init__(self, get_response: Answer) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        response = self.get_response(request)
        return _sign_in_again(request) if _session_lost(request, response) else response

    def process_exception(self, request: HttpRequest, exception: Exception) -> HttpResponse | None:
        return trouble_answer(request, exception) if isinstance(exception, Trouble) else None


def _session_lost(request: HttpRequest, response: HttpResponseBase) -> bool:
    sign_in = reverse("sign-in")
    return bool(getattr(request, "htmx", False)) and response.headers.get("Location", "").startswith(f"{sign_in}?")


def _sign_in_again(request: HttpRequest) -> HttpResponse:
    """A part of a page must not become the sign-in page: the whole page goes there, and comes back."""
    page = urlsplit(request.headers.get("HX-Current-URL", ""))
    back = urlencode({"next": f"{page.path}?{page.query}" if page.query else page.path or "/"})
    return HttpResponse(headers={"HX-Redirect": f"{reverse('sign-in')}?{back}"})


def troubles(get_response: Answer) -> Answer:
    """A trouble raised on purpose becomes a sentence with its advice, never a stack trace."""
    return _Troubles(get_response)
