"""What the columns and lines of the reports are called."""

from __future__ import annotations

from django.utils.functional import Promise
from django.utils.translation import pgettext_lazy

Text = str | Promise
HEADINGS: dict[str, Text] = {
    "orders": pgettext_lazy("heading of a report", "Orders"),
    "movements": pgettext_lazy("heading of a report", "Movements"),
    "economics": pgettext_lazy("heading of a report", "Unit economics"),
    "period": pgettext_lazy("heading of a report", "Period"),
    "start": pgettext_lazy("heading of a report", "Start MRR"),
    "new": pgettext_lazy("heading of a report", "New"),
    "expansion": pgettext_lazy("heading of a report", "Expansion"),
    "contraction": pgettext_lazy("heading of a report", "Contraction"),
    "churn": pgettext_lazy("heading of a report", "Churn"),
    "reactivation": pgettext_lazy("heading of a report", "Reactivation"),
    "fx": pgettext_lazy("heading of a report", "Exchange rates"),
    "end": pgettext_lazy("heading of a report", "End MRR"),
    "usage_revenue": pgettext_lazy("heading of a report", "Metered"),
    "customers": pgettext_lazy("heading of a report", "Customers"),
    "grr": pgettext_lazy("heading of a report", "GRR"),
    "nrr": pgettext_lazy("heading of a report", "NRR"),
    "start_mrr": pgettext_lazy("heading of a report", "MRR at the start"),
    "end_mrr": pgettext_lazy("heading of a report", "MRR at the end (everybody)"),
    "logo_retention": pgettext_lazy("heading of a report", "Logo retention"),
    "grr_movement": pgettext_lazy("heading of a report", "GRR by movements"),
    "nrr_movement": pgettext_lazy("heading of a report", "NRR by movements"),
    "gross_churn": pgettext_lazy("heading of a report", "Gross MRR churn"),
    "net_churn": pgettext_lazy("heading of a report", "Net MRR churn"),
    "logo_churn": pgettext_lazy("heading of a report", "Logo churn"),
    "quick_ratio": pgettext_lazy("heading of a report", "Quick ratio"),
    "start_customers": pgettext_lazy("heading of a report", "Customers at the start"),
    "kept_customers": pgettext_lazy("heading of a report", "of these still there"),
    "due_customers": pgettext_lazy("heading of a report", "Customers due"),
    "due_amount": pgettext_lazy("heading of a report", "ARR due"),
    "renewed_customers": pgettext_lazy("heading of a report", "Customers renewed"),
    "open_customers": pgettext_lazy("heading of a report", "still open (in no rate yet)"),
    "logo_renewal_rate": pgettext_lazy("heading of a report", "Logo renewal rate"),
    "amount_renewal_rate": pgettext_lazy("heading of a report", "Amount renewal rate"),
    "amount_renewal_rate_with_upsell": pgettext_lazy(
        "heading of a report", "Amount renewal rate with upsell"
    ),
    "logo": pgettext_lazy("heading of a report", "by customers"),
    "amount": pgettext_lazy("heading of a report", "by money"),
    "customer_id": pgettext_lazy("heading of a report", "Customer"),
    "due_on": pgettext_lazy("heading of a report", "Due on"),
    "renewed_amount": pgettext_lazy("heading of a report", "ARR renewed"),
    "status": pgettext_lazy("heading of a report", "Status"),
    "order_ids": pgettext_lazy("heading of a report", "Orders"),
    "renewed_by": pgettext_lazy("heading of a report", "Renewed by"),
    "cohort": pgettext_lazy("heading of a report", "Cohort"),
    "size": pgettext_lazy("heading of a report", "Size"),
    "total": pgettext_lazy("heading of a report", "Total"),
    "ratio_limit": pgettext_lazy("heading of a report", "Ratio in the long run"),
    "mean_lifetime": pgettext_lazy("heading of a report", "Mean lifetime"),
    "ratio": pgettext_lazy("heading of a report", "Second ÷ first"),
    "alive": pgettext_lazy("heading of a report", "As seen"),
    "curve": pgettext_lazy("heading of a report", "As fitted"),
    "derl": pgettext_lazy("heading of a report", "Worth before the next renewal (DERL)"),
    "figure": pgettext_lazy("heading of a report", "Figure"),
    "raw": pgettext_lazy("heading of a report", "Raw"),
    "adjusted": pgettext_lazy("heading of a report", "Adjusted"),
    "value": pgettext_lazy("heading of a report", "Value"),
    "how": pgettext_lazy("heading of a report", "How"),
    "test": pgettext_lazy("heading of a report", "Check"),
    "limit": pgettext_lazy("heading of a report", "Limit"),
    "passed": pgettext_lazy("heading of a report", "Passed"),
    "arpa": pgettext_lazy("heading of a report", "ARPA (per customer and month)"),
    "asp": pgettext_lazy("heading of a report", "ASP (per new customer and month)"),
    "cac": pgettext_lazy("heading of a report", "CAC (per new customer)"),
    "monthly_churn": pgettext_lazy("heading of a report", "Logo churn per month"),
    "window_churn": pgettext_lazy("heading of a report", "Logo churn of the window"),
    "yearly_churn": pgettext_lazy("heading of a report", "Logo churn per year"),
    "payback_months": pgettext_lazy("heading of a report", "Payback in months"),
}
CHECKS: dict[str, Text] = {
    "ltv_to_cac": pgettext_lazy("check of unit economics", "LTV ÷ CAC, at least"),
    "payback_months": pgettext_lazy("check of unit economics", "months to pay CAC back, at most"),
    "cac_to_mrr": pgettext_lazy("check of unit economics", "CAC ÷ ARPA, below"),
    "yearly_churn": pgettext_lazy("check of unit economics", "logo churn per year, at most"),
    "acv_to_cac": pgettext_lazy("check of unit economics", "ACV ÷ CAC, at least"),
}


def heading(name: str) -> str:
    return str(HEADINGS[name])
