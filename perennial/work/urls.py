from __future__ import annotations

from django.urls import path

from perennial.work.assumptions import views as assumptions
from perennial.work.views import acts, bulk, listing, sheets

app_name = "work"
urlpatterns = [
    path("assumptions/", assumptions.table, name="assumptions"),
    path("assumptions/<slug:reason>/", assumptions.change, name="assumption"),
    path("assumptions/<slug:reason>/undo/<int:version>/", assumptions.undo, name="undo_assumption"),
    path("", listing.items, name="list"),
    path("export.csv", listing.export, name="export"),
    path("new/", sheets.new, name="new"),
    path("bulk/", bulk.bulk, name="bulk"),
    path("bulk/<int:pk>/undo/", bulk.undo, name="undo_bulk"),
    path("<int:pk>/", listing.item, name="item"),
    path("<int:pk>/edit/", sheets.edit, name="edit"),
    path("<int:pk>/close/", sheets.close, name="close"),
    path("<int:pk>/complete/", acts.complete, name="complete"),
    path("<int:pk>/dismiss/", acts.dismiss, name="dismiss"),
    path("<int:pk>/start/", acts.start, name="start"),
    path("<int:pk>/snooze/", sheets.snooze, name="snooze"),
    path("<int:pk>/reassign/", sheets.reassign, name="reassign"),
    path("<int:pk>/claim/", acts.claim, name="claim"),
    path("<int:pk>/give-back/", acts.give_back, name="give_back"),
    path("<int:pk>/reopen/", acts.reopen, name="reopen"),
]
