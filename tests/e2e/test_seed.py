"""Map and configure your products, step by step as the vendor's help page tells it, in a browser and in both languages;
what came of it is read outside the pages: in ConnectWise, in the export, in the next plan."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest
import yaml
from playwright.sync_api import Browser, Locator, Page, expect
from pytest_django.live_server_helper import LiveServer

from tests.e2e import test_pages
from tests.e2e.test_pages import LAYOUT, Visit
from tests.e2e.world import Row, World
from tests.web.rows import PASSWORD
from truecount.runs import transfer
from truecount.store.models import User, VendorProduct

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

browser_type_launch_args = test_pages.browser_type_launch_args

CODE, NEW = "CIXA-MSP", "CMS-MSP"
"""One that is mapped to what the catalog has, and one for which a product is made."""
ITEM = "Sophos_Intercept_X_Advanced"

SAY: dict[str, dict[str, Any]] = {
    "en": {
        "way": ("Configure", "PSA Integration", "Manage Settings", "Usage sync"),
        "policies": "Settings & policies",
        "menu": "Main",
        "crumbs": "Breadcrumb",
        "page": "Configure usage synchronization",
        "edit": "Edit",
        "map": "Map Sophos product to ConnectWise product",
        "product": "ConnectWise product",
        "apply": "Apply",
        "add": "Add product to PSA",
        "adding": "Add products to PSA",
        "sophos": "Sophos product",
        "subcategory": "Subcategory",
        "price": "Price",
        "typed": "3.75",
        "save": "Save",
        "saved": "1 switch is saved.",
        "nothing": "nothing changed",
        "details": "Details",
        "viewing": "View ConnectWise product details",
        "to edit": "Edit product details in PSA",
        "editing": "Edit ConnectWise product",
        "description": "Description",
        "remove": "Remove the mapping…",
        "really": "Remove the mapping",
        "not mapped": "Not mapped",
        "deleted": "Deleted in ConnectWise PSA",
    },
    "fr": {
        "way": ("Configurer", "Intégration PSA", "Gérer les paramètres", "Synchronisation d’utilisation"),
        "policies": "Paramètres et stratégies",
        "menu": "Principale",
        "crumbs": "Fil d’Ariane",
        "page": "Configurer la synchronisation de l’utilisation",
        "edit": "Modifier",
        "map": "Mapper le produit Sophos au produit ConnectWise",
        "product": "Produit ConnectWise",
        "apply": "Appliquer",
        "add": "Ajouter le produit à PSA",
        "adding": "Ajouter des produits à PSA",
        "sophos": "Produit Sophos",
        "subcategory": "Sous-catégorie",
        "price": "Prix",
        "typed": "3,75",
        "save": "Enregistrer",
        "saved": "1 commutateur est enregistré.",
        "nothing": "rien n’a changé",
        "details": "Détails",
        "viewing": "Afficher les détails du produit ConnectWise",
        "to edit": "Modifier les détails du produit dans PSA",
        "editing": "Modifier le produit ConnectWise",
        "description": "Description",
        "remove": "Supprimer le mappage…",
        "really": "Supprimer le mappage",
        "not mapped": "Non mappé",
        "deleted": "Supprimé dans ConnectWise PSA",
    },
}
Say = dict[str, Any]
Enter = Callable[..., Page]


@pytest.fixture
def enter(browser: Browser, live_server: LiveServer, bare: World) -> Iterator[Enter]:
    """A browser in front of the page, with somebody signed in who may do all of it."""
    visits: list[Visit] = []
    user = User.objects.get(pk=bare.admin.pk)
    user.set_password(PASSWORD)

    def entered(language: str, **more: Any) -> Page:
        user.language = language
        user.save()
        size = {"viewport": {"width": 1280, "height": 900}} | more
        context = browser.new_context(locale={"en": "en-GB", "fr": "fr-FR"}[language], **size)
        context.set_default_timeout(10_000)
        visits.append(one := Visit(context=context, page=context.new_page(), base=live_server.url))
        one.listen()
        page = one.go("/sign-in/")
        page.locator("#email").fill(user.email)
        page.locator("#password").fill(PASSWORD)
        page.locator("button.main").click()
        page.wait_for_url("**/integrations/e2e/")
        return page

    yield entered
    for one in visits:
        one.context.close()
    assert [wrong for one in visits for wrong in one.wrong if "422" not in wrong] == [], (
        "422 is a form that was refused"
    )


def walk(page: Page, say: Say) -> None:
    """Steps 1 to 4 of the help page."""
    configure, integration, manage, usage_sync = say["way"]
    page.get_by_role("navigation", name=say["menu"]).get_by_role("link", name=configure, exact=True).click()
    expect(page.get_by_role("heading", level=1)).to_have_text(integration)
    page.get_by_role("link", name=manage).click()
    expect(page.get_by_role("heading", level=1)).to_have_text(manage)
    block = page.get_by_role("region", name=usage_sync)
    block.get_by_role("link", name=configure, exact=True).click()
    expect(page.get_by_role("heading", level=1)).to_have_text(say["page"])
    way = page.get_by_role("navigation", name=say["crumbs"])
    for name in (configure, say["policies"], integration, manage):
        expect(way).to_contain_text(name)


def row_of(page: Page, code: str) -> Locator:
    return page.locator("tbody tr", has=page.locator("code", has_text=code))


def dialog_of(page: Page, title: str) -> Locator:
    dialog = page.get_by_role("dialog", name=title)
    expect(dialog).to_be_visible()
    return dialog


def open_mapping(page: Page, say: Say, code: str) -> Locator:
    row_of(page, code).get_by_role("link", name=say["edit"]).click()
    return dialog_of(page, say["map"])


def choose(page: Page, say: Say, code: str, text: str, item: str) -> None:
    """Edit icon → at least two characters → the list → Apply."""
    dialog = open_mapping(page, say, code)
    dialog.get_by_label(say["product"], exact=True).press_sequentially(text, delay=20)
    dialog.get_by_role("radio", name=item).first.check()
    dialog.get_by_role("button", name=say["apply"], exact=True).click()
    expect(row_of(page, code)).to_contain_text(item)
    expect(page.get_by_role("dialog")).to_have_count(0)


def exported(world: World) -> Row:
    text, _tree = transfer.export(world.integration, by=world.admin)
    told: Row = yaml.safe_load(text)
    return told


def sync_of(world: World, code: str) -> bool:
    return next(bool(row["sync"]) for row in exported(world)["products"] if row["code"] == code)


def mapped_to(world: World, code: str) -> list[int]:
    return [row["item"] for row in exported(world)["mappings"] if code in row["codes"]]


def item_of(world: World, identifier: str) -> Row:
    return next(row for row in world.psa.state()["catalog"] if row["identifier"] == identifier)


def planned_items(world: World) -> set[int]:
    """What the next plan has changes of."""
    plan = world.sync().plan
    assert plan is not None
    return set(plan.changes.values_list("item", flat=True))


@pytest.mark.parametrize("language", ["fr", "en"])
def test_map_and_configure_your_products(enter: Enter, bare: World, language: str) -> None:
    say = SAY[language]
    for customer, company, agreement in bare.homes():
        bare.map_customer(customer, company, agreement)
    page = enter(language)
    walk(page, say)
    _map_to_an_existing_product(page, say, bare)
    _map_to_a_new_product(page, say, bare)
    _edit_a_product(page, say, bare)
    _turn_sync_off_and_on(page, say, bare)
    _remove_the_mapping(page, say, bare)
    _delete_the_product(page, say, bare)
    if language == "fr":  # its texts are the longer ones
        _each_dialog_is_a_page_that_fits(page, bare)


def _each_dialog_is_a_page_that_fits(page: Page, world: World) -> None:
    here, item = page.url.split("/usage-sync/")[0] + "/usage-sync/", mapped_to(world, CODE)[0]
    query = f"?product={CODE}&item={item}"
    found = []
    for path in ("", f"map/{query}", f"unmap/{query}", "add/", f"items/{item}/", f"items/{item}/edit/"):
        page.goto(here + path)
        for width in (390, 1280):
            page.set_viewport_size({"width": width, "height": 900})
            found += [f"{path} at {width}: {told}" for told in page.evaluate(LAYOUT)]
    assert found == []


def _map_to_an_existing_product(page: Page, say: Say, world: World) -> None:
    assert mapped_to(world, CODE) == []
    choose(page, say, CODE, "intercept", ITEM)
    item = item_of(world, ITEM)["id"]
    assert (mapped_to(world, CODE), sync_of(world, CODE)) == ([item], True)
    expect(row_of(page, CODE).get_by_role("switch")).to_be_checked()


def _map_to_a_new_product(page: Page, say: Say, world: World) -> None:
    page.get_by_role("link", name=say["add"]).click()
    dialog = dialog_of(page, say["adding"])
    dialog.get_by_label(say["sophos"], exact=True).select_option(NEW)
    expect(dialog.locator("#id_identifier")).to_have_value(NEW)
    dialog.get_by_label(say["subcategory"], exact=True).select_option(label="Network Security")
    dialog.get_by_label(say["price"], exact=True).fill(say["typed"])
    dialog.get_by_role("button", name=say["apply"], exact=True).dblclick()
    expect(row_of(page, NEW)).to_contain_text(NEW)
    expect(page.get_by_role("dialog")).to_have_count(0)
    made = [row for row in world.psa.state()["catalog"] if row["identifier"] == NEW]
    assert [row["price"] for row in made] == [3.75]
    assert (mapped_to(world, NEW), sync_of(world, NEW)) == ([made[0]["id"]], True)
    page.get_by_role("button", name=say["save"], exact=True).click()
    expect(page.locator("#notices")).to_contain_text(say["nothing"])
    assert planned_items(world) == {item_of(world, ITEM)["id"], made[0]["id"]}


def _edit_a_product(page: Page, say: Say, world: World) -> None:
    row_of(page, CODE).get_by_role("link", name=say["details"]).click()
    dialog = dialog_of(page, say["viewing"])
    expect(dialog).to_contain_text(item_of(world, ITEM)["description"])
    dialog.get_by_role("link", name=say["to edit"]).click()
    dialog = dialog_of(page, say["editing"])
    dialog.get_by_label(say["description"], exact=True).fill("Poste protégé")
    dialog.get_by_label(say["price"], exact=True).fill(say["typed"])
    before = item_of(world, ITEM)
    dialog.get_by_role("button", name=say["apply"], exact=True).click()
    expect(row_of(page, CODE)).to_contain_text("Poste protégé")
    after = item_of(world, ITEM)
    changed = {name for name in after if after[name] != before.get(name)} - {"_info", "calculatedPrice"}
    assert (changed, after["price"]) == ({"description", "price"}, 3.75)


def _turn_sync_off_and_on(page: Page, say: Say, world: World) -> None:
    item = item_of(world, ITEM)["id"]
    switch = row_of(page, CODE).get_by_role("switch")
    switch.click()
    assert sync_of(world, CODE), "not before it is saved"
    choose(page, say, "CEMA-MSP", "email", "Sophos_Email_Advanced")
    expect(switch).not_to_be_checked()
    page.get_by_role("button", name=say["save"], exact=True).click()
    expect(page.locator("#notices")).to_contain_text(say["saved"])
    assert not sync_of(world, CODE)
    assert item not in planned_items(world)
    switch.click()
    page.get_by_role("button", name=say["save"], exact=True).click()
    expect(page.locator("#notices")).to_contain_text(say["saved"])
    assert sync_of(world, CODE)
    assert item in planned_items(world)


def _remove_the_mapping(page: Page, say: Say, world: World) -> None:
    dialog = open_mapping(page, say, CODE)
    dialog.get_by_role("link", name=say["remove"]).click()
    dialog_of(page, say["really"]).get_by_role("button", name=say["really"], exact=True).click()
    row = row_of(page, CODE)
    expect(row).to_contain_text(say["not mapped"])
    expect(row.get_by_role("switch")).to_be_disabled()
    assert (mapped_to(world, CODE), sync_of(world, CODE)) == ([], False)
    choose(page, say, CODE, "intercept", ITEM)
    expect(row.get_by_role("switch")).to_be_checked()
    assert sync_of(world, CODE)


def _delete_the_product(page: Page, say: Say, world: World) -> None:
    """Deleted in ConnectWise, by somebody else."""
    world.psa.remove("catalog", item_of(world, ITEM)["id"])
    assert world.run("collect").state == "done"
    assert not sync_of(world, CODE)
    page.reload()
    row = row_of(page, CODE)
    expect(row).to_contain_text(say["deleted"])
    expect(row.get_by_role("switch")).to_be_disabled()
    choose(page, say, CODE, "xdr", "Sophos_Intercept_X_Advanced_XDR")
    expect(row.get_by_role("switch")).to_be_checked()
    assert sync_of(world, CODE)
    assert VendorProduct.objects.get(code=CODE).switched_off_by == ""


def test_by_keyboard_alone(enter: Enter, bare: World) -> None:
    say = SAY["fr"]
    page = enter("fr")
    walk(page, say)
    edit = row_of(page, CODE).get_by_role("link", name=say["edit"])
    edit.focus()
    page.keyboard.press("Enter")
    dialog = dialog_of(page, say["map"])
    expect(dialog.get_by_label(say["product"], exact=True)).to_be_focused()
    page.keyboard.press("Escape")
    expect(page.get_by_role("dialog")).to_have_count(0)
    expect(edit).to_be_focused()
    page.keyboard.press("Enter")
    dialog = dialog_of(page, say["map"])
    page.keyboard.type("intercept x advanced with xdr", delay=10)
    page.keyboard.press("Enter")
    expect(dialog.get_by_role("radio")).to_have_count(3)
    page.keyboard.press("Tab")
    page.keyboard.press("Space")
    expect(dialog.get_by_role("radio").first).to_be_checked()
    page.keyboard.press("Enter")
    expect(page.get_by_role("dialog")).to_have_count(0)
    expect(edit).to_be_focused()
    assert len(mapped_to(bare, CODE)) == 1
    switch = row_of(page, CODE).get_by_role("switch")
    expect(switch).to_be_checked()
    switch.focus()
    page.keyboard.press("Space")
    expect(switch).not_to_be_checked()
    page.get_by_role("button", name=say["save"], exact=True).focus()
    page.keyboard.press("Enter")
    expect(page.locator("#notices")).to_contain_text(say["saved"])
    assert not sync_of(bare, CODE)
    page.get_by_role("link", name=say["add"]).focus()
    page.keyboard.press("Enter")
    dialog_of(page, say["adding"])
    page.keyboard.press("Escape")
    expect(page.get_by_role("dialog")).to_have_count(0)


def test_leaving_with_switches_that_are_not_saved_asks(enter: Enter, bare: World) -> None:
    bare.map_product(CODE, item_of(bare, ITEM)["id"])
    page = enter("en")
    walk(page, SAY["en"])
    asked: list[str] = []

    def stay(dialog: Any) -> None:
        asked.append(dialog.type)
        dialog.dismiss()

    page.on("dialog", stay)
    switch = row_of(page, CODE).get_by_role("switch")
    switch.click()
    page.get_by_role("columnheader").first.get_by_role("link").click()
    expect(page.get_by_role("columnheader").first).to_have_attribute("aria-sort", "descending")
    expect(switch).not_to_be_checked()
    page.get_by_role("link", name="Findings", exact=True).click()
    page.wait_for_timeout(300)
    assert asked == ["beforeunload"]
    assert page.url.split("?")[0].endswith(("/usage-sync/", "/configure/"))
    switch.click()
    page.get_by_role("link", name="Findings", exact=True).click()
    page.wait_for_url("**/findings/")
    assert asked == ["beforeunload"]


def test_a_rule_shows_what_it_would_bill(enter: Enter, bare: World) -> None:
    for customer, company, agreement in bare.homes():
        bare.map_customer(customer, company, agreement)
    bare.map_product(CODE, item_of(bare, ITEM)["id"])
    page = enter("fr")
    walk(page, SAY["fr"])
    dialog = open_mapping(page, SAY["fr"], CODE)
    dialog.get_by_text("Règle de quantité", exact=True).first.click()
    counted = sum(int(row["billableQuantity"]) for row in bare.report() if row["productCode"] == CODE)
    dialog.get_by_label("Multiplier par").fill("2")
    look = dialog.locator("#rule-preview")
    expect(look).to_contain_text("Sur le relevé de novembre 2026")
    before, after = (int("".join(part.split())) for part in look.locator("p b").all_inner_texts())
    assert 0 < before <= counted
    assert after == 2 * before
    dialog.get_by_label("Multiplier par").fill("deux")
    expect(look).to_be_empty()
    assert plain_rule(bare), "nothing was saved"


def plain_rule(world: World) -> bool:
    return all("rule" not in row for row in exported(world)["mappings"])


def test_without_scripts(enter: Enter, bare: World) -> None:
    say = SAY["fr"]
    page = enter("fr", java_script_enabled=False)
    walk(page, say)
    row_of(page, CODE).get_by_role("link", name=say["edit"]).click()
    expect(page.get_by_role("heading", level=1)).to_have_text(say["map"])
    page.get_by_label(say["product"], exact=True).fill("intercept")
    page.get_by_label(say["product"], exact=True).press("Enter")
    page.get_by_role("radio", name=ITEM).first.check()
    page.get_by_role("button", name=say["apply"], exact=True).click()
    expect(row_of(page, CODE)).to_contain_text(ITEM)
    assert sync_of(bare, CODE)
    row_of(page, CODE).get_by_role("switch").click()
    page.get_by_role("button", name=say["save"], exact=True).click()
    expect(page.locator("#notices")).to_contain_text(say["saved"])
    assert not sync_of(bare, CODE)
