from django.apps import AppConfig


class DemoConfig(AppConfig):
    name = "perennial.demo"
    label = "demo"
