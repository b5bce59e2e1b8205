"""What the generated company is made of: every number that the data was planted with.

All of it is written to truth/parameters.json, so that the truth behind the data is known.
"""

from dataclasses import dataclass

PRODUCTS = ("CRM", "OA", "BI")  # 客户管理 CRM, 协同办公 OA, 数据分析 BI


@dataclass(frozen=True, slots=True)
class CompanyParameters:
    """Rates are shares 0–1, yearly where they are named so; amounts in CNY."""

    history_months: int = 30
    ledger_months: int = 64  # the first orders lie before the first event
    growth_yearly_rate: float = 0.25  # of signings
    arr_median: float = 39_000.0
    arr_log_sd: float = 1.08
    arr_minimum: int = 8_000
    arr_maximum: int = 2_000_000
    seat_price: float = 1_380.0  # CNY per seat and year, before the size discount
    # Renewal: probability = logistic(intercept + quality·q + arr·log10(ARR / median)), q ~ N(0, 1).
    renewal_intercept: float = 1.75
    renewal_quality: float = 1.25
    renewal_arr: float = 0.45
    warned_share: float = 0.78  # of the lost renewals: usage falls 3–17 weeks before the due date
    false_dip_yearly_rate: float = 0.26  # dips that recover, per customer
    early_share: float = 0.16  # of renewals, signed more than 30 days before the due date
    late_share: float = 0.17  # of renewals, signed within 28 days after it
    upsell_share: float = 0.30
    price_rise_share: float = 0.12
    downsell_share: float = 0.13
    partial_share: float = 0.05  # drops a product at renewal
    addon_yearly_rate: float = 0.16
    downsell_yearly_rate: float = 0.02
    trial_share: float = 0.18  # of new customers, before the first order
    trial_only_share: float = 0.05  # never converted
    buyout_share: float = 0.012
    buyout_years: int = 2  # of what the subscription would cost
    buyout_maximum: int = 160_000
    auto_renew_share: float = 0.2  # renew by themselves unless notice is given
    discount_share: float = 0.06  # of first orders, in their first three months
    monthly_share: float = 0.03  # open-ended contracts
    pause_yearly_rate: float = 0.02
    won_back_share: float = 0.14  # of the lost
    person_leaves_yearly_rate: float = 0.12
    late_event_share: float = 0.03  # received hours later
    very_late_event_share: float = 0.004  # received days later
    daily_dispersion: float = 40.0  # gamma shape of a customer-day
    weekly_dispersion: float = 26.0  # gamma shape of a customer-week
    outage_days_ago: int = 160  # our own service was down for everyone
    outage_days: int = 3
    outage_factor: float = 0.08
    events_per_customer: int = 2_800  # over the history, when --events is not given
