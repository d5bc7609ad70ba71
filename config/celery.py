"""The Celery application: worker and scheduler."""

import os

from celery import Celery

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
app = Celery("innovation_fund")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()
