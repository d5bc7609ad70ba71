"""Triggers: a frozen version never changes; an index of the words of titles."""

from django.db import migrations

from lifecycle.append_only import guard
from lifecycle.searching import find_words_in


class Migration(migrations.Migration):
    dependencies = [("proposals", "0001_initial"), ("lifecycle", "0002_guards")]
    operations = [guard("proposals_version"), find_words_in("proposals_proposal", "title", "proposal_title_words")]
