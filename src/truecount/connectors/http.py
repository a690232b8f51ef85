"""One JSON client for all connectors: pace, deadlines, resends of reads, errors as values, a record of every request.

A read is sent again by itself; a write never is. What a write's failure says about its effect is `RetryLater.certain`.
"""

from __future__ import annotations

import logging
import re
import ssl
import threading
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from random import SystemRandom
from typing import Any, Protocol, TypeVar
from urllib.parse import quote, urlencode, urlsplit
from urllib.request import getproxies, proxy_bypass

import httpx2

from truecount.connectors.pace import REAL_TIME, Pace, Rate, Ticker
from truecount.connectors.redaction import Redactor
from truecount.connectors.values import Json, Row, parse, write
from truecount.core.errors import ErrorCode, Misused, Refused, RetryLater, Trouble, Unexpected
from truecount.core.ports import Exchange, Recorder

log = logging.getLogger(__name__)
chance = SystemRandom()
T = TypeVar("T")
R = TypeVar("R")

LARGEST_BODY = 64 * 1024 * 1024
IDLE_SECONDS = 3.0
"""A connection idle for longer is not used again: servers commonly close theirs after 5 seconds or more, and a
write on a connection that is just being closed would leave its outcome unknown."""

HOST = re.compile(rb"[a-z0-9]([a-z0-9.-]*[a-z0-9])?|[0-9a-f:.]*:[0-9a-f:.]*")

NOT_SENT = (
    httpx2.ConnectError,
    httpx2.ConnectTimeout,
    httpx2.PoolTimeout,
    httpx2.ProxyError,
    httpx2.UnsupportedProtocol,
)
"""What is raised only before the first byte of a request was sent."""

REFUSALS = {
    400: ErrorCode.INVALID,
    401: ErrorCode.WRONG_CREDENTIALS,
    403: ErrorCode.MISSING_RIGHT,
    404: ErrorCode.NOT_FOUND,
    409: ErrorCode.CONFLICT,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """What may differ between installations; `None` is the connector's own default. Times in seconds."""

    connect_timeout: float = 10.0
    read_timeout: float = 60.0
    write_timeout: float = 30.0
    """The whole of one write, from its start to the end of its answer; must stay below the settle time."""
    tries: int = 5
    """How often a read is sent, the first time included."""
    patience: float = 180.0
    """No read is sent again later than this after its first start, and no server's pause is obeyed for longer."""
    threads: int | None = None
    rates: tuple[Rate, ...] | None = None
    certificates: str = ""
    """File of certificates to trust instead of the system's."""
    api_version: str = "2025.1"
    """ConnectWise only: the model version asked for (facts: ConnectWise §2.3)."""
    arrears: frozenset[str] = frozenset()
    """ConnectWise only: the values of `periodType` that bill a period after its end (see `invoiced_to`)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Call:
    """One request to make: `path` is the template under `base`, `ids` fill it in order. An anonymous one carries
    no credentials."""

    path: str
    base: str = ""
    ids: tuple[object, ...] = ()
    method: str = "GET"
    params: Mapping[str, str | int] = field(default_factory=dict)
    headers: Mapping[str, str] = field(default_factory=dict)
    body: Json = None
    form: Mapping[str, str] | None = None
    anonymous: bool = False

    @property
    def route(self) -> str:
        return f"{self.method} {self.path}"

    @property
    def url(self) -> str:
        parts = self.path.split("{")
        filled = [parts[0]]
        for part, value in zip(parts[1:], self.ids, strict=True):
            filled += [quote(str(value), safe=""), part.partition("}")[2]]
        query = urlencode(self.params, quote_via=quote, safe="")
        return self.base.rstrip("/") + "".join(filled) + (f"?{query}" if query else "")


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    status: int
    headers: Mapping[str, str]
    value: Json


@dataclass(frozen=True, slots=True, kw_only=True)
class Sending:
    """What the wire must know of a request; travels in its extensions. `seconds` bound the request as a whole,
    `opening` the opening of a connection."""

    route: str
    seconds: float
    opening: float
    write: bool = False
    deadline: float | None = None


class Reader(Protocol):
    """What reading a collection needs of a client."""

    system: str
    redactor: Redactor

    def read(self, call: Call) -> Answer: ...


class Client:
    """Speaks to one system with one account, from any number of threads."""

    def __init__(
        self,
        *,
        system: str,
        origin: str,
        record: Recorder,
        pace: Pace,
        redactor: Redactor,
        settings: Settings,
        threads: int,
        auth: httpx2.Auth | None = None,
        headers: Mapping[str, str] | None = None,
        unnamed_pause: float = 5.0,
        transport: httpx2.BaseTransport | None = None,
        ticker: Ticker = REAL_TIME,
    ) -> None:
        self.system = system
        self.redactor = redactor
        self.settings = settings
        self.threads = threads
        self._auth = auth
        self._pace = pace
        self._ticker = ticker
        self._unnamed_pause = unnamed_pause
        wire = transport or _transport(settings, threads, origin)
        self._http = httpx2.Client(
            transport=Wire(wire, system=system, record=record, pace=pace, redactor=redactor, ticker=ticker),
            headers={"User-Agent": "truecount", "Accept": "application/json", **(headers or {})},
            follow_redirects=False,
        )

    def close(self) -> None:
        self._http.close()

    def read(self, call: Call, *, tries: int | None = None) -> Answer:
        """The answer, asked for again after 429, 5xx, time-outs and lost connections, within `patience`."""
        tries = self.settings.tries if tries is None else tries
        give_up = self._ticker.now() + self.settings.patience
        sending = Sending(route=call.route, seconds=self.settings.read_timeout, opening=self.settings.connect_timeout)
        attempt = 1
        while True:
            try:
                return self._exchange(call, sending)
            except RetryLater as trouble:
                pause = self._pause(trouble, attempt)
                if attempt >= tries or self._ticker.now() + pause > give_up:
                    raise
                self._tell_resend(call, trouble, pause)
                self._ticker.sleep(pause)
            attempt += 1

    def write(self, call: Call, *, deadline: float | None = None) -> Answer:
        """The answer to a write, which is sent once and not at all after `deadline`."""
        sending = Sending(
            route=call.route,
            seconds=self.settings.write_timeout,
            opening=self.settings.connect_timeout,
            write=True,
            deadline=deadline,
        )
        return self._exchange(call, sending)

    def _pause(self, trouble: RetryLater, attempt: int) -> float:
        """As long as the server asked for, else longer each time, with jitter (facts: ConnectWise §2.8)."""
        if trouble.after is not None:
            return trouble.after
        if trouble.code is ErrorCode.RATE_LIMITED:
            return self._unnamed_pause * 2.0 ** (attempt - 1)
        return chance.uniform(0.5, 1.0) * min(0.5 * 2.0**attempt, 30.0)

    def _tell_resend(self, call: Call, trouble: Trouble, pause: float) -> None:
        log.warning(
            "A read is sent again",
            extra={
                "action": "resend",
                "system": self.system,
                "route": call.route,
                "code": str(trouble.code),
                "seconds": round(pause, 3),
            },
        )

    def _exchange(self, call: Call, sending: Sending) -> Answer:
        try:
            response = self._http.send(self._request(call, sending), auth=None if call.anonymous else self._auth)
        except httpx2.DecodingError as error:
            raise self._puzzled(b"", call, sending, "compressed") from error
        except httpx2.HTTPError as error:
            raise self._lost(error, call, sending) from error
        if response.is_success:
            return self._understand(response, call, sending)
        raise self._refusal(response, call, sending)

    def _request(self, call: Call, sending: Sending) -> httpx2.Request:
        headers = dict(call.headers)
        content = None
        if call.body is not None:
            content = write(call.body).encode()
            headers["Content-Type"] = "application/json"
        try:
            return self._http.build_request(
                call.method,
                call.url,
                headers=headers,
                content=content,
                data=call.form,
                extensions={"sending": sending},
            )
        except (httpx2.InvalidURL, UnicodeEncodeError) as error:
            raise Misused(ErrorCode.BAD_VALUE, field="request", value=call.route) from error

    def _understand(self, response: httpx2.Response, call: Call, sending: Sending) -> Answer:
        try:
            value = parse(response.content) if response.content else None
        except ValueError as error:
            raise self._puzzled(response.content, call, sending, "JSON") from error
        return Answer(status=response.status_code, headers=response.headers, value=value)

    def _puzzled(self, content: bytes, call: Call, sending: Sending, what: str) -> Trouble:
        """A write that may have been carried out must be read back, so it is never simply Unexpected."""
        fields: dict[str, Any] = {"system": self.system, "route": call.route, "what": what}
        excerpt = self.redactor.excerpt(content)
        if sending.write:
            return RetryLater(ErrorCode.NOT_UNDERSTOOD, certain=False, excerpt=excerpt, **fields)
        return Unexpected(ErrorCode.NOT_UNDERSTOOD, excerpt=excerpt, **fields)

    def _lost(self, error: httpx2.HTTPError, call: Call, sending: Sending) -> RetryLater:
        timed_out = isinstance(error, httpx2.TimeoutException) and not isinstance(error, httpx2.ConnectTimeout)
        return RetryLater(
            ErrorCode.TIMED_OUT if timed_out else ErrorCode.UNREACHABLE,
            certain=not sending.write or isinstance(error, NOT_SENT),
            system=self.system,
            route=call.route,
            host=urlsplit(call.base).netloc,
            reason=self.redactor.excerpt(f"{type(error).__name__}: {error}"),
        )

    def _refusal(self, response: httpx2.Response, call: Call, sending: Sending) -> Trouble:
        status = response.status_code
        told = _told(response.content)
        fields: dict[str, Any] = {
            "system": self.system,
            "route": call.route,
            "status": status,
            "message": self.redactor.excerpt(told.message or response.content),
        }
        if status == 429:
            after = self._asked_pause(response)
            self._pace.hold(min(self._unnamed_pause if after is None else after, self.settings.patience))
            return RetryLater(ErrorCode.RATE_LIMITED, after=after, certain=True, **fields)
        if status >= 500:
            after = self._asked_pause(response)
            return RetryLater(ErrorCode.SERVER_FAILED, after=after, certain=not sending.write, **fields)
        if status == 408:
            return RetryLater(ErrorCode.TIMED_OUT, certain=not sending.write, **fields)
        if status == 401 and sending.write:
            return RetryLater(ErrorCode.WRONG_CREDENTIALS, certain=True, **fields)
        if status < 400 or (status not in (401, 403) and response.content.lstrip().startswith(b"<")):
            return self._puzzled(response.content, call, sending, f"status {status}")
        errors = {name: self.redactor.excerpt(text) for name, text in told.errors.items()}
        return Refused(REFUSALS.get(status, ErrorCode.INVALID), error=told.code, errors=errors, **fields)

    def _asked_pause(self, response: httpx2.Response) -> float | None:
        return retry_after(response.headers.get("Retry-After"), response.headers.get("Date"))


class Wire(httpx2.BaseTransport):
    """Every request passes here, those of authentication included: paced, bounded in time and size, recorded.

    The recorder is called from whichever thread sent the request, never by two at once.
    """

    def __init__(
        self,
        inner: httpx2.BaseTransport,
        *,
        system: str,
        record: Recorder,
        pace: Pace,
        redactor: Redactor,
        ticker: Ticker = REAL_TIME,
    ) -> None:
        self._inner = inner
        self._system = system
        self._record = record
        self._recording = threading.Lock()
        self._pace = pace
        self._redactor = redactor
        self._ticker = ticker

    def close(self) -> None:
        self._inner.close()

    def handle_request(self, request: httpx2.Request) -> httpx2.Response:
        sending: Sending = request.extensions["sending"]
        too_late = self._pace.wait(until=sending.deadline)
        if too_late:
            raise self._unsent(sending, ErrorCode.RATE_LIMITED, after=too_late)
        self._in_time(sending)
        request.extensions["timeout"] = self._timeouts(sending)
        if sending.deadline is not None:
            request.extensions["trace"] = self._last_look(sending)
        at, started, status, body = datetime.now(UTC), time.monotonic(), 0, b""
        try:
            response = self._inner.handle_request(request)
            status = response.status_code
            answered = _whole(response, request, until=started + sending.seconds)
            body = answered.content
            return answered
        finally:
            self._keep(sending, request.method, status, body, at, time.monotonic() - started)

    def _timeouts(self, sending: Sending) -> Mapping[str, float]:
        """Opening a connection must not take a write past its deadline."""
        opening = sending.opening
        if sending.deadline is not None:
            opening = max(0.001, min(opening, sending.deadline - self._ticker.now()))
        return {"connect": opening, "pool": opening, "read": sending.seconds, "write": sending.seconds}

    def _keep(self, sending: Sending, method: str, status: int, body: bytes, at: datetime, seconds: float) -> None:
        exchange = Exchange(
            system=self._system,
            method=method,
            route=sending.route,
            status=status,
            body=self._redactor.body(body),
            at=at,
            seconds=seconds,
            write=sending.write,
        )
        with self._recording:
            self._record(exchange)

    def _in_time(self, sending: Sending) -> None:
        if sending.deadline is not None and self._ticker.now() >= sending.deadline:
            raise self._unsent(sending, ErrorCode.TIMED_OUT)

    def _unsent(self, sending: Sending, code: ErrorCode, after: float | None = None) -> RetryLater:
        return RetryLater(code, after=after, certain=True, system=self._system, route=sending.route)

    def _last_look(self, sending: Sending) -> Callable[[str, Mapping[str, object]], None]:
        """Called by the transport just before the first byte: finding a name and connecting may have taken long."""

        def look(event: str, _: Mapping[str, object]) -> None:
            if event.endswith("send_request_headers.started"):
                self._in_time(sending)

        return look


def _whole(response: httpx2.Response, request: httpx2.Request, *, until: float) -> httpx2.Response:
    """The answer with its body read, unless that takes too long or too much."""
    chunks, size = [], 0
    assert isinstance(response.stream, httpx2.SyncByteStream)
    try:
        for chunk in response.stream:
            chunks.append(chunk)
            size += len(chunk)
            if size > LARGEST_BODY:
                raise httpx2.ReadError("The answer is too large.", request=request)
            if time.monotonic() > until:
                raise httpx2.ReadTimeout("The answer took too long.", request=request)
    finally:
        response.close()
    return httpx2.Response(response.status_code, headers=response.headers, content=b"".join(chunks), request=request)


def _transport(settings: Settings, threads: int, origin: str) -> httpx2.HTTPTransport:
    context: ssl.SSLContext | bool = True
    if not origin.startswith("https:"):
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)  # trusts nobody, and spares 20 ms of loading authorities
    elif settings.certificates:
        context = ssl.create_default_context(cafile=settings.certificates)
    limits = httpx2.Limits(
        max_connections=threads + 2, max_keepalive_connections=threads + 2, keepalive_expiry=IDLE_SECONDS
    )
    return httpx2.HTTPTransport(verify=context, limits=limits, proxy=_proxy(origin))


def _proxy(origin: str) -> str | None:
    """The environment's proxy for this host, if any; never for this machine itself."""
    parts = urlsplit(origin)
    if is_loopback(origin) or proxy_bypass(parts.hostname or ""):
        return None
    return getproxies().get(parts.scheme)


def retry_after(value: str | None, now: str | None = None) -> float | None:
    """Seconds, or an HTTP date reckoned from the server's own clock; None where there is neither."""
    if value is None:
        return None
    if value.strip().isdecimal():
        return float(value)
    try:
        until = parsedate_to_datetime(value)
        start = parsedate_to_datetime(now) if now else datetime.now(UTC)
        return max(0.0, (until - start).total_seconds())
    except (TypeError, ValueError):
        return None


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """What an error's body says: its code, its message, and texts by field."""

    code: str = ""
    message: str = ""
    errors: Mapping[str, str] = field(default_factory=dict)


def _told(content: bytes) -> Told:
    """Bodies of both systems (facts: ConnectWise §3.1, Sophos §13.1 and §13.8); nothing where it is no JSON object."""
    try:
        body = parse(content)
    except ValueError:
        return Told()
    if not isinstance(body, Mapping):
        return Told()
    return Told(
        code=_first_text(body, "code", "error", "errorCode"), message=_first_text(body, "message"), errors=_errors(body)
    )


def _first_text(body: Row, *names: str) -> str:
    return next((value for name in names if isinstance(value := body.get(name), str) and value), "")


def _errors(body: Row) -> Mapping[str, str]:
    """Several errors of one field become one text."""
    found: dict[str, str] = {}
    listed = body.get("errors")
    for one in listed if isinstance(listed, list) else []:
        if isinstance(one, Mapping):
            name, text = _first_text(one, "field", "resource"), _first_text(one, "message", "code")
            found[name] = f"{found[name]} {text}" if name in found else text
    return found


def in_parallel(work: Callable[[T], R], items: Iterable[T], *, threads: int) -> Iterator[R]:
    """Results in the order of the items; the first error ends it and cancels what has not begun."""
    with ThreadPoolExecutor(max_workers=max(1, threads), thread_name_prefix="connector") as pool:
        yield from pool.map(work, items)


def address(value: str, name: str) -> str:
    """A base URL without a slash at its end. Secrets go over plain http to this machine only."""
    url = value.strip() if "://" in value else f"https://{value.strip()}"
    try:
        parsed = httpx2.URL(url)
    except httpx2.InvalidURL as error:
        raise Misused(ErrorCode.BAD_VALUE, field=name, value=value[:100]) from error
    if not HOST.fullmatch(parsed.raw_host) or parsed.userinfo or parsed.query or parsed.fragment:
        raise Misused(ErrorCode.BAD_VALUE, field=name, value=parsed.host)
    if parsed.scheme != "https" and not (parsed.scheme == "http" and is_loopback(url)):
        raise Misused(ErrorCode.BAD_VALUE, field=name, value=f"{parsed.scheme}://{parsed.host}", needed="https")
    return url.rstrip("/")


def is_loopback(url: str) -> bool:
    host = urlsplit(url).hostname or ""
    return host in ("localhost", "::1") or host.startswith("127.")
