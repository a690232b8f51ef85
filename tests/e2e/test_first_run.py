"""A new administrator without a manual: from an empty installation to a first plan, by the pages alone."""

from __future__ import annotations

import json

from django.test import Client

from tests.e2e.world import GUID, Clocked, Simulators
from tests.web.reading import words
from tests.web.rows import PASSWORD
from truecount.core.roles import Role
from truecount.runs import clock, found, suggest, tasks
from truecount.runs.flow import execute
from truecount.store.models import AuditEvent, Company, Connection, Customer, Integration, Plan, Run, User

HOME = "/integrations/first/"
TAB = f"{HOME}settings/connections/"


def test_from_nothing_to_a_first_plan(
    simulators: Simulators, transactional_db: None, settings: Clocked, trusting: None
) -> None:
    simulators.reset()
    settings.TRUECOUNT_CLOCK_OFFSET = (simulators.now() - clock.now()).total_seconds()
    client, admin = _admin()
    assert "Create the PSA integration" in words(client.get("/").content.decode())
    client.post("/psa-integration/new/", {"slug": "first"})
    integration = Integration.objects.get(slug="first")
    assert _steps(client) == ["Next", "Later", "Later", "Later", "Later"]

    vendor = {"auth_url": simulators.sophos.base, "api_url": simulators.sophos.base, "client_id": "sim"}
    wrong = client.post(f"{TAB}vendor/", vendor | {"client_secret": "not-it-at-all"})
    assert wrong.status_code == 422
    assert "not-it-at-all" not in wrong.content.decode()
    assert client.post(f"{TAB}vendor/", vendor | {"client_secret": "secret"}).headers["Location"] == TAB
    assert _steps(client) == ["Done", "Next", "Later", "Later", "Later"]

    simulators.connectwise.switch(permissions={"agreements": "I"})
    psa = {"url": simulators.connectwise.base, "company": "sim", "public_key": "pub", "client_id": GUID}
    client.post(f"{TAB}psa/", psa | {"private_key": "priv"})
    page = words(client.get(TAB).content.decode())
    assert "2 rights are missing" in page
    assert "Finance / Agreements / Add Finance / Agreements / Edit" in page
    assert _steps(client) == ["Done", "Next", "Later", "Later", "Later"]
    simulators.connectwise.switch(permissions={"agreements": "IAE"})
    assert "no right is missing" in words(client.post(f"{TAB}psa/check/", follow=True).content.decode())
    assert _steps(client)[:3] == ["Done", "Done", "Next"]
    told = json.dumps(list(AuditEvent.objects.values("action", "subject", "before", "after")))
    assert "check_connection" in told
    assert "priv" not in told.replace("private", "")

    for side in ("vendor", "psa"):
        tasks.read_labels(integration.pk, side)
    assert Customer.objects.filter(integration=integration).exists()
    assert Company.objects.filter(integration=integration).exists()
    _sync(client)
    assert _steps(client) == ["Done", "Done", "Next", "Later", "Later"]
    suggest.accept(integration, suggest.suggest(integration), 80, by=admin, now=clock.now())
    assert _steps(client) == ["Done", "Done", "Done", "Done", "Next"]
    _sync(client)
    assert _steps(client) == []
    plan = Plan.objects.filter(integration=integration).order_by("-pk").first()
    assert plan is not None
    assert sum(plan.counts.values()) > 0
    assert Connection.objects.filter(integration=integration, missing=[]).count() == 2
    assert simulators.connectwise.writes() == 0


def _admin() -> tuple[Client, User]:
    partner = found.create_partner("newcomer", by=None, now=clock.now())
    admin = found.create_user(partner, "admin@new.example", PASSWORD, Role.ADMIN, by=None, now=clock.now())
    client = Client()
    client.force_login(admin)
    return client, admin


def _steps(client: Client) -> list[str]:
    """The states of the card, in order; none where it is gone."""
    page = client.get(HOME).content.decode()
    if "Getting started" not in page:
        return []
    card = page[page.index('id="getting-started"') :]
    told = words(card[: card.index("</section>")])
    return [word for word in told.split() if word in ("Done", "Next", "Later")]


def _sync(client: Client) -> None:
    """The button, and what the worker does with it."""
    client.post(f"{HOME}sync/")
    run = execute(Run.objects.select_related("integration__partner", "by", "plan").order_by("-pk")[0])
    assert (run.state, run.error) == ("observed", None)
