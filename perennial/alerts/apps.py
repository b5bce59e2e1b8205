from django.apps import AppConfig


class AlertsConfig(AppConfig):
    name = "perennial.alerts"
    label = "alerts"
