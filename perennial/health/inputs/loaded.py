"""Rows of facts as columns: each table is read once, whatever the number of cases."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from typing import Any

import numpy as np
import pyarrow as pa
from django.conf import settings
from django.db.models import QuerySet, TextField
from django.db.models.functions import Cast, Left
from numpy.typing import NDArray

from perennial.health.inputs.cases import NEVER, Days
from perennial.units.moment import day_start

SECONDS = 19  # letters of a moment up to its seconds, in UTC: 2026-06-30 16:00:00


def loaded(rows: QuerySet[Any], *fields: str) -> pa.Table:
    """The fields as columns; a moment (`…_at`) becomes its business day (`…_on`), an exact
    number a float."""
    # As text: making a moment of every row took longer than reading it.
    chosen = [
        Left(Cast(name, TextField()), SECONDS) if name.endswith("_at") else name for name in fields
    ]
    found = rows.order_by().values_list(*chosen).iterator(chunk_size=20_000)
    columns = list(zip(*found, strict=True)) or [()] * len(fields)
    return pa.table(
        {
            name.removesuffix("_at") + "_on" if name.endswith("_at") else name: _column(name, it)
            for name, it in zip(fields, columns, strict=True)
        }
    )


def _column(name: str, values: Sequence[Any]) -> pa.Array:
    if name.endswith("_at"):
        return pa.array(business_days(values), pa.date32())
    if name.endswith("_on"):
        return pa.array(values, pa.date32())
    if name in _KEYS:
        return pa.array(values, pa.int64())
    if name in _NUMBERS:
        return pa.array([None if it is None else float(it) for it in values], pa.float64())
    if name in _FLAGS:
        return pa.array(values, pa.bool_())
    return pa.array(values, pa.string())


_KEYS = frozenset({"pk", "customer_id", "person_id"})
_NUMBERS = frozenset({"score", "value", "satisfaction"})
_FLAGS = frozenset({"recorded_assumed"})


def business_days(texts: Sequence[str | None]) -> Days:
    """The company's day of moments that are written in UTC; None is no day."""
    if not texts:
        return np.array([], "datetime64[D]")
    moments = np.array([text or "NaT" for text in texts], "datetime64[s]")
    known = ~np.isnat(moments)
    days = np.full(len(moments), NEVER)
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


def days_before(day: np.datetime64, count: int) -> Any:
    """A plain date some days earlier."""
    return day.astype(object) - timedelta(days=count)
