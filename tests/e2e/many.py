"""`python -m tests.e2e.many`: one simulated world after the other, each in a fork of this process.

A line `SEED CUSTOMERS` on stdin ends the world before and starts another; its `ready` line is the answer.
"""

from __future__ import annotations

import os
import signal
import sys

from truecount.simulator.options import SimulatorOptions
from truecount.simulator.server import run


def main() -> None:
    last = 0
    for line in sys.stdin:
        _stop(last)
        seed, customers = (int(word) for word in line.split())
        last = os.fork()
        if not last:
            run(
                SimulatorOptions(
                    connectwise_port=0, connectwise_tls_port=0, sophos_port=0, seed=seed, customers=customers
                )
            )
            os._exit(0)
    _stop(last)


def _stop(pid: int) -> None:
    if pid:
        os.kill(pid, signal.SIGTERM)
        os.waitpid(pid, 0)


if __name__ == "__main__":
    main()
