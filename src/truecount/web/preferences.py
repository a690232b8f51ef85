"""What a person sets for themselves: language, and light or dark."""

from __future__ import annotations

from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.http.response import HttpResponseBase
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.http import require_POST

from truecount.core.roles import Action
from truecount.store.models import User
from truecount.web.request import Request
from truecount.web.rights import for_anybody, needs

LOOKS = ("system", "light", "dark")
_LOOK = "truecount_look"
_YEAR = 365 * 24 * 3600


def known_language(code: str | None) -> str | None:
    return code if code in dict(settings.LANGUAGES) else None


def keep_language(response: HttpResponseBase, chosen: str) -> None:
    """Remember the language in this browser for the pages before signing in."""
    _keep(response, settings.LANGUAGE_COOKIE_NAME, chosen)


def look_of(request: HttpRequest) -> str:
    look = request.COOKIES.get(_LOOK, "")
    return look if look in LOOKS else "system"


@needs(Action.LOOK)
@require_POST
def language_choice(request: Request) -> HttpResponse:
    """The user's own language, from now on and on every machine."""
    response = _back(request)
    if (chosen := known_language(request.POST.get("language"))) is not None:
        User.objects.filter(pk=request.user.pk).update(language=chosen)
        keep_language(response, chosen)
    return response


@for_anybody
@require_POST
def look_choice(request: HttpRequest) -> HttpResponse:
    """Light, dark, or as the system is set; kept in this browser."""
    response = _back(request)
    if (look := request.POST.get("look", "")) in LOOKS:
        _keep(response, _LOOK, look)
    return response


def _back(request: HttpRequest) -> HttpResponseRedirect:
    wanted = request.POST.get("next", "")
    own = url_has_allowed_host_and_scheme(wanted, {request.get_host()}, require_https=request.is_secure())
    return HttpResponseRedirect(wanted if own else reverse("overview"))


def _keep(response: HttpResponseBase, name: str, value: str) -> None:
    secure = settings.SESSION_COOKIE_SECURE
    response.set_cookie(name, value, max_age=_YEAR, httponly=True, secure=secure, samesite="Lax")
