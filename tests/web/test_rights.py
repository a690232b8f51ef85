"""Every address declares who may use it; viewers change nothing; other partners' things do not exist."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import pytest
from django.test import Client
from django.urls import URLPattern, URLResolver, reverse

from tests.web.conftest import SignedIn
from tests.web.rows import World, make_holds, make_world
from truecount.conf.urls import urlpatterns
from truecount.core.roles import LEAST_ROLE, Action, Role
from truecount.store.models import AuditEvent, Finding, Plan, Run
from truecount.web import urls
from truecount.web.rights import RIGHTS

ONLY_POST = {
    "usage-sync-save": Action.SWITCH,
    "product-mapping": Action.MAP,
    "product-unmapping": Action.MAP,
    "item-add": Action.EDIT_ITEM,
    "item-edit": Action.EDIT_ITEM,
    "sync": Action.SYNC,
    "plan-approval": Action.APPROVE,
    "plan-application": Action.APPLY,
    "plan-customers": Action.APPROVE,
    "plan-release": Action.RELEASE,
    "customers-usage-sync": Action.SWITCH,
    "customers-refresh": Action.SYNC,
    "customer-suggestions-accept": Action.MAP,
    "customer-save": Action.MAP,
    "finding-act": Action.MAP,
    "connection-check": Action.CONNECT,
    "user-link": Action.KEEP_USERS,
    "user-password": Action.KEEP_USERS,
}
CLOSED = {
    "integration-new": Action.CREATE_INTEGRATION,
    "connection": Action.CONNECT,
    "users": Action.KEEP_USERS,
    "user-new": Action.KEEP_USERS,
    "user": Action.KEEP_USERS,
}
"""Pages that only those look at who may do what they are for."""
SAVED = {"policy": Action.SET_POLICY, "sync-settings": Action.SET_POLICY}
"""Pages that everybody reads and that take a right to save."""
OF_THE_PARTNER = {"psa-integration", "integration-new", "users", "user-new", "account"}
"""Their addresses name nothing: everybody sees their own partner's."""
FOR_ANYBODY = {"sign-in", "sign-out", "look", "password"}


def routes(patterns: Sequence[URLPattern | URLResolver]) -> Iterator[URLPattern]:
    for pattern in patterns:
        if isinstance(pattern, URLResolver):
            yield from routes(pattern.url_patterns)
        else:
            yield pattern


PAGES = list(routes(urls.urlpatterns))


def test_every_route_declares_its_right() -> None:
    assert [route.name for route in PAGES if route.callback not in RIGHTS] == []
    assert {route.name for route in PAGES if RIGHTS[route.callback] is None} == FOR_ANYBODY
    limited = ONLY_POST | CLOSED
    assert {route.name: RIGHTS[route.callback] for route in PAGES if route.name in limited} == limited


def test_pages_are_part_of_the_whole() -> None:
    assert {route.callback for route in PAGES} <= {route.callback for route in routes(urlpatterns)}


def addresses(world: World) -> dict[str, str]:
    """Every address that needs somebody signed in, of this world's things."""
    plan, run = world.plan, Run.objects.filter(integration=world.integration).first()
    assert plan is not None
    assert run is not None
    finding = Finding.objects.filter(integration=world.integration).first()
    assert finding is not None
    more: dict[str | None, str | int] = {"customer": "c0001", "customer-save": "c0001", "finding-act": finding.pk}
    found = {
        route.name: reverse(
            route.name, args=[world.integration.slug, *([more[route.name]] if route.name in more else [])]
        )
        for route in urls.of_integration
    }
    found |= {route.name: reverse(route.name, args=[plan.pk]) for route in urls.of_plan}
    found |= {route.name: reverse(route.name, args=[world.integration.slug, 900]) for route in urls.of_item}
    found |= {name: reverse(name, args=[run.pk]) for name in ("run", "run-progress")}
    found |= {route.name: reverse(route.name, args=[world.integration.slug, "psa"]) for route in urls.of_side}
    person = world.users["viewer"].pk
    found |= {name: reverse(name, args=[person]) for name in ("user", "user-link", "user-password")}
    found |= {name: reverse(name) for name in OF_THE_PARTNER}
    assert {*found, "language", *FOR_ANYBODY} == {route.name for route in PAGES}
    return {str(name): address for name, address in found.items()}


def test_nobody_looks_without_signing_in(client: Client, world: World) -> None:
    for name, address in addresses(world).items():
        answer = client.get(address)
        assert answer.status_code == 302, name
        assert answer.headers["Location"].startswith("/sign-in/"), name


@pytest.mark.parametrize("role", [role.name.lower() for role in Role])
def test_everybody_reads_everything(signed_in: SignedIn, world: World, role: str) -> None:
    client = signed_in(role)
    for name, address in addresses(world).items():
        if name not in ONLY_POST:
            closed = name in CLOSED and Role[role.upper()] < LEAST_ROLE[CLOSED[name]]
            assert client.get(address).status_code == (403 if closed else 200), name


@pytest.mark.parametrize("role", list(Role))
def test_changes_need_the_role(signed_in: SignedIn, world: World, role: Role) -> None:
    client = signed_in(role.name.lower())
    refused = {name for name, address in addresses(world).items() if client.post(address).status_code == 403}
    limited = ONLY_POST | CLOSED | SAVED
    assert refused == {name for name, action in limited.items() if role < LEAST_ROLE[action]}


def test_a_viewer_changes_nothing(signed_in: SignedIn, world: World) -> None:
    plan = world.plan
    assert plan is not None
    holds = make_holds(plan)
    before = (Run.objects.count(), AuditEvent.objects.count())
    client = signed_in("viewer")
    told = {"customer": "c0000", "hold": str(holds[0].pk), "reason": "because"}
    for name in ONLY_POST | CLOSED | SAVED:
        client.post(addresses(world)[name], told)
    plan.refresh_from_db()
    assert plan.state == "open"
    assert plan.changes.filter(ticked=False).count() == 0
    assert plan.holds.exclude(released_at=None).count() == 0
    assert (Run.objects.count(), AuditEvent.objects.count()) == before


def test_a_viewer_is_offered_nothing_that_would_be_refused(signed_in: SignedIn, world: World) -> None:
    plan = world.plan
    assert plan is not None
    make_holds(plan)
    client = signed_in("viewer")
    for address in addresses(world).values():
        page = client.get(address).content.decode()
        assert "/approval/" not in page
        assert "/release/" not in page
        assert "/sync/" not in page.replace("/usage-sync/", "")
        assert "/map/" not in page
        assert "/add/" not in page
        assert "/edit/" not in page
        assert 'form="switches"' not in page
        assert "/users/" not in page
        assert "/settings/connections/psa/" not in page


def test_another_partners_things_do_not_exist(signed_in: SignedIn, world: World) -> None:
    other = make_world("other")
    client = signed_in("admin", of=other)
    for name, address in addresses(world).items():
        if name not in OF_THE_PARTNER:
            answer = client.post(address) if name in ONLY_POST else client.get(address)
            assert answer.status_code == 404, name
    assert Plan.objects.get(integration=world.integration).state == "open"


def test_a_refusal_says_which_role_it_takes(signed_in: SignedIn, world: World) -> None:
    page = signed_in("operator", "fr").post(addresses(world)["plan-approval"]).content.decode()
    assert "Pour approuver un plan, il faut le rôle Approbateur." in page
