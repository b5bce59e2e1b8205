"""Customers, their people, what we said to each other (跟进记录), and how we class them."""

from perennial.customers.models.classes import (
    Classification,
    ClassKind,
    ClassOverride,
    ClassRules,
    FitOpinion,
    SaidBy,
)
from perennial.customers.models.customer import Customer, Fit, Merge, Stage, Tier
from perennial.customers.models.people import (
    Grade,
    Outcome,
    Person,
    Sentiment,
    Touch,
    TouchKind,
)
from perennial.customers.models.views import SavedView

__all__ = [
    "ClassKind",
    "ClassOverride",
    "ClassRules",
    "Classification",
    "Customer",
    "Fit",
    "FitOpinion",
    "Grade",
    "Merge",
    "Outcome",
    "Person",
    "SaidBy",
    "SavedView",
    "Sentiment",
    "Stage",
    "Tier",
    "Touch",
    "TouchKind",
]
