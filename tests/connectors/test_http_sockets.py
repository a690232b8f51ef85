"""The client on real sockets: nobody there, lost connections, slow answers, the last look at the deadline."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import Any

import httpx2
import pytest

from tests.connectors.fakes import Time
from truecount.connectors.http import Call, Client, Settings
from truecount.connectors.pace import Pace
from truecount.connectors.redaction import Redactor
from truecount.core.errors import ErrorCode, RetryLater
from truecount.core.ports import Exchange


@contextmanager
def listening(serve: Any) -> Iterator[str]:
    """A server of one function per connection."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]

        def run() -> None:
            while True:
                try:
                    connection, _ = server.accept()
                except OSError:
                    return
                with connection, suppress(OSError):
                    serve(connection)

        thread = threading.Thread(target=run, daemon=True)
        thread.start()
        yield f"http://127.0.0.1:{port}"
        server.shutdown(socket.SHUT_RDWR)
    thread.join()


def real(base: str, **settings: Any) -> tuple[Client, list[Exchange]]:
    kept: list[Exchange] = []
    client = Client(
        system="Test",
        origin=base,
        record=kept.append,
        pace=Pace(()),
        redactor=Redactor(),
        settings=Settings(tries=1, **settings),
        threads=1,
    )
    return client, kept


def unused() -> str:
    with socket.create_server(("127.0.0.1", 0)) as server:
        return f"http://127.0.0.1:{server.getsockname()[1]}"


def posting(base: str) -> Call:
    return Call(base=base, path="/things", method="POST", body={})


def attempt(client: Client, base: str, **more: Any) -> RetryLater:
    with pytest.raises(RetryLater) as caught:
        client.write(posting(base), **more)
    client.close()
    return caught.value


def test_nobody_listens() -> None:
    base = unused()
    client, kept = real(base)
    trouble = attempt(client, base)
    assert (trouble.certain, trouble.code) == (True, ErrorCode.UNREACHABLE)
    assert str(trouble.fields["host"]) in base
    assert [one.status for one in kept] == [0]


def test_a_name_that_does_not_exist() -> None:
    base = "http://nowhere.invalid"
    client, _ = real(base, connect_timeout=5)
    trouble = attempt(client, base)
    assert (trouble.certain, trouble.code) == (True, ErrorCode.UNREACHABLE)


def test_a_proxy_of_the_environment_is_used_for_other_machines(monkeypatch: pytest.MonkeyPatch) -> None:
    proxy = unused()
    for name in ("HTTPS_PROXY", "https_proxy"):
        monkeypatch.setenv(name, proxy)
    for name in ("NO_PROXY", "no_proxy"):
        monkeypatch.setenv(name, "")
    base = "https://nowhere.invalid"
    client, _ = real(base)
    trouble = attempt(client, base)
    assert (trouble.certain, trouble.code) == (True, ErrorCode.UNREACHABLE)
    assert "refused" in str(trouble.fields["reason"]).lower()


def test_a_connection_dropped_after_the_request() -> None:
    with listening(lambda connection: connection.recv(65536)) as base:
        client, kept = real(base)
        trouble = attempt(client, base)
    assert (trouble.certain, trouble.code) == (False, ErrorCode.UNREACHABLE)
    assert kept[0].status == 0


def test_an_answer_that_drips_ends_at_the_time_out() -> None:
    def drip(connection: socket.socket) -> None:
        connection.recv(65536)
        connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n")
        for _ in range(100):
            connection.sendall(b" ")
            time.sleep(0.05)

    with listening(drip) as base:
        client, _ = real(base, write_timeout=0.4)
        started = time.monotonic()
        trouble = attempt(client, base)
        assert time.monotonic() - started < 2
    assert (trouble.certain, trouble.code) == (False, ErrorCode.TIMED_OUT)


def test_a_body_shorter_than_told_is_a_lost_connection() -> None:
    def half(connection: socket.socket) -> None:
        connection.recv(65536)
        connection.sendall(b'HTTP/1.1 201 Created\r\nContent-Length: 100\r\n\r\n{"id": 1')

    with listening(half) as base:
        client, kept = real(base)
        trouble = attempt(client, base)
    assert (trouble.certain, trouble.code) == (False, ErrorCode.UNREACHABLE)
    assert kept[0].status == 201


def test_the_deadline_is_looked_at_once_more_before_the_first_byte() -> None:
    """The connection is open, time has passed meanwhile: nothing may leave."""
    received: list[bytes] = []
    moment = Time()
    with listening(lambda connection: received.append(connection.recv(65536))) as base:
        late = moment.at + 1

        class Slow(httpx2.HTTPTransport):
            def handle_request(self, request: httpx2.Request) -> httpx2.Response:
                moment.at = late
                return super().handle_request(request)

        client = Client(
            system="Test",
            origin=base,
            record=lambda _: None,
            pace=Pace((), ticker=moment.ticker),
            redactor=Redactor(),
            settings=Settings(),
            threads=1,
            transport=Slow(),
            ticker=moment.ticker,
        )
        trouble = attempt(client, base, deadline=late)
    assert trouble.certain
    assert b"".join(received) == b""
