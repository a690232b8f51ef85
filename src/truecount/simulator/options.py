"""What the simulators are started with."""

from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

START = datetime(2026, 11, 26, 9, 0, tzinfo=UTC)


@dataclass(frozen=True, kw_only=True)
class SimulatorOptions:
    """Port 0 takes a free one; `agreements` and `additions` are exact numbers where they are given."""

    connectwise_port: int = 18080
    connectwise_tls_port: int = 18443
    sophos_port: int = 18081
    seed: int = 1
    customers: int = 120
    agreements: int | None = None
    additions: int | None = None
    now: datetime = START
    latency_ms: float = 0
    certificates: Path | None = None
    """Where the certificate is written; a temporary folder if None."""
