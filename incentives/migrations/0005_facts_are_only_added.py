"""Triggers: what HR noted is only ever added."""

from django.db import migrations

from lifecycle.append_only import guard


class Migration(migrations.Migration):
    dependencies = [("incentives", "0004_holders_and_results"), ("lifecycle", "0002_guards")]
    operations = [guard("incentives_hrfact")]
