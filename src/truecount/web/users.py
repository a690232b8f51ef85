"""Users and roles, for administrators: who may sign in and do what; new passwords and links to choose one."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from django.contrib import messages
from django.contrib.auth import update_session_auth_hash
from django.core.exceptions import ValidationError
from django.core.validators import MaxLengthValidator, validate_email
from django.db.models import QuerySet
from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_POST

from truecount.core.errors import ErrorCode, Misused, Trouble
from truecount.core.roles import Action, Role
from truecount.runs import advice, clock, found, people
from truecount.store.models import User
from truecount.web.asked import Asked, options_of, typed
from truecount.web.belongings import beside
from truecount.web.dialogs import dialog, go_on
from truecount.web.failures import status_of
from truecount.web.preferences import known_language
from truecount.web.request import Request
from truecount.web.rights import needs
from truecount.web.sheets import Cell, sheet
from truecount.web.tables import Column, Filter, Table
from truecount.web.words import LANGUAGES, ROLE_SENTENCES, ROLES, USER_OFF, USER_ON, Mark, Words


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    user: User
    role: Words
    language: Words
    mark: Mark


@needs(Action.KEEP_USERS)
def users(request: Request) -> HttpResponse:
    beside(request)
    listing = _TABLE.read(_own(request), request.GET)
    if request.GET.get("format") == "csv":
        return sheet("users", _HEAD, _cells(_rows(listing.rows)))
    return render(request, "web/users.html", {"listing": listing, "rows": _rows(listing.page.object_list)})


@needs(Action.KEEP_USERS)
@sensitive_post_parameters("password")
@require_http_methods(["GET", "POST"])
def new(request: Request) -> HttpResponse:
    """A new account, with a password or with a link that lets the person choose one."""
    beside(request)
    given = {name: typed(request.POST.get(name)) for name in ("email", "role", "language")}
    if request.method == "GET":
        return _new_form(request, given, {})
    password = request.POST.get("password", "")
    if errors := _wrong(given):
        return _new_form(request, given, errors, status=422)
    try:
        made = _create(request, given, password or None)
    except Misused as trouble:
        return _new_form(request, given, {_place_of(trouble): _said(trouble)}, status=422)
    told = _("%(user)s can sign in.") if password else _("%(user)s is added. Make a one-time link for the password.")
    messages.success(request, told % {"user": made.email})
    return go_on(request, reverse("user", args=[made.pk]))


def _create(request: Request, given: dict[str, str], password: str | None) -> User:
    return found.create_user(
        request.user.partner,
        given["email"],
        password,
        Role(int(given["role"])),
        language=given["language"],
        by=request.user,
        now=clock.now(),
    )


@needs(Action.KEEP_USERS)
@require_http_methods(["GET", "POST"])
def user(request: Request, pk: int) -> HttpResponse:
    """One person; what is sent is the role, or whether the account is active."""
    person = _person(request, pk)
    if request.method == "GET":
        return _page(request, person)
    try:
        _change(request, person)
    except Trouble as trouble:
        return _page(request, _person(request, pk), trouble=trouble)
    return HttpResponseRedirect(reverse("users" if "active" in request.POST else "user", args=_args(request, pk)))


def _args(request: Request, pk: int) -> list[int]:
    return [] if "active" in request.POST else [pk]


def _change(request: Request, person: User) -> None:
    now = clock.now()
    if "active" in request.POST:
        active = request.POST["active"] == "on"
        people.set_active(person, active, by=request.user, now=now)
        told = _("%(user)s can sign in again.") if active else _("%(user)s is deactivated and signed out.")
        messages.success(request, told % {"user": person.email})
        return
    role, seen = typed(request.POST.get("role")), typed(request.POST.get("seen"))
    if role not in _ROLE_CHOICES or seen not in _ROLE_CHOICES:
        raise Misused(ErrorCode.BAD_VALUE, name="role", value=role, choices=[str(word) for word in ROLES.values()])
    people.change_role(person, Role(int(role)), seen=int(seen), by=request.user, now=now)
    messages.success(request, _("%(user)s is now: %(role)s.") % {"user": person.email, "role": ROLES[int(role)]})


@needs(Action.KEEP_USERS)
@require_POST
def link(request: Request, pk: int) -> HttpResponse:
    """A link for one choosing of a password, shown this once; it is kept nowhere."""
    person = _person(request, pk)
    words = people.make_link(person, by=request.user, now=clock.now())
    return _page(request, person, link=request.build_absolute_uri(reverse("password", args=words)))


@needs(Action.KEEP_USERS)
@sensitive_post_parameters("password")
@require_POST
def password(request: Request, pk: int) -> HttpResponse:
    person = _person(request, pk)
    try:
        changed = people.set_password(person, request.POST.get("password", ""), by=request.user, now=clock.now())
    except Misused as trouble:
        return _page(request, person, password_error=_said(trouble))
    if changed.pk == request.user.pk:
        update_session_auth_hash(request, changed)
    messages.success(request, _("The new password of %(user)s is set.") % {"user": person.email})
    return HttpResponseRedirect(reverse("user", args=[pk]))


def _own(request: Request) -> QuerySet[User]:
    return User.objects.filter(partner_id=request.user.partner_id)


def _person(request: Request, pk: int) -> User:
    beside(request)
    return get_object_or_404(_own(request), pk=pk)


def _wrong(given: dict[str, str]) -> dict[str, str]:
    errors = {}
    try:
        MaxLengthValidator(254)(given["email"])
        validate_email(given["email"])
    except ValidationError:
        errors["email"] = _("Enter an e-mail, for example anna@example.com.")
    if given["role"] not in _ROLE_CHOICES:
        errors["role"] = _("Choose a role.")
    if known_language(given["language"]) is None:
        errors["language"] = _("Choose a language.")
    return errors


def _place_of(trouble: Misused) -> str:
    return "password" if trouble.fields.get("name") == "password" else "email"


def _said(trouble: Misused) -> str:
    """What is wrong, beside the field: for a password the rules it breaks, and never the password."""
    why = str(trouble.fields.get("why", ""))
    return why or advice.error_text(str(trouble.code), trouble.fields).sentence


def _new_form(request: Request, given: dict[str, str], errors: dict[str, str], status: int = 200) -> HttpResponse:
    hint = _("Leave it empty to get a link with which the person chooses one.")
    context = {
        "fields": [
            Asked(
                name="email",
                label=_("E-mail"),
                kind="email",
                value=given["email"],
                error=errors.get("email", ""),
                needed=True,
            ),
            _role_field(given["role"] or str(Role.VIEWER.value), errors.get("role", "")),
            Asked(
                name="language",
                label=_("Language"),
                kind="select",
                options=options_of(LANGUAGES, given["language"] or request.user.language),
                error=errors.get("language", ""),
            ),
            Asked(
                name="password",
                label=_("Password"),
                kind="password",
                hint=hint,
                complete="new-password",
                error=errors.get("password", ""),
            ),
        ]
    }
    return dialog(request, "web/user_new.html", context, status=status)


def _role_field(chosen: str, error: str = "") -> Asked:
    choices = [(value, f"{ROLES[int(value)]} – {ROLE_SENTENCES[int(value)]}") for value in _ROLE_CHOICES]
    hint = _("Each role may do all that the ones before it may.")
    return Asked(
        name="role", label=_("Role"), kind="select", hint=hint, options=options_of(choices, chosen), error=error
    )


def _page(
    request: Request, person: User, *, trouble: Trouble | None = None, link: str = "", password_error: str = ""
) -> HttpResponse:
    context = {
        "person": person,
        "mark": USER_ON if person.is_active else USER_OFF,
        "role_field": _role_field(str(person.role)),
        "password_field": Asked(
            name="password",
            label=_("New password"),
            kind="password",
            hint=_("At least 10 characters, and not one of those that everybody knows."),
            complete="new-password",
            error=password_error,
        ),
        "text": advice.error_text(str(trouble.code), trouble.fields) if trouble else None,
        "link": link,
    }
    status = status_of(trouble) if trouble else 422 if password_error else 200
    return render(request, "web/user.html", context, status=status)


def _rows(found: Iterable[User]) -> list[Row]:
    languages = dict(LANGUAGES)
    return [
        Row(
            user=one,
            role=ROLES[one.role],
            language=languages.get(one.language, one.language),
            mark=USER_ON if one.is_active else USER_OFF,
        )
        for one in found
    ]


_ROLE_CHOICES = [str(role.value) for role in Role]
_TABLE: Table[User] = Table(
    columns=(
        Column(key="email", title=gettext_lazy("E-mail"), order=("email",)),
        Column(key="role", title=gettext_lazy("Role"), order=("role",), descending_first=True),
        Column(key="language", title=gettext_lazy("Language"), order=("language",)),
        Column(key="state", title=gettext_lazy("State"), order=("is_active",)),
        Column(key="seen", title=gettext_lazy("Last signed in"), order=("last_login",), descending_first=True),
    ),
    usual="email",
    search=lambda found, text: found.filter(email__icontains=text),
    filters=(
        Filter(
            "role",
            gettext_lazy("Role"),
            [("", gettext_lazy("All roles")), *((str(role), word) for role, word in ROLES.items())],
            lambda found, role: found.filter(role=int(role)),
        ),
        Filter(
            "state",
            gettext_lazy("State"),
            [
                ("", gettext_lazy("All users")),
                ("on", pgettext_lazy("user", "Active")),
                ("off", pgettext_lazy("user", "Deactivated")),
            ],
            lambda found, state: found.filter(is_active=state == "on"),
        ),
    ),
)
_HEAD: tuple[Cell, ...] = (
    gettext_lazy("E-mail"),
    gettext_lazy("Role"),
    gettext_lazy("Language"),
    gettext_lazy("State"),
    gettext_lazy("Last signed in"),
)


def _cells(rows: Iterable[Row]) -> Iterator[tuple[Cell, ...]]:
    for row in rows:
        yield (row.user.email, row.role, row.language, row.mark.word, row.user.last_login)
