"""Addresses of the data sources: keys, what arrives, rejects, quality."""

from __future__ import annotations

from django.urls import URLPattern, path

from perennial.events.views import live, rejects, source, sources

app_name = "events"
urlpatterns: list[URLPattern] = [
    path("", sources.sources, name="sources"),
    path("sources/add/", sources.add, name="add"),
    path("sources/<int:pk>/", source.source, name="source"),
    path("sources/<int:pk>/arrived/", sources.arrived, name="arrived"),
    path("sources/<int:pk>/rotate/", source.rotate, name="rotate"),
    path("sources/<int:pk>/keys/<int:key_pk>/revoke/", source.revoke, name="revoke"),
    path("sources/<int:pk>/retire/", source.retire, name="retire"),
    path("live/", live.live, name="live"),
    path("rejects/", rejects.rejects, name="rejects"),
    path("rejects.csv", rejects.rejects_csv, name="rejects_csv"),
    path("rejects/replay/", rejects.replay, name="replay"),
]
