"""Manage Settings: the vendor's page of that name with its blocks; connections and policy have tabs of their own."""

from __future__ import annotations

from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse

from truecount.core.roles import Action
from truecount.runs import clock, flow
from truecount.store.models import Run
from truecount.web.belongings import integration_of
from truecount.web.integrations import due_of
from truecount.web.plans import run_rows
from truecount.web.request import Request
from truecount.web.rights import needs
from truecount.web.shares import customers_share, products_share
from truecount.web.words import SCHEDULES


@needs(Action.LOOK)
def manage_settings(request: Request, slug: str) -> HttpResponse:
    integration = integration_of(request, slug)
    runs = run_rows(Run.objects.filter(integration=integration).select_related("by").order_by("-started_at")[:1])
    context = {
        "tab": "usage-sync",
        "configure": reverse("usage-sync-configure", args=[integration.slug]),
        "customers": customers_share(integration),
        "products": products_share(integration),
        "schedule": SCHEDULES[flow.schedule_of(integration).kind],
        "due": due_of(integration, clock.now()),
        "last": runs[0] if runs else None,
    }
    return render(request, "web/manage_settings.html", context)
