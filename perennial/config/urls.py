"""Where the pages stand: each slice brings its own addresses."""

from __future__ import annotations

from importlib.util import find_spec

from django.urls import URLPattern, URLResolver, include, path

SLICES = (
    ("", "perennial.desk.urls"),
    ("", "perennial.team.urls"),
    ("customers/", "perennial.customers.urls"),
    ("work/", "perennial.work.urls"),
    ("alerts/", "perennial.alerts.urls"),
    ("revenue/", "perennial.revenue.urls"),
    ("imports/", "perennial.connectors.urls"),
)

urlpatterns: list[URLPattern | URLResolver] = [
    *(path(prefix, include(module)) for prefix, module in SLICES if find_spec(module)),
]
