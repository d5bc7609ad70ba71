"""The room `proposals`: what is promised."""

from django.apps import AppConfig


class ProposalsConfig(AppConfig):
    """Names the room for Django."""

    name = "proposals"
    default_auto_field = "django.db.models.BigAutoField"
