"""Usage sync settings: with the monthly invoice, once a month or once a day; and what comes of the choice."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from zoneinfo import ZoneInfo, available_timezones

from django.contrib import messages
from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from truecount.core.errors import Misused, Trouble
from truecount.core.roles import Action
from truecount.core.schedule import Kind, Schedule, due_moments
from truecount.runs import advice, clock, configure, flow
from truecount.runs.audit import require
from truecount.store.models import Integration, Run, VendorProduct
from truecount.store.settings import check_setting, policy_mark
from truecount.web import figures
from truecount.web.asked import Asked, options_of, typed
from truecount.web.belongings import integration_of
from truecount.web.failures import status_of
from truecount.web.request import Request
from truecount.web.rights import needs
from truecount.web.words import SCHEDULE_SENTENCES, SCHEDULES, Words

_SHOWN = 3
_DAYS = range(1, 32)


@dataclass(frozen=True, slots=True, kw_only=True)
class Option:
    kind: str
    title: Words
    sentence: Words
    chosen: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Moment:
    """Told in the zone of the schedule, whatever the reader's own is."""

    at: datetime
    told: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Chosen:
    """What stands in the form."""

    kind: str
    day: str
    hour: str
    time_zone: str

    @property
    def schedule(self) -> str:
        return f"{self.kind}:{self.day}" if self.kind == Kind.MONTHLY else self.kind

    def settings(self) -> dict[str, str]:
        return {"schedule": self.schedule, "hour": self.hour, "time_zone": self.time_zone}


@needs(Action.LOOK)
@require_http_methods(["GET", "POST"])
def sync_settings(request: Request, slug: str) -> HttpResponse:
    """Asked with a choice in the address, it shows what would come of it and keeps nothing."""
    integration = integration_of(request, slug)
    kept = _kept(integration)
    if request.method == "GET":
        chosen = _given(request.GET, kept) if "kind" in request.GET else kept
        return _page(request, integration, chosen)
    require(request.user, Action.SET_POLICY)
    chosen = _given(request.POST, kept)
    errors = _errors(chosen)
    if errors:
        return _page(request, integration, chosen, errors, status=422)
    try:
        seen = request.POST.get("seen", "")
        configure.set_policy(integration, chosen.settings(), by=request.user, now=clock.now(), seen=seen)
    except Trouble as trouble:
        text = advice.error_text(str(trouble.code), trouble.fields)
        return _page(request, Integration.objects.get(pk=integration.pk), chosen, text=text, status=status_of(trouble))
    messages.success(request, _("The sync settings are saved."))
    return HttpResponseRedirect(reverse("sync-settings", args=[slug]))


def _kept(integration: Integration) -> Chosen:
    schedule = flow.schedule_of(integration)
    return Chosen(
        kind=schedule.kind,
        day=str(schedule.day or 1),
        hour=f"{schedule.hour:02d}:{schedule.minute:02d}",
        time_zone=str(integration.policy.get("time_zone", "")),
    )


def _given(given: Mapping[str, str], kept: Chosen) -> Chosen:
    return Chosen(
        kind=typed(given.get("kind")) or kept.kind,
        day=typed(given.get("day")) or kept.day,
        hour=typed(given.get("hour")),
        time_zone=typed(given.get("time_zone")),
    )


def _errors(chosen: Chosen) -> dict[str, str]:
    """By field; a day that is no day is the schedule's."""
    errors = {}
    for name, text in chosen.settings().items():
        try:
            check_setting(name, text)
        except Misused:
            errors[name] = _WRONG[name]()
    return errors


_WRONG = {
    "schedule": lambda: _("Choose one of the three; the day of the month is a number from 1 to 31."),
    "hour": lambda: _("Enter a time of day, for example 03:00."),
    "time_zone": lambda: _("Choose a time zone from the list."),
}


def _page(
    request: Request,
    integration: Integration,
    chosen: Chosen,
    errors: Mapping[str, str] | None = None,
    *,
    text: advice.Text | None = None,
    status: int = 200,
) -> HttpResponse:
    errors = errors or _errors(chosen)
    context = {
        "options": [
            Option(kind=kind, title=title, sentence=SCHEDULE_SENTENCES[kind], chosen=kind == chosen.kind)
            for kind, title in SCHEDULES.items()
        ],
        "chosen": chosen,
        "day": _day(chosen),
        "hour": _hour(chosen, errors),
        "zone": _zone(integration, chosen, errors),
        "schedule_error": errors.get("schedule", ""),
        "moments": [] if errors else _moments(integration, chosen),
        "zone_name": chosen.time_zone or integration.partner.time_zone,
        "firewalls": VendorProduct.objects.filter(integration=integration, firewall=True).count(),
        "with_invoice": chosen.kind == Kind.INVOICE,
        "seen": policy_mark(integration.policy),
        "text": text,
    }
    return render(request, "web/sync_settings.html", context, status=status)


def _day(chosen: Chosen) -> Asked:
    days = [(str(day), str(day)) for day in _DAYS]
    hint = _("For once a month; in a shorter month, its last day.")
    return Asked(
        name="day", label=_("Day of the month"), kind="select", hint=hint, options=options_of(days, chosen.day)
    )


def _hour(chosen: Chosen, errors: Mapping[str, str]) -> Asked:
    return Asked(name="hour", label=_("Time of day"), kind="time", value=chosen.hour, error=errors.get("hour", ""))


def _zone(integration: Integration, chosen: Chosen, errors: Mapping[str, str]) -> Asked:
    own = _("The partner’s (%(zone)s)") % {"zone": integration.partner.time_zone}
    zones = _zones() if chosen.time_zone in ("", *_zones()) else (chosen.time_zone, *_zones())
    choices: list[tuple[str, Words]] = [("", own), *((zone, zone.replace("_", " ")) for zone in zones)]
    return Asked(
        name="time_zone",
        label=_("Time zone"),
        kind="select",
        options=options_of(choices, chosen.time_zone),
        error=errors.get("time_zone", ""),
        wide=True,
    )


@cache
def _zones() -> tuple[str, ...]:
    """Places and UTC; not the old names that stand for the same."""
    places = (
        "Africa/",
        "America/",
        "Antarctica/",
        "Asia/",
        "Atlantic/",
        "Australia/",
        "Europe/",
        "Indian/",
        "Pacific/",
    )
    return ("UTC", *sorted(zone for zone in available_timezones() if zone.startswith(places)))


def _moments(integration: Integration, chosen: Chosen) -> list[Moment]:
    hour, minute = chosen.hour.split(":")[:2]
    zone = chosen.time_zone or integration.partner.time_zone
    schedule = Schedule.parse(chosen.schedule, hour=int(hour), minute=int(minute), zone=zone)
    last = Run.objects.filter(integration=integration).order_by("-started_at").values_list("state", flat=True).first()
    moments = due_moments(schedule, clock.now(), _SHOWN, awaited=last == "not_ready")
    with timezone.override(ZoneInfo(zone)):
        return [Moment(at=at, told=figures.moment(at)) for at in moments]
