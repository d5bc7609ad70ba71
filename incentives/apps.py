"""The room `incentives`: what is recognised."""

from importlib import import_module

from django.apps import AppConfig


class IncentivesConfig(AppConfig):
    """Names the room for Django and loads its reactions."""

    name = "incentives"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Register what follows in this room from changes in others."""
        import_module("incentives.reactions")
        import_module("incentives.beside")
        import_module("incentives.handing_out")
        import_module("incentives.looking")
