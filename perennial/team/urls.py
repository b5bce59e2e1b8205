"""Addresses of the team."""

from __future__ import annotations

from django.urls import path

from perennial.team.absences import views as absences
from perennial.team.views import profile, session, users

app_name = "team"
urlpatterns = [
    path("log-in/", session.log_in, name="log_in"),
    path("log-out/", session.log_out, name="log_out"),
    path("link/<str:token>/", session.one_time_link, name="link"),
    path("language/", session.set_language, name="language"),
    path("theme/", session.set_theme, name="theme"),
    path("profile/", profile.profile, name="profile"),
    path("profile/password/", profile.password, name="password"),
    path("profile/absence/", absences.plan, name="absences"),
    path("profile/absence/<int:pk>/take-back/", absences.take_back, name="take_back_absence"),
    path("profile/absence/<int:pk>/restore/", absences.restore, name="restore_absence"),
    path("users/", users.users, name="users"),
    path("users/new/", users.add, name="add_user"),
    path("users/<int:pk>/", users.change, name="user"),
    path("users/<int:pk>/link/", users.make_link, name="make_link"),
]
