from __future__ import annotations

from django.urls import path

from perennial.work import views
from perennial.work.assumptions import views as assumptions

app_name = "work"
urlpatterns = [
    path("assumptions/", assumptions.table, name="assumptions"),
    path("assumptions/<slug:reason>/", assumptions.change, name="assumption"),
    path("assumptions/<slug:reason>/undo/<int:version>/", assumptions.undo, name="undo_assumption"),
    path("<int:pk>/complete/", views.complete, name="complete"),
    path("<int:pk>/dismiss/", views.dismiss, name="dismiss"),
    path("<int:pk>/snooze/", views.snooze, name="snooze"),
    path("<int:pk>/reassign/", views.reassign, name="reassign"),
    path("<int:pk>/reopen/", views.reopen, name="reopen"),
]
