"""The room `lifecycle`: how things change, and what is remembered of it."""

from django.apps import AppConfig


class LifecycleConfig(AppConfig):
    """Registers the system check that every need of a guard has a provider."""

    name = "lifecycle"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Load the checks; they read the registries once all apps are ready."""
        from . import checks  # noqa: F401, PLC0415  (registers itself; models must be loaded first)
