"""Credentials at rest: readable with the right key alone, and a wrong key stops the start."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from pytest_django import Settings

from truecount.core.errors import ErrorCode, Misused
from truecount.store.seals import check_key, seal, unseal

NOW = datetime(2026, 11, 26, 9, tzinfo=UTC)


def test_it_works() -> None:
    sealed = seal("s3cret")
    assert b"s3cret" not in sealed
    assert unseal(sealed) == "s3cret"


def test_another_key_fails_closed(settings: Settings) -> None:
    sealed = seal("s3cret")
    settings.TRUECOUNT_SECRET_KEY = "another key, long enough"
    with pytest.raises(Misused) as caught:
        unseal(sealed)
    assert caught.value.code is ErrorCode.WRONG_KEY


def test_an_older_key_after_a_comma_still_opens(settings: Settings) -> None:
    sealed = seal("s3cret")
    settings.TRUECOUNT_SECRET_KEY = f"a newer key, long enough,{settings.TRUECOUNT_SECRET_KEY}"
    assert unseal(sealed) == "s3cret"


@pytest.mark.django_db
def test_a_wrong_key_stops_the_start(settings: Settings) -> None:
    check_key(NOW)
    check_key(NOW)
    settings.TRUECOUNT_SECRET_KEY = "another key, long enough"
    with pytest.raises(Misused) as caught:
        check_key(NOW)
    assert caught.value.code is ErrorCode.WRONG_KEY
