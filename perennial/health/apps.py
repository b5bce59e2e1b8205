from django.apps import AppConfig


class HealthConfig(AppConfig):
    name = "perennial.health"
    label = "health"
