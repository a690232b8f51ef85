"""Suggestions: the labelled names, what may never be certain, the vendor's products and renames, and speed."""

from __future__ import annotations

import sys
import time
from collections import Counter
from collections.abc import Iterable
from dataclasses import replace
from random import Random
from typing import Any

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from tests.core.labelled_names import (
    DOUBTS,
    KIN,
    LEGAL_FORMS,
    OTHERS,
    RENAMES,
    ROWS,
    SPELLINGS,
    WORDS,
    default_items,
    world,
)
from truecount.core.articles import DEFAULT_IDENTIFIERS
from truecount.core.model import Agreement, AgreementState, CatalogItem, Company, Customer, VendorProduct
from truecount.core.names import company
from truecount.core.suggest import (
    Certainty,
    CustomerSuggestion,
    Doubt,
    NoAgreement,
    ProductSuggestion,
    Reason,
    suggest_products,
)
from truecount.core.suggest import suggest_customers as suggest

CERTAIN, LIKELY, POSSIBLE = Certainty.CERTAIN, Certainty.LIKELY, Certainty.POSSIBLE
Seen = tuple[Any, Certainty, set[Doubt]]


def customers(*names: str) -> list[Customer]:
    return [Customer(id=f"c{i}", name=name) for i, name in enumerate(names, start=1)]


def companies(*names: str) -> list[Company]:
    return [Company(id=i, identifier=f"COMPANY{i}", name=name) for i, name in enumerate(names, start=1)]


def seen(found: Iterable[CustomerSuggestion | ProductSuggestion]) -> list[Seen]:
    return [
        (each.customer if isinstance(each, CustomerSuggestion) else each.code, each.certainty, set(each.doubts))
        for each in found
    ]


def told(customer: str, *names: str) -> tuple[Certainty | None, set[Doubt]]:
    """How certain a customer's company is among companies of these names, and the doubts."""
    found = seen(suggest(customers(customer), companies(*names), [], taken={}))
    return found[0][1:] if found else (None, set())


def test_it_works() -> None:
    agreements = [
        Agreement(id=10, name="Managed security", company=1),
        Agreement(id=11, name="Old", company=1, state=AgreementState.EXPIRED),
    ]
    known = companies("MUELLER BAU", "Mueller Baustoffe GmbH")
    assert suggest(customers("Müller Bau GmbH", "Nobody at all"), known, agreements, taken={}) == [
        CustomerSuggestion(
            customer="c1",
            company=1,
            agreement=10,
            no_agreement=None,
            score=98,
            certainty=CERTAIN,
            reason=Reason.NAME,
            words=("Müller", "Bau"),
        )
    ]


# --- the labelled names -----------------------------------------------------------------------------


def report(title: str, counts: Counter[tuple[bool, Certainty | None]], wanted: int) -> tuple[float, float]:
    """Recall at certain, and at certain or likely; `pytest -rP` shows them."""
    right = {level: counts[True, level] for level in Certainty}
    recalls = right[CERTAIN] / wanted, (right[CERTAIN] + right[LIKELY]) / wanted
    told = ", ".join(f"{level} {right[level]} right {counts[False, level]} wrong" for level in Certainty)
    sys.stdout.write(f"{title}: recall {recalls[0]:.1%} certain, {recalls[1]:.1%} certain or likely; {told}\n")
    return recalls


def test_the_set_is_large_and_does_not_contradict_itself() -> None:
    assert len(ROWS) >= 500
    assert len({(row.customer, row.company) for row in ROWS}) == len(ROWS)
    assert min(Counter(row.same for row in ROWS).values()) >= 250
    assert len({row.language[:2] for row in ROWS}) >= 15
    assert [row for row in ROWS if not row.same and KIN[row.customer] == KIN[row.company]] == []


def test_pairs() -> None:
    """Every customer against one company: nothing but the names can tell."""
    levels = {row: told(row.customer, row.company)[0] for row in ROWS}
    assert [row for row in ROWS if levels[row] is CERTAIN and not row.same] == []
    counts = Counter((row.same, levels[row]) for row in ROWS)
    certain, likely = report("pairs", counts, sum(row.same for row in ROWS))
    assert (certain > 0.88, likely > 0.94) == (True, True)


def test_all_together() -> None:
    """All customers against all companies, those that are easily mistaken among them."""
    own, others = world()
    known = companies(*sorted({*own.values(), *others}))
    found = suggest([Customer(id=name, name=name) for name in own], known, [], taken={})
    right = {each.customer: KIN[each.customer] == KIN[known[each.company - 1].name] for each in found}
    assert [each for each in found if each.certainty is CERTAIN and not right[each.customer]] == []
    certain, likely = report("together", Counter((right[each.customer], each.certainty) for each in found), len(own))
    assert (certain > 0.67, likely > 0.94) == (True, True)


def test_without_its_own_company_no_customer_is_certain() -> None:
    own, others = world()
    assert len(others) > 200
    found = suggest(customers(*own), companies(*sorted(others)), [], taken={})
    assert CERTAIN not in {each.certainty for each in found}


def test_a_name_is_certainly_itself() -> None:
    for name in {name for row in ROWS for name in (row.customer, row.company)}:
        assert told(name, name) == (CERTAIN, set())
        assert told(f"  {name.upper()} ", name)[0] is CERTAIN


# --- names ------------------------------------------------------------------------------------------


@pytest.mark.parametrize("form", LEGAL_FORMS.replace("\n", " ").split(", "))
def test_a_legal_form_at_the_end_does_not_count(form: str) -> None:
    name = company(f"Vermeer Lindqvist {form}")
    assert [word.text for word in name.words] == ["Vermeer", "Lindqvist"]
    assert name.legal
    assert told(f"Vermeer Lindqvist {form}", "Vermeer Lindqvist") == (CERTAIN, set())


@pytest.mark.parametrize(("name", "words"), WORDS)
def test_words(name: str, words: str) -> None:
    assert [word.text for word in company(name).words] == words.split()


@pytest.mark.parametrize(("text", "forms"), SPELLINGS)
def test_spellings(text: str, forms: str) -> None:
    assert company(text).words[0].forms == tuple(forms.split())


@pytest.mark.parametrize("both", ["&", "+", "et", "and", "und", "y", "e", "en", "i", "og", "och"])
def test_every_and_is_the_same(both: str) -> None:
    assert told(f"Lund {both} Berger", "Lund & Berger") == (CERTAIN, set())
    assert told(f"Lund {both} Berger", "Lund Berger") == (LIKELY, {Doubt.SMALL_WORDS})


@pytest.mark.parametrize(("customer", "other", "expected"), DOUBTS)
def test_doubts(customer: str, other: str, expected: str) -> None:
    certainty, *doubts = expected.split()
    level = None if certainty == "none" else Certainty(certainty)
    assert told(customer, other) == (level, {Doubt(doubt) for doubt in doubts})
    assert told(other, customer) == (level, {Doubt(doubt) for doubt in doubts})


# --- several candidates -----------------------------------------------------------------------------


def test_companies_of_one_name_are_never_certain() -> None:
    (found,) = suggest(customers("Boulangerie Lund"), companies("Boulangerie Lund", "LUND BOULANGERIE"), [], taken={})
    assert (found.company, found.certainty, found.doubts, found.rivals) == (1, LIKELY, (Doubt.SECOND,), (2,))


def test_a_near_one_makes_uncertain_unless_it_belongs_to_another() -> None:
    names = ("Clinique Lund", "Clinique Lund Nord")
    assert told("Clinique Lund", *names) == (LIKELY, {Doubt.SECOND})
    both: list[Seen] = [("c1", CERTAIN, set()), ("c2", CERTAIN, set())]
    assert seen(suggest(customers(*names), companies(*names), [], taken={})) == both
    assert seen(suggest(customers(*names), companies(*names), [], taken={"c2": 2})) == both[:1]


def test_a_plainly_different_one_does_not() -> None:
    assert told("Agence Lund 1", "Agence Lund 1", "Agence Lund 2") == (CERTAIN, set())
    assert told("Lund Medical Group", "Lund Medical Group", "Lund Dental Group") == (CERTAIN, set())


def test_a_company_is_found_by_some_of_its_words() -> None:
    assert told("Lund Colbert Martin Berger", "Lund", "Martin Peeters Claes Ott")[0] is POSSIBLE
    assert told("Clinique Lund", *(f"Clinique Lund Peeters Claes Ott {i}" for i in range(100)))[0] is POSSIBLE
    common = [f"{word} {i}" for word in ("Lund", "Martin", "Colbert") for i in range(100)]
    assert told("Lund Martin Colbert", *common, "Lund Martin") == (POSSIBLE, {Doubt.WORDS})


def test_an_inactive_company_is_never_suggested_but_makes_uncertain() -> None:
    gone, there = companies("Boulangerie Lund", "Boulangerie Lund")
    gone = replace(gone, active=False)
    assert suggest(customers("Boulangerie Lund"), [gone], [], taken={}) == []
    (found,) = suggest(customers("Boulangerie Lund"), [gone, there], [], taken={})
    assert (found.company, found.certainty, found.rivals) == (2, LIKELY, (1,))


def test_two_customers_of_one_company() -> None:
    found = suggest(customers("Lund SARL", "LUND", "Berger"), companies("Lund", "Berger"), [], taken={})
    shared = {Doubt.SHARED}
    assert seen(found) == [("c3", CERTAIN, set()), ("c2", LIKELY, shared), ("c1", LIKELY, shared)]


def test_a_customer_that_is_gone_claims_nothing() -> None:
    gone = Customer(id="gone", name="Lund", active=False)
    found = suggest([gone, *customers("Lund")], companies("Lund"), [], taken={})
    assert seen(found) == [("c1", CERTAIN, set()), ("gone", LIKELY, {Doubt.SHARED})]


def test_mapped_customers_get_none_and_their_companies_are_taken() -> None:
    found = suggest(customers("Lund", "Lund"), companies("Lund"), [], taken={"c1": 1})
    assert seen(found) == [("c2", LIKELY, {Doubt.TAKEN})]


@pytest.mark.parametrize(
    ("customer", "identifier", "expected"),
    [
        ("Phoenix Dental", "PHOENIXDENTAL", (CERTAIN, set())),
        ("Phoenixdental", "PhoenixDental", (CERTAIN, set())),
        ("Nova", "NOVA", (LIKELY, {Doubt.SHORT})),
        ("…", "", None),
    ],
)
def test_the_company_id(customer: str, identifier: str, expected: tuple[Certainty, set[Doubt]] | None) -> None:
    known = [Company(id=7, identifier=identifier, name="Smith & Partners")]
    found = suggest(customers(customer), known, [], taken={})
    assert seen(found) == ([("c1", *expected)] if expected else [])
    assert all(each.reason is Reason.IDENTIFIER for each in found)


@pytest.mark.parametrize(
    ("states", "agreement", "why"),
    [
        ("", None, NoAgreement.NONE),
        ("active", 1, None),
        ("expired active not_started", 2, None),
        ("expired cancelled inactive", None, NoAgreement.NONE_ACTIVE),
        ("active active", None, NoAgreement.SEVERAL),
    ],
)
def test_the_only_active_agreement(states: str, agreement: int | None, why: NoAgreement | None) -> None:
    agreements = [
        Agreement(id=i, name="", company=1, state=AgreementState(state)) for i, state in enumerate(states.split(), 1)
    ]
    agreements.append(Agreement(id=99, name="", company=2))
    (found,) = suggest(customers("Lund"), companies("Lund", "Berger"), agreements, taken={})
    assert (found.agreement, found.no_agreement) == (agreement, why)


# --- products ---------------------------------------------------------------------------------------

USER_ENDPOINT = "Sophos Endpoint - User MSP Monthly"


def item(description: str, *, id: int = 1, **fields: Any) -> CatalogItem:
    return replace(CatalogItem(id=id, identifier=f"ART-{id:04}", description=description), **fields)


def vendor(code: str, name: str = "", group: str = "User") -> VendorProduct:
    return VendorProduct(code=code, name=name, group=group)


def best(product: VendorProduct, *catalog: CatalogItem) -> tuple[int, Certainty, set[Doubt]] | None:
    found = suggest_products([product], catalog, taken={})
    return (found[0].item, found[0].certainty, set(found[0].doubts)) if found else None


@pytest.mark.parametrize("place", ["vendor_sku", "part_number", "cross_reference", "identifier"])
def test_the_code_settles_it(place: str) -> None:
    catalog = [item("Protection Gold", id=1, **{place: "cixa-msp "}), item("Sophos Endpoint - User", id=2)]
    assert suggest_products([vendor("CIXA-MSP", USER_ENDPOINT)], catalog, taken={}) == [
        ProductSuggestion(
            code="CIXA-MSP", item=1, score=100, certainty=CERTAIN, reason=Reason.CODE, words=("CIXA-MSP",)
        )
    ]


def test_the_same_code_twice_is_not_certain() -> None:
    twice = item("Gold", vendor_sku="CIXA-MSP"), item("Silver", id=2, part_number="CIXA-MSP")
    assert best(vendor("CIXA-MSP"), *twice) == (1, LIKELY, {Doubt.SECOND})


def test_the_code_of_another_term() -> None:
    other, own = item("Gold", vendor_sku="CIXAXDR"), item("Silver", id=2, vendor_sku="CIXAXDR-MSP")
    assert best(vendor("CIXAXDR-MSP"), other) == (1, LIKELY, {Doubt.TERM})
    assert best(vendor("CIXAXDR-MSP"), other, own) == (2, CERTAIN, set())


def test_a_code_that_may_be_another_makers() -> None:
    assert best(vendor("CMA"), item("Cable, mini adapter", part_number="CMA")) == (1, LIKELY, {Doubt.SHORT})
    assert best(vendor("CIXA-MSP"), item("ESET Protect", vendor_sku="CIXA-MSP")) == (1, LIKELY, {Doubt.BRAND})


@pytest.mark.parametrize(("code", "identifier"), DEFAULT_IDENTIFIERS.items())
def test_default_identifiers(code: str, identifier: str) -> None:
    catalog = default_items()
    for written in (code, f"{code}-MSP", code.replace("SVR", "SRV")):
        (found,) = suggest_products([vendor(written, group="")], catalog, taken={})
        assert (catalog[found.item - 1].identifier, found.certainty) == (identifier, CERTAIN)
        assert (found.reason, found.words) == (Reason.DEFAULT_IDENTIFIER, (identifier,))


def test_a_default_product_keeps_its_identifier_when_renamed() -> None:
    old = item("Our own bundle", id=2, identifier="Sophos_Intercept_X_Advanced")
    assert best(vendor("CIXA-MSP", USER_ENDPOINT), old) == (2, CERTAIN, set())
    disagrees = item("Sophos Endpoint - User", id=1)
    assert best(vendor("CIXA-MSP", USER_ENDPOINT), old, disagrees) == (2, LIKELY, {Doubt.SECOND})


@pytest.mark.parametrize(("name", "description"), RENAMES)
def test_renames(name: str, description: str) -> None:
    assert best(vendor("UNKNOWN-MSP", name), item(description)) == (1, CERTAIN, set())


@pytest.mark.parametrize(("name", "description"), OTHERS)
def test_other_products_are_at_most_possible(name: str, description: str) -> None:
    found = best(vendor("UNKNOWN-MSP", name), item(description))
    assert found is None or found[1] is POSSIBLE


SERVERS = ["server", "for Server", "- Servers", "Serveur", "pour serveurs", "SRV", "servidor"]
USERS = ["user", "per user", "- Users", "utilisateur", "pro Benutzer", "workstations"]


@pytest.mark.parametrize("family", ["Endpoint", "XDR", "MDR Complete", "Intercept X Advanced with XDR", "NDR"])
def test_servers_and_users_are_never_confused(family: str) -> None:
    server_items, user_items = ([item(f"Sophos {family} {word}") for word in words] for words in (SERVERS, USERS))
    plain, both = item(f"Sophos {family}"), item(f"Sophos {family} user and server")
    confused: list[tuple[int, Certainty, set[Doubt]]] = [(1, POSSIBLE, {Doubt.AUDIENCE})]
    for product in vendor("SVRX-MSP", f"Sophos {family}", ""), vendor("X-MSP", f"Sophos {family} - Server"):
        assert [best(product, each) for each in server_items] == [(1, CERTAIN, set())] * len(SERVERS)
        assert [best(product, each) for each in (*user_items, plain, both)] == confused * (len(USERS) + 2)
    for product in vendor("Y-MSP", f"Sophos {family} - User", ""), vendor("Z-MSP", f"Sophos {family}"):
        assert [best(product, each) for each in (*user_items, plain)] == [(1, CERTAIN, set())] * (len(USERS) + 1)
        assert [best(product, each) for each in (*server_items, both)] == confused * (len(SERVERS) + 1)


@pytest.mark.parametrize(("code", "audience"), [("SVRCIXAXDR-MSP", "for users"), ("CIXAXDR-MSP", "for servers")])
def test_not_even_by_code(code: str, audience: str) -> None:
    assert best(vendor(code), item(f"Sophos XDR {audience}", vendor_sku=code)) == (1, POSSIBLE, {Doubt.AUDIENCE})
    assert best(vendor(code), item("Managed Gold", vendor_sku=code)) == (1, CERTAIN, set())


def test_many_products_among_the_defaults() -> None:
    expected = {
        "CIXA-MSP": ("Sophos Endpoint - User MSP Monthly", "Sophos_Intercept_X_Advanced"),
        "SVRCLOUDADV-MSP": ("Sophos Endpoint - Server MSP Monthly", "Sophos_Intercept_X_Adv_Srv"),
        "CIXAXDR-MSP": ("Sophos XDR - User", "Sophos_Intercept_X_Advanced_XDR"),
        "SVRCIXAXDR-MSP": ("Sophos XDR - Server", "Sophos_Intercept_X_Adv_Srv_XDR"),
        "CIXAMTR-STD-MSP": ("Sophos MDR Essentials", "Sophos_MTR_Standard"),
        "SVRCIXAMTR-STD-MSP": ("Sophos MDR Essentials", "Sophos_MTR_Standard_Srv"),
        "CIXAMTR-ADV-MSP": ("Sophos MDR Complete - User MSP Monthly", "Sophos_MTR_Advanced"),
        "SVRCIXAMTR-ADV-MSP": ("Sophos MDR Complete - Server MSP Monthly", "Sophos_MTR_Advanced_Srv"),
        "CMS-MSP": ("Central Mobile Standard", "Sophos_Mobile_Standard"),
        "CEMA-MSP": ("Sophos Email MSP Monthly", None),
        "COPX-MSP": ("Cloud Optix MSP", None),
    }
    catalog = default_items()
    found = suggest_products([vendor(code, name, "") for code, (name, _) in expected.items()], catalog, taken={})
    assert {each.certainty for each in found} == {CERTAIN}
    mapped = {each.code: catalog[each.item - 1].identifier for each in found}
    assert mapped == {code: identifier for code, (_, identifier) in expected.items() if identifier}


@pytest.mark.parametrize(
    ("fields", "doubt"), [({"active": False}, Doubt.INACTIVE), ({"item_class": "Bundle"}, Doubt.BUNDLE)]
)
def test_items_that_cannot_be_billed_are_at_most_possible(fields: dict[str, Any], doubt: Doubt) -> None:
    product, named = vendor("CIXA-MSP", USER_ENDPOINT), item("Sophos Endpoint - User", **fields)
    assert best(product, named) == (1, POSSIBLE, {doubt})
    assert best(product, item("Gold", vendor_sku="CIXA-MSP", **fields)) == (1, POSSIBLE, {doubt})
    assert best(product, named, item("Sophos Endpoint", id=3)) == (3, CERTAIN, set())


def test_the_texts_of_an_item() -> None:
    product = vendor("X-MSP", "Sophos XDR - User")
    assert best(product, item("XDR per user")) == (1, LIKELY, {Doubt.BRAND})
    assert best(product, item("Art. 12", customer_description="Sophos XDR")) == (1, CERTAIN, set())
    disagree = item("Sophos XDR set-up", customer_description="Sophos XDR")
    assert best(product, disagree) == (1, POSSIBLE, {Doubt.WORDS})
    cloud = item("Cloud hosting", customer_description="Sophos Cloud Optix")
    assert best(vendor("COPX-MSP", "Cloud Optix MSP"), cloud) == (1, CERTAIN, set())
    praise = "Sophos XDR watches over your computers day and night, with reports and a team that answers the phone."
    assert best(product, item("Sophos XDR", customer_description=praise)) == (1, CERTAIN, set())


def test_two_products_of_one_name() -> None:
    products = [vendor("A-MSP", "Sophos XDR"), vendor("B-MSP", "Intercept X Advanced with XDR")]
    found = suggest_products(products, [item("Sophos XDR")], taken={})
    assert seen(found) == [("A-MSP", LIKELY, {Doubt.SHARED}), ("B-MSP", LIKELY, {Doubt.SHARED})]
    left = suggest_products(products, [item("Sophos XDR")], taken={"A-MSP": 1})
    assert seen(left) == [("B-MSP", LIKELY, {Doubt.TAKEN})]


# --- properties -------------------------------------------------------------------------------------

unhurried = settings(deadline=None)  # a loaded machine is not a failure

PIECES = """Müller Mueller Muller Bau Bäckerei Boulangerie Martin Martine & et und L' De Smet Desmet 42 24 Nord SA SARL
GmbH AS Co. KG Spa Group Groupe Dr. J. P. The Café Cafe … 株式会社 Παπα İstanbul ß"""
NAMES = st.lists(st.sampled_from(PIECES.split()), max_size=5).map(" ".join) | st.sampled_from(
    [row.customer for row in ROWS]
)
BANDS = {CERTAIN: range(91, 101), LIKELY: range(70, 91), POSSIBLE: range(40, 70)}


@unhurried
@given(st.lists(NAMES, max_size=6), st.lists(NAMES, max_size=8), st.data())
def test_customers_and_companies_in_any_order(some: list[str], others: list[str], data: st.DataObject) -> None:
    known = [
        Company(id=i, identifier=name.replace(" ", "")[:25], name=name, active=i % 5 != 0)
        for i, name in enumerate(others)
    ]
    asked = customers(*some)
    taken = {each.id: 1 for each in asked[3:4]}
    found = suggest(asked, known, [], taken=taken)
    mixed = data.draw(st.permutations(asked)), data.draw(st.permutations(known))
    assert suggest(*mixed, [], taken=taken) == found
    assert found == sorted(found, key=lambda each: (-each.score, each.customer))
    for each in found:
        assert each.score in BANDS[each.certainty]
        assert (each.certainty is CERTAIN) == (not each.doubts)
        assert known[each.company].active
        assert each.customer not in taken
        assert each.words
        assert bool(each.rivals) == (Doubt.SECOND in each.doubts)
        assert each.company not in each.rivals
    certain = Counter(each.company for each in found if each.certainty is CERTAIN)
    assert set(certain.values()) <= {1}


@unhurried
@given(NAMES, NAMES)
def test_both_ways_alike(some: str, other: str) -> None:
    assume(all(any(letter.isalnum() for letter in name) for name in (some, other)))  # a lone “&” is no name
    assert told(some, other)[0] == told(other, some)[0]


@unhurried
@given(NAMES, st.sampled_from(["GmbH", "SARL", "Ltd", "inc.", "AB"]))
def test_a_name_stays_certain_with_a_legal_form(name: str, form: str) -> None:
    if company(name).words and not company(name).legal:
        assert told(f"{name} {form}", name)[0] is CERTAIN


TEXTS = (
    "Sophos Central Endpoint Server User XDR MDR MTR Complete Essentials Advanced Email Intercept X with and for 3 Gold"
)


@unhurried
@given(st.lists(st.lists(st.sampled_from(TEXTS.split()), max_size=7).map(" ".join), max_size=6), st.data())
def test_products_and_items_in_any_order(texts: list[str], data: st.DataObject) -> None:
    classes = ["Service", "Bundle", "NonInventory"]
    catalog = [
        item(text, id=i, active=i % 4 != 3, item_class=classes[i % 3], vendor_sku="CIXA-MSP" if i == 2 else "")
        for i, text in enumerate(texts)
    ]
    products = [
        vendor("CIXA-MSP", USER_ENDPOINT),
        vendor("SVRCIXAXDR-MSP", "Sophos XDR"),
        vendor("MDR", "MDR Complete"),
    ]
    found = suggest_products(products, catalog, taken={})
    mixed = data.draw(st.permutations(products)), data.draw(st.permutations(catalog))
    assert suggest_products(*mixed, taken={}) == found
    for each in found:
        assert each.score in BANDS[each.certainty]
        assert (each.certainty is CERTAIN) == (not each.doubts)
        if each.certainty is not POSSIBLE:
            assert catalog[each.item].active
            assert catalog[each.item].billable
            audience = {"Server", "User"} & set(catalog[each.item].description.split())
            assert audience != ({"User"} if each.code.startswith("SVR") else {"Server"})


# --- speed ------------------------------------------------------------------------------------------


TRADES = ["Boulangerie", "Garage", "Cabinet", "Clinique", "Transports", "Hotel", "Pharmacie", "Bäckerei", "Autohaus"]
PARTS = [first + rest for first in "BCDFGLMNPRST" for rest in ("aron", "elin", "uter", "itz", "amel", "ovik")]
ENDS = ["Lyon", "Namur SARL", "Berlin GmbH", "Lausanne SA", "Québec", "Gent", "", "SARL"]


def many(count: int, random: Random) -> list[str]:
    pick = random.choice
    return [f"{pick(TRADES)} {pick(PARTS)}{pick(PARTS).lower()} {pick(ENDS)}" for _ in range(count)]


@pytest.mark.parametrize("alike", [False, True], ids=["spread", "alike"])
def test_a_thousand_customers_and_five_thousand_companies(alike: bool) -> None:
    random = Random(7)
    names = many(5000, random)
    if alike:
        surnames = [name.split()[1] for name in names[:20]]
        names = [f"Clinique {random.choice(surnames)} {random.choice('ABCDEFGH')}" for _ in names]
    asked = customers(*random.sample(names, 500), *many(500, random))
    began = time.process_time()
    found = suggest(asked, companies(*names), [], taken={})
    assert time.process_time() - began < 3
    assert len(found) >= 500


def test_a_large_catalog() -> None:
    random = Random(7)
    catalog = [item(" ".join(random.sample(TEXTS.split(), 5)), id=i) for i in range(5_000)]
    products = [vendor(f"P{i}-MSP", " ".join(random.sample(TEXTS.split(), 3))) for i in range(30)]
    began = time.process_time()
    suggest_products(products, catalog, taken={})
    assert time.process_time() - began < 3
