"""Suggestions: the labelled names, what may never be certain, the vendor's products and renames, and speed."""

from __future__ import annotations

import csv
import sys
import time
from collections import Counter
from collections.abc import Iterable
from pathlib import Path
from random import Random
from typing import NamedTuple

import pytest
from hypothesis import given
from hypothesis import strategies as st

from truecount.core.model import Agreement, AgreementState, CatalogItem, Company, Customer, VendorProduct
from truecount.core.names import DEFAULT_IDENTIFIERS, company
from truecount.core.suggest import (
    Certainty,
    CustomerSuggestion,
    Doubt,
    NoAgreement,
    ProductSuggestion,
    Reason,
    suggest_customers,
    suggest_products,
)

CERTAIN, LIKELY, POSSIBLE = Certainty.CERTAIN, Certainty.LIKELY, Certainty.POSSIBLE


def customers(*names: str) -> list[Customer]:
    return [Customer(id=f"c{i}", name=name) for i, name in enumerate(names, start=1)]


def companies(*names: str) -> list[Company]:
    return [Company(id=i, identifier=f"COMPANY{i}", name=name) for i, name in enumerate(names, start=1)]


def one(customer: str, *names: str) -> CustomerSuggestion | None:
    """What is suggested for a customer among companies of these names."""
    return next(iter(suggest_customers(customers(customer), companies(*names), [], taken={})), None)


def told(customer: str, *names: str) -> tuple[Certainty | None, set[Doubt]]:
    found = one(customer, *names)
    return (found.certainty, set(found.doubts)) if found else (None, set())


def test_it_works() -> None:
    agreements = [
        Agreement(id=10, name="Managed security", company=1),
        Agreement(id=11, name="Old", company=1, state=AgreementState.EXPIRED),
    ]
    found = suggest_customers(
        customers("Müller Bau GmbH", "Nobody at all"),
        companies("MUELLER BAU", "Mueller Baustoffe GmbH"),
        agreements,
        taken={},
    )
    assert found == [
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
    """Recall at certain, and at certain or likely; printed with `-rP`."""
    right = {level: counts[True, level] for level in Certainty}
    wrong = {level: counts[False, level] for level in Certainty}
    recalls = right[CERTAIN] / wanted, (right[CERTAIN] + right[LIKELY]) / wanted
    sys.stdout.write(f"{title}: recall {recalls[0]:.1%} certain, {recalls[1]:.1%} certain or likely; ")
    sys.stdout.write(", ".join(f"{level} {right[level]} right {wrong[level]} wrong" for level in Certainty) + "\n")
    return recalls


def test_the_set_is_large_and_does_not_contradict_itself() -> None:
    assert len(ROWS) >= 500
    assert len({(row.customer, row.company) for row in ROWS}) == len(ROWS)
    assert min(Counter(row.same for row in ROWS).values()) >= 250
    assert len({row.language[:2] for row in ROWS}) >= 15
    assert [row for row in ROWS if not row.same and KIN[row.customer] == KIN[row.company]] == []


def test_pairs() -> None:
    """Every customer against its one company: nothing but the names can tell."""
    counts: Counter[tuple[bool, Certainty | None]] = Counter()
    wrong = []
    for row in ROWS:
        level, _ = told(row.customer, row.company)
        counts[row.same, level] += 1
        if level is CERTAIN and not row.same:
            wrong.append(row)
    assert wrong == []
    certain, likely = report("pairs", counts, sum(row.same for row in ROWS))
    assert certain > 0.89
    assert likely > 0.95


def test_all_together() -> None:
    rows, known = world()
    found = suggest_customers(
        [Customer(id=row.customer, name=row.customer) for row in rows], known.values(), [], taken={}
    )
    name_of = {each.id: each.name for each in known.values()}
    right = {each.customer: KIN[each.customer] == KIN[name_of[each.company]] for each in found}
    assert [each for each in found if each.certainty is CERTAIN and not right[each.customer]] == []
    certain, likely = report("together", Counter((right[each.customer], each.certainty) for each in found), len(rows))
    assert certain > 0.72
    assert likely > 0.94


def test_without_their_own_company_none_is_certain() -> None:
    rows, known = world()
    own = {row.company for row in rows}
    strangers = [each for name, each in known.items() if name not in own]
    found = suggest_customers(customers(*(row.customer for row in rows)), strangers, [], taken={})
    assert len(strangers) > 200
    assert [each for each in found if each.certainty is CERTAIN] == []


@pytest.mark.parametrize("row", [row for row in ROWS if row.language.startswith("fr-B")], ids=lambda row: row.customer)
def test_a_name_is_certainly_itself(row: Row) -> None:
    for name in (row.customer, row.company):
        assert told(name, name) == (CERTAIN, set())
        assert told(f"  {name.upper()} ", name)[0] is CERTAIN


# --- names ------------------------------------------------------------------------------------------


@pytest.mark.parametrize("form", LEGAL_FORMS.replace("\n", " ").split(", "))
def test_a_legal_form_at_the_end_does_not_count(form: str) -> None:
    name = company(f"Vermeer Lindqvist {form}")
    assert [word.text for word in name.words] == ["Vermeer", "Lindqvist"]
    assert name.legal
    assert told(f"Vermeer Lindqvist {form}", "Vermeer Lindqvist") == (CERTAIN, set())
    assert told(f"Vermeer Lindqvist, {form.upper()}", "Vermeer Lindqvist")[0] in (CERTAIN, LIKELY, POSSIBLE)


@pytest.mark.parametrize(
    "name", ["SARL Vermeer", "SAS Vermeer", "asbl Vermeer", "Vermeer SARL Lyon", "S.à r.l. Vermeer", "GmbH Vermeer"]
)
def test_a_legal_form_elsewhere(name: str) -> None:
    assert [word.text for word in company(name).words][:1] == ["Vermeer"]


@pytest.mark.parametrize(
    ("name", "words"),
    [
        # what looks like a legal form and is a word, or a name of its own
        ("Harmony Day Spa", "Harmony Day Spa"),
        ("James Earl", "James Earl"),
        ("Johnson EV Ltd", "Johnson EV"),
        ("Limited Edition Prints", "Limited Edition Prints"),
        ("AG Insurance", "AG Insurance"),
        ("Peace Corp Vets", "Peace Corp Vets"),
        ("Good As New", "Good As New"),
        ("Ltd", "Ltd"),
        # initials, apostrophes, particles
        ("J. P. Oakley", "JP Oakley"),
        ("B.T.P. Lacaze", "BTP Lacaze"),
        ("K+M Technik", "K & M Technik"),
        ("O’Rourke", "ORourke"),
        ("L’Atelier d'Alice", "L Atelier d Alice"),
        ("The Copper Kettle", "Copper Kettle"),
        ("The", "The"),
        ("", ""),
        ("…", ""),
    ],
)
def test_words(name: str, words: str) -> None:
    assert [word.text for word in company(name).words] == words.split()


@pytest.mark.parametrize(
    ("text", "forms"),
    [
        ("Müller", ("muller", "mueller")),
        ("Größe", ("grosse", "groesse")),
        ("Ødegård", ("odegard", "odegaard", "oedegard", "oedegaard")),
        ("Łódź", ("lodz",)),
        ("Kjær", ("kjaer",)),
        ("Œuvre", ("oeuvre",)),
        ("Yıldız", ("yildiz",)),
        ("ÄÖÜÄÖÜ", ("aouaou",)),
    ],
)
def test_spellings(text: str, forms: tuple[str, ...]) -> None:
    assert company(text).words[0].forms == forms


@pytest.mark.parametrize("both", ["&", "+", "et", "and", "und", "y", "e", "en", "i", "og", "och"])
def test_every_and_is_the_same(both: str) -> None:
    assert told(f"Lund {both} Berger", "Lund & Berger") == (CERTAIN, set())
    assert told(f"Lund {both} Berger", "Lund Berger") == (LIKELY, {Doubt.SMALL_WORDS})


@pytest.mark.parametrize(
    ("customer", "other", "certainty", "doubts"),
    [
        ("Lund Martin SARL", "Lund Martin Sàrl", CERTAIN, set()),
        ("Lund Martin SA", "Lund Martin AG", CERTAIN, set()),
        ("Lund Martin SARL", "Lund Martin SAS", LIKELY, {Doubt.LEGAL_FORM}),
        ("Lund GmbH", "Lund GmbH & Co. KG", LIKELY, {Doubt.LEGAL_FORM}),
        ("Boulangerie Lund", "Lund Boulangerie", CERTAIN, set()),
        ("Couverture Zinguerie Le Goff", "Le Goff Couverture Zinguerie", CERTAIN, set()),
        ("Thomas Bernard", "Bernard Thomas", LIKELY, {Doubt.WORD_ORDER}),
        ("Transport Express Lyon", "Express Transport Lyon", LIKELY, {Doubt.WORD_ORDER}),
        ("Groupe Lund", "Lund Group", CERTAIN, set()),
        ("Groupe Lund", "Lund", LIKELY, {Doubt.SMALL_WORDS}),
        ("Lund & Cie", "Lund & Co", CERTAIN, set()),
        ("Lund & Cie", "Lund", LIKELY, {Doubt.SMALL_WORDS}),
        ("Dr Lund", "Mr Lund", LIKELY, {Doubt.SMALL_WORDS}),
        ("De Smet", "Desmet", LIKELY, {Doubt.SMALL_WORDS}),
        ("Hydro Sud", "HydroSud", CERTAIN, set()),
        ("Agence 42", "Agence 24", None, set()),
        ("Lund Agence 42", "Lund Agence 24", POSSIBLE, {Doubt.NUMBERS, Doubt.OTHER_WORDS}),
        ("Lund 12 345", "Lund 123 45", LIKELY, {Doubt.SMALL_WORDS}),
        ("Café Bär", "Café Bar", LIKELY, {Doubt.ACCENTS}),
        ("Café Bär", "Cafe Bar", CERTAIN, set()),
        ("Boulangerie Martin", "Boulangerie Martine", POSSIBLE, {Doubt.SPELLING}),
        ("Boulangerie Martin", "Boucherie Martin", POSSIBLE, {Doubt.OTHER_WORDS}),
        ("Boulangerie Martin", "Martin", POSSIBLE, {Doubt.WORDS}),
        ("Boulangerie Martin Colbert", "Martin Colbert", LIKELY, {Doubt.TRADE}),
        ("Transport Martin", "Transports Martin", LIKELY, {Doubt.SMALL_WORDS}),
        ("Boulangerie Martin", "Boulangerie Lund", None, set()),
        ("", "", None, set()),
        ("…", "!", None, set()),
    ],
)
def test_doubts(customer: str, other: str, certainty: Certainty | None, doubts: set[Doubt]) -> None:
    assert told(customer, other) == (certainty, doubts)
    assert told(other, customer) == (certainty, doubts)


# --- several candidates -----------------------------------------------------------------------------


def test_companies_of_one_name_are_never_certain() -> None:
    found = one("Boulangerie Lund", "Boulangerie Lund", "BOULANGERIE LUND SARL")
    assert found is not None
    assert (found.company, found.certainty, found.rivals) == (1, LIKELY, (2,))
    assert found.doubts == (Doubt.SECOND,)


def test_a_near_one_makes_uncertain_unless_it_belongs_to_another() -> None:
    names = ("Clinique Lund", "Clinique Lund Nord")
    assert told("Clinique Lund", *names) == (LIKELY, {Doubt.SECOND})
    both = suggest_customers(customers(*names), companies(*names), [], taken={})
    assert [(each.customer, each.company, each.certainty) for each in both] == [
        ("c1", 1, CERTAIN),
        ("c2", 2, CERTAIN),
    ]
    mapped = suggest_customers(customers(*names), companies(*names), [], taken={"c2": 2})
    assert [(each.customer, each.company, each.certainty) for each in mapped] == [("c1", 1, CERTAIN)]


def test_a_plainly_different_one_does_not() -> None:
    assert told("Agence Lund 1", "Agence Lund 1", "Agence Lund 2") == (CERTAIN, set())
    assert told("Lund Medical Group", "Lund Medical Group", "Lund Dental Group") == (CERTAIN, set())


def test_an_inactive_company_is_never_suggested_but_makes_uncertain() -> None:
    known = [
        Company(id=1, identifier="", name="Boulangerie Lund", active=False),
        Company(id=2, identifier="", name="Boulangerie Lund"),
    ]
    assert suggest_customers(customers("Boulangerie Lund"), known[:1], [], taken={}) == []
    (found,) = suggest_customers(customers("Boulangerie Lund"), known, [], taken={})
    assert (found.company, found.certainty, found.rivals) == (2, LIKELY, (1,))


def test_two_customers_of_one_company() -> None:
    found = suggest_customers(customers("Lund SARL", "LUND", "Berger"), companies("Lund", "Berger"), [], taken={})
    assert [(each.customer, each.certainty, each.doubts) for each in found] == [
        ("c3", CERTAIN, ()),
        ("c1", LIKELY, (Doubt.SHARED,)),
        ("c2", LIKELY, (Doubt.SHARED,)),
    ]


def test_a_customer_that_is_gone_claims_nothing() -> None:
    gone = Customer(id="gone", name="Lund", active=False)
    found = suggest_customers([*customers("Lund"), gone], companies("Lund"), [], taken={})
    assert [(each.customer, each.certainty) for each in found] == [("c1", CERTAIN), ("gone", LIKELY)]


def test_mapped_customers_get_none_and_their_companies_are_taken() -> None:
    found = suggest_customers(customers("Lund", "Lund"), companies("Lund"), [], taken={"c1": 1})
    assert [(each.customer, each.certainty, each.doubts) for each in found] == [("c2", LIKELY, (Doubt.TAKEN,))]


@pytest.mark.parametrize(
    ("customer", "identifier", "certainty", "doubts"),
    [
        ("Phoenix Dental", "PHOENIXDENTAL", CERTAIN, set()),
        ("Phoenix Dental", "Phoenix-Dental", CERTAIN, set()),
        ("Phoenixdental", "PhoenixDental", CERTAIN, set()),
        ("Nova", "NOVA", LIKELY, {Doubt.SHORT}),
        ("Nova", "NOVA2", None, set()),
        ("…", "", None, set()),
    ],
)
def test_the_company_id(customer: str, identifier: str, certainty: Certainty | None, doubts: set[Doubt]) -> None:
    known = [Company(id=7, identifier=identifier, name="Smith & Partners")]
    found = suggest_customers(customers(customer), known, [], taken={})
    assert [(each.certainty, set(each.doubts), each.reason) for each in found] == (
        [(certainty, doubts, Reason.IDENTIFIER)] if certainty else []
    )


@pytest.mark.parametrize(
    ("states", "agreement", "why"),
    [
        ([], None, NoAgreement.NONE),
        ([AgreementState.ACTIVE], 1, None),
        ([AgreementState.EXPIRED, AgreementState.ACTIVE, AgreementState.NOT_STARTED], 2, None),
        ([AgreementState.EXPIRED, AgreementState.CANCELLED, AgreementState.INACTIVE], None, NoAgreement.NONE_ACTIVE),
        ([AgreementState.ACTIVE, AgreementState.ACTIVE], None, NoAgreement.SEVERAL),
    ],
)
def test_the_only_active_agreement(
    states: list[AgreementState], agreement: int | None, why: NoAgreement | None
) -> None:
    agreements = [Agreement(id=i, name="", company=1, state=state) for i, state in enumerate(states, start=1)]
    agreements.append(Agreement(id=99, name="", company=2))
    (found,) = suggest_customers(customers("Lund"), companies("Lund", "Berger"), agreements, taken={})
    assert (found.agreement, found.no_agreement) == (agreement, why)


# --- products ---------------------------------------------------------------------------------------


def item(description: str, *, id: int = 1, identifier: str = "", **fields: str | bool) -> CatalogItem:
    return CatalogItem(id=id, identifier=identifier or f"ART-{id:04}", description=description, **fields)  # type: ignore[arg-type]  # fields by name


def items(*descriptions: str) -> list[CatalogItem]:
    return [item(text, id=i) for i, text in enumerate(descriptions, start=1)]


def best(product: VendorProduct, catalog: Iterable[CatalogItem]) -> ProductSuggestion | None:
    return next(iter(suggest_products([product], catalog, taken={})), None)


def vendor(code: str, name: str = "", group: str = "User") -> VendorProduct:
    return VendorProduct(code=code, name=name, group=group)


@pytest.mark.parametrize("place", ["vendor_sku", "part_number", "cross_reference", "identifier"])
def test_the_code_settles_it(place: str) -> None:
    catalog = [item("Protection Gold", id=1, **{place: "cixa-msp "}), item("Sophos Endpoint - User", id=2)]
    found = best(vendor("CIXA-MSP", "Sophos Endpoint - User MSP Monthly"), catalog)
    assert found is not None
    assert (found.item, found.score, found.certainty, found.reason) == (1, 100, CERTAIN, Reason.CODE)
    assert found.words == ("CIXA-MSP",)


def test_the_same_code_twice_is_not_certain() -> None:
    catalog = [item("Gold", id=1, vendor_sku="CIXA-MSP"), item("Silver", id=2, part_number="CIXA-MSP")]
    found = best(vendor("CIXA-MSP"), catalog)
    assert found is not None
    assert (found.certainty, found.doubts, found.rivals) == (LIKELY, (Doubt.SECOND,), (2,))


def test_the_code_of_another_term() -> None:
    other = best(vendor("CIXAXDR-MSP"), [item("Gold", vendor_sku="CIXAXDR")])
    assert other is not None
    assert (other.certainty, other.doubts) == (LIKELY, (Doubt.TERM,))
    both = [item("Gold", id=1, vendor_sku="CIXAXDR"), item("Silver", id=2, vendor_sku="CIXAXDR-MSP")]
    found = best(vendor("CIXAXDR-MSP"), both)
    assert found is not None
    assert (found.item, found.certainty) == (2, CERTAIN)


def test_a_short_code_may_be_anybodys() -> None:
    cable = best(vendor("CMA"), [item("Cable, mini adapter", part_number="CMA")])
    assert cable is not None
    assert (cable.certainty, cable.doubts) == (LIKELY, (Doubt.SHORT,))
    foreign = best(vendor("CIXA-MSP"), [item("ESET Protect", vendor_sku="CIXA-MSP")])
    assert foreign is not None
    assert (foreign.certainty, foreign.doubts) == (LIKELY, (Doubt.BRAND,))


@pytest.mark.parametrize(("code", "identifier"), DEFAULT_IDENTIFIERS.items())
def test_default_identifiers(code: str, identifier: str) -> None:
    catalog = default_items()
    known = {each.identifier: each.id for each in catalog}
    for written in (code, f"{code}-MSP", code.replace("SVR", "SRV")):
        found = best(vendor(written, group=""), catalog)
        assert found is not None
        assert (found.item, found.certainty, found.reason) == (
            known[identifier],
            CERTAIN,
            Reason.DEFAULT_IDENTIFIER,
        )


def test_a_default_product_that_was_renamed_keeps_its_identifier() -> None:
    renamed = item("Our own endpoint bundle", identifier="Sophos_Intercept_X_Advanced")
    found = best(vendor("CIXA-MSP", "Sophos Endpoint - User MSP Monthly"), [renamed])
    assert found is not None
    assert (found.certainty, found.words) == (CERTAIN, ("Sophos_Intercept_X_Advanced",))


def test_an_identifier_and_a_name_that_disagree() -> None:
    catalog = [
        item("Old endpoint", id=1, identifier="Sophos_Intercept_X_Advanced"),
        item("Sophos Endpoint - User", id=2),
    ]
    found = best(vendor("CIXA-MSP", "Sophos Endpoint - User MSP Monthly"), catalog)
    assert found is not None
    assert (found.item, found.certainty, found.rivals) == (1, LIKELY, (2,))


@pytest.mark.parametrize(("name", "description"), RENAMES)
def test_renames(name: str, description: str) -> None:
    found = best(vendor("UNKNOWN-MSP", name), items(description))
    assert found is not None
    assert (found.certainty, found.reason, found.doubts) == (CERTAIN, Reason.NAME, ())


@pytest.mark.parametrize(("name", "description"), OTHERS)
def test_other_products_are_at_most_possible(name: str, description: str) -> None:
    found = best(vendor("UNKNOWN-MSP", name), items(description))
    assert found is None or found.certainty is POSSIBLE


SERVERS = ["server", "for Server", "- Servers", "Serveur", "pour serveurs", "SRV", "servidor"]
USERS = ["user", "per user", "- Users", "utilisateur", "pro Benutzer", "workstations"]


@pytest.mark.parametrize("family", ["Endpoint", "XDR", "MDR Complete", "Intercept X Advanced with XDR", "NDR"])
def test_servers_and_users_are_never_confused(family: str) -> None:
    for_server = [
        vendor("SVRSOMETHING-MSP", f"Sophos {family}", group=""),
        vendor("X-MSP", f"Sophos {family} - Server"),
    ]
    for_user = [vendor("Y-MSP", f"Sophos {family} - User", group=""), vendor("Z-MSP", f"Sophos {family}")]
    server_items = [item(f"Sophos {family} {word}") for word in SERVERS]
    user_items = [item(f"Sophos {family} {word}") for word in USERS]
    both = item(f"Sophos {family} user and server")
    for product in for_server:
        assert {found.certainty for each in server_items if (found := best(product, [each]))} == {CERTAIN}
        for each in (*user_items, both, item(f"Sophos {family}")):
            found = best(product, [each])
            assert found is None or found.certainty is POSSIBLE
            assert found is None or Doubt.AUDIENCE in found.doubts
    for product in for_user:
        for each in (*user_items, item(f"Sophos {family}")):
            assert (found := best(product, [each])) is not None and found.certainty is CERTAIN
        for each in (*server_items, both):
            found = best(product, [each])
            assert found is None or found.certainty is POSSIBLE


def test_not_even_by_code() -> None:
    for product, words in ((vendor("SVRCIXAXDR-MSP"), "for users"), (vendor("CIXAXDR-MSP"), "for servers")):
        found = best(product, [item(f"Sophos XDR {words}", vendor_sku=product.code)])
        assert found is not None
        assert (found.certainty, found.doubts) == (POSSIBLE, (Doubt.AUDIENCE,))
    found = best(vendor("SVRCIXAXDR-MSP"), [item("Managed Gold", vendor_sku="SVRCIXAXDR-MSP")])
    assert found is not None
    assert found.certainty is CERTAIN


def test_all_defaults_at_once() -> None:
    products = [
        vendor("CIXA-MSP", "Sophos Endpoint - User MSP Monthly"),
        vendor("SVRCLOUDADV-MSP", "Sophos Endpoint - Server MSP Monthly", "Server"),
        vendor("CIXAXDR-MSP", "Sophos XDR - User"),
        vendor("SVRCIXAXDR-MSP", "Sophos XDR - Server", "Server"),
        vendor("CIXAMTR-STD-MSP", "Sophos MDR Essentials - User"),
        vendor("SVRCIXAMTR-STD-MSP", "Sophos MDR Essentials - Server", "Server"),
        vendor("CIXAMTR-ADV-MSP", "Sophos MDR Complete - User MSP Monthly"),
        vendor("SVRCIXAMTR-ADV-MSP", "Sophos MDR Complete - Server MSP Monthly", "Server"),
        vendor("CMS-MSP", "Central Mobile Standard"),
        vendor("CEMA-MSP", "Sophos Email MSP Monthly"),
        vendor("COPX-MSP", "Cloud Optix MSP", ""),
    ]
    catalog = default_items()
    name_of = {each.id: each.identifier for each in catalog}
    found = suggest_products(products, catalog, taken={})
    assert {each.code: (name_of[each.item], each.certainty) for each in found} == {
        "CIXA-MSP": ("Sophos_Intercept_X_Advanced", CERTAIN),
        "SVRCLOUDADV-MSP": ("Sophos_Intercept_X_Adv_Srv", CERTAIN),
        "CIXAXDR-MSP": ("Sophos_Intercept_X_Advanced_XDR", CERTAIN),
        "SVRCIXAXDR-MSP": ("Sophos_Intercept_X_Adv_Srv_XDR", CERTAIN),
        "CIXAMTR-STD-MSP": ("Sophos_MTR_Standard", CERTAIN),
        "SVRCIXAMTR-STD-MSP": ("Sophos_MTR_Standard_Srv", CERTAIN),
        "CIXAMTR-ADV-MSP": ("Sophos_MTR_Advanced", CERTAIN),
        "SVRCIXAMTR-ADV-MSP": ("Sophos_MTR_Advanced_Srv", CERTAIN),
        "CMS-MSP": ("Sophos_Mobile_Standard", CERTAIN),
    }


@pytest.mark.parametrize(
    ("fields", "doubt"), [({"active": False}, Doubt.INACTIVE), ({"item_class": "Bundle"}, Doubt.BUNDLE)]
)
def test_items_that_cannot_be_billed_are_never_more_than_possible(fields: dict[str, str | bool], doubt: Doubt) -> None:
    named = item("Sophos Endpoint - User", id=1, **fields)
    coded = item("Gold", id=2, vendor_sku="CIXA-MSP", **fields)
    product = vendor("CIXA-MSP", "Sophos Endpoint - User MSP Monthly")
    for each in (named, coded):
        found = best(product, [each])
        assert found is not None
        assert (found.certainty, found.doubts) == (POSSIBLE, (doubt,))
    usable = best(product, [named, item("Sophos Endpoint", id=3)])
    assert usable is not None
    assert (usable.item, usable.certainty) == (3, CERTAIN)


def test_an_item_that_names_no_maker() -> None:
    found = best(vendor("X-MSP", "Sophos XDR - User"), items("XDR per user"))
    assert found is not None
    assert (found.certainty, found.doubts) == (LIKELY, (Doubt.BRAND,))


def test_texts_of_one_item_that_disagree() -> None:
    found = best(vendor("X-MSP", "Sophos XDR"), [item("Sophos XDR set-up", customer_description="Sophos XDR")])
    assert found is not None
    assert found.certainty is POSSIBLE
    marketing = "Sophos XDR watches over your computers day and night, with reports and a team that answers the phone."
    found = best(vendor("X-MSP", "Sophos XDR"), [item("Sophos XDR", customer_description=marketing)])
    assert found is not None
    assert found.certainty is CERTAIN


def test_two_products_of_one_name() -> None:
    products = [vendor("A-MSP", "Sophos XDR"), vendor("B-MSP", "Intercept X Advanced with XDR")]
    found = suggest_products(products, items("Sophos XDR"), taken={})
    assert [(each.code, each.certainty, each.doubts) for each in found] == [
        ("A-MSP", LIKELY, (Doubt.SHARED,)),
        ("B-MSP", LIKELY, (Doubt.SHARED,)),
    ]
    (left,) = suggest_products(products, items("Sophos XDR"), taken={"A-MSP": 1})
    assert (left.code, left.certainty, left.doubts) == ("B-MSP", LIKELY, (Doubt.TAKEN,))


# --- properties -------------------------------------------------------------------------------------

PIECES = st.sampled_from(
    "Müller Mueller Muller Bau Bäckerei Boulangerie Martin Martine & et und L' De Smet Desmet 42 24 Nord SA SARL GmbH AS "
    "& Co. KG Spa Group Groupe Dr. J. P. The Café Cafe … 株式会社 Παπα İstanbul ß".split()
)
NAMES = st.lists(PIECES, max_size=5).map(" ".join) | st.sampled_from([row.customer for row in ROWS])


def bands(score: int, certainty: Certainty) -> bool:
    low, high = {CERTAIN: (91, 100), LIKELY: (70, 90), POSSIBLE: (40, 69)}[certainty]
    return low <= score <= high


@given(st.lists(NAMES, max_size=6), st.lists(NAMES, max_size=8), st.data())
def test_order_of_input_does_not_matter(some: list[str], others: list[str], data: st.DataObject) -> None:
    known = [
        Company(id=i, identifier=name.replace(" ", "")[:25], name=name, active=i % 5 != 0)
        for i, name in enumerate(others)
    ]
    asked = customers(*some)
    taken = {each.id: 1 for each in asked[3:4]}
    found = suggest_customers(asked, known, [], taken=taken)
    shuffled = suggest_customers(data.draw(st.permutations(asked)), data.draw(st.permutations(known)), [], taken=taken)
    assert shuffled == found
    assert [each.score for each in found] == sorted((each.score for each in found), reverse=True)
    active = {each.id for each in known if each.active}
    for each in found:
        assert bands(each.score, each.certainty)
        assert (each.certainty is CERTAIN) == (not each.doubts)
        assert each.company in active
        assert each.company not in each.rivals
        assert each.customer not in taken
        assert each.words
        assert bool(each.rivals) == (Doubt.SECOND in each.doubts)
    certain = Counter(each.company for each in found if each.certainty is CERTAIN)
    assert all(count == 1 for count in certain.values())


@given(NAMES, NAMES)
def test_both_ways_alike(some: str, other: str) -> None:
    assert told(some, other)[0] == told(other, some)[0]


@given(NAMES, st.sampled_from(["GmbH", "SARL", "Ltd", "inc.", "AB"]))
def test_a_name_stays_certain_with_a_legal_form(name: str, form: str) -> None:
    if company(name).words and not company(name).legal:
        assert told(f"{name} {form}", name)[0] is CERTAIN


WORDS = (
    "Sophos Central Endpoint Server User XDR MDR MTR Complete Essentials Advanced Email Intercept X with and for 3 Gold"
)


@given(st.lists(st.lists(st.sampled_from(WORDS.split()), max_size=7).map(" ".join), max_size=6), st.data())
def test_products_in_any_order(texts: list[str], data: st.DataObject) -> None:
    catalog = [
        item(text, id=i, active=i % 4 != 3, item_class="Bundle" if i % 5 == 4 else "Service", vendor_sku=sku)
        for i, text in enumerate(texts)
        for sku in ["CIXA-MSP" if i == 2 else ""]
    ]
    products = [
        vendor("CIXA-MSP", "Sophos Endpoint - User MSP Monthly"),
        vendor("SVRCIXAXDR-MSP", "Sophos XDR - Server", "Server"),
        vendor("MDR", "Sophos MDR Complete"),
    ]
    found = suggest_products(products, catalog, taken={})
    shuffled = suggest_products(data.draw(st.permutations(products)), data.draw(st.permutations(catalog)), taken={})
    assert shuffled == found
    known = {each.id: each for each in catalog}
    for each in found:
        assert bands(each.score, each.certainty)
        assert (each.certainty is CERTAIN) == (not each.doubts)
        if each.certainty is not POSSIBLE:
            assert known[each.item].active
            assert known[each.item].billable
            says = known[each.item].description.split()
            assert ("Server" in says) == (each.code == "SVRCIXAXDR-MSP") or each.reason is Reason.CODE
            assert not (each.reason is Reason.CODE and "Server" in says and "User" not in says)


# --- speed ------------------------------------------------------------------------------------------


def many(count: int, random: Random) -> list[str]:
    trades = "Boulangerie Garage Cabinet Clinique Transports Plomberie Hotel Pharmacie Bäckerei Autohaus".split()
    places = ["Lyon", "Namur", "Berlin", "Lausanne", "Québec", "Gent", "", ""]
    parts = [first + rest for first in "BCDFGLMNPRST" for rest in "aron elin onard uter itz amel ovik etti".split()]
    return [
        f"{random.choice(trades)} {random.choice(parts)}{random.choice(parts).lower()} {random.choice(places)} "
        f"{random.choice(['SARL', 'SA', 'GmbH', ''])}"
        for _ in range(count)
    ]


@pytest.mark.parametrize("common", [False, True], ids=["spread", "all alike"])
def test_a_thousand_customers_and_five_thousand_companies(common: bool) -> None:
    random = Random(7)
    names = many(5000, random)
    if common:
        names = [" ".join(["Clinique", random.choice(names[:20]).split()[1], random.choice("ABCDEFGH")]) for _ in names]
    asked = customers(*random.sample(names, 500), *many(500, random))
    began = time.process_time()
    found = suggest_customers(asked, companies(*names), [], taken={})
    assert time.process_time() - began < 3
    assert len(found) >= 500


def test_a_large_catalog() -> None:
    random = Random(7)
    words = (
        "Sophos Central Endpoint Server User XDR MDR Firewall Switch Laptop Dell HP Microsoft 365 Backup Hour".split()
    )
    catalog = [item(" ".join(random.sample(words, 5)), id=i) for i in range(20_000)]
    products = [vendor(f"P{i}-MSP", " ".join(random.sample(words, 3))) for i in range(30)]
    began = time.process_time()
    suggest_products(products, catalog, taken={})
    assert time.process_time() - began < 4
