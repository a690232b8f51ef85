"""A server between the product and a simulator, which passes everything on and changes what a test asks it to."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread

import httpx2

Body = bytes
Change = Callable[[int, str, Body], tuple[int, str, Body] | None]
"""(status, content type, body) → what is passed on instead; None hangs up without an answer."""


@dataclass(kw_only=True)
class Between:
    """`ask` may rewrite the path with its query; `change` the answers to paths that hold `about`, from the nth on."""

    base: str = ""
    ask: Callable[[str], str] = lambda path: path
    about: str = ""
    nth: int = 1
    change: Change | None = None
    seen: list[str] = field(default_factory=list)

    def to(self, about: str, change: Change, nth: int = 1) -> None:
        self.about, self.change, self.nth = about, change, nth
        self.seen.clear()

    def answer(self, path: str, status: int, kind: str, body: Body) -> tuple[int, str, Body] | None:
        if self.change is None or self.about not in path:
            return status, kind, body
        self.seen.append(path)
        return self.change(status, kind, body) if len(self.seen) >= self.nth else (status, kind, body)


@contextmanager
def between(behind: str) -> Iterator[Between]:
    rules = Between()
    client = httpx2.Client(base_url=behind, trust_env=False, timeout=20)

    class Passing(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            length = int(self.headers.get("Content-Length") or 0)
            content = self.rfile.read(length)
            dropped = ("connection", "content-length", "accept-encoding")
            headers = {name: value for name, value in self.headers.items() if name.lower() not in dropped}
            got = client.request(self.command, rules.ask(self.path), content=content, headers=headers)
            told = rules.answer(self.path, got.status_code, got.headers.get("content-type", ""), got.content)
            if told is None:
                self.close_connection = True
                return
            status, kind, body = told
            self.send_response(status)
            for name in ("link", "retry-after"):
                if name in got.headers:
                    self.send_header(name, got.headers[name])
            self.send_header("Content-Type", kind)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def do_POST(self) -> None:
            self.do_GET()

        def do_PATCH(self) -> None:
            self.do_GET()

        def log_message(self, *_: object) -> None:
            """Nothing: tests read what was changed, not what passed."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Passing)
    server.daemon_threads = True
    rules.base = f"http://127.0.0.1:{server.server_port}"
    thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
    thread.start()
    try:
        yield rules
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
        client.close()
