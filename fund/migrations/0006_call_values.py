"""Calls from before the set-up get their stage's defaults, standard wording, and who approved them, by the trail."""

from django.db import migrations

from fund.stage_defaults import STAGES, WORDING


def forwards(apps, schema_editor):
    call_model, entry = apps.get_model("fund", "Call"), apps.get_model("lifecycle", "TrailEntry")
    for call in call_model.objects.all():
        values = STAGES[call.stage].columns() | WORDING | {"ceiling": call.ceiling}
        if call.state == "approved":
            approved = entry.objects.filter(stream__key=f"fund.Call:{call.pk}", action="approve").first()
            values["approved_by_id"] = approved.actor_id if approved else None
        call_model.objects.filter(pk=call.pk).update(**values)


class Migration(migrations.Migration):
    dependencies = [("fund", "0005_call_set_up"), ("lifecycle", "0002_guards")]
    operations = [migrations.RunPython(forwards, migrations.RunPython.noop)]
