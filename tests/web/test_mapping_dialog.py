"""Map Sophos product to ConnectWise product: choosing, the rule, refusals that lose nothing, two people at once."""

from __future__ import annotations

import re
from typing import Any

import pytest
from django.test import Client

from tests.web.conftest import SignedIn
from tests.web.reading import words
from tests.web.rows import World
from truecount.core.model import Combine, Rule, WhereNone
from truecount.runs import clock, configure
from truecount.store.models import AuditEvent, CatalogItem, ProductMappingCode, VendorProduct

HERE = "/integrations/demo/usage-sync/"
MAP, UNMAP = f"{HERE}map/", f"{HERE}unmap/"
NEW = f"{MAP}?product=NDR-MSP"
IN_DIALOG = {"HX-Request": "true", "HX-Target": "dialog", "HX-Current-URL": f"http://testserver{HERE}configure/"}
HIDDEN = re.compile(r'<input type="hidden" name="(shown|rule_item|shown_rule)" value="([^"]*)">')
PLAIN = {"combine": "sum", "multiply": "1", "rounding": "none", "step": "1", "where_none": "create"}


@pytest.fixture(autouse=True)
def more_items(world: World) -> None:
    for number, name, fields in (
        (950, "MS-NDR", {"description": "Network detection and response"}),
        (951, "MS-OLD", {"description": "Retired", "active": False}),
        (952, "MS-BUNDLE", {"description": "Workplace", "item_class": "Bundle"}),
        (953, "FEE", {"description": "Service fee"}),
    ):
        CatalogItem.objects.create(integration=world.integration, psa_id=number, identifier=name, **fields)


def form(client: Client, address: str, **typed: Any) -> dict[str, Any]:
    """What the dialog sends: the hidden part as it was shown, and what was typed."""
    page = client.get(address, headers=IN_DIALOG).content.decode()
    hidden: dict[str, list[str]] = {}
    for name, value in HIDDEN.findall(page):
        hidden.setdefault(name, []).append(value)
    return {**PLAIN, **hidden, "act": "apply", **typed}


def items_of(world: World, code: str) -> list[int]:
    return configure.items_of(world.integration, code)


def test_suggestions_come_first_with_their_reason(signed_in: SignedIn) -> None:
    page = words(signed_in("operator").get(NEW).content.decode())
    assert "Suggestions" in page or "Nothing here is like" in page
    CatalogItem.objects.filter(psa_id=950).update(vendor_sku="NDR-MSP")
    page = words(signed_in("operator").get(NEW).content.decode())
    assert "MS-NDR Network detection and response it carries the Sophos code NDR-MSP" in page


def test_two_characters_find_and_one_does_not(signed_in: SignedIn) -> None:
    client = signed_in("operator")
    assert "Type at least two characters." in words(client.get(f"{NEW}&q=m").content.decode())
    page = client.get(f"{NEW}&q=ms").content.decode()
    assert words(page).index("MS-NDR") < words(page).index("MS-OLD")
    assert 'value="951" disabled' in page
    assert 'value="952" disabled' in page
    assert "inactive in ConnectWise PSA" in page
    assert "of class Bundle" in page
    assert 'name="item" value="950"' in page
    assert "Nothing here has this in its name" in words(client.get(f"{NEW}&q=zzzz").content.decode())


def test_what_was_chosen_stays_while_typing_goes_on(signed_in: SignedIn) -> None:
    page = signed_in("operator").get(f"{NEW}&q=fee&item=950").content.decode()
    assert 'value="950" checked' in page
    assert 'value="953"' in page


def test_apply_maps_at_once(signed_in: SignedIn, world: World) -> None:
    client = signed_in("operator")
    answer = client.post(NEW, form(client, NEW, item="950"), headers=IN_DIALOG)
    assert (answer.status_code, answer.headers["HX-Trigger"]) == (204, "dialog-done")
    assert items_of(world, "NDR-MSP") == [950]
    assert VendorProduct.objects.get(code="NDR-MSP").sync
    assert "“Sophos NDR MSP Monthly” is billed as MS-NDR." in words(client.get(f"{HERE}configure/").content.decode())


def test_without_a_script_it_is_a_page(signed_in: SignedIn, world: World) -> None:
    client = signed_in("operator", "fr")
    page = client.get(NEW).content.decode()
    assert '<h1 id="dialog-title">Mapper le produit Sophos au produit ConnectWise</h1>' in page
    found = client.post(NEW, {"act": "find", "q": "ndr", **PLAIN}).content.decode()
    assert 'value="950"' in found
    answer = client.post(NEW, {**PLAIN, "item": "950", "act": "apply", "rule_item": "", "shown_rule": "create"})
    assert answer.headers["Location"] == f"{HERE}configure/"
    assert items_of(world, "NDR-MSP") == [950]


def test_a_whole_name_is_a_choice(signed_in: SignedIn, world: World) -> None:
    client = signed_in("operator")
    client.post(NEW, form(client, NEW, q="network DETECTION and response"))
    assert items_of(world, "NDR-MSP") == [950]


@pytest.mark.parametrize(
    ("typed", "sentence"),
    [
        ({}, "Choose a ConnectWise product from the list"),
        ({"q": "m"}, "Type at least two characters."),
        ({"q": "ms"}, "Choose a ConnectWise product from the list"),
        ({"item": "952"}, "is of class Bundle"),
        ({"item": "951"}, "is inactive"),
        ({"item": "4711"}, "has no product"),
    ],
)
def test_a_wrong_choice_is_told_at_the_field(
    signed_in: SignedIn, world: World, typed: dict[str, str], sentence: str
) -> None:
    client = signed_in("operator")
    answer = client.post(NEW, form(client, NEW, **typed, multiply="2.5"), headers=IN_DIALOG)
    page = answer.content.decode()
    assert answer.status_code == 422
    assert sentence in words(page)
    assert 'aria-describedby="find-hint find-error"' in page
    assert 'value="2.5"' in page, "what was typed stays"
    assert items_of(world, "NDR-MSP") == []


@pytest.mark.parametrize(
    ("language", "typed", "field", "reason"),
    [
        ("en", {"multiply": "two"}, "multiply", "Enter a number, for example 12.50."),
        ("en", {"multiply": "1,5"}, "multiply", "Enter a number, for example 12.50."),
        ("en", {"included": "-1.5"}, "included", "-1.5 is negative."),
        ("en", {"included": "9" * 13}, "included", "9999999999999 is too large."),
        ("fr", {"step": "0"}, "step", "0 ne suffit pas\u202f; il faut plus de 0."),
        ("fr", {"minimum": "5", "maximum": "2,5"}, "maximum", "Le minimum 5 dépasse le maximum 2,5."),
    ],
)
def test_a_wrong_rule_is_told_at_its_field(
    signed_in: SignedIn, world: World, language: str, typed: dict[str, str], field: str, reason: str
) -> None:
    client = signed_in("operator", language)
    answer = client.post(NEW, form(client, NEW, item="950", **typed))
    assert answer.status_code == 422
    page = answer.content.decode()
    assert f'id="id_{field}_error"' in page
    assert reason in page
    assert items_of(world, "NDR-MSP") == []


def test_the_rule_is_kept(signed_in: SignedIn, world: World) -> None:
    client = signed_in("operator", "fr")
    typed = {"combine": "max", "multiply": "1,5", "minimum": "1 000", "where_none": "adopt-only"}
    client.post(NEW, form(client, NEW, item="950", **typed))
    rule, where_none = configure.rule_of(world.integration, 950)
    assert configure.rule_mark(rule, where_none) == "combine=max multiply=1.5 minimum=1000 adopt-only"
    page = client.get(f"{NEW}&of=950").content.decode()
    assert 'value="1,5"' in page
    assert '<details class="stack" open>' in page


def test_a_product_that_has_a_rule_brings_it(signed_in: SignedIn, world: World) -> None:
    """Where scripts load it, and where they do not it is shown before it counts."""
    configure.map_product(
        world.integration, "CPHISH-MSP", 904, rule=Rule(combine=Combine.MAX), by=None, now=clock.now()
    )
    client = signed_in("operator")
    assert 'value="max" selected' in client.get(f"{NEW}&item=904&multiply=3").content.decode()
    untouched = form(client, NEW, item="904")
    assert client.post(NEW, untouched).status_code == 302
    assert configure.rule_of(world.integration, 904)[0].combine is Combine.MAX
    configure.unmap_product(world.integration, "NDR-MSP", by=None, now=clock.now())
    answer = client.post(NEW, form(client, NEW, item="904", multiply="3"))
    assert answer.status_code == 409
    assert "has a rule already" in words(answer.content.decode())
    assert 'value="max" selected' in answer.content.decode()
    assert items_of(world, "NDR-MSP") == []


def test_also_billed_as_another_product(signed_in: SignedIn, world: World) -> None:
    client, address = signed_in("operator"), f"{MAP}?product=CIXA-MSP&also=1"
    assert "stays billed as it is" in client.get(address).content.decode()
    assert client.post(address, form(client, address, item="900")).status_code == 422
    client.post(address, form(client, address, item="953"))
    assert items_of(world, "CIXA-MSP") == [900, 953]
    one = f"{MAP}?product=CIXA-MSP&of=953"
    client.post(one, form(client, one, item="950"))
    assert items_of(world, "CIXA-MSP") == [900, 950]


def test_several_products_on_one(signed_in: SignedIn, world: World) -> None:
    client = signed_in("operator")
    client.post(NEW, form(client, NEW, item="900"))
    assert "bundle of 3" in words(client.get(f"{HERE}configure/").content.decode())
    assert "also for Central Device Encryption MSP Monthly" in words(client.get(f"{NEW}&of=900").content.decode())


def test_two_people_edit_one_mapping(signed_in: SignedIn, world: World) -> None:
    address = f"{MAP}?product=CEMA-MSP&of=903"
    client = signed_in("operator")
    mine = form(client, address, item="950", multiply="7")
    configure.map_product(world.integration, "CEMA-MSP", 953, by=world.users["admin"], now=clock.now())
    answer = client.post(address, mine, headers=IN_DIALOG)
    page = answer.content.decode()
    assert answer.status_code == 409
    assert "Somebody else changed the mapping" in words(page)
    assert items_of(world, "CEMA-MSP") == [953]
    assert 'value="950" checked' in page
    assert 'value="7"' in page
    again: dict[str, Any] = {**mine, "shown": [v for n, v in HIDDEN.findall(page) if n == "shown"]}
    client.post(address, again, headers=IN_DIALOG)
    assert items_of(world, "CEMA-MSP") == [950]


def test_a_double_click_maps_once(signed_in: SignedIn, world: World) -> None:
    client = signed_in("operator")
    sent = form(client, NEW, item="950")
    answers = [client.post(NEW, sent, headers=IN_DIALOG).status_code for _ in range(2)]
    assert answers == [204, 204]
    assert AuditEvent.objects.filter(action="map_product", subject="NDR-MSP").count() == 1


def test_a_mapping_is_removed_after_asking(signed_in: SignedIn, world: World) -> None:
    client, address = signed_in("operator"), f"{UNMAP}?product=CEMA-MSP&item=903"
    assert "Sync goes off by itself" in words(client.get(address, headers=IN_DIALOG).content.decode())
    assert items_of(world, "CEMA-MSP") == [903]
    for _ in range(2):
        assert client.post(address, headers=IN_DIALOG).headers["HX-Trigger"] == "dialog-done"
    assert items_of(world, "CEMA-MSP") == []
    assert not VendorProduct.objects.get(code="CEMA-MSP").sync
    assert AuditEvent.objects.filter(action="map_product", subject="CEMA-MSP").count() == 1


def test_a_viewer_maps_nothing(signed_in: SignedIn, world: World) -> None:
    client = signed_in("viewer")
    for address in (NEW, f"{UNMAP}?product=CEMA-MSP&item=903"):
        assert client.get(address).status_code == 403
        assert client.post(address, {**PLAIN, "item": "950"}).status_code == 403
    assert ProductMappingCode.objects.filter(code="NDR-MSP").count() == 0


def test_a_lost_session_comes_back_to_the_page(client: Client, world: World) -> None:
    answer = client.post(NEW, {"item": "950"}, headers=IN_DIALOG)
    assert answer.headers["HX-Redirect"] == f"/sign-in/?next={HERE.replace('/', '%2F')}configure%2F"


@pytest.mark.parametrize("address", [f"{MAP}?product=NOPE", MAP, f"{MAP}?product=%00", f"{UNMAP}?product=NOPE&item=1"])
def test_an_unknown_product_is_not_there(signed_in: SignedIn, address: str) -> None:
    client = signed_in("operator")
    assert client.get(address).status_code == 404
    assert client.post(address).status_code == 404


def test_where_none_is_told_on_the_details(signed_in: SignedIn, world: World) -> None:
    configure.map_product(
        world.integration,
        "CIXA-MSP",
        900,
        rule=Rule(combine=Combine.MAX),
        where_none=WhereNone.ADOPT_ONLY,
        by=None,
        now=clock.now(),
    )
    page = words(signed_in("viewer").get(f"{HERE}items/900/").content.decode())
    assert "Take the largest · existing lines only" in page
    assert "As it was read last:" in page


def test_firewalls_have_their_note(signed_in: SignedIn) -> None:
    client = signed_in("operator")
    assert "assigned to specific tenants" in client.get(f"{MAP}?product=XGS-STD-MSP").content.decode()
    assert "assigned to specific tenants" not in client.get(NEW).content.decode()
