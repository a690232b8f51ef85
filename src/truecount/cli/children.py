"""Watching and stopping child processes; needs no Django."""

from __future__ import annotations

import signal
import subprocess
import time
from collections.abc import Sequence


def watch(children: Sequence[subprocess.Popen[str]]) -> int:
    """Wait until a signal or until a child ends; then stop them all. 1 when a child ended by itself."""
    asked: list[int] = []
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda number, _: asked.append(number))
    while not asked and all(child.poll() is None for child in children):
        time.sleep(0.2)
    stop(children)
    return 0 if asked else 1


def stop(children: Sequence[subprocess.Popen[str]]) -> None:
    """Ask all to end, and end those that don't."""
    for child in children:
        if child.poll() is None:
            child.send_signal(signal.SIGTERM)
    for child in children:
        try:
            child.wait(timeout=15)
        except subprocess.TimeoutExpired:
            child.kill()
            child.wait()
