"""What every page has: its language, landmarks, one headline, names for all controls, nothing foreign or inline."""

from __future__ import annotations

from html.parser import HTMLParser
from pathlib import Path

import pytest
from django.contrib.staticfiles import finders
from django.test import Client

from tests.web.conftest import SignedIn
from tests.web.rows import World, make_holds
from truecount.store.models import Run

PAGES = (
    "/integrations/demo/",
    "/integrations/demo/usage-sync/",
    "/integrations/demo/usage-sync/configure/",
    "/integrations/demo/usage-sync/map/?product=NDR-MSP",
    "/integrations/demo/usage-sync/map/?product=CIXA-MSP&of=900",
    "/integrations/demo/usage-sync/unmap/?product=CIXA-MSP&item=900",
    "/integrations/demo/usage-sync/add/",
    "/integrations/demo/usage-sync/items/900/",
    "/integrations/demo/customers/",
    "/integrations/demo/plans/",
    "/integrations/demo/runs/",
    "/integrations/demo/findings/",
    "/integrations/demo/history/",
    "/integrations/demo/history/ledger/",
    "/integrations/demo/settings/",
    "/integrations/demo/settings/usage-sync/",
    "/integrations/demo/settings/policy/",
    "/integrations/demo/settings/connections/",
    "/psa-integration/",
    "/account/",
    "plan",
    "run",
)
NAMED = {"input", "select", "textarea"}


class Outline(HTMLParser):
    """What a check of a page needs to know."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))

    def all(self, *tags: str) -> list[dict[str, str | None]]:
        return [attrs for tag, attrs in self.tags if tag in tags]


@pytest.fixture
def address(request: pytest.FixtureRequest, world: World) -> str:
    """The page's address; plan and run have numbers."""
    plan = world.plan
    assert plan is not None
    if request.param == "plan":
        make_holds(plan)
        return f"/plans/{plan.pk}/"
    return f"/runs/{Run.objects.get().pk}/" if request.param == "run" else str(request.param)


@pytest.mark.parametrize("language", ["en", "fr"])
@pytest.mark.parametrize("address", PAGES, indirect=True)
def test_every_page_is_well_made(signed_in: SignedIn, address: str, language: str) -> None:
    answer = signed_in("approver", language).get(address)
    page = Outline(answer.content.decode())
    assert page.all("html")[0]["lang"] == language == answer.headers["Content-Language"]
    assert len(page.all("h1")) == 1
    assert len(page.all("main")) == 1
    assert [attrs for attrs in page.all("a") if attrs.get("aria-current") == "page"], "one is told where one is"
    assert [attrs for attrs in page.all("a") if attrs.get("class") == "skip" and attrs.get("href") == "#content"]
    _nothing_inline(page)
    _controls_have_names(page)
    _tables_are_tables(page)
    ids = [attrs["id"] for _tag, attrs in page.tags if "id" in attrs]
    assert len(ids) == len(set(ids))
    assert len(answer.content) < 400_000


@pytest.mark.parametrize(
    "address",
    ["/users/", "/users/new/", "/psa-integration/new/", "/integrations/demo/settings/connections/psa/"],
)
def test_every_page_of_an_administrator_is_well_made(signed_in: SignedIn, world: World, address: str) -> None:
    page = Outline(signed_in("admin").get(address).content.decode())
    assert len(page.all("h1")) == 1
    _nothing_inline(page)
    _controls_have_names(page)
    _tables_are_tables(page)


def _nothing_inline(page: Outline) -> None:
    """The content policy would block it, and a browser would complain."""
    assert page.all("style") == []
    assert [attrs for _tag, attrs in page.tags if "style" in attrs] == []
    assert [name for _tag, attrs in page.tags for name in attrs if name.startswith(("on", "hx-on"))] == []
    assert all((attrs.get("src") or "").startswith("/static/") for attrs in page.all("script"))
    links = [attrs.get("href") or "" for attrs in page.all("a", "link")]
    assert [link for link in links if not link.startswith(("/", "#", "?"))] == []


def _controls_have_names(page: Outline) -> None:
    labelled = {attrs.get("for") for attrs in page.all("label")}
    for tag, attrs in page.tags:
        if tag in NAMED and attrs.get("type") not in ("hidden", "checkbox"):
            assert attrs.get("id") in labelled, attrs


def _tables_are_tables(page: Outline) -> None:
    assert len(page.all("table")) == len(page.all("caption"))
    assert [attrs for attrs in page.all("th") if attrs.get("scope") not in ("col", "row", "rowgroup")] == []


@pytest.mark.parametrize("path", ["/sign-in/", "/nowhere/", "/integrations/demo/"])
def test_headers_of_every_answer(client: Client, world: World, path: str) -> None:
    headers = client.get(path).headers
    policy = headers["Content-Security-Policy"]
    assert "default-src 'self'" in policy
    assert "unsafe" not in policy
    assert "frame-ancestors 'none'" in policy
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["X-Frame-Options"] == "DENY"
    assert headers["Referrer-Policy"] == "same-origin"
    assert "no-store" in headers["Cache-Control"]


def test_the_ways_of_the_design_in_their_order(signed_in: SignedIn) -> None:
    page = signed_in().get("/integrations/demo/").content.decode()
    titles = ["Overview", "Usage sync", "Customers", "Plans and runs", "Findings", "History", "Configure"]
    places = [page.index(f"</svg>{title}</a>") for title in titles]
    assert places == sorted(places)


@pytest.mark.parametrize("name", ["web/truecount.css", "web/truecount.js", "web/mark.svg"])
def test_own_files_are_small_and_there(name: str) -> None:
    found = finders.find(name)
    assert found
    assert Path(found).stat().st_size < 40_000
