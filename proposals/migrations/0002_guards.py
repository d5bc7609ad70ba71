"""Triggers: a frozen version never changes."""

from django.db import migrations

from lifecycle.append_only import guard


class Migration(migrations.Migration):
    dependencies = [("proposals", "0001_initial"), ("lifecycle", "0002_guards")]
    operations = [guard("proposals_version")]
