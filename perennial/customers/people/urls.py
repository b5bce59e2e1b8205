"""Addresses of people at a customer and of grade standards; mounted at /customers/."""

from __future__ import annotations

from django.urls import path

from perennial.customers.people import views
from perennial.customers.people.standards import views as standards

urlpatterns = [
    path("standards/", standards.grades, name="grades"),
    path("standards/grades/edit/", standards.edit, name="edit_grades"),
    path("standards/grades/preview/", standards.preview, name="preview_grades"),
    path("standards/grades/drop/", standards.drop, name="drop_grades"),
    path("<int:pk>/people/", views.people, name="people"),
    path("<int:pk>/people/map/", views.org_map, name="org_map"),
    path("<int:pk>/people/companies/", views.companies, name="companies"),
    path("<int:pk>/people/add/", views.add_person, name="add_person"),
    path("<int:pk>/people/undo/<int:entry_pk>/", views.undo_person, name="undo_person"),
    path("<int:pk>/people/<int:person_pk>/edit/", views.edit_person, name="edit_person"),
    path("<int:pk>/people/<int:person_pk>/left/", views.person_left, name="person_left"),
    path("<int:pk>/people/<int:person_pk>/back/", views.person_back, name="person_back"),
]
