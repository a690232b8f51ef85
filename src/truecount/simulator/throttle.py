"""Rolling-window rate limits in real time; who asks for them is decided elsewhere."""

import time
from collections import deque


class Window:
    """At most `most` calls within `seconds`; refused calls do not count."""

    def __init__(self, seconds: float) -> None:
        self.seconds = seconds
        self._calls: deque[float] = deque()

    def reset(self) -> None:
        self._calls.clear()

    def wait(self, most: int) -> float:
        """Seconds until a call fits in, 0 where it does now."""
        now = time.monotonic()
        calls = self._calls
        while calls and calls[0] <= now - self.seconds:
            calls.popleft()
        return 0.0 if len(calls) < most else calls[0] + self.seconds - now

    def count(self) -> None:
        self._calls.append(time.monotonic())
