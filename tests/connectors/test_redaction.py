"""Secrets go out of everything that is kept."""

from __future__ import annotations

import pytest

from truecount.connectors.redaction import EXCERPT, LONGEST_SEARCHED, Redactor


def test_it_works() -> None:
    redactor = Redactor("hush")
    assert redactor.body(b'{"said": "hush, hush"}') == b'{"said": "***, ***"}'


@pytest.mark.parametrize(
    "body",
    [
        '{"access_token": "XYZ", "a": 1}',
        '{"accessToken":"XYZ"}',
        '{"refresh_token":"XYZ"}',
        '{"privateKey" : "XYZ"}',
        '{"password":"XYZ"}',
        "grant_type=x&client_secret=XYZ&scope=token",
        "Authorization: Bearer XYZXYZXYZ",
        "Authorization: Basic XYZXYZXYZ==",
    ],
)
def test_what_is_named_like_a_secret_goes(body: str) -> None:
    assert b"XYZ" not in Redactor().body(body.encode())


def test_what_is_not_a_secret_stays() -> None:
    body = b'{"name": "Token Ring Ltd", "token_type": "bearer", "pageFromKey": "abc", "keys": [1]}'
    assert Redactor("").body(body) == body


def test_a_secret_with_a_slash_is_found_as_json_writes_it() -> None:
    assert b"b" not in Redactor("a/b").body(b'"a\\/b"')


def test_long_pages_are_searched_for_known_secrets_only() -> None:
    page = b'{"password": "named", "x": "known"}' + b" " * LONGEST_SEARCHED
    kept = Redactor("known").body(page)
    assert b"known" not in kept
    assert b"named" in kept


def test_an_excerpt_is_short_and_redacted_before_it_is_cut() -> None:
    text = "x" * (EXCERPT - 3) + "secret-in-the-middle"
    excerpt = Redactor("secret-in-the-middle").excerpt(text)
    assert excerpt.endswith("***")
    assert len(Redactor().excerpt("<p>a\n\tb" * 1000)) == EXCERPT
