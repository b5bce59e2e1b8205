"""The definitions (口径) in words: what each one asks, its choices and what they mean."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Final

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext, pgettext_lazy

from perennial.revenue.rules.definitions import DEFAULT, Definitions

Text = str | Promise
NEVER: Final = "never"


@dataclass(frozen=True, slots=True)
class Choice:
    """A value as it is recorded, how it is called, what it does."""

    value: str
    label: Text
    meaning: Text


@dataclass(frozen=True, slots=True)
class Question:
    """A setting. Without choices its value is a whole number of `unit`; `never` says what it
    means to have no number (empty: a number is needed)."""

    name: str
    title: Text
    text: Text
    choices: tuple[Choice, ...] = ()
    unit: Text = ""
    never: Text = ""

    @property
    def default(self) -> str:
        return written(getattr(DEFAULT, self.name))


@dataclass(frozen=True, slots=True)
class Theme:
    title: Text
    questions: tuple[Question, ...]


def written(value: Any) -> str:
    """A setting's value as text, the way it is recorded and given on the command line."""
    if value is None:
        return NEVER
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(value)


def told(question: Question, value: str) -> str:
    """A recorded value in the reader's words."""
    for choice in question.choices:
        if choice.value == value:
            return str(choice.label)
    if value == NEVER:
        return str(question.never)
    if value.isdigit() and question.unit == MONTHS:
        return ngettext("%(n)d month", "%(n)d months", int(value)) % {"n": int(value)}
    if value.isdigit():
        return ngettext("%(n)d day", "%(n)d days", int(value)) % {"n": int(value)}
    return value


def active(definitions: Definitions) -> Iterator[tuple[Question, str, bool]]:
    """Every setting with its value in words, and whether it is ours (the default)."""
    for theme in THEMES:
        for question in theme.questions:
            value = written(getattr(definitions, question.name))
            yield question, told(question, value), value == question.default


def question(name: str) -> Question | None:
    return BY_NAME.get(name)


YES: Final = pgettext_lazy("a definition", "Yes")
NO: Final = pgettext_lazy("a definition", "No")
DAYS: Final = _("days")
MONTHS: Final = _("months")

WHAT_COUNTS: Final = Theme(
    _("What counts as recurring revenue"),
    (
        Question(
            "level",
            _("Whose revenue is compared"),
            _("A customer drops one of two products: did it leave, or does it pay less?"),
            (
                Choice("customer", _("Customer"), _("It pays less (contraction).")),
                Choice("product", _("Product"), _("It left that product (churn).")),
                Choice("order", _("Order"), _("Every subscription stands for itself.")),
            ),
        ),
        Question(
            "discounts",
            _("Discounts that end"),
            _("A discount runs out before the term does."),
            (
                Choice("spread", _("Spread"), _("It counts over the whole term, evenly.")),
                Choice("dated", _("Dated"), _("It counts while it lasts; its end expands.")),
            ),
        ),
        Question(
            "pause_policy",
            _("Paused orders"),
            _("What an order earns while it is paused. Its customer stays a customer."),
            (
                Choice("zero", _("Count zero"), _("The pause contracts, its end expands.")),
                Choice("keep", _("Keep counting"), _("A pause is no movement.")),
            ),
        ),
        Question(
            "delinquent_after_days",
            _("Arrears"),
            _("So long after the due day of an unpaid invoice the customer counts as lost."),
            unit=DAYS,
            never=_("Never"),
        ),
        Question(
            "usage_revenue",
            _("Metered revenue"),
            _("Revenue by use, which nobody committed to."),
            (
                Choice("exclude", _("Beside"), _("Only committed revenue is recurring.")),
                Choice("include", _("Inside"), _("It counts as recurring revenue.")),
            ),
        ),
        Question(
            "fx",
            _("Foreign currency"),
            _("At which rates orders in other currencies count."),
            (
                Choice("plan", _("Plan rates"), _("Constant: a rate never moves revenue.")),
                Choice("spot", _("Spot rates"), _("The day's; their change is its own line.")),
            ),
        ),
    ),
)
MOVEMENTS: Final = Theme(
    _("Who came and who left"),
    (
        Question(
            "churn_recognition",
            _("The day a customer is lost"),
            _("Notice is given before the service ends. When does its revenue stop?"),
            (
                Choice(
                    "service_end",
                    _("End of service"),
                    _("On the first day without service."),
                ),
                Choice("on_notice", _("Notice"), _("When the customer gave notice.")),
                Choice("on_cancel", _("Cancellation"), _("When the cancellation was recorded.")),
            ),
        ),
        Question(
            "reactivation_window_days",
            _("Customers that return"),
            _("Back within so many days they are reactivated, later they are new."),
            unit=DAYS,
            never=_("Always reactivated"),
        ),
        Question(
            "quick_ratio_reactivation",
            _("Quick ratio with returns"),
            _("Do customers that return count among the gains of the quick ratio?"),
            (
                Choice("true", YES, _("(new + expansion + reactivation) ÷ losses.")),
                Choice("false", NO, _("(new + expansion) ÷ losses.")),
            ),
        ),
    ),
)
RATES: Final = Theme(
    _("Retention"),
    (
        Question(
            "retention_basis",
            _("GRR and NRR in the headline"),
            _("A customer grows and shrinks again within the period."),
            (
                Choice("endpoint", _("Both ends"), _("Start and end are compared.")),
                Choice(
                    "movements",
                    pgettext_lazy("a definition", "Movements"),
                    _("The days are added up: every fall counts."),
                ),
            ),
        ),
        Question(
            "nrr_reactivation",
            _("NRR with returns"),
            _("Do customers that had left before the period, and return in it, count in NRR?"),
            (
                Choice("false", NO, _("Only customers of the start.")),
                Choice("true", YES, _("Their revenue is added.")),
            ),
        ),
        Question(
            "churn_basis",
            _("Logo churn is divided by"),
            _("How many customers the lost ones are compared with."),
            (
                Choice("start", _("Customers of the start"), _("Only theirs are counted.")),
                Choice(
                    "start_and_new",
                    _("Start and new"),
                    _("Customers that came in the period are added below."),
                ),
                Choice(
                    "start_all_gone",
                    _("All that left"),
                    _("Also those that came and left within the period, by those of the start."),
                ),
            ),
        ),
    ),
)
RENEWALS: Final = Theme(
    _("Renewals"),
    (
        Question(
            "grace_days",
            _("Grace after the due day"),
            _("A renewal signed within it still counts, as late."),
            unit=DAYS,
        ),
        Question(
            "early_days",
            _("Early renewal"),
            _("A renewal signed more than so long before the due day is early."),
            unit=DAYS,
        ),
        Question(
            "merged_base",
            _("Merged customers"),
            _("What the adjusted rates do with the due amount of a customer that was merged."),
            (
                Choice("exclude", _("Leave out"), _("Neither due nor renewed.")),
                Choice("move", _("Move"), _("It falls due at the surviving customer.")),
            ),
        ),
    ),
)
ECONOMICS: Final = Theme(
    _("Unit economics"),
    (
        Question(
            "cac_lag_months",
            _("Lag of acquisition cost"),
            _("Cost of so many months earlier is divided by the customers of a month."),
            unit=MONTHS,
        ),
        Question(
            "payback_subtracts_one_off",
            _("Payback after one-off fees"),
            _("Is the cost of acquisition reduced by set-up fees before payback is counted?"),
            (
                Choice("false", NO, _("The whole cost is paid back by subscriptions.")),
                Choice("true", YES, _("One-off fees pay back first.")),
            ),
        ),
    ),
)
THEMES: Final = (WHAT_COUNTS, MOVEMENTS, RATES, RENEWALS, ECONOMICS)
BY_NAME: Final = {it.name: it for theme in THEMES for it in theme.questions}
