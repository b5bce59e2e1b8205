"""Rows of facts as columns: each table is read once, whatever the number of cases."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pyarrow as pa
from django.conf import settings
from django.db import connections
from django.db.models import QuerySet, TextField
from django.db.models.functions import Cast, Left
from numpy.typing import NDArray

from perennial.health.inputs.cases import NEVER, Days
from perennial.units.moment import day_start

PORTION = 10_000  # rows
SECONDS = 19  # letters of a moment up to its seconds, in UTC: 2026-06-30 16:00:00


def loaded(rows: QuerySet[Any], *fields: str) -> pa.Table:
    """The fields as columns; a moment (`…_at`) becomes its business day (`…_on`), an exact
    number a float."""
    # As the database writes them: making a moment or a day of every row took longer than
    # reading all of them.
    chosen = [
        Left(Cast(name, TextField()), SECONDS) if name.endswith(("_at", "_on")) else name
        for name in fields
    ]
    sql, parameters = rows.order_by().values_list(*chosen).query.sql_with_params()
    types = [_type(name) for name in fields]
    columns: list[list[pa.Array]] = [[] for _ in fields]
    with connections[rows.db].cursor() as cursor:
        cursor.execute(sql, parameters)
        while part := cursor.fetchmany(PORTION):
            for column, values, kind in zip(columns, zip(*part, strict=True), types, strict=True):
                column.append(_array(values, kind))
    named = zip(fields, columns, types, strict=True)
    return pa.table(
        {_named(name): _dated(name, pa.chunked_array(it, kind)) for name, it, kind in named}
    )


def _named(field: str) -> str:
    return field.removesuffix("_at") + "_on" if field.endswith("_at") else field


def _type(field: str) -> pa.DataType:
    if field in _KEYS:
        return pa.int64()
    if field in _NUMBERS:
        return pa.float64()
    return pa.bool_() if field in _FLAGS else pa.string()


def _array(values: Sequence[Any], kind: pa.DataType) -> pa.Array:
    if kind == pa.float64():  # exact numbers, which databases write otherwise
        values = [None if it is None else float(it) for it in values]
    elif kind == pa.bool_():
        values = [bool(it) for it in values]
    return pa.array(values, kind)


def _dated(field: str, column: pa.ChunkedArray) -> pa.ChunkedArray | pa.Array:
    if field.endswith("_at"):
        return pa.array(business_days(column), pa.date32())
    return column.cast(pa.date32()) if field.endswith("_on") else column


_KEYS = frozenset({"pk", "customer_id", "person_id"})
_NUMBERS = frozenset({"score", "value"})
_FLAGS = frozenset({"recorded_assumed"})


def business_days(texts: pa.ChunkedArray) -> Days:
    """The company's day of moments that are written in UTC; null is no day."""
    moments = texts.cast(pa.timestamp("s")).to_numpy().astype("datetime64[s]")
    known = ~np.isnat(moments)
    days: Days = np.full(len(moments), NEVER)
    if known.any():
        starts, names = _starts(np.unique(moments[known].astype("datetime64[D]")))
        days[known] = names[np.searchsorted(starts, moments[known], side="right") - 1]
    return days


def _starts(utc_days: Days) -> tuple[NDArray[np.datetime64], Days]:
    """When the business days around these days in UTC begin, in UTC."""
    near = np.unique(np.concatenate([utc_days + step for step in (-1, 0, 1)]))
    begins = [
        day_start(day, settings.PERENNIAL_TIME_ZONE).replace(tzinfo=None)
        for day in near.astype(object)
        if day.year > 1
    ]
    kept = near[len(near) - len(begins) :]
    return np.array(begins, "datetime64[s]"), kept
