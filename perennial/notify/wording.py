"""Why somebody is told something: one sentence, in the language in force."""

from __future__ import annotations

from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from perennial.notify.models import Channel, How, Topic

DEFAULT_LANGUAGE = "zh-hans"


def csm_of(customer: str) -> str:
    return _("You are the CSM of {customer}.").format(customer=customer)


def mentioned_by(name: str) -> str:
    return _("{name} mentioned you.").format(name=name)


def assigned_by(name: str) -> str:
    return _("{name} gave it to you.").format(name=name)


def leads_team() -> str:
    return _("You lead the team that looks after this customer.")


def stands_in_for(name: str) -> str:
    return _("You stand in for {name}.").format(name=name)


def standard(topic: str) -> str:
    """Why, where the teller said nothing of it."""
    match topic:
        case Topic.DIGEST:
            return _("These customers are yours, or your team's.")
        case Topic.ALERT:
            return _("You answer for this customer.")
        case Topic.MENTION:
            return _("A colleague mentioned you.")
        case Topic.ASSIGNED:
            return _("It was given to you.")
        case Topic.HANDOVER:
            return _("You hand this customer over, or take it.")
        case Topic.PLAYBOOK:
            return _("A step of this playbook is yours.")
        case Topic.SHARE:
            return _("You shared this plan, or answer for this customer.")
    return _("It concerns everybody who works with this installation.")


def rule_of_mail(topic: str, how: str) -> str:
    """Which wish of the reader's made it a mail."""
    return _("It comes as a mail because your wish for “{topic}” is “{how}”.").format(
        topic=Topic(topic).label, how=How(how).label
    )


def rule_of_channel(channel: Channel, topic: str) -> str:
    """Why a channel gets it."""
    whose = channel.team.name if channel.team else pgettext("channel", "everybody")
    return _("The channel “{channel}” takes “{topic}” for {whose}.").format(
        channel=channel.name, topic=Topic(topic).label, whose=whose
    )
