"""Findings, usage sync, customers and history, as they are read."""

from __future__ import annotations

import uuid

import pytest
from django.test import Client

from tests.web.conftest import SignedIn
from tests.web.reading import words
from tests.web.rows import World
from truecount.core.model import FindingKind, Slot
from truecount.runs import clock
from truecount.store import ledger
from truecount.store.models import CatalogItem, Customer, Finding, Integration, LedgerEvent, Run, VendorProduct


def read(client: Client, path: str) -> str:
    return words(client.get(f"/integrations/demo/{path}").content.decode())


def test_findings_by_money(signed_in: SignedIn) -> None:
    told = read(signed_in(), "findings/")
    assert told.index("148.50 €") < told.index("96.00 €") < told.index("41.80 €") < told.index("26.20 €")
    assert "“Kingsway Law”" in told


def test_findings_in_french(signed_in: SignedIn) -> None:
    told = read(signed_in("viewer", "fr"), "findings/")
    assert "Client non mappé" in told
    assert "148,50 €" in told


def test_findings_by_kind_state_and_name(signed_in: SignedIn) -> None:
    Finding.objects.filter(customer="c0016").update(closed_at=clock.now())
    client = signed_in()
    assert "Kingsway" not in read(client, "findings/")
    assert "Kingsway" in read(client, "findings/?state=closed")
    assert "1–1 of 1" in read(client, "findings/?kind=billed_without_usage")
    assert "1–1 of 1" in read(client, "findings/?q=HOTEL")
    assert "1–1 of 1" in read(client, "findings/?q=C0100ABC")


@pytest.mark.parametrize("language", ["en", "fr"])
def test_every_kind_of_finding_can_be_shown(signed_in: SignedIn, world: World, language: str) -> None:
    Finding.objects.bulk_create(
        Finding(integration=world.integration, kind=str(kind), since=clock.now().date(), seen_at=clock.now())
        for kind in FindingKind
    )
    client = signed_in("viewer", language)
    assert client.get("/integrations/demo/findings/").status_code == 200
    assert client.get("/integrations/demo/").status_code == 200


def test_usage_sync(signed_in: SignedIn, world: World) -> None:
    CatalogItem.objects.filter(psa_id=903).update(active=False)
    VendorProduct.objects.filter(code="CEMA-MSP").update(sync=False, switched_off_by="itself")
    told = read(signed_in(), "usage-sync/")
    for part in ("Sophos product", "ConnectWise product", "bundle of 2", "Not mapped", "Firewall", "inactive"):
        assert part in told
    assert "off by itself until it is mapped again" in told
    assert "1–1 of 1" in read(signed_in(), "usage-sync/?show=unmapped")
    assert "1–1 of 1" in read(signed_in(), "usage-sync/?q=xgs")
    assert "Synchroniser" in read(signed_in("viewer", "fr"), "usage-sync/")


def test_customers(signed_in: SignedIn, world: World) -> None:
    Customer.objects.filter(vendor_id="c0002").update(gone_since=clock.now().date())
    told = read(signed_in(), "customers/")
    for part in ("ConnectWise company", "Agreement", "Usage sync", "Not mapped", "Expired", "gone from Sophos since"):
        assert part in told
    assert "1–1 of 1" in read(signed_in(), "customers/?show=gone")
    assert "1–16 of 16" in read(signed_in(), "customers/?show=available&q=e")


def test_audit_trail(signed_in: SignedIn) -> None:
    told = read(signed_in(), "history/")
    assert "Changed the policy demo mode: observe → mode: review" in told
    assert "Mapped a product Sophos Endpoint - User MSP Monthly CIXA-MSP" in told
    assert "1–1 of 1" in read(signed_in(), "history/?what=set_policy")


def test_ledger(signed_in: SignedIn, world: World) -> None:
    write(world.integration, Run.objects.get())
    told = read(signed_in(), "history/ledger/")
    for part in ("Intent", "Answer", "Not written", "MS-MDR", "Clinique Sainte-Anne · Infogérance 360", "3 → 5"):
        assert part in told
    assert "1–2 of 2" in read(signed_in(), "history/ledger/?event=answer&q=clinique")


def write(integration: Integration, run: Run) -> None:
    slot = Slot(502, 902)
    for kind, told in (
        ("intent", {"kind": "update", "before": "3", "after": "5"}),
        ("answer", {"done": True, "quantity": "5"}),
        ("answer", {"done": False}),
    ):
        ledger.save_event(run, kind, uuid.uuid4(), slot, told, clock.now())
    assert LedgerEvent.objects.filter(integration=integration).count() == 3
