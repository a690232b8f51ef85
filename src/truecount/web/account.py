"""My language and my password; and choosing a password with the link that an administrator made."""

from __future__ import annotations

from django.contrib import messages
from django.contrib.auth import update_session_auth_hash
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils import translation
from django.utils.translation import gettext as _
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods

from truecount.core.errors import ErrorCode, Misused
from truecount.core.roles import Action
from truecount.runs import advice, clock, people, tries
from truecount.store.models import User
from truecount.web.asked import Asked
from truecount.web.belongings import beside
from truecount.web.failures import status_of
from truecount.web.preferences import keep_language, known_language
from truecount.web.request import Request
from truecount.web.rights import for_anybody, needs
from truecount.web.sign_in import address_of

_ABOUT_THE_OLD = (ErrorCode.NOT_YOURS, ErrorCode.TOO_MANY_TRIES)


@needs(Action.LOOK)
@sensitive_post_parameters("old", "password", "again")
@require_http_methods(["GET", "POST"])
def account(request: Request) -> HttpResponse:
    """What everybody may change of themselves."""
    beside(request)
    if request.method == "GET":
        return _account(request, {})
    old, new = request.POST.get("old", ""), request.POST.get("password", "")
    if errors := _unequal(new, request.POST.get("again", "")):
        return _account(request, errors)
    try:
        tries.note_try(request.user.email, address_of(request), clock.now())
        changed = people.change_own_password(request.user, old, new, now=clock.now())
    except Misused as trouble:
        return _account(request, {"old" if trouble.code in _ABOUT_THE_OLD else "password": _said(trouble)})
    tries.forget_tries(request.user.email)
    update_session_auth_hash(request, changed)
    messages.success(request, _("Your password is changed. You are signed out everywhere else."))
    return HttpResponseRedirect(reverse("account"))


@for_anybody
@sensitive_post_parameters("password", "again")
@require_http_methods(["GET", "POST"])
def password(request: HttpRequest, ident: str, token: str) -> HttpResponse:
    """Choose a password with a link; it works once. In the person's own language."""
    chosen = known_language(request.GET.get("language"))
    try:
        person = people.person_of_link(ident, token)
    except Misused as trouble:
        text = advice.error_text(str(trouble.code), trouble.fields)
        return render(request, "web/password.html", {"text": text}, status=status_of(trouble))
    with translation.override(chosen or person.language):
        if request.method == "GET":
            return _choose(request, person, {})
        new = request.POST.get("password", "")
        if errors := _unequal(new, request.POST.get("again", "")):
            return _choose(request, person, errors)
        try:
            people.choose_password(ident, token, new, now=clock.now())
        except Misused as trouble:
            return _choose(request, person, {"password": _said(trouble)})
        messages.success(request, _("Your password is set. Sign in with it."))
        response = HttpResponseRedirect(reverse("sign-in"))
        keep_language(response, chosen or person.language)
        return response


def _unequal(new: str, again: str) -> dict[str, str]:
    return {} if new == again else {"again": _("The two passwords differ. Type the same one twice.")}


def _said(trouble: Misused) -> str:
    text = advice.error_text(str(trouble.code), trouble.fields)
    return str(trouble.fields.get("why", "")) or f"{text.sentence} {text.advice}"


def _account(request: Request, errors: dict[str, str]) -> HttpResponse:
    old = Asked(
        name="old",
        label=_("Present password"),
        kind="password",
        complete="current-password",
        error=errors.get("old", ""),
        needed=True,
    )
    context = {"fields": [old, *_new_password(errors)]}
    return render(request, "web/account.html", context, status=422 if errors else 200)


def _choose(request: HttpRequest, person: User, errors: dict[str, str]) -> HttpResponse:
    context = {"person": person, "fields": _new_password(errors), "text": None}
    return render(request, "web/password.html", context, status=422 if errors else 200)


def _new_password(errors: dict[str, str]) -> list[Asked]:
    return [
        Asked(
            name="password",
            label=_("New password"),
            kind="password",
            hint=_("At least 10 characters, and not one of those that everybody knows."),
            complete="new-password",
            error=errors.get("password", ""),
            needed=True,
        ),
        Asked(
            name="again",
            label=_("New password again"),
            kind="password",
            complete="new-password",
            error=errors.get("again", ""),
            needed=True,
        ),
    ]
