"""The functions of the three products, and who uses which: weights for managers and front line."""

import numpy as np
from numpy.typing import NDArray

from perennial.demo.parameters import PRODUCTS

# name, weight for the front line, weight for managers. At most 40 per product, 51 in all.
FEATURES: dict[str, tuple[tuple[str, float, float], ...]] = {
    "CRM": (
        ("login", 14, 12),
        ("customer_viewed", 12, 6),
        ("customer_created", 4, 0.5),
        ("contact_updated", 5, 0.5),
        ("lead_followed", 9, 1),
        ("lead_converted", 3, 0.5),
        ("opportunity_created", 3, 1),
        ("opportunity_updated", 9, 3),
        ("stage_changed", 5, 2),
        ("quote_created", 3, 0.5),
        ("quote_approved", 0.5, 6),
        ("contract_created", 1.5, 0.5),
        ("contract_approved", 0.3, 4),
        ("payment_recorded", 1.5, 0.5),
        ("visit_checked_in", 7, 0.3),
        ("call_logged", 6, 0.5),
        ("task_completed", 5, 2),
        ("list_exported", 1, 1.5),
        ("bulk_imported", 0.3, 0.1),
        ("sales_board_viewed", 1.5, 9),
        ("forecast_viewed", 0.5, 7),
        ("wecom_chat_linked", 3, 0.5),
        ("pool_claimed", 2, 0.3),
    ),
    "OA": (
        ("oa_login", 14, 12),
        ("approval_submitted", 9, 2),
        ("approval_decided", 2, 16),
        ("message_sent", 16, 9),
        ("document_viewed", 8, 5),
        ("document_edited", 4, 2),
        ("calendar_viewed", 4, 5),
        ("meeting_booked", 2, 3),
        ("attendance_punched", 12, 2),
        ("leave_requested", 1, 0.4),
        ("expense_submitted", 2, 1),
        ("expense_approved", 0.3, 4),
        ("notice_read", 5, 2),
        ("notice_published", 0.2, 1.5),
        ("project_updated", 2, 2),
        ("form_designed", 0.2, 0.2),
        ("knowledge_searched", 2, 1),
    ),
    "BI": (
        ("dashboard_viewed", 6, 14),
        ("report_viewed", 5, 8),
        ("report_built", 1.5, 1),
        ("report_subscribed", 0.5, 1),
        ("report_exported", 1.5, 2),
        ("data_source_connected", 0.2, 0.1),
        ("metric_defined", 0.3, 0.3),
        ("drill_down", 3, 4),
        ("alert_configured", 0.2, 0.4),
        ("board_shared", 0.6, 1.2),
        ("funnel_viewed", 1, 2),
    ),
}
PRODUCT_WEIGHTS = {"CRM": 1.0, "OA": 0.8, "BI": 0.3}
BREADTHS = (0.45, 0.7, 1.0)  # share of a product's functions that a customer has taken up
NAMES = tuple(name for product in PRODUCTS for name, _, _ in FEATURES[product])
PRODUCT_OF = np.array(
    [number for number, product in enumerate(PRODUCTS) for _ in FEATURES[product]], dtype=np.int8
)
SLOTS = 1024


def choice_tables() -> NDArray[np.int8]:
    """Feature by [set of products (bits), breadth, manager, slot]: one random slot picks one."""
    tables = np.zeros((1 << len(PRODUCTS), len(BREADTHS), 2, SLOTS), dtype=np.int8)
    for owned in range(1, 1 << len(PRODUCTS)):
        for level, breadth in enumerate(BREADTHS):
            for manager in (0, 1):
                weights = _weights(owned, breadth=breadth, manager=bool(manager))
                edges = np.cumsum(weights) / np.sum(weights) * SLOTS
                slots = np.searchsorted(edges, np.arange(SLOTS) + 0.5)
                tables[owned, level, manager] = slots
    return tables


def _weights(owned: int, *, breadth: float, manager: bool) -> NDArray[np.float64]:
    weights: list[float] = []
    for number, product in enumerate(PRODUCTS):
        rows = FEATURES[product]
        taste = [of_managers if manager else of_others for _, of_others, of_managers in rows]
        kept = sorted(range(len(rows)), key=lambda row: -rows[row][1])[: round(len(rows) * breadth)]
        total = sum(taste[row] for row in kept)
        scale = PRODUCT_WEIGHTS[product] / total if owned >> number & 1 else 0.0
        weights += [taste[row] * scale if row in kept else 0.0 for row in range(len(rows))]
    return np.array(weights)
