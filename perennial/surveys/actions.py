"""Survey answers come in from files; runs inside the import's transaction."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from decimal import Decimal

from django.utils.translation import gettext_noop as _

from perennial.customers.upsert import ImportedRow, Upserted, upsert
from perennial.surveys.models import Answer, SurveyKind
from perennial.units.errors import RowError

# NPS is asked on 0–10, CES on 1–7; CSAT on 1–5, or on 0–10 as many firms here do.
SCALES = {SurveyKind.NPS: (0, 10), SurveyKind.CSAT: (0, 10), SurveyKind.CES: (1, 7)}


def record_answers(
    rows: Sequence[ImportedRow], *, customers: Mapping[str, int], batch: int
) -> Upserted:
    """Add and change answers by external id; a score off its scale is an error."""
    errors, good = [], []
    for row in rows:
        values = dict(row.values)
        values["customer_id"] = customers[values["customer_id"]]
        least, most = SCALES[SurveyKind(values["kind"])]
        if not least <= values["score"] <= most or values["score"] != round(values["score"], 2):
            errors.append(_off_scale(row.row, values["kind"], values["score"], least, most))
            continue
        if "person_id" in values:
            values["person_id_text"] = values.pop("person_id") or ""
        if "comment" in values:
            values["comment"] = values["comment"] or ""
        good.append(replace(row, values=values))
    upserted = upsert(Answer, good, key=("external_id",), batch=batch)
    upserted.errors += errors
    return upserted


def _off_scale(row: int, kind: str, score: Decimal, least: int, most: int) -> RowError:
    return RowError(
        "off_scale",
        _("The score {score} is not on the scale of {kind}: {least} to {most}."),
        row,
        "score",
        params={
            "score": str(score),
            "kind": kind.upper(),
            "least": str(least),
            "most": str(most),
        },
    )
