"""Whose an item is: a colleague's, or a department's until somebody claims it."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext_noop

from perennial.team.models import Team, User
from perennial.work.actions.changing import AlreadyChanged, CannotDoThat, change, must_be_active
from perennial.work.actions.given import tell_given
from perennial.work.actions.making import must_see
from perennial.work.models import WorkItem


class Taken(CannotDoThat):
    """A colleague claimed the item first."""

    code = "taken"


@transaction.atomic
def reassign(item: WorkItem, *, owner: User, by: User, at: datetime) -> WorkItem:
    """Give it to a colleague who may see the customer, or works in the department that has it."""
    must_be_active(item)
    stays = item.team_id is not None and owner.team_id == item.team_id
    if not stays:
        must_see(owner, item.customer.pk)
    values = {"owner_id": owner.pk, "team_id": item.team_id if stays else None}
    given = change(item, "work.reassigned", values=values, by=by, at=at)
    tell_given([given], to=owner, by=by, at=at)
    return given


def give_to_team(item: WorkItem, *, team: Team, by: User, at: datetime) -> WorkItem:
    """Put it into another department's queue: its members see this item, not the customer."""
    must_be_active(item)
    values = {"owner_id": None, "team_id": team.pk}
    return change(item, "work.given_to_team", values=values, by=by, at=at)


def claim(item: WorkItem, *, by: User, at: datetime) -> WorkItem:
    """Take what nobody has. Of several at once exactly one gets it; the others learn who did."""
    must_be_active(item)
    _must_be_free(item, by=by)
    try:
        return change(item, "work.claimed", values={"owner_id": by.pk}, by=by, at=at)
    except AlreadyChanged:
        item.refresh_from_db()
        _must_be_free(item, by=by)
        raise


def give_back(item: WorkItem, *, by: User, at: datetime) -> WorkItem:
    """Out of one's hands: back into the department's queue, or to the customer's CSM."""
    must_be_active(item)
    if item.owner_id is None:
        raise CannotDoThat(gettext_noop("Nobody has claimed this item."))
    return change(item, "work.given_back", values={"owner_id": None}, by=by, at=at)


def _must_be_free(item: WorkItem, *, by: User) -> None:
    if item.owner_id == by.pk:
        raise CannotDoThat(gettext_noop("It is yours already."))
    if item.owner is not None and item.owner.is_active:
        raise Taken(
            gettext_noop("{name} has claimed it already."), params={"name": item.owner.name}
        )
