"""Addresses of assessments, offers and diagnoses at a customer; mounted at /customers/."""

from __future__ import annotations

from django.urls import path

from perennial.customers.assessments import views

urlpatterns = [
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
