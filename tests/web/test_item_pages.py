"""Details, editing and adding of ConnectWise products, against the simulated PSA."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import pytest
from django.test import Client

from tests.e2e.world import Simulators, connectwise_fields, simulators_of
from tests.web.conftest import SignedIn
from tests.web.reading import words
from tests.web.rows import World
from truecount.runs import clock, configure, found
from truecount.store.models import AuditEvent, CatalogItem, ProductMapping, VendorProduct
from truecount.store.seals import check_key

HERE = "/integrations/demo/usage-sync/"
ADD = f"{HERE}add/"
IN_DIALOG = {"HX-Request": "true", "HX-Target": "dialog", "HX-Current-URL": f"http://testserver{HERE}configure/"}
CODE = "NDR-MSP"
FIELD = re.compile(r'<input type="(?:text|hidden)" name="([\w-]+)" value="([^"]*)"')
TEXT = re.compile(r'<textarea name="(\w+)"[^>]*>\n?([^<]*)</textarea>')
SELECT = re.compile(r'<select name="(\w+)".*?</select>', re.DOTALL)
CHOSEN = re.compile(r'<option value="([^"]*)" selected>')
TICKED = re.compile(r'<input type="checkbox" name="(\w+)"[^>]* checked')


@pytest.fixture(scope="module")
def simulators() -> Iterator[Simulators]:
    with simulators_of(customers=2) as running:
        yield running


@pytest.fixture
def shop(simulators: Simulators, world: World, settings: Any, monkeypatch: pytest.MonkeyPatch) -> Simulators:
    """The world's integration, connected to the simulated PSA and mapped to nothing."""
    monkeypatch.setenv("SSL_CERT_FILE", simulators.certificate)
    simulators.reset()
    settings.TRUECOUNT_CLOCK_OFFSET = (simulators.now() - datetime.now(UTC)).total_seconds()
    check_key(clock.now())
    world.integration.policy |= {"psa_rates": "off"}
    world.integration.save()
    ProductMapping.objects.all().delete()
    CatalogItem.objects.all().delete()
    fields = connectwise_fields(simulators)
    found.connect(world.integration, "connectwise", fields, "priv", by=world.users["admin"], now=clock.now())
    found.refresh_psa_labels(world.integration, clock.now())
    return simulators


def form(page: str, **typed: Any) -> dict[str, Any]:
    """What a browser would send of a form, with some fields typed over."""
    sent: dict[str, Any] = dict(FIELD.findall(page)) | dict(TEXT.findall(page))
    for select in SELECT.finditer(page):
        chosen = CHOSEN.search(select[0])
        sent[select[1]] = chosen[1] if chosen else ""
    sent |= dict.fromkeys(TICKED.findall(page), "on")
    return {name: value for name, value in (sent | typed).items() if value is not None}


def catalog(simulators: Simulators) -> dict[str, dict[str, Any]]:
    return {row["identifier"]: row for row in simulators.connectwise.state()["catalog"]}


def new_item(client: Client, simulators: Simulators, **typed: Any) -> dict[str, Any]:
    tables = simulators.connectwise.state()
    subcategory = next(row for row in tables["subcategories"] if row["name"] == "Endpoint Security")
    page = client.get(f"{ADD}?product={CODE}", headers=IN_DIALOG).content.decode()
    return form(page, subcategory=str(subcategory["id"]), price="3.20", **typed)


def writes(simulators: Simulators) -> dict[str, int]:
    counted: dict[str, int] = simulators.connectwise.requests()["by_route"]
    return {route: number for route, number in counted.items() if not route.startswith("GET ")}


# --- adding ---------------------------------------------------------------------------------------


def test_a_product_is_added_and_mapped(signed_in: SignedIn, world: World, shop: Simulators) -> None:
    client = signed_in("operator")
    sent = new_item(client, shop, cost="1,000.5", customer_description="Network detection")
    assert (sent["identifier"], sent["description"], sent["type"]) == (CODE, "Sophos NDR MSP Monthly", "1")
    answer = client.post(ADD, sent, headers=IN_DIALOG)
    assert answer.headers["HX-Trigger"] == "dialog-done"
    made = catalog(shop)[CODE]
    assert (made["price"], made["cost"], made["vendorSku"], made["recurringFlag"]) == (3.2, 1000.5, CODE, True)
    assert made["recurringBillCycle"]["name"] == "Monthly"
    assert made["category"]["name"] == "Security", "the subcategory has it"
    assert configure.items_of(world.integration, CODE) == [made["id"]]
    assert VendorProduct.objects.get(code=CODE).sync
    assert "is in ConnectWise PSA, and “Sophos NDR MSP Monthly” is billed as it" in words(
        client.get(f"{HERE}configure/").content.decode()
    )
    page = client.get(ADD).content.decode()
    assert form(page)["subcategory"] == str(made["subcategory"]["id"]), "what was used last is there again"
    assert "identifier" not in form(page)


def test_a_double_click_adds_one(signed_in: SignedIn, shop: Simulators) -> None:
    client = signed_in("operator")
    sent = new_item(client, shop)
    shop.connectwise.forget_requests()
    assert [client.post(ADD, sent, headers=IN_DIALOG).status_code for _ in range(2)] == [204, 204]
    assert writes(shop) == {"POST /procurement/catalog": 1}


@pytest.mark.parametrize(("kind", "made"), [("drop-after-commit", True), ("500", False)])
def test_a_lost_answer_is_looked_up_before_anything_is_said(
    signed_in: SignedIn, shop: Simulators, kind: str, made: bool
) -> None:
    client = signed_in("operator")
    sent = new_item(client, shop)
    shop.connectwise.faults({"route": "/procurement/catalog", "method": "POST", "nth": 1, "kind": kind})
    answer = client.post(ADD, sent, headers=IN_DIALOG)
    assert answer.status_code == (204 if made else 424)
    assert (CODE in catalog(shop)) is made
    if not made:
        assert 'value="3.20"' in answer.content.decode()
        assert client.post(ADD, sent, headers=IN_DIALOG).status_code == 204
    assert len([name for name in catalog(shop) if name == CODE]) == 1


@pytest.mark.parametrize(
    ("language", "typed", "field", "sentence"),
    [
        ("en", {"description": "x" * 61}, "description", "at most 60 characters"),
        ("fr", {"identifier": "x" * 76}, "identifier", "au plus 75 caractères"),
        ("en", {"price": "three"}, "price", "Enter a number, for example 12.50."),
        ("fr", {"price": "trois"}, "price", "Saisissez un nombre, par exemple 12,50."),
        ("en", {"price": "-1"}, "price", "-1 is negative."),
        ("en", {"subcategory": ""}, "subcategory", "This field is required."),
        ("en", {"billing_cycle": ""}, "billing_cycle", "A recurring product needs a billing cycle."),
        ("en", {"product": "NOPE"}, "product", "Select a valid choice"),
        ("fr", {"identifier": "sophos_ndr"}, "identifier", "ConnectWise PSA a déjà un autre produit"),
    ],
)
def test_what_is_wrong_is_told_at_its_field_and_nothing_is_sent(
    signed_in: SignedIn, shop: Simulators, language: str, typed: dict[str, str], field: str, sentence: str
) -> None:
    client = signed_in("operator", language)
    sent = new_item(client, shop) | {"customer_description": "stays"} | typed
    shop.connectwise.forget_requests()
    answer = client.post(ADD, sent, headers=IN_DIALOG)
    page = answer.content.decode()
    assert answer.status_code == 422
    told = re.search(rf'id="id_{field}_error">(.*?)</p>', page, re.DOTALL)
    assert told is not None
    assert sentence in words(told[1])
    assert ">\nstays</textarea>" in page
    assert writes(shop) == {}


def test_what_connectwise_refuses_stands_at_its_field(signed_in: SignedIn, shop: Simulators) -> None:
    """A rule that only this server has."""
    client = signed_in("operator")
    sent = new_item(client, shop)
    kept = shop.connectwise.state()["types"][0]["id"]
    shop.connectwise.remove("types", kept)
    page = client.post(ADD, sent | {"type": str(kept)}, headers=IN_DIALOG).content.decode()
    assert 'id="id_type_error"' in page


def test_a_missing_right_is_named(signed_in: SignedIn, shop: Simulators) -> None:
    client = signed_in("operator")
    sent = new_item(client, shop)
    shop.connectwise.call("PATCH", "switches", {"permissions": {"catalog": "I"}})
    answer = client.post(ADD, sent, headers=IN_DIALOG)
    assert answer.status_code == 422
    assert "lacks the right Procurement / Product Catalog / Add" in words(answer.content.decode())


def test_another_sophos_product_brings_its_own_texts_and_keeps_what_was_typed(
    signed_in: SignedIn, shop: Simulators
) -> None:
    client = signed_in("operator")
    asked = {"product": "CPHISH-MSP", "of": CODE, "identifier": CODE, "description": "My own words", "price": "7"}
    sent = form(client.get(ADD, asked, headers=IN_DIALOG).content.decode())
    assert (sent["identifier"], sent["description"], sent["price"]) == ("CPHISH-MSP", "My own words", "7")


# --- details and editing --------------------------------------------------------------------------


def endpoint(simulators: Simulators) -> dict[str, Any]:
    return catalog(simulators)["Sophos_Intercept_X_Advanced"]


def test_details_are_read_now(signed_in: SignedIn, world: World, shop: Simulators) -> None:
    item = endpoint(shop)["id"]
    configure.map_product(world.integration, "CIXA-MSP", item, by=None, now=clock.now())
    shop.connectwise.change("catalog", item, description="Renamed a minute ago", price=4.75)
    page = words(signed_in("viewer", "fr").get(f"{HERE}items/{item}/").content.decode())
    for part in ("Renamed a minute ago", "4,75", "Endpoint Security", "Licence", "CIXA-MSP", "0 contrat"):
        assert part in page
    assert "Modifier les détails du produit dans PSA" not in page
    assert "Modifier les détails" in words(signed_in("operator", "fr").get(f"{HERE}items/{item}/").content.decode())


def test_an_edit_changes_what_was_typed_and_no_more(signed_in: SignedIn, shop: Simulators) -> None:
    client, item = signed_in("operator", "fr"), endpoint(shop)["id"]
    address = f"{HERE}items/{item}/edit/"
    sent = form(client.get(address, headers=IN_DIALOG).content.decode(), price="4,75")
    shop.connectwise.forget_requests()
    assert client.post(address, sent, headers=IN_DIALOG).status_code == 204
    assert endpoint(shop)["price"] == 4.75
    assert writes(shop) == {"PATCH /procurement/catalog/{id}": 1}
    assert AuditEvent.objects.get(action="edit_item").after == {"price": "4.75"}
    assert client.post(address, sent, headers=IN_DIALOG).status_code == 204
    assert writes(shop) == {"PATCH /procurement/catalog/{id}": 1}, "a second click sends nothing"


def test_a_change_made_meanwhile_is_shown_and_not_overwritten(signed_in: SignedIn, shop: Simulators) -> None:
    client, item = signed_in("operator"), endpoint(shop)["id"]
    address = f"{HERE}items/{item}/edit/"
    sent = form(client.get(address, headers=IN_DIALOG).content.decode(), description="Mine")
    shop.connectwise.change("catalog", item, price=9.5)
    answer = client.post(address, sent, headers=IN_DIALOG)
    page = answer.content.decode()
    assert answer.status_code == 409
    assert "was changed in ConnectWise PSA while you were editing it" in words(page)
    assert "Price 4.2 → becomes 9.5" in words(page)
    again = form(page)
    assert (again["description"], again["price"]) == ("Mine", "9.5")
    assert endpoint(shop)["description"] != "Mine"
    assert client.post(address, again, headers=IN_DIALOG).status_code == 204
    assert (endpoint(shop)["description"], endpoint(shop)["price"]) == ("Mine", 9.5)


def test_an_edit_that_is_refused_loses_nothing(signed_in: SignedIn, shop: Simulators) -> None:
    client, item = signed_in("operator"), endpoint(shop)["id"]
    address = f"{HERE}items/{item}/edit/"
    sent = form(client.get(address, headers=IN_DIALOG).content.decode(), identifier="SOPHOS_NDR", price="5")
    answer = client.post(address, sent, headers=IN_DIALOG)
    page = answer.content.decode()
    assert answer.status_code == 422
    assert "ConnectWise PSA says: Product ID already in use." in words(page)
    assert 'value="SOPHOS_NDR"' in page
    assert client.post(address, sent | {"identifier": "Sophos_X", "price": "dear"}).status_code == 422
    assert endpoint(shop)["price"] == 4.2


def test_a_deleted_product_can_not_be_edited(signed_in: SignedIn, shop: Simulators) -> None:
    client, item = signed_in("operator"), endpoint(shop)["id"]
    shop.connectwise.remove("catalog", item)
    assert "Not there any more" in words(client.get(f"{HERE}items/{item}/").content.decode())
    answer = client.get(f"{HERE}items/{item}/edit/", headers=IN_DIALOG)
    assert answer.status_code == 404
    assert "Not there any more" in words(answer.content.decode())


def test_a_search_in_connectwise_finds_what_was_made_a_minute_ago(
    signed_in: SignedIn, world: World, shop: Simulators
) -> None:
    client, address = signed_in("operator"), f"{HERE}map/?product={CODE}"
    tables = shop.connectwise.state()
    made = shop.connectwise.add(
        "catalog",
        identifier="BRAND-NEW",
        description="Just made",
        customerDescription="Just made",
        subcategory={"id": tables["subcategories"][0]["id"]},
        type={"id": tables["types"][0]["id"]},
    )
    assert "BRAND-NEW" not in client.get(f"{address}&q=brand").content.decode()
    sent = {"q": "brand", "act": "search", "multiply": "3"}
    page = client.post(address, sent, headers=IN_DIALOG).content.decode()
    assert "ConnectWise PSA has 1 such product." in words(page)
    assert f'value="{made["id"]}"' in page
    assert 'value="3"' in page
    assert client.post(address, sent | {"q": "b"}, headers=IN_DIALOG).status_code == 422
    shop.connectwise.faults({"route": "*", "method": "*", "kind": "401"})
    answer = client.post(address, sent, headers=IN_DIALOG)
    shop.connectwise.call("DELETE", "faults")
    assert (answer.status_code, 'role="alert"' in answer.content.decode()) == (422, True)


def test_a_viewer_adds_and_edits_nothing(signed_in: SignedIn, shop: Simulators) -> None:
    client, item = signed_in("viewer"), endpoint(shop)["id"]
    shop.connectwise.forget_requests()
    for address in (ADD, f"{HERE}items/{item}/edit/"):
        assert client.get(address).status_code == 403
        assert client.post(address, {"identifier": "X"}).status_code == 403
    assert writes(shop) == {}
