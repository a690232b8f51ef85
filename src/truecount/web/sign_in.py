"""Signing in by e-mail and password, in the language chosen there; signing out."""

from __future__ import annotations

import logging
from typing import Any

from django import forms
from django.conf import settings
from django.contrib.auth import authenticate, login, logout
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils import translation
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext_lazy as _
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_POST

from truecount.core.errors import Misused
from truecount.runs import advice, clock, tries
from truecount.store.models import User
from truecount.web.preferences import keep_language, known_language
from truecount.web.rights import for_anybody

logger = logging.getLogger(__name__)


class SignIn(forms.Form):
    """The same sentence whatever was wrong: it must not tell which addresses have an account."""

    email = forms.EmailField(label=_("E-mail"), max_length=254, error_messages={"required": _("Enter your e-mail.")})
    password = forms.CharField(
        label=_("Password"),
        strip=False,
        max_length=4096,
        error_messages={"required": _("Enter your password.")},
    )

    def __init__(self, request: HttpRequest, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.request = request
        self.user: User | None = None

    def clean(self) -> dict[str, Any]:
        given = super().clean() or {}
        if self.errors:
            return given
        _note_try(self.request, given["email"])
        found = authenticate(self.request, username=given["email"], password=given["password"])
        if not isinstance(found, User):
            raise forms.ValidationError(_("This e-mail and password do not belong together. Check both and try again."))
        tries.forget_tries(given["email"])
        self.user = found
        return given


def _note_try(request: HttpRequest, email: str) -> None:
    """Whether another password may be tried now; the sentence says how long to wait."""
    try:
        tries.note_try(email, address_of(request), clock.now())
    except Misused as trouble:
        text = advice.error_text(str(trouble.code), trouble.fields)
        raise forms.ValidationError(f"{text.sentence} {text.advice}", code="wait") from None


def address_of(request: HttpRequest) -> str:
    """Where it comes from; behind the https proxy that the base URL tells of, what that proxy says."""
    through = request.headers.get("X-Forwarded-For", "") if settings.SECURE_PROXY_SSL_HEADER else ""
    return through.rpartition(",")[2].strip() or str(request.META.get("REMOTE_ADDR", ""))


@for_anybody
@sensitive_post_parameters("password")
@require_http_methods(["GET", "POST"])
def sign_in(request: HttpRequest) -> HttpResponse:
    """`language` in the address shows the page in it, and keeps it for whoever then signs in."""
    chosen = known_language(request.GET.get("language"))
    if request.user.is_authenticated:
        return HttpResponseRedirect(_goal(request))
    with translation.override(chosen or translation.get_language()):
        form = SignIn(request, request.POST if request.method == "POST" else None)
        if request.method == "POST" and form.is_valid() and form.user is not None:
            return _enter(request, form.user, chosen)
        return render(request, "web/sign_in.html", {"form": form}, status=_status(form))


def _status(form: SignIn) -> int:
    if form.has_error("__all__", code="wait"):
        return 429
    return 422 if form.errors else 200


def _enter(request: HttpRequest, user: User, chosen: str | None) -> HttpResponse:
    if chosen and chosen != user.language:
        User.objects.filter(pk=user.pk).update(language=chosen)
    login(request, user)
    logger.info("Signed in", extra={"action": "sign_in", "user": user.pk})
    response = HttpResponseRedirect(_goal(request))
    keep_language(response, chosen or user.language)
    return response


def _goal(request: HttpRequest) -> str:
    """Where the person wanted to go before being asked to sign in."""
    wanted = request.GET.get("next", "")
    own = url_has_allowed_host_and_scheme(wanted, {request.get_host()}, require_https=request.is_secure())
    return wanted if wanted and own else reverse("overview")


@for_anybody
@require_POST
def sign_out(request: HttpRequest) -> HttpResponse:
    logout(request)
    return HttpResponseRedirect(reverse("sign-in"))
