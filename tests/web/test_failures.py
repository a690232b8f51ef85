"""Troubles and failures: a sentence and a way on, in the reader's language; never a stack trace."""

from __future__ import annotations

import pytest
from django.http import HttpResponse
from django.template.loader import render_to_string
from django.test import Client, RequestFactory
from django.utils import translation

from tests.web.conftest import SignedIn
from tests.web.rows import World, make_holds
from truecount.core.errors import Busy, ErrorCode, Misused, NotReady, Refused, RetryLater, Stale, Trouble, Unexpected
from truecount.web.failures import status_of, trouble_answer

TROUBLES = {
    Misused(ErrorCode.REASON_NEEDED): 400,
    Misused(ErrorCode.NOT_ALLOWED): 403,
    Misused(ErrorCode.FOUR_EYES): 403,
    Misused(ErrorCode.UNKNOWN_PLAN): 404,
    Misused(ErrorCode.PLAN_HELD): 409,
    Busy(ErrorCode.BUSY): 409,
    Stale(ErrorCode.DIGEST_CHANGED): 409,
    NotReady(ErrorCode.NOT_READY): 409,
    Refused(ErrorCode.INVALID): 422,
    RetryLater(ErrorCode.UNREACHABLE, certain=True): 424,
    Unexpected(ErrorCode.NOT_UNDERSTOOD): 424,
}


@pytest.mark.parametrize(("trouble", "status"), TROUBLES.items(), ids=lambda told: str(told))
def test_status(trouble: Trouble, status: int) -> None:
    assert status_of(trouble) == status


@pytest.mark.parametrize("code", list(ErrorCode))
@pytest.mark.parametrize("language", ["en", "fr"])
def test_every_error_has_a_page(code: ErrorCode, language: str) -> None:
    request = RequestFactory().get("/", headers={"Referer": "http://testserver/plans/1/"})
    with translation.override(language):
        answer = trouble_answer(request, Misused(code, plan=1))
    assert 400 <= answer.status_code < 500
    page = answer.content.decode()
    assert "Traceback" not in page
    assert 'href="/plans/1/"' not in page or language in ("en", "fr")


def test_the_way_back_is_one_of_ours(signed_in: SignedIn, world: World) -> None:
    plan = world.plan
    assert plan is not None
    make_holds(plan)
    client, address = signed_in(), f"/plans/{plan.pk}/approval/"
    own = client.post(address, headers={"Referer": f"http://testserver/plans/{plan.pk}/?kind=zero"})
    assert own.status_code == 409
    assert f'href="/plans/{plan.pk}/?kind=zero"' in own.content.decode()
    foreign = client.post(address, headers={"Referer": "https://evil.example/plans/1/"})
    assert "evil.example" not in foreign.content.decode()


def test_a_part_of_a_page_gets_a_notice(signed_in: SignedIn, world: World) -> None:
    plan = world.plan
    assert plan is not None
    plan.state = "superseded"
    plan.save()
    answer = signed_in("approver", "fr").post(
        f"/plans/{plan.pk}/customers/", {"customer": "c0000"}, headers={"HX-Request": "true"}
    )
    assert answer.status_code == 409
    assert answer.headers["HX-Retarget"] == "#notices"
    page = answer.content.decode()
    assert 'id="trouble"' in page
    assert "<html" not in page


def test_a_lost_session_takes_the_whole_page_to_the_sign_in(client: Client, world: World) -> None:
    headers = {"HX-Request": "true", "HX-Current-URL": "http://testserver/plans/1/?kind=zero"}
    answer = client.get("/runs/1/progress/", headers=headers)
    assert answer.status_code == 200
    assert answer.headers["HX-Redirect"] == "/sign-in/?next=%2Fplans%2F1%2F%3Fkind%3Dzero"


@pytest.mark.parametrize(("language", "told"), [("en", "This page does not exist"), ("fr", "Cette page n’existe pas")])
def test_no_such_page(client: Client, db: None, language: str, told: str) -> None:
    answer = client.get("/nowhere/", headers={"Accept-Language": language})
    assert answer.status_code == 404
    assert told in answer.content.decode()


@pytest.mark.parametrize(("language", "told"), [("en", "on our side"), ("fr", "de notre côté")])
def test_a_failure_of_the_program(
    signed_in: SignedIn, monkeypatch: pytest.MonkeyPatch, language: str, told: str
) -> None:
    client = signed_in("viewer", language)
    client.raise_request_exception = False

    def fail(*_arguments: object) -> HttpResponse:
        raise RuntimeError("a secret detail")

    monkeypatch.setattr("truecount.web.findings.shown", fail)
    answer = client.get("/integrations/demo/findings/")
    assert answer.status_code == 500
    page = answer.content.decode()
    assert told in page
    assert "secret detail" not in page
    assert "Content-Security-Policy" in answer.headers


@pytest.mark.parametrize("name", ["400.html", "403.html", "403_csrf.html", "404.html", "500.html"])
def test_failures_need_nothing_that_may_have_failed(name: str) -> None:
    """No database, no user, no request."""
    for language in ("en", "fr"):
        with translation.override(language):
            assert f'<html lang="{language}"' in render_to_string(name)


def test_a_form_from_elsewhere_changes_nothing(world: World) -> None:
    client = Client(enforce_csrf_checks=True)
    client.force_login(world.users["admin"])
    plan = world.plan
    assert plan is not None
    answer = client.post(f"/plans/{plan.pk}/approval/")
    assert answer.status_code == 403
    assert "This page was open for too long" in answer.content.decode()
    plan.refresh_from_db()
    assert plan.state == "open"
