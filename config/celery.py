"""The Celery application: worker and scheduler."""

import os
from typing import Any

from celery import Celery
from celery.signals import worker_init

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
app = Celery("innovation_fund")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()


@worker_init.connect
def refuse_to_work_unwired(**kwargs: Any) -> None:
    """Stop a worker before its first job when anything is unwired."""
    # Lazy: this module is loaded while the settings are read, before the rooms are.
    from lifecycle.checks import refuse_faulty_wiring  # noqa: PLC0415

    refuse_faulty_wiring()
