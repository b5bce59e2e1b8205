"""Small files for the tests of imports."""

from __future__ import annotations

import gzip
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from perennial.connectors.actions import import_file
from perennial.connectors.options import Options
from perennial.connectors.results import ImportResult
from perennial.units.mapping import parse_map

NOW = datetime(2025, 3, 1, 4, 0, tzinfo=UTC)
CUSTOMERS = "external_id,name\nC1,Acme\nC2,北京卓泽\n"
ORDERS = (
    "order_id,customer_id,kind,start_on,end_on,recurring_amount,currency\n"
    "O1,C1,new,2024-01-01,2025-01-01,12000,CNY\n"
)


def write(folder: Path, name: str, content: str | bytes) -> Path:
    path = folder / name
    data = content.encode() if isinstance(content, str) else content
    path.write_bytes(gzip.compress(data) if name.endswith(".gz") else data)
    return path


def bring(kind: str, path: Path, *pairs: str, at: datetime = NOW, **options: Any) -> ImportResult:
    return import_file(kind, path, options=Options(map=parse_map(pairs), **options), by=None, at=at)


def customers(folder: Path) -> ImportResult:
    return bring("customers", write(folder, "first_customers.csv", CUSTOMERS))
