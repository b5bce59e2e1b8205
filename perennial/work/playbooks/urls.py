"""Addresses of playbooks and their runs."""

from __future__ import annotations

from django.urls import URLPattern

app_name = "playbooks"
urlpatterns: list[URLPattern] = []
