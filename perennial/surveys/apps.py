from django.apps import AppConfig


class SurveysConfig(AppConfig):
    name = "perennial.surveys"
    label = "surveys"
