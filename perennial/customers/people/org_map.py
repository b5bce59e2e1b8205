"""The org map as SVG: who reports to whom from left to right, each person one link.

Shape, colour and word say the same: who left is dashed, sponsors and champions have a star and
a thick border, the mood is a triangle up, a dot or a triangle down with its word.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import pairwise
from typing import Final
from unicodedata import east_asian_width

from django.urls import reverse
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from perennial.customers.models import Customer, Sentiment
from perennial.customers.people.queries import Listed, People
from perennial.customers.people.rules.tree import Node
from perennial.web.charts.svg import element, joined

WIDTH, GAP = 160, 24  # of a box, and between two columns
TALL, SHORT = 62, 42  # of a box with three lines, with two
STEP: Final = WIDTH + GAP
SPACE, HEADING = 10, 30
LETTERS = 23  # halves of a Chinese character in one line
COLUMNS = 3  # of those beside the tree
Placed = tuple[Listed, Node, tuple[float, float]]
MOODS: Final = {Sentiment.WARM: "▲", Sentiment.NEUTRAL: "●", Sentiment.COOL: "▼"}


def org_map(
    customer: Customer, people: People, *, dense: bool, can_edit: bool
) -> SafeString | None:
    """None: nobody is known."""
    if not people.everybody:
        return None
    tall = SHORT if dense else TALL
    placed = _placed(people, tall + SPACE, dense=dense)
    columns = max(_columns(people), min(COLUMNS, len(people.loose)), 1)
    below = sum(not node.has_reports for node, _listed in people.placed) * (tall + SPACE)
    heading = HEADING if people.loose and placed else 0
    beside = [
        (it, None, (n % columns * STEP, below + heading + n // columns * (tall + SPACE)))
        for n, it in enumerate(people.loose)
    ]
    width = columns * STEP - GAP + 4
    height = below + heading + -(-len(people.loose) // columns) * (tall + SPACE) - SPACE + 4
    note = _("Without manager or reports so far")
    return element(
        "svg",
        {
            "class": "org dense" if dense else "org",
            "viewBox": f"-2 -2 {width} {height}",
            "width": width,
            "height": height,
            "role": "group",
            "aria-label": _("Org map: arrows move between managers and reports, Enter opens"),
        },
        element("path", {"class": "ties", "d": _ties(placed, tall)}),
        element("text", {"class": "po", "x": 0, "y": below + 16}, note) if heading else "",
        joined(
            _person(customer, it, node, place, tall=tall, can_edit=can_edit)
            for it, node, place in [*placed, *beside]
        ),
    )


def _columns(people: People) -> int:
    return max((node.depth for node, _listed in people.placed), default=-1) + 1


def _placed(people: People, line: int, *, dense: bool) -> list[Placed]:
    """In a long map who leads stands at the top, where the eye begins."""
    return [
        (listed, node, (node.depth * STEP, (node.top if dense else node.row) * line))
        for node, listed in people.placed
    ]


def _ties(places: Sequence[Placed], tall: int) -> str:
    """One path for all lines from managers to reports."""
    at = {node.pk: place for _listed, node, place in places}
    return " ".join(
        f"M{x0 + WIDTH:g} {y0 + tall / 2:g}h{GAP / 2:g}V{y + tall / 2:g}H{x:g}"
        for _listed, node, (x, y) in places
        if node.parent is not None
        for x0, y0 in (at[node.parent],)
    )


def _person(
    customer: Customer,
    it: Listed,
    node: Node | None,
    place: tuple[float, float],
    *,
    tall: int,
    can_edit: bool,
) -> SafeString:
    person = it.person
    x, y = float(place[0]), float(place[1])
    link: dict[str, object] = {
        "href": reverse("desk:person", args=[customer.pk, person.pk]),
        "id": f"org-{person.pk}",
        "class": " ".join(_classes(it)),
        "aria-label": pgettext("list", ", ").join(_words(it)),
    }
    if can_edit:
        link["data-sheet"] = reverse("customers:edit_person", args=[customer.pk, person.pk])
    if node is not None and node.parent is not None:
        link["data-up"] = f"org-{node.parent}"
    box = {"x": x, "y": y, "width": WIDTH, "height": tall, "rx": 8}
    return element("a", link, element("rect", box), joined(_lines(it, x + 11, y, tall)))


def _classes(it: Listed) -> Iterator[str]:
    if it.person.grade:
        yield f"g{it.person.grade}"
    if it.is_gone:
        yield "left"
    elif it.is_advocate:
        yield "for-us"


def _words(it: Listed) -> Iterator[str]:
    """What a screen reader says of somebody."""
    person = it.person
    yield person.name
    if person.role:
        yield person.role
    if person.grade:
        yield _("grade %(grade)s") % {"grade": person.grade}
    if person.buying_role:
        yield person.get_buying_role_display()
    if it.is_gone:
        yield pgettext("org map", "left")
    elif person.sentiment:
        yield person.get_sentiment_display()


def _lines(it: Listed, x: float, y: float, tall: int) -> Iterator[SafeString]:
    person = it.person
    star = "★ " if it.is_advocate and not it.is_gone else ""
    name = star + person.name
    if tall == SHORT and person.role:
        name = f"{name} · {person.role}"
    yield element("text", {"class": "nm", "x": x, "y": y + 18}, fitted(name, LETTERS))
    if tall == TALL and person.role:
        yield element("text", {"class": "po", "x": x, "y": y + 35}, fitted(person.role, LETTERS))
    yield element("text", {"class": "ma", "x": x, "y": y + tall - 10}, *_marks(it))


def _marks(it: Listed) -> Iterator[SafeString | str]:
    """S · decision maker · ▲ warm; of who left the word alone."""
    person = it.person
    parts: list[SafeString | str] = []
    if person.grade:
        parts.append(element("tspan", {"class": "gr"}, person.grade))
    if person.buying_role:
        parts.append(fitted(person.get_buying_role_display(), 15))
    if it.is_gone:
        parts.append(pgettext("org map", "left"))
    elif person.sentiment:
        word = f"{MOODS[Sentiment(person.sentiment)]} {person.get_sentiment_display()}"
        taken = " · ".join(map(str, [person.grade, person.get_buying_role_display(), word]))
        if fitted(taken, LETTERS) != taken:  # its shape says it, too: the legend is above
            word = MOODS[Sentiment(person.sentiment)]
        parts.append(element("tspan", {"class": f"mood {person.sentiment}"}, word))
    for part, following in pairwise([*parts, None]):
        yield part or ""
        if following is not None:
            yield " · "


def fitted(words: str, letters: int) -> str:
    """Cut to a width, a Chinese character counting two letters.

    >>> fitted("华东区大客户销售总监", 12), fitted("Head of sales", 20)
    ('华东区大客…', 'Head of sales')
    """
    wide = 0
    for at, character in enumerate(words):
        wide += 2 if east_asian_width(character) in "WF" else 1
        if wide > letters:
            return _cut(words[:at], letters) + "…"
    return words


def _cut(words: str, letters: int) -> str:
    """Room for the dots."""
    wide = sum(2 if east_asian_width(it) in "WF" else 1 for it in words)
    return words if wide < letters else words[:-1]
