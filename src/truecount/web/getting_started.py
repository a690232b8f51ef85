"""The way from an empty installation to the first plan: five steps, each with its page; gone when all are done."""

from __future__ import annotations

from dataclasses import dataclass, replace

from django.urls import reverse
from django.utils.translation import gettext as _

from truecount.core.roles import Action
from truecount.store.models import (
    Connection,
    Customer,
    CustomerMapping,
    Integration,
    Plan,
    ProductMappingCode,
    VendorProduct,
)

DONE, NEXT, LATER = "done", "next", "later"


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """`needs` is the right that it takes; `note` says how far it is. Without an address the button is Sync Now."""

    state: str
    title: str
    sentence: str
    note: str
    address: str
    button: str
    needs: Action


def steps_of(integration: Integration) -> list[Step]:
    """None where all is done once. The first that is not done comes next; a later one may be done already."""
    steps = [*_connecting(integration), *_mapping(integration), _first_plan(integration)]
    if _is_under_way(integration, steps[-1]):
        return []
    first = next(place for place, step in enumerate(steps) if step.state != DONE)
    return [replace(step, state=NEXT) if place == first else step for place, step in enumerate(steps)]


def _is_under_way(integration: Integration, plan: Step) -> bool:
    """After a first plan, a right that was taken away or a mapping removed is no reason to start again."""
    return plan.state == DONE and integration.connections.count() == 2


def _connecting(integration: Integration) -> list[Step]:
    kept = dict(Connection.objects.filter(integration=integration).values_list("side", "missing"))
    texts = {
        "vendor": (
            _("Connect Sophos Central Partner"),
            _("A client ID and secret that may read; nothing is written there."),
        ),
        "psa": (
            _("Connect ConnectWise PSA"),
            _("The keys of an API member; the rights are checked, missing ones named."),
        ),
    }
    steps = []
    for side, (title, sentence) in texts.items():
        missing = kept.get(side)
        address = reverse("connection", args=[integration.slug, side])
        if missing:
            address = reverse("connections", args=[integration.slug])
        steps.append(
            Step(
                state=DONE if missing == [] else LATER,
                title=title,
                sentence=sentence,
                note=_("Rights are missing") if missing else "",
                address=address,
                button=_("See which") if missing else _("Connect"),
                needs=Action.CONNECT,
            )
        )
    return steps


def _mapping(integration: Integration) -> list[Step]:
    """One of each is enough to see a first plan; the rest can follow."""
    customers = Customer.objects.filter(integration=integration, billing="usage", gone_since=None).count()
    products = VendorProduct.objects.filter(integration=integration).count()
    mapped = CustomerMapping.objects.filter(integration=integration).count()
    codes = ProductMappingCode.objects.filter(mapping__integration=integration).values("code").distinct().count()
    unread = not products and integration.connections.count() == 2
    return [
        Step(
            state=DONE if mapped else LATER,
            title=_("Map your customers"),
            sentence=_("Each to its ConnectWise company and agreement; suggestions say how sure they are."),
            note=_("%(part)d of %(whole)d mapped") % {"part": mapped, "whole": customers} if customers else "",
            address=reverse("customers", args=[integration.slug]),
            button=_("Map customers"),
            needs=Action.MAP,
        ),
        Step(
            state=DONE if codes else LATER,
            title=_("Map your products"),
            sentence=_("Each Sophos product to the ConnectWise product that you bill. Sync Now makes them known."),
            note=_("%(part)d of %(whole)d mapped") % {"part": codes, "whole": products} if products else "",
            address="" if unread else reverse("usage-sync-configure", args=[integration.slug]),
            button=_("Sync Now") if unread else _("Map products"),
            needs=Action.SYNC if unread else Action.MAP,
        ),
    ]


def _first_plan(integration: Integration) -> Step:
    """A plan that says nothing about any line is not yet one to look at."""
    counts = Plan.objects.filter(integration=integration).order_by("-pk").values_list("counts", flat=True)[:20]
    return Step(
        state=DONE if any(sum(told.values()) for told in counts) else LATER,
        title=_("Look at a first plan"),
        sentence=_("Sync Now reads both systems and shows what would change. In the mode Observe nothing is written."),
        note="",
        address="",
        button=_("Sync Now"),
        needs=Action.SYNC,
    )
