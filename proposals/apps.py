"""The room `proposals`: what is promised."""

from importlib import import_module

from django.apps import AppConfig


class ProposalsConfig(AppConfig):
    """Names the room for Django and loads its reactions."""

    name = "proposals"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Register what follows in this room from changes in others."""
        import_module("proposals.reactions")
        import_module("proposals.needs")
        import_module("proposals.delegating")
        import_module("proposals.closing_lines")
