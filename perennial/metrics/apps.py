from django.apps import AppConfig


class MetricsConfig(AppConfig):
    name = "perennial.metrics"
    label = "metrics"
