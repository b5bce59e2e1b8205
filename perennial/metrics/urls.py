"""Addresses of the metric catalogue, own metrics and goals."""

from __future__ import annotations

from django.urls import URLPattern, path

from perennial.metrics.views import catalogue, own

app_name = "metrics"
urlpatterns: list[URLPattern] = [
    path("", catalogue.catalogue, name="catalogue"),
    path("goals/", own.goals_page, name="goals"),
    path("goals/add/", own.goal, name="add_goal"),
    path("goals/preview/", own.goal_preview, name="goal_preview"),
    path("goals/<slug:name>/", own.goal, name="goal"),
    path("goals/<slug:name>/drop/", own.drop, name="drop_goal"),
    path("own/add/", own.own, name="add_own"),
    path("own/preview/", own.own_preview, name="own_preview"),
    path("own/<slug:name>/", own.own, name="own"),
    path("own/<slug:name>/retire/", own.retire, name="retire"),
    path("of/<slug:name>/", catalogue.metric, name="metric"),
    path("of/<slug:name>/card/", catalogue.card, name="card"),
    path("of/<slug:name>.csv", catalogue.metric_csv, name="metric_csv"),
]
