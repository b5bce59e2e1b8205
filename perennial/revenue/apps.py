from django.apps import AppConfig


class RevenueConfig(AppConfig):
    name = "perennial.revenue"
    label = "revenue"
