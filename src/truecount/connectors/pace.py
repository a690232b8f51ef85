"""When the next request may start: an exact sliding window that bursts, and the pauses that a server asks for."""

from __future__ import annotations

import logging
import threading
import time
from collections import deque
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import NamedTuple

log = logging.getLogger(__name__)


class Rate(NamedTuple):
    """At most `limit` starts in any window of `seconds`."""

    limit: int
    seconds: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Ticker:
    """The clock of waits, so that tests need not wait."""

    now: Callable[[], float] = time.monotonic
    sleep: Callable[[float], None] = time.sleep


REAL_TIME = Ticker()


class Pace:
    """Shared by all threads that speak to one account.

    All rates hold at once, none slows a burst that they allow. pyrate-limiter is not used because it refuses
    rates like Sophos' (the daily one is looser than the hourly one), needs a thread of its own, and neither
    knows a pause that the server asked for nor refuses early what can't start before a deadline.
    """

    def __init__(self, rates: Iterable[Rate], *, ticker: Ticker = REAL_TIME) -> None:
        self._windows = [(rate.seconds, deque[float](maxlen=rate.limit)) for rate in rates]
        self._ticker = ticker
        self._held_until = 0.0
        self._lock = threading.Lock()

    def wait(self, *, until: float | None = None) -> float:
        """Sleep until a request may start, then 0; the missing seconds at once where that is after `until`."""
        while (pause := self._claim()) > 0:
            if until is not None and self._ticker.now() + pause > until:
                return pause
            if pause > 1:
                log.info("Waiting before the next request", extra={"action": "pace", "seconds": round(pause, 3)})
            self._ticker.sleep(pause)
        return 0.0

    def hold(self, seconds: float) -> None:
        """No request starts for so long: the server asked for it."""
        with self._lock:
            self._held_until = max(self._held_until, self._ticker.now() + seconds)

    def _claim(self) -> float:
        """0 once a start was noted, else the seconds to wait before asking again."""
        with self._lock:
            now = self._ticker.now()
            start = max([self._held_until, *(starts[0] + span for span, starts in self._windows if _is_full(starts))])
            if start > now:
                return start - now
            for _, starts in self._windows:
                starts.append(now)
            return 0.0


def _is_full(starts: deque[float]) -> bool:
    return len(starts) == starts.maxlen
