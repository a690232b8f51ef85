"""PSA Integration, Manage Settings, the sync settings and the policy."""

from __future__ import annotations

import re

import pytest
from django.test import Client

from tests.web.conftest import SignedIn
from tests.web.reading import words
from tests.web.rows import World, make_partner
from truecount.runs import configure
from truecount.runs.clock import now
from truecount.store.models import AuditEvent, Integration
from truecount.store.settings import SETTINGS, policy_mark
from truecount.web.policy import GROUPS, ON_SYNC_SETTINGS, WORDS_OF

SYNC = "/integrations/demo/settings/usage-sync/"
POLICY = "/integrations/demo/settings/policy/"


def policy_of(world: World) -> dict[str, str]:
    return dict(Integration.objects.get(pk=world.integration.pk).policy)


def seen(client: Client, address: str) -> str:
    found = re.search(r'name="seen" value="(\w+)"', client.get(address).content.decode())
    assert found
    return found[1]


# --- PSA Integration and Manage Settings ----------------------------------------------------------


def test_the_integrations_of_the_partner_with_their_state(signed_in: SignedIn, world: World) -> None:
    make_partner("other")
    page = words(signed_in("viewer").get("/psa-integration/").content.decode())
    assert "Configure Settings & policies PSA Integration" in page
    assert "Review a person approves every plan" in page
    assert "Plan 1 waits" in page.replace(f"Plan {world.plan.pk if world.plan else 0}", "Plan 1")
    assert "5 findings" in page
    assert "other" not in page
    assert "New integration" not in page


def test_an_integration_without_connections_says_so(signed_in: SignedIn, world: World) -> None:
    empty = make_partner("empty")
    page = words(signed_in("admin", of=empty).get("/psa-integration/").content.decode())
    assert "Not connected yet" in page
    assert "not before both are connected" in page


def test_manage_settings_leads_to_all_its_parts(signed_in: SignedIn, world: World) -> None:
    client = signed_in("operator", "fr")
    page = client.get("/integrations/demo/settings/").content.decode()
    assert "Gérer les paramètres" in page
    for title in ("Configurer", "Synchroniser maintenant", "Paramètres de synchronisation", "Connexions", "Politique"):
        assert title in words(page)
    for address in re.findall(r'href="(/integrations/demo/[^"]+)"', page):
        assert client.get(address).status_code == 200, address


def test_a_new_integration_from_the_page(signed_in: SignedIn, world: World) -> None:
    client = signed_in("admin")
    assert 'value="demo"' not in client.get("/psa-integration/new/").content.decode(), "that name is taken"
    answer = client.post("/psa-integration/new/", {"slug": "Second-One"})
    assert answer.headers["Location"] == "/integrations/second-one/"
    made = Integration.objects.get(slug="second-one")
    assert (made.partner, made.policy) == (world.partner, {})
    assert AuditEvent.objects.filter(action="create_integration", integration=made, by=world.users["admin"]).exists()
    assert "Getting started" in client.get("/integrations/second-one/").content.decode()


@pytest.mark.parametrize(
    ("slug", "told"),
    [
        ("demo", "already taken"),
        ("not a slug", "letters, digits"),
        ("", "letters, digits"),
        ("s" * 51, "Use up to 50"),
    ],
)
def test_a_name_that_can_not_be(signed_in: SignedIn, slug: str, told: str) -> None:
    answer = signed_in("admin").post("/psa-integration/new/", {"slug": slug})
    assert answer.status_code == 422
    page = answer.content.decode()
    assert told in page
    assert 'aria-describedby="slug-hint slug-error"' in page
    assert f'value="{slug}"' in page
    assert Integration.objects.count() == 1


def test_in_the_dialog_it_comes_without_the_frame(signed_in: SignedIn) -> None:
    told = {"HX-Request": "true", "HX-Target": "dialog"}
    page = signed_in("admin").get("/psa-integration/new/", headers=told).content.decode()
    assert "<nav" not in page
    assert 'id="dialog-title"' in page
    done = signed_in("admin").post("/psa-integration/new/", {"slug": "third"}, headers=told)
    assert done.headers["HX-Redirect"] == "/integrations/third/"


# --- usage sync settings --------------------------------------------------------------------------


def test_the_three_choices_of_the_vendor(signed_in: SignedIn) -> None:
    page = words(signed_in("admin", "fr").get(SYNC).content.decode())
    for title in ("Avec facture mensuelle Sophos", "Une fois par mois", "Une fois par jour", "Enregistrer"):
        assert title in page


def test_the_choice_is_kept_and_audited(signed_in: SignedIn, world: World) -> None:
    client = signed_in("admin")
    told = {"kind": "monthly", "day": "15", "hour": "04:30", "time_zone": "America/Montreal"}
    wrong = client.post(SYNC, told | {"seen": seen(client, SYNC), "time_zone": "Mars/Base"})
    assert wrong.status_code == 422
    assert "Choose a time zone from the list." in wrong.content.decode()
    assert policy_of(world) == {"mode": "review"}
    told["time_zone"] = "America/Toronto"
    assert client.post(SYNC, told | {"seen": seen(client, SYNC)}).status_code == 302
    kept = {"schedule": "monthly:15", "hour": "04:30", "time_zone": "America/Toronto"}
    assert policy_of(world) == {"mode": "review"} | kept
    assert AuditEvent.objects.filter(action="set_policy").order_by("-at").values_list("after", flat=True)[0] == kept


def test_the_next_moments_follow_the_choice_before_it_is_kept(signed_in: SignedIn, world: World) -> None:
    asked = {"kind": "monthly", "day": "31", "hour": "23:15", "time_zone": "America/Toronto"}
    page = signed_in("viewer").get(SYNC, asked).content.decode()
    due = page[page.index('id="due"') :]
    assert len(re.findall(r"<b>\d+ \w{3} \d{4}, 23:15</b>", due)) == 3
    assert "1 firewall product is known here" in due
    assert policy_of(world) == {"mode": "review"}
    assert "firewall product is known" not in signed_in("viewer").get(SYNC).content.decode()


@pytest.mark.parametrize(
    "asked", [{"kind": "weekly"}, {"kind": "monthly", "day": "32"}, {"kind": "daily", "hour": "x"}]
)
def test_a_choice_that_makes_no_sense_is_told(signed_in: SignedIn, asked: dict[str, str]) -> None:
    usual = {"kind": "daily", "day": "1", "hour": "03:00", "time_zone": ""}
    page = signed_in("admin").get(SYNC, usual | asked).content.decode()
    assert "This choice can’t be used as it stands." in page


def test_a_zone_that_is_not_in_the_list_stays_chosen(signed_in: SignedIn, world: World) -> None:
    """The command line takes every name there is."""
    configure.set_policy(world.integration, {"time_zone": "Etc/GMT+5"}, by=None, now=now())
    assert '<option value="Etc/GMT+5" selected>' in signed_in("admin").get(SYNC).content.decode()


# --- policy ---------------------------------------------------------------------------------------


def test_every_setting_has_its_place() -> None:
    placed = [name for _title, _sentence, names in GROUPS for name in names]
    assert sorted([*placed, *ON_SYNC_SETTINGS]) == sorted(SETTINGS)
    assert {name for name, setting in SETTINGS.items() if setting.options} == set(WORDS_OF)
    assert all(set(WORDS_OF[name]) == set(SETTINGS[name].options) for name in WORDS_OF)


@pytest.mark.parametrize("language", ["en", "fr"])
def test_every_setting_is_shown_with_its_sentence(signed_in: SignedIn, language: str) -> None:
    page = words(signed_in("admin", language).get(POLICY).content.decode())
    for name, setting in SETTINGS.items():
        if name not in ON_SYNC_SETTINGS:
            assert words(setting.titled(language == "fr")) in page
            said = words(setting.said(language == "fr")).rstrip(".")
            assert name == "mode" or said in page
    assert "pas bloqué" in page if language == "fr" else "not held" in page


def test_what_was_changed_is_kept(signed_in: SignedIn, world: World) -> None:
    client = signed_in("admin")
    told = {"mode": "observe", "currency": "eur", "money_percent": "25", "seen": seen(client, POLICY)}
    answer = client.post(POLICY, told, follow=True)
    assert "2 settings are changed." in answer.content.decode()
    assert policy_of(world) == {"mode": "observe", "currency": "EUR"}
    again = client.post(POLICY, {"mode": "observe", "seen": seen(client, POLICY)}, follow=True)
    assert "Nothing was changed." in again.content.decode()


def test_wrong_values_are_told_at_their_fields_and_nothing_is_kept(signed_in: SignedIn, world: World) -> None:
    client = signed_in("admin", "fr")
    told = {"mode": "automatic", "decimals": "neuf", "going_down_percent": "150", "seen": seen(client, POLICY)}
    answer = client.post(POLICY, told)
    assert answer.status_code == 422
    page = answer.content.decode()
    assert "2 réglages sont inutilisables" in page
    assert "Choisissez parmi\u00a0: 0 à 4." in page
    assert 'value="neuf"' in page
    assert 'value="150"' in page
    assert 'id="decimals-error"' in page
    assert policy_of(world) == {"mode": "review"}


@pytest.mark.parametrize("address", [POLICY, SYNC])
def test_a_stale_page_overwrites_nothing(signed_in: SignedIn, world: World, address: str) -> None:
    client = signed_in("admin")
    before = seen(client, address)
    configure.set_policy(world.integration, {"currency": "CAD"}, by=None, now=now())
    answer = client.post(address, {"kind": "daily", "hour": "05:00", "mode": "observe", "seen": before})
    assert answer.status_code == 409
    page = answer.content.decode()
    assert "Somebody changed these settings" in page
    assert f'value="{policy_mark(policy_of(world))}"' in page, "after a look it can be saved"
    assert policy_of(world) == {"mode": "review", "currency": "CAD"}


def test_others_read_the_policy_and_change_nothing(signed_in: SignedIn) -> None:
    page = signed_in("approver").get(POLICY).content.decode()
    assert page.count("disabled") >= len(SETTINGS) - len(ON_SYNC_SETTINGS)
    assert "Saving needs the role Administrator." in page
