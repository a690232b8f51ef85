"""The ASGI application in front of one system: counting, latency, faults, hanging up; no API of its own."""

import asyncio
from collections import Counter
from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any

from truecount.simulator.faults import Faults, Rule
from truecount.simulator.wire import Answer, Call, Refusal, System

Scope = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]
Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]
Control = Callable[["Front", Call], Answer]

BODILESS = frozenset({"GET", "HEAD", "OPTIONS"})
HANG_UP = "truecount.hang_up"
"""Key of the scope's state under which stands what closes the connection at once."""


class Requests:
    """What was asked since the last DELETE of the counters."""

    def __init__(self) -> None:
        self.reset()

    def reset(self) -> None:
        self.by_route: Counter[str] = Counter()
        self.by_status: Counter[str] = Counter()

    def count(self, route: str, status: str) -> None:
        self.by_route[route] += 1
        self.by_status[status] += 1

    def listed(self) -> dict[str, object]:
        return {
            "total": self.by_route.total(),
            "by_route": dict(sorted(self.by_route.items())),
            "by_status": dict(sorted(self.by_status.items())),
        }


class Front:
    def __init__(self, *, system: System, control: Control, faults: Faults, latency: float) -> None:
        self.system = system
        self.control = control
        self.faults = faults
        self.latency = latency
        self.requests = Requests()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            return
        call = await _read_call(scope, receive)
        if call is None:
            return
        if call.path.startswith("/_sim"):
            await _send(send, self.control(self, call))
            return
        await self._serve(call, scope, receive, send)

    async def _serve(self, call: Call, scope: Scope, receive: Receive, send: Send) -> None:
        template = self.system.template(call.path)
        route = f"{call.method} {template}"
        rule = None
        if self.faults.rules:
            bare = self.system.bare(call.path).rstrip("/") or "/"
            rule = self.faults.due(call.method, (template, bare, call.path.rstrip("/")))
        if self.latency:
            await asyncio.sleep(self.latency)
        self.system.catch_up()
        answer = self._answer(call) if rule is None else self._faulty(call, rule)
        self.requests.count(route, "dropped" if answer.hang_up else str(answer.status))
        if rule is not None and rule.wait:
            await asyncio.sleep(rule.wait)
        if answer.hang_up:
            await _hang_up(scope, receive)
        else:
            await _send(send, answer)

    def _answer(self, call: Call) -> Answer:
        try:
            return self.system.answer(call)
        except Refusal as refusal:
            return refusal.answer

    def _faulty(self, call: Call, rule: Rule) -> Answer:
        """What a rule makes of a call; its waiting comes after."""
        fault = rule.fault
        if fault.status is not None:
            return self.system.fault(fault.kind, rule.retry_after)
        if not fault.done:
            return Answer(status=0, hang_up=True)
        answer = self._answer(call)
        if fault.kind == "malformed":
            return Answer(status=200, body=answer.body[: len(answer.body) // 2], headers=answer.headers)
        if fault.kind == "drop-after-commit":
            return Answer(status=0, hang_up=True)
        return answer


async def _read_call(scope: Scope, receive: Receive) -> Call | None:
    """None where the caller left before the body was complete."""
    headers = dict(scope["headers"])
    body = b""
    if scope["method"] not in BODILESS or b"content-length" in headers or b"transfer-encoding" in headers:
        more = True
        while more:
            message = await receive()
            if message["type"] == "http.disconnect":
                return None
            body += message.get("body", b"")
            more = message.get("more_body", False)
    return Call(
        method=scope["method"],
        path=scope["path"],
        query=scope["query_string"],
        headers=headers,
        body=body,
        scheme=scope["scheme"],
    )


async def _send(send: Send, answer: Answer) -> None:
    headers = answer.headers
    if answer.status != 204:
        headers = [*headers, (b"content-length", str(len(answer.body)).encode())]
    await send({"type": "http.response.start", "status": answer.status, "headers": headers})
    await send({"type": "http.response.body", "body": answer.body})


async def _hang_up(scope: Scope, receive: Receive) -> None:
    """Closes the connection without an answer, and waits until it is."""
    scope["state"][HANG_UP]()
    while (await receive())["type"] != "http.disconnect":
        pass
