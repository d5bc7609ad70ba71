"""Agencies, people, roles, posts and messages."""

import django.core.validators
import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

import lifecycle.clock


class Migration(migrations.Migration):

    initial = True

    dependencies = [
        ('auth', '0012_alter_user_first_name_max_length'),
    ]

    operations = [
        migrations.CreateModel(
            name='Holiday',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('day', models.DateField(unique=True)),
                ('name', models.CharField(max_length=100)),
            ],
            options={
                'ordering': ['day'],
            },
        ),
        migrations.CreateModel(
            name='User',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('password', models.CharField(max_length=128, verbose_name='password')),
                ('last_login', models.DateTimeField(blank=True, null=True, verbose_name='last login')),
                ('is_superuser', models.BooleanField(default=False, help_text='Designates that this user has all permissions without explicitly assigning them.', verbose_name='superuser status')),
                ('email', models.EmailField(max_length=254, unique=True, verbose_name='e-mail address')),
                ('full_name', models.CharField(max_length=200, verbose_name='full name')),
                ('employee_number', models.CharField(blank=True, max_length=20, null=True, unique=True, validators=[django.core.validators.RegexValidator('^[A-Za-z0-9/-]{3,20}$', 'Use 3 to 20 letters, digits, / or -.')], verbose_name='employee number')),
                ('is_staff', models.BooleanField(default=False, verbose_name='administrator')),
                ('is_active', models.BooleanField(default=True, verbose_name='active')),
                ('is_system', models.BooleanField(default=False, editable=False)),
                ('is_demo', models.BooleanField(default=False, editable=False)),
                ('groups', models.ManyToManyField(blank=True, help_text='The groups this user belongs to. A user will get all permissions granted to each of their groups.', related_name='user_set', related_query_name='user', to='auth.group', verbose_name='groups')),
                ('user_permissions', models.ManyToManyField(blank=True, help_text='Specific permissions for this user.', related_name='user_set', related_query_name='user', to='auth.permission', verbose_name='user permissions')),
            ],
            options={
                'constraints': [models.CheckConstraint(condition=models.Q(('employee_number', None), ('employee_number__length__gte', 3), _connector='OR'), name='user_employee_number_length'), models.UniqueConstraint(condition=models.Q(('is_system', True)), fields=('is_system',), name='user_one_system')],
            },
        ),
        migrations.CreateModel(
            name='AccessLog',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('what', models.CharField(max_length=100)),
                ('at', models.DateTimeField()),
                ('person', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='looked_at', to=settings.AUTH_USER_MODEL)),
                ('viewer', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'ordering': ['-at', '-pk'],
                'indexes': [models.Index(fields=['person', '-at'], name='access_log_person')],
            },
        ),
        migrations.CreateModel(
            name='Agency',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('code', models.SlugField(max_length=20, unique=True)),
                ('name', models.CharField(max_length=200)),
                ('kind', models.CharField(choices=[('ministry', 'Ministry'), ('department', 'Department'), ('division', 'Division'), ('constitutional', 'Constitutional body'), ('central', 'Central agency'), ('dzongkhag', 'Dzongkhag administration'), ('thromde', 'Thromde')], max_length=20)),
                ('sector', models.CharField(choices=[('agriculture', 'Agriculture and livestock'), ('education', 'Education and skills'), ('energy', 'Energy and natural resources'), ('finance', 'Finance'), ('foreign', 'Foreign affairs and trade'), ('health', 'Health'), ('home', 'Home affairs'), ('industry', 'Industry, commerce and employment'), ('infrastructure', 'Infrastructure and transport'), ('digital', 'Digital government'), ('oversight', 'Oversight and central agencies'), ('local', 'Local government')], max_length=20)),
                ('since', models.DateField()),
                ('until', models.DateField(blank=True, null=True)),
                ('parent', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='children', to='people.agency')),
                ('successor', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='people.agency')),
            ],
            options={
                'verbose_name_plural': 'agencies',
                'ordering': ['name'],
                'permissions': [('endorse_for', 'Agree for the agency'), ('view_records_of', 'See verified records of its people')],
                'constraints': [models.CheckConstraint(condition=models.Q(('sector__in', ['agriculture', 'education', 'energy', 'finance', 'foreign', 'health', 'home', 'industry', 'infrastructure', 'digital', 'oversight', 'local'])), name='agency_sector_known'), models.CheckConstraint(condition=models.Q(('kind__in', ['ministry', 'department', 'division', 'constitutional', 'central', 'dzongkhag', 'thromde'])), name='agency_kind_known'), models.CheckConstraint(condition=models.Q(('until', None), ('until__gte', models.F('since')), _connector='OR'), name='agency_dates_in_order')],
            },
        ),
        migrations.CreateModel(
            name='AgencyGroupObjectPermission',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('content_object', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, to='people.agency')),
                ('group', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, to='auth.group')),
                ('permission', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, to='auth.permission')),
            ],
            options={
                'abstract': False,
            },
        ),
        migrations.CreateModel(
            name='AgencyUserObjectPermission',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('content_object', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, to='people.agency')),
                ('permission', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, to='auth.permission')),
                ('user', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'abstract': False,
            },
        ),
        migrations.CreateModel(
            name='Block',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('case', models.UUIDField(db_index=True)),
                ('grade', models.CharField(choices=[('block', 'May not take part'), ('mitigate', "With the chair's written permission"), ('note', 'Noted')], max_length=8)),
                ('reason', models.CharField(max_length=300)),
                ('since', models.DateTimeField()),
                ('person', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='blocks', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'constraints': [models.CheckConstraint(condition=models.Q(('grade__in', ['block', 'mitigate', 'note'])), name='block_grade_known'), models.UniqueConstraint(fields=('case', 'person', 'reason'), name='block_once_per_reason')],
            },
        ),
        migrations.CreateModel(
            name='EmploymentSnapshot',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('agency_since', models.DateField(help_text='Where the register says it.', null=True)),
                ('level', models.CharField(choices=[('EX1', 'EX1'), ('EX2', 'EX2'), ('EX3', 'EX3'), ('ES1', 'ES1'), ('ES2', 'ES2'), ('ES3', 'ES3'), ('P1', 'P1'), ('P2', 'P2'), ('P3', 'P3'), ('P4', 'P4'), ('P5', 'P5'), ('SS1', 'SS1'), ('SS2', 'SS2'), ('SS3', 'SS3'), ('SS4', 'SS4'), ('S1', 'S1'), ('S2', 'S2'), ('S3', 'S3'), ('S4', 'S4'), ('S5', 'S5'), ('O1', 'O1'), ('O2', 'O2'), ('O3', 'O3'), ('O4', 'O4')], max_length=4)),
                ('level_since', models.DateField()),
                ('employment_type', models.CharField(choices=[('regular', 'Regular civil servant'), ('contract', 'Contract'), ('deputed', 'On deputation')], max_length=12)),
                ('as_of', models.DateField()),
                ('told_on', models.DateField(default=lifecycle.clock.today, help_text='When the register said it: no day to come is described.')),
                ('source', models.CharField(max_length=200)),
                ('agency', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='people.agency')),
                ('line_manager', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('person', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='snapshots', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'ordering': ['-as_of'],
                'constraints': [models.UniqueConstraint(fields=('person', 'as_of'), name='snapshot_once_a_day'), models.CheckConstraint(condition=models.Q(('level__in', ['EX1', 'EX2', 'EX3', 'ES1', 'ES2', 'ES3', 'P1', 'P2', 'P3', 'P4', 'P5', 'SS1', 'SS2', 'SS3', 'SS4', 'S1', 'S2', 'S3', 'S4', 'S5', 'O1', 'O2', 'O3', 'O4'])), name='snapshot_level_known'), models.CheckConstraint(condition=models.Q(('employment_type__in', ['regular', 'contract', 'deputed'])), name='snapshot_type_known'), models.CheckConstraint(condition=models.Q(('as_of__lte', models.F('told_on'))), name='snapshot_not_to_come'), models.CheckConstraint(condition=models.Q(('level_since__lte', models.F('told_on'))), name='snapshot_level_not_to_come')],
            },
        ),
        migrations.CreateModel(
            name='Involvement',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('case', models.UUIDField(db_index=True)),
                ('part', models.CharField(choices=[('lead', 'Lead'), ('deputy', 'Deputy lead'), ('member', 'Team member'), ('sponsor', 'Agency approver'), ('screener', 'First check'), ('reviewer', 'Reviewer'), ('chair', 'Panel chair'), ('board', 'Board member'), ('maker', 'Prepares payments'), ('checker', 'Releases payments'), ('verifier', 'Verifier'), ('classifier', 'Classifier'), ('appeals', 'Appeals officer'), ('protection', 'Protection officer')], max_length=12)),
                ('since', models.DateTimeField()),
                ('until', models.DateTimeField(null=True)),
                ('agency', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='people.agency')),
                ('person', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='involvements', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'indexes': [models.Index(fields=['person', 'case'], name='involvement_person_case')],
                'constraints': [models.CheckConstraint(condition=models.Q(('part__in', ['lead', 'deputy', 'member', 'sponsor', 'screener', 'reviewer', 'chair', 'board', 'maker', 'checker', 'verifier', 'classifier', 'appeals', 'protection'])), name='involvement_part_known'), models.CheckConstraint(condition=models.Q(('until', None), ('until__gte', models.F('since')), _connector='OR'), name='involvement_dates_in_order'), models.UniqueConstraint(condition=models.Q(('until', None)), fields=('case', 'person', 'part'), name='involvement_open_once')],
            },
        ),
        migrations.CreateModel(
            name='Notification',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('key', models.CharField(max_length=160, unique=True)),
                ('subject', models.CharField(max_length=200)),
                ('body', models.TextField()),
                ('path', models.CharField(blank=True, max_length=200)),
                ('case', models.UUIDField(null=True)),
                ('created_at', models.DateTimeField()),
                ('read_at', models.DateTimeField(null=True)),
                ('mail_state', models.CharField(choices=[('queued', 'Waiting'), ('sent', 'Sent'), ('parked', 'Could not be sent')], default='queued', max_length=8)),
                ('message_id', models.CharField(max_length=120, unique=True)),
                ('attempts', models.PositiveSmallIntegerField(default=0)),
                ('lease_until', models.DateTimeField(null=True)),
                ('sent_at', models.DateTimeField(null=True)),
                ('person', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='notifications', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'ordering': ['-created_at', '-pk'],
                'indexes': [models.Index(fields=['mail_state', 'lease_until'], name='notification_waiting'), models.Index(fields=['person', 'read_at'], name='notification_unread')],
                'constraints': [models.CheckConstraint(condition=models.Q(('mail_state__in', ['queued', 'sent', 'parked'])), name='notification_mail_known')],
            },
        ),
        migrations.CreateModel(
            name='RoleGrant',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('role', models.CharField(choices=[('sponsor', 'Agency approver'), ('secretariat', 'Secretariat officer'), ('head', 'Head of secretariat'), ('reviewer', 'Reviewer'), ('chair', 'Panel chair'), ('board', 'Fund board member'), ('maker', 'Finance: prepares payments'), ('checker', 'Finance: releases payments'), ('verifier', 'Verifier'), ('classifier', 'Classifier'), ('hr', 'Agency HR officer'), ('hrc', 'HR committee member'), ('rcsc', 'RCSC officer'), ('protection', 'Protection officer'), ('appeals', 'Appeals officer'), ('auditor', 'Auditor'), ('administrator', 'System administrator')], max_length=20)),
                ('since', models.DateTimeField()),
                ('until', models.DateTimeField(blank=True, null=True)),
                ('reason', models.CharField(max_length=300)),
                ('end_reason', models.CharField(blank=True, max_length=300)),
                ('agency', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='people.agency')),
                ('ended_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('granted_by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('person', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='role_grants', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'constraints': [models.CheckConstraint(condition=models.Q(('role__in', ['sponsor', 'secretariat', 'head', 'reviewer', 'chair', 'board', 'maker', 'checker', 'verifier', 'classifier', 'hr', 'hrc', 'rcsc', 'protection', 'appeals', 'auditor', 'administrator'])), name='grant_role_known'), models.CheckConstraint(condition=models.Q(('until', None), ('until__gte', models.F('since')), _connector='OR'), name='grant_dates_in_order'), models.CheckConstraint(condition=models.Q(models.Q(('end_reason', ''), ('ended_by', None)), models.Q(('ended_by__isnull', False), ('until__isnull', False), models.Q(('end_reason', ''), _negated=True)), _connector='OR'), name='grant_end_has_person_and_reason'), models.CheckConstraint(condition=models.Q(models.Q(('agency__isnull', False), ('role__in', ('sponsor', 'hr', 'hrc'))), models.Q(models.Q(('role__in', ('sponsor', 'hr', 'hrc')), _negated=True), ('agency', None)), _connector='OR'), name='grant_agency_iff_agency_role'), models.UniqueConstraint(condition=models.Q(('until', None)), fields=('person', 'role', 'agency'), name='grant_open_once'), models.UniqueConstraint(condition=models.Q(('agency', None), ('until', None)), fields=('person', 'role'), name='grant_fundwide_open_once')],
            },
        ),
        migrations.AlterUniqueTogether(
            name='agencygroupobjectpermission',
            unique_together={('group', 'permission', 'content_object')},
        ),
        migrations.AlterUniqueTogether(
            name='agencyuserobjectpermission',
            unique_together={('user', 'permission', 'content_object')},
        ),
    ]
