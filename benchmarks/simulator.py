"""How fast the simulators are: requests a second with keep-alive, and the start of a large world.

python -m benchmarks.simulator [--seconds 5] [--connections 8]

The rate limit is off, the server runs on one core and the load on another; `wrk` makes it where it is installed, else
a plain Python client, which is slower than the server and only says that much at least.
"""

from __future__ import annotations

import argparse
import http.client
import json
import os
import re
import shutil
import subprocess
import sys
import time
import urllib.request
from base64 import b64encode
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

ROOT = "/v4_6_release/apis/3.0"
HEADERS = {
    "Authorization": f"Basic {b64encode(b'sim+pub:priv').decode()}",
    "clientId": "00000000-0000-4000-8000-000000000001",
}
LARGE = ("--customers", "10000", "--agreements", "10000", "--additions", "60000")
MOST_LINES = 10


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=int, default=5)
    parser.add_argument("--connections", type=int, default=8)
    given = parser.parse_args()
    tool = "wrk" if shutil.which("wrk") else "a plain Python client"
    print(f"Requests a second, keep-alive, rate limit off, server on one core, {tool} on another\n")
    print("| request | a second |\n|---|---|")
    with server() as (base, _):
        agreement = place(base)
        for path in (f"/finance/agreements/{agreement}", f"/finance/agreements/{agreement}/additions"):
            number = measured(f"{base}{ROOT}{path}", given.seconds, given.connections)
            print(f"| GET {path} | {number:,.0f} |")
    began = time.monotonic()
    with server(*LARGE) as (_, process):
        seconds = time.monotonic() - began
        print("\n| 10,000 companies and agreements, 60,000 additions | |\n|---|---|")
        print(f"| seconds until it answers | {seconds:.1f} |\n| memory | {resident(process.pid):.0f} MB |")


@contextmanager
def server(*arguments: str) -> Iterator[tuple[str, subprocess.Popen[str]]]:
    """A simulator on the first of this process's cores."""
    ports = ["--connectwise-port", "0", "--connectwise-tls-port", "0", "--sophos-port", "0"]
    command = [sys.executable, "-m", "truecount.simulator", *ports, *arguments]
    with subprocess.Popen([*core(0), *command], stdout=subprocess.PIPE, text=True) as process:
        try:
            assert process.stdout is not None
            ready = dict(word.split("=", 1) for word in process.stdout.readline().split()[1:])
            told(ready["connectwise"], "PATCH", "switches", {"C-46": "off"})
            yield ready["connectwise"], process
        finally:
            process.terminate()


def core(number: int) -> list[str]:
    """A prefix of commands that keeps them on a core of their own, where there are several."""
    cores = sorted(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else []
    if len(cores) < 2 or shutil.which("taskset") is None:
        return []
    return ["taskset", "-c", str(cores[number])]


def told(base: str, method: str, path: str, body: Any = None) -> Any:
    content = None if body is None else json.dumps(body).encode()
    request = urllib.request.Request(f"{base}/_sim/{path}", data=content, method=method)
    with urllib.request.urlopen(request) as answer:
        return json.load(answer)


def place(base: str) -> int:
    """The agreement with most lines up to ten."""
    counts: dict[int, int] = {}
    for row in told(base, "GET", "state")["additions"]:
        counts[row["agreementId"]] = counts.get(row["agreementId"], 0) + 1
    return max((count, id) for id, count in counts.items() if count <= MOST_LINES)[1]


def measured(url: str, seconds: int, connections: int) -> float:
    if shutil.which("wrk") is None:
        return by_python(url, seconds)
    headers = [part for name, value in HEADERS.items() for part in ("-H", f"{name}: {value}")]
    command = [*core(1), "wrk", "-t1", f"-c{connections}", f"-d{seconds}s", *headers, url]
    printed = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    found = re.search(r"Requests/sec:\s+([\d.]+)", printed)
    assert found is not None, printed
    assert "Non-2xx" not in printed, printed
    return float(found[1])


def by_python(url: str, seconds: int) -> float:
    host, _, path = url.removeprefix("http://").partition("/")
    connection = http.client.HTTPConnection(host)
    number, until = 0, time.monotonic() + seconds
    while time.monotonic() < until:
        connection.request("GET", f"/{path}", headers=HEADERS)
        answer = connection.getresponse()
        answer.read()
        assert answer.status == 200
        number += 1
    connection.close()
    return number / seconds


def resident(process: int) -> float:
    """Megabytes of a process now; 0 where the system does not tell."""
    status = Path(f"/proc/{process}/status")
    if not status.exists():
        return 0.0
    line = next(line for line in status.read_text(encoding="utf-8").splitlines() if line.startswith("VmRSS"))
    return int(line.split()[1]) / 1000


if __name__ == "__main__":
    main()
