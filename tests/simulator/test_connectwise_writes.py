"""Writing to the simulated PSA over HTTP: records created, patched, replaced and deleted, and what is refused."""

from typing import Any

import httpx2
import pytest

from tests.simulator.conftest import Place, Simulator, additions, new_line

INVOICED = "Since this period has already been invoiced"


def operation(path: str, value: Any, op: str = "replace") -> dict[str, Any]:
    return {"op": op, "path": path, "value": value}


def make_line(psa: httpx2.Client, place: Place, **more: Any) -> dict[str, Any]:
    answer = psa.post(additions(place), json=new_line(place, **more))
    assert answer.status_code == 201, answer.text
    line: dict[str, Any] = answer.json()
    return line


def test_create_patch_and_delete_an_addition(psa: httpx2.Client, place: Place) -> None:
    line = make_line(psa, place, lessIncluded=1)
    item = psa.get(f"/procurement/catalog/{place.product}").json()
    assert line["agreementId"] == place.agreement
    assert (line["unitPrice"], line["unitCost"]) == (item["price"], item["cost"])
    assert (line["quantity"], line["billedQuantity"], line["extPrice"]) == (3.0, 2.0, round(2 * item["price"], 4))
    assert line["description"] == item["description"]
    assert line["invoiceDescription"] == item["customerDescription"]
    assert line["uom"] == item["unitOfMeasure"]["name"]
    assert line["agreementStatus"] == "Inactive", "it begins next month"

    one = f"{additions(place)}/{line['id']}"
    body = [
        operation("quantity", "12"),
        operation("/lessIncluded", 0),
        operation("cancelledDate", "2027-01-31T00:00:00Z"),
    ]
    changed = psa.patch(one, json=body)
    assert changed.status_code == 200
    assert changed.json()["quantity"] == 12.0
    assert '"quantity":12.0' in changed.text
    assert changed.json()["extPrice"] == pytest.approx(12 * item["price"])
    assert changed.json()["cancelledDate"] == "2027-01-31T00:00:00Z"
    assert changed.json()["_info"]["updatedBy"] == "SimApi"
    assert "cancelledDate" not in psa.patch(one, json=[{"op": "remove", "path": "cancelledDate"}]).json()
    assert psa.get(one).json()["quantity"] == 12.0

    gone = psa.delete(one)
    assert (gone.status_code, gone.content) == (204, b"")
    assert psa.get(one).status_code == 404


def test_references_by_id_identifier_or_name(psa: httpx2.Client, place: Place) -> None:
    item = psa.get(f"/procurement/catalog/{place.product}").json()
    line = make_line(psa, place, product={"identifier": item["identifier"].lower()})
    assert line["product"]["id"] == place.product
    one = f"{additions(place)}/{line['id']}"
    assert psa.patch(one, json=[operation("product", {"id": place.product})]).status_code == 200
    same = psa.patch(one, json=[operation("product/identifier", "nothing")])
    assert (same.status_code, same.json()["product"]) == (200, line["product"]), "a path into an object changes nothing"
    agreement = f"/finance/agreements/{place.agreement}"
    assert psa.patch(agreement, json=[operation("type", {"name": "backup"})]).json()["type"]["name"] == "Backup"


def test_what_patch_passes_over(psa: httpx2.Client, place: Place) -> None:
    line = make_line(psa, place)
    one = f"{additions(place)}/{line['id']}"
    body = [operation("extPrice", 1), operation("agreementId", 1), operation("id", 1), operation("_info", {})]
    changed = psa.patch(one, json=body).json()
    del changed["_info"], line["_info"]
    assert changed == line


@pytest.mark.parametrize(
    ("change", "code", "field", "text"),
    [
        ({"product": None}, "MissingRequiredField", "product/id", "product is required."),
        ({"billCustomer": None}, "MissingRequiredField", "billCustomer", "billCustomer is required."),
        ({"billCustomer": "Maybe"}, "InvalidField", "billCustomer", "must be one of"),
        ({"product": {"id": 999999}}, "NotFound", "product/id", "Catalog Item 999999 not found"),
        ({"quantity": -1}, "OutOfRange", "quantity", "negative"),
        ({"quantity": "many"}, "InvalidField", "quantity", "must be a number"),
        ({"serialNumber": "x" * 51}, "MaxLengthField", "serialNumber", "maximum length of 50."),
        ({"effectiveDate": "2026-12-01T00:00:00.000Z"}, "InvalidField", "effectiveDate", "yyyy-MM-ddTHH:mm:ssZ"),
        ({"effectiveDate": "2026-13-01T00:00:00Z"}, "InvalidField", "effectiveDate", "date"),
        ({"effectiveDate": ""}, "InvalidField", "effectiveDate", "date"),
        ({"effectiveDate": "2001-01-01T00:00:00Z"}, "InvalidObject", "effectiveDate", "billing start date"),
        ({"effectiveDate": "2026-11-01T00:00:00Z"}, "InvalidObject", "effectiveDate", INVOICED),
        ({"taxableFlag": "perhaps"}, "InvalidField", "taxableFlag", "true or false"),
    ],
)
def test_refused_additions(
    psa: httpx2.Client, place: Place, change: dict[str, Any], code: str, field: str, text: str
) -> None:
    body = {name: value for name, value in new_line(place, **change).items() if value is not None}
    before = len(psa.get(additions(place), params={"pageSize": 1000}).json())
    answer = psa.post(additions(place), json=body)
    assert answer.status_code == 400
    assert (answer.json()["code"], answer.json()["message"]) == ("InvalidObject", "addition object is invalid")
    error = answer.json()["errors"][0]
    assert (error["code"], error["resource"], error["field"]) == (code, "addition", field)
    assert text in error["message"]
    assert len(psa.get(additions(place), params={"pageSize": 1000}).json()) == before


def test_products_and_agreements_that_take_no_additions(psa: httpx2.Client, simulator: Simulator, place: Place) -> None:
    state = simulator.state()
    inactive = next(row["id"] for row in state["catalog"] if row["inactiveFlag"])
    bundle = next(row["id"] for row in state["catalog"] if row["productClass"] == "Bundle")
    for product, text in ((inactive, "inactive"), (bundle, "Bundle")):
        answer = psa.post(additions(place), json=new_line(place, product={"id": product}))
        assert answer.status_code == 400
        assert text in answer.json()["errors"][0]["message"]
    for status in ("Expired", "Cancelled"):
        ended = next(row["id"] for row in state["agreements"] if row["agreementStatus"] == status)
        answer = psa.post(f"/finance/agreements/{ended}/additions", json=new_line(place))
        assert answer.status_code == 400
        assert status.lower() in answer.json()["errors"][0]["message"]


def test_a_line_without_a_date_begins_today(psa: httpx2.Client, place: Place) -> None:
    body = new_line(place)
    del body["effectiveDate"]
    assert psa.post(additions(place), json=body).json()["effectiveDate"] == "2026-11-26T00:00:00Z"


@pytest.mark.parametrize(
    ("body", "content_type", "status"),
    [
        ("[]", "text/plain", 415),
        ("{", "application/json", 400),
        ("{}", "application/json", 400),
        ('["x"]', "application/json", 400),
        ('[{"op":"replace","path":"nothing","value":1}]', "application/json", 400),
        ('[{"op":"replace","path":"Quantity","value":1}]', "application/json", 400),
        ('[{"op":"move","path":"quantity","value":1}]', "application/json", 400),
        ('[{"op":"remove","path":"product"}]', "application/json", 400),
        ("[]", "application/json-patch+json; charset=utf-8", 200),
    ],
)
def test_bodies_of_patch(psa: httpx2.Client, place: Place, body: str, content_type: str, status: int) -> None:
    line = psa.get(additions(place)).json()[0]
    answer = psa.patch(f"{additions(place)}/{line['id']}", content=body, headers={"Content-Type": content_type})
    assert answer.status_code == status
    assert psa.get(f"{additions(place)}/{line['id']}").json()["quantity"] == line["quantity"]


def test_put_replaces(psa: httpx2.Client, place: Place) -> None:
    line = make_line(psa, place, lessIncluded=2, serialNumber="S-1")
    one = f"{additions(place)}/{line['id']}"
    replaced = psa.put(one, json=new_line(place, quantity=8)).json()
    assert (replaced["id"], replaced["quantity"], replaced["lessIncluded"]) == (line["id"], 8.0, 0.0)
    assert "serialNumber" not in replaced
    refused = psa.put(one, json={"quantity": 8})
    assert {error["field"] for error in refused.json()["errors"]} == {"product/id", "billCustomer"}


def test_fields_of_a_write(psa: httpx2.Client, place: Place) -> None:
    answer = psa.post(f"{additions(place)}?fields=id,quantity", json=new_line(place))
    assert set(answer.json()) == {"id", "quantity"}
    before = psa.get(f"{additions(place)}/count").json()
    assert psa.post(f"{additions(place)}?fields=nothing", json=new_line(place)).status_code == 400
    assert psa.get(f"{additions(place)}/count").json() == before, "refused before anything is written"


def test_catalog_items(psa: httpx2.Client, simulator: Simulator) -> None:
    sample = simulator.state()["catalog"][0]
    body = {
        "identifier": "Sophos_New",
        "description": "A new product",
        "customerDescription": "One\r\nline\nand\tanother",
        "subcategory": {"id": sample["subcategory"]["id"]},
        "type": {"id": sample["type"]["id"]},
        "price": 4,
    }
    made = psa.post("/procurement/catalog", json=body)
    assert made.status_code == 201
    assert made.json()["productClass"] == "NonInventory"
    assert made.json()["customerDescription"] == "One line and\tanother"
    assert made.json()["category"]["name"]
    one = f"/procurement/catalog/{made.json()['id']}"
    assert psa.get(f"{one}/info").json()["identifier"] == "Sophos_New"

    again = psa.post("/procurement/catalog", json={**body, "identifier": "SOPHOS_new"})
    assert again.status_code == 400
    assert again.json()["errors"][0]["code"] == "ObjectExists"
    missing = psa.post("/procurement/catalog", json={"identifier": "x"}).json()["errors"]
    wanted = {"description", "subcategory/id", "type/id", "customerDescription"}
    assert {error["field"] for error in missing} == wanted

    long = psa.patch(one, json=[operation("description", "x" * 61)]).json()["errors"]
    assert long[0]["message"] == "The field description must be a string with a maximum length of 60."
    recurring = psa.patch(one, json=[operation("recurringFlag", True)])
    assert recurring.json()["errors"] == [
        {
            "code": "MissingRequiredField",
            "message": "recurringBillCycle or recurringOneTimeFlag is required.",
            "resource": "catalogItem",
            "field": field,
        }
        for field in ("recurringOneTimeFlag", "recurringBillCycle/id")
    ]
    both = [operation("recurringFlag", True), operation("recurringBillCycle", {"id": 2})]
    assert psa.patch(one, json=both).json()["recurringBillCycle"]["name"] == "Monthly"
    assert psa.delete(one).status_code == 204


def test_components_belong_to_bundles(psa: httpx2.Client, simulator: Simulator) -> None:
    catalog = simulator.state()["catalog"]
    bundle = next(row["id"] for row in catalog if row["productClass"] == "Bundle")
    body = {"quantity": 2, "catalogItem": {"id": catalog[0]["id"]}}
    made = psa.post(f"/procurement/catalog/{bundle}/components", json=body)
    assert (made.status_code, made.json()["parentCatalogItem"]["id"]) == (201, bundle)
    assert psa.post(f"/procurement/catalog/{catalog[0]['id']}/components", json=body).status_code == 400


def test_agreements(psa: httpx2.Client, simulator: Simulator, place: Place) -> None:
    contact = psa.get("/company/contacts", params={"conditions": f"company/id={place.company}"}).json()[0]["id"]
    body = {"name": "New one", "type": {"id": 1}, "company": {"id": place.company}}
    missing = psa.post("/finance/agreements", json=body).json()["errors"]
    assert [error["field"] for error in missing] == ["contact/id"]
    made = psa.post("/finance/agreements", json={**body, "contact": {"id": contact}}).json()
    assert made["agreementStatus"] == "Active"
    assert made["nextInvoiceDate"] == "2026-12-01T00:00:00Z"
    one = f"/finance/agreements/{made['id']}"
    ended = psa.patch(one, json=[operation("endDate", "2026-11-25T00:00:00Z")]).json()
    assert (ended["agreementStatus"], ended["noEndingDateFlag"]) == ("Expired", False)
    cancelled = psa.patch(one, json=[operation("cancelledFlag", True)]).json()
    assert (cancelled["agreementStatus"], cancelled["dateCancelled"]) == ("Cancelled", "2026-11-26T00:00:00Z")
    refused = psa.put(one, json={**body, "contact": {"id": contact}}).json()["errors"]
    assert {error["field"] for error in refused} >= {"invoicingCycle", "billTime", "billProducts"}
    assert psa.delete(one).status_code == 204


def test_what_is_in_use_or_invoiced_stays(psa: httpx2.Client, simulator: Simulator, place: Place) -> None:
    line = psa.get(additions(place)).json()[0]
    for path in (
        f"/finance/agreements/{place.agreement}",
        f"/procurement/catalog/{line['product']['id']}",
        f"{additions(place)}/{line['id']}",
    ):
        answer = psa.delete(path)
        assert (answer.status_code, answer.json()["code"]) == (409, "Conflict")
        assert psa.get(path).status_code == 200


def test_companies(psa: httpx2.Client, simulator: Simulator) -> None:
    simulator.switch(permissions={"companies": "IAED"})
    body = {"identifier": "NewCo", "name": "New Company", "types": [{"id": 1}, {"id": 4}]}
    refused = psa.post("/company/companies", json=body)
    assert refused.json()["errors"][0]["field"] == "addressLine1"
    made = psa.post("/company/companies", json={**body, "city": "Lyon"}).json()
    assert [kind["name"] for kind in made["types"]] == ["Client", "Partner"]
    one = f"/company/companies/{made['id']}"
    assert len(psa.get(f"{one}/typeAssociations").json()) == 2
    again = psa.post("/company/companies", json={**body, "city": "Lyon"}).json()
    assert again["errors"][0]["message"] == "Company ID already in use."
    types = psa.patch(one, json=[operation("types", [{"id": 2}])]).json()
    assert "can only be used when creating" in types["errors"][0]["message"]
    year = psa.patch(one, json=[operation("yearEstablished", 1500)]).json()["errors"][0]
    assert year["message"] == "The field yearEstablished must be between 1900 and 9999."
    fields = psa.patch(one, json=[operation("customFields", [{"id": 1, "value": "abc"}])]).json()["customFields"]
    assert fields[0]["value"] == "abc"
    association = psa.post(f"{one}/typeAssociations", json={"type": {"id": 3}, "company": {"id": made["id"]}})
    assert association.status_code == 201
    assert len(psa.get(one).json()["types"]) == 3
    assert psa.delete(one).status_code == 204


def test_a_new_name_shows_in_references(psa: httpx2.Client, simulator: Simulator, place: Place) -> None:
    simulator.switch(permissions={"companies": "IE"})
    psa.get(f"/finance/agreements/{place.agreement}")
    psa.patch(f"/company/companies/{place.company}", json=[operation("name", "Renamed GmbH")])
    agreement = psa.get(f"/finance/agreements/{place.agreement}").json()
    assert agreement["company"]["name"] == "Renamed GmbH"
