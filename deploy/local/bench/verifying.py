"""P6, the other half: verifying what `sealing` sealed."""

from __future__ import annotations

from deploy.local.bench.figure import Figure, Tell
from deploy.local.bench.sealing import SIZES, VERIFY_S, figures, measured


def measure(tell: Tell, *, runs: int, sizes: tuple[int, ...] = SIZES) -> list[Figure]:
    """Seconds to verify: at most half a one for 80 × 60 × 6, and no more a ballot with 10,000 than with 80."""
    return figures("verify", VERIFY_S, measured(tell, runs, sizes), sizes)
