"""The pages in a real browser: the month's work in both languages, by mouse, keyboard and phone, with and without
scripts; nothing complains or asks another host. How every page looks is in test_looks.py.

`TRUECOUNT_PICTURES=1` writes the pictures of README and docs from the same pages.
"""

from __future__ import annotations

import os
import re
import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Page, Request, expect
from pytest_django.live_server_helper import LiveServer

from tests.web.rows import PASSWORD, World, make_holds, make_snapshot, make_world
from truecount.store.models import Finding, Plan, Run, User

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

# The browser's driver runs an event loop in this thread as long as the process lives; Django would otherwise refuse
# to touch the database beside it, even to take the test database down.
os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "1"

expect.set_options(timeout=20_000)
"""Three browsers on two cores may take longer than the usual 5 s over one click."""

PICTURES = Path(__file__).parents[2] / "docs" / "pictures"
SWITCHES = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)


@pytest.fixture(scope="session")
def browser_type_launch_args(browser_type_launch_args: dict[str, Any]) -> dict[str, Any]:
    names = ("chromium", "chromium-browser", "google-chrome")
    found = next((path for path in map(shutil.which, names) if path), None)
    assert found, "The browser tests need Chromium: sudo apt-get install chromium"
    return {**browser_type_launch_args, "executable_path": found, "args": list(SWITCHES)}


@dataclass
class Visit:
    """Somebody's browser, and all that went wrong in it."""

    context: BrowserContext
    page: Page
    base: str
    wrong: list[str] = field(default_factory=list)

    def go(self, path: str) -> Page:
        self.page.goto(self.base + path)
        return self.page

    def listen(self) -> None:
        self.page.on("console", self._said)
        self.page.on("pageerror", lambda error: self.wrong.append(f"{self.page.url}: {error}"))
        self.page.on("request", self._asked)

    def _said(self, message: ConsoleMessage) -> None:
        if message.type in ("error", "warning"):
            self.wrong.append(f"{self.page.url}: {message.text}")

    def _asked(self, request: Request) -> None:
        if not request.url.startswith((self.base, "data:")):
            self.wrong.append(f"{self.page.url} asked {request.url}")


Open = Callable[..., Visit]


@pytest.fixture
def world() -> World:
    return make_world()


@pytest.fixture
def visit(browser: Browser, live_server: LiveServer, world: World) -> Iterator[Open]:
    """Open a browser, signed in unless `role` is None; in the end nothing may have gone wrong in it."""
    visits: list[Visit] = []

    def opened(role: str | None = "approver", language: str = "en", look: Any = "light", **more: Any) -> Visit:
        size = {"viewport": {"width": 1280, "height": 900}} | more
        context = browser.new_context(locale={"en": "en-GB", "fr": "fr-FR"}[language], color_scheme=look, **size)
        context.set_default_timeout(10_000)
        visits.append(one := Visit(context=context, page=context.new_page(), base=live_server.url))
        one.listen()
        if role is not None:
            User.objects.update(language=language)
            sign_in(one, role, language)
        return one

    yield opened
    for one in visits:
        one.context.close()
    assert [wrong for one in visits for wrong in one.wrong] == []


def sign_in(visit: Visit, role: str, language: str) -> None:
    page = visit.go(f"/sign-in/?language={language}")
    page.get_by_label("E-mail").fill(f"{role}@demo.example")
    page.get_by_label({"en": "Password", "fr": "Mot de passe"}[language]).fill(PASSWORD)
    page.get_by_role("button", name={"en": "Sign in", "fr": "Se connecter"}[language]).click()
    page.wait_for_url("**/integrations/demo/")


def plan_of(world: World) -> Plan:
    assert world.plan is not None
    return world.plan


SAID = {
    "en": {
        "overview": "Overview",
        "stands": "6 things need you, 312.50 € a month",
        "look": "Look at the plan",
        "summary": "Create 7 · Take over 7 · Update 22 · Set to 0 2 · Unchanged 402",
        "left out": "left out",
        "approve": "Approve",
        "approved": "is approved",
        "apply": "Apply",
        "queued": "Queued",
        "running": "Running",
        "done": "Done",
        "nothing left": "No difference is left",
        "findings": "Findings",
    },
    "fr": {
        "overview": "Vue d’ensemble",
        "stands": "6 points demandent votre attention, 312,50 € par mois",
        "look": "Voir le plan",
        "summary": "Créer 7 · Reprendre 7 · Mettre à jour 22 · Mettre à 0 2 · Inchangées 402",
        "left out": "décoché",
        "approve": "Approuver",
        "approved": "est approuvé",
        "apply": "Appliquer",
        "queued": "En file d’attente",
        "running": "En cours",
        "done": "Terminé",
        "nothing left": "Aucun écart ne reste",
        "findings": "Constats",
    },
}


@pytest.mark.parametrize("language", ["en", "fr"])
def test_the_month_in_a_browser(visit: Open, world: World, language: str) -> None:
    say = SAID[language]
    page = visit(language=language).page
    expect(page.get_by_role("heading", level=1)).to_have_text(say["stands"])
    page.get_by_role("link", name=say["look"]).click()
    expect(page.locator(".summary")).to_have_text(say["summary"])
    page.get_by_role("checkbox", name="Acme Logistics").uncheck()
    expect(page.locator(".group", has_text="Acme Logistics")).to_contain_text(say["left out"])
    expect(page.get_by_role("checkbox", name="Acme Logistics")).not_to_be_checked()
    page.get_by_role("button", name=say["approve"], exact=True).click()
    expect(page.locator("#notices")).to_contain_text(say["approved"])
    page.get_by_role("button", name=say["apply"], exact=True).dblclick()
    heading = page.locator(".title", has=page.get_by_role("heading", level=1))
    expect(heading).to_contain_text(say["queued"])
    run = Run.objects.get(verb="apply")
    _work(run, state="running", phase="apply", step=12, steps=36)
    expect(heading).to_contain_text(say["running"])
    expect(page.get_by_text("12 / 36")).to_be_visible()
    _work(run, state="done", phase="verify", converged=True, outcomes={"done": 36, "waiting": 2})
    expect(heading).to_contain_text(say["done"])
    expect(page.get_by_text(say["nothing left"])).to_be_visible()


def _work(run: Run, **told: Any) -> None:
    """What a worker would write."""
    Run.objects.filter(pk=run.pk).update(**told)


def test_a_hold_is_released_with_a_reason(visit: Open, world: World) -> None:
    holds = make_holds(plan_of(world))
    page = visit().go(f"/plans/{plan_of(world).pk}/")
    expect(page.get_by_role("button", name="Approve", exact=True)).to_have_count(0)
    lines = page.locator(".hold", has_text="Jump of a quantity")
    lines.get_by_text("Release…").click()
    lines.get_by_label("All lines below").uncheck()
    lines.get_by_role("checkbox").nth(2).check()
    lines.get_by_role("button", name="Release").click()
    assert not page.url.endswith("/release/"), "the browser asks for the reason"
    lines.get_by_label("Reason").fill("The customer bought 7 more servers.")
    lines.get_by_role("button", name="Release").click()
    expect(page.locator("#notices")).to_contain_text("1 hold is released.")
    holds[2].refresh_from_db()
    assert holds[2].reason == "The customer bought 7 more servers."
    holds[1].refresh_from_db()
    assert holds[1].released_at is None


def test_search_sort_and_export_follow_each_other(visit: Open, world: World) -> None:
    page = visit().go("/integrations/demo/customers/")
    page.get_by_label("Search").press_sequentially("e", delay=20)
    expect(page.get_by_text("of 18")).to_be_visible()
    page.get_by_role("columnheader", name="Customer").get_by_role("link").click()
    expect(page.get_by_role("columnheader", name="Customer")).to_have_attribute("aria-sort", "descending")
    page.get_by_label("Show").select_option("unmapped")
    expect(page.get_by_text("1–1 of 1")).to_be_visible()
    expect(page.get_by_role("columnheader", name="Customer")).to_have_attribute("aria-sort", "descending")
    expect(page.get_by_label("Search")).to_have_value("e")
    with page.expect_download() as download:
        page.get_by_role("link", name="CSV").click()
    rows = download.value.path().read_text(encoding="utf-8-sig").splitlines()
    assert [row.split(",")[0] for row in rows[1:]] == ["Laboratoires Moreau"]
    page.reload()
    expect(page.get_by_label("Show")).to_have_value("unmapped")
    expect(page.get_by_text("1–1 of 1")).to_be_visible()


def test_by_keyboard_alone(visit: Open, world: World) -> None:
    page = visit().go("/integrations/demo/")
    page.keyboard.press("Tab")
    expect(page.get_by_role("link", name="Skip to content")).to_be_focused()
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    expect(page.get_by_role("button", name="Sync Now")).to_be_focused()
    page.get_by_role("link", name="Look at the plan").focus()
    page.keyboard.press("Enter")
    box = page.get_by_role("checkbox", name="Boulangerie Lemaître")
    box.focus()
    page.keyboard.press("Space")
    expect(page.locator(".group", has_text="Boulangerie Lemaître")).to_contain_text("left out")
    expect(page.get_by_role("checkbox", name="Boulangerie Lemaître")).to_be_focused()
    page.get_by_role("button", name="approver@demo.example").focus()
    page.keyboard.press("Enter")
    expect(page.get_by_role("button", name="Sign out")).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.get_by_role("button", name="Sign out")).to_be_hidden()


def test_without_scripts(visit: Open, world: World) -> None:
    page = visit("approver", "en", java_script_enabled=False).page
    page.get_by_role("link", name="Look at the plan").click()
    row = page.locator(".group", has_text="Acme Logistics")
    row.get_by_role("checkbox").uncheck()
    row.get_by_role("button", name="Save").click()
    expect(page.locator(".group", has_text="Acme Logistics")).to_contain_text("left out")
    page.get_by_label("Search").fill("hotel")
    page.get_by_role("button", name="Show").click()
    expect(page.locator(".group")).to_have_count(1)
    page.get_by_role("button", name="Approve", exact=True).click()
    expect(page.locator("#notices")).to_contain_text("is approved")


def test_on_a_phone(visit: Open, world: World) -> None:
    page = visit("viewer", "fr", viewport={"width": 390, "height": 844}, has_touch=True, is_mobile=True).page
    ways = page.get_by_role("navigation", name="Principale")
    page.get_by_role("link", name="Constats", exact=True).wait_for(state="hidden")
    page.get_by_role("button", name="Menu").tap()
    ways.get_by_role("link", name="Constats").tap()
    expect(page.get_by_role("heading", level=1)).to_have_text("Constats")
    expect(ways).to_be_hidden()


def test_language_and_look(visit: Open, world: World) -> None:
    page = visit("viewer").go("/integrations/demo/findings/")
    page.get_by_label("Search").fill("hotel")
    expect(page.get_by_text("1–1 of 1")).to_be_visible()
    page.get_by_role("button", name="Français").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Constats")
    expect(page.get_by_label("Rechercher")).to_have_value("hotel")
    light = page.evaluate("getComputedStyle(document.body).backgroundColor")
    page.get_by_role("button", name="viewer@demo.example").click()
    page.get_by_role("button", name="Sombre").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Constats")
    assert page.evaluate("getComputedStyle(document.body).backgroundColor") != light


def test_a_lost_session_leads_back_after_signing_in(visit: Open, world: World) -> None:
    one = visit()
    page = one.go(f"/plans/{plan_of(world).pk}/")
    one.context.clear_cookies(name="sessionid")
    page.get_by_role("checkbox", name="Acme Logistics").click()
    page.wait_for_url(re.compile(r"/sign-in/\?next="))
    page.get_by_label("E-mail").fill("approver@demo.example")
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Sign in").click()
    expect(page.get_by_role("checkbox", name="Acme Logistics")).to_be_checked()


def test_a_plan_replaced_meanwhile_says_so_and_loses_nothing(visit: Open, world: World) -> None:
    one = visit()
    page = one.go(f"/plans/{plan_of(world).pk}/")
    Plan.objects.update(state="superseded")
    page.get_by_role("checkbox", name="Acme Logistics").uncheck()
    expect(page.get_by_role("alert")).to_be_visible()
    assert plan_of(world).changes.filter(ticked=False).count() == 0
    one.wrong[:] = [wrong for wrong in one.wrong if "409" not in wrong]


def test_a_dialog_keeps_what_was_typed_and_says_what_is_wrong(visit: Open, world: World) -> None:
    one = visit("admin")
    page = one.go("/psa-integration/")
    page.get_by_role("link", name="New integration").click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_label("Short name").fill("not a name")
    dialog.get_by_role("button", name="Create").click()
    expect(dialog.get_by_text("Use up to 50 letters, digits and dashes")).to_be_visible()
    expect(dialog.get_by_label("Short name")).to_have_value("not a name")
    expect(dialog.get_by_label("Short name")).to_be_focused()
    dialog.get_by_label("Short name").fill("second")
    dialog.get_by_label("Short name").press("Enter")
    page.wait_for_url("**/integrations/second/")
    expect(page.get_by_role("heading", name="Getting started")).to_be_visible()
    one.wrong[:] = [wrong for wrong in one.wrong if "422" not in wrong]


def test_the_next_runs_follow_the_choice(visit: Open, world: World) -> None:
    page = visit("admin").go("/integrations/demo/settings/usage-sync/")
    due = page.locator("#due")
    page.get_by_label("Once a month").check()
    expect(due.get_by_text("Sophos Firewall products are only synchronized")).to_be_visible()
    page.get_by_label("Day of the month").select_option("15")
    page.get_by_label("Time of day").fill("22:45")
    expect(due.get_by_text(re.compile(r"^15 \w{3} \d{4}, 22:45$"))).to_have_count(3)
    page.get_by_role("button", name="Save").click()
    expect(page.locator("#notices")).to_contain_text("The sync settings are saved.")
    world.integration.refresh_from_db()
    assert world.integration.policy["schedule"] == "monthly:15"


LAYOUT = """() => {
  const root = document.documentElement, found = [], top = document.querySelector('dialog[open]') ?? document;
  if (root.scrollWidth > root.clientWidth) found.push(`scrolls sideways by ${root.scrollWidth - root.clientWidth}`);
  for (const part of document.querySelectorAll('.scroll, .tabs, .panel, dialog'))
    if (part.scrollWidth > part.clientWidth)
      found.push(`${part.outerHTML.slice(0, 80)} scrolls sideways by ${part.scrollWidth - part.clientWidth}`);
  const seen = [...top.querySelectorAll('a, button, input, select, textarea, summary')]
    .filter(part => part.checkVisibility({visibilityProperty: true}) && !part.closest('.skip, .unseen'))
    .map(part => [part, part.getBoundingClientRect()])
    .filter(([, box]) => box.width > 1 && box.height > 1);
  seen.forEach(([one, a], place) => { for (const [other, b] of seen.slice(place + 1)) {
    const across = Math.min(a.right, b.right) - Math.max(a.left, b.left);
    const down = Math.min(a.bottom, b.bottom) - Math.max(a.top, b.top);
    if (across <= 1 || down <= 1 || one.contains(other) || other.contains(one)) continue;
    if (one.closest('.bar, .dialog-foot') || other.closest('.bar, .dialog-foot')) continue;
    if (one.closest('label')?.contains(other)) continue;
    found.push(`${one.outerHTML.slice(0, 80)} overlaps ${other.outerHTML.slice(0, 80)}`);
  } });
  return found;
}"""
"""The bar at the top and the buttons below a dialog stay in view while the rest moves under them."""


@pytest.mark.skipif(not os.environ.get("TRUECOUNT_PICTURES"), reason="pictures are made with TRUECOUNT_PICTURES=1")
@pytest.mark.parametrize("language", ["en", "fr"])
def test_pictures(visit: Open, world: World, language: str) -> None:
    PICTURES.mkdir(parents=True, exist_ok=True)
    Finding.objects.update(seen_at=plan_of(world).made_at)
    make_holds(plan_of(world))[0].delete()
    for period, more in (("2026-08", -60), ("2026-09", -45), ("2026-10", -20)):
        make_snapshot(world, period=period, more=more)
    one = visit("approver", language)
    paths = {
        "overview": "/integrations/demo/",
        "plan": f"/plans/{plan_of(world).pk}/",
        "configure": "/integrations/demo/usage-sync/configure/",
        "customers": "/integrations/demo/customers/",
    }
    for name, path in paths.items():
        target = PICTURES / f"{name}.{language}.png"
        one.go(path).screenshot(path=target)
        assert target.stat().st_size < 300_000
