"""Fixtures of the connector tests: the live simulator, started once, reset before each test that uses it."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator

import pytest

from tests.connectors.fakes import FakeConnectWise, FakeSophos, Time
from tests.connectors.stages import Simulator


@pytest.fixture(scope="session")
def running_simulator() -> Iterator[Simulator]:
    command = [sys.executable, "-m", "truecount.simulator", "--customers", "12"]
    ports = ["--connectwise-port", "0", "--sophos-port", "0", "--connectwise-tls-port", "0"]
    with subprocess.Popen([*command, *ports], stdout=subprocess.PIPE, text=True) as process:
        try:
            assert process.stdout is not None
            words = process.stdout.readline().split()
            assert words[:1] == ["ready"], words
            simulator = Simulator(dict(word.split("=", 1) for word in words[1:]))
            yield simulator
            simulator.close()
        finally:
            process.terminate()


@pytest.fixture
def simulator(running_simulator: Simulator) -> Simulator:
    running_simulator.reset()
    return running_simulator


@pytest.fixture
def moment() -> Time:
    return Time()


@pytest.fixture
def sophos() -> FakeSophos:
    return FakeSophos()


@pytest.fixture
def connectwise() -> FakeConnectWise:
    return FakeConnectWise()
