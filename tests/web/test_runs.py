"""One run: its phases while it goes on, and everything about how it ended."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client

from tests.web.conftest import SignedIn
from tests.web.reading import words
from tests.web.rows import World, make_run
from truecount.runs import clock
from truecount.store.models import Run
from truecount.web import runs
from truecount.web.words import RUN_STATES

ERROR = {"code": "unreachable", "fields": {"system": "sophos"}}


def states(run: Run) -> dict[str, str]:
    return {phase.name: phase.state for phase in runs._phases(run)}


@pytest.mark.parametrize(
    ("told", "expected"),
    [
        ({"state": "queued", "phase": "", "seconds": {}}, "next next next next next"),
        ({"state": "running", "phase": "collect", "seconds": {}}, "now next next next next"),
        ({"state": "running", "phase": "apply", "seconds": {}}, "done done done now next"),
        ({"state": "waiting", "phase": "plan"}, "done done waits out out"),
        ({"state": "held", "phase": "plan"}, "done done waits out out"),
        ({"state": "observed", "phase": "plan"}, "done done out out out"),
        ({"state": "done", "phase": "verify"}, "done done done done done"),
        (
            {"state": "failed", "phase": "collect", "seconds": {"collect": 1}, "error": ERROR},
            "failed missed missed missed missed",
        ),
        ({"state": "failed", "phase": "apply", "error": ERROR}, "done done done failed missed"),
        ({"state": "running", "phase": "apply", "verb": "apply", "seconds": {}}, "out out out now next"),
        ({"state": "done", "phase": "verify", "verb": "apply", "seconds": {}}, "out out out done done"),
        ({"state": "done", "phase": "collect", "verb": "collect", "seconds": {"collect": 1}}, "done out out out out"),
    ],
)
def test_phases(world: World, told: dict[str, Any], expected: str) -> None:
    run = make_run(world, **{"seconds": {"collect": 1.9, "plan": 0.3}, **told})
    assert " ".join(states(run).values()) == expected


def test_it_works(signed_in: SignedIn, world: World) -> None:
    run = Run.objects.get()
    told = words(signed_in().get(f"/runs/{run.pk}/").content.decode())
    for part in ("Waits for approval", "9 reads", "131 reads, 0 writes", "nothing was written", "Unchanged 402"):
        assert part in told
    assert "452 counts of a product for a customer" in told


def test_progress_asks_again_until_the_run_has_ended(signed_in: SignedIn, world: World) -> None:
    run = make_run(world, state="running", phase="apply", step=12, steps=40, finished_at=None, outcomes={})
    client = signed_in("viewer", "fr")
    part = client.get(f"/runs/{run.pk}/progress/").content.decode()
    assert f'hx-get="/runs/{run.pk}/progress/?seen=running-apply"' in part
    assert '<progress value="12" max="40"' in part
    assert "<html" not in part
    assert "Étape : Appliquer." in part.replace("\u00a0", " ")
    Run.objects.filter(pk=run.pk).update(state="done", phase="verify", converged=True)
    part = client.get(f"/runs/{run.pk}/progress/").content.decode()
    assert "hx-get" not in part
    assert "Aucun écart ne reste" in part


def test_only_what_is_new_is_announced(signed_in: SignedIn, world: World) -> None:
    run = make_run(world, state="running", phase="apply", finished_at=None, outcomes={})
    client = signed_in("viewer")
    news = 'hx-swap-oob="innerHTML:#announced"'
    assert news not in client.get(f"/runs/{run.pk}/").content.decode()
    assert news not in client.get(f"/runs/{run.pk}/progress/?seen=running-apply").content.decode()
    assert f"{news}>Apply</p>" in client.get(f"/runs/{run.pk}/progress/?seen=running-plan").content.decode()


def test_a_run_that_nobody_takes(signed_in: SignedIn, world: World) -> None:
    run = make_run(world, state="queued", phase="", seconds={}, finished_at=None)
    assert "No worker has taken this run yet." in signed_in().get(f"/runs/{run.pk}/").content.decode()
    Run.objects.filter(pk=run.pk).update(started_at=clock.now())
    assert "No worker has taken this run yet." not in signed_in().get(f"/runs/{run.pk}/").content.decode()


def test_without_scripts_the_page_loads_itself_again(signed_in: SignedIn, world: World) -> None:
    run = make_run(world, state="queued", phase="", finished_at=None)
    assert '<noscript><meta http-equiv="refresh"' in signed_in().get(f"/runs/{run.pk}/").content.decode()


@pytest.mark.parametrize("language", ["en", "fr"])
@pytest.mark.parametrize("state", sorted(RUN_STATES))
def test_every_state_has_a_page(signed_in: SignedIn, world: World, state: str, language: str) -> None:
    run = make_run(
        world, state=state, finished_at=None if state in ("queued", "running") else Run.objects.get().finished_at
    )
    with_word = signed_in("viewer", language).get(f"/runs/{run.pk}/")
    assert with_word.status_code == 200
    assert str(with_word.context["mark"].word)


def test_an_error_is_a_sentence_with_its_cure(signed_in: SignedIn, world: World) -> None:
    error = {"code": "not_ready", "fields": {"period": "2026-11"}}
    run = make_run(world, state="not_ready", phase="collect", plan=None, outcomes={}, error=error)
    told = signed_in().get(f"/runs/{run.pk}/").content.decode()
    assert "Report not there yet" in told
    assert "not_ready" not in told.replace("note", "")


@pytest.mark.parametrize(("converged", "told"), [(True, "No difference is left"), (False, "Differences are left")])
def test_the_result_of_verifying(signed_in: SignedIn, world: World, converged: bool, told: str) -> None:
    run = make_run(world, state="done", phase="verify", converged=converged)
    assert told in signed_in().get(f"/runs/{run.pk}/").content.decode()


def test_sync_now(signed_in: SignedIn, world: World) -> None:
    answer = signed_in("operator").post("/integrations/demo/sync/")
    run = Run.objects.latest("pk")
    assert answer.headers["Location"] == f"/runs/{run.pk}/"
    assert (run.verb, run.state, run.trigger, run.by) == ("sync", "queued", "person", world.users["operator"])


def test_a_second_sync_leads_to_the_first(signed_in: SignedIn, world: World) -> None:
    client = signed_in("operator")
    first = client.post("/integrations/demo/sync/").headers["Location"]
    again = client.post("/integrations/demo/sync/", follow=True)
    assert again.redirect_chain == [(first, 302)]
    assert "A run is going on already; here it is." in again.content.decode()
    assert Run.objects.filter(state="queued").count() == 1


def test_lists_of_plans_and_runs(signed_in: SignedIn, world: World) -> None:
    make_run(world, state="failed", by=None, trigger="schedule")
    client = signed_in()
    told = words(_get(client, "/integrations/demo/runs/"))
    assert "on schedule" in told
    assert "Failed" in told
    told = words(_get(client, "/integrations/demo/runs/?state=waiting"))
    assert "on schedule" not in told
    told = words(_get(client, "/integrations/demo/plans/"))
    assert "Create 7 · Take over 7 · Update 22" in told


def _get(client: Client, path: str) -> str:
    return client.get(path).content.decode()
