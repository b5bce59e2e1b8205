from django.apps import AppConfig


class WorkConfig(AppConfig):
    name = "perennial.work"
    label = "work"
