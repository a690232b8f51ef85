"""Takes secrets out of what is kept or shown; knows nothing of who sent it."""

from __future__ import annotations

import re
import threading

HIDDEN = b"***"
EXCERPT = 200

NAMED = re.compile(
    rb'((?:access_?token|refresh_?token|client_?secret|private_?key|secret|password|token)"?\s*[:=]\s*"?)'
    rb'[^"&\s,}]+',
    re.IGNORECASE,
)
CREDENTIALS = re.compile(rb"\b(Bearer|Basic)\s+[A-Za-z0-9._~+/=-]{8,}")
LONGEST_SEARCHED = 100_000
"""Longer bodies are pages of records: known secrets are taken out, names of fields are not searched for."""


class Redactor:
    """Hides known secrets, and the values of fields that are named like one."""

    def __init__(self, *secrets: str) -> None:
        self._known: tuple[bytes, ...] = ()
        self._lock = threading.Lock()
        for secret in secrets:
            self.learn(secret)

    def learn(self, secret: str) -> None:
        """From now on hidden, as it stands and as JSON writes it."""
        if not secret:
            return
        with self._lock:
            known = {*self._known, secret.encode(), secret.replace("/", "\\/").encode()}
            self._known = tuple(sorted(known, key=len, reverse=True))

    def body(self, content: bytes) -> bytes:
        for secret in self._known:
            if secret in content:
                content = content.replace(secret, HIDDEN)
        if len(content) > LONGEST_SEARCHED:
            return content
        return CREDENTIALS.sub(rb"\1 ***", NAMED.sub(rb"\1***", content))

    def excerpt(self, content: bytes | str) -> str:
        """The beginning on one line, redacted before it is cut."""
        raw = content.encode() if isinstance(content, str) else content
        return " ".join(self.body(raw[:LONGEST_SEARCHED]).decode("utf-8", "replace").split())[:EXCERPT]
