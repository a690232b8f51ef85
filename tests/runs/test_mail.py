"""Mails: who is told what, in which language, and that a mail server out of reach harms no run."""

from __future__ import annotations

import pytest
from django.core import mail
from pytest_django import Settings

from tests.store.rows import NOW, integration, run
from truecount.core.roles import Role
from truecount.runs import found
from truecount.runs.mail import mail_about
from truecount.store.models import Integration, Run

pytestmark = pytest.mark.django_db


@pytest.fixture
def where() -> Integration:
    row = integration()
    for name, role, language in (
        ("operator", Role.OPERATOR, "en"),
        ("approver", Role.APPROVER, "fr"),
        ("admin", Role.ADMIN, "en"),
    ):
        found.create_user(
            row.partner, f"{name}@msp.example", "long-enough-pass", role, language=language, by=None, now=NOW
        )
    return row


def ended(where: Integration, state: str, **more: object) -> Run:
    row = run(where)
    row.state, row.period = state, "2026-11"
    for name, value in more.items():
        setattr(row, name, value)
    return row


def test_it_works(where: Integration) -> None:
    mail_about(ended(where, "waiting"))
    assert [message.to for message in mail.outbox] == [["approver@msp.example"], ["admin@msp.example"]]
    french, english = mail.outbox
    assert "waits for you" in english.subject
    assert "2026-11" in english.subject
    assert "http" in english.body
    assert french.subject != english.subject, "the approver reads French"


def test_a_failed_run_says_why(where: Integration) -> None:
    mail_about(ended(where, "failed", error={"code": "unreachable", "fields": {"system": "Sophos Central"}}))
    assert "Sophos Central" in mail.outbox[-1].body


@pytest.mark.parametrize("state", ["done", "observed", "not_ready"])
def test_what_needs_nobody_is_not_mailed(where: Integration, state: str) -> None:
    mail_about(ended(where, state))
    assert mail.outbox == []


def test_mail_can_be_turned_off(where: Integration) -> None:
    where.policy = {"mail": "off"}
    mail_about(ended(where, "waiting"))
    assert mail.outbox == []


def test_a_mail_server_out_of_reach_is_only_noted(where: Integration, settings: Settings) -> None:
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", 9
    mail_about(ended(where, "waiting"))
