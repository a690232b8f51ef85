"""Credentials at rest: sealed with a key that is not in the database; a wrong key fails closed."""

from __future__ import annotations

import base64
import hashlib
from datetime import datetime

from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from django.conf import settings

from truecount.core.errors import ErrorCode, Misused
from truecount.store.models import Installation


def _derived(key: str, purpose: bytes) -> bytes:
    return HKDF(algorithm=SHA256(), length=32, salt=None, info=purpose).derive(key.encode())


def _keys() -> list[str]:
    """The first seals; the others, after a comma, only open what was sealed before."""
    return [key.strip() for key in settings.TRUECOUNT_SECRET_KEY.split(",") if key.strip()]


def _fernet() -> MultiFernet:
    return MultiFernet([Fernet(base64.urlsafe_b64encode(_derived(key, b"truecount seal"))) for key in _keys()])


def seal(secret: str) -> bytes:
    return _fernet().encrypt(secret.encode())


def unseal(sealed: bytes | memoryview) -> str:
    try:
        return _fernet().decrypt(bytes(sealed)).decode()
    except InvalidToken:
        raise Misused(ErrorCode.WRONG_KEY) from None


def _fingerprint(key: str) -> str:
    return hashlib.sha256(_derived(key, b"truecount fingerprint")).hexdigest()


def check_key(now: datetime) -> None:
    """Refuse to start with another key than the one that sealed this database's credentials."""
    known = Installation.objects.first()
    if known is None:
        Installation.objects.create(key_fingerprint=_fingerprint(_keys()[0]), made_at=now)
    elif known.key_fingerprint not in {_fingerprint(key) for key in _keys()}:
        raise Misused(ErrorCode.WRONG_KEY)
