"""Addresses of playbooks and their runs."""

from __future__ import annotations

from django.urls import path

from perennial.work.playbooks.views import editor, listing

app_name = "playbooks"
urlpatterns = [
    path("", listing.all_playbooks, name="list"),
    path("new/", listing.new, name="new"),
    path("of/<str:name>/", listing.one_playbook, name="playbook"),
    path("of/<str:name>/edit/", editor.edit, name="edit"),
    path("of/<str:name>/preview/", editor.preview, name="preview"),
    path("of/<str:name>/discard/", editor.discard, name="discard"),
    path("of/<str:name>/retire/", listing.retire, name="retire"),
    path("of/<str:name>/restore/", listing.restore, name="restore"),
    path("of/<str:name>/automatic/", listing.automatic, name="automatic"),
]
