"""Triggers: a look at somebody's record is never taken back."""

from django.db import migrations

from lifecycle.append_only import guard


class Migration(migrations.Migration):
    dependencies = [("people", "0001_initial"), ("lifecycle", "0002_guards")]
    operations = [guard("people_accesslog")]
