from django.apps import AppConfig


class TicketsConfig(AppConfig):
    name = "perennial.tickets"
    label = "tickets"
