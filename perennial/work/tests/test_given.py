"""Whoever gets a call to action learns of it, and from whom."""

from __future__ import annotations

from datetime import timedelta

from perennial.notify.models import Notice, Topic
from perennial.work import actions
from perennial.work.actions.bulk import Act, Many, do_many
from perennial.work.tests.scene import NOW, Office, found_item


def told() -> list[tuple[str, str]]:
    found = Notice.objects.filter(topic=Topic.ASSIGNED).order_by("pk")
    return [(notice.user.name, notice.url) for notice in found.select_related("user")]


def test_the_new_owner_is_told_once_and_nobody_of_what_they_took(office: Office):
    item = found_item(office.customer)
    item = actions.reassign(item, owner=office.colleague, by=office.owner, at=NOW)
    actions.reassign(item, owner=office.owner, by=office.owner, at=NOW)
    assert told() == [("leader", f"/work/{item.pk}/")]


def test_a_task_made_for_a_colleague_says_so(office: Office):
    due_on = NOW.date() + timedelta(days=2)
    actions.make_item(
        office.customer,
        title="Meet",
        due_on=due_on,
        owner=office.owner,
        by=office.colleague,
        at=NOW,
    )
    assert [name for name, _url in told()] == ["owner"]


def test_many_at_once_are_one_notice(office: Office):
    items = [found_item(office.customer), found_item(office.other)]
    do_many(items, Many(Act.REASSIGN, owner=office.colleague), by=office.owner, at=NOW)
    assert told() == [("leader", "/work/")]
