"""Every address of the product, its gaps filled with real objects.

An address with an unknown gap fails the tests that use this: say here what stands in it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from django.urls import URLPattern, URLResolver, get_resolver, reverse

PUBLIC = frozenset({"log_in", "link", "language", "theme", "log_out", "sdk", "sdk_version"})
SHARED = frozenset({"plans:shared", "plans:shared_say", "plans:shared_done", "desk:feed"})
# What `pk` means: by the whole name of an address, else by its slice.
PK: Mapping[str, str] = {
    "desk": "customer",
    "customers": "customer",
    "conversation": "customer",
    "health": "customer",
    "work": "item",
    "alerts": "alert",
    "team": "user",
    "notify": "notice",
    "plans": "plan",
    "onboarding": "onboarding",
    "playbooks": "run",
    "events": "source",
    "revenue": "close",
    "connectors": "import",
    "mailbox": "mail",
    "desk:undo_assign": "entry",
    "desk:undo_merge": "merge",
    "desk:undo_tag": "entry",
    "desk:undo_silence": "entry",
    "desk:delete_view": "view",
    "desk:alert": "alert",
    "desk:revoke_calendar": "link",
    "team:take_back_absence": "absence",
    "team:restore_absence": "absence",
    "work:undo_bulk": "entry",
    "plans:undo": "entry",
    "onboarding:reach": "milestone",
    "onboarding:take_back": "milestone",
    "onboarding:judge": "promise",
    "onboarding:card": "customer",
    "playbooks:enrolment": "enrolment",
    "playbooks:undo_enrolment": "enrolment",
} | (
    dict.fromkeys((f"plans:{it}" for it in ("goal", "read", "remove_goal")), "goal")
    | dict.fromkeys(
        (f"plans:{it}" for it in ("action", "tick", "remove_action", "shared_done")), "action"
    )
    | dict.fromkeys((f"plans:{it}" for it in ("strategy", "remove_strategy")), "strategy")
    | dict.fromkeys((f"plans:{it}" for it in ("move", "skip", "hold")), "touchpoint")
    | dict.fromkeys(
        (
            f"onboarding:{it}"
            for it in (
                "handover", "edit_handover", "offer", "take_back_handover", "accept", "return",
            )
        ),
        "handover",
    )
    | dict.fromkeys(
        (
            f"onboarding:{it}"
            for it in ("project", "edit_project", "phase", "stop_project", "resume_project")
        ),
        "project",
    )
)  # fmt: skip
GAPS: Mapping[str, str] = {  # other gaps that hold an object
    "customer_pk": "customer",
    "person_pk": "person",
    "touch_pk": "touch",
    "assessment_pk": "assessment",
    "proposal_pk": "proposal",
    "diagnosis_pk": "diagnosis",
    "comment_pk": "comment",
    "file_pk": "attachment",
    "link_pk": "link",
    "key_pk": "key",
    "entry_pk": "entry",
    "about_id": "item",
}
WORDS: Mapping[str, str] = {  # gaps that hold a word: by the whole name, by slice, or for all
    "name": "region",
    "name:metrics": "event_count",
    "name:health": "steady",
    "name:segments": "hidden",
    "name:playbooks": "usage_drop",
    "name:onboarding:phase": "kickoff",
    "name:plans:card": "plans",
    "name:plans:state": "active",
    "name:plans:rule": "standard",
    "name:customers:assess": "promt",
    "name:customers:assessment_card": "made",
    "name:customers:edit_solution": "training",
    "name:customers:retire_solution": "training",
    "name:customers:edit_form": "promt",
    "kind": "customers",
    "kind:health": "tier",
    "kind:plans": "touchpoints",
    "reason": "usage_drop",
    "about": "work_item",
    "token": "x" * 22,
    "tab": "overview",
    "step": "hidden",
    "version": "1",
    "stamp": "1",
}


def addresses(
    resolver: URLResolver | None = None, prefix: str = "", space: str = ""
) -> Iterator[tuple[str, URLPattern]]:
    """Every address of the product: its full name and pattern."""
    for entry in (resolver or get_resolver()).url_patterns:
        if isinstance(entry, URLResolver):
            yield from addresses(entry, prefix + str(entry.pattern), entry.namespace or space)
        elif entry.name:
            yield f"{space}:{entry.name}" if space else entry.name, entry


def filled(things: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """Every address that needs a log-in: its name, and it with `things` in its gaps.

    `things`: objects by what they are; one that is missing is asked for as number 1.
    """
    for name, pattern in addresses():
        if name.rpartition(":")[2] in PUBLIC or name in SHARED:
            continue
        gaps = {gap: _in_gap(name, gap, things) for gap in pattern.pattern.converters}
        yield name, reverse(name, kwargs=gaps)


def _in_gap(name: str, gap: str, things: Mapping[str, Any]) -> object:
    space = name.partition(":")[0]
    if gap == "pk":
        kind = PK.get(name) or PK.get(space)
        assert kind, f"say in tests/addresses.py what stands in {name}"
        return _number(things.get(kind))
    if gap in GAPS:
        return _number(things.get(GAPS[gap]))
    for key in (f"{gap}:{name}", f"{gap}:{space}", gap):
        if key in WORDS:
            return WORDS[key]
    raise AssertionError(f"say in tests/addresses.py what {gap} is in {name}")


def _number(thing: Any) -> int:
    return thing.pk if thing is not None else 1
