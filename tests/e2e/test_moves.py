"""What happens to the lines of a mapping that leads elsewhere: moved whole or not at all, and shared where it says."""

from __future__ import annotations

from collections import Counter
from decimal import Decimal

import pytest

from tests.e2e.looking import CODE, changes, ended, kinds
from tests.e2e.world import ADDITION, ADDITIONS, World
from truecount.core.errors import Misused
from truecount.runs import clock, items, refresh
from truecount.runs.approve import release
from truecount.store.models import Hold


def test_a_moved_mapping_sets_the_old_line_to_zero_before_the_new_one_is_created(world: World) -> None:
    old, new = world.items()[CODE], world.free_item()
    world.map_product(CODE, new)
    plan = world.planned()
    assert kinds(plan) == Counter(zero=4, create=4)
    world.approve(plan)
    _, _, first = world.homes()[0]
    line = world.lines()[first, old][0]
    world.psa.faults({"route": f"/finance/agreements/{first}/additions/{line['id']}", "method": "PATCH", "kind": "409"})

    run = world.apply(plan)
    assert ended(run) == ("partial", 1)
    of = {(change.agreement, change.item): change.outcome for change in changes(plan)}
    assert of[first, old] == "refused"
    assert of[first, new] == ""
    assert run.outcomes["waiting"] == 1
    assert (first, new) not in world.lines()

    world.psa.faults()
    rest = world.apply(plan)
    assert (ended(rest), rest.converged) == (("done", 0), True)
    for _, _, agreement in world.homes():
        assert world.standing()[agreement, old] == ["0"]
        assert Decimal(world.standing()[agreement, new][0]) > 0
    assert world.psa.requests()["by_route"][f"POST {ADDITIONS}"] == 4
    assert world.psa.requests()["by_route"][f"PATCH {ADDITION}"] == 5


def test_what_moves_is_not_set_to_zero_while_its_new_place_is_held(world: World) -> None:
    old, new = world.items()[CODE], world.free_item()
    world.map_product(CODE, new)
    plan = world.planned()
    _, _, first = world.homes()[0]
    hold = Hold.objects.create(plan=plan, kind="first_write", agreement=first, item=new, fields={})
    world.approve(plan)
    before = world.standing()[first, old]

    run = world.apply(plan)
    assert (run.outcomes["held"], ended(run), run.converged) == (2, ("partial", 3), True)
    assert world.standing()[first, old] == before
    assert (first, new) not in world.lines()

    release(hold, reason="looked at", by=world.admin, now=clock.now())
    assert ended(world.apply(plan)) == ("done", 0)
    assert world.standing()[first, old] == ["0"]
    assert Decimal(world.standing()[first, new][0]) > 0


def test_two_customers_share_an_agreement(mapped: World) -> None:
    (one, company, agreement), (other, _, _) = mapped.homes()[:2]
    mapped.map_customer(other, company, agreement)
    run = mapped.synchronise()
    assert (ended(run), run.converged) == (("done", 0), True)
    counted: Counter[str] = Counter()
    for row in mapped.report():
        if row["accountId"] in (one, other):
            counted[row["productCode"]] += row["billableQuantity"]
    items = mapped.items()
    standing = mapped.standing()
    assert {code: standing[agreement, items[code]] for code in counted if code in items} == {
        code: [str(amount)] for code, amount in counted.items() if code in items
    }
    assert len(mapped.lines()[agreement, items[CODE]]) == 1


def test_what_was_made_a_minute_ago_can_be_mapped(world: World) -> None:
    state, by = world.psa.state(), world.admin
    like = next(row for row in state["catalog"] if row["id"] == world.items()[CODE])
    named = {"identifier": "MADE-NOW", "description": "Made a minute ago"}
    item = world.psa.add("catalog", **{name: value for name, value in like.items() if name != "id"} | named)["id"]
    with pytest.raises(Misused):
        world.map_product(CODE, item)
    items.know_item(world.integration, item, by=by)
    world.map_product(CODE, item)

    customer, company, agreement = world.homes()[0]
    like = next(row for row in state["agreements"] if row["id"] == agreement)
    fresh = world.psa.add("agreements", **{k: v for k, v in like.items() if k != "id"} | {"name": "Made now"})["id"]
    with pytest.raises(Misused):
        world.map_customer(customer, company, fresh)
    refresh.know_agreements(world.integration, company, [fresh], by=by, now=clock.now())
    world.map_customer(customer, company, fresh)
    run = world.synchronise()
    assert (ended(run), run.converged) == (("done", 0), True)
    assert (fresh, item) in world.lines()
