"""How far a share can be trusted: Wilson's interval at 95 %.

34 of 40 renewed: between 70.9 % and 92.9 %. Source: metric specification B1 #23.
"""

from __future__ import annotations

Z = 1.959964


def wilson(share: float, count: int) -> tuple[float, float]:
    """Lower and upper end; (0, 1) of nothing."""
    if not count:
        return 0.0, 1.0
    spread = Z * (share * (1 - share) / count + Z**2 / (4 * count**2)) ** 0.5
    middle, size = share + Z**2 / (2 * count), 1 + Z**2 / count
    return max(0.0, (middle - spread) / size), min(1.0, (middle + spread) / size)
