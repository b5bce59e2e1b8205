"""Where the pages stand: each slice brings its own addresses."""

from __future__ import annotations

from django.urls import URLPattern, URLResolver, include, path

urlpatterns: list[URLPattern | URLResolver] = [
    path("", include("perennial.desk.urls")),
    path("", include("perennial.team.urls")),
    path("customers/", include("perennial.customers.urls")),
    path("work/", include("perennial.work.urls")),
    path("alerts/", include("perennial.alerts.urls")),
    path("revenue/", include("perennial.revenue.urls")),
    path("data/", include("perennial.events.urls")),
    path("metrics/", include("perennial.metrics.urls")),
    path("imports/", include("perennial.connectors.urls")),
]
