"""Where the pages stand: each slice brings its own addresses."""

from __future__ import annotations

from django.urls import URLPattern, URLResolver, include, path

from perennial.events.views import sdk

urlpatterns: list[URLPattern | URLResolver] = [
    path("", include("perennial.desk.urls")),
    path("", include("perennial.team.urls")),
    path("inbox/", include("perennial.notify.urls")),
    path("customers/", include("perennial.customers.urls")),
    path("customers/", include("perennial.customers.conversation.urls")),
    path("segments/", include("perennial.desk.segments.urls")),
    path("work/", include("perennial.work.urls")),
    path("playbooks/", include("perennial.work.playbooks.urls")),
    path("onboarding/", include("perennial.work.onboarding.urls")),
    path("plans/", include("perennial.work.plans.urls")),
    path("alerts/", include("perennial.alerts.urls")),
    path("health/", include("perennial.health.urls")),
    path("revenue/", include("perennial.revenue.urls")),
    path("data/", include("perennial.events.urls")),
    path("metrics/", include("perennial.metrics.urls")),
    path("imports/", include("perennial.connectors.urls")),
    path("mailbox/", include("perennial.connectors.mailbox.urls")),
    path("sdk/perennial.js", sdk.script, name="sdk"),  # addresses that stand in pages elsewhere
    path("sdk/<str:version>/perennial.js", sdk.script, name="sdk_version"),
]
