"""Core values as compressed JSON documents, for the columns that are written once and read whole."""

from __future__ import annotations

import zlib
from dataclasses import dataclass
from typing import TypeVar

import msgspec

from truecount.core.model import Baseline, Configuration

T = TypeVar("T")


@dataclass(frozen=True, slots=True, kw_only=True)
class PlanInputs:
    """What a plan was computed from besides its snapshot."""

    configuration: Configuration
    baseline: Baseline


def pack(value: object) -> bytes:
    """Decimals travel as text, dates as ISO 8601, so that a document reads back to an equal value."""
    return zlib.compress(msgspec.json.encode(value), level=1)


def unpack(document: bytes | memoryview, kind: type[T]) -> T:
    return msgspec.json.decode(zlib.decompress(document), type=kind)
