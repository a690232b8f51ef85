"""Reading the simulated PSA over HTTP: discovery, keys, paging of both kinds, queries, and the form of records."""

import re
import ssl
from typing import Any

import httpx2
import pytest

from tests.simulator.conftest import CLIENT_ID, PLAIN, ROOT, Place, Simulator, additions, psa_client
from truecount.simulator.contract import Kind, contract, schema
from truecount.simulator.resources import RESOURCES

LINK = re.compile(r'<([^>]*)>; rel="(\w+)"')


def links(answer: httpx2.Response) -> dict[str, str]:
    return {rel: address for address, rel in LINK.findall(answer.headers["link"])}


def test_it_works(psa: httpx2.Client) -> None:
    answer = psa.get("/finance/agreements")
    assert answer.status_code == 200
    assert len(answer.json()) == 25
    assert answer.headers["content-type"] == "application/json; charset=utf-8"
    assert answer.headers["api-current-version"] == "2026.4"


def test_discovery(simulator: Simulator) -> None:
    for base, verify in ((simulator.connectwise, True), (f"https://{simulator.tls}", simulator.certificate)):
        context = verify if verify is True else ssl.create_default_context(cafile=str(verify))
        found = httpx2.get(f"{base}/login/companyinfo/sim", verify=context).json()
        assert found["Codebase"] == "v4_6_release/"
        assert found["IsCloud"] == "True"
        assert base.endswith(found["SiteUrl"])
    unknown = PLAIN.get(f"{simulator.connectwise}/login/companyinfo/nobody")
    assert (unknown.status_code, unknown.text) == (200, "null")


def test_over_tls_with_hrefs_of_the_address_used(simulator: Simulator) -> None:
    context = ssl.create_default_context(cafile=str(simulator.certificate))
    with psa_client(f"https://{simulator.tls}", verify=context) as client:
        company = client.get("/finance/agreements").json()[0]["company"]
    assert company["_info"]["company_href"].startswith(f"https://{simulator.tls}{ROOT}/company/companies/")


@pytest.mark.parametrize(
    ("headers", "status", "code"),
    [
        ({}, 401, "Unauthorized"),
        ({"Authorization": "Basic c2ltK3B1Yjp3cm9uZw==", "clientId": CLIENT_ID}, 401, "Unauthorized"),
        ({"Authorization": "Basic %%%", "clientId": CLIENT_ID}, 401, "Unauthorized"),
        ({"Authorization": "Basic c2ltK3B1Yjpwcml2"}, 403, "Security"),
        ({"Authorization": "Basic c2ltK3B1Yjpwcml2", "clientId": "no guid"}, 403, "Security"),
        ({"authorization": "Basic c2ltK3B1Yjpwcml2", "Clientid": CLIENT_ID}, 200, None),
    ],
)
def test_keys(simulator: Simulator, headers: dict[str, str], status: int, code: str | None) -> None:
    answer = PLAIN.get(f"{simulator.connectwise}{ROOT}/company/companies/count", headers=headers)
    assert answer.status_code == status
    assert answer.json().get("code") == code


@pytest.mark.parametrize(
    "path",
    [
        "/v4_6_release/apis/3.0/company/companies/count/",
        "/v2025_1/apis/3.0/company/companies/count",
        "/v4_6_release/apis/3.0/Company/Companies/Count",
        "/v4_6_release/apis/3.0/company/companies/count?unknown=%zz&pagesize=7",
    ],
)
def test_paths_in_every_form(psa: httpx2.Client, simulator: Simulator, path: str) -> None:
    assert psa.get(simulator.connectwise + path).status_code == 200


@pytest.mark.parametrize(
    "path", ["/v9/apis/3.0/system/info", "/system/info", f"{ROOT}{ROOT}/system/info", "/v4_6_release/apis/2.0/x"]
)
def test_a_wrong_codebase(psa: httpx2.Client, simulator: Simulator, path: str) -> None:
    answer = psa.get(simulator.connectwise + path)
    assert (answer.status_code, answer.text) == (400, "Cannot route. Codebase/company is invalid")


@pytest.mark.parametrize(
    ("method", "path", "status", "code"),
    [
        ("GET", "/finance/agreements/999999", 404, "NotFound"),
        ("GET", "/finance/agreements/999999/additions", 404, "NotFound"),
        ("GET", "/finance/nothing", 404, "NotFound"),
        ("PATCH", "/finance/agreements", 405, "MethodNotAllowed"),
        ("DELETE", "/system/info", 405, "MethodNotAllowed"),
        ("GET", "/procurement/warehouses", 501, "NotSimulated"),
        ("GET", "/finance/agreements?conditions=nothing=1", 400, "ApiFindCondition"),
        ("GET", '/finance/agreements?conditions=agreementStatus like "A"', 400, "ApiFindCondition"),
        ("GET", "/finance/agreements?conditions=company/city=1", 400, "ApiFindCondition"),
        ("GET", "/company/companies?conditions=types/id=1", 400, "ApiFindCondition"),
        ("GET", "/finance/agreements?conditions=" + "(" * 900 + "id=1" + ")" * 900, 400, "ApiFindCondition"),
        ("GET", "/finance/agreements?fields=id,nothing", 400, "ApiFindCondition"),
        ("GET", "/finance/agreements?orderBy=nothing", 400, "ApiFindCondition"),
        ("GET", "/finance/agreements?page=x", 400, "InvalidObject"),
        ("GET", "/finance/agreements?conditions=id in (" + "1," * 1000 + "1)", 414, "UriTooLong"),
    ],
)
def test_refused_reads(psa: httpx2.Client, method: str, path: str, status: int, code: str) -> None:
    answer = psa.request(method, path)
    assert (answer.status_code, answer.json()["code"]) == (status, code)
    assert answer.json()["message"]


def test_navigable_paging(psa: httpx2.Client, simulator: Simulator) -> None:
    ids = [row["id"] for row in simulator.state()["agreements"]]
    size = 7
    last = -(-len(ids) // size)
    read: list[int] = []
    for page in range(1, last + 1):
        answer = psa.get("/finance/agreements", params={"pageSize": size, "page": page, "fields": "id,name"})
        read += [row["id"] for row in answer.json()]
        rels = {rel: int(address.rpartition("&page=")[2]) for rel, address in links(answer).items()}
        wanted = {"first": 1, "last": last}
        wanted |= {"prev": page - 1} if page > 1 else {}
        wanted |= {"next": page + 1} if page < last else {}
        assert rels == wanted
        assert all("fields=id%2Cname" in address for address in links(answer).values())
    assert read == ids
    beyond = psa.get("/finance/agreements", params={"pageSize": size, "page": last + 1})
    assert (beyond.status_code, beyond.json()) == (200, [])


def test_following_links_reads_all(psa: httpx2.Client, simulator: Simulator) -> None:
    condition = 'name != "x, y" and company/id > 0'
    address: str | None = f"{simulator.connectwise}{ROOT}/finance/agreements?pageSize=10&conditions={condition}"
    found = 0
    while address is not None:
        answer = psa.get(address)
        found += len(answer.json())
        address = links(answer).get("next")
    assert found == len(simulator.state()["agreements"])


def test_link_of_a_single_page_and_the_size_cap(psa: httpx2.Client) -> None:
    answer = psa.get("/company/companies", params={"pageSize": 5000})
    assert set(links(answer)) == {"first", "last"}
    assert answer.headers["link"].endswith('pageSize=1000&page=1>; rel="last"')


def test_forward_only_paging(psa: httpx2.Client, simulator: Simulator) -> None:
    forward = {"pagination-type": "forward-only"}
    address = "/finance/agreements?pageSize=20"
    read: list[int] = []
    while address:
        answer = psa.get(address, headers=forward)
        read += [row["id"] for row in answer.json()]
        found = links(answer)
        assert set(found) <= {"next"}
        assert ("next" in found) is (answer.headers["link"] != "")
        address = found.get("next", "")
    assert read == [row["id"] for row in simulator.state()["agreements"]]
    refused = psa.get("/finance/agreements?orderBy=name", headers=forward)
    assert refused.status_code == 400


def test_count_with_and_without_conditions(psa: httpx2.Client, simulator: Simulator) -> None:
    rows = simulator.state()["agreements"]
    assert psa.get("/finance/agreements/count").json() == {"count": len(rows)}
    active = psa.get("/finance/agreements/count", params={"conditions": 'agreementStatus="Active"'}).json()
    assert active == {"count": sum(row["agreementStatus"] == "Active" for row in rows)}
    assert 0 < active["count"] < len(rows)


def test_conditions_on_real_records(psa: httpx2.Client, simulator: Simulator, place: Place) -> None:
    state = simulator.state()
    agreement = next(row for row in state["agreements"] if row["id"] == place.agreement)

    def found(path: str, conditions: str) -> list[int]:
        rows = psa.get(path, params={"conditions": conditions, "pageSize": 1000}).json()
        return [row["id"] for row in rows]

    mine = [row["id"] for row in state["agreements"] if row["company"]["id"] == place.company]
    assert found("/finance/agreements", f"company/id={place.company}") == mine
    assert found("/finance/agreements", f'company/identifier="{agreement["company"]["identifier"]}"') == mine
    assert found("/finance/agreements", "nextInvoiceDate < [2026-12-02] and nextInvoiceDate > [2026-11-30]")
    lines = [row for row in state["additions"] if row["agreementId"] == place.agreement]
    assert found(additions(place), "cancelledDate=null") == [row["id"] for row in lines if "cancelledDate" not in row]
    product = lines[0]["product"]
    assert lines[0]["id"] in found(additions(place), f'product/identifier="{product["identifier"].upper()}"')
    assert found(additions(place), f"product/id={product['id']} and quantity > 100000") == []
    assert found("/company/companies", "lastUpdated > [2026-11-26T00:00:00Z]") == []
    assert found("/company/companies", "_info/lastUpdated > [2020-01-01T00:00:00Z]")


def test_child_and_custom_field_conditions(psa: httpx2.Client, simulator: Simulator) -> None:
    companies = simulator.state()["companies"]
    vendors = psa.get("/company/companies", params={"childConditions": 'types/name="Vendor"'}).json()
    wanted = [row["id"] for row in companies if any(kind["name"] == "Vendor" for kind in row["types"])]
    assert [row["id"] for row in vendors] == wanted
    assert wanted
    simulator.control("PATCH", f"companies/{wanted[0]}", {"customFields": [{"id": 1, "value": "T-77"}]})
    condition = {"customfieldconditions": 'caption="Vendor reference" AND value="t-77"'}
    assert [row["id"] for row in psa.get("/company/companies", params=condition).json()] == [wanted[0]]
    refused = psa.get("/company/companies", params={"childconditions": "types/id in (1)"})
    assert refused.status_code == 400


def test_order_and_fields(psa: httpx2.Client) -> None:
    query: dict[str, str | int] = {
        "orderBy": "company/name desc,id asc",
        "fields": "id,company/name,_info/lastUpdated",
        "pageSize": 1000,
    }
    rows = psa.get("/finance/agreements", params=query).json()
    names = [row["company"]["name"].casefold() for row in rows]
    assert names == sorted(names, reverse=True)
    assert set(rows[0]) == {"id", "company", "_info"}
    assert set(rows[0]["company"]) == {"name"}
    assert set(rows[0]["_info"]) == {"lastUpdated"}
    assert "_info" not in psa.get("/finance/agreements?fields=id").json()[0]


def test_every_collection_answers_with_its_twins(psa: httpx2.Client) -> None:
    for resource in RESOURCES:
        path = resource.path.replace("{id}", str(_parent_id(psa, resource.parent)) if resource.parent else "")
        rows = psa.get(path, params={"pageSize": 1000})
        assert rows.status_code == 200, path
        if "GET" in contract().paths.get(f"{resource.path}/count", {}):
            assert psa.get(f"{path}/count").json() == {"count": len(rows.json())}, path
        if rows.json() and "GET" in contract().paths.get(f"{resource.path}/{{id}}", {}):
            one = psa.get(f"{path}/{rows.json()[0]['id']}")
            assert one.json() == rows.json()[0], path


def _parent_id(psa: httpx2.Client, table: str | None) -> int:
    path = next(resource.path for resource in RESOURCES if resource.table == table)
    return int(psa.get(path, params={"orderBy": "id desc"}).json()[0]["id"])


def wrong_values(name: str, record: dict[str, Any]) -> list[str]:
    """Fields of a record that the contract does not know or that have another form."""
    found = [f"{name}.{key} unknown" for key in set(record) - set(schema(name))]
    for key, field in schema(name).items():
        value = record.get(key)
        if value is not None and not _fits(field.kind, value):
            found.append(f"{name}.{key} is {value!r}")
        if field.kind is Kind.REFERENCE and isinstance(value, dict):
            found += wrong_values(str(field.of), value)
        if field.choices and value is not None and value not in field.choices:
            found.append(f"{name}.{key} is {value!r}")
        if field.maximum is not None and isinstance(value, str) and len(value) > field.maximum:
            found.append(f"{name}.{key} is too long")
        if field.required and value is None:
            found.append(f"{name}.{key} is missing")
    return found


def _fits(kind: Kind, value: Any) -> bool:
    match kind:
        case Kind.INTEGER:
            return type(value) is int
        case Kind.NUMBER:
            return type(value) is float
        case Kind.BOOLEAN:
            return type(value) is bool
        case Kind.STRING:
            return type(value) is str
        case Kind.DATE:
            return re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ", value) is not None
        case Kind.MAP:
            return all(isinstance(item, str) for item in value.values())
        case Kind.LIST:
            return isinstance(value, list)
    return True


def test_every_record_of_the_world_keeps_the_contract(simulator: Simulator) -> None:
    state = simulator.state()
    schemas = {resource.table: resource.schema for resource in reversed(RESOURCES)}
    wrong = [
        line
        for table, rows in state.items()
        if table in schemas
        for row in rows
        for line in wrong_values(schemas[table], row)
    ]
    assert wrong == []
    assert not re.search(r":\s*(null|\"\")[,}]", simulator.control("GET", "state").text)


def test_always_present_fields(simulator: Simulator) -> None:
    state = simulator.state()
    for table, names in {
        "additions": "id agreementId product quantity billCustomer effectiveDate unitPrice",
        "agreements": "id name type company agreementStatus cancelledFlag noEndingDateFlag",
        "catalog": "id identifier description customerDescription",
        "companies": "id identifier name deletedFlag status",
    }.items():
        for row in state[table]:
            assert set(names.split()) <= set(row)


def test_who_am_i(psa: httpx2.Client) -> None:
    assert psa.get("/system/info").json()["version"]
    assert psa.get("/system/myMembers").json()["identifier"] == "SimApi"
    assert psa.get("/system/myMembers/info").json()["fullName"] == "Sim Api"
    rows = {(row["moduleName"], row["moduleFunctionName"]): row for row in psa.get("/system/mySecurity").json()}
    agreements = rows["Finance", "Agreements"]
    assert [agreements[f"{verb}Level"] for verb in ("inquire", "add", "edit", "delete")] == ["All"] * 4
    assert rows["Companies", "Company Maintenance"]["inquireLevel"] == "All"
    assert rows["Companies", "Company Maintenance"]["addLevel"] == "None"
    assert ("Finance", "Invoicing") in rows
    assert ("Procurement", "Product Catalog") in rows


def test_bundles_read_additions_of_many_agreements(psa: httpx2.Client, place: Place) -> None:
    one = {"Version": "2025.1", "SequenceNumber": 7, "ResourceType": "Addition"}
    body = {
        "requests": [
            {**one, "apiRequest": {"parentId": place.agreement, "page": {"pageSize": 1000}}},
            {"sequenceNumber": 9, "resourceType": "addition", "apiRequest": {"parentId": 999999}},
            {"sequenceNumber": 9, "resourceType": "company", "apiRequest": {"id": place.company}},
            {"sequenceNumber": 4, "resourceType": "rocket", "apiRequest": {}},
            {"sequenceNumber": 5, "resourceType": "company", "apiRequest": {"entity": {"id": 1}}},
        ]
    }
    answer = psa.post("/system/bundles", json=body)
    results = answer.json()["results"]
    assert answer.status_code == 200
    assert [result["statusCode"] for result in results] == [200, 404, 200, 400, 405]
    assert [result["success"] for result in results] == [True, False, True, False, False]
    assert results[0]["entities"] == psa.get(additions(place), params={"pageSize": 1000}).json()
    assert results[0]["count"] == len(results[0]["entities"])
    assert results[1]["error"]["message"] == "Agreement 999999 not found"
    assert results[2]["entities"][0]["id"] == place.company
