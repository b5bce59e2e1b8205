"""Profiles: drafts and conflicts, published versions, what stays as it was."""

from __future__ import annotations

from copy import deepcopy
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from perennial.health.actions.profiles import (
    Conflict,
    discard_draft,
    publish,
    publish_text,
    restore,
    retire,
    save_draft,
)
from perennial.health.models import ProfileVersion
from perennial.health.queries.profiles import (
    draft_of,
    profile_of,
    profiles_in_force,
    versions_of,
)
from perennial.health.rules.defaults import SHIPPED
from perennial.health.rules.definition import plain
from perennial.team.models import AuditEntry, Role, User
from perennial.units.errors import InputRefused

NOW = datetime(2026, 6, 30, 4, tzinfo=UTC)
pytestmark = pytest.mark.django_db


@pytest.fixture
def leader() -> User:
    return User.objects.create(email="l@x.invalid", name="Lea", role=Role.LEADER)


def steady(**changed: Any) -> dict[str, Any]:
    found = next(plain(it) for it in SHIPPED if it.name == "steady")
    return {**deepcopy(found), **changed}


def heavier(weight: int = 60) -> dict[str, Any]:
    found = steady()
    found["measures"][0]["weight"] = weight
    return found


def test_the_shipped_profiles_judge_until_somebody_publishes():
    assert [it.name for it in profiles_in_force()] == ["onboarding", "pre_renewal", "steady"]
    assert {it.version for it in profiles_in_force()} == {1}
    assert profiles_in_force() == sorted(SHIPPED, key=lambda it: -it.priority)


def test_a_draft_judges_nobody(leader: User):
    save_draft("steady", definition=heavier(), edits=0, by=leader, at=NOW)
    assert profiles_in_force() == sorted(SHIPPED, key=lambda it: -it.priority)
    assert draft_of("steady") is not None


def test_publishing_makes_the_next_version_and_leaves_the_first(leader: User):
    draft = save_draft("steady", definition=heavier(), edits=0, by=leader, at=NOW)
    made = publish("steady", edits=draft.edits, note="depth says more", by=leader, at=NOW)
    assert made.version == 2
    assert profile_of("steady", 1) == next(it for it in SHIPPED if it.name == "steady")
    newest = next(it for it in profiles_in_force() if it.name == "steady")
    assert (newest.version, newest.items[0].weight) == (2, 60)
    assert draft_of("steady") is None
    told = AuditEntry.objects.get(action="profile_published")
    assert told.detail == {"version": 2, "note": "depth says more"} and told.by == leader


def test_publishing_changes_nothing_in_the_past(leader: User):
    draft = save_draft("steady", definition=heavier(), edits=0, by=leader, at=NOW)
    publish("steady", edits=draft.edits, note="why", by=leader, at=NOW)
    on = date(2026, 6, 30)
    assert {it.version for it in profiles_in_force(on - timedelta(days=1))} == {1}
    assert {it.version for it in profiles_in_force(on)} == {1, 2}


def test_the_second_editor_sees_a_conflict(leader: User):
    other = User.objects.create(email="o@x.invalid", name="Ole", role=Role.ADMIN)
    draft = save_draft("steady", definition=heavier(), edits=0, by=leader, at=NOW)
    save_draft("steady", definition=heavier(70), edits=draft.edits, by=other, at=NOW)
    with pytest.raises(Conflict) as refused:
        save_draft("steady", definition=heavier(80), edits=draft.edits, by=leader, at=NOW)
    assert refused.value.params == {"who": "Ole"}
    with pytest.raises(Conflict):
        publish("steady", edits=draft.edits, note="why", by=leader, at=NOW)
    with pytest.raises(Conflict):
        save_draft("steady", definition=heavier(80), edits=0, by=leader, at=NOW)
    kept = draft_of("steady")
    assert kept is not None and kept.definition["measures"][0]["weight"] == 70


def test_a_draft_that_is_gone_is_no_new_one(leader: User):
    draft = save_draft("steady", definition=heavier(), edits=0, by=leader, at=NOW)
    discard_draft("steady", edits=draft.edits, by=leader, at=NOW)
    with pytest.raises(Conflict):
        save_draft("steady", definition=heavier(70), edits=draft.edits, by=leader, at=NOW)


def test_saving_the_same_again_leaves_no_audit_line(leader: User):
    first = save_draft("steady", definition=heavier(), edits=0, by=leader, at=NOW)
    again = save_draft("steady", definition=heavier(), edits=first.edits, by=leader, at=NOW)
    assert again.edits == first.edits
    assert AuditEntry.objects.filter(action="profile_draft_saved").count() == 1


REFUSED = [
    pytest.param(steady(measures=[]), "why", "no_weight", id="weights that sum to nothing"),
    pytest.param(heavier(), "  ", "no_note", id="no note"),
    pytest.param(steady(), "why", "nothing_new", id="nothing new"),
]


@pytest.mark.parametrize(("definition", "note", "code"), REFUSED)
def test_what_cannot_be_published_stays_a_draft(leader, definition, note, code):
    draft = save_draft("steady", definition=definition, edits=0, by=leader, at=NOW)
    with pytest.raises(InputRefused) as refused:
        publish("steady", edits=draft.edits, note=note, by=leader, at=NOW)
    assert refused.value.code == code
    assert [it.version for it in versions_of("steady")] == [1]


def test_a_retired_profile_judges_nobody_and_its_versions_stay(leader: User):
    retire("onboarding", note="not used", by=leader, at=NOW)
    assert [it.name for it in profiles_in_force()] == ["pre_renewal", "steady"]
    assert [it.version for it in versions_of("onboarding")] == [2, 1]
    with pytest.raises(InputRefused):
        retire("onboarding", note="", by=leader, at=NOW)
    retire("pre_renewal", note="", by=leader, at=NOW)
    with pytest.raises(InputRefused) as refused:
        retire("steady", note="", by=leader, at=NOW)
    assert refused.value.code == "last_profile"


def test_an_older_version_comes_back_as_a_draft(leader: User):
    publish_text(heavier(), note="n", by=leader, at=NOW)
    draft = restore("steady", version=1, edits=0, by=leader, at=NOW)
    assert draft.definition == steady()
    made = publish("steady", edits=draft.edits, note="back", by=leader, at=NOW)
    assert made.version == 3
    assert ProfileVersion.objects.filter(name="steady").count() == 2
    with pytest.raises(InputRefused):
        restore("steady", version=9, edits=0, by=leader, at=NOW)


@pytest.mark.parametrize("name", ["Steady", "a b", "", "x" * 41, "ü"])
def test_names_are_small_letters(leader: User, name: str):
    with pytest.raises(InputRefused):
        save_draft(name, definition=heavier(), edits=0, by=leader, at=NOW)
