"""The room `documents`: what goes in and out as a file."""

from django.apps import AppConfig


class DocumentsConfig(AppConfig):
    """Stored files, the PDF renderer, the spreadsheet writer and the table reader."""

    name = "documents"
    default_auto_field = "django.db.models.BigAutoField"
