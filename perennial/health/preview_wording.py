"""Why a draft gives another score, in words."""

from __future__ import annotations

from collections.abc import Mapping

from django.utils.translation import gettext as _

from perennial.health.queries.sources import source_of
from perennial.health.rules.definition import Profile
from perennial.health.rules.explain import Cause, Effect
from perennial.web.formats import chinese


def effect_in_words(
    effect: Effect, draft: Profile, titles: Mapping[str, str], *, pulled: str = ""
) -> str:
    """One effect of a draft; the points stand beside it. `titles`: profiles by name; `pulled`:
    the source whose weight matters most."""
    item = next((it for it in draft.items if it.id == effect.of), None)
    name = str(source_of(item.source).title) if item else effect.of
    match effect.cause:
        case Cause.PROFILE:
            return _("other scales")
        case Cause.WEIGHTS if pulled:
            return _("other weights, most of all %(measure)s") % {
                "measure": source_of(pulled).title
            }
        case Cause.WEIGHTS:
            return _("other weights")
        case Cause.MISSING if item is None:
            return _("%(measure)s no longer counts") % {"measure": titles.get(name, name)}
        case Cause.MISSING:
            return _("%(measure)s counts") % {"measure": name}
        case Cause.EXCEPTION:
            limit = next((it for it in draft.limits if it.id == effect.of), None)
            titled = (limit.title_zh if chinese() else limit.title_en) if limit else ""
            return _("exception: %(title)s") % {"title": titled or effect.of}
        case Cause.CHILD | Cause.HIERARCHY:
            return _("its children")
        case Cause.OVERRIDE:
            return _("a person's own score")
        case _:
            return name
