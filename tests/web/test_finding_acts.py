"""Findings: each with the button that does what its advice says, where the product can do it."""

from __future__ import annotations

import pytest
from django.test import Client

from tests.web.conftest import SignedIn
from tests.web.reading import words
from tests.web.rows import World, make_world
from truecount.core.model import FindingKind
from truecount.runs import clock
from truecount.store.models import Customer, Finding, Managed, VendorProduct
from truecount.web.finding_acts import Act
from truecount.web.findings import Row

LIST = "/integrations/demo/findings/"


def find(world: World, kind: FindingKind, **about: object) -> Finding:
    now = clock.now()
    told: dict[str, object] = {"fields": {}, "plan": world.plan} | about
    return Finding.objects.create(integration=world.integration, kind=str(kind), since=now.date(), seen_at=now, **told)


def act_of(client: Client, row: Finding) -> Act | None:
    rows: list[tuple[Row, Act | None]] = client.get(LIST).context["findings"]
    return next(act for one, act in rows if one.row.pk == row.pk)


def test_map_buttons_open_the_dialog(signed_in: SignedIn, world: World) -> None:
    client = signed_in("operator")
    customer = act_of(client, Finding.objects.get(customer="c0007"))
    assert customer is not None
    assert (customer.word, customer.address, customer.dialog) == (
        "Map the customer",
        "/integrations/demo/customers/c0007/",
        True,
    )
    product = act_of(client, Finding.objects.get(kind=FindingKind.PRODUCT_NOT_MAPPED))
    assert product is not None
    assert product.address.endswith("?product=NDR-MSP")
    assert act_of(client, Finding.objects.get(kind=FindingKind.UNASSIGNED_USAGE)) is None, "nothing we could do"


def test_a_line_leads_to_the_customers_of_its_company(signed_in: SignedIn, world: World) -> None:
    act = act_of(signed_in("viewer"), Finding.objects.get(kind=FindingKind.BILLED_WITHOUT_USAGE))
    assert act is not None
    assert act.address == "/integrations/demo/customers/?q=H%C3%B4tel+du+Vieux-Port"


def test_turn_usage_sync_on(signed_in: SignedIn, world: World) -> None:
    Customer.objects.filter(vendor_id="c0001").update(sync=False)
    row, client = find(world, FindingKind.CUSTOMER_OFF, customer="c0001"), signed_in("operator")
    page = words(client.post(f"{LIST}{row.pk}/act/", {"next": LIST + "?q=dubois"}, follow=True).content.decode())
    assert Customer.objects.get(vendor_id="c0001").sync
    assert "Done: the next plan closes it" in page
    row.refresh_from_db()
    assert row.closed_at is None


@pytest.mark.parametrize("about", ["customer", "product"])
def test_what_keeps_a_shared_line_waiting_is_turned_on(signed_in: SignedIn, world: World, about: str) -> None:
    Customer.objects.filter(vendor_id="c0002").update(sync=False)
    VendorProduct.objects.filter(code="CDE-MSP").update(sync=False)
    told = {"reason": f"{about}_off", "about": {"customer": "c0002", "product": "CDE-MSP"}[about]}
    row, client = find(world, FindingKind.SLOT_WAITS, agreement=501, item=900, fields=told), signed_in("operator")
    client.post(f"{LIST}{row.pk}/act/")
    assert Customer.objects.get(vendor_id="c0002").sync is (about == "customer")
    assert VendorProduct.objects.get(code="CDE-MSP").sync is (about == "product")


def test_bill_anyway_and_bill_again(signed_in: SignedIn, world: World) -> None:
    client = signed_in("operator")
    term = find(world, FindingKind.NOT_USAGE_CHARGED, customer="c0010")
    client.post(f"{LIST}{term.pk}/act/")
    assert Customer.objects.get(vendor_id="c0010").bill_anyway
    ended = find(world, FindingKind.LINE_ENDED, agreement=501, item=900)
    assert client.post(f"{LIST}{ended.pk}/act/").status_code == 400, "no line of ours was ended there"
    managed = Managed.objects.create(
        integration=world.integration,
        identity="sim",
        addition=7,
        agreement=501,
        item=900,
        quantity=3,
        source="invoice",
        period="2026-10",
        written_at=clock.now(),
    )
    client.post(f"{LIST}{ended.pk}/act/")
    managed.refresh_from_db()
    assert managed.bill_again
    for row in (term, ended):
        act = act_of(client, row)
        assert act is not None
        assert act.settled


def test_a_viewer_is_offered_to_look_only(signed_in: SignedIn, world: World) -> None:
    off = find(world, FindingKind.CUSTOMER_OFF, customer="c0001")
    soon = find(world, FindingKind.INVOICE_SOON, agreement=501)
    client = signed_in("viewer", "fr")
    assert act_of(client, off) is None
    looking = act_of(client, soon)
    assert looking is not None
    page = client.get(LIST).content.decode()
    assert "Voir le plan" in page
    assert "/act/" not in page
    assert client.post(f"{LIST}{off.pk}/act/").status_code == 403


def test_another_partners_finding_does_not_exist(signed_in: SignedIn, world: World) -> None:
    other = make_world("other")
    row = find(other, FindingKind.CUSTOMER_OFF, customer="c0001")
    assert signed_in("operator").post(f"{LIST}{row.pk}/act/").status_code == 404


def test_of_one_customer(signed_in: SignedIn, world: World) -> None:
    page = words(signed_in().get(LIST + "?customer=c0007").content.decode())
    assert "Only Laboratoires Moreau Show all" in page
    assert "1–1 of 1" in page
    rows = signed_in().get(LIST + "?customer=c0007&format=csv").content.decode().splitlines()
    assert len(rows) == 2
