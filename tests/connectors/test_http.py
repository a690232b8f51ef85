"""The client: what is sent again, what a failed write says, deadlines, records, redaction."""

from __future__ import annotations

import json
import logging
import time
from decimal import Decimal
from typing import Any

import httpx2
import pytest

from tests.connectors.fakes import SECRET, Fake, Time, answer, raw, throttled
from truecount.connectors.http import Answer, Call, Client, Settings, address, in_parallel, retry_after
from truecount.connectors.pace import Pace, Rate
from truecount.connectors.redaction import Redactor
from truecount.connectors.values import Json
from truecount.core.errors import ErrorCode, Misused, Refused, RetryLater, Trouble, Unexpected
from truecount.core.ports import Exchange

READ = Call(base="https://host.example", path="/things/{id}", ids=(7,))
WRITE = Call(base="https://host.example", path="/things", method="POST", body={"quantity": Decimal("1E+1")})


class Scene:
    """A client on a fake transport, with what it recorded."""

    def __init__(self, moment: Time, **settings: Any) -> None:
        self.fake = Fake()
        self.moment = moment
        self.kept: list[Exchange] = []
        self.pace = Pace([Rate(1000, 60)], ticker=moment.ticker)
        self.client = Client(
            system="Test",
            origin="https://host.example",
            record=self.kept.append,
            pace=self.pace,
            redactor=Redactor(SECRET),
            settings=Settings(**settings),
            threads=2,
            auth=httpx2.BasicAuth("user", SECRET),
            transport=self.fake.transport,
            ticker=moment.ticker,
        )

    def read(self, *answers: Any, call: Call = READ) -> Answer:
        self.fake.give(*answers)
        return self.client.read(call)

    def write(self, *answers: Any, deadline: float | None = None) -> Answer:
        self.fake.give(*answers)
        return self.client.write(WRITE, deadline=deadline)

    def fails(self, *answers: Any, write: bool = False, **more: Any) -> Trouble:
        with pytest.raises(Trouble) as caught:
            self.write(*answers, **more) if write else self.read(*answers, **more)
        return caught.value


@pytest.fixture
def scene(moment: Time) -> Scene:
    return Scene(moment)


def test_it_works(scene: Scene) -> None:
    assert scene.read(answer({"id": 7})).value == {"id": 7}
    assert scene.fake.paths() == ["GET /things/7"]
    kept = scene.kept[0]
    assert (kept.system, kept.method, kept.route, kept.status) == ("Test", "GET", "GET /things/{id}", 200)
    assert (kept.body, kept.write, kept.at.tzinfo is not None) == (b'{"id": 7}', False, True)


def test_ids_are_escaped_and_parameters_encoded(scene: Scene) -> None:
    call = Call(base="https://host.example/", path="/a/{x}/b/{y}", ids=("1/2", "é"), params={"q": 'a "b" & c'})
    scene.read(answer({}), call=call)
    assert scene.fake.requests[0].url.raw_path == b"/a/1%2F2/b/%C3%A9?q=a%20%22b%22%20%26%20c"


def test_a_body_is_plain_json(scene: Scene) -> None:
    scene.write(answer({"id": 1}, 201))
    sent = scene.fake.requests[0]
    assert sent.content == b'{"quantity":10}'
    assert sent.headers["Content-Type"] == "application/json"
    assert scene.kept[0].write


def test_numbers_arrive_exactly(scene: Scene) -> None:
    value = scene.read(raw('{"a": 0.1, "b": 10.0, "c": 1E+2, "d": 3}')).value
    assert isinstance(value, dict)
    assert [str(one) for one in value.values()] == ["0.1", "10.0", "1E+2", "3"]


# --- reads ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "failure",
    [
        raw("", 500),
        raw("<html>", 502),
        raw("", 408),
        httpx2.ConnectError("refused"),
        httpx2.ConnectTimeout("slow"),
        httpx2.ReadTimeout("slow"),
        httpx2.ReadError("reset"),
        httpx2.RemoteProtocolError("closed"),
        httpx2.PoolTimeout("full"),
    ],
)
def test_a_read_is_sent_again(scene: Scene, failure: Any) -> None:
    assert scene.read(failure, answer([1])).value == [1]
    assert len(scene.kept) == 2
    assert 0 < sum(scene.moment.slept) <= 1


def test_a_read_gives_up_after_some_tries(scene: Scene) -> None:
    trouble = scene.fails(*[raw("no", 503)] * 9)
    assert isinstance(trouble, RetryLater)
    assert (trouble.code, trouble.certain, len(scene.kept)) == (ErrorCode.SERVER_FAILED, True, 5)
    assert trouble.fields["status"] == 503


def test_the_pause_is_the_servers(scene: Scene) -> None:
    assert scene.read(throttled("7"), answer([])).status == 200
    assert scene.moment.slept == [7]


def test_all_threads_wait_for_a_throttled_one(scene: Scene) -> None:
    scene.fails(throttled("9"), write=True)
    scene.read(answer([]))
    assert scene.moment.slept == [9]


def test_without_a_named_pause_they_grow(scene: Scene) -> None:
    scene.read(throttled(None), throttled(None), answer([]))
    assert sum(scene.moment.slept) == 15


def test_patience_is_bounded(moment: Time) -> None:
    scene = Scene(moment, patience=100.0)
    trouble = scene.fails(throttled("5000"))
    assert isinstance(trouble, RetryLater)
    assert (trouble.after, moment.slept) == (5000, [])
    scene.read(answer([]))
    assert moment.slept == [100]


@pytest.mark.parametrize(
    ("status", "code"),
    [
        (400, ErrorCode.INVALID),
        (401, ErrorCode.WRONG_CREDENTIALS),
        (403, ErrorCode.MISSING_RIGHT),
        (404, ErrorCode.NOT_FOUND),
        (405, ErrorCode.INVALID),
        (409, ErrorCode.CONFLICT),
        (415, ErrorCode.INVALID),
        (422, ErrorCode.INVALID),
    ],
)
def test_a_refusal_is_final(scene: Scene, status: int, code: ErrorCode) -> None:
    trouble = scene.fails(answer({"code": "X", "message": "because", "errors": None}, status))
    assert isinstance(trouble, Refused)
    assert trouble.code is code
    assert trouble.fields["message"] == "because"
    assert len(scene.kept) == 1


def test_field_errors_are_told_by_field(scene: Scene) -> None:
    errors = [
        {"field": "quantity", "message": "too much."},
        {"field": "quantity", "message": "and odd."},
        {"resource": "addition", "code": "Odd"},
        "noise",
    ]
    trouble = scene.fails(answer({"code": "InvalidObject", "message": "bad", "errors": errors}, 400))
    assert trouble.fields["errors"] == {"quantity": "too much. and odd.", "addition": "Odd"}


@pytest.mark.parametrize("body", ["<html><body>Welcome</body></html>", '{"items": [', '{"a": NaN}', "\xff\xfe"])
def test_an_unreadable_answer_is_kept_and_not_asked_for_again(scene: Scene, body: str) -> None:
    trouble = scene.fails(raw(body.encode("latin-1")))
    assert isinstance(trouble, Unexpected)
    assert trouble.code is ErrorCode.NOT_UNDERSTOOD
    assert trouble.fields["route"] == "GET /things/{id}"
    assert [one.body for one in scene.kept] == [body.encode("latin-1")]


@pytest.mark.parametrize("response", [raw("<h1>no</h1>", 404), raw("", 302, Location="https://other.example/")])
def test_a_page_or_a_redirect_is_no_answer(scene: Scene, response: httpx2.Response) -> None:
    assert isinstance(scene.fails(response), Unexpected)
    assert len(scene.fake.requests) == 1


def test_an_answer_cut_in_compression_is_not_understood(scene: Scene) -> None:
    response = httpx2.Response(200, stream=httpx2.ByteStream(b"\x1f\x8bhalf"), headers={"Content-Encoding": "gzip"})
    assert isinstance(scene.fails(response), Unexpected)


# --- writes ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("failure", "code"),
    [
        (throttled("3"), ErrorCode.RATE_LIMITED),
        (answer({"code": "Unauthorized", "message": "no"}, 401), ErrorCode.WRONG_CREDENTIALS),
        (httpx2.ConnectError("refused"), ErrorCode.UNREACHABLE),
        (httpx2.ConnectTimeout("slow"), ErrorCode.UNREACHABLE),
        (httpx2.PoolTimeout("full"), ErrorCode.TIMED_OUT),
    ],
)
def test_a_certain_failure(scene: Scene, failure: Any, code: ErrorCode) -> None:
    trouble = scene.fails(failure, write=True)
    assert isinstance(trouble, RetryLater)
    assert (trouble.certain, trouble.code) == (True, code)
    assert len(scene.fake.requests) == 1


@pytest.mark.parametrize(
    ("failure", "code"),
    [
        (raw("", 500), ErrorCode.SERVER_FAILED),
        (raw("<html>", 504), ErrorCode.SERVER_FAILED),
        (raw("", 408), ErrorCode.TIMED_OUT),
        (httpx2.ReadTimeout("slow"), ErrorCode.TIMED_OUT),
        (httpx2.WriteTimeout("slow"), ErrorCode.TIMED_OUT),
        (httpx2.WriteError("reset"), ErrorCode.UNREACHABLE),
        (httpx2.ReadError("reset"), ErrorCode.UNREACHABLE),
        (httpx2.RemoteProtocolError("closed"), ErrorCode.UNREACHABLE),
        (raw('{"id": 1', 201), ErrorCode.NOT_UNDERSTOOD),
        (raw("<html>", 200), ErrorCode.NOT_UNDERSTOOD),
        (raw("", 307), ErrorCode.NOT_UNDERSTOOD),
        (raw("<html>", 404), ErrorCode.NOT_UNDERSTOOD),
    ],
)
def test_an_uncertain_failure(scene: Scene, failure: Any, code: ErrorCode) -> None:
    trouble = scene.fails(failure, write=True)
    assert isinstance(trouble, RetryLater)
    assert (trouble.certain, trouble.code) == (False, code)
    assert len(scene.fake.requests) == 1


@pytest.mark.parametrize("status", [400, 403, 404, 405, 409, 415])
def test_a_refused_write_is_a_certain_no(scene: Scene, status: int) -> None:
    assert isinstance(scene.fails(answer({"message": "no"}, status), write=True), Refused)
    assert len(scene.fake.requests) == 1


def test_a_write_is_not_sent_after_its_deadline(scene: Scene) -> None:
    trouble = scene.fails(write=True, deadline=scene.moment.at)
    assert isinstance(trouble, RetryLater)
    assert (trouble.certain, trouble.code) == (True, ErrorCode.TIMED_OUT)
    assert scene.fake.requests == []
    assert scene.kept == []


def test_a_write_that_must_wait_too_long_is_not_waited_for(scene: Scene) -> None:
    scene.pace.hold(30)
    trouble = scene.fails(write=True, deadline=scene.moment.at + 20)
    assert isinstance(trouble, RetryLater)
    assert trouble.certain
    assert trouble.after == pytest.approx(30)
    assert (scene.moment.slept, scene.fake.requests) == ([], [])


def test_a_write_opens_no_connection_past_its_deadline(scene: Scene) -> None:
    scene.write(answer({}), deadline=scene.moment.at + 2)
    timeout = scene.fake.requests[0].extensions["timeout"]
    assert timeout == {"connect": pytest.approx(2), "pool": pytest.approx(2), "read": 30.0, "write": 30.0}


# --- what is kept and told ------------------------------------------------------------------------


def test_no_secret_is_kept_told_or_logged(scene: Scene, caplog: pytest.LogCaptureFixture) -> None:
    basic = httpx2.BasicAuth("user", SECRET)._build_auth_header("user", SECRET)
    scene.client.redactor.learn(basic.removeprefix("Basic "))
    with caplog.at_level(logging.DEBUG):
        echo = {"message": f"wrong: {SECRET} in {basic}", "errors": [{"field": "x", "message": SECRET}]}
        told = [
            scene.fails(answer(echo, 400)),
            scene.fails(*[raw(f"<p>{SECRET}</p>", 500)] * 5),
            scene.fails(raw(f"<p>{SECRET}</p>")),
            scene.fails(httpx2.ReadError(f"about {SECRET}"), write=True),
        ]
    assert SECRET not in repr([(one, one.fields) for one in told])
    assert all(SECRET.encode() not in one.body for one in scene.kept)
    assert SECRET not in repr([vars(record) for record in caplog.records])
    assert basic not in repr([vars(record) for record in caplog.records])


def test_a_resend_is_logged_with_fields(scene: Scene, caplog: pytest.LogCaptureFixture) -> None:
    scene.read(raw("", 500), answer([]))
    resend = next(record for record in caplog.records if vars(record).get("action") == "resend")
    assert resend.getMessage() == "A read is sent again"
    assert vars(resend)["route"] == "GET /things/{id}"


# --- small parts ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("value", "now", "seconds"),
    [
        (None, None, None),
        ("30", None, 30),
        (" 5 ", None, 5),
        ("Wed, 25 Nov 2026 10:00:30 GMT", "Wed, 25 Nov 2026 10:00:00 GMT", 30),
        ("Wed, 25 Nov 2026 10:00:00 GMT", "Wed, 25 Nov 2026 11:00:00 GMT", 0),
        ("Wed, 25 Nov 1998 10:00:00 GMT", None, 0),
        ("soon", None, None),
        ("-1", None, None),
        ("1.5", None, None),
    ],
)
def test_retry_after(value: str | None, now: str | None, seconds: float | None) -> None:
    assert retry_after(value, now) == seconds


@pytest.mark.parametrize(
    ("given", "url"),
    [
        ("na.myconnectwise.net", "https://na.myconnectwise.net"),
        (" https://host.example/ ", "https://host.example"),
        ("http://127.0.0.1:18080", "http://127.0.0.1:18080"),
        ("http://localhost:1/path", "http://localhost:1/path"),
        ("http://[::1]:5", "http://[::1]:5"),
    ],
)
def test_addresses(given: str, url: str) -> None:
    assert address(given, "url") == url


@pytest.mark.parametrize(
    "given",
    [
        "",
        "https://",
        "http://host.example",
        "ftp://host.example",
        "https://u:p@host.example",
        "https://h.example/?q=1",
        "https://[x",
        "http://a b",
    ],
)
def test_addresses_that_make_no_sense(given: str) -> None:
    with pytest.raises(Misused) as caught:
        address(given, "url")
    assert caught.value.fields["field"] == "url"


def test_work_in_parallel_keeps_the_order_and_stops_at_an_error() -> None:
    done: list[int] = []

    def work(number: int) -> int:
        if number == 3:
            raise Refused(ErrorCode.INVALID)
        time.sleep(0.01)
        done.append(number)
        return number * 2

    assert list(in_parallel(work, [0, 1, 2], threads=2)) == [0, 2, 4]
    with pytest.raises(Refused):
        list(in_parallel(work, range(1000), threads=2))
    assert len(done) < 100


def test_json_is_what_the_world_calls_json(scene: Scene) -> None:
    body: Json = {"text": 'é "quoted" \u2028', "list": [1, [2]], "none": None, "yes": True}
    scene.fake.give(answer({}))
    scene.client.write(Call(base="https://host.example", path="/x", method="POST", body=body))
    assert json.loads(scene.fake.requests[0].content) == body
