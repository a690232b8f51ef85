"""Callbacks against a receiver that really listens: who is called, the address, the body, the signature, retries."""

import base64
import hashlib
import hmac
import json
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import httpx2
import pytest

from tests.simulator.conftest import PLAIN, Place, Simulator, additions, new_line


@dataclass(kw_only=True)
class Receiver:
    url: str = ""
    statuses: list[int] = field(default_factory=list)
    """What to answer, in this order; 200 when it is used up."""
    calls: list[tuple[str, dict[str, Any], bytes, str]] = field(default_factory=list)

    def wait(self, number: int, seconds: float = 5.0) -> list[tuple[str, dict[str, Any], bytes, str]]:
        until = time.monotonic() + seconds
        while len(self.calls) < number and time.monotonic() < until:
            time.sleep(0.01)
        assert len(self.calls) == number
        return self.calls


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    held = Receiver()

    class Listener(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["content-length"]))
            held.calls.append((self.path, json.loads(body), body, self.headers["x-content-signature"]))
            self.send_response(held.statuses.pop(0) if held.statuses else 200)
            self.end_headers()

        def log_message(self, *arguments: object) -> None:
            """Silence."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Listener) as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.02,))
        thread.start()
        held.url = f"http://127.0.0.1:{server.server_port}/cb?recordId="
        yield held
        server.shutdown()
        thread.join()


def register(psa: httpx2.Client, receiver: Receiver, **more: Any) -> int:
    body = {"url": receiver.url, "objectId": 1, "type": "agreement", "level": "owner", "description": "test", **more}
    answer = psa.post("/system/callbacks", json=body)
    assert answer.status_code == 201, answer.text
    id: int = answer.json()["id"]
    return id


def rename(psa: httpx2.Client, place: Place, name: str = "Renamed") -> None:
    change = [{"op": "replace", "path": "name", "value": name}]
    assert psa.patch(f"/finance/agreements/{place.agreement}", json=change).status_code == 200


def test_a_change_is_called_with_a_signature(
    simulator: Simulator, psa: httpx2.Client, place: Place, receiver: Receiver
) -> None:
    register(psa, receiver)
    rename(psa, place)
    ((path, body, raw, signature),) = receiver.wait(1)
    assert path == f"/cb?recordId={place.agreement}&action=updated"
    assert (body["Action"], body["ID"], body["Type"], body["CompanyId"]) == (
        "updated",
        place.agreement,
        "agreement",
        "sim",
    )
    entity = json.loads(body["Entity"])
    assert entity == psa.get(f"/finance/agreements/{place.agreement}").json()
    key = PLAIN.get(body["Metadata"]["key_url"]).json()["signing_key"]
    digest = hmac.new(hashlib.sha256(key.encode()).digest(), raw, hashlib.sha256).digest()
    assert signature == base64.b64encode(digest).decode()


def test_added_and_deleted(psa: httpx2.Client, place: Place, receiver: Receiver) -> None:
    register(psa, receiver, type="Product Catalog")
    made = psa.post(f"/procurement/catalog/{place.product}/copy").json()["id"]
    assert psa.delete(f"/procurement/catalog/{made}").status_code == 204
    actions = {(body["ID"], body["Action"]) for _, body, _, _ in receiver.wait(2)}
    assert actions == {(made, "added"), (made, "deleted")}


def test_levels_choose_the_records(psa: httpx2.Client, place: Place, receiver: Receiver) -> None:
    register(psa, receiver, level="Agreement", objectId=place.agreement + 1)
    register(psa, receiver, level="Company", objectId=place.company)
    quiet = register(psa, receiver)
    change = [{"op": "replace", "path": "inactiveFlag", "value": True}]
    assert psa.patch(f"/system/callbacks/{quiet}", json=change).json()["inactiveFlag"] is True
    rename(psa, place)
    receiver.wait(1)
    time.sleep(0.2)
    assert len(receiver.calls) == 1


def test_the_lines_of_an_agreement(simulator: Simulator, psa: httpx2.Client, place: Place, receiver: Receiver) -> None:
    register(psa, receiver, level="Agreement", objectId=place.agreement)
    psa.post(additions(place), json=new_line(place))
    simulator.switch(C_47="updated")
    psa.post(additions(place), json=new_line(place))
    ((_, body, _, _),) = receiver.wait(1)
    assert (body["ID"], body["Action"]) == (place.agreement, "updated")


def test_own_changes_can_be_suppressed(
    simulator: Simulator, psa: httpx2.Client, place: Place, receiver: Receiver
) -> None:
    register(psa, receiver, isSelfSuppressedFlag=True)
    rename(psa, place)
    simulator.control("PATCH", f"agreements/{place.agreement}", {"name": "By hand"})
    ((_, body, _, _),) = receiver.wait(1)
    assert json.loads(body["Entity"])["name"] == "By hand"


def test_some_failures_are_retried(psa: httpx2.Client, place: Place, receiver: Receiver) -> None:
    receiver.statuses = [429]
    register(psa, receiver)
    began = time.monotonic()
    rename(psa, place)
    receiver.wait(2)
    assert 1.9 < time.monotonic() - began < 4


def test_others_are_not_retried_and_three_days_of_them_disable(
    simulator: Simulator, psa: httpx2.Client, place: Place, receiver: Receiver
) -> None:
    receiver.statuses = [500, 500]
    id = register(psa, receiver)
    rename(psa, place, "One")
    receiver.wait(1)
    assert psa.get(f"/system/callbacks/{id}").json()["inactiveFlag"] is False
    simulator.set_clock("2026-11-29T10:00:00Z")
    rename(psa, place, "Two")
    receiver.wait(2)
    time.sleep(0.1)
    assert psa.get(f"/system/callbacks/{id}").json()["inactiveFlag"] is True
    rename(psa, place, "Three")
    time.sleep(0.2)
    assert len(receiver.calls) == 2


def test_what_is_refused(psa: httpx2.Client, receiver: Receiver) -> None:
    body = {"url": receiver.url, "objectId": 1, "type": "agreement", "level": "owner"}
    for name in body:
        rest = {key: value for key, value in body.items() if key != name}
        assert psa.post("/system/callbacks", json=rest).status_code == 400
    assert psa.post("/system/callbacks", json={**body, "type": "weather"}).status_code == 400
    assert psa.post("/system/callbacks", json={**body, "url": "nowhere"}).status_code == 400
    assert psa.post("/system/callbacks", json={**body, "description": "x" * 101}).status_code == 400
