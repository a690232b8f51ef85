"""The simulator as a program: its ready line, its flags, its end, and how fast it starts and answers."""

import resource
import signal
import socket
import subprocess
import sys
import time

import httpx2

from tests.simulator.conftest import PLAIN, Simulator, running
from truecount.simulator.connectwise import ConnectWise
from truecount.simulator.options import SimulatorOptions
from truecount.simulator.server import build


def test_two_processes_with_the_same_flags_hold_the_same() -> None:
    flags = (
        "--customers",
        "15",
        "--seed",
        "9",
        "--agreements",
        "25",
        "--additions",
        "90",
        "--now",
        "2026-10-28T08:00:00Z",
    )
    with running(*flags) as one, running(*flags) as other:
        for vendor in (False, True):
            first, second = one.state(vendor=vendor), other.state(vendor=vendor)
            assert first.pop("now")[:10] == second.pop("now")[:10] == "2026-10-28"
            assert _without_ports(first, one) == _without_ports(second, other)


def _without_ports(state: dict[str, object], simulator: Simulator) -> str:
    return str(state).replace(simulator.connectwise, "").replace(simulator.sophos, "")


def test_the_certificate_stands_where_it_was_asked_for(tmp_path: object) -> None:
    with running("--customers", "2", "--certificates", str(tmp_path)) as simulator:
        assert str(simulator.certificate).startswith(str(tmp_path))
        assert "BEGIN CERTIFICATE" in simulator.certificate.read_text(encoding="ascii")


def test_latency_is_for_the_api_only() -> None:
    with running("--customers", "2", "--latency-ms", "300") as simulator:
        started = time.monotonic()
        simulator.control("GET", "requests")
        quick = time.monotonic() - started
        PLAIN.get(f"{simulator.connectwise}/login/companyinfo/sim")
        slow = time.monotonic() - started - quick
    assert quick < 0.3 <= slow


def test_a_taken_port_is_said() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = str(taken.getsockname()[1])
        command = [sys.executable, "-m", "truecount.simulator", "--sophos-port", port, "--connectwise-port", "0"]
        command += ["--connectwise-tls-port", "0"]
        done = subprocess.run(command, capture_output=True, text=True, timeout=30, check=False)
    assert done.returncode == 1
    assert "ddress already in use" in done.stderr
    assert done.stdout == ""


def test_it_ends_although_a_call_hangs() -> None:
    with running("--customers", "2") as simulator, socket.create_connection(_address(simulator)) as caller:
        simulator.faults({"route": "*", "kind": "timeout"})
        caller.sendall(b"GET /v4_6_release/apis/3.0/system/info HTTP/1.1\r\nHost: x\r\n\r\n")
        while simulator.control("GET", "requests").json()["by_status"] != {"dropped": 1}:
            time.sleep(0.01)
        assert signal.SIGTERM, "`running` waits for its end"


def _address(simulator: Simulator) -> tuple[str, int]:
    url = httpx2.URL(simulator.connectwise)
    assert url.port is not None
    return url.host, url.port


def test_a_large_world_starts_quickly() -> None:
    """10,000 companies and agreements with 60,000 additions: under 5 s and 500 MB, with room for a busy machine."""
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    started = time.process_time()
    connectwise, _ = build(SimulatorOptions(customers=10_000, agreements=10_000, additions=60_000))
    assert time.process_time() - started < 5
    assert (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) / 1024 < 500
    assert isinstance(connectwise.system, ConnectWise)
    assert len(connectwise.system.books["agreements"].rows) == 10_000
    assert len(connectwise.system.books["additions"].rows) == 60_000
