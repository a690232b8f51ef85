"""One plan: what it shows, and every decision about it, made once however often somebody clicks."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.test import Client

from tests.web.conftest import SignedIn
from tests.web.reading import words
from tests.web.rows import World, make_holds, make_labels, make_partner, make_plan
from truecount.core.model import HoldKind
from truecount.core.roles import Role
from truecount.runs import clock
from truecount.store.models import AuditEvent, Hold, Integration, Plan, PlanChange, Run


@pytest.fixture
def plan(world: World) -> Plan:
    assert world.plan is not None
    return world.plan


def page(client: Client, plan: Plan, query: str = "") -> str:
    return client.get(f"/plans/{plan.pk}/{query}").content.decode()


def test_it_works(signed_in: SignedIn, plan: Plan) -> None:
    told = words(page(signed_in(), plan))
    assert "Create 7 · Take over 7 · Update 22 · Set to 0 2 · Unchanged 402" in told
    assert f"Plan {plan.pk} · November 2026" in told
    assert plan.digest in told
    assert "60 usage lines" in told
    assert "38 changes would be written" in told


def test_in_french(signed_in: SignedIn, plan: Plan) -> None:
    told = words(page(signed_in("approver", "fr"), plan))
    assert "Créer 7 · Reprendre 7 · Mettre à jour 22 · Mettre à 0 2 · Inchangées 402" in told
    assert "novembre 2026" in told
    assert "38 modifications seraient écrites" in told
    assert "12 340,50 €" in told


def test_changes_stand_under_their_customer_with_a_reason(signed_in: SignedIn, plan: Plan, world: World) -> None:
    told = words(page(signed_in(), plan, "?q=tremblay"))
    assert "Garage Tremblay" in told
    assert "Acme Logistics" not in told[told.index("Changes by customer") :]
    assert "Infogérance 360" in told
    change = plan.changes.filter(customers=["c0004"], kind="adopt").first()
    assert change is not None
    assert f"{change.before:.0f} → becomes {change.after:.0f}" in told


@pytest.mark.parametrize(("query", "kinds"), [("?kind=create", {"create"}), ("?kind=zero", {"zero"})])
def test_filter_by_kind(signed_in: SignedIn, plan: Plan, query: str, kinds: set[str]) -> None:
    answer = signed_in().get(f"/plans/{plan.pk}/{query}")
    found = {row.change.kind for group in answer.context["groups"] for row in group.rows}
    assert found == kinds


def test_sorted_by_money(signed_in: SignedIn, plan: Plan) -> None:
    groups = signed_in().get(f"/plans/{plan.pk}/?sort=-money").context["groups"]
    largest = [max(abs(row.money) for row in group.rows) for group in groups]
    assert largest == sorted(largest, reverse=True)


def test_approve_then_apply(signed_in: SignedIn, plan: Plan, world: World) -> None:
    client = signed_in()
    told = client.post(f"/plans/{plan.pk}/approval/", follow=True).content.decode()
    plan.refresh_from_db()
    assert (plan.state, plan.approved_by) == ("approved", world.users["approver"])
    assert "Nothing is written until it is applied." in told
    assert f'action="/plans/{plan.pk}/application/"' in told
    answer = client.post(f"/plans/{plan.pk}/application/")
    run = Run.objects.get(verb="apply")
    assert answer.headers["Location"] == f"/runs/{run.pk}/"
    assert (run.plan, run.by, run.state) == (plan, world.users["approver"], "queued")
    assert "This plan is being applied." in page(client, plan)


def test_a_double_click_decides_once(signed_in: SignedIn, plan: Plan) -> None:
    client = signed_in()
    client.post(f"/plans/{plan.pk}/approval/")
    again = client.post(f"/plans/{plan.pk}/approval/", follow=True)
    assert f"Plan {plan.pk} was approved already." in again.content.decode()
    assert AuditEvent.objects.filter(action="approve").count() == 1
    first = client.post(f"/plans/{plan.pk}/application/").headers["Location"]
    assert client.post(f"/plans/{plan.pk}/application/").headers["Location"] == first
    assert Run.objects.filter(verb="apply").count() == 1


def test_what_was_applied_stays_so(signed_in: SignedIn, plan: Plan) -> None:
    Plan.objects.filter(pk=plan.pk).update(state="applied")
    client = signed_in()
    for address in ("approval", "application"):
        told = client.post(f"/plans/{plan.pk}/{address}/", follow=True).content.decode()
        assert "already" in told
    assert not Run.objects.filter(verb="apply").exists()


@pytest.mark.parametrize("state", ["superseded", "expired", "void"])
def test_a_plan_of_the_past_offers_nothing(signed_in: SignedIn, plan: Plan, world: World, state: str) -> None:
    Plan.objects.filter(pk=plan.pk).update(state=state)
    newer = make_plan(world, changes=1)
    client = signed_in()
    told = page(client, plan)
    assert "/approval/" not in told
    assert 'name="ticked"' not in told
    assert f"Look at plan {newer.pk}" in told
    answer = client.post(f"/plans/{plan.pk}/approval/")
    assert answer.status_code == 409


def test_an_old_plan_expires(signed_in: SignedIn, plan: Plan) -> None:
    Plan.objects.filter(pk=plan.pk).update(expires_at=clock.now() - timedelta(seconds=1))
    client = signed_in()
    assert "Expired" in page(client, plan)
    assert client.post(f"/plans/{plan.pk}/approval/").status_code == 409


def test_observe_explains_itself(signed_in: SignedIn, plan: Plan) -> None:
    Integration.objects.update(policy={"mode": "observe"})
    told = page(signed_in(), plan)
    assert "The mode is Observe" in told
    assert "/approval/" not in told


def test_nothing_to_change(signed_in: SignedIn, world: World) -> None:
    plan = make_plan(world, changes=0)
    told = page(signed_in(), plan)
    assert "Every line already says what was counted." in told
    assert "/approval/" not in told


def test_held_without_any_change(signed_in: SignedIn, world: World) -> None:
    plan = make_plan(world, changes=0, state="open")
    Hold.objects.create(plan=plan, kind=HoldKind.USAGE_EMPTY, fields={"last": "412"})
    told = words(page(signed_in(), plan))
    assert "The whole plan is held." in told
    assert "Release…" in told
    assert "Nothing to change" in told


@pytest.mark.parametrize("state", ["open", "empty", "approved", "applied", "superseded", "expired", "void", "new one"])
@pytest.mark.parametrize("changes", [0, 3])
def test_every_state_is_shown_everywhere(signed_in: SignedIn, world: World, state: str, changes: int) -> None:
    plan = make_plan(world, changes=changes, state=state)
    client = signed_in("approver", "fr")
    for path in (f"/plans/{plan.pk}/", "/integrations/demo/", "/integrations/demo/plans/"):
        assert client.get(path).status_code == 200


def test_untick_a_customer_and_tick_it_again(signed_in: SignedIn, plan: Plan) -> None:
    client = signed_in()
    number = plan.changes.filter(customers__contains=["c0003"]).count()
    answer = client.post(f"/plans/{plan.pk}/customers/?kind=update&page=x", {"customer": "c0003"})
    assert answer.headers["Location"] == f"/plans/{plan.pk}/?kind=update&page=x#changes"
    assert plan.changes.filter(ticked=False).count() == number
    told = page(client, plan)
    assert "left out" in told
    assert f"{38 - number} changes would be written" in told
    client.post(f"/plans/{plan.pk}/customers/", {"customer": "c0003", "ticked": "on"})
    assert not plan.changes.filter(ticked=False).exists()


def test_a_customer_of_a_shared_line(signed_in: SignedIn, plan: Plan) -> None:
    change = plan.changes.first()
    assert change is not None
    PlanChange.objects.filter(pk=change.pk).update(customers=["c0000", "c0001"])
    client = signed_in()
    assert "together with Cabinet Dubois &amp; Associés" in page(client, plan)
    client.post(f"/plans/{plan.pk}/customers/", {"customer": "c0001"})
    told = page(client, plan)
    assert "data-mixed" in told


def test_when_everything_is_left_out_there_is_nothing_to_apply(signed_in: SignedIn, plan: Plan) -> None:
    Plan.objects.filter(pk=plan.pk).update(state="approved")
    plan.changes.update(ticked=False)
    told = page(signed_in(), plan)
    assert "All that is left is held or left out." in told
    assert "/application/" not in told


def test_holds_stand_on_top(signed_in: SignedIn, plan: Plan) -> None:
    make_holds(plan)
    client = signed_in()
    told = words(page(client, plan))
    assert told.index("Much less usage") < told.index("Jump of a quantity") < told.index("Changes by customer")
    assert "The whole plan is held." in told
    assert client.post(f"/plans/{plan.pk}/approval/").status_code == 409
    held = signed_in().get(f"/plans/{plan.pk}/?state=held").context["groups"]
    assert sum(len(group.rows) for group in held) == 2


def test_release_with_a_reason(signed_in: SignedIn, plan: Plan, world: World) -> None:
    whole, first, second = make_holds(plan)
    client = signed_in()
    told = client.post(
        f"/plans/{plan.pk}/release/", {"hold": [whole.pk], "reason": "The report is right."}, follow=True
    )
    assert "1 hold is released." in told.content.decode()
    whole.refresh_from_db()
    assert (whole.released_by, whole.reason) == (world.users["approver"], "The report is right.")
    told = client.post(f"/plans/{plan.pk}/release/", {"hold": [first.pk, second.pk], "reason": "Both"}, follow=True)
    assert "2 holds are released." in told.content.decode()
    assert "“Both”" in told.content.decode()
    assert f'action="/plans/{plan.pk}/approval/"' in told.content.decode()


@pytest.mark.parametrize("reason", ["", "   ", "\0"])
def test_no_release_without_a_reason(signed_in: SignedIn, plan: Plan, reason: str) -> None:
    whole, *_ = make_holds(plan)
    answer = signed_in().post(f"/plans/{plan.pk}/release/", {"hold": [whole.pk], "reason": reason})
    assert answer.status_code == 400
    assert not Hold.objects.exclude(released_at=None).exists()


def test_released_twice_is_released_once(signed_in: SignedIn, plan: Plan) -> None:
    whole, *_ = make_holds(plan)
    client = signed_in()
    for told in ("1 hold is released.", "This was released already."):
        answer = client.post(f"/plans/{plan.pk}/release/", {"hold": [whole.pk], "reason": "Yes"}, follow=True)
        assert told in answer.content.decode()


@pytest.mark.parametrize("holds", [[], ["x"], ["999999"]])
def test_releasing_nothing_says_so(signed_in: SignedIn, plan: Plan, holds: list[str]) -> None:
    answer = signed_in().post(f"/plans/{plan.pk}/release/", {"hold": holds, "reason": "Yes"}, follow=True)
    assert "Choose at least one line to release." in answer.content.decode()


def test_a_hold_of_another_plan_is_left_alone(signed_in: SignedIn, plan: Plan, world: World) -> None:
    other = make_partner("other")
    make_labels(other, 3)
    foreign = make_holds(make_plan(other, changes=3))[0]
    signed_in().post(f"/plans/{plan.pk}/release/", {"hold": [foreign.pk], "reason": "Yes"})
    foreign.refresh_from_db()
    assert foreign.released_at is None


def test_what_was_not_written_says_why(signed_in: SignedIn, plan: Plan) -> None:
    first, second = plan.changes.all()[:2]
    PlanChange.objects.filter(pk=first.pk).update(outcome="done")
    PlanChange.objects.filter(pk=second.pk).update(
        outcome="refused", answer={"code": "invalid", "fields": {"message": "Quantity must be whole"}}
    )
    answer = signed_in().get(f"/plans/{plan.pk}/?state=wrong")
    rows = [row for group in answer.context["groups"] for row in group.rows]
    assert [row.change.pk for row in rows] == [second.pk]
    assert "Quantity must be whole" in answer.content.decode()


def test_the_role_that_is_missing_is_named(signed_in: SignedIn, plan: Plan) -> None:
    assert "Approving needs the role Approver." in page(signed_in(Role.OPERATOR.name.lower()), plan)
