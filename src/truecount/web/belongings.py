"""What a partner owns, by the ids in an address: anything of another partner does not exist (404)."""

from __future__ import annotations

from django.shortcuts import get_object_or_404

from truecount.store.models import Integration, Plan, Run
from truecount.web.request import Request

_LAST = "integration"


def integration_of(request: Request, slug: str) -> Integration:
    """The named one; it becomes the one that addresses without a name mean."""
    return _at(request, get_object_or_404(Integration, slug=slug, partner_id=request.user.partner_id))


def usual_integration(request: Request) -> Integration | None:
    """The one looked at last, else the oldest; None where the partner has none yet."""
    own = Integration.objects.filter(partner_id=request.user.partner_id)
    return own.filter(slug=request.session.get(_LAST, "")).first() or own.order_by("pk").first()


def beside(request: Request) -> Integration | None:
    """For pages of the partner as a whole: the ways on the left lead to the integration looked at last."""
    usual = usual_integration(request)
    if usual is not None:
        request.integration = usual
    return usual


def plan_of(request: Request, pk: int) -> Plan:
    plans = Plan.objects.select_related("integration", "snapshot", "made_by", "approved_by").defer(
        "inputs", "snapshot__usage", "snapshot__billing"
    )
    plan = get_object_or_404(plans, pk=pk, integration__partner_id=request.user.partner_id)
    _at(request, plan.integration)
    return plan


def run_of(request: Request, pk: int) -> Run:
    runs = Run.objects.select_related("integration", "plan", "by").defer("plan__inputs")
    run = get_object_or_404(runs, pk=pk, integration__partner_id=request.user.partner_id)
    _at(request, run.integration)
    return run


def _at(request: Request, integration: Integration) -> Integration:
    request.integration = integration
    if request.session.get(_LAST) != integration.slug:
        request.session[_LAST] = integration.slug
    return integration
