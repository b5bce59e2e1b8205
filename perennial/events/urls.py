"""Addresses of the data sources: keys, what arrives, rejects, quality."""

from __future__ import annotations

from django.urls import URLPattern, path

from perennial.events.views import (
    features,
    live,
    quality,
    rejects,
    source,
    sources,
    unattributed,
)

app_name = "events"
urlpatterns: list[URLPattern] = [
    path("", sources.sources, name="sources"),
    path("sources/add/", sources.add, name="add"),
    path("sources/<int:pk>/", source.source, name="source"),
    path("sources/<int:pk>/arrived/", sources.arrived, name="arrived"),
    path("sources/<int:pk>/rotate/", source.rotate, name="rotate"),
    path("sources/<int:pk>/keys/<int:key_pk>/revoke/", source.revoke, name="revoke"),
    path("sources/<int:pk>/retire/", source.retire, name="retire"),
    path("features/", features.features, name="features"),
    path("features/name/", features.name, name="name_feature"),
    path("features/would-count/", features.would_count, name="would_count"),
    path("features/<int:pk>/", features.change, name="feature"),
    path("features/<int:pk>/deep/", features.deep, name="deep"),
    path("features/<int:pk>/forget/", features.forget, name="forget_feature"),
    path("live/", live.live, name="live"),
    path("rejects/", rejects.rejects, name="rejects"),
    path("rejects.csv", rejects.rejects_csv, name="rejects_csv"),
    path("rejects/replay/", rejects.replay, name="replay"),
    path("unattributed/", unattributed.unattributed, name="unattributed"),
    path("unattributed/add/", unattributed.add_customers, name="add_customers"),
    path("unattributed.csv", unattributed.unknown_csv, name="unknown_csv"),
    path("quality/", quality.quality, name="quality"),
]
