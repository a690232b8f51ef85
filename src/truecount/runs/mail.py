"""Mails to the people of a partner: a plan waits, a run failed, a schedule was missed."""

from __future__ import annotations

import logging
from smtplib import SMTPException

from django.conf import settings
from django.core.mail import send_mail
from django.template.loader import render_to_string
from django.utils import translation

from truecount.core.roles import Role
from truecount.runs import advice
from truecount.store.models import Run, User
from truecount.store.settings import value_of

logger = logging.getLogger(__name__)

_ABOUT = {
    "waiting": "plan_waits",
    "held": "plan_waits",
    "partial": "run_failed",
    "failed": "run_failed",
    "refused": "run_failed",
}


def mail_about(run: Run) -> None:
    """Tell approvers and admins when a run waits for them or went wrong."""
    about = _ABOUT.get(run.state)
    if about is None or not value_of(run.integration.policy, "mail"):
        return
    people = User.objects.filter(partner=run.integration.partner, is_active=True, role__gte=Role.APPROVER)
    for person in people:
        _send(person, about, run)


def _send(person: User, about: str, run: Run) -> None:
    with translation.override(person.language):
        error = advice.error_text(run.error["code"], run.error["fields"]) if run.error else None
        context = {"run": run, "error": error, "address": settings.TRUECOUNT_BASE_URL}
        text = render_to_string(f"mails/{about}.txt", context)
    subject, _, body = text.strip().partition("\n")
    try:
        send_mail(subject.strip(), body.strip(), None, [person.email])
    except (SMTPException, OSError) as error_sending:
        logger.warning("A mail was not sent", extra={"action": "mail", "to": person.pk, "why": str(error_sending)})
