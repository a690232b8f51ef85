"""The first page says how things stand."""

from __future__ import annotations

from django.test import Client

from tests.web.conftest import SignedIn
from tests.web.rows import World, make_labels, make_partner, make_plan, make_run
from truecount.store.models import Finding, Plan


def page(client: Client, slug: str = "demo") -> str:
    return client.get(f"/integrations/{slug}/").content.decode()


def test_it_works(signed_in: SignedIn) -> None:
    told = page(signed_in())
    assert "6 things need you, 312.50\u00a0€ a month" in told
    assert "Waits for approval" in told
    assert "With Sophos monthly invoice" in told
    assert "Sync Now" in told


def test_in_french(signed_in: SignedIn) -> None:
    told = page(signed_in("approver", "fr"))
    assert "6 points demandent votre attention, 312,50\u00a0€ par mois" in told
    assert "Avec facture mensuelle Sophos" in told


def test_nothing_to_do(signed_in: SignedIn, world: World) -> None:
    Finding.objects.all().delete()
    Plan.objects.update(state="applied")
    told = page(signed_in())
    assert "What you bill is what was counted" in told
    assert "No findings" in told


def test_before_the_first_run(signed_in: SignedIn) -> None:
    empty = make_partner("empty")
    told = page(signed_in("operator", of=empty), "empty")
    assert "Nothing has been counted yet" in told
    assert "Sync Now reads Sophos and ConnectWise" in told


def test_without_an_integration(signed_in: SignedIn) -> None:
    empty = make_partner("empty")
    empty.integration.delete()
    assert "Nothing is connected yet" in signed_in("admin", of=empty).get("/").content.decode()


def test_a_run_going_on_is_announced(signed_in: SignedIn, world: World) -> None:
    run = make_run(world, state="running", phase="collect", finished_at=None)
    told = page(signed_in())
    assert "A run is going on." in told
    assert f"/runs/{run.pk}/" in told


def test_money_of_two_currencies_is_not_added_up(signed_in: SignedIn, world: World) -> None:
    Finding.objects.filter(kind="billed_without_usage").update(currency="USD")
    assert "286.30\u00a0€ and $26.20 a month" in page(signed_in())


def test_the_integration_looked_at_last_comes_first(signed_in: SignedIn, world: World) -> None:
    second = make_partner("second")
    second.integration.partner = world.partner
    second.integration.save()
    second.partner = world.partner
    make_labels(second, 3)
    second.users = world.users
    make_plan(second, changes=1)
    client = signed_in()
    assert client.get("/").headers["Location"] == "/integrations/demo/"
    client.get(f"/plans/{second.plan.pk if second.plan else 0}/")
    assert client.get("/").headers["Location"] == "/integrations/second/"
