"""What people decide about mappings: what makes no sense is refused whole, the rest is kept and audited."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest
from django.utils import translation

from tests.runs.test_transfer import NOW, Place, integration, partner, person, place, with_labels
from truecount.core.errors import ErrorCode, Misused
from truecount.core.model import ByRule, Combine, Override, Rounding, Rule, Share, WhereNone
from truecount.core.roles import Role
from truecount.runs import advice, configure, decisions
from truecount.store import models

__all__ = ["partner", "place"]
pytestmark = pytest.mark.django_db


@pytest.fixture
def known(place: Place) -> Place:
    """Two vendor products, the first one mapped; two customers."""
    for code in ("A", "B"):
        models.VendorProduct.objects.create(integration=place.row, code=code, name=code, seen_at=NOW)
    for ident in ("c1", "c2"):
        models.Customer.objects.create(integration=place.row, vendor_id=ident, name=f"Client {ident}", billing="trial")
    configure.map_product(place.row, "A", 100, by=place.admin, now=NOW)
    return place


def act(place: Place, verb: Callable[..., None], *what: Any, **how: Any) -> None:
    verb(place.row, *what, by=how.pop("by", place.admin), now=NOW, **how)


def trouble(place: Place, verb: Callable[..., None], *what: Any, **how: Any) -> Misused:
    """Refused, and nothing changed."""
    before = place.document(), place.acts()
    with pytest.raises(Misused) as caught:
        act(place, verb, *what, **how)
    assert (place.document(), place.acts()) == before
    return caught.value


def sentence(wrong: Misused, language: str = "en") -> str:
    return advice.error_text(wrong.code, wrong.fields, language).sentence


# --- several to one, one to several ---------------------------------------------------------------


def test_a_product_feeds_a_second_item_also_and_leaves_one_of_them(known: Place) -> None:
    act(known, configure.map_product, "A", 200, replacing=())
    act(known, configure.map_product, "B", 200)
    assert {one.item: one.codes for one in known.configuration().product_mappings} == {100: ("A",), 200: ("A", "B")}
    act(known, configure.unmap_product, "A", 100)
    assert configure.items_of(known.row, "A") == [200]
    assert known.configuration().product_sync["A"], "Sync stays on while one mapping is left"
    assert trouble(known, configure.unmap_product, "A", 100).code is ErrorCode.NOT_MAPPED
    act(known, configure.unmap_product, "A")
    assert not known.configuration().product_sync["A"]


def test_with_its_last_product_a_mapping_goes_and_the_exceptions_to_it(known: Place) -> None:
    act(known, configure.set_rule, 100, Rule(combine=Combine.MAX), WhereNone.CREATE)
    act(known, configure.map_override, Override(customer="c1", item=100, exclude=True))
    act(known, configure.map_product, "A", 200)
    assert known.configuration().overrides == ()
    assert [one.item for one in known.configuration().product_mappings] == [200]
    assert known.acts()[-2:] == [("map_override", "c1, 100"), ("map_product", "A")]


# --- rules ----------------------------------------------------------------------------------------


def test_a_rule_is_kept_and_audited_once(known: Place) -> None:
    rule = Rule(combine=Combine.ALL_OF, multiply=Decimal("1.5"), rounding=Rounding.UP, step=Decimal(5))
    for _ in range(2):
        act(known, configure.set_rule, 100, rule, WhereNone.ADOPT_ONLY)
    assert configure.rule_of(known.row, 100) == (rule, WhereNone.ADOPT_ONLY)
    event = models.AuditEvent.objects.get(action="map_rule")
    assert event.before == {}
    assert event.after == {
        "rule": {"combine": "all-of", "multiply": "1.5", "rounding": "up", "step": "5"},
        "where_none": "adopt-only",
    }


WRONG_RULES = [
    (Rule(step=Decimal(0)), "0 is too little; it must be above 0"),
    (Rule(step=Decimal(-1)), "-1 is negative"),
    (Rule(multiply=Decimal("-0.5")), "-0.5 is negative"),
    (Rule(included=Decimal(-2)), "-2 is negative"),
    (Rule(minimum=Decimal(-2)), "-2 is negative"),
    (Rule(maximum=Decimal("NaN")), "“NaN” is not a number"),
    (Rule(maximum=Decimal(10) ** 12), "1000000000000 is too large"),
    (Rule(multiply=Decimal("1e-13")), "0.0000000000001 has more than 12 decimals"),
    (Rule(minimum=Decimal(9), maximum=Decimal(8)), "the minimum 9 is above the maximum 8"),
]


@pytest.mark.parametrize(("rule", "reason"), WRONG_RULES)
def test_a_rule_that_makes_no_sense_is_refused(known: Place, rule: Rule, reason: str) -> None:
    wrong = trouble(known, configure.set_rule, 100, rule, WhereNone.CREATE)
    assert wrong.code is ErrorCode.BAD_VALUE
    assert wrong.fields["reason"] == reason
    assert reason in sentence(wrong)


def test_only_a_mapped_item_has_a_rule(known: Place) -> None:
    wrong = trouble(known, configure.set_rule, 200, Rule(), WhereNone.CREATE)
    assert sentence(wrong) == "No Sophos product is mapped to the ConnectWise product “MAIL”."
    assert trouble(known, configure.set_rule, 999, Rule(), WhereNone.CREATE).code is ErrorCode.UNKNOWN_ITEM


def test_words_change_what_they_name_and_leave_the_rest() -> None:
    words = {"combine": "all_of", "round": "up:0,5", "maximum": "none", "where_none": "adopt_only"}
    before = Rule(multiply=Decimal(2), maximum=Decimal(9))
    rule, where_none = decisions.read_rule(words, before, WhereNone.CREATE)
    assert rule == Rule(combine=Combine.ALL_OF, multiply=Decimal(2), rounding=Rounding.UP, step=Decimal("0.5"))
    assert where_none is WhereNone.ADOPT_ONLY


@pytest.mark.parametrize(
    ("words", "reason"),
    [
        ({"combine": "most"}, "“most” is none of sum, max, min, all-of"),
        ({"round": "up:few"}, "“few” is not a number"),
        ({"multiply": "1e3"}, "“1e3” is not a number"),
        ({"minimun": "1"}, "this key is not known here; known are combine, multiply"),
    ],
)
def test_words_that_make_no_sense_are_refused(words: dict[str, str], reason: str) -> None:
    with pytest.raises(Misused) as caught:
        decisions.read_rule(words, Rule(), WhereNone.CREATE)
    assert reason in str(caught.value.fields["reason"])


# --- customers ------------------------------------------------------------------------------------


def shares(*parts: tuple[int, str, str]) -> list[Share]:
    """(agreement, percent, first); an empty text is none."""
    return [Share(agreement=one, percent=number(percent), first=number(first)) for one, percent, first in parts]


def number(text: str) -> Decimal | None:
    return Decimal(text) if text else None


def test_customers_are_mapped_by_splits_and_by_rules(known: Place) -> None:
    act(known, configure.map_customer, "c1", 1, shares((10, "60", ""), (11, "40", "")))
    act(known, configure.map_customer, "c2", 1, by_rule=ByRule.NAME, pattern="serv")
    kept = known.configuration().customer_mappings
    assert [share.percent for share in kept["c1"].shares] == [60, 40]
    assert (kept["c2"].shares, kept["c2"].by_rule, kept["c2"].pattern) == ((), ByRule.NAME, "serv")
    event = models.AuditEvent.objects.get(action="map_customer", subject="c1")
    assert event.after is not None
    assert event.after["shares"][0] == {"agreement": 10, "percent": "60", "first": None}


WRONG_SPLITS: list[tuple[list[Share], dict[str, Any], str]] = [
    (shares((10, "60", ""), (11, "39.9", "")), {}, "the percentages of Client c1 add up to 99.9, not to 100"),
    (shares((10, "60", ""), (11, "", "")), {}, "a percentage is missing"),
    (shares((10, "60", ""), (11, "", "3")), {}, "by percent or by first, not both"),
    (shares((10, "60", "3")), {}, "by percent or by first, not both"),
    (shares((10, "", "-3"), (11, "", "")), {}, "-3 is negative"),
    (shares((10, "33.33333", ""), (11, "66.66667", "")), {}, "33.33333 has more than 4 decimals"),
    (shares((10, "", "3"), (10, "", "")), {}, "agreement 10 is named twice"),
    (shares((10, "", ""), (11, "", "")), {}, "agreements 10 and 11 would both take the rest"),
    (shares((10, "", "")), {"by_rule": ByRule.ONLY_ACTIVE}, "named or found by a rule, not both"),
    ([], {"by_rule": ByRule.TYPE}, "the text is empty"),
    ([], {"by_rule": ByRule.NAME, "pattern": "x" * 201}, "longer than 200 characters"),
    ([], {"by_rule": ByRule.ONLY_ACTIVE, "pattern": "x"}, "no sense together with “by_rule: only-active”"),
    (shares((10, "", "")), {"pattern": "x"}, "no sense together with “agreements”"),
]


@pytest.mark.parametrize(("parts", "how", "reason"), WRONG_SPLITS)
def test_a_split_that_makes_no_sense_is_refused(
    known: Place, parts: list[Share], how: dict[str, Any], reason: str
) -> None:
    wrong = trouble(known, configure.map_customer, "c1", 1, parts, **how)
    assert wrong.code is ErrorCode.BAD_VALUE
    assert reason in sentence(wrong)


def test_an_agreement_of_another_company_is_refused_unless_it_was_named_before_it_moved(known: Place) -> None:
    where = {"integration": known.row, "state": "active"}
    moving = models.Agreement.objects.create(**where, psa_id=20, company=2, name="Backup of another")
    wrong = trouble(known, configure.map_customer, "c1", 1, shares((10, "60", ""), (20, "40", "")))
    assert wrong.code is ErrorCode.UNKNOWN_AGREEMENT
    assert sentence(wrong) == "The company “Boulangerie SARL” has no agreement “Backup of another”."
    assert sentence(wrong, "fr").startswith("L’entreprise «\u00a0Boulangerie SARL\u00a0» n’a pas de contrat")
    assert sentence(trouble(known, configure.map_customer, "c1", 1, shares((12, "", "")))).endswith("agreement “12”.")
    act(known, configure.map_customer, "c1", 2, shares((20, "", "")))
    trouble(known, configure.map_customer, "c1", 1, shares((20, "", "")))
    moving.company = 1
    moving.save()
    act(known, configure.map_customer, "c1", 2, shares((20, "100", "")))
    trouble(known, configure.map_customer, "c2", 2, shares((20, "", "")))
    assert "agreement: 20" in known.export()
    assert known.import_(known.export()).changes == ()


def test_refusals_are_told_in_the_language_of_the_reader(known: Place) -> None:
    with translation.override("fr"):
        wrong = trouble(known, configure.map_customer, "c1", 1, shares((10, "60", "")))
    assert "la somme des pourcentages de Client c1 est 60, et non 100" in sentence(wrong, "fr")


# --- exceptions -----------------------------------------------------------------------------------


def test_an_exception_replaces_the_one_before_until_it_is_dropped(known: Place) -> None:
    act(known, configure.map_override, Override(customer="c1", item=100, minimum=Decimal(3)))
    act(known, configure.map_override, Override(customer="c1", item=100, fixed=Decimal("2.5")))
    assert known.configuration().overrides == (Override(customer="c1", item=100, fixed=Decimal("2.5")),)
    for _ in range(2):
        act(known, configure.drop_override, "c1", 100)
    assert known.configuration().overrides == ()
    told = models.AuditEvent.objects.filter(action="map_override").order_by("pk").values_list("before", "after")
    assert list(told) == [(None, {"minimum": "3"}), ({"minimum": "3"}, {"fixed": "2.5"}), ({"fixed": "2.5"}, None)]


@pytest.mark.parametrize(
    ("override", "code", "reason"),
    [
        (Override(customer="c1", item=100), ErrorCode.BAD_VALUE, "exclude, fixed or minimum is needed"),
        (Override(customer="c1", item=100, fixed=Decimal(-1)), ErrorCode.BAD_VALUE, "-1 is negative"),
        (Override(customer="c1", item=100, minimum=Decimal("1e-7")), ErrorCode.BAD_VALUE, "more than 6 decimals"),
        (Override(customer="c9", item=100, exclude=True), ErrorCode.UNKNOWN_CUSTOMER, "c9"),
        (Override(customer="c1", item=200, exclude=True), ErrorCode.NOT_MAPPED, "MAIL"),
    ],
)
def test_an_exception_that_makes_no_sense_is_refused(
    known: Place, override: Override, code: ErrorCode, reason: str
) -> None:
    wrong = trouble(known, configure.map_override, override)
    assert wrong.code is code
    assert reason in sentence(wrong)


# --- bill anyway, bill again ----------------------------------------------------------------------


def test_bill_anyway_is_an_act_of_its_own(known: Place) -> None:
    for on in (True, True, False):
        act(known, configure.bill_anyway, "c1", on)
    assert known.configuration().bill_anyway == frozenset()
    told = models.AuditEvent.objects.filter(action="bill_anyway", subject="c1").order_by("pk")
    assert [event.after for event in told] == [{"bill_anyway": True}, {"bill_anyway": False}]


def test_only_a_line_that_was_ours_can_be_billed_again(known: Place) -> None:
    wrong = trouble(known, configure.bill_again, 10, 100)
    assert "keeps no line of 100 on the agreement 10" in sentence(wrong)
    row = models.Managed.objects.create(
        integration=known.row,
        identity="sim",
        addition=1,
        agreement=10,
        item=100,
        quantity=5,
        source="invoice",
        period="2026-11",
        written_at=NOW,
    )
    act(known, configure.bill_again, 10, 100)
    row.refresh_from_db()
    assert row.bill_again


# --- rights ---------------------------------------------------------------------------------------


def test_a_viewer_decides_nothing(known: Place) -> None:
    viewer = person(known.row.partner, Role.VIEWER)
    override = Override(customer="c1", item=100, exclude=True)
    acts: list[tuple[Callable[..., None], tuple[Any, ...]]] = [
        (configure.set_rule, (100, Rule(minimum=Decimal(1)), WhereNone.CREATE)),
        (configure.map_override, (override,)),
        (configure.drop_override, ("c1", 100)),
        (configure.map_customer, ("c1", 1, shares((10, "", "")))),
        (configure.unmap_product, ("A", 100)),
        (configure.bill_anyway, ("c1", True)),
        (configure.bill_again, (10, 100)),
    ]
    for verb, what in acts:
        assert trouble(known, verb, *what, by=viewer).code is ErrorCode.NOT_ALLOWED


def test_another_integration_decides_for_itself(known: Place) -> None:
    other = Place(with_labels(integration("other", known.row.partner)), known.admin)
    assert trouble(other, configure.set_rule, 100, Rule(), WhereNone.CREATE).code is ErrorCode.NOT_MAPPED
    override = Override(customer="c1", item=100, exclude=True)
    assert trouble(other, configure.map_override, override).code is ErrorCode.UNKNOWN_CUSTOMER
