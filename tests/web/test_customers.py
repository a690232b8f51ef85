"""Mapping and switching customers: what the list says, and every act of the panel, whole or not at all."""

from __future__ import annotations

from decimal import Decimal

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import translation

from tests.web.conftest import SignedIn
from tests.web.reading import words
from tests.web.rows import World
from truecount.core.model import FindingKind
from truecount.runs import clock
from truecount.runs.customers import decisions_about
from truecount.store.models import (
    Agreement,
    AuditEvent,
    Customer,
    CustomerFigure,
    CustomerMapping,
    CustomerOverride,
    Finding,
    Run,
)
from truecount.web.numbers import number_typed

LIST = "/integrations/demo/customers/"


def read(client: Client, query: str = "") -> str:
    return words(client.get(LIST + query).content.decode())


def figure(world: World, customer: str, units: str, money: str | None = None, **others: str) -> None:
    assert world.plan is not None
    CustomerFigure.objects.create(
        integration=world.integration,
        plan=world.plan,
        customer=customer,
        units=Decimal(units),
        money=None if money is None else Decimal(money),
        currency="EUR" if money else "",
        others=others,
    )


def form(client: Client, customer: str, **typed: object) -> dict[str, object]:
    """The panel's fields as they stand, with what is typed instead."""
    shown = client.get(f"{LIST}{customer}/").context
    draft = shown["draft"]
    return {
        "seen": shown["seen"],
        "company": draft.company,
        "how": draft.how,
        "agreement": list(draft.agreements),
        "split": draft.split,
        "rule": draft.rule,
        "pattern": draft.pattern,
        "sync": "on" if draft.sync else "",
        "act": "save",
    } | typed


def save(client: Client, customer: str, **typed: object) -> str:
    answer = client.post(f"{LIST}save/{customer}/", form(client, customer, **typed), follow=True)
    return words(answer.content.decode())


def told(world: World, customer: str) -> list[tuple[int, Decimal | None, Decimal | None]]:
    shares = decisions_about(world.integration, customer).shares
    return [(share.agreement, share.percent, share.first) for share in shares]


# --- the list -------------------------------------------------------------------------------------


def test_status_units_and_money(signed_in: SignedIn, world: World) -> None:
    figure(world, "c0000", "12", "54.00")
    figure(world, "c0001", "3", "9.00", USD="20")
    client = signed_in()
    page = read(client)
    assert "Map and synchronize your customers" in page
    assert "12 54.00 €" in page
    assert "3 $20.00 and 9.00 €" in page
    assert "1–2 of 2" in read(client, "?status=successful")
    assert "1–3 of 3" in read(client, "?status=failed"), "two customers not mapped, one with a product that is not"
    assert "1–5 of 5" in read(client, "?status=both")
    assert "Customer not mapped. “Laboratoires Moreau” uses 4 Sophos products" in read(client, "?q=labo")
    first = client.get(LIST + "?sort=-money").context["customers"][0]
    assert first.customer.vendor_id == "c0000"


def test_a_line_left_on_the_agreement_is_the_customers_failure(signed_in: SignedIn, world: World) -> None:
    figure(world, "c0001", "3", "9.00")
    Finding.objects.create(
        integration=world.integration,
        kind=str(FindingKind.DUPLICATE_LINES),
        agreement=501,
        item=900,
        since=clock.now().date(),
        seen_at=clock.now(),
    )
    assert "Failed" in read(signed_in(), "?q=dubois&status=failed")
    assert "Dubois" in words(signed_in().get("/integrations/demo/findings/?customer=c0001").content.decode())


def test_a_page_takes_as_many_queries_with_all_customers(signed_in: SignedIn, world: World) -> None:
    client = signed_in()
    client.get(LIST)
    with CaptureQueriesContext(connection) as with_twenty:
        client.get(LIST)
    rows = [
        Customer(integration=world.integration, vendor_id=f"x{place}", name=f"Zeta {place}", billing="usage")
        for place in range(100)
    ]
    Customer.objects.bulk_create(rows)
    with CaptureQueriesContext(connection) as with_fifty:
        client.get(LIST)
    assert len(with_fifty) == len(with_twenty) < 25


def test_csv(signed_in: SignedIn, world: World) -> None:
    figure(world, "c0001", "3", "9.00", USD="20")
    rows = signed_in().get(LIST + "?format=csv&q=dubois").content.decode("utf-8-sig").splitlines()
    assert rows[0].startswith("Customer,Customer id,Billing,ConnectWise company,Agreement,Usage sync,Sync status,")
    assert [row.split(",")[-3:] for row in rows[1:]] == [["3", "9", "EUR"], ["3", "20", "USD"]]


def test_usage_sync_of_several(signed_in: SignedIn, world: World) -> None:
    client = signed_in("operator")
    address = LIST + "usage-sync/"
    answer = client.post(address, {"customer": ["c0000", "c0001"], "on": "0", "next": LIST + "?q=e"}, follow=True)
    assert answer.redirect_chain[0][0] == LIST + "?q=e"
    assert "Usage sync is off for 2 more customers." in words(answer.content.decode())
    assert Customer.objects.filter(vendor_id__in=["c0000", "c0001"], sync=False).count() == 2
    assert AuditEvent.objects.filter(action="switch_customer").count() == 2
    assert "Tick at least one" in words(client.post(address, {"on": "1"}, follow=True).content.decode())
    assert client.post(address, {"customer": ["c0000", "nobody"], "on": "1"}).status_code == 404
    assert not Customer.objects.get(vendor_id="c0000").sync, "all or none"


def test_refresh_starts_a_run_once(signed_in: SignedIn, world: World) -> None:
    client = signed_in("operator")
    client.post(LIST + "refresh/")
    run = Run.objects.get(verb="refresh")
    assert client.post(LIST + "refresh/").headers["Location"] == f"/runs/{run.pk}/"
    assert "Customer details are being refreshed." in read(client)
    assert "Refresh customer details" in words(client.get(f"/runs/{run.pk}/").content.decode())


# --- the panel ------------------------------------------------------------------------------------


def test_companies_by_two_letters(signed_in: SignedIn) -> None:
    client = signed_in("operator")
    one = words(client.get(LIST + "c0007/?seen=x&q=h").content.decode())
    assert "Harbour" not in one
    two = client.get(LIST + "c0007/?seen=x&q=ho")
    assert [company.name for company in two.context["offered"]] == ["Hôtel du Vieux-Port", "Orchard Primary School"]


def test_a_suggestion_is_offered_with_its_words(signed_in: SignedIn) -> None:
    offered = signed_in().get(LIST + "c0007/").context["offered"]
    assert [company.name for company in offered] == ["Laboratoires Moreau"]
    assert offered[0].why == "the same name: Laboratoires, Moreau"
    assert not offered[0].chosen, "nothing maps itself"


def test_map_by_hand(signed_in: SignedIn, world: World) -> None:
    client = signed_in("operator")
    options = client.get(LIST + "c0007/?seen=x&company=107").context["options"]
    assert [(option.ident, option.ticked) for option in options] == [("507", True)], "the only active one"
    page = save(client, "c0007", company="107", agreement=["507"])
    assert "“Laboratoires Moreau” is saved." in page
    assert told(world, "c0007") == [(507, None, None)]


def test_split_and_its_mistakes(signed_in: SignedIn, world: World) -> None:
    for ident in (700, 701):
        Agreement.objects.create(
            integration=world.integration,
            psa_id=ident,
            name=f"More {ident}",
            company=101,
            state="active",
            currency="EUR",
        )
    client = signed_in("operator")
    wrong = client.post(
        f"{LIST}save/c0001/", form(client, "c0001", agreement=["501", "700"], **{"part-501": "60", "part-700": "30.5"})
    )
    page = wrong.content.decode()
    assert wrong.status_code == 422
    assert "The percentages add up to 90.5; make them 100." in page
    assert 'value="30.5"' in page, "what was typed stays"
    assert told(world, "c0001") == [(501, Decimal(100), None)]
    save(client, "c0001", agreement=["501", "700"], **{"part-501": "60", "part-700": "40"})
    assert told(world, "c0001") == [(501, Decimal(60), None), (700, Decimal(40), None)]
    save(client, "c0001", agreement=["501", "700", "701"], split="first", **{"part-501": "10", "part-700": "5"})
    assert told(world, "c0001") == [(501, None, Decimal(10)), (700, None, Decimal(5)), (701, None, None)]
    assert "the first 10" in read(client, "?q=dubois")
    for split, one, other, reason in (
        ("first", "1", "2", '"error">Leave exactly one agreement'),
        ("first", "", "", '"error">Leave exactly one agreement'),
        ("first", "-1", "", 'id="part-501-wrong">-1 is negative.'),
        ("first", "0.0000001", "", 'id="part-501-wrong">0.0000001 has more than 6 decimals.'),
        ("percent", "33.33333", "66.6667", 'id="part-501-wrong">33.33333 has more than 4 decimals.'),
    ):
        parts = {"part-501": one, "part-700": other}
        sent = form(client, "c0001", split=split, agreement=["501", "700"], **parts)
        assert reason in client.post(f"{LIST}save/c0001/", sent).content.decode()


def test_by_rule(signed_in: SignedIn, world: World) -> None:
    client = signed_in("operator")
    query = "?seen=x&company=101&how=rule&rule=name&pattern="
    assert "Finds “Managed Services” now." in words(client.get(LIST + "c0001/" + query + "managed").content.decode())
    assert "Finds no active agreement" in words(client.get(LIST + "c0001/" + query + "other").content.decode())
    assert "Say which type or name" in save(client, "c0001", how="rule", rule="type", pattern=" ")
    save(client, "c0001", how="rule", rule="type", pattern="Managed")
    row = CustomerMapping.objects.get(customer="c0001")
    assert (row.by_rule, row.pattern, row.shares.count()) == ("type", "Managed", 0)
    assert "by its type Managed" in read(client, "?q=dubois")


def test_exceptions(signed_in: SignedIn, world: World) -> None:
    client = signed_in("operator")
    save(client, "c0001", item=["900", "901"], kind=["exclude", "minimum"], value=["", "2.5"])
    kept = CustomerOverride.objects.filter(customer="c0001").order_by("item")
    assert [(row.item, row.exclude, row.minimum) for row in kept] == [(900, True, None), (901, False, Decimal("2.5"))]
    for typed, reason in (("many", "Enter a number, 0 or more."), ("-1", "-1 is negative.")):
        page = save(client, "c0001", item=["900", "902"], kind=["", "fixed"], value=["", typed])
        assert f"Quantity {reason}" in page, "at its field"
    assert kept.count() == 2, "nothing is half saved"
    save(client, "c0001", item=["901"], kind=["minimum"], value=["2.5"])
    assert [row.item for row in kept.all()] == [901]


def test_bill_anyway_and_switch(signed_in: SignedIn, world: World) -> None:
    client = signed_in("operator")
    assert "Bill anyway, although Sophos bills it otherwise (Term)" in words(
        client.get(LIST + "c0010/").content.decode()
    )
    save(client, "c0010", bill_anyway="on", sync="")
    row = Customer.objects.get(vendor_id="c0010")
    assert (row.bill_anyway, row.sync) == (True, False)
    assert told(world, "c0010") == [(510, Decimal(100), None)], "the mapping was not touched"
    assert not AuditEvent.objects.filter(action="map_customer", subject="c0010", after__has_key="shares").exists()


def test_remove_mapping(signed_in: SignedIn, world: World) -> None:
    assert "is saved" in save(signed_in("operator"), "c0001", act="unmap")
    assert decisions_about(world.integration, "c0001").company is None


def test_a_change_meanwhile_is_shown_and_not_overwritten(signed_in: SignedIn, world: World) -> None:
    client = signed_in("operator")
    mine = form(client, "c0001", sync="")
    save(signed_in("admin"), "c0001", how="rule", rule="only-active")
    page = client.post(f"{LIST}save/c0001/", mine)
    said = words(page.content.decode())
    assert page.status_code == 422
    assert "Customer changed meanwhile" in said
    assert "the only active one" in said
    assert "admin@demo.example" in said
    assert Customer.objects.get(vendor_id="c0001").sync
    again = client.post(f"{LIST}save/c0001/", mine | {"seen": page.context["seen"]})
    assert again.status_code == 302, "having seen it, one may decide so"
    assert told(world, "c0001") == [(501, None, None)]


@pytest.mark.parametrize(
    "typed",
    [
        {"company": "99999"},
        {"company": "x"},
        {"company": "", "agreement": ["501"]},
        {"company": "101", "agreement": ["502"]},
        {"company": "101", "agreement": []},
        {"company": "9" * 30},
    ],
)
def test_what_can_not_be_is_refused_whole(signed_in: SignedIn, world: World, typed: dict[str, object]) -> None:
    client = signed_in("operator")
    answer = client.post(f"{LIST}save/c0001/", form(client, "c0001", sync="", **typed))
    assert answer.status_code == 422
    assert Customer.objects.get(vendor_id="c0001").sync
    assert told(world, "c0001") == [(501, Decimal(100), None)]


def test_in_a_dialog(signed_in: SignedIn) -> None:
    client, asked = signed_in("operator"), {"HX-Request": "true", "HX-Target": "dialog"}
    page = client.get(LIST + "c0001/", headers=asked).content.decode()
    assert "<html" not in page
    answer = client.post(f"{LIST}save/c0001/", form(client, "c0001", sync="", next=LIST + "?q=e"), headers=asked)
    assert (answer.status_code, answer.headers["HX-Redirect"]) == (204, LIST + "?q=e")
    elsewhere = form(client, "c0001", sync="on", next="https://elsewhere.example/")
    assert client.post(f"{LIST}save/c0001/", elsewhere, headers=asked).headers["HX-Redirect"] == LIST


def test_without_scripts_the_search_is_a_button(signed_in: SignedIn, world: World) -> None:
    client = signed_in("operator")
    answer = client.post(f"{LIST}save/c0007/", form(client, "c0007", q="kings", sync="", act="look"))
    assert [company.name for company in answer.context["offered"]] == ["Kingsway Law"]
    assert answer.context["draft"].sync is False
    assert Customer.objects.get(vendor_id="c0007").sync is False
    assert decisions_about(world.integration, "c0007").company is None


def test_a_viewer_reads_and_is_offered_nothing(signed_in: SignedIn, world: World) -> None:
    client = signed_in("viewer", "fr")
    for page in (client.get(LIST), client.get(LIST + "c0001/"), client.get(LIST + "suggestions/")):
        told_page = page.content.decode()
        for address in ("customers/usage-sync/", "/refresh/", "/accept/"):
            assert address not in told_page
        assert "Enregistrer" not in told_page
    assert client.post(f"{LIST}save/c0001/", {"act": "unmap"}).status_code == 403
    assert decisions_about(world.integration, "c0001").company == 101


@pytest.mark.parametrize(
    ("language", "typed", "meant"),
    [
        *[("en", "2.5", "2.5"), ("en", "1 000", "1000"), ("en", "1,000.5", "1000.5"), ("en", "0", "0")],
        *[("en", ".5", "0.5"), ("en", "-1", "-1"), ("en", "2,5", None), ("en", "1,00", None), ("en", "", None)],
        *[("en", "x", None), ("en", "NaN", None), ("en", "1e3", None), ("en", "٣", None)],
        *[("fr", "2,5", "2.5"), ("fr", "1\u202f000,5", "1000.5"), ("fr", "2.5", "2.5"), ("fr", "1,000,5", None)],
        *[("fr", "1.000", None), ("fr", "0.125", "0.125"), ("fr", "1.0000", "1"), ("en", "1.000", "1")],
    ],
)
def test_numbers_as_people_type_them(language: str, typed: str, meant: str | None) -> None:
    with translation.override(language):
        assert number_typed(typed) == (None if meant is None else Decimal(meant))


# --- suggestions ----------------------------------------------------------------------------------


def test_accept_suggestions(signed_in: SignedIn, world: World) -> None:
    Agreement.objects.filter(psa_id=507).update(state="active")
    client = signed_in("operator")
    page = client.get(LIST + "suggestions/")
    rows = {row.suggestion.customer: row for row in page.context["rows"]}
    assert set(rows) == {"c0007", "c0016"}
    assert "the same name: Laboratoires, Moreau" in words(page.content.decode())
    assert rows["c0016"].no_agreement == "The company has no active agreement."
    ticked = [rows["c0007"].key, "c0016|199|"]
    answer = words(client.post(LIST + "suggestions/accept/", {"suggestion": ticked}, follow=True).content.decode())
    assert "1 customer is mapped." in answer
    assert "1 suggestion no longer stands" in answer
    assert told(world, "c0007") == [(507, None, None)]
    assert decisions_about(world.integration, "c0016").company is None


def test_suggestions_as_csv(signed_in: SignedIn) -> None:
    rows = signed_in("viewer").get(LIST + "suggestions/?format=csv").content.decode().splitlines()
    assert rows[1].startswith("Kingsway Law,c0016,Kingsway Law,") or rows[1].startswith("Laboratoires Moreau,c0007,")
    assert len(rows) == 3
