"""The same decisions give the same plan wherever they are: exported, imported where nothing is, planned again."""

from __future__ import annotations

from dataclasses import replace

import pytest

from tests.core.builders import World
from tests.core.strategies import ODDITIES, Dice, world
from tests.runs.test_transfer_any import NOW, put_in
from truecount.core import model
from truecount.runs import transfer
from truecount.runs.transfer_document import Customer, Document, Product, text_of, tree_of
from truecount.store.configurations import load_configuration
from truecount.store.models import Integration, Partner

WORLDS = 25
DECISIONS = frozenset(ODDITIES) - {"incomplete", "periods", "unread", "live", "invoices", "items gone"}
"""All that a person may decide, and not what keeps a plan empty."""


def possible(start: World) -> World:
    """Without what no person could have decided: a switch that is on without a mapping, a minimum above the maximum,
    an exception to no rule, a customer switched off that nobody knows."""
    decided = start.configuration
    mapped = {code for one in decided.product_mappings for code in one.codes}
    mappings = tuple(replace(one, rule=_possible(one.rule)) for one in decided.product_mappings)
    items = {one.item for one in mappings}
    return start.but(
        configuration=replace(
            decided,
            product_sync={code: on and code in mapped for code, on in decided.product_sync.items()},
            product_mappings=mappings,
            overrides=tuple(one for one in decided.overrides if one.item in items),
            customer_mappings={
                ident: replace(one, pattern="") if one.by_rule is model.ByRule.ONLY_ACTIVE else one
                for ident, one in decided.customer_mappings.items()
            },
        )
    )


def _possible(rule: model.Rule) -> model.Rule:
    impossible = rule.minimum is not None and rule.maximum is not None and rule.minimum > rule.maximum
    return replace(rule, maximum=None) if impossible else rule


def document(decided: model.Configuration) -> Document:
    policy = {"mode": decided.policy.mode, "quantity": decided.policy.quantity, "vanish": decided.policy.vanish}
    return Document(
        policy={name: str(value) for name, value in policy.items()}
        | {"decimals": str(decided.policy.decimals)}
        | ({"currency": decided.policy.currency} if decided.policy.currency else {}),
        products={
            code: Product(code=code, name=one.name, firewall=one.firewall, sync=decided.product_sync[code])
            for code, one in decided.products.items()
        },
        mappings={one.item: one for one in decided.product_mappings},
        customers={
            ident: Customer(
                id=ident,
                name=ident,
                sync=on,
                bill_anyway=ident in decided.bill_anyway,
                mapping=decided.customer_mappings.get(ident),
            )
            for ident, on in decided.customer_sync.items()
        },
        overrides={(one.customer, one.item): one for one in decided.overrides},
    )


@pytest.mark.django_db
def test_an_export_imported_into_an_empty_integration_gives_the_same_digest() -> None:
    partner = Partner.objects.create(slug="msp", name="MSP", made_at=NOW)
    seen = set()
    for seed in range(WORLDS):
        start = possible(world(Dice(seed, DECISIONS), 10, 12))
        first, second = (
            Integration.objects.create(partner=partner, slug=f"{name}{seed}", made_at=NOW) for name in ("one", "two")
        )
        put_in(first, text_of(tree_of(document(start.configuration))))
        first.refresh_from_db()
        put_in(second, transfer.export(first, by=None)[0])
        second.refresh_from_db()
        digests = {start.but(configuration=load_configuration(where)).plan().digest for where in (first, second)} | {
            start.plan().digest
        }
        assert len(digests) == 1, seed
        seen |= digests
    assert len(seen) > WORLDS / 2, "worlds that say the same prove nothing"
