"""Setting up: partners, users, integrations and their connections, which are checked before they count."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.db import transaction

from truecount.connectors import kinds
from truecount.connectors.kinds import Side
from truecount.core.errors import ErrorCode, Misused
from truecount.core.ports import Checked
from truecount.core.roles import Action, Role
from truecount.runs import labels
from truecount.runs.audit import record, require
from truecount.runs.collect import read_billing
from truecount.runs.remote import Tape, connection_of, hasty, psa_of, psa_settings, source_of, vendor_settings
from truecount.store.configurations import load_configuration
from truecount.store.models import Connection, Integration, Partner, User
from truecount.store.seals import seal


@transaction.atomic
def create_partner(slug: str, *, name: str = "", time_zone: str = "UTC", by: User | None, now: datetime) -> Partner:
    require(by, Action.CREATE_INTEGRATION)
    if Partner.objects.filter(slug=slug).exists():
        raise Misused(ErrorCode.NAME_TAKEN, name=slug)
    partner = Partner.objects.create(slug=slug, name=name or slug, time_zone=time_zone, made_at=now)
    record("create_partner", slug, by=by, now=now, partner=partner)
    return partner


@transaction.atomic
def create_user(
    partner: Partner,
    email: str,
    password: str | None,
    role: Role,
    *,
    language: str = "en",
    by: User | None,
    now: datetime,
) -> User:
    """An account; the password is checked against the usual rules. Without one it takes a link to choose it."""
    require(by, Action.KEEP_USERS)
    if User.objects.filter(email__iexact=email).exists():
        raise Misused(ErrorCode.NAME_TAKEN, name=email)
    user = User(email=email.lower(), partner=partner, role=role.value, language=language, made_at=now)
    if password is not None:
        check_password(password, user)
    user.set_password(password)
    user.save()
    record("create_user", user.email, by=by, now=now, partner=partner, after={"role": role.name.lower()})
    return user


def check_password(password: str, user: User) -> None:
    """Refuse what is too short or too well known; the password itself is never told."""
    try:
        validate_password(password, user)
    except ValidationError as error:
        raise Misused(ErrorCode.BAD_VALUE, name="password", value="…", why=" ".join(error.messages)) from None


@transaction.atomic
def create_integration(partner: Partner, slug: str, *, by: User | None, now: datetime) -> Integration:
    """A new integration starts in *observe*."""
    require(by, Action.CREATE_INTEGRATION)
    if Integration.objects.filter(slug=slug).exists():
        raise Misused(ErrorCode.NAME_TAKEN, name=slug)
    integration = Integration.objects.create(partner=partner, slug=slug, made_at=now)
    record("create_integration", slug, by=by, now=now, integration=integration)
    return integration


def connect(
    integration: Integration, kind: str, fields: Mapping[str, str], secret: str, *, by: User | None, now: datetime
) -> Checked:
    """Check credentials against the remote system, then keep them sealed. Refused ones are not kept."""
    require(by, Action.CONNECT)
    side = kinds.KINDS[kind].side
    tape = Tape()
    if side == "vendor":
        source = kinds.open_source(
            kind, fields, secret, record=tape.recorder(side), settings=hasty(vendor_settings(integration.policy))
        )
        try:
            checked, identity = source.check(), ""
        finally:
            source.close()
    else:
        psa = kinds.open_psa(
            kind, fields, secret, record=tape.recorder(side), settings=hasty(psa_settings(integration.policy))
        )
        try:
            checked, identity = psa.check(), psa.identity()
        finally:
            psa.close()
    with transaction.atomic():
        _keep(integration, side, kind, fields, secret, checked, identity or checked.identity, now)
        record(
            "connect",
            kind,
            by=by,
            now=now,
            integration=integration,
            after={"fields": dict(fields), "missing": [str(right) for right in checked.missing]},
        )
    return checked


def _keep(
    integration: Integration,
    side: str,
    kind: str,
    fields: Mapping[str, str],
    secret: str,
    checked: Checked,
    identity: str,
    now: datetime,
) -> None:
    Connection.objects.update_or_create(
        integration=integration,
        side=side,
        defaults={
            "kind": kind,
            "fields": dict(fields),
            "sealed": seal(secret),
            "checked_at": now,
            "identity": identity,
            "missing": [str(right) for right in checked.missing],
            "excess": [str(right) for right in checked.excess],
            "notes": dict(checked.notes or {}),
        },
    )


def keep_check(row: Connection, checked: Checked, now: datetime) -> None:
    """Note what a new check of a kept connection found."""
    row.checked_at = now
    row.missing = [str(right) for right in checked.missing]
    row.excess = [str(right) for right in checked.excess]
    row.notes = dict(checked.notes or {})
    row.save(update_fields=["checked_at", "missing", "excess", "notes"])


def check_again(integration: Integration, side: str, *, by: User | None, now: datetime) -> Checked:
    """Check a kept connection anew and note what was found; an error leaves the last check as it was."""
    require(by, Action.CONNECT)
    row, tape = connection_of(integration, side), Tape()
    if side == Side.VENDOR:
        with source_of(integration, tape, hasty) as source:
            checked = source.check()
    else:
        with psa_of(integration, tape, hasty) as psa:
            checked = psa.check()
    with transaction.atomic():
        keep_check(row, checked, now)
        told = {"missing": [str(right) for right in checked.missing]}
        record("check_connection", row.kind, by=by, now=now, integration=integration, after=told)
    return checked


def refresh_labels(integration: Integration, side: str, now: datetime) -> None:
    """What there is to map on one side, read before the first run."""
    (refresh_vendor_labels if side == Side.VENDOR else refresh_psa_labels)(integration, now)


def refresh_psa_labels(integration: Integration, now: datetime) -> None:
    """Read companies, agreements and catalog, so that there is something to map to before the first run."""
    tape = Tape()
    with psa_of(integration, tape) as psa:
        billing = read_billing(psa, load_configuration(integration), frozenset())
    with transaction.atomic():
        labels.refresh_psa(integration, billing, now)


def refresh_vendor_labels(integration: Integration, now: datetime) -> None:
    """Read the vendor's customers, so that there is something to map before the first run."""
    tape = Tape()
    with source_of(integration, tape) as vendor:
        customers = vendor.list_customers()
    with transaction.atomic():
        labels.refresh_customers(integration, customers, now)
