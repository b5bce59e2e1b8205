"""Addresses of playbooks and their runs."""

from __future__ import annotations

from django.urls import path

from perennial.work.playbooks.views import editor, listing, running, taking_in

app_name = "playbooks"
urlpatterns = [
    path("", listing.all_playbooks, name="list"),
    path("new/", listing.new, name="new"),
    path("of/<str:name>/", listing.one_playbook, name="playbook"),
    path("of/<str:name>/fitting/", listing.who_fits, name="fitting"),
    path("of/<str:name>/edit/", editor.edit, name="edit"),
    path("of/<str:name>/preview/", editor.preview, name="preview"),
    path("of/<str:name>/discard/", editor.discard, name="discard"),
    path("of/<str:name>/retire/", listing.retire, name="retire"),
    path("of/<str:name>/restore/", listing.restore, name="restore"),
    path("of/<str:name>/automatic/", listing.automatic, name="automatic"),
    path("of/<str:name>/runs/", running.runs, name="runs"),
    path("of/<str:name>/effect/", running.effect, name="effect"),
    path("start/", taking_in.start, name="start"),
    path("enrol/", taking_in.enrol, name="enrol"),
    path("enrolments/<int:pk>/", taking_in.enrolment, name="enrolment"),
    path("enrolments/<int:pk>/undo/", taking_in.undo, name="undo_enrolment"),
    path("runs/<int:pk>/", running.run, name="run"),
    path("runs/<int:pk>/stop/", running.stop, name="stop"),
    path("runs/<int:pk>/steps/<str:step>/finish/", running.finish, name="finish"),
    path("runs/<int:pk>/steps/<str:step>/skip/", running.skip, name="skip"),
]
