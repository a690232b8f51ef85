"""Accepting suggestions: all of them or none, by whoever may map; how they are found is tested in `core`."""

from __future__ import annotations

import pytest

from tests.runs.test_configure import known
from tests.runs.test_transfer import NOW, Place, partner, person, place
from truecount.core.errors import ErrorCode, Misused
from truecount.core.roles import Role
from truecount.core.suggest import Certainty, CustomerSuggestion, ProductSuggestion, Reason
from truecount.runs import suggest
from truecount.store import models

__all__ = ["known", "partner", "place"]
pytestmark = pytest.mark.django_db

SURE, NOT_SURE = 95, 40


def product(code: str, item: int, score: int = SURE) -> ProductSuggestion:
    certain = Certainty.CERTAIN
    return ProductSuggestion(code=code, item=item, score=score, certainty=certain, reason=Reason.CODE, words=(code,))


def customer(ident: str, company: int, agreement: int | None, score: int = SURE) -> CustomerSuggestion:
    return CustomerSuggestion(
        customer=ident,
        company=company,
        agreement=agreement,
        no_agreement=None,
        score=score,
        certainty=Certainty.CERTAIN,
        reason=Reason.NAME,
        words=(ident,),
    )


def accept(place: Place, *chosen: ProductSuggestion | CustomerSuggestion, role: Role = Role.ADMIN) -> tuple[int, int]:
    products = [one for one in chosen if isinstance(one, ProductSuggestion)]
    customers = [one for one in chosen if isinstance(one, CustomerSuggestion)]
    by = place.admin if role is Role.ADMIN else person(place.row.partner, role)
    found = suggest.Suggestions(products=products, customers=customers)
    return suggest.accept(place.row, found, 90, by=by, now=NOW)


def test_what_is_sure_and_clear_is_mapped_and_audited(known: Place) -> None:
    clear, unclear, weak = customer("c1", 1, 10), customer("c2", 1, None), product("A", 200, NOT_SURE)
    assert accept(known, product("B", 200), weak, clear, unclear) == (1, 1)
    assert known.acts()[-2:] == [("map_product", "B"), ("map_customer", "c1")]
    assert {one.item: one.codes for one in known.configuration().product_mappings} == {100: ("A",), 200: ("B",)}
    assert list(known.configuration().customer_mappings) == ["c1"]


@pytest.mark.parametrize(
    ("third", "code"),
    [
        (product("C", 999), ErrorCode.UNKNOWN_ITEM),
        (customer("c1", 1, 12), ErrorCode.UNKNOWN_AGREEMENT),
    ],
)
def test_a_fault_at_the_third_leaves_nothing_behind(
    known: Place, third: ProductSuggestion | CustomerSuggestion, code: ErrorCode
) -> None:
    models.VendorProduct.objects.create(integration=known.row, code="C", name="C", seen_at=NOW)
    before = known.document(), known.acts()
    with pytest.raises(Misused) as refused:
        accept(known, product("A", 200), product("B", 200), third, customer("c2", 1, 10))
    assert refused.value.code is code
    assert (known.document(), known.acts()) == before


def test_whoever_may_not_map_is_refused_even_where_there_is_nothing_to_accept(known: Place) -> None:
    with pytest.raises(Misused) as refused:
        accept(known, role=Role.VIEWER)
    assert refused.value.code is ErrorCode.NOT_ALLOWED
