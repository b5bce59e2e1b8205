"""What no person did: crawlers by the name of their browser, robots by their id.

Bots are kept and flagged, and left out of metrics. The patterns are settings; the engine reads
the same ones (`regexp_matches`), so that files and HTTP are judged alike.
"""

from __future__ import annotations

import re
from functools import lru_cache

AGENT_AT_MOST = 300  # characters that are read


@lru_cache(maxsize=4096)
def matches(text: str, pattern: str) -> bool:
    """Whether a browser's name or a person's id fits the pattern."""
    return re.search(pattern, text[:AGENT_AT_MOST]) is not None
