"""Copies, prices, recaps, uses, custom fields, the audit trail, documents, models by version, over HTTP."""

from typing import Any

import httpx2
import pytest

from tests.simulator.conftest import Place, Simulator, additions, new_line


def test_an_agreement_is_copied_with_the_lines_that_stand(psa: httpx2.Client, place: Place) -> None:
    source = psa.get(f"/finance/agreements/{place.agreement}").json()
    answer = psa.post(f"/finance/agreements/{place.agreement}/copy")
    copy = answer.json()
    assert (answer.status_code, copy["company"]["id"]) == (201, place.company)
    assert copy["id"] != source["id"]
    assert copy["name"] == f"{source['name']} (copy)"

    def standing(id: int) -> list[tuple[int, float]]:
        rows = psa.get(f"/finance/agreements/{id}/additions?pageSize=1000").json()
        return sorted((row["product"]["id"], row["quantity"]) for row in rows if row["agreementStatus"] == "Active")

    assert standing(copy["id"]) == standing(source["id"]) != []
    assert psa.post("/finance/agreements/999999/copy").status_code == 404


def test_a_catalog_item_is_copied_under_a_free_identifier(psa: httpx2.Client, place: Place) -> None:
    source = psa.get(f"/procurement/catalog/{place.product}").json()
    first = psa.post(f"/procurement/catalog/{place.product}/copy")
    second = psa.post(f"/procurement/catalog/{place.product}/copy")
    assert (first.status_code, second.status_code) == (200, 200)
    assert first.json()["identifier"] == f"{source['identifier']}-copy"
    assert second.json()["identifier"] == f"{source['identifier']}-copy2"
    same = ("description", "price", "cost", "subcategory", "type", "productClass")
    assert {name: first.json()[name] for name in same} == {name: source[name] for name in same}


def test_the_price_of_a_product_for_a_company(psa: httpx2.Client, place: Place) -> None:
    address = f"/procurement/catalog/{place.product}/pricing"
    answer = psa.post(address, json={"company": {"id": place.company}, "quantity": 5, "date": "2026-12-01T00:00:00Z"})
    assert answer.status_code == 200
    body = answer.json()
    assert (body["company"]["id"], body["quantity"], body["catalogItem"]["id"]) == (place.company, 5, place.product)
    assert body["price"] == psa.get(f"/procurement/catalog/{place.product}").json()["price"]
    refused = psa.post(address, json={"company": {"id": 999999}})
    assert (refused.status_code, refused.json()["errors"][0]["code"]) == (400, "NotFound")


def test_a_recap_says_what_was_and_will_be_invoiced(psa: httpx2.Client, place: Place) -> None:
    recap = psa.get(f"/finance/agreementrecap/{place.agreement}").json()
    invoices = psa.get("/finance/invoices", params={"conditions": f"agreement/id={place.agreement}"}).json()
    assert recap["lastInvoiceNumber"] == invoices[-1]["invoiceNumber"]
    assert recap["lastInvoiceAmount"] == f"{invoices[-1]['total']:.2f}"
    line = psa.post(additions(place), json=new_line(place, quantity=2)).json()
    later = psa.get(f"/finance/agreementrecap/{place.agreement}").json()
    assert later["nextInvoiceAmount"] == pytest.approx(recap["nextInvoiceAmount"] + line["extPrice"])
    named = psa.get("/finance/agreementrecap/", params={"conditions": f"id={place.agreement}"}).json()
    assert named == [later]


def test_children_of_an_agreement(psa: httpx2.Client, place: Place) -> None:
    base = f"/finance/agreements/{place.agreement}"
    made = psa.post(f"{base}/adjustments", json={"amount": 5, "description": "Goodwill"})
    assert (made.status_code, made.json()["agreementId"]) == (201, place.agreement)
    assert psa.get(f"/finance/agreementrecap/{place.agreement}").json()["adjustmentAmount"] == 5.0
    site = psa.post(f"{base}/sites", json={"company": {"id": place.company}})
    assert site.status_code == 201
    assert psa.post(f"{base}/configurations", json={"id": 77}).json()["id"] == 77
    assert psa.post(f"{base}/configurations", json={"deviceIdentifier": "PC-1"}).status_code == 201
    refused = psa.post(f"{base}/configurations", json={})
    assert refused.json()["message"] == "configuration object is invalid"
    assert refused.json()["errors"] == [
        {
            "code": "MissingRequiredField",
            "message": "id or deviceIdentifier is required.",
            "resource": "configuration",
            "field": "id",
        }
    ]
    assert psa.get(f"{base}/configurations/count").json() == {"count": 2}
    counts = psa.get(f"{base}/quickAccess/count").json()
    assert (counts["adjustments"], counts["sites"], counts["configurations"]) == (1, 1, 2)
    assert psa.delete(f"{base}/configurations/77").status_code == 204
    assert [row["id"] for row in psa.get(f"{base}/configurations").json()] == [78]
    assert psa.get("/finance/agreements/100/configurations/78").status_code in (200, 404)


@pytest.mark.parametrize(
    "path",
    [
        "/company/companies/statuses/1",
        "/company/companies/types/1",
        "/finance/agreements/types/1",
        "/finance/billingCycles/2",
        "/finance/billingTerms/1",
        "/finance/currencies/1",
        "/procurement/subcategories/1",
        "/procurement/types/2",
    ],
)
def test_where_a_value_is_used(psa: httpx2.Client, path: str) -> None:
    counts = psa.get(f"{path}/usages").json()
    assert counts
    answer = psa.get(f"{path}/usages/list", params={"pageSize": 1000})
    assert "link" in answer.headers
    assert min(len(answer.json()), 1000) == min(sum(row["count"] for row in counts), 1000)
    assert psa.get(f"{path.rsplit('/', 1)[0]}/999999/usages").status_code == 404


def test_stock(psa: httpx2.Client) -> None:
    item = psa.get("/procurement/catalog", params={"conditions": 'identifier="VOIP-SEAT"'}).json()[0]["id"]
    (stock,) = psa.get(f"/procurement/catalog/{item}/inventory").json()
    assert (stock["onHand"], stock["catalogItem"]["id"], stock["warehouse"]["name"]) == (12, item, "Main")
    assert psa.get(f"/procurement/catalog/{item}/inventory/count").json() == {"count": 1}
    assert psa.get(f"/procurement/catalog/{item}/inventory/{stock['id']}").json() == stock


def test_pricing_schedules(simulator: Simulator, psa: httpx2.Client) -> None:
    assert [row["name"] for row in psa.get("/procurement/pricingschedules").json()] == ["Standard"]
    assert psa.get("/procurement/pricingschedules/1/details").status_code == 501


def test_a_user_defined_field_stands_in_the_records_of_its_pod(psa: httpx2.Client, place: Place) -> None:
    body = {"podId": 3, "caption": "Vendor code", "sequenceNumber": 1, "fieldTypeIdentifier": "Text"}
    made = psa.post("/system/userDefinedFields", json=body)
    assert made.status_code == 201
    id = made.json()["id"]
    assert psa.get(f"/system/userDefinedFields/{id}/info").json()["caption"] == "Vendor code"
    value = {"customFields": [{"id": id, "value": "CIXA-MSP"}]}
    line = psa.post(additions(place), json=new_line(place, **value)).json()
    assert [(field["caption"], field["value"]) for field in line["customFields"]] == [("Vendor code", "CIXA-MSP")]
    asked = {"customFieldConditions": 'caption="Vendor code" AND value="CIXA-MSP"'}
    assert [row["id"] for row in psa.get(additions(place), params=asked).json()] == [line["id"]]
    assert psa.delete(f"/system/userDefinedFields/{id}").status_code == 204
    assert "customFields" not in psa.get(f"{additions(place)}/{line['id']}").json()
    assert psa.post("/system/userDefinedFields", json={"caption": "x"}).status_code == 400


def test_the_audit_trail_tells_who_changed_what(simulator: Simulator, psa: httpx2.Client, place: Place) -> None:
    assert psa.get("/system/audittrail").json() == []
    psa.post(additions(place), json=new_line(place))
    line = psa.post(additions(place), json=new_line(place)).json()["id"]
    psa.patch(f"{additions(place)}/{line}", json=[{"op": "replace", "path": "quantity", "value": 9}])
    simulator.control("PATCH", f"additions/{line}", {"quantity": 1})
    assert psa.delete(f"{additions(place)}/{line}").status_code == 204
    rows = psa.get("/system/audittrail", params={"type": "Addition", "id": line}).json()
    seen = [(row["auditSubType"], row["auditSource"]) for row in rows]
    assert seen == [("Added", "API"), ("Updated", "API"), ("Updated", "User"), ("Deleted", "API")]
    assert psa.get("/system/audittrail/count", params={"type": "addition", "id": line}).json() == {"count": 4}
    forward = psa.get("/system/audittrail?pageSize=1", headers={"pagination-type": "forward-only"})
    assert 'rel="last"' in forward.headers["link"]


def test_an_invoice_as_a_document(psa: httpx2.Client) -> None:
    number = psa.get("/finance/invoices/1").json()["invoiceNumber"]
    answer = psa.get("/finance/invoices/1/pdf")
    assert answer.headers["content-type"] == "application/pdf"
    text = answer.content
    assert text.startswith(b"%PDF-1.4")
    assert text.endswith(b"%%EOF\n")
    assert f"(Invoice {number})".encode() in text
    start = int(text.rsplit(b"startxref\n", 1)[1].split(b"\n")[0])
    entries = text[start:].splitlines()[3:8]
    assert [text[int(entry[:10]) :].split(b" ", 1)[0] for entry in entries] == [b"1", b"2", b"3", b"4", b"5"]
    assert psa.get("/finance/invoices/999999/pdf").status_code == 404


def test_a_bundle_that_only_counts(psa: httpx2.Client, place: Place) -> None:
    asked = {"sequenceNumber": 1, "resourceType": "addition", "apiRequest": {"parentId": place.agreement}}
    (result,) = psa.post("/system/bundles/count", json={"requests": [asked]}).json()["results"]
    assert result["count"] == psa.get(f"{additions(place)}/count").json()["count"] > 0
    assert (result["entities"], result["success"]) == ([], True)


def test_put_replaces(psa: httpx2.Client, place: Place) -> None:
    line = psa.post(additions(place), json=new_line(place, serialNumber="S1", lessIncluded=1)).json()
    body = {"product": {"id": place.product}, "billCustomer": "NoCharge", "quantity": 2}
    answer = psa.put(f"{additions(place)}/{line['id']}", json=body)
    assert answer.status_code == 200
    replaced = answer.json()
    assert "serialNumber" not in replaced
    assert (replaced["quantity"], replaced["lessIncluded"], replaced["billCustomer"]) == (2.0, 0.0, "NoCharge")
    assert psa.put(f"{additions(place)}/{line['id']}", json={"quantity": 1}).status_code == 400


def older(version: str) -> dict[str, str]:
    return {"Accept": f"application/vnd.connectwise.com+json; version={version}"}


def test_models_by_version(simulator: Simulator, psa: httpx2.Client, place: Place) -> None:
    item, agreement = f"/procurement/catalog/{place.product}", f"/finance/agreements/{place.agreement}"
    latest = psa.get(item).json()
    assert psa.get(item, headers=older("2022.1")).json() == latest
    simulator.switch(C_51="by Accept")
    assert psa.get(item).json() == latest
    assert psa.get(item, headers=older("2025.1")).json() == latest
    gone = latest.keys() - psa.get(item, headers=older("2022.1")).json().keys()
    assert gone == {"billableOption", "markupPercentage", "markupFlag"} | {
        "autoUpdateUnitCostFlag",
        "autoUpdateUnitPriceFlag",
    }
    assert "billZeroAmountFlag" in psa.get(agreement).json()
    assert "billZeroAmountFlag" not in psa.get(agreement, headers=older("2025.1")).json()
    assert psa.get("/finance/agreements/count", headers=older("2022.1")).json()["count"] > 0
    many = psa.get("/finance/agreements", headers=older("2025.1")).json()
    assert many
    assert not any("billZeroAmountFlag" in row for row in many)


def test_lengths_by_version(simulator: Simulator, psa: httpx2.Client, place: Place) -> None:
    simulator.switch(C_51="by Accept")
    body: dict[str, Any] = psa.get(f"/procurement/catalog/{place.product}").json() | {"identifier": "X" * 75}
    refused = psa.post("/procurement/catalog", json=body, headers=older("2022.1"))
    assert (refused.status_code, refused.json()["errors"][0]["code"]) == (400, "MaxLengthField")
    assert psa.post("/procurement/catalog", json=body, headers=older("2025.1")).status_code == 201
