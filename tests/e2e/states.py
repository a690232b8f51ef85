"""States that a page can be in, made one after the other: each is an address to look at, and who looks."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any, NamedTuple

from tests.web.rows import (
    World,
    make_connections,
    make_finding,
    make_labels,
    make_partner,
    make_plan,
    make_run,
)
from truecount.core.model import FindingKind
from truecount.runs import clock
from truecount.store.models import (
    Customer,
    CustomerMapping,
    Plan,
    ProductMapping,
    Run,
    User,
    VendorProduct,
)

EMPTY = (
    "",
    "usage-sync/configure/",
    "customers/",
    "customers/suggestions/",
    "plans/",
    "runs/",
    "findings/",
    "history/",
    "history/ledger/",
    "settings/",
    "settings/usage-sync/",
    "settings/policy/",
    "settings/connections/",
    "settings/connections/vendor/",
)
"""Pages of an integration that have nothing to show yet."""
FOUND_NOTHING = ("usage-sync/configure/", "customers/", "plans/", "runs/", "findings/", "history/", "history/ledger/")
SEEN_BY_A_VIEWER = ("", "usage-sync/configure/", "customers/", "customers/c0001/", "findings/", "settings/policy/")
OUTCOMES = {"done": 28, "unchanged": 380, "held": 3, "skipped": 9, "stale": 2, "refused": 4, "failed": 1, "waiting": 5}

DIALOGS = (
    ("usage-sync/configure/", "a[href*='/usage-sync/map/']"),
    ("customers/", "a[href*='/customers/c0001/']"),
    ("settings/connections/", "a[href$='/connections/vendor/']"),
)
"""A page of the integration, and what opens a dialog on it."""


class State(NamedTuple):
    """Who looks, where, and what is pressed first."""

    user: User
    path: str
    press: str = ""


def new_partners(_world: World) -> Iterator[State]:
    """From nothing to a first plan that waits."""
    newcomer = make_partner("newcomer", name="Nouvelle Escale")
    newcomer.integration.delete()
    yield State(newcomer.users["admin"], "/")
    yield State(newcomer.users["admin"], "/psa-integration/")
    yield State(newcomer.users["viewer"], "/")

    first = make_partner("first", name="Première Ligne", mode="observe")
    home, admin = "/integrations/first/", first.users["admin"]
    for path in EMPTY:
        yield State(admin, home + path)
    make_connections(first)
    first.integration.connections.filter(side="psa").update(missing=["Finance / Agreements / Add"])
    yield State(admin, home)
    first.integration.connections.update(missing=[])
    make_labels(first)
    CustomerMapping.objects.filter(integration=first.integration).delete()
    ProductMapping.objects.filter(integration=first.integration).delete()
    VendorProduct.objects.filter(integration=first.integration).update(sync=False)
    for path in ("", "usage-sync/configure/", "customers/", "usage-sync/map/?product=CIXA-MSP"):
        yield State(admin, home + path)


def calm(_world: World) -> Iterator[State]:
    """Everything is billed as it was counted."""
    world = make_partner("calm", name="Tout Va Bien", mode="automatic")
    make_connections(world)
    make_labels(world)
    plan = make_plan(world, changes=0)
    make_run(world, state="done", converged=True, outcomes={"unchanged": 402})
    for path in ("/integrations/calm/", f"/plans/{plan.pk}/", "/integrations/calm/findings/"):
        yield State(world.users["operator"], path)


def plans(world: World) -> Iterator[State]:
    approver = world.users["approver"]
    for state in ("approved", "applied", "void", "superseded", "expired"):
        plan = make_plan(world, state=state)
        yield State(approver, f"/plans/{plan.pk}/")
    _mode(world, "observe")
    yield State(approver, f"/plans/{make_plan(world).pk}/")
    yield State(approver, "/integrations/demo/")
    _mode(world, "review")
    Plan.objects.filter(integration=world.integration).update(state="superseded")
    yield State(world.users["viewer"], f"/plans/{make_plan(world).pk}/")


def runs(world: World) -> Iterator[State]:
    going: dict[str, Any] = {"finished_at": None, "outcomes": {}, "seconds": {}, "plan": None}
    stale = {"code": "digest_changed", "fields": {"plan": 1}}
    missing = {"code": "missing_right", "fields": {"system": "connectwise", "missing": ["Finance / Agreements / Edit"]}}
    rows: tuple[dict[str, Any], ...] = (
        {"state": "running", "phase": "apply", "verb": "apply", "step": 12, "steps": 36, **going},
        {"state": "running", "phase": "collect", "step": 3, "steps": 609, **going},
        {"state": "done", "phase": "verify", "converged": True, "outcomes": {"done": 36, "unchanged": 402}},
        {"state": "partial", "phase": "verify", "converged": False, "outcomes": OUTCOMES},
        {"state": "held", "phase": "plan", "outcomes": {"held": 400, "skipped": 3}},
        {"state": "refused", "phase": "apply", "verb": "apply", "error": stale, "outcomes": {}},
        {"state": "failed", "phase": "collect", "error": missing, "plan": None, "outcomes": {}},
        {"state": "not_ready", "phase": "collect", "plan": None, "outcomes": {}},
        {"state": "observed", "phase": "plan"},
    )
    for told in rows:
        run = make_run(world, **told)
        yield State(world.users["operator"], f"/runs/{run.pk}/")
        Run.objects.filter(pk=run.pk).update(state="done")


def lists(world: World) -> Iterator[State]:
    """Lists that find nothing, lists of everything, and what a viewer is left with."""
    home = "/integrations/demo/"
    for path in FOUND_NOTHING:
        yield State(world.users["operator"], f"{home}{path}?q=zzzzzz")
    for path in SEEN_BY_A_VIEWER:
        yield State(world.users["viewer"], home + path)
    for kind in FindingKind:
        make_finding(world, kind, since=clock.now().date(), money="12.50", product="CIXA-MSP", customer="c0002")
    yield State(world.users["operator"], home + "findings/")
    Customer.objects.filter(integration=world.integration, vendor_id="c0003").update(gone_since=clock.now())
    yield State(world.users["operator"], home + "customers/")


def troubles(world: World) -> Iterator[State]:
    """Nobody answers at the address of ConnectWise."""
    home = "/integrations/demo/"
    yield State(world.users["operator"], home + "usage-sync/configure/", "a[href*='/items/']")
    yield State(world.users["operator"], home + "usage-sync/items/4711/")


def dialogs(world: World) -> Iterator[State]:
    for path, press in DIALOGS:
        yield State(world.users["admin"], f"/integrations/demo/{path}", press)
    yield State(world.users["admin"], "/users/", "a[href$='/users/new/']")
    yield State(world.users["admin"], "/psa-integration/", "a[href$='/psa-integration/new/']")


def _mode(world: World, mode: str) -> None:
    world.integration.policy |= {"mode": mode}
    world.integration.save()


STATES: tuple[Callable[[World], Iterator[State]], ...] = (new_partners, calm, plans, runs, dialogs, lists, troubles)
