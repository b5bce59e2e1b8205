"""What an accepted item is between the inbox and the store: one row of a staged table."""

from __future__ import annotations

import pyarrow as pa

_MOMENT = pa.timestamp("us", "UTC")

STAGED = pa.schema(
    [
        ("position", pa.int64()),  # order of arrival within the load: the first one wins
        ("source", pa.string()),  # the source's name
        ("claimed", pa.bool_()),  # it came from a browser
        ("kind", pa.string()),  # rules.kinds.Kind
        ("event", pa.string()),
        ("message_id", pa.binary()),  # 16 bytes: a UUID, else the MD5 of the text
        ("original_at", _MOMENT),  # the client's time as sent; null: it sent none
        ("sent_at", _MOMENT),
        ("received_at", _MOMENT),
        ("ts", _MOMENT),  # when it happened, corrected and clamped (rules.clock)
        ("clock", pa.string()),  # rules.clock.Clock: null as sent, else corrected or clamped
        ("anonymous_id", pa.string()),
        ("user_id", pa.string()),
        ("previous_id", pa.string()),  # of alias calls
        ("group_id", pa.string()),  # explicit on the event
        ("context_group_id", pa.string()),
        ("product", pa.string()),
        ("value", pa.float64()),
        ("properties", pa.string()),  # JSON object, null when empty
        ("traits", pa.string()),  # JSON object of identify and group calls
        ("bot", pa.bool_()),
    ]
)
