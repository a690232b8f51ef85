"""One HTTP call and its answer as plain values, and what a simulated system must offer; no routing, no world."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol

Header = tuple[bytes, bytes]
BASE = "\x01"
"""Stands in records where the address belongs that a caller used."""
JSON_TYPE = (b"content-type", b"application/json; charset=utf-8")


@dataclass(kw_only=True, slots=True)
class Call:
    method: str
    path: str
    """Decoded, as sent."""
    query: bytes
    headers: Mapping[bytes, bytes]
    """Lower-case names; the last one counts."""
    body: bytes
    scheme: str

    def header(self, name: str) -> str | None:
        value = self.headers.get(name.encode())
        return None if value is None else value.decode("latin-1")

    @property
    def base(self) -> str:
        """The address that the caller used, without a path."""
        return f"{self.scheme}://{self.header('host') or '127.0.0.1'}"


@dataclass(kw_only=True, slots=True)
class Answer:
    status: int
    body: bytes = b""
    headers: list[Header] = field(default_factory=list)
    hang_up: bool = False
    """Close the connection instead of answering."""


class Refusal(Exception):
    """A call that ends here with this answer."""

    def __init__(self, answer: Answer) -> None:
        super().__init__(answer.status)
        self.answer = answer


class System(Protocol):
    """One remote system, as the front sees it."""

    def template(self, path: str) -> str:
        """`/finance/agreements/7/additions` under any prefix becomes `/finance/agreements/{id}/additions`."""

    def bare(self, path: str) -> str:
        """The path without the prefix that calls carry."""

    def catch_up(self) -> None:
        """Does what became due since the clock was last looked at."""

    def answer(self, call: Call) -> Answer: ...

    def fault(self, kind: str, retry_after: int) -> Answer:
        """The system's own body for 401, 409, 429 and 500."""


def dumps(value: Any) -> bytes:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode()


BASE_BYTES = dumps(BASE)[1:-1]


def addressed(answer: Answer, call: Call) -> Answer:
    """The answer with the caller's own address in it."""
    if BASE_BYTES in answer.body:
        answer.body = answer.body.replace(BASE_BYTES, dumps(call.base)[1:-1])
    return answer


def json_answer(status: int, value: Any, *headers: Header) -> Answer:
    return Answer(status=status, body=dumps(value), headers=[JSON_TYPE, *headers])


def empty_answer(status: int) -> Answer:
    return Answer(status=status)


def header(name: str, value: str) -> Header:
    return name.encode(), value.encode("latin-1", "replace")
