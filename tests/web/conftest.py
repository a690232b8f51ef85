"""A partner's world and a browserless client for each of its people."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.test import Client

from tests.web.rows import World, make_world

SignedIn = Callable[..., Client]


@pytest.fixture
def world(db: None) -> World:
    return make_world()


@pytest.fixture
def signed_in(world: World) -> SignedIn:
    """A client of the world's person with that role, in that language."""

    def sign(role: str = "approver", language: str = "en", of: World = world) -> Client:
        user = of.users[role]
        user.language = language
        user.save()
        client = Client()
        client.force_login(user)
        return client

    return sign
