"""The editor through HTTP: drafts, buttons, faults, publishing, and two people at once."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

import pytest
from django.http import QueryDict
from django.test import Client

from perennial.team.actions import add_user
from perennial.work.models import PlaybookVersion
from perennial.work.playbooks.forms.draft import definition_from
from perennial.work.playbooks.forms.steps import stepped
from perennial.work.playbooks.queries.definitions import playbook, text_of
from perennial.work.playbooks.rules.definition import of, plain

NOW = datetime(2026, 6, 30, 4, tzinfo=UTC)
NAME = "usage_drop"
ADDRESS = f"/playbooks/of/{NAME}/edit/"


@pytest.fixture
def leader(db: None) -> Client:
    user = add_user("l@demo.invalid", name="林", role="leader", team="华东", by=None, at=NOW)
    client = Client(headers={"accept-language": "en"})
    client.force_login(user)
    return client


def sent(definition: Mapping[str, Any], *, edits: int = 0, do: str = "save") -> str:
    """What a browser sends for a definition: the inverse of `definition_from`."""
    given = QueryDict(mutable=True)
    given["edits"], given["do"] = str(edits), do
    given["audience"] = definition.get("audience", "")
    given["trigger"] = definition.get("trigger", "")
    for field in ("title", "purpose"):
        for code, text in definition[field].items():
            given[f"{field}_{code}"] = text
    for name, size in definition.get("cap", {}).items():
        given[f"cap_{name}"] = str(size)
    for n, row in enumerate(definition.get("exits", ())):
        given[f"x{n}_when"] = row["when"]
        for code, text in row["reason"].items():
            given[f"x{n}_reason_{code}"] = text
    for n, step in enumerate(definition["steps"]):
        _send_step(given, f"s{n}_", step)
    return given.urlencode()


def _send_step(given: QueryDict, at: str, step: Mapping[str, Any]) -> None:
    for name in ("id", "kind", "when", "done_when", "then", "set_field", "set_value"):
        given[at + name] = step.get(name, "")
    for name in ("playbook", "channel"):
        given[at + name] = step.get(name, "")
    for field in ("title", "text"):
        for code, text in step[field].items():
            given[f"{at}{field}_{code}"] = text
    rule, _, who = step.get("owner", "csm").partition(":")
    given[at + "owner"], given[at + "owner_name"] = rule, who
    start, due = step.get("start", {}), step.get("due")
    given[at + "after"], given[at + "start"] = (
        start.get("after", "previous"),
        str(start.get("days", 0)),
    )
    given[at + "due"] = "" if due is None else str(due.get("days", 0))
    flags = {
        "start_working": start.get("working"),
        "due_working": due and due.get("working"),
        "mandatory": step.get("mandatory", True),
        "visible": step.get("visible"),
    }
    for name, is_on in flags.items():
        if is_on:
            given[at + name] = "1"
    given.setlist(at + "depends", list(step.get("depends_on", ())))
    for k, outcome in enumerate(step.get("outcomes", ())):
        given[f"{at}o{k}_id"] = outcome["id"]
        for code, text in outcome["title"].items():
            given[f"{at}o{k}_title_{code}"] = text
        given[f"{at}o{k}_then"] = outcome.get("then", "")
        given[f"{at}o{k}_when"] = outcome.get("when", "")


def post(client: Client, body: str, **headers: str) -> Any:
    form = "application/x-www-form-urlencoded"
    return client.post(ADDRESS, body, content_type=form, headers=headers)


def shipped_text() -> dict[str, Any]:
    known = playbook(NAME)
    assert known is not None
    return text_of(known)


def test_every_shipped_playbook_comes_through_the_form_unchanged(db: None) -> None:
    from perennial.work.playbooks.shipped import shipped

    assert len(shipped()) >= 9
    for name, definition in shipped().items():
        text = plain(definition)
        assert of(definition_from(QueryDict(sent(text)), name)) == definition, name


def test_the_editor_shows_every_step_with_its_words(leader: Client) -> None:
    page = leader.get(ADDRESS)
    assert page.status_code == 200
    for step in shipped_text()["steps"]:
        assert step["title"]["en"].replace("'", "&#x27;") in page.content.decode()


def test_a_draft_is_kept_and_published_as_the_next_version(leader: Client) -> None:
    text = shipped_text()
    text["title"] = {"zh": "新的标题", "en": "A new title"}
    assert post(leader, sent(text)).status_code == 302
    draft = PlaybookVersion.objects.get(playbook__name=NAME, published_at__isnull=True)
    assert draft.definition["title"]["en"] == "A new title"
    assert post(leader, sent(text, edits=draft.edits, do="publish")).status_code == 302
    known = playbook(NAME)
    assert known is not None and known.definition is not None
    assert known.definition.title.en == "A new title"
    assert known.draft is None


def test_faults_stand_beside_their_fields_and_are_not_published(leader: Client) -> None:
    text = shipped_text()
    text["steps"][0]["title"] = {"zh": "", "en": ""}
    text["audience"] = "1;nonsense.in.x"
    answer = post(leader, sent(text, do="publish"))
    assert answer.status_code == 422
    assert answer.context["rows"][0].faults
    assert answer.context["wrong"]["audience"]
    known = playbook(NAME)
    assert known is not None and known.is_shipped  # the draft is kept, what counts is as before
    assert known.draft is not None


@pytest.mark.parametrize("typed", ["soon", "", "9" * 30, "½"])
def test_days_that_are_no_number_are_kept_and_said(leader: Client, typed: str) -> None:
    body = QueryDict(sent(shipped_text()), mutable=True)
    body["s0_start"] = typed
    assert post(leader, body.urlencode()).status_code == 302
    page = leader.get(ADDRESS)
    assert page.status_code == 200
    assert bool(page.context["rows"][0].faults) == (typed != "")


def test_the_second_of_two_editors_sees_the_conflict_and_keeps_the_typed_text(
    leader: Client,
) -> None:
    text = shipped_text()
    assert post(leader, sent(text)).status_code == 302
    assert post(leader, sent(text, edits=1)).status_code == 302
    text["title"] = {"zh": "乙的标题", "en": "Second"}
    answer = post(leader, sent(text, edits=1))
    assert answer.status_code == 422
    assert "in the meantime" in answer.content.decode()
    assert "Second" in answer.content.decode()


@pytest.mark.parametrize(
    ("do", "ids"),
    [
        ("down:0", "b a c"),
        ("up:0", "a b c"),
        ("up:2", "a c b"),
        ("remove_step:1", "a c"),
        ("add_step:0", "a task_1 b c"),
        ("copy_step:2", "a b c task_1"),
        ("remove_step:9", "a b c"),
        ("nonsense", "a b c"),
        ("up:x", "a b c"),
    ],
)
def test_buttons_change_the_order_of_steps(do: str, ids: str) -> None:
    both = {"zh": "甲", "en": "A"}
    steps = [{"id": it, "title": both, "text": both, "kind": "task"} for it in "abc"]
    changed = stepped({"name": "x", "steps": steps}, do, {"new_kind": "task"})
    assert " ".join(it["id"] for it in changed["steps"]) == ids


def test_what_pointed_at_a_removed_step_points_nowhere() -> None:
    both = {"zh": "甲", "en": "A"}
    row = {"title": both, "text": both, "kind": "call"}
    steps = [
        {**row, "id": "a", "outcomes": [{"id": "yes", "title": both, "then": "c"}], "then": "c"},
        {**row, "id": "b", "start": {"after": "step:c"}, "depends_on": ["c"]},
        {**row, "id": "c"},
    ]
    left = stepped({"name": "x", "steps": steps}, "remove_step:2", {})["steps"]
    assert "then" not in left[0] and left[0]["outcomes"] == [{"id": "yes", "title": both}]
    assert "depends_on" not in left[1] and left[1]["start"]["after"] == "previous"


def test_only_leaders_and_administrators_write_playbooks(leader: Client, db: None) -> None:
    csm = add_user("c@demo.invalid", name="陈", role="csm", team="华东", by=None, at=NOW)
    client = Client()
    client.force_login(csm)
    assert client.get("/playbooks/").status_code == 200
    assert client.get(f"/playbooks/of/{NAME}/").status_code == 200
    for address in (ADDRESS, f"/playbooks/of/{NAME}/retire/", "/playbooks/new/"):
        assert client.post(address, {}).status_code == 403
    assert leader.get("/playbooks/of/no_such/").status_code == 404
