"""Addresses of the import wizard and the exports."""

from __future__ import annotations

from django.urls import path

from perennial.connectors import views

app_name = "connectors"
urlpatterns = [
    path("", views.imports, name="imports"),
    path("<int:pk>/", views.one, name="import"),
    path("<int:pk>/preview/", views.preview, name="preview"),
    path("<int:pk>/run/", views.run, name="run"),
    path("<int:pk>/undo/", views.undo, name="undo"),
    path("<int:pk>/discard/", views.discard, name="discard"),
    path("<int:pk>/rejects.csv", views.rejects, name="rejects"),
    path("export/<slug:kind>.csv", views.export, name="export"),
]
