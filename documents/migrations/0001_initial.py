"""Stored files."""

import django.db.models.functions.text
import django.db.models.lookups
import lifecycle.clock
import uuid
from django.db import migrations, models


class Migration(migrations.Migration):

    initial = True

    dependencies = [
    ]

    operations = [
        migrations.CreateModel(
            name='StoredFile',
            fields=[
                ('id', models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ('case', models.UUIDField(blank=True, db_index=True, help_text='The case that it belongs to.', null=True)),
                ('kind', models.CharField(help_text='What it is, such as receipt or export.', max_length=30)),
                ('original_name', models.CharField(max_length=200)),
                ('content_type', models.CharField(max_length=100)),
                ('size', models.PositiveBigIntegerField(help_text='Bytes.')),
                ('sha256', models.CharField(help_text='Lower-case hexadecimal digest of the bytes.', max_length=64)),
                ('stored_name', models.CharField(help_text='Random, without an ending.', max_length=32, unique=True)),
                ('owner_id', models.BigIntegerField(blank=True, db_index=True, help_text='The id of a user.', null=True)),
                ('created_at', models.DateTimeField(default=lifecycle.clock.now, editable=False)),
            ],
            options={
                'ordering': ['-created_at', 'id'],
                'constraints': [models.CheckConstraint(condition=django.db.models.lookups.Exact(django.db.models.functions.text.Length('sha256'), 64), name='stored_file_sha256_length'), models.CheckConstraint(condition=models.Q(('size__gte', 0)), name='stored_file_size_not_negative'), models.CheckConstraint(condition=django.db.models.lookups.LessThanOrEqual(django.db.models.functions.text.Length('original_name'), 200), name='stored_file_name_length')],
            },
        ),
    ]
