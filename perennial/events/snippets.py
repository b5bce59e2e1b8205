"""What to paste where: the stock clients, with nothing changed but host and key."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True, slots=True)
class Snippet:
    """`text` has the gaps {host}, {bare} (the host without scheme), {protocol} and {key}."""

    client: str
    where: str  # the package, as its registry names it
    text: str


_OWN = """<script async src="{host}/sdk/perennial.js"
  data-key="{key}"></script>
<script>
  (window.perennial = window.perennial || []).push(["identify", "USER_ID", {name: "…"}]);
  perennial.push(["group", "CUSTOMER_ID"]);
</script>"""
_SEGMENT_WEB = """import { AnalyticsBrowser } from "@segment/analytics-next"

const analytics = AnalyticsBrowser.load(
  { writeKey: "{key}", cdnURL: "{host}" },
  { integrations: { "Segment.io": { apiHost: "{bare}/v1", protocol: "{protocol}" } } },
)
analytics.identify("USER_ID", { name: "…" })
analytics.group("CUSTOMER_ID")
analytics.track("Report opened")"""
_POSTHOG_WEB = """import posthog from "posthog-js"

posthog.init("{key}", { api_host: "{host}", person_profiles: "identified_only" })
posthog.identify("USER_ID")
posthog.group("company", "CUSTOMER_ID")
posthog.capture("Report opened")"""
_SEGMENT_PYTHON = """import segment.analytics as analytics

analytics.write_key = "{key}"
analytics.host = "{host}"
analytics.group("USER_ID", "CUSTOMER_ID")
analytics.track("USER_ID", "Report opened")"""
_RUDDER_PYTHON = """import rudderstack.analytics as analytics

analytics.write_key = "{key}"
analytics.dataPlaneUrl = "{host}"
analytics.group("USER_ID", "CUSTOMER_ID")
analytics.track("USER_ID", "Report opened")"""
_POSTHOG_PYTHON = """from posthog import Posthog

posthog = Posthog("{key}", host="{host}")
posthog.capture("Report opened", distinct_id="USER_ID", groups={"company": "CUSTOMER_ID"})"""
_SEGMENT_NODE = """import { Analytics } from "@segment/analytics-node"

const analytics = new Analytics({ writeKey: "{key}", host: "{host}" })
analytics.group({ userId: "USER_ID", groupId: "CUSTOMER_ID" })
analytics.track({ userId: "USER_ID", event: "Report opened" })"""
_RUDDER_NODE = """import RudderAnalytics from "@rudderstack/rudder-sdk-node"

const analytics = new RudderAnalytics("{key}", { dataPlaneUrl: "{host}" })
analytics.group({ userId: "USER_ID", groupId: "CUSTOMER_ID" })
analytics.track({ userId: "USER_ID", event: "Report opened" })"""
_POSTHOG_NODE = """import { PostHog } from "posthog-node"

const posthog = new PostHog("{key}", { host: "{host}" })
posthog.capture({
  distinctId: "USER_ID",
  event: "Report opened",
  groups: { company: "CUSTOMER_ID" },
})"""
_CURL = """curl -u {key}: {host}/v1/track -d '{
  "userId": "USER_ID",
  "event": "Report opened",
  "context": {"groupId": "CUSTOMER_ID"}
}'"""

SNIPPETS: Final = {
    "browser": (
        Snippet("Perennial", "perennial.js", _OWN),
        Snippet("Segment", "@segment/analytics-next", _SEGMENT_WEB),
        Snippet("PostHog", "posthog-js", _POSTHOG_WEB),
    ),
    "server": (
        Snippet("HTTP", "curl", _CURL),
        Snippet("Segment · Python", "segment-analytics-python", _SEGMENT_PYTHON),
        Snippet("RudderStack · Python", "rudder-sdk-python", _RUDDER_PYTHON),
        Snippet("PostHog · Python", "posthog", _POSTHOG_PYTHON),
        Snippet("Segment · Node", "@segment/analytics-node", _SEGMENT_NODE),
        Snippet("RudderStack · Node", "@rudderstack/rudder-sdk-node", _RUDDER_NODE),
        Snippet("PostHog · Node", "posthog-node", _POSTHOG_NODE),
    ),
}
KEY_GAP: Final = "WRITE_KEY"


@dataclass(frozen=True, slots=True)
class Filled:
    client: str
    where: str
    text: str


def snippets(kind: str, *, host: str, key: str = KEY_GAP) -> list[Filled]:
    """The snippets of a kind of source; `host` has scheme and port, no slash at its end."""
    protocol, _, bare = host.partition("://")
    gaps = {"{host}": host, "{bare}": bare, "{protocol}": protocol, "{key}": key}
    return [Filled(it.client, it.where, _fill(it.text, gaps)) for it in SNIPPETS[kind]]


def _fill(text: str, gaps: dict[str, str]) -> str:
    for gap, value in gaps.items():
        text = text.replace(gap, value)
    return text
