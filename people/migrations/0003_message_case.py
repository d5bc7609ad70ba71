from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("people", "0002_guards")]

    operations = [migrations.AddField("notification", "case", models.UUIDField(null=True))]
