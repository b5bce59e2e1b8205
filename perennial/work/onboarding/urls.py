"""Addresses of the way in: onboarding, handovers, delivery projects."""

from __future__ import annotations

from django.urls import URLPattern

app_name = "onboarding"
urlpatterns: list[URLPattern] = []
