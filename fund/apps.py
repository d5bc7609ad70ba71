"""The room `fund`: the money and the calls."""

from django.apps import AppConfig


class FundConfig(AppConfig):
    """Names the room for Django."""

    name = "fund"
    default_auto_field = "django.db.models.BigAutoField"
