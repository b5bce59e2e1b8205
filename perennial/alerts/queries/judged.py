"""What people said about alerts: each rule's precision. Of the alerts that the asker may see."""

from __future__ import annotations

from django.db.models import Count, Q

from perennial.alerts.models import Verdict
from perennial.alerts.queries import visible_alerts
from perennial.alerts.rules.precision import Precision, precision
from perennial.team.models import User

Judged = tuple[str, str]  # rule, and what it is about


def precisions(user: User) -> dict[Judged, Precision]:
    """By rule and, of own rules, name; an alert counts as right when most say so (a tie: wrong)."""
    said = Verdict.objects.filter(alert__in=visible_alerts(user).order_by().values("pk"))
    rows = said.order_by().values_list("alert_id", "alert__rule", "alert__about")
    counts: dict[Judged, list[bool]] = {}
    for _alert, rule, about, yes, all_ in rows.annotate(
        yes=Count("pk", filter=Q(was_right=True)), n=Count("pk")
    ):
        counts.setdefault((rule, about), []).append(2 * yes > all_)
    return {key: precision(sum(found), len(found)) for key, found in counts.items()}
