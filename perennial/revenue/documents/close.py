"""The document of a close (封账), and the fingerprint by which a reprint proves itself."""

from __future__ import annotations

import json
from collections.abc import Mapping
from fractions import Fraction
from hashlib import sha256
from typing import Any

from perennial.revenue.documents.figures import Document, amount_text
from perennial.revenue.rules import Movement, Movements
from perennial.revenue.rules.rates import Rates

LINES = ("start", *Movement, "fx", "end")  # what a period's report consists of


def exact_figures(report: Movements) -> Document:
    """The report on fractions (p/q), with its counts."""
    amounts = {str(name): _exact(report.figure(name) or Fraction(0)) for name in LINES}
    counts = {str(kind): report.counts[kind] for kind in Movement}
    return {"amounts": amounts, "counts": counts, "customers": report.customers}


def rates_document(rates: Rates) -> Document:
    """Plan and spot rates on fractions."""
    return {
        "plan": {currency: _exact(rate) for currency, rate in sorted(rates.plan.items())},
        "spot": {
            currency: [[day.isoformat(), _exact(rate)] for day, rate in steps]
            for currency, steps in sorted(rates.spot.items())
        },
    }


def canonical(document: Mapping[str, Any]) -> bytes:
    """The document as JSON in one way only: keys in order, no spaces, UTF-8."""
    text = json.dumps(document, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return text.encode()


def fingerprint(document: Mapping[str, Any]) -> str:
    """SHA-256 of the canonical JSON: what `sha256sum` prints of the downloaded file."""
    return sha256(canonical(document)).hexdigest()


def _exact(value: Fraction) -> str:
    return amount_text(value, exact=True)
