"""The OpenAPI 3.1 description of the intake, as GET /v1/openapi.json gives it.

Bodies are described as stock clients send them; the intake takes more than that, see bodies.py
and envelopes.py. The HTTP status tells all that a client needs to know.
"""

from __future__ import annotations

from typing import Final

from perennial import __version__
from perennial.events.api.routes import CALLS
from perennial.events.inbox.bulk import FORMATS, KINDS, RECORDED, BulkState

TEXT: Final = {"type": "string"}
MOMENT: Final = {"type": "string", "format": "date-time"}
COUNT: Final = {"type": "integer"}
FILE_ID: Final = {"type": "string", "pattern": "^[0-9a-f]{32}$"}
OBJECT: Final = {"type": "object", "additionalProperties": True}


def _ref(name: str) -> dict[str, str]:
    return {"$ref": f"#/components/schemas/{name}"}


def _object(**properties: object) -> dict[str, object]:
    return {"type": "object", "properties": properties, "additionalProperties": True}


def _list_of(name: str) -> dict[str, object]:
    return {"type": "array", "items": _ref(name)}


def _json(schema: object, description: str) -> dict[str, object]:
    return {"description": description, "content": {"application/json": {"schema": schema}}}


def _refused(description: str, *, retry: bool = False) -> dict[str, object]:
    found = _json(_ref("Refusal"), description)
    if retry:
        wait = {"description": "Seconds to wait", "schema": {"type": "integer"}}
        found["headers"] = {"Retry-After": wait}
    return found


ANSWERS: Final = {
    "200": _json(_ref("Accepted"), "Stored durably: nothing that happens now loses it."),
    "400": _refused("The body cannot be decoded, or is larger than the source allows."),
    "401": _refused("The write key is missing, unknown or revoked."),
    "403": _refused("The source lists the origins it takes events from; this is none of them."),
    "429": _refused("More requests a minute than the source allows.", retry=True),
    "503": _refused(
        "Not stored. Send the same again: ids keep it from counting twice.", retry=True
    ),
}


def _post(summary: str, schema: object) -> dict[str, object]:
    content = {kind: {"schema": schema} for kind in ("application/json", "text/plain")}
    return {
        "post": {
            "summary": summary,
            "requestBody": {"required": True, "content": content},
            "responses": ANSWERS,
        }
    }


def _document(summary: str, *, method: str = "get") -> dict[str, object]:
    return {
        method: {
            "summary": summary,
            "security": [],
            "responses": {"200": _json(OBJECT, "As asked.")},
        }
    }


def _asked(name: str, values: tuple[str, ...], *, required: bool = False) -> dict[str, object]:
    schema = {"type": "string", "enum": list(values)}
    return {"name": name, "in": "query", "required": required, "schema": schema}


SETTINGS: Final = {
    "get": {
        "summary": "What the browser library of Segment asks for before it sends",
        "security": [],
        "parameters": [{"name": "key", "in": "path", "required": True, "schema": TEXT}],
        "responses": {
            "200": _json(OBJECT, "Where to send events."),
            "404": _refused("The write key is unknown or revoked."),
            "503": _refused("The write keys cannot be read just now.", retry=True),
        },
    }
}
FILE_ANSWERS: Final = {
    **{code: it for code, it in ANSWERS.items() if code != "429"},
    "200": _json(_ref("Taken"), "The file is durable; the worker imports it."),
    "403": _refused("The source is of kind browser."),
}
BULK: Final = {
    "/v1/import": {
        "post": {
            "summary": "A file of events or daily aggregates, with the columns of the import",
            "parameters": [
                _asked("format", FORMATS, required=True),
                _asked("kind", KINDS),
                _asked("recorded", RECORDED),
            ],
            "requestBody": {
                "required": True,
                "content": {"application/octet-stream": {"schema": {}}},
            },
            "responses": FILE_ANSWERS,
        }
    },
    "/v1/import/{id}": {
        "get": {
            "summary": "What came of a file",
            "parameters": [{"name": "id", "in": "path", "required": True, "schema": FILE_ID}],
            "responses": {
                "200": _json(_ref("FileState"), "As far as it is."),
                **{code: FILE_ANSWERS[code] for code in ("401", "403", "503")},
                "404": _refused("This source has sent no file of this id."),
            },
        }
    },
}
SCHEMAS: Final = {
    "Taken": {
        "type": "object",
        "properties": {"success": {"const": True}, "id": FILE_ID},
        "required": ["success", "id"],
        "additionalProperties": False,
    },
    "FileState": {
        **_object(
            success={"const": True},
            id=FILE_ID,
            state={"enum": [state.value for state in BulkState]},
            **dict.fromkeys(("rows", "added", "changed", "duplicates", "rejected"), COUNT),
            code=TEXT,
            message=TEXT,
            errors={"type": "array", "items": OBJECT},
        ),
        "required": ["success", "id", "state"],
    },
    "Accepted": {
        "type": "object",
        "properties": {"success": {"const": True}},
        "required": ["success"],
        "additionalProperties": False,
    },
    "Refusal": {
        "type": "object",
        "properties": {
            "success": {"const": False},
            **dict.fromkeys(("code", "message", "detail"), TEXT),
        },
        "required": ["success", "code", "message"],
    },
    "Event": _object(
        type={"enum": list(CALLS)},
        event=TEXT,
        messageId=TEXT,
        userId=TEXT,
        anonymousId=TEXT,
        previousId=TEXT,
        groupId=TEXT,
        name=TEXT,
        timestamp=MOMENT,
        originalTimestamp=MOMENT,
        sentAt=MOMENT,
        properties=OBJECT,
        traits=OBJECT,
        context=OBJECT,
        writeKey=TEXT,
    ),
    "Batch": {
        **_object(batch=_list_of("Event"), sentAt=MOMENT, context=OBJECT, writeKey=TEXT),
        "required": ["batch"],
    },
    "PosthogEvent": _object(
        event=TEXT,
        uuid=TEXT,
        distinct_id=TEXT,
        timestamp=MOMENT,
        properties=OBJECT,
        api_key=TEXT,
        token=TEXT,
    ),
    "PosthogBatch": {
        **_object(api_key=TEXT, batch=_list_of("PosthogEvent"), sent_at=MOMENT),
        "required": ["batch"],
    },
}
POSTHOG: Final = {"oneOf": [_ref("PosthogBatch"), _ref("PosthogEvent"), _list_of("PosthogEvent")]}
OPENAPI: Final[dict[str, object]] = {
    "openapi": "3.1.0",
    "info": {
        "title": "Perennial: event intake",
        "version": __version__,
        "description": "Stock clients of Segment, RudderStack and PostHog post here unchanged. "
        "A write key may only write. A bad item never fails its batch: it goes to the rejects.",
    },
    "security": [{"basic": []}, {"bearer": []}, {}],
    "paths": {
        **{f"/v1/{call}": _post(f"One {call} call", _ref("Event")) for call in CALLS},
        "/v1/batch": _post("Several calls", _ref("Batch")),
        **BULK,
        "/batch/": _post("PostHog: several events", _ref("PosthogBatch")),
        **{
            path: _post("PostHog: one event or several", POSTHOG)
            for path in ("/capture/", "/e/", "/i/v0/e/")
        },
        "/v1/projects/{key}/settings": SETTINGS,
        "/flags/": _document("PostHog's feature flags: there are none", method="post"),
        "/decide/": _document("PostHog's older feature flags: there are none", method="post"),
        "/v1/openapi.json": _document("This description"),
    },
    "components": {
        "securitySchemes": {
            "basic": {"type": "http", "scheme": "basic", "description": "The key is the user."},
            "bearer": {"type": "http", "scheme": "bearer"},
        },
        "schemas": SCHEMAS,
    },
}
