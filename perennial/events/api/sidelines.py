"""What stock clients ask for beside posting events: settings, flags, remote configuration.

The answers turn everything off that Perennial does not do, so that no client asks further.
"""

from __future__ import annotations

import json
import re
from typing import Final

from asgiref.typing import HTTPScope

from perennial.events.api import answers, arrival
from perennial.events.api.answers import Answer
from perennial.events.api.description import OPENAPI
from perennial.events.api.keys import Keys

SEGMENT_SETTINGS: Final = re.compile(r"/v1/projects/([^/]+)/settings/?$")  # below any CDN prefix
POSTHOG_CONFIG: Final = re.compile(r"^/array/([\w-]+)/config(\.js)?$")
# The library comes from a bundle or a CDN; what it would load from us it can do without.
POSTHOG_SCRIPTS: Final = re.compile(
    r"^/(array/[\w-]+/|static/([\d.]+/)?)(array|recorder|lazy-recorder|posthog-recorder|surveys"
    r"|surveys-preview|exception-autocapture|web-vitals|tracing-headers|dead-clicks-autocapture"
    r"|toolbar|customizations|conversations|product-tours|remote-config)[\w.-]*\.js$"
)
CONFIG: Final = {
    "supportedCompression": ["gzip", "gzip-js"],
    "hasFeatureFlags": False,
    "sessionRecording": False,
    "surveys": False,
    "heatmaps": False,
    "captureDeadClicks": False,
    "capturePerformance": False,
    "autocaptureExceptions": False,
    "siteApps": [],
}
FLAGS: Final = {
    **CONFIG,
    "config": {"enable_collect_everything": True},
    "errorsWhileComputingFlags": False,
    "flags": {},
    "featureFlags": {},
    "featureFlagPayloads": {},
}
DEFINITIONS: Final[dict[str, object]] = {"flags": [], "group_type_mapping": {}, "cohorts": {}}
DOCUMENTS: Final = {
    "/v1/openapi.json": answers.document(OPENAPI),
    "/flags": answers.document(FLAGS),
    "/decide": answers.document(FLAGS),
    "/flags/definitions": answers.document(DEFINITIONS),
    "/api/surveys": answers.document({"surveys": []}),
    "/api/early_access_features": answers.document({"earlyAccessFeatures": []}),
    "/api/web_experiments": answers.document({"experiments": []}),
    "/api/product_tours": answers.document({"product_tours": []}),
}
NO_SCRIPT: Final = Answer(404, content_type="text/javascript")


def answer(scope: HTTPScope, keys: Keys) -> Answer | None:
    """The answer to what a client asks beside; None when it is not for the intake."""
    path = scope["path"]
    found = DOCUMENTS.get(path.rstrip("/"))
    if found is None and path.endswith(("/settings", "/settings/")):
        found = _segment_settings(scope, keys)
    if found is None and path.startswith(("/array/", "/static/")):
        found = _posthog_asset(path)
    if found and scope["method"] == "OPTIONS":
        return answers.preflight(arrival.headers_of(scope).asked_headers)
    return found


def _segment_settings(scope: HTTPScope, keys: Keys) -> Answer | None:
    """What the CDN of Segment says of a source: here, that events go to this very host."""
    match = SEGMENT_SETTINGS.search(scope["path"])
    if match is None:
        return None
    keys.start()
    key = match[1]
    if keys.find(key) is None:
        return answers.NOT_FOUND if keys.are_known() else answers.KEYS_UNREADABLE
    host = arrival.headers_of(scope).host
    segment = {"apiKey": key, "apiHost": f"{host}/v1", "protocol": scope["scheme"]}
    return answers.document(
        {
            "integrations": {"Segment.io": segment},
            "plan": {"track": {"__default": {"enabled": True, "integrations": {}}}},
            "edgeFunction": {},
            "analyticsNextEnabled": True,
            "middlewareSettings": {},
            "enabledMiddleware": {},
            "metrics": {"sampleRate": 0},
            "legacyVideoPluginsEnabled": False,
            "remotePlugins": [],
        }
    )


def _posthog_asset(path: str) -> Answer | None:
    if match := POSTHOG_CONFIG.match(path):
        token, is_script = match[1], match[2]
        if not is_script:
            return answers.document({**CONFIG, "token": token})
        entry = json.dumps({token: {"config": {**CONFIG, "token": token}, "siteApps": []}})
        known = "window._POSTHOG_REMOTE_CONFIG"
        text = f"{known} = Object.assign({known} || {{}}, {entry});"
        return Answer(200, text.encode(), content_type="text/javascript")
    return NO_SCRIPT if POSTHOG_SCRIPTS.match(path) else None
