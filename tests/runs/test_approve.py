"""Four eyes: whoever decided last what is billed does not approve a plan that moves much."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from tests.web.rows import World, make_labels, make_partner, make_plan
from truecount.core.errors import ErrorCode, Misused
from truecount.core.model import Override
from truecount.runs import configure
from truecount.runs.approve import approve

pytestmark = pytest.mark.django_db


@pytest.fixture
def world() -> World:
    world = make_partner()
    make_labels(world, 20)
    make_plan(world, changes=4)
    world.integration.policy |= {"four_eyes_above": "1"}
    world.integration.save()
    return world


@pytest.mark.parametrize(
    ("verb", "what", "counts"),
    [
        (configure.bill_anyway, ("c0010", True), True),
        (configure.unmap_customer, ("c0001",), True),
        (configure.switch_customer, ("c0001", False), False),
    ],
)
def test_it_works(world: World, verb: Callable[..., None], what: tuple[Any, ...], counts: bool) -> None:
    plan, admin, operator = world.plan, world.users["admin"], world.users["operator"]
    assert plan is not None
    override = Override(customer="c0001", item=world.integration.product_mappings.all()[0].item, exclude=True)
    configure.map_override(world.integration, override, by=operator, now=plan.made_at - timedelta(seconds=1))
    verb(world.integration, *what, by=admin, now=plan.made_at)
    if not counts:
        approve(plan, by=admin, now=plan.made_at)
        return
    with pytest.raises(Misused) as refused:
        approve(plan, by=admin, now=plan.made_at)
    assert refused.value.code is ErrorCode.FOUR_EYES
    approve(plan, by=world.users["approver"], now=plan.made_at)
