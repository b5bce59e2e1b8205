"""The named baseline: a month spine as in dbt-labs/mrr-playbook (customer_revenue_by_month,
customer_churn_month, mrr), in one statement on the same engine.

Like the playbook it joins every month between a customer's first and last one to its periods,
looks for first and last active months and compares with `lag`. States are those of the end of a
month, and amounts are floating-point, which is cheaper than exact.
"""

from __future__ import annotations

from typing import Final

PERIODS: Final = """
CREATE TEMP TABLE periods AS
SELECT customer_id, start_on, until_on AS end_on,
    whole / {million}::DOUBLE + part / {units}::DOUBLE AS mrr
FROM terms"""

SPINE: Final = """
WITH months AS (
    SELECT unnest(generate_series(DATE '{first}', DATE '{last}', INTERVAL 1 MONTH))::DATE AS month
), customers AS (
    SELECT customer_id, date_trunc('month', min(start_on)) AS first_month,
        date_trunc('month', max(coalesce(end_on, DATE '{last}'))) AS last_month
    FROM periods GROUP BY customer_id
), customer_months AS (
    SELECT customer_id, month, last_day(month) AS on_day
    FROM {spine}
), revenue AS (
    SELECT customer_months.customer_id, month, coalesce(sum(mrr), 0) AS mrr
    FROM customer_months LEFT JOIN periods
        ON periods.customer_id = customer_months.customer_id
        AND start_on <= on_day AND (end_on IS NULL OR end_on > on_day)
    GROUP BY customer_months.customer_id, month
), by_month AS (
    SELECT *, mrr > 0 AS is_active,
        min(CASE WHEN mrr > 0 THEN month END) OVER whole AS first_active,
        max(CASE WHEN mrr > 0 THEN month END) OVER whole AS last_active
    FROM revenue WINDOW whole AS (PARTITION BY customer_id)
), unioned AS (
    SELECT customer_id, month, mrr, is_active, first_active = month AS is_first FROM by_month
    UNION ALL
    SELECT customer_id, (month + INTERVAL 1 MONTH)::DATE, 0, false, false
    FROM by_month
    WHERE month = last_active AND month = (SELECT max(month) FROM months)
), compared AS (
    SELECT *, coalesce(lag(is_active) OVER steps, false) AS was_active,
        coalesce(lag(mrr) OVER steps, 0) AS before
    FROM unioned WINDOW steps AS (PARTITION BY customer_id ORDER BY month)
), kinds AS (
    SELECT *, CASE WHEN is_first THEN 'new'
        WHEN NOT is_active AND was_active THEN 'churn'
        WHEN is_active AND NOT was_active THEN 'reactivation'
        WHEN mrr > before THEN 'expansion' WHEN mrr < before THEN 'contraction' END AS kind
    FROM compared
)
SELECT month, sum(mrr) AS mrr,
    sum(mrr - before) FILTER (kind = 'new'), sum(mrr - before) FILTER (kind = 'expansion'),
    sum(mrr - before) FILTER (kind = 'contraction'), sum(mrr - before) FILTER (kind = 'churn'),
    sum(mrr - before) FILTER (kind = 'reactivation'),
    count(*) FILTER (kind = 'new'), count(*) FILTER (kind = 'churn'),
    sum(least(mrr, before)) FILTER (before > 0) / sum(before) AS grr,
    sum(mrr) FILTER (before > 0) / sum(before) AS nrr
FROM kinds GROUP BY month ORDER BY month"""

OWN_MONTHS: Final = "customers JOIN months ON month >= first_month AND month <= last_month"
ALL_MONTHS: Final = "customers CROSS JOIN months"
