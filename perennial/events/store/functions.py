"""Functions of metric expressions that Ibis lacks, in the words of each engine.

Bits have the same names in both. What has none is defined in a session before it is used.
"""

from __future__ import annotations

import ibis


@ibis.udf.agg.builtin  # type: ignore[untyped-decorator]
def bit_or(bits: int) -> int:
    """Bits set in any row."""
    raise NotImplementedError  # only its signature is used


@ibis.udf.scalar.builtin  # type: ignore[untyped-decorator]
def bit_count(bits: int) -> int:
    """How many bits are set."""
    raise NotImplementedError


@ibis.udf.scalar.builtin  # type: ignore[untyped-decorator]
def property_text(properties: str, key: str) -> str:
    """One property of an event as text; null where it is absent or JSON's null.

    Any name will do, also `$current_url` or `a.b`. Numbers, booleans, objects and lists are as
    JSON writes them; so the properties of a property are one call more.
    """
    raise NotImplementedError


@ibis.udf.scalar.builtin  # type: ignore[untyped-decorator]
def bit_at(place: int) -> int:
    """The number with this one bit set; null where the place is not in 0 … 62.

    `1 << place` is no substitute: Spark takes that 1 for 32 bits, and is silently wrong.
    """
    raise NotImplementedError


DUCKDB = (
    # A JSON pointer, in which every name can be written. What is no object has no properties.
    "CREATE OR REPLACE TEMP MACRO property_text(properties, name) AS "
    "CASE WHEN ltrim(properties, E' \\t\\r\\n') LIKE '{%' THEN TRY(json_extract_string("
    "properties, '/' || replace(replace(name, '~', '~0'), '/', '~1'))) END",
    "CREATE OR REPLACE TEMP MACRO bit_at(place) AS "
    "CASE WHEN place BETWEEN 0 AND 62 THEN 1::BIGINT << place END",
)
SPARK = (
    "CREATE OR REPLACE TEMPORARY FUNCTION property_text(properties STRING, name STRING) "
    "RETURNS STRING RETURN from_json(properties, 'map<string,string>')[name]",
    "CREATE OR REPLACE TEMPORARY FUNCTION bit_at(place BIGINT) RETURNS BIGINT RETURN "
    "CASE WHEN place BETWEEN 0 AND 62 THEN shiftleft(1L, CAST(place AS INT)) END",
)
