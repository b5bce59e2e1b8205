"""The playbooks that work out of the box, one file each, in the shape of `config export`."""

from __future__ import annotations

from functools import cache
from importlib import resources

import yaml

from perennial.work.playbooks.rules.definition import Definition, of


@cache
def shipped() -> dict[str, Definition]:
    """By name, in the order of the customer's life with us."""
    found = [
        of(yaml.safe_load(file.read_text(encoding="utf-8")))
        for file in resources.files(__name__).iterdir()
        if file.name.endswith(".yaml")
    ]
    known = {it.name: it for it in found}
    return {name: known[name] for name in sorted(known, key=ORDER.index)}


ORDER = (
    "onboarding_30",
    "periodic_review",
    "usage_drop",
    "low_seats",
    "contact_left",
    "detractor",
    "winback",
    "renewal_90",
    "reference_request",
)
