from __future__ import annotations

from django.urls import path

from perennial.work import views

app_name = "work"
urlpatterns = [
    path("<int:pk>/complete/", views.complete, name="complete"),
    path("<int:pk>/dismiss/", views.dismiss, name="dismiss"),
    path("<int:pk>/snooze/", views.snooze, name="snooze"),
    path("<int:pk>/reassign/", views.reassign, name="reassign"),
    path("<int:pk>/reopen/", views.reopen, name="reopen"),
]
