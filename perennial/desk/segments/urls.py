"""Addresses of segments; mounted at /segments/."""

from __future__ import annotations

from django.urls import path

from perennial.desk.segments import views

app_name = "segments"
urlpatterns = [
    path("", views.segments, name="list"),
    path("new/", views.new, name="new"),
    path("<slug:name>/", views.segment, name="segment"),
    path("<slug:name>/edit/", views.edit, name="edit"),
    path("<slug:name>/retire/", views.retire, name="retire"),
    path("<slug:name>/restore/", views.restore, name="restore"),
    path("<slug:name>/remove/", views.remove, name="remove"),
]
