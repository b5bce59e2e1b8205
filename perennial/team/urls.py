"""Addresses of the team."""

from __future__ import annotations

from django.urls import path

from perennial.team import admin_views, views

app_name = "team"
urlpatterns = [
    path("log-in/", views.log_in, name="log_in"),
    path("log-out/", views.log_out, name="log_out"),
    path("link/<str:token>/", views.one_time_link, name="link"),
    path("language/", views.set_language, name="language"),
    path("theme/", views.set_theme, name="theme"),
    path("profile/", views.profile, name="profile"),
    path("profile/password/", views.password, name="password"),
    path("users/", admin_views.users, name="users"),
    path("users/new/", admin_views.add, name="add_user"),
    path("users/<int:pk>/", admin_views.change, name="user"),
    path("users/<int:pk>/link/", admin_views.make_link, name="make_link"),
]
