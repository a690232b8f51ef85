"""Every page that the addresses know, in both languages, light and dark, from phone to wide screen: nothing scrolls
sideways or overlaps, nothing is left in English, axe-core finds no serious fault, nothing complains or asks elsewhere.

A new page is found by itself; where its address has a new kind of part, or needs a query, say so in the tables below.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any, Literal

import polib
import pytest
from axe_playwright_python.sync_playwright import Axe
from django.conf import settings
from django.test import Client
from django.urls import URLPattern, URLResolver
from playwright.sync_api import Page

import truecount
from tests.e2e.sheets import FOLDER, WIDTHS, keep
from tests.e2e.states import STATES
from tests.e2e.test_pages import LAYOUT, Open, Visit, browser_type_launch_args, plan_of, visit, world
from tests.e2e.world import Simulators, connectwise_fields, sophos_fields
from tests.web.rows import World, make_findings, make_holds, make_run
from truecount.runs import (
    clock,
    sentences_left_out,
    sentences_lines,
    sentences_missing,
    sentences_misuse,
    sentences_plans,
)
from truecount.store.models import CatalogItem, Connection, CustomerFigure, CustomerOverride, Finding, User
from truecount.store.seals import seal
from truecount.web import urls

__all__ = ["browser_type_launch_args", "visit", "world"]
pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

NARROWER = (390, 1280)
"""Where states of a page may break; the widest has room for all."""
AXE_LOOK: dict[str, Literal["light", "dark"]] = {"en": "light", "fr": "dark"}
"""Each look once: axe takes longer than everything else together."""

PARTS: dict[str, str] = {
    "slug": "demo",
    "vendor_id": "c0001",
    "customer": "c0001",
    "agreement": "501",
    "code": "CIXA-MSP",
    "period": "2026-11",
    "side": "psa",
}
"""What to put into an address, by the part's name; a `pk` is told by the word before it."""
QUERIES = {
    "product-mapping": "?product=CIXA-MSP",
    "product-unmapping": "?product=CIXA-MSP&item=900",
    "explanation": "?agreement=501&item=900&period=2026-11",
}
"""By the address's name, what it needs besides."""
NO_PAGE = {"password"}
"""Addresses that only somebody with a letter has."""
MORE = (
    "/integrations/demo/customers/c0007/",
    "/integrations/demo/customers/?status=failed",
    "/integrations/demo/customers/?q=nobody",
    "/integrations/demo/findings/?customer=c0007",
    "/integrations/demo/findings/?state=closed",
)
"""Other states of pages."""
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]


@pytest.mark.parametrize("language", ["en", "fr"])
def test_every_page(visit: Open, world: World, simulators: Simulators, trusting: None, language: str) -> None:
    runs = _furnish(world)
    item = _connect(world, simulators)
    one = visit(None, language)
    client = _signed_in(one, world.users["admin"], language)
    english = _english() if language == "fr" else []
    pages = [path for path in [*_addresses(world, item), *MORE, *runs] if _is_page(client, path)]
    found = [
        f"{path}: {told}" for path in pages for told in _faults(one.go(path), language, english, f"{language} {path}")
    ]
    assert found == []
    assert len(pages) > 15


@pytest.mark.parametrize("language", ["en", "fr"] if FOLDER else ["fr"])
def test_every_state(visit: Open, world: World, language: str) -> None:
    """In the language with the longer words, unless pictures are wanted. Axe has seen these pages with something in
    them."""
    one = visit(None, language)
    english = _english() if language == "fr" else []
    found = []
    for states in STATES:
        for place, state in enumerate(states(world)):
            _signed_in(one, state.user, language)
            name = f"{language} {states.__name__} {place:02} {state.path}"
            page = one.go(state.path)
            if state.press:
                page.locator(state.press).first.click()
                page.locator("dialog[open] #dialog-title").wait_for()
            found += [
                f"{name}: {told}"
                for told in _faults(page, language, english, name, axe=bool(state.press), widths=NARROWER)
            ]
    _forget(one, "404")
    _forget(one, "424")
    assert found == []


def test_signing_in_and_going_wrong(visit: Open, world: World) -> None:
    one = visit(None, "fr")
    found = []
    for path in ("/sign-in/?language=fr", "/nothing-here/"):
        one.page.goto(one.base + path)
        found += [f"{path}: {told}" for told in _faults(one.page, "fr", _english(), f"fr {path}")]
    _forget(one, "404")
    assert found == []


def _faults(
    page: Page,
    language: str,
    english: Sequence[str],
    name: str,
    *,
    axe: bool = True,
    widths: Iterable[int] = WIDTHS,
) -> Iterator[str]:
    """Everything folded is unfolded first."""
    page.evaluate("document.querySelectorAll('details').forEach(part => part.open = true)")
    for width in widths:
        page.set_viewport_size({"width": width, "height": 900})
        yield from (f"at {width}: {told}" for told in page.evaluate(LAYOUT))
    if axe:
        page.emulate_media(color_scheme=AXE_LOOK[language])
        yield from _axe(page)
        page.emulate_media(color_scheme="light")
    if english:
        yield from (f"in English: {told}" for told in page.evaluate(UNTRANSLATED, list(english)))
    keep(page, name)


def _axe(page: Page) -> list[str]:
    options = {"runOnly": {"type": "tag", "values": RULES}, "resultTypes": ["violations"]}
    broken: list[dict[str, Any]] = Axe().run(page, options=options).response["violations"]
    return [
        f"{one['id']} ({one['impact']}): {one['nodes'][0]['html'][:200]}"
        for one in broken
        if one["impact"] in ("serious", "critical")
    ]


# --- what is looked at ----------------------------------------------------------------------------


def _connect(world: World, simulators: Simulators) -> int:
    """Pages that ask ConnectWise get an answer; returns a product that it has."""
    simulators.reset()
    world.integration.policy |= {"psa_rates": "off", "vendor_rates": "off"}
    world.integration.save()
    sides = (
        ("vendor", "sophos", sophos_fields(simulators), "secret"),
        ("psa", "connectwise", connectwise_fields(simulators), "priv"),
    )
    for side, kind, fields, secret in sides:
        Connection.objects.update_or_create(
            integration=world.integration,
            side=side,
            defaults={
                "kind": kind,
                "fields": dict(fields),
                "sealed": seal(secret),
                "checked_at": clock.now(),
                "identity": "sim",
                "missing": ["Finance / Agreements / Add"],
            },
        )
    catalog: list[dict[str, Any]] = simulators.connectwise.state()["catalog"]
    item = next(row for row in catalog if not row.get("inactiveFlag"))
    CatalogItem.objects.create(
        integration=world.integration, psa_id=item["id"], identifier=item["identifier"], description=item["description"]
    )
    return int(item["id"])


def _addresses(world: World, item: int) -> list[str]:
    found = []
    for pattern, name in _routes(urls.urlpatterns):
        if name not in {"sign-in", "sign-out", *NO_PAGE}:
            parts = re.split(r"<\w+:(\w+)>", pattern)
            path = "".join(_part(parts, place, world, item) if place % 2 else text for place, text in enumerate(parts))
            found.append(f"/{path}{QUERIES.get(name, '')}")
    return found


def _routes(patterns: Sequence[URLPattern | URLResolver], before: str = "") -> Iterator[tuple[str, str]]:
    for pattern in patterns:
        here = before + str(pattern.pattern)
        if isinstance(pattern, URLResolver):
            yield from _routes(pattern.url_patterns, here)
        else:
            yield here, str(pattern.name)


def _part(parts: Sequence[str], place: int, world: World, item: int) -> str:
    """What to put for the part of an address at that place."""
    name = parts[place]
    if name == "item":
        return str(item)
    if name != "pk":
        assert name in PARTS, f"say in PARTS what to put for {name}"
        return PARTS[name]
    word = parts[place - 1].strip("/").rpartition("/")[2]
    owners: dict[str, Callable[[], int]] = {
        "plans": lambda: plan_of(world).pk,
        "runs": lambda: make_run(world).pk,
        "findings": lambda: Finding.objects.filter(integration=world.integration).latest("pk").pk,
        "users": lambda: world.users["operator"].pk,
    }
    assert word in owners, f"say in _part what the number after {word} is of"
    return str(owners[word]())


def _furnish(world: World) -> list[str]:
    """Holds, runs in every kind of state, exceptions and figures; returns the runs' addresses."""
    plan = plan_of(world)
    make_holds(plan)
    make_findings(world)
    CustomerOverride.objects.create(integration=world.integration, customer="c0001", item=900, exclude=True)
    CustomerFigure.objects.create(
        integration=world.integration, plan=plan, customer="c0001", units=1234, money="98765.43", currency="EUR"
    )
    error = {"code": "unreachable", "fields": {"system": "sophos"}}
    runs = [
        make_run(world, state="failed", phase="collect", error=error, plan=None, outcomes={}),
        make_run(world, state="queued", phase="", finished_at=None, outcomes={}, plan=None),
    ]
    return [f"/runs/{run.pk}/" for run in runs]


def _signed_in(one: Visit, user: User, language: str) -> Client:
    user.language = language
    user.save()
    client = Client()
    client.force_login(user)
    value = client.cookies[settings.SESSION_COOKIE_NAME].value
    one.context.add_cookies([{"name": settings.SESSION_COOKIE_NAME, "value": value, "url": one.base}])
    return client


def _is_page(client: Client, path: str) -> bool:
    """What only takes forms, leads elsewhere or hands out a file is none."""
    answer = client.get(path)
    if answer.status_code in (302, 405) or "text/html" not in answer.headers["Content-Type"]:
        return False
    assert answer.status_code == 200, f"{path}: {answer.status_code}; does it need a query in QUERIES?"
    return b"<html" in answer.content


def _forget(one: Visit, status: str) -> None:
    """An answer that was asked for on purpose is no complaint."""
    one.wrong[:] = [wrong for wrong in one.wrong if f"status of {status}" not in wrong]


def _english() -> list[str]:
    """Texts that are said otherwise in French, without those that have something to fill in."""
    catalog = polib.pofile(str(Path(truecount.__file__).parent / "locale" / "fr" / "LC_MESSAGES" / "django.po"))
    told = {entry.msgid for entry in catalog if entry.msgstr not in ("", entry.msgid)}
    tables = (
        sentences_left_out.LEFT_OUT,
        sentences_lines.LINES,
        sentences_misuse.MISUSE,
        sentences_missing.MISSING,
        sentences_plans.HOLDS,
    )
    told |= {row.title for table in tables for rows in table.values() for row in rows if row.title != row.title_fr}
    french = {entry.msgstr for entry in catalog}
    return sorted(text for text in told - french if not re.search(r"%\(|[{}]", text) and len(text) > 2)


UNTRANSLATED = """(english) => {
  const known = new Set(english), found = new Set();
  const look = (text, where) => {
    const told = (text || '').replace(/\\s+/g, ' ').trim();
    if (known.has(told) && !where.closest('[lang="en"]')) found.add(told);
  };
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (walker.nextNode()) {
    const parent = walker.currentNode.parentElement;
    const named = parent.matches('option') && (/^[0-9]+$/.test(parent.value) || parent.closest('[name="item_class"]'));
    if (!named && !parent.closest('script, style, code')) look(walker.currentNode.data, parent);
  }
  for (const part of document.querySelectorAll('[aria-label], [title], [placeholder], [alt], [data-label]'))
    for (const name of ['aria-label', 'title', 'placeholder', 'alt', 'data-label']) look(part.getAttribute(name), part);
  look(document.title.split(' · ')[0], document.body);
  return [...found];
}"""
"""Options whose value is an id, and classes of products, are names of the other system's."""
