"""The API definition against what the simulator does: a whole client's run, every simulated route, and fuzzing.

The hook of `psa_client` compares every answer of the other tests in the same way.
"""

import json
import os
from typing import Any

import httpx2
import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from schemathesis.core import NOT_SET
from schemathesis.core.result import Ok

from tests.simulator.conftest import CLIENT_ID, ROOT, Place, Simulator, additions, new_line, psa_client
from tests.simulator.definition import WHOLE, Definition
from truecount.simulator.connectwise import _endpoints

ROUTES = sorted({template for verb, template in _endpoints() if verb == "GET"})


@pytest.fixture(scope="module", autouse=True)
def _facts() -> None:
    """Where the facts are meant to be there, their absence is no reason to check less."""
    assert WHOLE.exists() or not os.environ.get("TRUECOUNT_FACTS"), f"{WHOLE} is missing"


def first_id(psa: httpx2.Client, path: str) -> int:
    rows = psa.get(path, params={"pageSize": 1}).json()
    return int(rows[0]["id"]) if rows else 1


def filled(psa: httpx2.Client, template: str, place: Place) -> str:
    """A concrete path; each id is one that exists where there is any."""
    path = ""
    for part in template.strip("/").split("/"):
        if part != "{id}":
            path += f"/{part}"
        elif path == "/finance/agreements":
            path += f"/{place.agreement}"
        elif path in ("/procurement/catalog", "/company/companies"):
            path += f"/{place.product if 'catalog' in path else place.company}"
        else:
            path += f"/{first_id(psa, path)}"
    return path


@pytest.mark.parametrize("template", ROUTES)
def test_every_readable_route(simulator: Simulator, psa: httpx2.Client, place: Place, template: str) -> None:
    answer = psa.get(filled(psa, template, place))
    assert answer.status_code in (200, 404), answer.text
    assert answer.status_code == 200 or answer.json()["code"] == "NotFound"


def test_a_whole_run_of_a_client(simulator: Simulator, psa: httpx2.Client, place: Place) -> None:
    simulator.switch(permissions={"companies": "IAED", "setup": "IAED"})
    steps: list[tuple[str, str, Any]] = [
        ("GET", "/system/info", None),
        ("GET", "/system/myMembers", None),
        ("GET", "/system/mySecurity", None),
        ("GET", "/company/companies?pageSize=1000", None),
        ("GET", "/finance/agreements?pageSize=1000", None),
        ("GET", "/procurement/catalog?pageSize=1000", None),
        ("GET", f"{additions(place)}?pageSize=1000", None),
        ("POST", additions(place), new_line(place)),
        ("POST", "/company/companies", {"identifier": "NewOne", "name": "New One", "city": "Lyon"}),
        ("POST", f"/finance/agreements/{place.agreement}/adjustments", {"amount": 1.5}),
        ("POST", f"/finance/agreements/{place.agreement}/invoice", None),
        ("POST", f"/procurement/catalog/{place.product}/copy", None),
        ("GET", "/finance/invoices?pageSize=1000", None),
    ]
    for verb, path, body in steps:
        answer = psa.request(verb, path, json=body)
        assert answer.is_success, (path, answer.text)
    asked = {"sequenceNumber": 1, "resourceType": "addition", "apiRequest": {"parentId": place.agreement}}
    broken = {"sequenceNumber": 2, "resourceType": "addition", "apiRequest": {"parentId": 999999}}
    assert psa.post("/system/bundles", json={"requests": [asked, broken]}).status_code == 200
    line = psa.get(additions(place)).json()[-1]
    address = f"{additions(place)}/{line['id']}"
    assert psa.patch(address, json=[{"op": "replace", "path": "quantity", "value": "12"}]).status_code == 200
    assert psa.put(address, json={**line, "quantity": 3}).status_code == 200


def test_a_whole_world_after_a_year(simulator: Simulator, psa: httpx2.Client) -> None:
    simulator.set_clock("2028-01-15T00:00:00Z")
    for path in ("/finance/agreements", "/finance/invoices", "/finance/agreementrecap", "/system/audittrail"):
        assert psa.get(path, params={"pageSize": 1000}).status_code == 200


@pytest.mark.parametrize("whole", [True, False])
def test_what_is_wrong_is_seen(simulator: Simulator, place: Place, whole: bool) -> None:
    if whole and not WHOLE.exists():
        pytest.skip("the facts are not beside this clone")
    checker = Definition(whole=whole)
    with httpx2.Client(verify=False) as plain:
        request = plain.build_request("GET", f"{simulator.connectwise}{ROOT}{additions(place)}")
    for body in (
        [{"id": "five", "product": {"id": 1}, "billCustomer": "Billable"}],
        [{"id": 5, "billCustomer": "Billable"}],
        [{"id": 5, "product": {"id": 1}, "billCustomer": "Sometimes"}],
        [{"id": 5, "product": {"id": 1}, "billCustomer": "Billable", "effectiveDate": "1 May"}],
    ):
        answer = httpx2.Response(200, json=body, request=request)
        assert list(checker.complaints(answer)), body
    good = [{"id": 5, "product": {"id": 1}, "billCustomer": "Billable", "effectiveDate": "2026-05-01T00:00:00Z"}]
    assert not list(checker.complaints(httpx2.Response(200, json=good, request=request)))
    assert list(checker.complaints(httpx2.Response(207, json=good, request=request)))


FUZZED = (
    "/finance/agreements",
    "/finance/agreements/{id}",
    "/finance/agreements/{parentId}/additions",
    "/finance/agreements/{parentId}/additions/{id}",
    "/procurement/catalog",
    "/procurement/catalog/{id}",
    "/company/companies/count",
    "/system/callbacks",
    "/system/bundles",
)


def fuzzed_definition() -> dict[str, Any]:
    """The routes that are fuzzed, with any JSON where the definition's own defects say object."""
    whole: dict[str, Any] = json.loads(WHOLE.read_text(encoding="utf-8"))
    whole["paths"] = {path: node for path, node in whole["paths"].items() if path in FUZZED}
    for schema, name in (("PatchOperation", "value"), ("CustomFieldValue", "value")):
        whole["components"]["schemas"][schema]["properties"][name] = {}
    return whole


@pytest.mark.skipif(not WHOLE.exists(), reason="the facts are not beside this clone")
def test_fuzzed_requests_never_break_it(simulator: Simulator, place: Place) -> None:
    """Whatever comes, the server answers as documented: no 500, and every accepted answer is of its schema."""
    simulator.switch(C_46="off", permissions={"companies": "IAED"})
    schema = schemathesis.openapi.from_dict(fuzzed_definition())
    seen: set[int] = set()
    with psa_client(simulator.connectwise) as client:
        for result in schema.get_all_operations():
            assert isinstance(result, Ok)
            operation = result.ok()

            @settings(
                max_examples=8,
                deadline=None,
                database=None,
                derandomize=True,
                phases=[Phase.generate],
                suppress_health_check=list(HealthCheck),
            )
            @given(case=operation.as_strategy())
            def once(case: Any) -> None:
                seen.add(sent(client, case).status_code)

            once()
    assert {200, 400} <= seen, seen
    assert 500 not in seen


def sent(client: httpx2.Client, case: Any) -> httpx2.Response:
    """A generated case over our own client, whose hook validates; an id that does not exist is as good as one."""
    path = case.path
    for name, value in (case.path_parameters or {}).items():
        path = path.replace(f"{{{name}}}", str(value) if str(value).isdigit() else "100")
    query = {key: str(value) for key, value in (case.query or {}).items()}
    body = case.body
    more = {} if body is NOT_SET else {"json": body}
    answer = client.request(case.method, path, params=query, headers={"clientId": CLIENT_ID}, **more)
    assert answer.status_code in (200, 201, 204, 400, 404, 405, 409, 414, 415), (case.method, path, answer.text)
    return answer
