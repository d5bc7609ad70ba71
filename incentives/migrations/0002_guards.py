"""Triggers: points, evaluations and readings are only ever added."""

from django.db import migrations

from lifecycle.append_only import guard


class Migration(migrations.Migration):
    dependencies = [("incentives", "0001_initial"), ("lifecycle", "0002_guards")]
    operations = [guard("incentives_pointevent", "incentives_eligibilityrun", "incentives_classification")]
