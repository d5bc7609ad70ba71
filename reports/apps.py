"""The room `reports`: what is shown; imported by nobody."""

from django.apps import AppConfig


class ReportsConfig(AppConfig):
    """Names the room for Django."""

    name = "reports"
    default_auto_field = "django.db.models.BigAutoField"
