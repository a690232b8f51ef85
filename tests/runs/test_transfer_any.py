"""Random configurations: each reads back from its text, and survives export and import into an empty integration."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime
from decimal import Decimal
from itertools import pairwise
from typing import Any

import yaml
from django.db import transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from truecount.core import model
from truecount.runs import transfer
from truecount.runs.transfer_document import Connection, Customer, Document, Product, text_of, tree_of
from truecount.runs.transfer_read import read_file
from truecount.runs.transfer_rows import document_of
from truecount.store import models
from truecount.store.configurations import load_configuration
from truecount.store.models import Integration, Partner

NOW = datetime(2026, 11, 26, 9, tzinfo=UTC)
TEXTS = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\x00"), max_size=20)
WORDS = st.one_of(
    TEXTS.filter(bool), st.sampled_from(["on", "No", "1", "0x1F", "~", "2026-11-26", "- a", "a: b", "a #b"])
)
IDS = st.integers(1, 2**31 - 1)
AMOUNTS = st.decimals(0, 10**6, places=6)
MAYBE = st.none() | AMOUNTS
SETTINGS = st.fixed_dictionaries(
    {},
    optional={
        "mode": st.sampled_from(["review", "automatic"]),
        "hour": st.just("04:30"),
        "decimals": st.sampled_from(["0", "3"]),
        "currency": st.just("EUR"),
        "money_percent": st.sampled_from(["0.5", "40"]),
        "psa_rates": st.just("10/1 100/60"),
        "arrears": WORDS.map(str.strip).filter(bool),
        "mail": st.just("off"),
    },
)
CONNECTIONS = st.fixed_dictionaries(
    {},
    optional={
        "vendor": st.builds(
            Connection,
            kind=st.just("sophos"),
            fields=st.fixed_dictionaries(dict.fromkeys(("auth_url", "api_url", "client_id"), WORDS)),
            identity=TEXTS,
        ),
        "psa": st.builds(
            Connection,
            kind=st.just("connectwise"),
            fields=st.fixed_dictionaries(dict.fromkeys(("url", "company", "public_key", "client_id"), WORDS)),
        ),
    },
)


@st.composite
def rules(draw: Any) -> model.Rule:
    limits = sorted([draw(AMOUNTS), draw(AMOUNTS)])
    least, most = (draw(st.sampled_from([limit, None])) for limit in limits)
    return model.Rule(
        combine=draw(st.sampled_from(model.Combine)),
        multiply=draw(AMOUNTS),
        included=draw(AMOUNTS),
        rounding=draw(st.sampled_from(model.Rounding)),
        step=draw(AMOUNTS.filter(bool)),
        minimum=least,
        maximum=most,
    )


@st.composite
def shares(draw: Any) -> tuple[model.Share, ...]:
    agreements = draw(st.lists(IDS, max_size=4, unique=True))
    if agreements and draw(st.booleans()):
        cuts = sorted(draw(st.decimals(0, 100, places=4)) for _ in agreements[1:])
        edges = [Decimal(0), *cuts, Decimal(100)]
        parts = [after - before for before, after in pairwise(edges)]
        return tuple(model.Share(agreement=one, percent=part) for one, part in zip(agreements, parts, strict=True))
    rest = draw(st.integers(0, 4))
    return tuple(
        model.Share(agreement=one, first=None if place == rest else draw(AMOUNTS))
        for place, one in enumerate(agreements)
    )


@st.composite
def customer_mappings(draw: Any, customer: str) -> model.CustomerMapping:
    by_rule = draw(st.none() | st.sampled_from(model.ByRule))
    return model.CustomerMapping(
        customer=customer,
        company=draw(IDS),
        shares=draw(shares()) if by_rule is None else (),
        by_rule=by_rule,
        pattern=draw(WORDS) if by_rule in (model.ByRule.TYPE, model.ByRule.NAME) else "",
    )


@st.composite
def documents(draw: Any) -> Document:
    codes = draw(st.lists(WORDS, max_size=4, unique=True))
    items = draw(st.lists(IDS, max_size=3, unique=True)) if codes else []
    mappings = {
        item: model.ProductMapping(
            item=item,
            codes=tuple(sorted(draw(st.lists(st.sampled_from(codes), min_size=1, unique=True)))),
            rule=draw(st.just(model.Rule()) | rules()),
            where_none=draw(st.sampled_from(model.WhereNone)),
        )
        for item in items
    }
    customers = draw(st.lists(WORDS, max_size=3, unique=True))
    pairs = (
        draw(st.lists(st.tuples(st.sampled_from(customers), st.sampled_from(items)), max_size=3, unique=True))
        if customers and items
        else []
    )
    return Document(
        connections=draw(CONNECTIONS),
        policy=draw(SETTINGS),
        products={code: draw(products(code, mappings.values())) for code in codes},
        mappings=mappings,
        customers={
            one: Customer(
                id=one,
                name=draw(TEXTS),
                sync=draw(st.booleans()),
                bill_anyway=draw(st.booleans()),
                mapping=draw(st.none() | customer_mappings(one)),
            )
            for one in customers
        },
        overrides={pair: draw(overrides(*pair)) for pair in pairs},
    )


@st.composite
def products(draw: Any, code: str, mappings: Iterable[model.ProductMapping]) -> Product:
    sync = draw(st.booleans()) and any(code in mapping.codes for mapping in mappings)
    return Product(
        code=code,
        name=draw(TEXTS),
        group=draw(TEXTS),
        firewall=draw(st.booleans()),
        sync=sync,
        turned_off_by="" if sync else draw(st.sampled_from(["", "person", "itself"])),
    )


@st.composite
def overrides(draw: Any, customer: str, item: int) -> model.Override:
    exclude, fixed, minimum = draw(st.booleans()), draw(MAYBE), draw(MAYBE)
    silent = not exclude and fixed is None and minimum is None
    return model.Override(customer=customer, item=item, exclude=exclude or silent, fixed=fixed, minimum=minimum)


@settings(max_examples=100, deadline=None)
@given(documents())
def test_any_document_reads_back_from_its_text(document: Document) -> None:
    text = text_of(tree_of(document))
    assert read_file(text.encode()).document == document
    told = yaml.safe_load(text)  # by others it is read the same
    assert [one["code"] for one in told["products"]] == sorted(document.products)
    assert {one["id"]: one["name"] for one in told["customers"]} == {
        one.id: one.name for one in document.customers.values()
    }


@settings(max_examples=20, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(documents())
def test_any_configuration_survives_the_way_there_and_back(db: None, document: Document) -> None:
    """Imported where only its connections are, exported, and imported into an integration without anything."""
    with transaction.atomic():
        partner = Partner.objects.create(slug="msp", name="MSP", made_at=NOW)
        first, second = (Integration.objects.create(partner=partner, slug=slug, made_at=NOW) for slug in ("1st", "2nd"))
        for side, one in document.connections.items():
            models.Connection.objects.create(
                integration=first, side=side, kind=one.kind, fields=one.fields, identity=one.identity, sealed=b"x"
            )
        put_in(first, text_of(tree_of(document)))
        first.refresh_from_db()
        assert document_of(first) == document
        text, _ = transfer.export(first, by=None)
        put_in(second, text)
        second.refresh_from_db()
        assert transfer.export(second, by=None)[0] == text
        assert load_configuration(second) == load_configuration(first)
        assert put_in(second, text).changes == ()
        transaction.set_rollback(True)


def put_in(where: Integration, text: str) -> transfer.Imported:
    return transfer.import_(where, text.encode(), "mine.yaml", dry_run=False, by=None, now=NOW)
