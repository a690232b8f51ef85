"""The table of switches: how it is listed and changed, that each switch does something, and the rights by module."""

from collections.abc import Callable
from typing import Any

import httpx2
import pytest

from tests.simulator.conftest import PLAIN, ROOT, Place, Simulator, additions, new_line, token
from truecount.simulator.switch_table import SWITCHES

Look = Callable[[httpx2.Client, Simulator, Place], Any]


def test_every_switch_is_listed_with_its_default(simulator: Simulator) -> None:
    for vendor in (False, True):
        listed = simulator.control("GET", "switches", vendor=vendor).json()
        for switch in SWITCHES:
            row = listed[switch.id]
            assert row["value"] == row["default"] == row["choices"][0]
            assert row["says"]
        assert listed["C-46"]["choices"] == ["1000", "100", "no Retry-After", "off"]


@pytest.mark.parametrize(
    "wanted",
    [
        {"C-99": "x"},
        {"C-46": "sometimes"},
        {"permissions": {"rockets": "I"}},
        {"permissions": {"catalog": "X"}},
        "C-46",
    ],
)
def test_what_does_not_exist_is_refused(simulator: Simulator, wanted: Any) -> None:
    body = {"C-34": "accepted", **wanted} if isinstance(wanted, dict) else wanted
    answer = simulator.control("PATCH", "switches", body)
    assert answer.status_code == 400
    assert answer.json()["error"]
    assert simulator.control("GET", "switches").json()["C-34"]["value"] == "400", "all or nothing"


def test_values_in_any_case_and_as_json(simulator: Simulator) -> None:
    simulator.switch(C_46="OFF", C_01=400, C_06=True)
    simulator.switch(C_36="quantity × unitPrice", C_09="no header", C_27="400 InvalidObject/ObjectExists")
    listed = simulator.control("GET", "switches").json()
    assert [listed[id]["value"] for id in ("C-46", "C-01", "C-06")] == ["off", "400", "boolean"]
    assert [listed[id]["value"] for id in ("C-36", "C-09", "C-27")] == ["quantity", "absent", "400"]
    simulator.control("POST", "reset")
    assert simulator.control("GET", "switches").json()["C-46"]["value"] == "1000"


def post(body: dict[str, Any]) -> Look:
    """Creates an addition; what it holds then, or the status where it is refused."""

    def look(psa: httpx2.Client, simulator: Simulator, place: Place) -> Any:
        whole = {name: value for name, value in new_line(place, **body).items() if value is not None}
        answer = psa.post(additions(place), json=whole)
        kept = ("quantity", "unitPrice", "billCustomer", "effectiveDate", "extPrice", "serialNumber")
        return answer.status_code, {name: answer.json().get(name) for name in kept}

    return look


def get(path: str, **headers: str) -> Look:
    def look(psa: httpx2.Client, simulator: Simulator, place: Place) -> Any:
        answer = psa.get(path.replace("{agreement}", str(place.agreement)), headers=headers)
        return answer.status_code, answer.headers.get("link"), answer.text[:2000]

    return look


def patch(path: str, *operations: dict[str, Any]) -> Look:
    def look(psa: httpx2.Client, simulator: Simulator, place: Place) -> Any:
        address = path.replace("{company}", str(place.company)).replace("{agreement}", str(place.agreement))
        line = psa.get(additions(place)).json()[0]
        return psa.patch(address.replace("{line}", str(line["id"])), json=list(operations)).status_code

    return look


def outside(path: str) -> Look:
    """A path beside the API's root."""
    return lambda psa, simulator, place: psa.get(simulator.connectwise + path).text


def product_of_kind(name: str, value: Any) -> Look:
    def look(psa: httpx2.Client, simulator: Simulator, place: Place) -> Any:
        id = next(row["id"] for row in simulator.state()["catalog"] if row[name] == value)
        return psa.post(additions(place), json=new_line(place, product={"id": id})).status_code

    return look


def without_keys(path: str) -> Look:
    return lambda psa, simulator, place: PLAIN.get(f"{simulator.connectwise}{ROOT}{path}").status_code


def wrong_keys(psa: httpx2.Client, simulator: Simulator, place: Place) -> Any:
    try:
        answer = psa.get("/system/info", auth=("sim+pub", "wrong"))
    except httpx2.HTTPError:
        return "no answer"
    return answer.status_code, answer.json().get("code")


def without_client_id(psa: httpx2.Client, simulator: Simulator, place: Place) -> Any:
    return psa.get("/system/info", headers={"clientId": ""}).status_code


def ended_agreement(psa: httpx2.Client, simulator: Simulator, place: Place) -> Any:
    simulator.control("PATCH", f"agreements/{place.agreement}", {"cancelledFlag": True})
    return psa.post(additions(place), json=new_line(place)).status_code


def same_product(psa: httpx2.Client, simulator: Simulator, place: Place) -> Any:
    psa.post(additions(place), json=new_line(place))
    simulator.set_clock("2026-12-02T09:00:00Z")
    return psa.post(additions(place), json=new_line(place, effectiveDate="2027-01-01T00:00:00Z")).status_code


def same_identifier(psa: httpx2.Client, simulator: Simulator, place: Place) -> Any:
    item = simulator.state()["catalog"][0]
    body = {name: item[name] for name in ("identifier", "description", "customerDescription", "subcategory", "type")}
    return psa.post("/procurement/catalog", json=body).status_code


def deleted_line(psa: httpx2.Client, simulator: Simulator, place: Place) -> Any:
    return psa.delete(f"{additions(place)}/{psa.get(additions(place)).json()[0]['id']}").status_code


def deleted_agreement(psa: httpx2.Client, simulator: Simulator, place: Place) -> Any:
    return psa.delete(f"/finance/agreements/{place.agreement}").status_code


def price_change(psa: httpx2.Client, simulator: Simulator, place: Place) -> Any:
    line = psa.post(additions(place), json=new_line(place)).json()
    body = [
        {"op": "replace", "path": "autoUpdateUnitPriceFlag", "value": True},
        {"op": "replace", "path": "price", "value": 77},
    ]
    assert psa.patch(f"/procurement/catalog/{place.product}", json=body).status_code == 200
    return psa.get(f"{additions(place)}/{line['id']}").json()["unitPrice"]


def prorated_line(psa: httpx2.Client, simulator: Simulator, place: Place) -> Any:
    simulator.control("PATCH", f"agreements/{place.agreement}", {"prorateFlag": True})
    return psa.post(additions(place), json=new_line(place, effectiveDate="2026-12-11T00:00:00Z", unitPrice=31)).json()[
        "proratePrice"
    ]


def prorated_change(psa: httpx2.Client, simulator: Simulator, place: Place) -> Any:
    simulator.control("PATCH", f"agreements/{place.agreement}", {"prorateFlag": True})
    line = psa.get(additions(place)).json()[0]
    body = [{"op": "replace", "path": "quantity", "value": 100}]
    psa.patch(f"{additions(place)}/{line['id']}", json=body)
    made = psa.post(f"/finance/agreements/{place.agreement}/invoice").json()
    return psa.get(f"/finance/invoices/{made}").json()["productTotal"]


def early_line(psa: httpx2.Client, simulator: Simulator, place: Place) -> Any:
    simulator.control("PATCH", f"agreements/{place.agreement}", {"prorateFlag": True})
    return psa.post(additions(place), json=new_line(place, effectiveDate="2001-01-01T00:00:00Z")).status_code


def foreign_currency(psa: httpx2.Client, simulator: Simulator, place: Place) -> Any:
    simulator.control("PATCH", f"agreements/{place.agreement}", {"currency": {"id": 2}})
    return psa.post(additions(place), json=new_line(place)).status_code


def less_included(psa: httpx2.Client, simulator: Simulator, place: Place) -> Any:
    return psa.post(additions(place), json=new_line(place, lessIncluded=1)).json()["extPrice"]


def no_route(psa: httpx2.Client, simulator: Simulator, place: Place) -> Any:
    answer = psa.get("/nothing")
    return answer.headers.get("content-type"), answer.text


def throttled(psa: httpx2.Client, simulator: Simulator, place: Place) -> Any:
    for number in range(1001):
        answer = psa.get("/system/info")
        if answer.status_code == 429:
            return number, answer.headers.get("retry-after")
    return None


def mixed_bundle(psa: httpx2.Client, simulator: Simulator, place: Place) -> Any:
    one = {"sequenceNumber": 1, "resourceType": "addition", "apiRequest": {"parentId": 999999}}
    counts = (1, 60, 110)
    return [psa.post("/system/bundles", json={"requests": [one] * count}).status_code for count in counts]


def second_page(psa: httpx2.Client, simulator: Simulator, place: Place) -> Any:
    line = psa.get(additions(place)).json()[0] if psa.get("/system/info").status_code == 200 else {"id": 0}
    psa.patch(f"{additions(place)}/{line['id']}", json=[])
    upcoming = psa.get(f"/finance/agreements/{place.agreement}?fields=nextInvoiceDate").text
    return upcoming, psa.get("/finance/agreements?pageSize=5&page=2&fields=id").text


def no_right(psa: httpx2.Client, simulator: Simulator, place: Place) -> Any:
    return psa.post("/company/companies", json={}).status_code


def vendor_usage(psa: httpx2.Client, simulator: Simulator, place: Place) -> Any:
    headers = {"Authorization": f"Bearer {token(simulator)['access_token']}"}
    headers["X-Partner-ID"] = PLAIN.get(f"{simulator.sophos}/whoami/v1", headers=headers).json()["id"]
    path = f"{simulator.sophos}/partner/v1/billing/usage"
    return [PLAIN.get(f"{path}/2026/{month}?pageSize=1000", headers=headers).json() for month in (10, 11)]


def vendor_limit(psa: httpx2.Client, simulator: Simulator, place: Place) -> Any:
    headers = {"Authorization": f"Bearer {token(simulator)['access_token']}"}
    with httpx2.Client(base_url=simulator.sophos, headers=headers, verify=False) as client:
        return {client.get("/whoami/v1").status_code for _ in range(12)}


def vendor_refusal(psa: httpx2.Client, simulator: Simulator, place: Place) -> Any:
    answer = PLAIN.post(f"{simulator.sophos}/api/v2/oauth2/token", data={"client_id": "x"})
    return answer.status_code, set(answer.json())


def vendor_keys(psa: httpx2.Client, simulator: Simulator, place: Place) -> Any:
    headers = {"Authorization": f"Bearer {token(simulator)['access_token']}"}
    headers["X-Partner-ID"] = PLAIN.get(f"{simulator.sophos}/whoami/v1", headers=headers).json()["id"]
    return set(PLAIN.get(f"{simulator.sophos}/partner/v1/tenants", headers=headers).json()["items"][0])


def vendor_status(psa: httpx2.Client, simulator: Simulator, place: Place) -> Any:
    id = simulator.state(vendor=True)["customers"][0]["id"]
    return simulator.control("PATCH", f"customers/{id}", {"status": "canceled"}, vendor=True).json()["status"]


QUANTITY = {"op": "replace", "path": "quantity", "value": 1}

LOOKS: dict[str, Look] = {
    "C-01": without_client_id,
    "C-02": wrong_keys,
    "C-03": without_keys("/system/info"),
    "C-04": outside("/v9/apis/3.0/system/info"),
    "C-05": outside("/login/companyinfo/nobody"),
    "C-06": outside("/login/companyinfo/sim"),
    "C-07": outside(f"{ROOT}/system/info"),
    "C-08": get("/finance/agreements?pageSize=1001"),
    "C-09": get("/finance/agreements/{agreement}/additions?pageSize=1&page=4000"),
    "C-10": get("/finance/agreements/{agreement}/additions?pageSize=1000"),
    "C-11": get("/finance/agreements?pageSize=1000", **{"pagination-type": "forward-only"}),
    "C-12": get("/finance/agreements?fields=id"),
    "C-13": get("/finance/agreements?fields=id,nothing"),
    "C-15": get("/finance/agreements?conditions=startDate >= [2021-01-01T00:00:00Z]"),
    "C-16": get('/system/members?conditions=identifier="SIMAPI"'),
    "C-17": get(r'/system/members?conditions=identifier="\""'),
    "C-18": patch("/finance/agreements/{agreement}", {"op": "replace", "path": "type/name", "value": "x"}),
    "C-19": patch("/finance/agreements/{agreement}/additions/{line}", {"op": "replace", "path": "nothing", "value": 1}),
    "C-20": patch("/finance/agreements/{agreement}/additions/{line}", {"op": "replace", "path": "margin", "value": 1}),
    "C-21": post({"effectiveDate": "2026-12-01T00:00:00.000Z"}),
    "C-22": patch("/company/companies/{company}", {"op": "replace", "path": "city", "value": "Lyon"}),
    "C-23": patch("/company/companies/{company}", {"op": "replace", "path": "types", "value": [{"id": 2}]}),
    "C-24": post({"billCustomer": None}),
    "C-25": post({"effectiveDate": None}),
    "C-26": post({}),
    "C-27": same_identifier,
    "C-28": post({"serialNumber": "x" * 60}),
    "C-29": product_of_kind("inactiveFlag", True),
    "C-30": ended_agreement,
    "C-31": product_of_kind("productClass", "Bundle"),
    "C-32": same_product,
    "C-33": post({"quantity": 0}),
    "C-34": post({"quantity": -2}),
    "C-35": post({"quantity": 2.6}),
    "C-36": less_included,
    "C-37": early_line,
    "C-38": post({"effectiveDate": "2026-11-01T00:00:00Z"}),
    "C-39": prorated_change,
    "C-40": prorated_line,
    "C-41": patch(
        "/finance/agreements/{agreement}/additions/{line}",
        {"op": "replace", "path": "cancelledDate", "value": "2026-11-10T00:00:00Z"},
    ),
    "C-42": deleted_line,
    "C-43": deleted_agreement,
    "C-44": no_route,
    "C-45": price_change,
    "C-46": throttled,
    "C-48": mixed_bundle,
    "C-49": get("/finance/agreements/count?conditions=id > 0 or id > 0 and id < 0"),
    "C-50": foreign_currency,
    "C-51": get(
        "/finance/agreements/{agreement}?fields=billZeroAmountFlag",
        accept="application/vnd.connectwise.com+json; version=2025.1",
    ),
    "C-52": second_page,
    "C-53": no_right,
    "S-26": vendor_limit,
    "S-27": vendor_usage,
    "S-28": vendor_status,
    "S-32": vendor_usage,
    "S-33": vendor_refusal,
    "S-34": vendor_usage,
    "S-FIELDS": vendor_keys,
}
LIKE_THE_DEFAULT = {("C-15", "today empty"), ("C-40", "banker's")}
"""Choices that their look can't tell from the default; other tests do."""


ELSEWHERE = {"C-47"}
"""Their looks need more than a call: test_callbacks.py."""


def test_every_switch_has_a_look() -> None:
    assert {switch.id for switch in SWITCHES if len(switch.choices) > 1} == set(LOOKS) | ELSEWHERE


@pytest.mark.parametrize("id", LOOKS)
def test_each_choice_does_something(simulator: Simulator, psa: httpx2.Client, place: Place, id: str) -> None:
    switch = next(switch for switch in SWITCHES if switch.id == id)
    seen = []
    for choice in switch.choices:
        simulator.control("POST", "reset")
        rights = {"companies": "IE"} if id in ("C-22", "C-23") else {}
        simulator.switch(permissions=rights, **{id.replace("-", "_"): choice})
        seen.append(LOOKS[id](psa, simulator, place))
    for number, choice in enumerate(switch.choices[1:], start=1):
        assert (seen[number] != seen[0]) is ((id, choice) not in LIKE_THE_DEFAULT), f"{id} {choice}: {seen[number]}"


def test_dates_of_today(simulator: Simulator, psa: httpx2.Client) -> None:
    simulator.set_clock("2027-01-01T08:00:00Z")
    query = {"conditions": "nextInvoiceDate >= [2027-01-01]"}
    assert psa.get("/finance/agreements/count", params=query).json()["count"]
    simulator.switch(C_15="today empty")
    assert psa.get("/finance/agreements/count", params=query).json() == {"count": 0}


def test_bankers_rounding(simulator: Simulator, psa: httpx2.Client, place: Place) -> None:
    simulator.control("PATCH", f"agreements/{place.agreement}", {"prorateFlag": True})
    body = new_line(place, effectiveDate="2027-02-14T00:00:00Z", unitPrice=0.05)
    prices = []
    for choice in ("half-up", "banker's"):
        simulator.switch(C_40=choice)
        prices.append(psa.post(additions(place), json=body).json()["proratePrice"])
    assert prices == [0.03, 0.02], "half of 0.05"


def test_codebase_change(simulator: Simulator, psa: httpx2.Client) -> None:
    simulator.switch(C_52="codebase change")
    assert psa.get("/system/info").text.startswith("Cannot route")
    found = PLAIN.get(f"{simulator.connectwise}/login/companyinfo/sim").json()
    assert psa.get(f"{simulator.connectwise}/{found['Codebase']}apis/3.0/system/info").status_code == 200


def test_rate_limit(simulator: Simulator, psa: httpx2.Client) -> None:
    simulator.switch(C_46="100")
    answers = [psa.get("/system/info") for _ in range(101)]
    assert [answer.status_code for answer in answers] == [200] * 100 + [429]
    assert answers[-1].headers["retry-after"] == "30"
    message = "Too many requests. Please try again in 30 seconds."
    assert answers[-1].json() == {"error": "ConnectWiseAPI", "message": message}
    simulator.control("DELETE", "requests")
    assert psa.get("/system/info").status_code == 429, "the minute goes on"
    simulator.switch(C_46="off")
    assert psa.get("/system/info").status_code == 200


@pytest.mark.parametrize(
    ("verb", "right"), [("GET", "I"), ("POST", "A"), ("PATCH", "E"), ("PUT", "E"), ("DELETE", "D")]
)
def test_each_verb_needs_its_right(
    simulator: Simulator, psa: httpx2.Client, place: Place, verb: str, right: str
) -> None:
    path = additions(place) if verb in ("GET", "POST") else f"{additions(place)}/999999"
    simulator.switch(permissions={"agreements": "IAED".replace(right, "")})
    refused = psa.request(verb, path, json=[])
    message = "You do not have security permission to perform this action."
    assert (refused.status_code, refused.json()["message"]) == (403, message)
    simulator.switch(permissions={"agreements": right})
    assert psa.request(verb, path, json=[]).status_code != 403


def test_rights_are_shown(simulator: Simulator, psa: httpx2.Client) -> None:
    simulator.switch(permissions={"agreements": "IA", "invoices": ""})
    rows = {row["moduleFunctionName"]: row for row in psa.get("/system/mySecurity").json()}
    levels = [rows["Agreements"][f"{verb}Level"] for verb in ("inquire", "add", "edit", "delete")]
    assert levels == ["All", "All", "None", "None"]
    assert rows["Invoicing"]["inquireLevel"] == "None"
    assert psa.get("/finance/invoices").status_code == 403
