"""The filtered list as CSV: what is on the screen, all pages, the same gate."""

from __future__ import annotations

import csv
from collections.abc import Iterator

from django.db.models import QuerySet

from perennial.desk.models import CustomerFigures
from perennial.web.download import neutral

MONEY = ("mrr", "arr", "renewal_amount", "money_at_risk")
COLUMNS = {
    "external_id": "customer__external_id",
    "name": "customer__name",
    "name_en": "customer__name_en",
    "tier": "customer__tier",
    "stage": "stage",
    "industry": "customer__industry",
    "region": "customer__region",
    "owner": "customer__owner__email",
    "health_score": "score",
    "health_band": "band",
    "health_change_30d": "score_change",
    "mrr": "mrr",
    "arr": "arr",
    "usage_trend_rate": "usage_trend_rate",
    "seats_used": "seats_used",
    "seats_bought": "seats_bought",
    "renewal_on": "renewal_on",
    "renewal_amount": "renewal_amount",
    "nps": "nps",
    "open_tickets": "open_tickets",
    "last_touch_on": "last_touch_on",
    "last_seen_on": "last_seen_on",
    "money_at_risk": "money_at_risk",
}


class _Echo:
    def write(self, line: str) -> str:
        return line


def csv_lines(rows: QuerySet[CustomerFigures], *, money: bool) -> Iterator[str]:
    """CSV text line by line, with a BOM so that Excel reads Chinese."""
    columns = {name: path for name, path in COLUMNS.items() if money or name not in MONEY}
    writer = csv.writer(_Echo())
    yield "\ufeff"
    yield writer.writerow(columns)
    yield from (
        writer.writerow(neutral(row)) for row in rows.values_list(*columns.values()).iterator(2000)
    )
