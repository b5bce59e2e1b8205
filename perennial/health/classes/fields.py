"""What the rules of tiers, fits and stages can read of a customer on a day."""

from __future__ import annotations

from collections.abc import Mapping

from django.db.models import TextChoices
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from perennial.customers.filters import Field, Kind
from perennial.customers.models import Customer, Fit, Stage, Tier
from perennial.health.classes.rules.definition import FIT, ORDER, STAGE

CUSTOM = "custom_"  # before the name of a custom field


def _choices(of: type[TextChoices]) -> tuple[tuple[str, str | Promise], ...]:
    return tuple((str(value), label) for value, label in of.choices)


FIELDS: tuple[Field, ...] = (
    Field("paying", _("Pays now"), Kind.FLAG, "paying"),
    Field("arr", _("ARR"), Kind.NUMBER, "arr", is_money=True),
    Field("lapsed", _("Paid once, pays no more"), Kind.FLAG, "lapsed"),
    Field("returned_days", _("Days since it came back after a loss"), Kind.NUMBER, "returned_days"),
    Field("age_days", _("Days since opening"), Kind.NUMBER, "age_days"),
    Field("due_in_days", _("Days to the next due date"), Kind.NUMBER, "due_in_days"),
    Field("products", _("Products ordered"), Kind.TEXT, "products"),
    Field("modules", _("Number of products"), Kind.NUMBER, "modules"),
    Field("seats", _("Seats bought"), Kind.NUMBER, "seats"),
    Field("used", _("Has been used"), Kind.FLAG, "used"),
    Field("active_people", _("Active people, 28 d"), Kind.NUMBER, "active_people"),
    Field("seat_use", _("Seats used"), Kind.NUMBER, "seat_use", is_rate=True),
    Field("features", _("Features used, 28 d"), Kind.NUMBER, "features"),
    Field("quiet_days", _("Days since the last use"), Kind.NUMBER, "quiet_days"),
    Field("maturity", _("Maturity by assessment"), Kind.NUMBER, "maturity"),
    Field("potential", _("Potential by assessment"), Kind.NUMBER, "potential"),
    Field("industry", _("Industry"), Kind.TEXT, "industry"),
    Field("size", _("Size"), Kind.TEXT, "size"),
    Field("region", _("Region"), Kind.TEXT, "region"),
    Field("tags", _("Tags"), Kind.TEXT, "tags"),
    Field("imported_tier", _("Imported tier"), Kind.CHOICE, "imported_tier", _choices(Tier)),
)
_CLASSES: Mapping[str, Field] = {
    STAGE: Field(STAGE, _("Stage"), Kind.CHOICE, STAGE, _choices(Stage)),
    FIT: Field(FIT, pgettext_lazy("target customer", "Fit"), Kind.CHOICE, FIT, _choices(Fit)),
}


def fields_of(kind: str, *, custom: tuple[Field, ...] = ()) -> tuple[Field, ...]:
    """What the rules of a kind may read: the facts, and the kinds decided before it."""
    before = ORDER[: ORDER.index(kind)]
    return (*FIELDS, *(_CLASSES[it] for it in before), *custom)


def custom_fields() -> tuple[Field, ...]:
    """The custom fields that customers have: a number where every value is one."""
    values: dict[str, list[object]] = {}
    for custom in Customer.objects.exclude(custom={}).values_list("custom", flat=True):
        for name, value in custom.items():
            values.setdefault(name, []).append(value)
    return tuple(
        Field(_custom_name(name), name, kind, name)
        for name, found in sorted(values.items())
        if _custom_name(name).replace("_", "").isalnum()
        for kind in (Kind.NUMBER if all(map(is_number, found)) else Kind.TEXT,)
    )


def custom_read(reason: Mapping[str, object], custom: Mapping[str, object]) -> tuple[Field, ...]:
    """The custom fields of which a rule read values, titled as the customer has them; `reason`
    says by itself what was read as a number."""
    titles = {_custom_name(name): name for name in custom}
    return tuple(
        Field(
            name,
            titles.get(name, name.removeprefix(CUSTOM)),
            Kind.NUMBER if isinstance(value, int | float) else Kind.TEXT,
            name,
        )
        for name, value in reason.items()
        if name.startswith(CUSTOM)
    )


def _custom_name(name: str) -> str:
    return CUSTOM + "_".join(name.split())


def is_number(value: object) -> bool:
    if isinstance(value, bool):
        return False
    if isinstance(value, int | float):
        return True
    try:
        float(str(value))
    except ValueError:
        return False
    return str(value).strip().lower() not in ("nan", "inf", "-inf", "infinity")
