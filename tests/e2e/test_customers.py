"""Mapping customers in a real browser: two letters, a company, its agreements, and what is said when it is wrong."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from tests.e2e.test_pages import Open, Visit, browser_type_launch_args, visit, world
from tests.web.rows import World
from truecount.runs.customers import decisions_about
from truecount.store.models import Agreement, Customer

__all__ = ["browser_type_launch_args", "visit", "world"]
pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

LIST = "/integrations/demo/customers/"


def forget(one: Visit, status: str) -> None:
    one.wrong[:] = [wrong for wrong in one.wrong if status not in wrong]


def test_map_a_customer_in_the_dialog(visit: Open, world: World) -> None:
    Agreement.objects.create(
        integration=world.integration, psa_id=800, name="Second one", company=106, state="active", currency="EUR"
    )
    one = visit("operator")
    page = one.go(LIST + "?q=laboratoires")
    page.get_by_role("link", name="Laboratoires Moreau").click()
    panel = page.get_by_role("dialog", name="Laboratoires Moreau")
    expect(panel.get_by_role("radio", name="Laboratoires Moreau")).not_to_be_checked()
    panel.get_by_label("Company name").press_sequentially("im", delay=20)
    panel.get_by_role("radio", name="Imprimerie Gagnon").check()
    expect(panel.get_by_role("checkbox", name="Second one")).to_be_visible()
    panel.get_by_role("button", name="Save").click()
    expect(panel.get_by_text("Choose at least one agreement, or let a rule find it.")).to_be_visible()
    forget(one, "422")
    panel.get_by_role("checkbox", name="Infogérance 360").check()
    panel.get_by_role("checkbox", name="Second one").check()
    panel.get_by_label("Part of Infogérance 360").fill("60")
    panel.get_by_label("Part of Second one").fill("30")
    panel.get_by_role("button", name="Save").click()
    expect(panel.get_by_text("The percentages add up to 90; make them 100.")).to_be_visible()
    forget(one, "422")
    expect(panel.get_by_label("Part of Infogérance 360")).to_have_value("60")
    panel.get_by_label("Part of Second one").fill("40")
    panel.get_by_role("button", name="Save").click()
    expect(page.locator("#notices")).to_contain_text("“Laboratoires Moreau” is saved.")
    assert page.url.endswith("?q=laboratoires"), "back where the list was"
    expect(page.get_by_role("row", name="Laboratoires Moreau")).to_contain_text("Second one · 40 %")
    shares = decisions_about(world.integration, "c0007").shares
    assert [(share.agreement, share.percent) for share in shares] == [(506, 60), (800, 40)]


def test_by_keyboard_and_without_saving(visit: Open, world: World) -> None:
    page = visit("operator").go(LIST)
    link = page.get_by_role("link", name="Acme Logistics")
    link.focus()
    page.keyboard.press("Enter")
    panel = page.get_by_role("dialog", name="Acme Logistics")
    panel.get_by_role("switch", name="Usage sync").press("Space")
    page.keyboard.press("Escape")
    expect(panel).to_be_hidden()
    expect(link).to_be_focused()
    assert Customer.objects.get(name="Acme Logistics").sync


def test_remove_a_mapping(visit: Open, world: World) -> None:
    page = visit("operator").go(LIST + "?show=available")
    page.get_by_role("link", name="Acme Logistics").click()
    page.get_by_role("dialog").get_by_role("button", name="Remove mapping").click()
    expect(page.locator("#notices")).to_contain_text("is saved")
    expect(page.get_by_role("row", name="Acme Logistics")).to_contain_text("Not mapped")


def test_several_at_once_and_a_rule_as_it_is_typed(visit: Open, world: World) -> None:
    page = visit("operator", "fr").go(LIST)
    page.get_by_label("Tous sur cette page").check()
    page.get_by_role("button", name="Désactiver").click()
    expect(page.locator("#notices")).to_contain_text("désactivée pour")
    assert not Customer.objects.filter(integration=world.integration, sync=True).exists()
    page.get_by_role("link", name="Garage Tremblay").click()
    panel = page.get_by_role("dialog", name="Garage Tremblay")
    panel.get_by_label("Par règle, à chaque exécution").check()
    panel.get_by_label("Trouver le contrat").select_option("name")
    panel.get_by_label("Type, ou partie du nom").press_sequentially("infog", delay=20)
    expect(panel.get_by_text("Trouve maintenant « Infogérance 360 ».")).to_be_visible()


def test_without_scripts(visit: Open, world: World) -> None:
    page = visit("operator", "en", java_script_enabled=False).go(LIST + "c0007/")
    page.get_by_label("Company name").fill("imprimerie")
    page.get_by_role("button", name="Search").click()
    page.get_by_role("radio", name="Imprimerie Gagnon").check()
    page.get_by_role("button", name="Show its agreements").click()
    expect(page.get_by_role("checkbox", name="Infogérance 360")).to_be_checked()
    page.get_by_role("button", name="Save").click()
    expect(page.locator("#notices")).to_contain_text("is saved")
    assert decisions_about(world.integration, "c0007").company == 106
