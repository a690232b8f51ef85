"""Months beside each other on the overview and on the plan, and the way to a first plan."""

from __future__ import annotations

import re
from dataclasses import replace
from decimal import Decimal

import pytest
from django.utils import translation

from tests.web.conftest import SignedIn
from tests.web.reading import words
from tests.web.rows import World, compare, make_finding, make_partner, make_plan, make_snapshot
from truecount.core.model import FindingKind, Usage, UsageLine
from truecount.store.documents import pack, unpack
from truecount.store.models import Connection, Customer, CustomerMapping, Finding, Plan, ProductMapping, Snapshot
from truecount.web import charts, figures

HOME = "/integrations/demo/"


def page(signed_in: SignedIn, role: str = "viewer", language: str = "en") -> str:
    return signed_in(role, language).get(HOME).content.decode()


def plan_of(world: World) -> Plan:
    assert world.plan is not None
    return world.plan


# --- charts ---------------------------------------------------------------------------------------


def test_with_one_month_it_says_so_and_draws_nothing(signed_in: SignedIn, world: World) -> None:
    told = page(signed_in)
    assert "Only this month is known so far" in told
    assert '<figure class="chart">' in told
    assert "<desc" not in told
    assert "The month before was not read yet." in told


def test_units_and_money_by_month(signed_in: SignedIn, world: World) -> None:
    make_snapshot(world, period="2026-10", more=8)
    _earlier_plan(world, "2026-10", state="applied", after="12000")
    told, planned = page(signed_in), figures.money(plan_of(world).money["EUR"]["after"], "EUR")
    assert re.findall(r"<desc[^>]*>([^<]*)</desc>", told) == [
        "October 2026: 419; November 2026: 411",
        f"October 2026: 12,000.00\u00a0€; November 2026: {planned} (planned)",
    ]
    assert told.count('<table class="unseen">') == 2
    assert "(planned)" in told, "the newest plan waits"
    assert "−8 since the month before" in told
    assert "octobre 2026\u00a0: 419" in page(signed_in, "viewer", "fr")


def test_money_is_never_added_up_across_currencies(signed_in: SignedIn, world: World) -> None:
    plan = plan_of(world)
    plan.money |= {"CAD": {"before": "5", "after": "7"}}
    plan.save()
    told = words(page(signed_in))
    assert told.count("Billed a month") >= 2
    assert "CA$7.00" in told


def test_a_plan_for_a_past_month_does_not_tell_its_money(signed_in: SignedIn, world: World) -> None:
    """Its lines are those of today."""
    late = make_plan(world, changes=1)
    Plan.objects.filter(pk=late.pk).update(period="2026-09", money={"EUR": {"before": "1", "after": "2"}})
    assert "September 2026: 2.00" not in page(signed_in)


def _earlier_plan(world: World, period: str, *, state: str, after: str) -> None:
    plan = make_plan(world, changes=1)
    made = plan_of(world).made_at.replace(year=2026, month=1)
    money = {"EUR": {"before": after, "after": after}}
    Plan.objects.filter(pk=plan.pk).update(period=period, state=state, made_at=made, money=money)
    world.plan = Plan.objects.order_by("-made_at").first()


@pytest.mark.parametrize(
    ("largest", "top"), [("0", "1"), ("1", "1"), ("6167", "8000"), ("0.4", "0.4"), ("10001", "15000"), ("85", "100")]
)
def test_the_scale_ends_at_a_round_number(largest: str, top: str) -> None:
    with translation.override("en"):
        drawn = charts.chart("x", [("2026-10", Decimal(0), False), ("2026-11", Decimal(largest), False)], str)
    assert drawn is not None
    assert Decimal(drawn.lines[-1].told) == Decimal(top)
    assert all(bar.x >= 0 and bar.x + bar.width <= charts.WIDTH and bar.y >= 0 for bar in drawn.bars)


def test_no_month_no_chart() -> None:
    assert charts.chart("x", [], str) is None


# --- what changed ---------------------------------------------------------------------------------


def test_what_changed_since_last_month(signed_in: SignedIn, world: World) -> None:
    earlier = make_snapshot(world, period="2026-10", more=8)
    usage = unpack(earlier.usage, Usage)
    gone = UsageLine(customer="gone-1", code="CIXA-MSP", billable=Decimal(3), customer_name="Closed & Sons")
    without = tuple(line for line in usage.lines if line.customer != "c0005")
    Snapshot.objects.filter(pk=earlier.pk).update(usage=pack(replace(usage, lines=(*without, gone))))
    compare(world.plan)
    told = words(page(signed_in))
    assert "1 new customer, 1 customer without usage" in told
    shown = words(signed_in("viewer").get(f"/plans/{plan_of(world).pk}/").content.decode())
    assert "1 customer is new. 1 customer has no usage any more." in shown
    assert "Sophos Endpoint - User MSP Monthly Boulangerie Lemaître 12 → becomes 4 −8" in shown
    assert "Closed & Sons 3 → becomes – −3" in shown
    assert "Garage Tremblay" not in shown[: shown.index("Closed")].split("By product")[1].split("By customer")[0]


def test_nothing_changed(signed_in: SignedIn, world: World) -> None:
    make_snapshot(world, period="2026-10")
    shown = words(signed_in("viewer", "fr").get(f"/plans/{plan_of(world).pk}/").content.decode())
    assert "Rien n’a changé" in shown
    assert "Rien : chaque client utilise ce qu’il utilisait le mois précédent." in words(
        page(signed_in, "viewer", "fr")
    )


def test_another_source_is_no_month_before(signed_in: SignedIn, world: World) -> None:
    Snapshot.objects.filter(pk=make_snapshot(world, period="2026-10").pk).update(source="live")
    Plan.objects.update(since=None)
    shown = words(signed_in("viewer").get(f"/plans/{plan_of(world).pk}/").content.decode())
    assert "The month before was not read from this source" in shown


# --- the other questions --------------------------------------------------------------------------


def test_what_nobody_is_billed_for_and_what_is_invoiced_soon(signed_in: SignedIn, world: World) -> None:
    told = page(signed_in)
    assert "286.30\u00a0€ a month" in told
    assert f"{HOME}findings/?kind=unbilled" in told
    listed = words(signed_in("viewer").get(f"{HOME}findings/?kind=unbilled").content.decode())
    assert "1–4 of 4" in listed
    assert "Nothing: no agreement is invoiced that soon" in told
    make_finding(world, FindingKind.INVOICE_SOON, since=plan_of(world).today, agreement=505)
    assert f"{HOME}findings/?kind=invoice_soon" in page(signed_in)
    Finding.objects.all().delete()
    assert "Nothing: all that was counted has its line." in page(signed_in)


# --- getting started ------------------------------------------------------------------------------


def test_it_is_gone_when_all_is_done(signed_in: SignedIn) -> None:
    assert "Getting started" not in page(signed_in, "admin")


def test_an_empty_integration_starts_with_sophos(signed_in: SignedIn, world: World) -> None:
    empty = make_partner("empty")
    told = signed_in("admin", of=empty).get("/integrations/empty/").content.decode()
    card = told[told.index('id="getting-started"') :]
    assert card.count('data-state="later"') == 4
    assert "/integrations/empty/settings/connections/vendor/" in card[: card.index('data-state="later"')]
    looking = words(signed_in("viewer", of=empty).get("/integrations/empty/").content.decode())
    assert "needs the role Administrator" in looking


def test_each_step_as_it_is_done(signed_in: SignedIn, world: World) -> None:
    Plan.objects.update(counts={})
    CustomerMapping.objects.all().delete()
    told = words(page(signed_in, "operator"))
    assert "3. Map your customers Next 0 of 19 mapped" in told
    assert "4. Map your products Done" in told
    make_mapping(world)
    ProductMapping.objects.all().delete()
    assert "4. Map your products Next 0 of 8 mapped" in words(page(signed_in, "operator"))
    Connection.objects.filter(side="psa").update(missing=["Finance / Agreements / Edit"])
    told = words(page(signed_in, "operator"))
    assert "2. Connect ConnectWise PSA Next Rights are missing" in told


def test_a_right_taken_away_later_is_told_and_nothing_starts_again(signed_in: SignedIn, world: World) -> None:
    Connection.objects.filter(side="psa").update(missing=["Finance / Agreements / Edit"])
    told = page(signed_in)
    assert "Getting started" not in told
    assert "See which, and where they are given" in told


def make_mapping(world: World) -> None:
    customer = Customer.objects.filter(integration=world.integration)[0]
    CustomerMapping.objects.create(integration=world.integration, customer=customer.vendor_id, company=100)


def test_a_plan_that_says_nothing_is_not_yet_a_first_plan(signed_in: SignedIn, world: World) -> None:
    Plan.objects.update(counts={})
    told = words(page(signed_in, "operator"))
    assert "5. Look at a first plan Next" in told


def test_without_an_integration_the_administrator_makes_one(signed_in: SignedIn, world: World) -> None:
    empty = make_partner("empty")
    empty.integration.delete()
    assert "Create the PSA integration" in signed_in("admin", of=empty).get("/").content.decode()
    assert "Creating it needs the role Administrator." in signed_in("viewer", of=empty).get("/").content.decode()
