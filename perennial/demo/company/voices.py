"""What is said and paid: touches, tickets, survey answers and invoices of one customer.

Each function yields rows for the import files; texts are in the language of the twin, every
number and date is drawn alike in both.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from itertools import groupby
from random import Random

from perennial.demo.cast import State
from perennial.demo.company.model import Customer, Person
from perennial.demo.words import Pair, notes

Row = dict[str, object]
TOUCH_EVERY_DAYS = {"S": 14, "A": 24, "B": 42, "C": 80}
TICKET_KINDS = {  # kind -> (name, weight, priorities, days to close)
    "howto": (Pair("使用帮助", "How-to"), 46, ("P3", "P4"), 1.0),
    "bug": (Pair("BUG", "Bug"), 24, ("P1", "P2", "P2", "P3"), 4.0),
    "request": (Pair("需求", "Request"), 18, ("P3", "P4"), 20.0),
    "advice": (Pair("管理建议", "Advice"), 6, ("P3",), 6.0),
    "complaint": (Pair("投诉", "Complaint"), 6, ("P1", "P2"), 5.0),
}


@dataclass(frozen=True, slots=True)
class Voices:
    """Draws what one customer says and pays, up to the last day of the data."""

    customer: Customer
    rng: Random
    start_on: date
    end_on: date
    language: str

    def _moment(self, day: date) -> datetime:
        return datetime.combine(day, time(self.rng.randrange(9, 18), self.rng.randrange(60)))

    def _recorded(self, moment: datetime) -> datetime:
        """Written down within hours; one in fifteen days later."""
        hours = self.rng.uniform(24, 120) if self.rng.random() < 0.07 else self.rng.uniform(0, 3)
        latest = max(datetime.combine(self.end_on, time(23, 30)), moment)
        return min(moment + timedelta(hours=hours), latest).replace(microsecond=0)

    def _there(self, day: date) -> list[Person]:
        return [
            person
            for person in self.customer.people
            if person.from_on <= day and (person.to_on is None or day < person.to_on)
        ]

    def _served(self, day: date) -> bool:
        return any(each.start_on <= day < each.end_on for each in self.customer.services)

    def _falling(self, day: date) -> bool:
        return any(
            fall.starts_on + timedelta(days=10) <= day < (fall.recovers_on or date.max)
            for fall in self.customer.declines
        )

    def touches(self) -> Iterator[Row]:
        """Touches (跟进记录): more for higher tiers, denser at the start and before a renewal."""
        care = 1.0 if self.customer.cast else self.rng.lognormvariate(0, 0.5)
        every = TOUCH_EVERY_DAYS[self.customer.tier] * care
        day, number = max(self.customer.first_on, self.start_on), 0
        while True:
            near = any(0 <= (each.due_on - day).days <= 60 for each in self.customer.renewals)
            new = (day - self.customer.first_on).days < 45
            gap = every * (0.4 if new else 0.6 if near else 1.0) * self.rng.uniform(0.5, 1.5)
            day += timedelta(days=max(int(gap), 3))  # more than a weekend, so that it moves on
            day -= timedelta(days=max(day.weekday() - 4, 0))
            if day > self.end_on:
                return
            people = self._there(day)
            if not self._served(day) or not people:
                continue
            number += 1
            yield self._touch(
                day, number=number, person=self.rng.choice(people), near=near, new=new
            )

    def _touch(self, day: date, *, number: int, person: Person, near: bool, new: bool) -> Row:
        words, rng = notes(), self.rng
        kind = rng.choices(["call", "meeting", "visit", "training", "email"], [45, 20, 12, 8, 15])[
            0
        ]
        texts = words.touches[kind]
        mood, chance = None, rng.random()
        if self._falling(day):
            mood = "worried"
        elif new and chance < 0.5:
            mood = "onboarding"
        elif near and chance < 0.5:
            mood = "renewal"
        if mood and kind in ("call", "meeting", "visit"):
            texts = words.moods[mood]
        happened_at = self._moment(day)
        note = rng.choice(texts).text(self.language)
        fillings = {
            "{person}": person.name.text(self.language),
            "{title}": person.title.text(self.language),
            "{people}": str(rng.randrange(6, 30)),
            "{low}": str(rng.randrange(38, 60)),
            "{high}": str(rng.randrange(64, 86)),
        }
        for gap, filling in fillings.items():
            note = note.replace(gap, filling)
        return {
            "external_id": f"T-{self.customer.external_id}-{number:04d}",
            "customer_id": self.customer.external_id,
            "happened_at": happened_at,
            "kind": kind,
            "person_id": person.external_id,
            "owner": self.customer.owner,
            "minutes": {"call": 15, "meeting": 60, "visit": 120, "training": 90, "email": 10}[kind]
            + 5 * rng.randrange(0, 5),
            "note": note,
            "recorded_at": self._recorded(happened_at),
        }

    def tickets(self) -> Iterator[Row]:
        """Tickets grow with seats; more in the first weeks, more complaints where it is bad."""
        rng, unhappy = self.rng, max(-self.customer.quality, -0.7)
        seats = max((each.seats for each in self.customer.services), default=1)
        yearly = 2.5 + 0.55 * seats**0.75 * (1 + 0.35 * unhappy)
        day, number = float((max(self.customer.first_on, self.start_on) - self.start_on).days), 0
        while True:
            opened_on = self.start_on + timedelta(days=int(day))
            boost = 2.5 if (opened_on - self.customer.first_on).days < 45 else 1.0
            day += rng.expovariate(yearly * boost / 365)
            opened_on = self.start_on + timedelta(days=int(day))
            if opened_on > self.end_on:
                break
            if self._served(opened_on):
                number += 1
                weights = [float(weight) for _, weight, _, _ in TICKET_KINDS.values()]
                weights[1], weights[4] = (
                    weights[1] * (1 + unhappy),
                    weights[4] * (1.4 + 2 * unhappy),
                )
                kind = rng.choices(list(TICKET_KINDS), [max(each, 0.5) for each in weights])[0]
                yield self._ticket(number, kind=kind, opened_on=opened_on, slow=1 + unhappy)
        if self.customer.cast and self.customer.cast.state is State.UNHAPPY:
            for offset, ago in enumerate((19, 6), start=1):
                opened_on = self.end_on - timedelta(days=ago)
                yield self._ticket(
                    number + offset, kind="complaint", opened_on=opened_on, slow=None
                )

    def _ticket(self, number: int, *, kind: str, opened_on: date, slow: float | None) -> Row:
        rng = self.rng
        name, _, priorities, close_days = TICKET_KINDS[kind]
        opened_at = self._moment(opened_on)
        closed_at: datetime | None = None
        satisfaction: int | None = None
        if slow is not None:
            hours = rng.expovariate(1 / (24 * close_days * max(slow, 0.3))) + 0.3
            closed_at = (opened_at + timedelta(hours=hours)).replace(microsecond=0)
            if closed_at.date() > self.end_on:
                closed_at = None
            elif rng.random() < 0.45:
                satisfaction = min(max(round(4.5 - 0.8 * (slow - 1) - rng.expovariate(1.6)), 1), 5)
        return {
            "external_id": f"K-{self.customer.external_id}-{number:04d}",
            "customer_id": self.customer.external_id,
            "opened_at": opened_at,
            "closed_at": closed_at,
            "kind": name.text(self.language),
            "priority": rng.choice(priorities),
            "subject": rng.choice(notes().tickets[kind]).text(self.language),
            "satisfaction": satisfaction,
            "recorded_at": closed_at or opened_at,
        }

    def answers(self) -> Iterator[Row]:
        """NPS every half year from some of the people; the cast's scores are as written."""
        rng, number = self.rng, 0
        wave = self.start_on + timedelta(days=rng.randrange(0, 180))
        cast = self.customer.cast
        while wave <= self.end_on:
            for person in self._there(wave) if self._served(wave) else ():
                if rng.random() < 0.45:
                    number += 1
                    low = 2.6 if self._falling(wave) else 0.0
                    score = round(7.3 + 1.5 * self.customer.quality - low + rng.gauss(0, 1.3))
                    yield self._answer(number, kind="nps", person=person, on=wave, score=score)
                if rng.random() < 0.25:
                    number += 1
                    score = round(4.1 + 0.4 * self.customer.quality + rng.gauss(0, 0.7))
                    yield self._answer(number, kind="csat", person=person, on=wave, score=score)
            wave += timedelta(days=182)
        if cast and cast.score is not None:
            on = self.end_on - timedelta(days=9)
            person = next(iter(self._there(on)))
            yield self._answer(number + 1, kind="nps", person=person, on=on, score=cast.score)

    def _answer(self, number: int, *, kind: str, person: Person, on: date, score: int) -> Row:
        low, high = (0, 10) if kind == "nps" else (1, 5)
        score = min(max(score, low), high)
        share = score / high
        mood = "promoter" if share >= 0.9 else "passive" if share >= 0.7 else "detractor"
        answered_at = self._moment(
            on + timedelta(days=min(self.rng.randrange(0, 8), (self.end_on - on).days))
        )
        return {
            "external_id": f"A-{self.customer.external_id}-{number:04d}",
            "customer_id": self.customer.external_id,
            "kind": kind,
            "score": score,
            "answered_at": answered_at,
            "person_id": person.external_id,
            "comment": self.rng.choice(notes().moods[mood]).text(self.language),
            "recorded_at": self._recorded(answered_at),
        }

    def invoices(self) -> Iterator[Row]:
        """One invoice per order signed; most are paid in time, some late, some not yet."""
        rng, cast = self.rng, self.customer.cast
        worst = 0.12 if self.customer.quality > 0 else 0.3
        orders = [
            order for order in self.customer.orders if order.kind not in ("trial", "cancellation")
        ]
        for order_id, rows in groupby(orders, key=lambda order: order.order_id):
            lines = list(rows)
            amount = sum(
                (each.recurring_amount or 0) + (each.one_off_amount or 0) for each in lines
            )
            first = lines[0]
            issued_on = first.signed_on if first.kind == "usage" else first.start_on
            late, pays_after = rng.random() < worst, rng.randrange(2, 29)
            pays_after += rng.randrange(15, 120) if late else 0
            if amount <= 0 or issued_on > self.end_on:
                continue
            due_on = issued_on + timedelta(days=30)
            paid_on: date | None = issued_on + timedelta(days=pays_after)
            if paid_on and paid_on > self.end_on:
                paid_on = None
            if cast and cast.state is State.UNHAPPY and lines[0].kind == "renewal":
                issued_on, due_on = (self.end_on - timedelta(days=ago) for ago in (52, 22))
                paid_on = None
            yield {
                "external_id": f"INV-{order_id[3:]}",
                "customer_id": self.customer.external_id,
                "issued_on": issued_on,
                "due_on": due_on,
                "amount": amount,
                "currency": first.currency,
                "paid_on": paid_on,
                "recorded_at": self._moment(paid_on or issued_on),
            }
