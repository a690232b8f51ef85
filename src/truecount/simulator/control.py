"""The control calls under /_sim: what both systems hold, count and are told to do; never counted themselves."""

import json
from typing import Any

from truecount.simulator.clock import Clock, moment_text, read_moment
from truecount.simulator.connectwise import ConnectWise
from truecount.simulator.edits import BadControl, Json
from truecount.simulator.edits_psa import BooksEdits
from truecount.simulator.edits_vendor import VENDOR_COLLECTIONS, VendorEdits
from truecount.simulator.faults import BadRule, read_rules
from truecount.simulator.front import Front
from truecount.simulator.sophos import Sophos
from truecount.simulator.switches import Switches, UnknownChoice
from truecount.simulator.wire import JSON_TYPE, Answer, Call, addressed, dumps, empty_answer, json_answer

FURTHEST = 20
"""Years that the clock may be moved; every month between is invoiced."""


class Control:
    """Both systems, as the control calls reach them."""

    def __init__(self, *, clock: Clock, switches: Switches, connectwise: ConnectWise, sophos: Sophos) -> None:
        self.clock = clock
        self.switches = switches
        self.connectwise = connectwise
        self.sophos = sophos
        self.fronts: list[Front] = []

    def __call__(self, front: Front, call: Call) -> Answer:
        for known in self.fronts:
            known.system.catch_up()
        try:
            answer = self._routed(front, call)
        except BadControl as error:
            return json_answer(error.status, {"error": str(error)})
        except (BadRule, UnknownChoice) as error:
            return json_answer(400, {"error": str(error)})
        return addressed(answer, call)

    def _routed(self, front: Front, call: Call) -> Answer:
        parts = call.path.strip("/").split("/")[1:]
        match call.method, parts:
            case "GET", ["state"]:
                return self._state(front)
            case "GET", ["requests"]:
                return json_answer(200, front.requests.listed())
            case "DELETE", ["requests"]:
                front.requests.reset()
                return empty_answer(204)
            case "POST", ["reset"]:
                self._reset()
                return empty_answer(204)
            case "POST", ["clock"]:
                return self._clock(_object(call))
            case "POST", ["faults"]:
                front.faults.set(read_rules(_body(call)))
                return json_answer(200, {"rules": len(front.faults.rules)})
            case "DELETE", ["faults"]:
                front.faults.set([])
                return empty_answer(204)
            case "GET", ["switches"]:
                return json_answer(200, self.switches.listed())
            case "PATCH", ["switches"]:
                self.switches.change(_object(call))
                self.connectwise.books.forget()
                return json_answer(200, self.switches.listed())
            case "POST", [collection]:
                return self._world_of(collection).create(collection, _object(call))
            case "PATCH", [collection, id]:
                return self._world_of(collection).patch(collection, id, _object(call))
            case "DELETE", [collection, id]:
                return self._world_of(collection).delete(collection, id)
        raise BadControl(404, f"no control call {call.method} {call.path}")

    def _world(self, front: Front) -> VendorEdits | BooksEdits:
        if front.system is self.sophos:
            return VendorEdits(self.sophos.vendor)
        return BooksEdits(self.connectwise.books)

    def _world_of(self, collection: str) -> VendorEdits | BooksEdits:
        """Collections of both systems are reached on either port; their names differ."""
        if collection in VENDOR_COLLECTIONS:
            return VendorEdits(self.sophos.vendor)
        return BooksEdits(self.connectwise.books)

    def _state(self, front: Front) -> Answer:
        world = self._world(front)
        now = dumps(moment_text(self.clock.now()))
        tables = [b'"now":' + now]
        for name, records in world.state():
            tables.append(dumps(name) + b":[" + b",".join(records) + b"]")
        return Answer(status=200, body=b"{" + b",".join(tables) + b"}", headers=[JSON_TYPE])

    def _reset(self) -> None:
        self.clock.reset()
        self.switches.reset()
        self.connectwise.reset()
        self.sophos.reset()
        for front in self.fronts:
            front.faults.set([])
            front.requests.reset()

    def _clock(self, given: Json) -> Answer:
        try:
            moment = read_moment(str(given.get("now")))
        except ValueError as error:
            raise BadControl(400, '{"now": "2026-12-01T09:00:00Z"} is expected') from error
        if abs(moment.year - self.clock.start.year) > FURTHEST:
            raise BadControl(400, f"now must be within {FURTHEST} years of the start")
        self.clock.set(moment)
        for front in self.fronts:
            front.system.catch_up()
        return json_answer(200, {"now": moment_text(self.clock.now())})


def _body(call: Call) -> Any:
    try:
        return json.loads(call.body)
    except ValueError as error:
        raise BadControl(400, "the body is not JSON") from error


def _object(call: Call) -> Json:
    body = _body(call)
    if not isinstance(body, dict):
        raise BadControl(400, "the body is not an object")
    return body
