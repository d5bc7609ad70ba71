"""Whether a signature was given with a second factor; no table is rebuilt, as the column may be empty."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("fund", "0012_quarters"),
    ]

    operations = [
        migrations.AddField(
            model_name="signature",
            name="second_factor",
            field=models.BooleanField(help_text="None: signed before this was kept.", null=True),
        ),
    ]
