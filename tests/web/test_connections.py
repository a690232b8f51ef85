"""Connections: what is shown of them, what goes wrong, and that no secret comes out; see e2e/test_first_run, too."""

from __future__ import annotations

import json
import logging

import pytest
from django.forms.models import model_to_dict

from tests.web.conftest import SignedIn
from tests.web.reading import words
from tests.web.rows import NOWHERE, World
from truecount.connectors.kinds import KINDS
from truecount.store.models import AuditEvent, Connection
from truecount.web.connections import LABELS

TAB = "/integrations/demo/settings/connections/"
SECRET = "a-very-secret-key"
PSA = {
    "url": NOWHERE,
    "company": "azimut",
    "public_key": "PUB",
    "client_id": "guid",
    "private_key": SECRET,
}
SOPHOS = {"auth_url": NOWHERE, "api_url": NOWHERE, "client_id": "me", "client_secret": SECRET}


def test_every_field_of_every_kind_has_its_label() -> None:
    assert {field.label for kind in KINDS.values() for field in kind.fields} == set(LABELS)


def test_missing_and_excess_rights_are_named_one_by_one(signed_in: SignedIn, world: World) -> None:
    Connection.objects.filter(side="psa").update(
        missing=["Finance / Agreements / Edit", "Procurement / Product Catalog / Inquire"],
        excess=["Finance / Agreements / Delete"],
    )
    page = words(signed_in("viewer").get(TAB).content.decode())
    assert "In ConnectWise PSA: System > Security Roles, the role of the API member. Set each of these to All:" in page
    assert "All: Finance / Agreements / Edit Procurement / Product Catalog / Inquire More than is needed" in page
    assert "take them away to be safe. Finance / Agreements / Delete" in page
    assert page.count("No right is missing.") == 1
    assert "Check now" not in page


@pytest.mark.parametrize("side", ["vendor", "psa"])
def test_a_secret_is_never_shown(signed_in: SignedIn, world: World, side: str) -> None:
    client = signed_in("admin")
    pages = [client.get(address).content.decode() for address in (TAB, f"{TAB}{side}/")]
    assert all("sealed" in page and "the secret of" not in page for page in pages)
    assert 'type="password" value=""' in pages[1]


@pytest.mark.parametrize(("side", "given"), [("psa", PSA), ("vendor", SOPHOS)])
def test_what_can_not_be_reached_is_not_kept(
    signed_in: SignedIn, world: World, side: str, given: dict[str, str], caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    before = [model_to_dict(row) for row in Connection.objects.order_by("pk")]
    answer = signed_in("admin").post(f"{TAB}{side}/", given)
    assert answer.status_code == 424
    page = answer.content.decode()
    assert f'value="{NOWHERE}"' in page
    assert "127.0.0.1" in words(page)
    assert SECRET not in page + caplog.text + json.dumps(list(AuditEvent.objects.values()), default=str)
    assert [model_to_dict(row) for row in Connection.objects.order_by("pk")] == before


def test_empty_fields_are_named_at_the_field(signed_in: SignedIn) -> None:
    page = signed_in("admin").post(f"{TAB}psa/", {"url": NOWHERE, "company": "azimut"}).content.decode()
    assert page.count("Fill this in.") == 3
    assert 'value="azimut"' in page
    assert 'id="private_key-error"' in page


def test_an_address_that_would_show_the_secret_is_refused_at_its_field(signed_in: SignedIn) -> None:
    answer = signed_in("admin", "fr").post(f"{TAB}psa/", PSA | {"url": "http://psa.example"})
    assert answer.status_code == 422
    page = answer.content.decode()
    assert 'id="url-error"' in page
    assert "https" in page[page.index('id="url-error"') :]
    assert 'value="http://psa.example"' in page


def test_a_check_that_fails_says_why_and_changes_nothing(signed_in: SignedIn, world: World) -> None:
    before = Connection.objects.get(side="psa").checked_at
    answer = signed_in("admin").post(f"{TAB}psa/check/")
    assert answer.status_code == 424
    page = words(answer.content.decode())
    assert "The check failed" in page
    assert "127.0.0.1" in page
    assert Connection.objects.get(side="psa").checked_at == before
    assert not AuditEvent.objects.filter(action="check_connection").exists()


def test_no_third_side(signed_in: SignedIn) -> None:
    assert signed_in("admin").get(f"{TAB}other/").status_code == 404
    assert signed_in("admin").post(f"{TAB}other/check/").status_code == 404
