"""Indexes by which lists and searches stay as quick with a hundred thousand rows as with a thousand."""

from django.db import migrations, models

from lifecycle.searching import find_words_in


class Migration(migrations.Migration):
    dependencies = [("fund", "0004_money_guards")]

    operations = [
        migrations.AddIndex(
            model_name="grant",
            index=models.Index(fields=["-offered_at", "-id"], name="grant_newest"),
        ),
        migrations.AddIndex(
            model_name="grant",
            index=models.Index(fields=["state"], name="grant_state"),
        ),
        migrations.AddIndex(
            model_name="milestone",
            index=models.Index(fields=["state"], name="milestone_state"),
        ),
        migrations.AddIndex(
            model_name="report",
            index=models.Index(fields=["state"], name="report_state"),
        ),
        migrations.AddIndex(
            model_name="tranche",
            index=models.Index(fields=["state"], name="tranche_state"),
        ),
        find_words_in("fund_grant", "title", "grant_title_words"),
    ]
