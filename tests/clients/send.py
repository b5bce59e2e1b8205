"""The same six logical events through a stock Python client: send.py CLIENT HOST KEY USER GROUP."""

from __future__ import annotations

import sys
from datetime import datetime
from importlib import import_module
from typing import Any

TRAITS, COMPANY = {"name": "Ann", "plan": "gold"}, {"name": "Acme", "industry": "Retail"}
EXPORT, ADDRESS = {"rows": 3, "format": "csv"}, "https://app.example/docs"


def main(client: str, host: str, key: str, user: str, group: str, at: str) -> None:
    when = datetime.fromisoformat(at)
    if client == "posthog-python":
        posthog(host, key, user, group, when)
        return
    segment = client == "segment-python"
    analytics: Any = import_module("segment.analytics" if segment else "rudderstack.analytics")
    if segment:
        analytics.host = host
    else:
        analytics.dataPlaneUrl = host
    analytics.write_key = key
    analytics.identify(user, TRAITS)
    analytics.group(user, group, COMPANY)
    analytics.track(user, "Report exported", EXPORT, timestamp=when)
    analytics.track(user, "Login")
    analytics.page(user, name="Docs", properties={"url": ADDRESS})
    analytics.screen(user, name="Main")
    analytics.shutdown()


def posthog(host: str, key: str, user: str, group: str, when: datetime) -> None:
    from posthog import Posthog

    client = Posthog(key, host=host)
    groups: dict[str, Any] = {"company": group}
    client.set(distinct_id=user, properties=TRAITS)
    client.group_identify("company", group, COMPANY)
    client.capture(
        "Report exported", distinct_id=user, properties=EXPORT, groups=groups, timestamp=when
    )
    client.capture("Login", distinct_id=user, groups=groups)
    client.capture(
        "$pageview", distinct_id=user, properties={"$current_url": ADDRESS}, groups=groups
    )
    client.capture("$screen", distinct_id=user, properties={"$screen_name": "Main"}, groups=groups)
    client.shutdown()


if __name__ == "__main__":
    main(*sys.argv[1:])
