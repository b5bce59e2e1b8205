"""Addresses of alerts; the page of one alert is the desk's, as it shows its work, too."""

from __future__ import annotations

from django.urls import path

from perennial.alerts.views import alerts, rules

app_name = "alerts"
urlpatterns = [
    path("", alerts.alerts, name="list"),
    path("<int:pk>/verdict/", alerts.verdict, name="verdict"),
    path("rules/", rules.rules, name="rules"),
    path("rules/new/", rules.own, name="add_own"),
    path("rules/preview/", rules.preview, name="preview"),
    path("rules/own/<str:name>/", rules.own, name="own"),
    path("rules/own/<str:name>/back/", rules.take_back, name="take_back"),
    path("rules/quiet/", rules.quiet, name="quiet"),
    path("rules/quiet/<int:pk>/drop/", rules.drop, name="drop_quiet"),
]
