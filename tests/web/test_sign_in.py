"""Signing in and out, the language of the page, and where one goes from there."""

from __future__ import annotations

import pytest
from django.test import Client

from tests.web.conftest import SignedIn
from tests.web.rows import PASSWORD, World


def test_it_works(client: Client, world: World) -> None:
    answer = client.post("/sign-in/", {"email": "Viewer@Demo.example", "password": PASSWORD}, follow=True)
    assert answer.status_code == 200
    assert answer.redirect_chain == [("/", 302), ("/integrations/demo/", 302)]


@pytest.mark.parametrize(
    ("email", "password"),
    [("viewer@demo.example", "wrong-wrong"), ("nobody@demo.example", PASSWORD)],
)
def test_both_wrong_answers_are_the_same(client: Client, world: World, email: str, password: str) -> None:
    answer = client.post("/sign-in/", {"email": email, "password": password})
    assert answer.status_code == 422
    page = answer.content.decode()
    assert "do not belong together" in page
    assert f'value="{email}"' in page
    assert password not in page


def test_empty_fields_are_named(client: Client, world: World) -> None:
    page = client.post("/sign-in/?language=fr", {}).content.decode()
    assert "Saisissez votre e-mail." in page
    assert "Saisissez votre mot de passe." in page


def test_who_was_switched_off_stays_outside(client: Client, world: World) -> None:
    user = world.users["viewer"]
    user.is_active = False
    user.save()
    assert client.post("/sign-in/", {"email": user.email, "password": PASSWORD}).status_code == 422


def test_back_to_where_one_wanted_to_go(client: Client, world: World) -> None:
    asked = client.get("/integrations/demo/findings/?kind=x")
    assert asked.headers["Location"] == "/sign-in/?next=/integrations/demo/findings/%3Fkind%3Dx"
    answer = client.post(asked.headers["Location"], {"email": "viewer@demo.example", "password": PASSWORD})
    assert answer.headers["Location"] == "/integrations/demo/findings/?kind=x"


@pytest.mark.parametrize("goal", ["https://evil.example/", "//evil.example", "javascript:alert(1)"])
def test_never_to_another_host(client: Client, world: World, goal: str) -> None:
    answer = client.post(f"/sign-in/?next={goal}", {"email": "viewer@demo.example", "password": PASSWORD})
    assert answer.headers["Location"] == "/"


def test_the_language_of_the_page_becomes_the_users(client: Client, world: World) -> None:
    page = client.get("/sign-in/?language=fr").content.decode()
    assert '<html lang="fr"' in page
    assert "Se connecter" in page
    client.post("/sign-in/?language=fr", {"email": "viewer@demo.example", "password": PASSWORD})
    world.users["viewer"].refresh_from_db()
    assert world.users["viewer"].language == "fr"
    assert "Vue d’ensemble" in client.get("/integrations/demo/").content.decode()


def test_the_browsers_language_until_somebody_chooses(client: Client, db: None) -> None:
    asked = client.get("/sign-in/", headers={"Accept-Language": "fr-CA, en;q=0.5"})
    assert asked.headers["Content-Language"] == "fr"
    assert client.get("/sign-in/?language=xx", headers={"Accept-Language": "de"}).headers["Content-Language"] == "en"


def test_signing_out_keeps_the_language_of_this_browser(client: Client, world: World) -> None:
    client.post("/sign-in/?language=fr", {"email": "viewer@demo.example", "password": PASSWORD})
    out = client.post("/sign-out/", follow=True)
    assert "Se connecter" in out.content.decode()
    assert client.get("/integrations/demo/").status_code == 302


def test_signing_out_needs_a_post(signed_in: SignedIn) -> None:
    assert signed_in().get("/sign-out/").status_code == 405


def test_language_and_look_can_be_changed_at_any_time(signed_in: SignedIn, world: World) -> None:
    client = signed_in("viewer")
    answer = client.post("/language/", {"language": "fr", "next": "/integrations/demo/findings/"}, follow=True)
    assert "Constats" in answer.content.decode()
    answer = client.post("/look/", {"look": "dark", "next": "/integrations/demo/findings/"}, follow=True)
    assert 'data-look="dark"' in answer.content.decode()
    for wrong in ({"language": "xx"}, {"language": "fr", "next": "https://evil.example/"}):
        assert client.post("/language/", wrong).headers["Location"] == "/"


def test_the_password_is_never_shown_again(client: Client, world: World) -> None:
    page = client.post("/sign-in/", {"email": "x@y.example", "password": "a-secret-of-mine"}).content.decode()
    assert "a-secret-of-mine" not in page
