from django.apps import AppConfig


class CustomersConfig(AppConfig):
    name = "perennial.customers"
    label = "customers"
