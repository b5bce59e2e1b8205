"""The rows of a file as one relation: typed, judged, with their identity."""

from __future__ import annotations

from datetime import datetime
from zoneinfo import ZoneInfo

from perennial.events.load.columns import UNIT, Columns
from perennial.events.load.file import DEFAULT_SOURCE, EventFile, Recorded
from perennial.events.store import identifier, literal

# Whose daily aggregate it is; the day itself is part of every identity.
_DAILY_KEY = ", ".join(
    ["'daily'"] + [f"coalesce({it}, '')" for it in ("event", "own_customer", "person", "product")]
)


def parsed(columns: Columns, *, zone: ZoneInfo, at: datetime, recorded: Recorded) -> str:
    """One SELECT from the file's relation to judged rows in the shape of the events table,
    with `row`, `fault` (NULL when good) and `contents` (of rows that bring an id)."""
    file = columns.file
    now = f"TIMESTAMPTZ '{at.isoformat(sep=' ')}'"
    judged = f"""
        SELECT *, {_fault(now, columns.file)} AS fault,
            coalesce(received, {"ts" if recorded is Recorded.EFFECTIVE else now}) AS received_at
        FROM ({_read(columns)})"""
    business = literal(zone.key)
    contents = ", ".join(columns.contents())
    ts, given = "ts", "message_text IS NOT NULL"
    named = f"coalesce({_uuid('message_text')}, unhex(md5(message_text)))"
    if columns.file.daily:
        ts = f"timezone({business}, date_trunc('day', timezone({business}, ts)))"
        given, named = "true", f"unhex(md5(concat_ws('{UNIT}', {_DAILY_KEY})))"
    customer, join = "own_customer", ""
    if file.orders:
        customer = "coalesce(own_customer, orders.customer)"
        join = "LEFT JOIN orders ON judged.order_id = orders.order_id"
    return f"""
        SELECT row, fault, timezone({business}, ts)::DATE AS day,
            {customer} AS customer, person, event, product,
            {ts} AS ts, received_at, timezone({business}, received_at)::DATE AS received_on,
            coalesce(number, 1) AS value, judged.order_id,
            CASE WHEN {given} THEN {named}
                 ELSE unhex(md5(concat_ws('{UNIT}', {contents}))) END AS message_id,
            {_source(file)} AS source, properties,
            {"received IS NULL" if recorded is Recorded.EFFECTIVE else "false"} AS assumed,
            CASE WHEN {given} THEN hash({contents}) END AS contents,
            CASE WHEN fault IS NULL THEN date_trunc('month', day)::DATE END AS month
        FROM ({judged}) AS judged {join}"""


def _source(file: EventFile) -> str:
    """Whose event it is. A file that comes under a name of its own cannot speak for others."""
    own = literal(file.source)
    return f"coalesce(event_source, {own})" if file.source == DEFAULT_SOURCE else own


def _read(columns: Columns) -> str:
    """The file's columns as typed ones, with what `_fault` needs to judge them."""
    value = columns.text("value")
    joins = "".join(
        f" LEFT JOIN moments AS {ours} ON {ours}.text = {columns.text(ours)}"
        for ours in ("timestamp", "received_at")
        if columns.other_texts(ours)
    )
    return f"""
        SELECT row, {"line IS NULL" if columns.relation.lines else "false"} AS broken,
            {columns.text("event")} AS event, {columns.text("product")} AS product,
            {columns.text("customer_id")} AS own_customer, {columns.text("user_id")} AS person,
            {columns.text("order_id")} AS order_id, {columns.message_text()} AS message_text,
            {columns.text("event_source")} AS event_source,
            {columns.present("timestamp")} AS timed,
            {columns.moment("timestamp", other='"timestamp".ts')} AS ts,
            {columns.present("received_at")} AS received_given,
            {columns.moment("received_at", other="received_at.ts")} AS received,
            {value} IS NOT NULL AS valued, try_cast({value} AS DOUBLE) AS number,
            {columns.properties()} AS properties{columns.raw_columns()}
        FROM ({columns.relation.select}){joins}"""


def described_rows(columns: Columns, rows: str) -> str:
    """The texts of some rows (a relation with `row` and `fault`), for messages about them."""
    texts = {ours: columns.text(ours) for ours in ("timestamp", "received_at", "value")}
    texts |= {"message_id": f"replace({columns.message_text()}, '{UNIT}', ' + ')"}
    fields = ", ".join(f"{text} AS {identifier(ours)}" for ours, text in texts.items())
    return f"""
        SELECT bad.row, fault, {fields} FROM ({columns.relation.select}) AS source
        JOIN ({rows}) AS bad ON source.row = bad.row ORDER BY bad.row"""


def _fault(now: str, file: EventFile) -> str:
    """The first fault of a row (the codes of `faults.FAULTS`), NULL when it has none."""
    conditions = {
        "broken_row": "broken",
        "missing_event": "event IS NULL",
        "missing_timestamp": "NOT timed",
        "bad_timestamp": "ts IS NULL",
        "future_timestamp": f"ts > {now}",
        "bad_received_at": "received_given AND received IS NULL",
        "missing_value": "NOT valued" if file.daily else "false",
        "bad_value": "valued AND NOT coalesce(isfinite(number), false)",
        "negative_value": "number < 0",
    }
    cases = " ".join(f"WHEN {test} THEN '{code}'" for code, test in conditions.items())
    return f"CASE {cases} END"


def _uuid(text: str) -> str:
    """The sixteen bytes of a text that is a UUID, else NULL."""
    return f"unhex(replace(try_cast({text} AS UUID)::VARCHAR, '-', ''))"
