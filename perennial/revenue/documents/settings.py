"""What defines the figures of a document: definitions, window, knowledge, files."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from perennial.revenue.documents.figures import Document
from perennial.revenue.rules.definitions import Definitions


@dataclass(frozen=True, slots=True)
class Basis:
    """`from_on` and `to_on` are inclusive. `files`: which file gave what, names without folders;
    without an orders file the ledger is the home's. `also`: what one report alone needs."""

    definitions: Definitions
    from_on: date
    to_on: date
    known_on: date
    grain: str = "month"
    report: str = "net"
    exact: bool = False
    files: Mapping[str, str] = field(default_factory=dict)
    also: Mapping[str, Any] = field(default_factory=dict)

    def document(self) -> Document:
        """Flat: the names of the definitions stand beside the others."""
        return {
            "from": self.from_on.isoformat(),
            "to": self.to_on.isoformat(),
            "known_at": self.known_on.isoformat(),
            "grain": self.grain,
            "report": self.report,
            **self.also,
            **self.definitions.as_dict(),
            "exact": self.exact,
            "ledger": "file" if "orders" in self.files else "home",
            "files": dict(self.files),
        }
