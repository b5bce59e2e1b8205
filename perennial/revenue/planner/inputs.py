"""What the address says: every input of both scenarios, checked; and the address that says it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from fractions import Fraction
from math import floor, log10
from typing import Final

from django import forms
from django.core.exceptions import ValidationError
from django.http import QueryDict
from django.utils.http import urlencode

from perennial.revenue.planner.wording import (
    FACT_INPUTS,
    FACTS,
    LEVER_INPUTS,
    LEVERS,
    Input,
    Text,
)
from perennial.revenue.rules.plan import Levers, Outcome
from perennial.units.money import round_half_up

BASE: Final = "_base"  # `renewal` is the scenario's, `renewal_base` that of the base
UNITS: Final = (1, 1000, 10_000)  # money is typed in these: 万 in Chinese, thousands in English
PLACES: Final = {"rate": 2, "money": 4, "count": 1, "years": 0}
NAMES: Final = (
    *(f"{it.name}{end}" for it in LEVER_INPUTS for end in (BASE, "")),
    *(it.name for it in FACT_INPUTS),
)
OF: Final = {it.name: it for it in (*LEVER_INPUTS, *FACT_INPUTS)}


@dataclass(frozen=True, slots=True)
class Control:
    """An input as it is drawn: `value` as typed, in the unit of the page."""

    name: str
    value: str
    error: str
    low: str
    high: str


@dataclass(frozen=True, slots=True)
class Slider:
    low: str
    high: str
    step: str
    value: str


@dataclass(frozen=True, slots=True)
class Row:
    """A lever (base and scenario with its slider) or a fact (one control, no base)."""

    input: Input
    control: Control
    base: Control | None = None
    slider: Slider | None = None
    own: str = ""  # the own number, written out


@dataclass(frozen=True, slots=True)
class Asked:
    """All inputs: exact values (rates as shares) of those without an error, and texts as typed."""

    values: Mapping[str, Fraction]
    texts: Mapping[str, str]
    errors: Mapping[str, str]
    outcome: Outcome
    unit: int
    clock_query: str = ""  # the clocks, as they stand in the address

    def levers(self, *, base: bool) -> Levers:
        end = BASE if base else ""
        return Levers(**{it.name: self.values[it.name + end] for it in LEVER_INPUTS})

    @property
    def query(self) -> str:
        """The address of this plan: the same figures for everybody."""
        return self.but({})

    def but(self, also: Mapping[str, Fraction]) -> str:
        """The address of this plan with some values changed."""
        values = {**self.values, **also}
        pairs = [(name, written(OF[stem(name)], values[name], self.unit)) for name in NAMES]
        told = urlencode([*pairs, ("unit", self.unit), ("outcome", self.outcome)])
        return told + self.clock_query


def stem(name: str) -> str:
    return name.removesuffix(BASE)


def is_complete(query: QueryDict) -> bool:
    """Everything is said: nothing has to be filled in from the own numbers."""
    return all(name in query for name in NAMES)


def has_sliders(query: QueryDict) -> bool:
    """The form was sent without JavaScript, which would have taken the sliders out."""
    return any(f"{it.name}_slide" in query for it in LEVER_INPUTS)


def read(
    query: QueryDict, defaults: Mapping[str, Fraction], *, unit: int, clock_query: str = ""
) -> Asked:
    """What is asked, in the page's `unit`; what is missing is the default."""
    given = next((it for it in UNITS if str(it) == query.get("unit")), unit)
    values: dict[str, Fraction] = {}
    errors: dict[str, str] = {}
    texts: dict[str, str] = {}
    for name in NAMES:
        of = OF[stem(name)]
        text = _slid(query, name) or query.get(name)
        if text is None:
            values[name] = defaults[name]
            continue
        texts[name] = text[:40]
        try:
            values[name] = _number(of, text, given)
        except ValidationError as wrong:
            errors[name] = wrong.messages[0]
    for name, value in values.items():
        if given != unit or name not in texts:
            texts[name] = written(of=OF[stem(name)], value=value, unit=unit)
    asked = query.get("outcome", "")
    outcome = next((it for it in Outcome if it == asked), Outcome.ARR)
    return Asked(values, texts, errors, outcome, unit, clock_query)


def _slid(query: QueryDict, name: str) -> str:
    """Without JavaScript, the slider's value where it was moved."""
    slid, was = query.get(f"{name}_slide", ""), query.get(f"{name}_was", "")
    return slid if slid != was else ""


def _number(of: Input, text: str, unit: int) -> Fraction:
    factor = unit if of.kind == "money" else 1
    low, high = of.low / factor, of.high / factor
    field = forms.DecimalField(min_value=low, max_value=high, decimal_places=None)
    cleaned = text.replace(",", "").replace("\uff0c", "").strip().rstrip("%％")
    try:
        number = field.clean(cleaned)
    except InvalidOperation as wrong:
        raise ValidationError(field.error_messages["invalid"]) from wrong
    whole = forms.IntegerField().clean(cleaned) if of.kind == "years" else number
    value = round_half_up(Fraction(whole), places=6)
    return Fraction(value) * factor / (100 if of.kind == "rate" else 1)


def written(of: Input, value: Fraction, unit: int) -> str:
    """A value as it is typed: percent, the page's unit of money."""
    scaled = value * 100 if of.kind == "rate" else value / unit if of.kind == "money" else value
    text = f"{round_half_up(scaled, places=PLACES[of.kind]):f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def rows(asked: Asked, own: Mapping[str, str]) -> list[tuple[Text, list[Row]]]:
    """The levers in their groups; `own`: the own numbers, written out."""
    return [
        (
            title,
            [
                Row(
                    it,
                    _control(asked, it, it.name),
                    _control(asked, it, it.name + BASE),
                    _slider(asked, it),
                    own.get(it.name, ""),
                )
                for it in inputs
            ],
        )
        for title, inputs in LEVERS
    ]


def facts(asked: Asked) -> list[tuple[Text, list[Row]]]:
    return [
        (title, [Row(it, _control(asked, it, it.name)) for it in inputs]) for title, inputs in FACTS
    ]


def controls(asked: Asked) -> list[Control]:
    """All of them, for their error marks."""
    return [_control(asked, OF[stem(name)], name) for name in NAMES]


def _control(asked: Asked, of: Input, name: str) -> Control:
    factor = asked.unit if of.kind == "money" else 1
    low, high = (f"{(edge / factor).normalize():f}" for edge in (of.low, of.high))
    return Control(name, asked.texts[name], asked.errors.get(name, ""), low, high)


def _slider(asked: Asked, of: Input) -> Slider:
    """Rates slide over their usual range, amounts up to about twice what stands there."""
    scale = {"rate": Fraction(1, 100), "money": Fraction(asked.unit)}.get(of.kind, Fraction(1))
    now = asked.values.get(of.name, Fraction(0)) / scale
    base = asked.values.get(of.name + BASE, Fraction(0)) / scale
    low = Fraction(of.slide_low)
    high = Fraction(of.slide_high) if of.slide_high is not None else _round_up(2 * max(now, base))
    step = Fraction(1, 2) if of.kind == "rate" else max(high / 200, Fraction(1, 10_000))
    if of.kind == "count":
        step = max(Fraction(1), step)
    at = low + round((min(max(now, low), high) - low) / step) * step
    return Slider(*(_plain(it) for it in (low, high, step, at)))


def _round_up(size: Fraction) -> Fraction:
    """1, 2 or 5 times a power of ten, at least `size`."""
    if size <= 0:
        return Fraction(100)
    power = Fraction(10) ** floor(log10(size))
    return next(power * times for times in (1, 2, 5, 10) if power * times >= size)


def _plain(value: Fraction) -> str:
    text = f"{Decimal(value.numerator) / Decimal(value.denominator):f}"
    return text.rstrip("0").rstrip(".") if "." in text else text
