"""The pace: bursts as far as allowed, exact windows, pauses that the server asked for, many threads."""

from __future__ import annotations

import threading
import time
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.connectors.fakes import Time
from truecount.connectors.pace import Pace, Rate, Ticker


def test_it_works(moment: Time) -> None:
    pace = Pace([Rate(3, 10)], ticker=moment.ticker)
    assert [pace.wait() for _ in range(3)] == [0, 0, 0]
    assert moment.slept == []
    pace.wait()
    assert moment.slept == [10]


def test_without_rates_nothing_waits(moment: Time) -> None:
    pace = Pace((), ticker=moment.ticker)
    for _ in range(1000):
        pace.wait()
    assert moment.slept == []


def test_a_server_is_given_its_pause(moment: Time) -> None:
    pace = Pace([Rate(100, 60)], ticker=moment.ticker)
    pace.hold(30)
    pace.hold(5)
    pace.wait()
    assert moment.slept == [30]


def test_what_can_not_start_in_time_is_not_waited_for(moment: Time) -> None:
    pace = Pace([Rate(1, 60)], ticker=moment.ticker)
    pace.wait()
    assert pace.wait(until=moment.at + 59) == pytest.approx(60)
    assert moment.slept == []
    assert pace.wait(until=moment.at + 61) == 0


@given(
    st.lists(st.tuples(st.integers(1, 20), st.floats(0.5, 50)), min_size=1, max_size=3),
    st.lists(st.floats(0, 8), min_size=1, max_size=80),
)
def test_no_window_ever_holds_more(rates: list[tuple[int, float]], gaps: list[float]) -> None:
    moment = Time()
    pace = Pace([Rate(*rate) for rate in rates], ticker=moment.ticker)
    starts = []
    for gap in gaps:
        moment.at += gap
        pace.wait()
        starts.append(moment.at)
    for limit, seconds in rates:
        spans = [later - first for first, later in zip(starts, starts[limit:], strict=False)]
        assert all(span >= seconds - 1e-6 for span in spans)


def test_threads_share_it() -> None:
    pace = Pace([Rate(10, 0.2)], ticker=Ticker())
    starts: list[float] = []

    def work() -> None:
        for _ in range(10):
            pace.wait()
            starts.append(time.monotonic())

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    starts.sort()
    assert len(starts) == 40
    assert starts[-1] - starts[0] >= 0.6
    assert all(later - first >= 0.19 for first, later in zip(starts, starts[10:], strict=False))
    assert all(later >= first for first, later in pairwise(starts))
