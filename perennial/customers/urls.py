"""Addresses that edit a customer in place and its people; mounted at /customers/."""

from __future__ import annotations

from django.urls import path

from perennial.customers import views

app_name = "customers"
urlpatterns = [
    path("<int:pk>/fields/<slug:name>/", views.field, name="field"),
    path("<int:pk>/people/", views.people, name="people"),
    path("<int:pk>/people/add/", views.add_person, name="add_person"),
    path("<int:pk>/people/<int:person_pk>/", views.edit_person, name="edit_person"),
    path("<int:pk>/people/<int:person_pk>/left/", views.person_left, name="person_left"),
]
