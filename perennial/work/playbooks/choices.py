"""What the editor offers: kinds, owners, anchors, triggers, fields, segments, playbooks."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext as _

from perennial.alerts.models import OwnRule, Rule
from perennial.customers.actions import EDITABLE
from perennial.customers.panels import DETAILS_SHOWN
from perennial.customers.segments.queries import segments_for
from perennial.notify.queries import webhooks
from perennial.team.models import Role, Team, User
from perennial.work.playbooks import wording
from perennial.work.playbooks.queries.definitions import OWN, playbooks
from perennial.work.playbooks.rules.definition import BY_ALERT, BY_AUDIENCE

Choice = tuple[str, Any]


def choices(user: User, name: str) -> dict[str, Any]:
    """Lists of (value, words) by the name that the template gives them."""
    titles = dict(DETAILS_SHOWN)
    return {
        "kinds": list(wording.KIND_TITLES.items()),
        "owners": list(wording.OWNER_TITLES.items()),
        "anchors": list(wording.ANCHORS.items()),
        "triggers": triggers(),
        "segments": [(it.name, wording.told(_titles(it))) for it in segments_for(user)],
        "settable": [(it, str(titles.get(it, it))) for it in EDITABLE],
        "channels": [(it.name, it.name) for it in webhooks()],
        "playbooks": [
            (it.name, wording.title(it.definition))
            for it in playbooks()
            if it.definition and it.name != name
        ],
        "owner_names": owner_names(),
    }


def _titles(segment: Any) -> dict[str, str]:
    return {"zh": segment.title_zh, "en": segment.title_en}


def triggers() -> list[Choice]:
    """How a playbook may start by itself."""
    own = OwnRule.objects.order_by("name").values_list("name", flat=True)
    return [
        ("", _("By hand")),
        (BY_AUDIENCE, _("When a customer comes into the audience")),
        *(
            (f"{BY_ALERT}{rule}", _("At an alert: %(alert)s") % {"alert": title})
            for rule, title in Rule.choices
            if rule != Rule.OWN
        ),
        *((f"{BY_ALERT}{OWN}{it}", _("At an alert: %(alert)s") % {"alert": it}) for it in own),
    ]


def trigger_in_words(trigger: str) -> str:
    return str(dict(triggers()).get(trigger, trigger))


def owner_names() -> list[str]:
    """What may stand beside an owner rule: colleagues, roles, teams."""
    people = User.objects.filter(is_active=True).order_by("email").values_list("email", flat=True)
    teams = Team.objects.order_by("name").values_list("name", flat=True)
    return [*people, *Role.values, *teams]
