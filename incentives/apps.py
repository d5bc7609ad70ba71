"""The room `incentives`: what is recognised."""

from django.apps import AppConfig


class IncentivesConfig(AppConfig):
    """Names the room for Django."""

    name = "incentives"
    default_auto_field = "django.db.models.BigAutoField"
