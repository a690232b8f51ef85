"""Configure usage synchronization: what each row says, and saving the switches."""

from __future__ import annotations

import re
from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from django.test import Client

from tests.web.conftest import SignedIn
from tests.web.reading import words
from tests.web.rows import World, make_finding
from truecount.core.model import ZERO, FindingKind
from truecount.core.plan import plain
from truecount.runs import clock, configure
from truecount.runs.units import last_units
from truecount.store.models import AuditEvent, CatalogItem, Finding, Integration, ProductMappingCode, VendorProduct

PAGE = "/integrations/demo/usage-sync/configure/"
SAVE = "/integrations/demo/usage-sync/switches/"


def told(client: Client, query: str = "") -> str:
    return words(client.get(PAGE + query).content.decode())


def form(**moved: bool) -> dict[str, Any]:
    """What the page sends: how each row was shown, and how its switch stands now."""
    rows = list(VendorProduct.objects.order_by("code"))
    on = [row.code for row in rows if moved.get(row.code.replace("-", "_"), row.sync)]
    return {"row": [row.code for row in rows], "on": [row.code for row in rows if row.sync], "sync": on}


def sync_of(code: str) -> bool:
    return VendorProduct.objects.get(code=code).sync


@pytest.mark.parametrize(
    ("language", "parts"),
    [
        (
            "en",
            (
                "Sophos product",
                "ConnectWise product",
                "Units last month",
                "Edit",
                "Details",
                "Add product to PSA",
                "Sync settings",
            ),
        ),
        (
            "fr",
            (
                "Produit Sophos",
                "Produit ConnectWise",
                "Synchroniser",
                "Modifier",
                "Détails",
                "Enregistrer",
                "Paramètres de synchronisation",
            ),
        ),
    ],
)
def test_the_page_in_both_languages(signed_in: SignedIn, language: str, parts: tuple[str, ...]) -> None:
    page = told(signed_in("operator", language))
    assert [part for part in parts if part not in page] == []
    month = {"en": "November 2026", "fr": "novembre 2026"}[language]
    assert month in page


def test_what_a_row_says(signed_in: SignedIn, world: World) -> None:
    for serial in ("X1", "X2"):
        make_finding(world, FindingKind.UNASSIGNED_USAGE, since=date(2026, 11, 25), product="XGS-STD-MSP", mark=serial)
    page = told(signed_in())
    assert "MS-ENDPOINT bundle of 2 Managed endpoint protection, per user" in page
    units = last_units(world.integration).of
    ndr = plain(units.get("NDR-MSP", ZERO))
    assert f"Sophos NDR MSP Monthly NDR-MSP Not mapped Edit · Sophos NDR MSP Monthly {ndr} Sync of" in page
    assert "96.00 € a month is not billed." in page
    assert "3 licences; assign them in Sophos Central Partner." in page
    assert "monthly invoice only" not in page
    Integration.objects.update(policy={"schedule": "daily"})
    assert told(signed_in()).count("Firewall: monthly invoice only") == 1


def test_a_lost_item_says_so(signed_in: SignedIn, world: World) -> None:
    CatalogItem.objects.filter(psa_id=900).update(gone_since=date(2026, 11, 20))
    CatalogItem.objects.filter(psa_id=901).update(active=False)
    page = told(signed_in())
    assert "Deleted in ConnectWise PSA" in page
    assert "Inactive in ConnectWise PSA" in page


def test_sorted_by_units_searched_and_as_a_sheet(signed_in: SignedIn, world: World) -> None:
    client, units = signed_in(), last_units(world.integration).of
    codes = sorted(VendorProduct.objects.values_list("code", flat=True), key=lambda code: -units.get(code, ZERO))
    page = client.get(f"{PAGE}?sort=-units").content.decode()
    shown = re.findall(r'name="row" value="([^"]+)"', page)
    assert [units.get(code, ZERO) for code in shown] == [units.get(code, ZERO) for code in codes]
    assert shown != re.findall(r'name="row" value="([^"]+)"', client.get(f"{PAGE}?sort=units").content.decode())
    rows = client.get(f"{PAGE}?format=csv&q=cixa").content.decode("utf-8-sig").splitlines()
    assert rows[0] == "Sophos product,Code,ConnectWise product,Units last month,Sync,State"
    counted = plain(units["CIXA-MSP"])
    assert rows[1] == f"Sophos Endpoint - User MSP Monthly,CIXA-MSP,MS-ENDPOINT,{counted},On,Synchronized"


def test_save_commits_what_was_moved(signed_in: SignedIn, world: World) -> None:
    client = signed_in("operator")
    answer = client.post(f"{SAVE}?sort=-units", form(CIXA_MSP=False, CEMA_MSP=False))
    assert answer.headers["Location"] == f"{PAGE}?sort=-units"
    assert "2 switches are saved." in told(client)
    assert (sync_of("CIXA-MSP"), sync_of("CEMA-MSP"), sync_of("CPHISH-MSP")) == (False, False, True)
    assert AuditEvent.objects.filter(action="switch_product").count() == 2


def test_saving_without_a_change_is_harmless(signed_in: SignedIn, world: World) -> None:
    client = signed_in("operator")
    client.post(SAVE, form())
    client.post(SAVE, {})
    assert "Nothing was switched, so nothing changed." in told(client)
    assert not AuditEvent.objects.filter(action="switch_product").exists()


def test_only_rows_of_the_form_are_switched(signed_in: SignedIn, world: World) -> None:
    signed_in("operator").post(SAVE, {"row": ["CIXA-MSP"], "on": ["CIXA-MSP"]})
    assert (sync_of("CIXA-MSP"), sync_of("CEMA-MSP")) == (False, True)


def test_a_stale_page_leaves_what_somebody_else_switched(signed_in: SignedIn, world: World) -> None:
    stale = form(CEMA_MSP=False)
    configure.switch_product(world.integration, "CIXA-MSP", False, by=world.users["admin"], now=clock.now())
    client = signed_in("operator")
    client.post(SAVE, stale)
    assert (sync_of("CIXA-MSP"), sync_of("CEMA-MSP")) == (False, False)
    page = told(client)
    assert "1 switch is saved." in page
    assert "they stay as they are now: Sophos Endpoint - User MSP Monthly" in page


def test_one_that_can_not_be_on_stops_them_all_and_nothing_is_lost(signed_in: SignedIn, world: World) -> None:
    VendorProduct.objects.filter(code="CPHISH-MSP").update(sync=False, switched_off_by="person")
    moved = form(CPHISH_MSP=True, CIXA_MSP=False)
    ProductMappingCode.objects.filter(code="CPHISH-MSP").delete()
    answer = signed_in("operator").post(f"{SAVE}?q=msp", moved)
    assert answer.status_code == 422
    page = answer.content.decode()
    assert (sync_of("CPHISH-MSP"), sync_of("CIXA-MSP")) == (False, True)
    assert "Nothing was saved." in page
    assert words(page).count("is not mapped to a ConnectWise product") == 2
    assert 'value="CIXA-MSP" data-switch data-kept="on">' in page
    assert 'value="CPHISH-MSP" data-switch checked data-kept="off" aria-invalid="true"' in page
    assert signed_in("operator").get(f"{SAVE}?q=msp").headers["Location"] == f"{PAGE}?q=msp"


def test_an_unmapped_product_has_no_switch_to_turn_on(signed_in: SignedIn, world: World) -> None:
    page = signed_in("operator").get(PAGE).content.decode()
    assert 'value="NDR-MSP" data-switch disabled>' in page
    answer = signed_in("operator").post(SAVE, {"row": ["NDR-MSP"], "sync": ["NDR-MSP"]})
    assert answer.status_code == 422
    assert not sync_of("NDR-MSP")


def test_a_viewer_sees_all_and_changes_nothing(signed_in: SignedIn, world: World) -> None:
    client = signed_in("viewer")
    page = client.get(PAGE).content.decode()
    assert "MS-ENDPOINT" in page
    assert "Details" in page
    assert page.count("data-switch") == page.count("data-switch checked disabled") + page.count("data-switch disabled")
    assert client.post(SAVE, form(CIXA_MSP=False)).status_code == 403
    assert sync_of("CIXA-MSP")


def test_money_is_summed_by_currency(signed_in: SignedIn, world: World) -> None:
    Finding.objects.filter(kind="product_not_mapped").update(money=Decimal("10.5"))
    finding = make_finding(
        world, FindingKind.PRODUCT_NOT_MAPPED, since=date(2026, 11, 25), money="4", product="NDR-MSP"
    )
    Finding.objects.filter(pk=finding.pk).update(currency="USD")
    assert "10.50 € and $4.00 a month is not billed." in told(signed_in())
