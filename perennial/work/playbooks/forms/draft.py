"""The editor's form: what it sends, as the text of a playbook.

Fields of step 2 begin with `s2_`, those of its first outcome with `s2_o0_`; of exit 0 with `x0_`.
What cannot be read is None, and is a fault of the text: nothing is guessed.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from django.http import QueryDict

from perennial.units.whole import whole

Plain = dict[str, Any]
MOST_STEPS, MOST_OUTCOMES, MOST_EXITS = 60, 8, 8
LONGEST_TEXT, LONGEST_LINE = 4000, 500
CAPS = ("ever", "days", "running", "per_day")
BY_ALERT = "alert:"


def definition_from(given: QueryDict, name: str) -> Plain:
    """The text of a playbook as the form says it; check it before it is used."""
    steps = [_step(given, f"s{i}_") for i in _listed(given, "s", "id", MOST_STEPS)]
    exits = [_exit(given, f"x{i}_") for i in _listed(given, "x", "when", MOST_EXITS)]
    cap = {
        it: days(given.get(f"cap_{it}", "")) for it in CAPS if given.get(f"cap_{it}", "").strip()
    }
    found: Plain = {
        "name": name,
        "title": _words(given, "title"),
        "purpose": _words(given, "purpose", most=LONGEST_TEXT),
        "audience": _line(given, "audience", most=2000),
        "trigger": _line(given, "trigger"),
        "cap": cap,
        "exits": exits,
    }
    return {key: it for key, it in found.items() if it or key in _ALWAYS} | {"steps": steps}


_ALWAYS = ("name", "title", "purpose")


def days(text: str) -> int | None:
    """A whole number as typed; None: nothing, or no number."""
    typed = text.strip().replace("\N{MINUS SIGN}", "-")
    size = whole(typed.removeprefix("-"))
    return -size if size is not None and typed.startswith("-") else size


def _listed(given: QueryDict, letter: str, field: str, most: int) -> Iterator[int]:
    return (i for i in range(most + 1) if f"{letter}{i}_{field}" in given)


def _line(given: QueryDict, name: str, *, most: int = LONGEST_LINE) -> str:
    return given.get(name, "").replace("\0", "").strip()[:most]


def _words(given: QueryDict, name: str, *, most: int = LONGEST_LINE) -> dict[str, str]:
    return {code: _line(given, f"{name}_{code}", most=most) for code in ("zh", "en")}


def _step(given: QueryDict, at: str) -> Plain:
    row: Plain = {
        "id": _line(given, at + "id"),
        "title": _words(given, at + "title"),
        "text": _words(given, at + "text", most=LONGEST_TEXT),
        "kind": _line(given, at + "kind"),
        "owner": _owner(given, at),
        "start": _start(given, at),
        "mandatory": bool(given.get(at + "mandatory")),
        "visible": bool(given.get(at + "visible")),
        "depends_on": [it[:LONGEST_LINE] for it in given.getlist(at + "depends")],
        "outcomes": [
            _outcome(given, f"{at}o{k}_")
            for k in range(MOST_OUTCOMES + 1)
            if f"{at}o{k}_id" in given
        ],
    }
    for name in ("when", "done_when", "then", "set_field", "set_value", "playbook", "channel"):
        row[name] = _line(given, at + name, most=2000)
    if given.get(at + "due", "").strip():
        row["due"] = _span(given, at + "due")
    return {key: it for key, it in row.items() if _says_something(key, it)}


def _says_something(key: str, value: object) -> bool:
    """What is usual is left out, as everywhere where playbooks are written down."""
    if key in ("id", "title", "text", "kind"):
        return True
    return value not in _USUAL.get(key, ("", [], None, False))


_USUAL: dict[str, tuple[object, ...]] = {
    "mandatory": (True,),
    "owner": ("csm",),
    "start": ({"after": "previous"},),
}


def _owner(given: QueryDict, at: str) -> str:
    rule, name = _line(given, at + "owner") or "csm", _line(given, at + "owner_name")
    return f"{rule}:{name}" if rule in ("person", "role", "robin") else rule


def _start(given: QueryDict, at: str) -> Plain:
    typed = given.get(at + "start", "").strip()
    found: Plain = {"after": _line(given, at + "after") or "previous"}
    if typed and days(typed) != 0:
        found["days"] = days(typed)
    if given.get(at + "start_working"):
        found["working"] = True
    return found


def _span(given: QueryDict, at: str) -> Plain:
    found: Plain = {"days": days(given.get(at, ""))}
    return found | ({"working": True} if given.get(at + "_working") else {})


def _outcome(given: QueryDict, at: str) -> Plain:
    row: Plain = {"id": _line(given, at + "id"), "title": _words(given, at + "title")}
    then, when = _line(given, at + "then"), _line(given, at + "when", most=2000)
    return row | ({"then": then} if then else {}) | ({"when": when} if when else {})


def _exit(given: QueryDict, at: str) -> Plain:
    return {"when": _line(given, at + "when", most=2000), "reason": _words(given, at + "reason")}
