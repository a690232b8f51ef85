"""The contracts, run against every connector on every stage."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.connectors.contracts import PsaContract, UsageSourceContract
from tests.connectors.stages import FakeStage, FakeVendor, LiveStage, LiveVendor, MemoryStage, MemoryVendor, Simulator


class TestMemorySource(UsageSourceContract):
    @pytest.fixture
    def vendor(self) -> MemoryVendor:
        return MemoryVendor()


class TestSophosOnAFake(UsageSourceContract):
    @pytest.fixture
    def vendor(self) -> FakeVendor:
        return FakeVendor()


class TestSophosLive(UsageSourceContract):
    @pytest.fixture
    def vendor(self, simulator: Simulator) -> Iterator[LiveVendor]:
        stage = LiveVendor(simulator)
        yield stage
        stage.close()


class TestMemoryPsa(PsaContract):
    @pytest.fixture
    def stage(self) -> MemoryStage:
        return MemoryStage()


class TestConnectWiseOnAFake(PsaContract):
    @pytest.fixture
    def stage(self) -> FakeStage:
        return FakeStage()


class TestConnectWiseLive(PsaContract):
    @pytest.fixture
    def stage(self, simulator: Simulator) -> Iterator[LiveStage]:
        stage = LiveStage(simulator)
        yield stage
        stage.close()
