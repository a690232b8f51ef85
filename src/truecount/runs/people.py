"""Who may sign in: roles, deactivating, passwords and the link that lets a person choose one. Each is audited."""

from __future__ import annotations

from datetime import datetime

from django.contrib.auth.tokens import default_token_generator as tokens
from django.db import transaction
from django.utils.encoding import force_str
from django.utils.http import urlsafe_base64_decode, urlsafe_base64_encode

from truecount.core.errors import ErrorCode, Misused, Stale
from truecount.core.roles import Action, Role
from truecount.runs.audit import record, require
from truecount.runs.found import check_password
from truecount.store.models import Partner, User


@transaction.atomic
def change_role(person: User, role: Role, *, seen: int, by: User | None, now: datetime) -> User:
    """`seen` is the role that was shown when it was changed. The last active administrator stays one."""
    require(by, Action.KEEP_USERS)
    person = _locked(person)
    if person.role != seen:
        raise Stale(ErrorCode.EDITED_MEANWHILE, user=person.email)
    if person.role == role.value:
        return person
    if role is not Role.ADMIN:
        _keep_an_admin(person)
    before = Role(person.role)
    person.role = role.value
    person.save(update_fields=["role"])
    record(
        "change_role",
        person.email,
        by=by,
        now=now,
        partner=person.partner,
        before={"role": before.name.lower()},
        after={"role": role.name.lower()},
    )
    return person


@transaction.atomic
def set_active(person: User, active: bool, *, by: User | None, now: datetime) -> User:
    """Who is deactivated can't sign in, and is out at once where signed in; what they did stays in the history."""
    require(by, Action.KEEP_USERS)
    person = _locked(person)
    if person.is_active == active:
        return person
    if not active:
        _keep_an_admin(person)
    person.is_active = active
    person.save(update_fields=["is_active"])
    record("activate_user" if active else "deactivate_user", person.email, by=by, now=now, partner=person.partner)
    return person


@transaction.atomic
def set_password(person: User, password: str, *, by: User | None, now: datetime) -> User:
    """A new password typed by an administrator; whoever was signed in with the old one is out."""
    require(by, Action.KEEP_USERS)
    person = _locked(person)
    _keep_password(person, password)
    record("reset_password", person.email, by=by, now=now, partner=person.partner)
    return person


@transaction.atomic
def change_own_password(person: User, old: str, new: str, *, now: datetime) -> User:
    person = _locked(person)
    if not person.check_password(old):
        raise Misused(ErrorCode.NOT_YOURS, user=person.email)
    _keep_password(person, new)
    record("change_password", person.email, by=person, now=now, partner=person.partner)
    return person


@transaction.atomic
def make_link(person: User, *, by: User | None, now: datetime) -> tuple[str, str]:
    """Two words of an address at which the person chooses a password: once, within three days.

    Nothing of it is kept: it is signed, and void as soon as the password or the last signing in is another.
    """
    require(by, Action.KEEP_USERS)
    record("make_link", person.email, by=by, now=now, partner=person.partner)
    return urlsafe_base64_encode(str(person.pk).encode()), tokens.make_token(person)


def person_of_link(ident: str, token: str) -> User:
    """Whose link it is; refused alike whether it is used up, too old or made up."""
    try:
        person = User.objects.filter(pk=int(force_str(urlsafe_base64_decode(ident))), is_active=True).first()
    except (ValueError, OverflowError):
        person = None
    if person is None or not tokens.check_token(person, token):
        raise Misused(ErrorCode.LINK_USED)
    return person


@transaction.atomic
def choose_password(ident: str, token: str, password: str, *, now: datetime) -> User:
    """What the link is for; it does not work a second time."""
    person = _locked(person_of_link(ident, token))
    if not tokens.check_token(person, token):
        raise Misused(ErrorCode.LINK_USED)
    _keep_password(person, password)
    record("change_password", person.email, by=person, now=now, partner=person.partner)
    return person


def _keep_password(person: User, password: str) -> None:
    check_password(password, person)
    person.set_password(password)
    person.save(update_fields=["password"])


def _locked(person: User) -> User:
    """All changes to the people of a partner one after the other: two administrators can't remove each other."""
    Partner.objects.select_for_update().get(pk=person.partner_id)
    return User.objects.select_related("partner").get(pk=person.pk)


def _keep_an_admin(person: User) -> None:
    others = User.objects.filter(partner=person.partner_id, role=Role.ADMIN.value, is_active=True).exclude(pk=person.pk)
    if person.is_active and person.role == Role.ADMIN.value and not others.exists():
        raise Misused(ErrorCode.LAST_ADMIN, user=person.email)
