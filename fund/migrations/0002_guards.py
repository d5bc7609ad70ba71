"""Triggers: what is written about money and calls is never updated or deleted; an index of the words of titles."""

from django.db import migrations

from lifecycle.append_only import guard
from lifecycle.searching import find_words_in


class Migration(migrations.Migration):
    dependencies = [("fund", "0001_initial"), ("lifecycle", "0002_guards")]
    operations = [
        guard("fund_ledgerentry", "fund_signature", "fund_fieldnote", "fund_callversion", "fund_extension"),
        guard("fund_reading", "fund_stopanswer", "fund_agreementversion", "fund_asset", "fund_milestonefile"),
        guard("fund_receipt", frozen=("tranche_id", "amount", "note", "file_id", "by_id", "at", "key")),
        guard("fund_paymentfile"),
        find_words_in("fund_grant", "title", "grant_title_words"),
    ]
