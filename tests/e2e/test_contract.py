"""Every answer of a full run of the product, and every write, is what ConnectWise's API definition says."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from typing import Any

import httpx2

from tests.e2e.world import World
from tests.simulator.definition import definition
from truecount.connectors.connectwise import ConnectWisePsa
from truecount.core.ports import Psa
from truecount.runs.remote import Doors


class Watched(httpx2.BaseTransport):
    """Sends, and notes what the definition has to say against the answer."""

    def __init__(self) -> None:
        self._wire = httpx2.HTTPTransport()
        self.complaints: list[str] = []
        self.seen: Counter[str] = Counter()

    def handle_request(self, request: httpx2.Request) -> httpx2.Response:
        answer = self._wire.handle_request(request)
        body = answer.read()
        whole = httpx2.Response(answer.status_code, headers=answer.headers, content=body, request=request)
        if "/apis/3.0/" in str(request.url):
            self.seen[request.method] += 1
            self.complaints += definition().complaints(whole)
        return whole

    def close(self) -> None:
        self._wire.close()


def watched(world: World) -> Watched:
    """The world's ConnectWise connector over a transport that looks at everything."""
    wire = Watched()

    def psa(_kind: str, fields: Mapping[str, str], secret: str, **more: Any) -> Psa:
        return ConnectWisePsa(private_key=secret, transport=wire, **{**fields, **more})

    world.doors = Doors(psa=psa)
    return wire


def test_every_answer_of_a_full_run_is_as_the_api_is_defined(mapped: World) -> None:
    wire = watched(mapped)
    first = mapped.synchronise()
    assert (first.state, first.converged) == ("done", True)
    line = mapped.psa.state()["additions"][0]
    mapped.psa.change("additions", line["id"], quantity=line["quantity"] + 1)
    again = mapped.synchronise()
    assert (again.state, again.converged) == ("done", True)

    assert wire.seen["POST"] > 0
    assert wire.seen["PATCH"] > 0
    assert wire.seen["GET"] > 20
    assert wire.complaints == []
