"""Was an alert right? What people say makes each rule's precision."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from perennial.alerts.models import Alert, Verdict
from perennial.team.audit import record
from perennial.team.models import User


@transaction.atomic
def judge_alert(
    alert: Alert, *, was_right: bool, note: str = "", by: User, at: datetime
) -> Verdict:
    """Say that an alert was right or wrong; a second word of the same person replaces it."""
    verdict, _made = Verdict.objects.update_or_create(
        alert=alert,
        by=by,
        defaults={"was_right": was_right, "note": note[:300], "said_at": at},
    )
    _note("alert_judged", alert, {"was_right": was_right, "note": note[:300]}, by=by, at=at)
    return verdict


@transaction.atomic
def take_verdict_back(alert: Alert, *, by: User, at: datetime) -> None:
    """Unsay it; without a word of this person nothing changes."""
    gone, _each = Verdict.objects.filter(alert=alert, by=by).delete()
    if gone:
        _note("alert_verdict_taken_back", alert, {}, by=by, at=at)


def _note(action: str, alert: Alert, detail: dict[str, object], *, by: User, at: datetime) -> None:
    record(
        action,
        object_type="alert",
        object_id=alert.pk,
        summary=f"{alert.customer or ''} · {alert.get_rule_display()}",
        detail={"rule": alert.rule, "customer": alert.customer_id, **detail},
        by=by,
        at=at,
    )
