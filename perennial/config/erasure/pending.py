"""An erasure that is under way, in the home until it is done: a killed one goes on from here."""

from __future__ import annotations

import json
import os
import secrets
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path
from typing import Self

from django.conf import settings

from perennial.events.erasing import Scrub
from perennial.events.rules.tombstones import pseudonym, tombstone


@dataclass(frozen=True, slots=True)
class Pending:
    """The only place that knows both the ids and the salt of their pseudonyms."""

    person: str
    ids: tuple[str, ...]
    salt: str
    asked_at: str

    @classmethod
    def begin(cls, person: str, *, ids: set[str], at: datetime) -> Self:
        """Write it down, durably."""
        pending = cls(person, tuple(sorted(ids)), secrets.token_hex(16), at.isoformat())
        new = _path().with_suffix(".new")
        with new.open("w", encoding="utf-8") as handle:
            os.fchmod(handle.fileno(), 0o600)
            json.dump(asdict(pending), handle)
            handle.flush()
            os.fsync(handle.fileno())
        new.replace(_path())
        return pending

    @classmethod
    def read(cls) -> Self | None:
        try:
            kept = json.loads(_path().read_text(encoding="utf-8"))
        except FileNotFoundError:
            return None
        return cls(**{**kept, "ids": tuple(kept["ids"])})

    @property
    def scrub(self) -> Scrub:
        return Scrub({one: pseudonym(one, salt=self.salt) for one in self.ids})

    @property
    def pseudonym(self) -> str:
        return pseudonym(self.person, salt=self.salt)

    @property
    def tombstones(self) -> dict[str, str]:
        return {one: tombstone(one, key=str(settings.SECRET_KEY)) for one in self.ids}

    def end(self) -> None:
        for path in paths():
            path.unlink(missing_ok=True)


def paths() -> tuple[Path, Path]:
    return _path(), _path().with_suffix(".new")


def _path() -> Path:
    return Path(settings.PERENNIAL_HOME) / "erasing.json"
