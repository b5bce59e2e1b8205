"""Which addresses take events, as the stock clients of Segment, RudderStack and PostHog ask."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True, slots=True)
class Route:
    """`name` is the route of the frame. `single`: the body is one event, never a batch."""

    name: str
    single: bool = False
    posthog: bool = False


CALLS: Final = ("identify", "track", "page", "screen", "group", "alias")
SEGMENT: Final = {f"/v1/{call}": Route(call, single=True) for call in CALLS}
# analytics-next sends the first letter; "s" is screen.
SHORT: Final = {f"/v1/{call[0]}": Route(call, single=True) for call in CALLS}
BATCHES: Final = {path: Route("batch") for path in ("/v1/batch", "/v1/b", "/v1/import")}
POSTHOG: Final = {
    path: Route("posthog", posthog=True)
    for path in ("/batch", "/capture", "/e", "/i/v0/e", "/i/v0/ai/batch")
}


def _with_and_without_slash() -> Iterator[tuple[str, Route]]:
    for path, route in (SEGMENT | SHORT | BATCHES | POSTHOG).items():
        yield path, route
        yield path + "/", route


ROUTES: Final = dict(_with_and_without_slash())
