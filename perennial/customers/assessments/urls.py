"""Addresses of assessments, offers, diagnoses and what defines them; mounted at /customers/."""

from __future__ import annotations

from django.urls import path

from perennial.customers.assessments import views
from perennial.customers.assessments.catalogue import views as catalogue

urlpatterns = [
    path("standards/forms/", catalogue.templates_page, name="forms"),
    path("standards/forms/new/", catalogue.new_template, name="new_form"),
    path("standards/forms/<slug:name>/", catalogue.edit_template, name="edit_form"),
    path("standards/forms/<slug:name>/retire/", catalogue.retire_template, name="retire_form"),
    path("standards/forms/<slug:name>/reuse/", catalogue.reuse_template, name="reuse_form"),
    path("standards/solutions/", catalogue.solutions_page, name="solutions"),
    path("standards/solutions/new/", catalogue.edit_solution, name="new_solution"),
    path("standards/solutions/<slug:name>/", catalogue.edit_solution, name="edit_solution"),
    path(
        "standards/solutions/<slug:name>/retire/",
        catalogue.retire_solution,
        name="retire_solution",
    ),
    path("<int:pk>/assessments/cards/<slug:name>/", views.card, name="assessment_card"),
    path("<int:pk>/assessments/new/<slug:name>/", views.assess, name="assess"),
    path("<int:pk>/assessments/<int:assessment_pk>/take-back/", views.take_back, name="take_back"),
    path("<int:pk>/assessments/<int:assessment_pk>/put-back/", views.put_back, name="put_back"),
    path("<int:pk>/offers/", views.propose, name="propose"),
    path("<int:pk>/offers/<int:proposal_pk>/", views.follow_offer, name="follow_offer"),
    path(
        "<int:pk>/offers/<int:proposal_pk>/withdraw/", views.withdraw_offer, name="withdraw_offer"
    ),
    path("<int:pk>/diagnoses/", views.diagnose, name="diagnose"),
    path("<int:pk>/diagnoses/<int:diagnosis_pk>/", views.write_result, name="write_result"),
    path(
        "<int:pk>/diagnoses/<int:diagnosis_pk>/withdraw/",
        views.withdraw_diagnosis,
        name="withdraw_diagnosis",
    ),
]
