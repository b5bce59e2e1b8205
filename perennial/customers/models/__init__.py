"""Customers, their people, what we said to each other (跟进记录), and how we class them."""

from perennial.customers.models.assessments import (
    Assessment,
    AssessmentTemplate,
    Offer,
    OfferKind,
    Proposal,
)
from perennial.customers.models.classes import (
    Classification,
    ClassKind,
    ClassOverride,
    ClassRules,
    FitOpinion,
    SaidBy,
)
from perennial.customers.models.conversation import About, Attachment, Comment, Mention
from perennial.customers.models.customer import Customer, Fit, Merge, Stage, Tier
from perennial.customers.models.people import (
    BuyingRole,
    Diagnosis,
    Grade,
    GradedBy,
    GradeStandard,
    Lack,
    Outcome,
    Person,
    Sentiment,
    Touch,
    TouchKind,
)
from perennial.customers.models.segments import CustomerLink, LinkKind, Segment, SegmentMember
from perennial.customers.models.silences import Silence, SilenceReason
from perennial.customers.models.standing import CustomerKey
from perennial.customers.models.views import DefaultView, SavedView

__all__ = [
    "About",
    "Assessment",
    "AssessmentTemplate",
    "Attachment",
    "BuyingRole",
    "ClassKind",
    "ClassOverride",
    "ClassRules",
    "Classification",
    "Comment",
    "Customer",
    "CustomerKey",
    "CustomerLink",
    "DefaultView",
    "Diagnosis",
    "Fit",
    "FitOpinion",
    "Grade",
    "GradeStandard",
    "GradedBy",
    "Lack",
    "LinkKind",
    "Mention",
    "Merge",
    "Offer",
    "OfferKind",
    "Outcome",
    "Person",
    "Proposal",
    "SaidBy",
    "SavedView",
    "Segment",
    "SegmentMember",
    "Sentiment",
    "Silence",
    "SilenceReason",
    "Stage",
    "Tier",
    "Touch",
    "TouchKind",
]
