"""The room `fund`: the money and the calls."""

from importlib import import_module

from django.apps import AppConfig


class FundConfig(AppConfig):
    """Names the room for Django and says which of its files are handed out."""

    name = "fund"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Register what holds its files back."""
        import_module("fund.handing_out")
