from __future__ import annotations

from typing import Any

import pytest
from django.utils.translation import override

from perennial.desk.audit_words import told
from perennial.team.models import AuditEntry


@pytest.mark.parametrize(
    ("action", "detail", "said"),
    [
        pytest.param(
            "health.overridden",
            {"score": 30, "reason": "lost their sponsor", "until_on": "2026-12-01"},
            "30 · lost their sponsor",
            id="an override with its reason",
        ),
        pytest.param(
            "health.said",
            {"measure": "process_embedding", "value": "8.0", "evidence": ""},
            "Process embedding · 8.0",
            id="what data cannot see",
        ),
        pytest.param(
            "class.overridden",
            {"tier": ["B", "S"], "reason": "lighthouse"},
            "Tier: B → S · lighthouse",
            id="a tier held by hand",
        ),
        pytest.param("touch.logged", {}, "the customer", id="nothing was put down"),
    ],
)
def test_a_line_says_what_was_put_down(action: str, detail: dict[str, Any], said: str):
    line = AuditEntry(action=action, detail=detail, summary="the customer")
    with override("en"):
        assert told(line)[1] == said
