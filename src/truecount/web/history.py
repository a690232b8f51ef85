"""What was written and what people did: the ledger and the audit trail, read only."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.db.models import Q
from django.http import HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from truecount.core.roles import Action
from truecount.store.models import AuditEvent, Integration, LedgerEvent
from truecount.web.belongings import integration_of
from truecount.web.labels import Labels, labels_of, named
from truecount.web.request import Request
from truecount.web.rights import needs
from truecount.web.sheets import Cell, sheet
from truecount.web.tables import Column, Filter, Table
from truecount.web.words import CHANGES, Mark, Tone, Words

EVENTS = {
    "intent": Mark(word=pgettext_lazy("ledger", "Intent"), tone=Tone.BUSY, shape="pencil"),
    "answer": Mark(word=pgettext_lazy("ledger", "Answer"), tone=Tone.GOOD, shape="circle-check"),
    "found": Mark(word=pgettext_lazy("ledger", "Found"), tone=Tone.GOOD, shape="search-check"),
}
NOT_DONE = Mark(word=pgettext_lazy("ledger", "Not written"), tone=Tone.BAD, shape="circle-x")

ACTS: dict[str, Words] = {
    "approve": pgettext_lazy("act", "Approved a plan"),
    "release": pgettext_lazy("act", "Released a hold"),
    "tick": pgettext_lazy("act", "Took customers back into a plan"),
    "untick": pgettext_lazy("act", "Left customers out of a plan"),
    "map_product": pgettext_lazy("act", "Mapped a product"),
    "map_customer": pgettext_lazy("act", "Mapped a customer"),
    "map_rule": pgettext_lazy("act", "Changed a quantity rule"),
    "switch_product": pgettext_lazy("act", "Switched Sync of a product"),
    "switch_customer": pgettext_lazy("act", "Switched usage sync of a customer"),
    "refresh_customers": pgettext_lazy("act", "Refreshed customer details"),
    "ask_item": pgettext_lazy("act", "Sent a new product to ConnectWise PSA"),
    "create_item": pgettext_lazy("act", "Added a ConnectWise product"),
    "fail_item": pgettext_lazy("act", "ConnectWise PSA did not add the product"),
    "edit_item": pgettext_lazy("act", "Edited a ConnectWise product"),
    "set_policy": pgettext_lazy("act", "Changed the policy"),
    "bill_anyway": pgettext_lazy("act", "Switched billing anyway of a customer"),
    "bill_again": pgettext_lazy("act", "Billed a line again"),
    "map_override": pgettext_lazy("act", "Set an exception for a customer"),
    "import": pgettext_lazy("act", "Imported a configuration"),
    "connect": pgettext_lazy("act", "Connected a system"),
    "check_connection": pgettext_lazy("act", "Checked a connection"),
    "create_partner": pgettext_lazy("act", "Created the partner"),
    "create_user": pgettext_lazy("act", "Created a user"),
    "change_role": pgettext_lazy("act", "Changed a role"),
    "activate_user": pgettext_lazy("act", "Activated a user"),
    "deactivate_user": pgettext_lazy("act", "Deactivated a user"),
    "make_link": pgettext_lazy("act", "Made a link to choose a password"),
    "reset_password": pgettext_lazy("act", "Reset a password"),
    "change_password": pgettext_lazy("act", "Changed their own password"),
    "create_integration": pgettext_lazy("act", "Created an integration"),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One ledger event. `before` and `after` are told by intents, `quantity` by answers."""

    event: LedgerEvent
    mark: Mark
    change: Words
    company: str
    agreement: str
    item: str
    before: Decimal | None
    after: Decimal | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Act:
    event: AuditEvent
    word: Words
    name: str
    before: str
    after: str


@needs(Action.LOOK)
def audit(request: Request, slug: str) -> HttpResponse:
    integration = integration_of(request, slug)
    rows = AuditEvent.objects.filter(partner=integration.partner_id).select_related("by")
    rows = rows.filter(Q(integration=integration) | Q(integration=None))
    listing = _AUDIT.read(rows, request.GET)
    if request.GET.get("format") == "csv":
        return sheet("audit", _AUDIT_HEAD, _audit_cells(_acts(integration, listing.rows)))
    context = {"listing": listing, "acts": _acts(integration, listing.page.object_list), "tab": "audit"}
    return render(request, "web/audit.html", context)


@needs(Action.LOOK)
def ledger(request: Request, slug: str) -> HttpResponse:
    integration = integration_of(request, slug)
    listing = _ledger(integration).read(LedgerEvent.objects.filter(integration=integration), request.GET)
    if request.GET.get("format") == "csv":
        return sheet("ledger", _LEDGER_HEAD, _ledger_cells(_entries(integration, listing.rows)))
    context = {"listing": listing, "entries": _entries(integration, listing.page.object_list), "tab": "ledger"}
    return render(request, "web/ledger.html", context)


def _acts(integration: Integration, events: Iterable[AuditEvent]) -> list[Act]:
    """Acts about a customer or a vendor product show its name, too."""
    events = list(events)
    subjects = {event.subject for event in events}
    labels = labels_of(integration, customers=subjects, products=subjects)
    names = labels.customers | labels.products
    return [_act(event, names.get(event.subject, "")) for event in events]


def _act(event: AuditEvent, name: str) -> Act:
    word = ACTS.get(event.action, event.action)
    return Act(event=event, word=word, name=name, before=_told(event.before), after=_told(event.after))


def _told(kept: Any) -> str:
    """`mode: review, hour: 03:00`: what was kept, in a line."""
    match kept:
        case None:
            return ""
        case dict():
            return ", ".join(f"{name}: {_told(value)}" for name, value in kept.items())
        case list():
            return ", ".join(_told(value) for value in kept)
        case _:
            return str(kept)


def _entries(integration: Integration, events: Iterable[LedgerEvent]) -> list[Entry]:
    events = list(events)
    labels = labels_of(
        integration, agreements=(event.agreement for event in events), items=(event.item for event in events)
    )
    return [_entry(event, labels) for event in events]


def _entry(event: LedgerEvent, labels: Labels) -> Entry:
    told = event.told
    change = CHANGES.get(told.get("kind", ""))
    return Entry(
        event=event,
        mark=NOT_DONE if told.get("done") is False else EVENTS[event.kind],
        change=change.word if change else "",
        company=labels.company_of(event.agreement),
        agreement=labels.agreement(event.agreement),
        item=labels.item(event.item),
        before=_number(told.get("before")),
        after=_number(told.get("after", told.get("quantity"))),
    )


def _number(text: str | None) -> Decimal | None:
    return None if text is None else Decimal(text)


def _ledger(integration: Integration) -> Table[LedgerEvent]:
    return Table(
        columns=(
            Column(key="number", title=_("No."), order=("number",), number=True, descending_first=True),
            Column(key="at", title=_("When"), order=("at",), descending_first=True),
            Column(key="event", title=_("Event")),
            Column(key="line", title=_("Agreement line")),
            Column(key="quantity", title=_("Quantity"), number=True),
            Column(key="run", title=_("Run"), order=("run",), descending_first=True),
        ),
        usual="-number",
        search=lambda events, text: events.filter(_about(integration, text)),
        filters=(
            Filter(
                "event",
                _("Event"),
                [("", _("All events")), *((kind, mark.word) for kind, mark in EVENTS.items())],
                lambda events, kind: events.filter(kind=kind),
            ),
        ),
    )


def _about(integration: Integration, text: str) -> Q:
    found = named(integration, text)
    return Q(agreement__in=found.agreements) | Q(item__in=found.items)


_AUDIT: Table[AuditEvent] = Table(
    columns=(
        Column(key="at", title=_("When"), order=("at",), descending_first=True),
        Column(key="who", title=_("Who"), order=("by__email",)),
        Column(key="what", title=_("What"), order=("action",)),
        Column(key="subject", title=_("About"), order=("subject",)),
        Column(key="change", title=_("Before and after")),
    ),
    usual="-at",
    search=lambda events, text: events.filter(Q(subject__icontains=text) | Q(by__email__icontains=text)),
    filters=(
        Filter(
            "what",
            _("What"),
            [("", _("All acts")), *ACTS.items()],
            lambda events, action: events.filter(action=action),
        ),
    ),
)
_AUDIT_HEAD: tuple[Cell, ...] = (_("When"), _("Who"), _("What"), _("About"), _("Name"), _("Before"), _("After"))
_LEDGER_HEAD: tuple[Cell, ...] = (
    _("No."),
    _("When"),
    _("Event"),
    _("Change"),
    _("ConnectWise company"),
    _("Agreement"),
    _("ConnectWise product"),
    _("Before"),
    _("After"),
    _("Run"),
    _("Hash"),
)


def _audit_cells(acts: Iterable[Act]) -> Iterator[tuple[Cell, ...]]:
    for act in acts:
        event = act.event
        who = event.by.email if event.by else "Truecount"
        yield (event.at, who, act.word, event.subject, act.name, act.before, act.after)


def _ledger_cells(entries: Iterable[Entry]) -> Iterator[tuple[Cell, ...]]:
    for entry in entries:
        event = entry.event
        line = (entry.company, entry.agreement, entry.item)
        numbers = (entry.before, entry.after, event.run_id, event.hash)
        yield (event.number, event.at, entry.mark.word, entry.change, *line, *numbers)
