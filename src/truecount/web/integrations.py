"""PSA Integration: the partner's integrations and how each stands; making a new one."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.core.validators import MaxLengthValidator, validate_slug
from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods

from truecount.core.errors import Misused
from truecount.core.roles import Action
from truecount.core.schedule import next_due
from truecount.runs import advice, clock, flow, found
from truecount.store.models import Connection, Finding, Integration, Plan, Run
from truecount.web.asked import Asked, typed
from truecount.web.belongings import beside
from truecount.web.dialogs import dialog, go_on
from truecount.web.findings import needing_somebody
from truecount.web.plans import RunRow, run_rows
from truecount.web.request import Request
from truecount.web.rights import needs
from truecount.web.states import changes_in, mode_of, pending
from truecount.web.words import MODE_SENTENCES, MODES, SCHEDULES, Words

_LONGEST = MaxLengthValidator(50)


@dataclass(frozen=True, slots=True, kw_only=True)
class Waiting:
    """Something that waits for a person, and where."""

    text: str
    address: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    integration: Integration
    mode: Words
    mode_sentence: Words
    schedule: Words
    last: RunRow | None
    due: datetime | None
    waiting: list[Waiting]


@needs(Action.LOOK)
def psa_integration(request: Request) -> HttpResponse:
    beside(request)
    own = Integration.objects.filter(partner_id=request.user.partner_id).select_related("partner").order_by("slug")
    now = clock.now()
    return render(request, "web/psa_integration.html", {"rows": [_row(integration, now) for integration in own]})


@needs(Action.CREATE_INTEGRATION)
@require_http_methods(["GET", "POST"])
def new(request: Request) -> HttpResponse:
    """A short name is all it takes; it starts in *observe*."""
    beside(request)
    if request.method == "GET":
        partner = request.user.partner
        taken = Integration.objects.filter(slug=partner.slug).exists()
        return _form(request, "" if taken else partner.slug, "")
    slug = typed(request.POST.get("slug"))
    try:
        _LONGEST(slug)
        validate_slug(slug)
        made = found.create_integration(request.user.partner, slug.lower(), by=request.user, now=clock.now())
    except ValidationError:
        return _form(request, slug, _("Use up to 50 letters, digits and dashes, for example sophos."))
    except Misused as trouble:
        return _form(request, slug, advice.error_text(str(trouble.code), trouble.fields).sentence)
    messages.success(
        request, _("The integration is there. It only observes: nothing is written until you change that.")
    )
    return go_on(request, reverse("overview", args=[made.slug]))


def _form(request: Request, slug: str, error: str) -> HttpResponse:
    field = Asked(
        name="slug",
        label=_("Short name"),
        value=slug,
        hint=_("It stands in addresses and commands and can't be changed later."),
        error=error,
        needed=True,
    )
    return dialog(request, "web/integration_new.html", {"field": field}, status=422 if error else 200)


def due_of(integration: Integration, now: datetime) -> datetime | None:
    """The next moment of the schedule; none before both systems are connected."""
    if integration.connections.count() < 2:
        return None
    last = Run.objects.filter(integration=integration).order_by("-started_at").values_list("state", flat=True).first()
    return next_due(flow.schedule_of(integration), now, awaited=last == "not_ready")


def _row(integration: Integration, now: datetime) -> Row:
    mode = mode_of(integration)
    runs = run_rows(Run.objects.filter(integration=integration).select_related("by").order_by("-started_at")[:1])
    return Row(
        integration=integration,
        mode=MODES[mode],
        mode_sentence=MODE_SENTENCES[mode],
        schedule=SCHEDULES[flow.schedule_of(integration).kind],
        last=runs[0] if runs else None,
        due=due_of(integration, now),
        waiting=_waiting(integration, now),
    )


def _waiting(integration: Integration, now: datetime) -> list[Waiting]:
    """Unconnected systems first: without them nothing else moves."""
    kept = list(Connection.objects.filter(integration=integration).values_list("side", "missing"))
    found = []
    if len(kept) < 2:
        found.append(_to_connections(integration, _("Not connected yet")))
    missing = sum(len(rights) for _side, rights in kept)
    if missing:
        told = ngettext("%(count)d right is missing", "%(count)d rights are missing", missing) % {"count": missing}
        found.append(_to_connections(integration, told))
    plan = Plan.objects.filter(integration=integration).defer("inputs").order_by("-made_at", "-pk").first()
    if plan is not None and pending(plan, now) and changes_in(plan):
        told = _("Plan %(plan)d waits") % {"plan": plan.pk}
        found.append(Waiting(text=told, address=reverse("plan", args=[plan.pk])))
    number = needing_somebody(Finding.objects.filter(integration=integration)).count()
    if number:
        told = ngettext("%(count)d finding", "%(count)d findings", number) % {"count": number}
        found.append(Waiting(text=told, address=reverse("findings", args=[integration.slug])))
    return found


def _to_connections(integration: Integration, text: str) -> Waiting:
    return Waiting(text=text, address=reverse("connections", args=[integration.slug]))
