"""Users and roles, one's own password, links to choose one, and what happens after many wrong ones."""

from __future__ import annotations

import json
import re
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client

from tests.web.conftest import SignedIn
from tests.web.reading import words
from tests.web.rows import PASSWORD, World, make_partner
from truecount.core.errors import ErrorCode, Misused
from truecount.core.roles import Role
from truecount.runs import clock, people, tries
from truecount.store.models import AuditEvent, SignInTry, User

NEW = "a-new-long-password"


def acts(world: World) -> list[tuple[str, str]]:
    return list(AuditEvent.objects.filter(partner=world.partner).order_by("pk").values_list("action", "subject"))[3:]


# --- the list, adding, roles ----------------------------------------------------------------------


def test_only_the_partners_own_people(signed_in: SignedIn, world: World) -> None:
    other = make_partner("other")
    client = signed_in("admin")
    page = words(client.get("/users/").content.decode())
    assert "admin@demo.example you Administrator English Active" in page
    assert "other.example" not in page
    assert client.get(f"/users/{other.users['viewer'].pk}/").status_code == 404
    assert client.post(f"/users/{other.users['viewer'].pk}/", {"active": "off"}).status_code == 404
    sheet = client.get("/users/?role=1&format=csv").content.decode()
    assert "viewer@demo.example,Viewer,English,Active," in sheet
    assert "admin@" not in sheet


def test_a_user_with_a_password_typed_by_the_administrator(signed_in: SignedIn, world: World) -> None:
    told = {"email": "Anna@Demo.example", "role": "3", "language": "fr", "password": NEW}
    client = signed_in("admin")
    assert client.post("/users/new/", told).status_code == 302
    made = User.objects.get(email="anna@demo.example")
    assert (made.role, made.language, made.partner) == (Role.APPROVER, "fr", world.partner)
    assert made.check_password(NEW)
    assert acts(world) == [("create_user", "anna@demo.example")]
    assert NEW not in json.dumps(list(AuditEvent.objects.values()), default=str)


def test_a_user_with_a_link(signed_in: SignedIn, world: World) -> None:
    told = {"email": "anna@demo.example", "role": "1", "language": "fr", "password": ""}
    client = signed_in("admin")
    page = client.post("/users/new/", told, follow=True)
    assert "Make a one-time link for the password." in page.content.decode()
    person = User.objects.get(email="anna@demo.example")
    assert not person.has_usable_password()
    shown = words(client.post(f"/users/{person.pk}/link/").content.decode())
    link = re.search(r"http://testserver(/password/\S+)", shown)
    assert link
    outside = Client()
    assert "Choisir un mot de passe" in outside.get(link[1]).content.decode()
    wrong = outside.post(link[1], {"password": "short", "again": "short"}).content.decode()
    assert 'id="password-error"' in wrong
    assert "short" not in wrong.replace("too short", "")
    assert "diffèrent" in outside.post(link[1], {"password": NEW, "again": "other"}).content.decode()
    assert outside.post(link[1], {"password": NEW, "again": NEW}).headers["Location"] == "/sign-in/"
    assert outside.post("/sign-in/", {"email": person.email, "password": NEW}).status_code == 302
    used = Client().get(link[1])
    assert used.status_code == 400
    assert "no longer works" in used.content.decode()
    assert [action for action, _ in acts(world)] == ["create_user", "make_link", "change_password"]


@pytest.mark.parametrize("link", ["/password/MQ/none/", "/password/!!/abc-def/", "/password/OTk5OTk5/abc-def/"])
def test_a_link_that_was_made_up(client: Client, world: World, link: str) -> None:
    assert "no longer works" in client.get(link).content.decode()


@pytest.mark.parametrize(
    ("told", "where"),
    [
        ({"email": "no mail"}, "email"),
        ({"email": "a" * 250 + "@demo.example"}, "email"),
        ({"email": "viewer@demo.example"}, "email"),
        ({"role": "9"}, "role"),
        ({"language": "xx"}, "language"),
        ({"password": "short"}, "password"),
        ({"password": "password123"}, "password"),
    ],
)
def test_wrong_input_is_told_at_its_field(signed_in: SignedIn, world: World, told: dict[str, str], where: str) -> None:
    right = {"email": "anna@demo.example", "role": "2", "language": "en", "password": NEW}
    answer = signed_in("admin").post("/users/new/", right | told)
    assert answer.status_code == 422
    page = answer.content.decode()
    assert f'id="{where}-error"' in page
    assert page.count("-error") == 2, "said once, and tied to its field"
    assert f'value="{told.get("email", "anna@demo.example")}"' in page
    assert f'value="{NEW}"' not in page
    assert User.objects.filter(partner=world.partner).count() == 4


def test_a_role_is_changed_unless_somebody_else_was_faster(signed_in: SignedIn, world: World) -> None:
    person, client = world.users["viewer"], signed_in("admin")
    assert client.post(f"/users/{person.pk}/", {"role": "3", "seen": "1"}).status_code == 302
    person.refresh_from_db()
    assert person.role == Role.APPROVER
    late = client.post(f"/users/{person.pk}/", {"role": "4", "seen": "1"})
    assert late.status_code == 409
    assert "changed the account viewer@demo.example" in late.content.decode()
    person.refresh_from_db()
    assert person.role == Role.APPROVER
    told = AuditEvent.objects.get(action="change_role")
    assert (told.before, told.after) == ({"role": "viewer"}, {"role": "approver"})
    assert client.post(f"/users/{person.pk}/", {"role": "7", "seen": "3"}).status_code == 400


@pytest.mark.parametrize("told", [{"active": "off"}, {"role": "1", "seen": "4"}])
def test_the_last_active_administrator_stays(signed_in: SignedIn, world: World, told: dict[str, str]) -> None:
    admin, client = world.users["admin"], signed_in("admin")
    second = world.users["approver"]
    User.objects.filter(pk=second.pk).update(role=Role.ADMIN, is_active=False)
    answer = client.post(f"/users/{admin.pk}/", told)
    assert answer.status_code == 400
    assert "is the last active administrator" in answer.content.decode()
    admin.refresh_from_db()
    assert (admin.role, admin.is_active) == (Role.ADMIN, True)
    User.objects.filter(pk=second.pk).update(is_active=True)
    client.post(f"/users/{admin.pk}/", told)
    admin.refresh_from_db()
    assert (admin.role, admin.is_active) != (Role.ADMIN, True)


def test_who_is_deactivated_is_out_at_once(signed_in: SignedIn, world: World) -> None:
    inside, person = signed_in("viewer"), world.users["viewer"]
    client = signed_in("admin")
    client.post(f"/users/{person.pk}/", {"active": "off"})
    assert inside.get("/integrations/demo/").status_code == 302
    assert "Deactivated" in client.get("/users/?state=off").content.decode()
    client.post(f"/users/{person.pk}/", {"active": "on"})
    assert signed_in("viewer").get("/integrations/demo/").status_code == 200
    assert [action for action, _ in acts(world)] == ["deactivate_user", "activate_user"]


def test_a_new_password_by_the_administrator_ends_old_sessions(signed_in: SignedIn, world: World) -> None:
    inside, person = signed_in("viewer"), world.users["viewer"]
    client = signed_in("admin")
    assert client.post(f"/users/{person.pk}/password/", {"password": "short"}).status_code == 422
    assert client.post(f"/users/{person.pk}/password/", {"password": NEW}).status_code == 302
    assert inside.get("/integrations/demo/").status_code == 302
    own = world.users["admin"].pk
    client.post(f"/users/{own}/password/", {"password": NEW})
    assert client.get("/users/").status_code == 200, "one's own session goes on"
    assert [action for action, _ in acts(world)] == ["reset_password", "reset_password"]


def test_the_verbs_themselves_refuse_others(world: World) -> None:
    person, by = world.users["viewer"], world.users["approver"]
    for act in (
        lambda: people.change_role(person, Role.ADMIN, seen=1, by=by, now=clock.now()),
        lambda: people.set_active(person, False, by=by, now=clock.now()),
        lambda: people.set_password(person, NEW, by=by, now=clock.now()),
        lambda: people.make_link(person, by=by, now=clock.now()),
    ):
        with pytest.raises(Misused) as caught:
            act()
        assert caught.value.code is ErrorCode.NOT_ALLOWED


# --- one's own ------------------------------------------------------------------------------------


def test_ones_own_password(signed_in: SignedIn, world: World) -> None:
    client, elsewhere = signed_in("viewer"), signed_in("viewer")
    told = {"old": PASSWORD, "password": NEW, "again": NEW}
    for wrong, where in (
        ({"old": "not this one"}, "old"),
        ({"again": "another"}, "again"),
        ({"password": "short", "again": "short"}, "password"),
    ):
        answer = client.post("/account/", told | wrong)
        assert answer.status_code == 422
        assert f'id="{where}-error"' in answer.content.decode()
        assert NEW not in answer.content.decode()
    page = client.post("/account/", told, follow=True).content.decode()
    assert "Your password is changed." in page
    assert elsewhere.get("/account/").status_code == 302
    assert acts(world) == [("change_password", "viewer@demo.example")]


def test_who_found_a_session_open_can_not_try_passwords(signed_in: SignedIn, world: World) -> None:
    client, told = signed_in("viewer"), {"old": "wrong", "password": NEW, "again": NEW}
    for _ in range(tries.MOST_OF_AN_EMAIL):
        assert "not your present password" in client.post("/account/", told).content.decode()
    page = client.post("/account/", told | {"old": PASSWORD}).content.decode()
    assert "Too many wrong passwords were tried. Wait 15 minutes" in page
    assert world.users["viewer"].check_password(PASSWORD)


def test_ones_own_language(signed_in: SignedIn, world: World) -> None:
    client = signed_in("viewer")
    page = client.post("/language/", {"language": "fr", "next": "/account/"}, follow=True).content.decode()
    assert "Ma langue et mon mot de passe" in page


# --- many wrong passwords -------------------------------------------------------------------------


def wrong(
    client: Client, email: str = "viewer@demo.example", address: str = "10.0.0.1", password: str = "wrong"
) -> int:
    return client.post("/sign-in/", {"email": email, "password": password}, REMOTE_ADDR=address).status_code


def test_after_five_wrong_passwords_the_right_one_waits_too(client: Client, world: World) -> None:
    assert [wrong(client) for _ in range(6)] == [422] * 5 + [429]
    answer = client.post("/sign-in/?language=fr", {"email": "Viewer@demo.example", "password": PASSWORD})
    assert answer.status_code == 429
    assert "Trop de mots de passe incorrects ont été essayés. Attendez 15\u00a0minutes" in answer.content.decode()
    assert wrong(client, "operator@demo.example", password=PASSWORD) == 302, "others go on"
    SignInTry.objects.update(at=clock.now() - tries.WINDOW)
    assert wrong(Client(), password=PASSWORD) == 302


def test_the_wait_is_the_same_for_who_has_no_account(client: Client, world: World) -> None:
    assert [wrong(client, "nobody@demo.example") for _ in range(6)] == [422] * 5 + [429]


def test_the_right_password_forgets_the_wrong_ones(client: Client, world: World) -> None:
    assert [wrong(client) for _ in range(4)] == [422] * 4
    assert wrong(client, password=PASSWORD) == 302
    assert [wrong(Client()) for _ in range(5)] == [422] * 5


def test_one_address_can_not_try_everybody(db: None) -> None:
    now = clock.now()
    for number in range(tries.MOST_OF_AN_ADDRESS):
        tries.note_try(f"somebody{number}@demo.example", "10.0.0.1", now)
    with pytest.raises(Misused) as caught:
        tries.note_try("another@demo.example", "10.0.0.1", now + timedelta(minutes=5))
    assert caught.value.fields["minutes"] == 10
    tries.note_try("another@demo.example", "10.0.0.2", now)


def test_old_tries_are_swept(db: None) -> None:
    now = clock.now()
    tries.note_try("a@demo.example", "10.0.0.1", now - timedelta(days=1))
    tries.note_try("b@demo.example", "10.0.0.1", now)
    assert list(SignInTry.objects.values_list("email", flat=True)) == ["b@demo.example"]


def test_behind_a_proxy_the_address_is_what_the_proxy_saw(client: Client, world: World, settings: Any) -> None:
    forwarded = {"X-Forwarded-For": "1.2.3.4, 5.6.7.8"}
    told = {"email": "viewer@demo.example", "password": "wrong"}
    client.post("/sign-in/", told, headers=forwarded)
    assert SignInTry.objects.get().address == "127.0.0.1"
    settings.SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
    client.post("/sign-in/", told, headers=forwarded)
    assert set(SignInTry.objects.values_list("address", flat=True)) == {"127.0.0.1", "5.6.7.8"}
