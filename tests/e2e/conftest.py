"""Fixtures of the end-to-end tests: the simulators once per test process, an integration connected to them per test."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command

from tests.e2e.killing import Stage, Undisturbed, killer, make_work, undisturbed
from tests.e2e.world import Simulators, World, connected, read_once, simulators_of


@pytest.fixture(scope="session")
def simulators() -> Iterator[Simulators]:
    """A world of four customers; `connected` puts it back to its start."""
    with simulators_of(customers=4) as running:
        yield running


@pytest.fixture
def trusting(simulators: Simulators, monkeypatch: pytest.MonkeyPatch) -> None:
    """Connectors load one certificate, as long as a test runs."""
    monkeypatch.setenv("SSL_CERT_FILE", simulators.certificate)


@pytest.fixture
def bare(simulators: Simulators, transactional_db: None, settings: Any, trusting: None) -> World:
    """Connected, and one reading taken so that there is something to map; nothing is mapped."""
    return read_once(connected(simulators, settings))


@pytest.fixture
def mapped(bare: World) -> World:
    """Everything mapped, nothing applied yet."""
    bare.map_all()
    return bare


@pytest.fixture
def world(mapped: World) -> World:
    """After a first applied run, with the counters at 0."""
    run = mapped.synchronise()
    assert (run.state, run.converged) == ("done", True)
    mapped.psa.forget_requests()
    mapped.vendor.forget_requests()
    return mapped


@pytest.fixture(scope="module")
def calm(simulators: Simulators) -> list[Undisturbed]:
    """What kill tests are to come to in the end; found by the first of them, for they all have the same world."""
    return []


@pytest.fixture
def stage(
    simulators: Simulators,
    transactional_db: None,
    settings: Any,
    trusting: None,
    tmp_path: Path,
    calm: list[Undisturbed],
) -> Iterator[Stage]:
    """A dozen writes are due and approved."""
    if not calm:
        calm.append(undisturbed(read_once(connected(simulators, settings))))
        call_command("flush", verbosity=0, interactive=False, inhibit_post_migrate=True)
    world = read_once(connected(simulators, settings))
    plan = make_work(world)
    with killer(tmp_path, simulators.certificate) as hand:
        yield Stage(world=world, plan=plan, hand=hand, calm=calm[0])
