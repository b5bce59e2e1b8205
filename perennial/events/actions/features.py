"""Which events are features, each with its bit in daily activity."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict
from datetime import datetime

from django.db import transaction

from perennial.events.models import FEATURES_AT_MOST, Feature
from perennial.events.rules.features import CAPTURED, FeatureRule, refuse_wrong
from perennial.team.audit import record
from perennial.team.models import User
from perennial.units.errors import InputRefused
from perennial.units.sentence import sentence

NAME_LETTERS = 80


def track_features(names: Sequence[str]) -> dict[str, int]:
    """Every tracked event name and its bit, after giving free bits to new names in this order.

    Names beyond the 63rd are not tracked: they count as events, not towards feature breadth.
    What autocapture saw is no feature before somebody has named it.
    """
    with transaction.atomic():
        bits = dict(Feature.objects.values_list("name", "bit"))
        new = [name for name in names if name not in bits and name not in CAPTURED]
        given = dict(zip(new, _free_bits(), strict=False))
        Feature.objects.bulk_create([Feature(name=name, bit=bit) for name, bit in given.items()])
    return bits | given


def _free_bits() -> Iterator[int]:
    taken = set(Feature.objects.values_list("bit", flat=True))
    return (bit for bit in range(FEATURES_AT_MOST) if bit not in taken)


@transaction.atomic
def name_feature(
    name: str,
    *,
    rule: FeatureRule,
    deep: bool = False,
    instead_of: Feature | None = None,
    by: User | None,
    at: datetime,
) -> Feature:
    """A feature of what autocapture saw. It counts back in time: all days are filled anew.

    When all 63 places are taken, `instead_of` names the event that is no feature any more.
    Raises InputRefused for a name that is taken, a rule that cannot be meant, and without room.
    """
    name = _checked_name(name)
    refuse_wrong(rule)
    bit = _room(instead_of)
    feature = Feature.objects.create(name=name, bit=bit, deep=deep, **asdict(rule))
    detail = {**asdict(rule), "deep": deep, "instead_of": instead_of.name if instead_of else ""}
    _note("feature_named", feature, detail=detail, by=by, at=at)
    return feature


def _room(instead_of: Feature | None) -> int:
    bit = next(_free_bits(), None)
    if bit is not None:
        return bit
    if instead_of is None or instead_of.event:
        raise InputRefused(
            sentence("All {most} places for features are taken: choose which event makes room."),
            code="no_room",
            column="instead_of",
            params={"most": str(FEATURES_AT_MOST)},
        )
    Feature.objects.filter(pk=instead_of.pk).delete()
    return instead_of.bit


@transaction.atomic
def change_feature(
    feature: Feature,
    *,
    name: str | None = None,
    rule: FeatureRule | None = None,
    deep: bool | None = None,
    by: User | None,
    at: datetime,
) -> Feature:
    """Change what is given; all days are filled anew. An event's own feature has no other name
    and no rule: only whether it is deep may change."""
    held = _held(feature)
    wanted: dict[str, object] = {} if deep is None else {"deep": deep}
    if rule is not None and held.event:
        refuse_wrong(rule)
        wanted |= asdict(rule)
    if name is not None and held.event and name.strip() != held.name:
        wanted["name"] = _checked_name(name)
    changed = {key: value for key, value in wanted.items() if getattr(held, key) != value}
    if not changed:
        raise InputRefused(sentence("Nothing changed."), code="nothing_changed")
    detail = {key: [getattr(held, key), value] for key, value in changed.items()}
    for key, value in changed.items():
        setattr(held, key, value)
    held.save(update_fields=list(changed))
    _note("feature_changed", held, detail=detail, by=by, at=at)
    return held


@transaction.atomic
def forget_feature(feature: Feature, *, by: User | None, at: datetime) -> None:
    """Take back a name that somebody gave; its events stay. An event that is tracked by its own
    name cannot be forgotten: it would be found again."""
    if not feature.event:
        message = sentence("{name} is an event of its own and stays.")
        raise InputRefused(message, code="own_event", params={"name": feature.name})
    held = _held(feature)
    detail = asdict(FeatureRule(held.event, held.selector, held.url))
    _note("feature_forgotten", held, detail=detail, by=by, at=at)
    held.delete()


def _held(feature: Feature) -> Feature:
    """The feature as it stands until the end of the transaction. Raises InputRefused when
    somebody else took it back."""
    held = Feature.objects.select_for_update().filter(pk=feature.pk).first()
    if held is None:
        message = sentence("{name} is no feature any more.")
        raise InputRefused(message, code="gone", params={"name": feature.name})
    return held


def _checked_name(name: str) -> str:
    name = " ".join(name.split())
    if not name or len(name) > NAME_LETTERS or name in CAPTURED:
        raise InputRefused(
            sentence("A feature needs a name of its own, at most {letters} characters."),
            code="wrong_name",
            column="name",
            params={"letters": str(NAME_LETTERS)},
        )
    if Feature.objects.filter(name=name).exists():
        message = sentence("{name} is the name of another feature or event.")
        raise InputRefused(message, code="name_taken", column="name", params={"name": name})
    return name


def _note(
    action: str, feature: Feature, *, detail: Mapping[str, object], by: User | None, at: datetime
) -> None:
    record(
        action,
        object_type="feature",
        object_id=feature.pk,
        summary=feature.name,
        detail=detail,
        by=by,
        at=at,
    )
