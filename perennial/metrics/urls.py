"""Addresses of the metric catalogue, own metrics, goals and features."""

from __future__ import annotations

from django.urls import URLPattern

app_name = "metrics"
urlpatterns: list[URLPattern] = []
