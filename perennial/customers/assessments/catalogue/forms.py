"""The editor of a form as it is sent, what its buttons do to it, and an entry of the catalogue."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import count
from typing import Any, Final

from django import forms
from django.utils.translation import gettext_lazy as _

from perennial.customers.assessments.checks import MOST_AREAS, MOST_QUESTIONS
from perennial.customers.assessments.queries import templates
from perennial.customers.assessments.rules.shipped import Solution
from perennial.customers.assessments.rules.template import MATURITY
from perennial.customers.assessments.wording import spoken
from perennial.customers.models import OfferKind

Plain = dict[str, Any]
Given = Mapping[str, str]
CHOICE_PARTS: Final = 3  # 中文 | English | points


def definition_from(given: Given) -> Plain:
    """The text that the editor means; nothing of it is checked."""
    return {
        "title": {"zh": _typed(given, "zh"), "en": _typed(given, "en")},
        "low_score": _number(_typed(given, "low_score")),
        "areas": [_area(given, f"a{at}") for at in range(_count(given, "areas", MOST_AREAS))],
    }


def _typed(given: Given, name: str) -> str:
    return given.get(name, "").strip()


def _count(given: Given, name: str, most: int) -> int:
    text = _typed(given, name)
    return min(int(text), most + 1) if text.isascii() and text.isdigit() and len(text) < 4 else 0


def _number(text: str) -> float | str:
    try:
        found = float(text)
    except ValueError:
        return text
    return int(found) if found.is_integer() else found


def _area(given: Given, at: str) -> Plain:
    questions = _count(given, f"{at}_questions", MOST_QUESTIONS)
    return {
        "name": _typed(given, f"{at}_name"),
        "title": {"zh": _typed(given, f"{at}_zh"), "en": _typed(given, f"{at}_en")},
        "weight": _number(_typed(given, f"{at}_weight") or "1"),
        "yields": _typed(given, f"{at}_yields") or MATURITY,
        "questions": [_question(given, f"{at}_q{n}") for n in range(questions)],
    }


def _question(given: Given, at: str) -> Plain:
    found: Plain = {
        "name": _typed(given, f"{at}_name"),
        "text": {"zh": _typed(given, f"{at}_zh"), "en": _typed(given, f"{at}_en")},
        "weight": _number(_typed(given, f"{at}_weight") or "1"),
    }
    lines = [it for it in _typed(given, f"{at}_choices").splitlines() if it.strip()]
    return found | ({"choices": [_choice(line) for line in lines]} if lines else {})


def _choice(line: str) -> Plain:
    parts = [it.strip() for it in line.replace("｜", "|").split("|")]
    zh, en, points = (parts + [""] * CHOICE_PARTS)[:CHOICE_PARTS]
    return {"title": {"zh": zh, "en": en}, "points": _number(points)}


def choices_text(question: Plain) -> str:
    """`中文 | English | points` per line, as the editor shows choices."""
    return "\n".join(
        f"{it['title'].get('zh', '')} | {it['title'].get('en', '')} | {it['points']}"
        for it in question.get("choices", ())
    )


def stepped(definition: Plain, do: str) -> Plain:
    """The text after one press: `add`, `add:area`, `remove:area` or `remove:area:question`."""
    verb, *places = do.split(":")
    numbers = [int(it) for it in places if it.isascii() and it.isdigit()]
    areas = [area | {"questions": list(area["questions"])} for area in definition["areas"]]
    if verb == "add" and not numbers:
        areas.append(fresh_area(areas))
    elif numbers and numbers[0] < len(areas):
        questions = areas[numbers[0]]["questions"]
        if verb == "add":
            questions.append(_fresh_question(questions))
        elif verb == "remove" and len(numbers) == 1:
            areas.pop(numbers[0])
        elif verb == "remove" and numbers[1] < len(questions):
            questions.pop(numbers[1])
    return definition | {"areas": areas}


def fresh_area(areas: list[Plain]) -> Plain:
    return {
        "name": _free("area", areas),
        "title": {"zh": "", "en": ""},
        "weight": 1,
        "yields": MATURITY,
        "questions": [_fresh_question([])],
    }


def _fresh_question(questions: list[Plain]) -> Plain:
    return {"name": _free("q", questions), "text": {"zh": "", "en": ""}, "weight": 1}


def _free(word: str, rows: list[Plain]) -> str:
    taken = {row["name"] for row in rows}
    return next(it for n in count(len(rows) + 1) if (it := f"{word}_{n}") not in taken)


class SolutionForm(forms.Form):
    """An entry of the catalogue."""

    title_zh = forms.CharField(label=_("Title in Chinese"), max_length=100)
    title_en = forms.CharField(label=_("Title in English"), max_length=100)
    kind = forms.ChoiceField(label=_("Dimension"), choices=OfferKind.choices)
    areas = forms.MultipleChoiceField(
        label=_("Helps these areas"), required=False, widget=forms.CheckboxSelectMultiple
    )

    def __init__(self, data: Any = None, *, initial: Any = None) -> None:
        super().__init__(data, initial=initial)
        areas = self.fields["areas"]
        assert isinstance(areas, forms.MultipleChoiceField)
        known = {it.name: spoken(it.title) for form in templates().values() for it in form.areas}
        areas.choices = list(known.items())

    def solution(self, name: str) -> Solution:
        given = self.cleaned_data
        titles = given["title_zh"], given["title_en"]
        return Solution(name, given["kind"], *titles, tuple(given["areas"]))
