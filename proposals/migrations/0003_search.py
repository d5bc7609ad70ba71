"""Indexes by which lists and searches stay as quick with a hundred thousand rows as with a thousand."""

import django.db.models.functions.text
from django.db import migrations, models

from lifecycle.searching import find_words_in


class Migration(migrations.Migration):
    dependencies = [("proposals", "0002_guards")]

    operations = [
        migrations.AddIndex(
            model_name="proposal",
            index=models.Index(fields=["state", "number"], name="proposal_waiting"),
        ),
        migrations.AddIndex(
            model_name="proposal",
            index=models.Index(fields=["state", "-updated_at", "-id"], name="proposal_state_newest"),
        ),
        migrations.AddIndex(
            model_name="proposal",
            index=models.Index(django.db.models.functions.text.Upper("reference"), name="proposal_reference_upper"),
        ),
        find_words_in("proposals_proposal", "title", "proposal_title_words"),
    ]
