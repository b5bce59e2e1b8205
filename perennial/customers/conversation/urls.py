"""Addresses of the talk beside a customer's things; mounted at /customers/."""

from __future__ import annotations

from django.urls import path

from perennial.customers.conversation import views

app_name = "conversation"
urlpatterns = [
    path("<int:pk>/talk/<slug:about>/<int:about_id>/", views.talk, name="talk"),
    path("<int:pk>/talk/<slug:about>/<int:about_id>/files/", views.attach, name="attach"),
    path("<int:pk>/comments/<int:comment_pk>/", views.comment, name="comment"),
    path("<int:pk>/comments/<int:comment_pk>/remove/", views.remove_comment, name="remove"),
    path("<int:pk>/comments/<int:comment_pk>/restore/", views.restore_comment, name="restore"),
    path("<int:pk>/files/<int:file_pk>/", views.download, name="download"),
    path("<int:pk>/files/<int:file_pk>/remove/", views.remove_file, name="remove_file"),
    path("<int:pk>/files/<int:file_pk>/restore/", views.restore_file, name="restore_file"),
    path("<int:pk>/colleagues/", views.colleagues, name="colleagues"),
]
