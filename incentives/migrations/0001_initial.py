import django.db.models.deletion
import lifecycle.fields
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    initial = True

    dependencies = [
        ('fund', '0001_initial'),
        ('people', '0001_initial'),
        ('people', '__first__'),
    ]

    operations = [
        migrations.CreateModel(
            name='Contribution',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('code', models.CharField(blank=True, max_length=4)),
                ('state', lifecycle.fields.StateField(choices=[('proposed', 'Not yet written down'), ('shares_open', 'Waiting for everybody to agree'), ('shares_agreed', 'Everybody agrees'), ('disputed', 'Disputed: the head of secretariat settles it'), ('verified', 'Verified'), ('void', 'Earns nothing')], default='proposed', max_length=50)),
                ('grant', models.OneToOneField(on_delete=django.db.models.deletion.PROTECT, related_name='contribution', to='fund.grant')),
            ],
            options={
                'constraints': [models.CheckConstraint(condition=models.Q(('state__in', ['proposed', 'shares_open', 'shares_agreed', 'disputed', 'verified', 'void'])), name='contribution_state_known'), models.CheckConstraint(condition=models.Q(models.Q(('state', 'verified'), _negated=True), models.Q(('code', ''), _negated=True), _connector='OR'), name='contribution_verified_has_code')],
            },
        ),
        migrations.CreateModel(
            name='LearningRecord',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('case', models.UUIDField(editable=False, unique=True)),
                ('opened_because', models.CharField(choices=[('stopped_early', 'The grant stopped early'), ('not_met', 'The target was not reached'), ('unverifiable', 'The result could not be checked')], max_length=14)),
                ('opened_at', models.DateTimeField()),
                ('believed', models.TextField(blank=True, max_length=3000)),
                ('did', models.TextField(blank=True, max_length=3000)),
                ('saw', models.TextField(blank=True, max_length=3000)),
                ('why', models.TextField(blank=True, max_length=3000)),
                ('others', models.TextField(blank=True, max_length=3000)),
                ('version', models.PositiveIntegerField(default=0)),
                ('submitted_at', models.DateTimeField(null=True)),
                ('facts_confirmed_at', models.DateTimeField(null=True)),
                ('settled_kind', models.CharField(blank=True, choices=[('intelligent', 'Well tested'), ('complex', 'Overtaken by events'), ('preventable', 'Could have been avoided')], max_length=12)),
                ('state', lifecycle.fields.StateField(choices=[('draft', 'Being written'), ('submitted', 'Waiting for two classifiers'), ('classifying', 'Being classified'), ('shown', 'Shown to you first'), ('accepted', 'Accepted')], default='draft', max_length=50)),
                ('facts_confirmed_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('grant', models.OneToOneField(on_delete=django.db.models.deletion.PROTECT, related_name='learning_record', to='fund.grant')),
            ],
            options={
                'ordering': ['-opened_at', '-pk'],
                'constraints': [models.CheckConstraint(condition=models.Q(('state__in', ['draft', 'submitted', 'classifying', 'shown', 'accepted'])), name='learning_state_known'), models.CheckConstraint(condition=models.Q(('opened_because__in', ['stopped_early', 'not_met', 'unverifiable'])), name='learning_opened_known'), models.CheckConstraint(condition=models.Q(('settled_kind', ''), ('settled_kind__in', ['intelligent', 'complex', 'preventable']), _connector='OR'), name='learning_kind_known'), models.CheckConstraint(condition=models.Q(('state__in', ['draft', 'submitted', 'classifying']), models.Q(('settled_kind', ''), _negated=True), _connector='OR'), name='learning_shown_only_settled')],
            },
        ),
        migrations.CreateModel(
            name='Classification',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('kind', models.CharField(choices=[('intelligent', 'Well tested'), ('complex', 'Overtaken by events'), ('preventable', 'Could have been avoided')], max_length=12)),
                ('reason', models.TextField(max_length=1000)),
                ('at', models.DateTimeField()),
                ('classifier', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('record', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='classifications', to='incentives.learningrecord')),
            ],
            options={
                'ordering': ['at', 'pk'],
                'constraints': [models.UniqueConstraint(fields=('record', 'classifier'), name='classification_once'), models.CheckConstraint(condition=models.Q(('kind__in', ['intelligent', 'complex', 'preventable'])), name='classification_kind_known'), models.CheckConstraint(condition=models.Q(('reason', ''), _negated=True), name='classification_says_why')],
            },
        ),
        migrations.CreateModel(
            name='Nomination',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('wish', models.CharField(choices=[('award', 'An award'), ('leave', 'Extra leave'), ('training', 'A training'), ('fast_track', 'Consideration for the fast track')], max_length=12)),
                ('statement', models.TextField(max_length=2000)),
                ('result', models.CharField(blank=True, max_length=300)),
                ('created_at', models.DateTimeField()),
                ('state', lifecycle.fields.StateField(choices=[('drafted', 'Being written'), ('submitted', 'Waiting for the HR officer'), ('hrc_review', 'With the HR committee'), ('endorsed', 'Endorsed by the HR committee'), ('not_endorsed', 'Not endorsed by the HR committee'), ('deferred', 'Deferred by the HR committee'), ('forwarded', 'With the RCSC'), ('result_recorded', "The RCSC's result is recorded"), ('withdrawn', 'Withdrawn')], default='drafted', max_length=50)),
                ('agency', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='people.agency')),
                ('person', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='nominations', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'ordering': ['-created_at', '-pk'],
                'constraints': [models.CheckConstraint(condition=models.Q(('state__in', ['drafted', 'submitted', 'hrc_review', 'endorsed', 'not_endorsed', 'deferred', 'forwarded', 'result_recorded', 'withdrawn'])), name='nomination_state_known'), models.CheckConstraint(condition=models.Q(('wish__in', ['award', 'leave', 'training', 'fast_track'])), name='nomination_wish_known'), models.UniqueConstraint(condition=models.Q(('state__in', ('drafted', 'submitted', 'hrc_review', 'deferred'))), fields=('person',), name='nomination_one_open_per_person')],
            },
        ),
        migrations.CreateModel(
            name='Outcome',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('stage', models.CharField(max_length=10)),
                ('ambition', models.CharField(max_length=10)),
                ('hypothesis', models.TextField()),
                ('indicator', models.CharField(max_length=200)),
                ('unit', models.CharField(max_length=50)),
                ('baseline', models.DecimalField(decimal_places=4, max_digits=18)),
                ('target', models.DecimalField(decimal_places=4, max_digits=18)),
                ('source', models.CharField(max_length=200)),
                ('method', models.TextField()),
                ('stop_rule', models.TextField()),
                ('case', models.UUIDField(editable=False, unique=True)),
                ('claimed_endline', models.DecimalField(decimal_places=4, max_digits=18, null=True)),
                ('evidence', models.TextField(blank=True, max_length=4000)),
                ('claimed_at', models.DateTimeField(null=True)),
                ('use_confirmed_at', models.DateTimeField(null=True)),
                ('verified_endline', models.DecimalField(decimal_places=4, max_digits=18, null=True)),
                ('verdict', models.CharField(blank=True, choices=[('met', 'Target reached'), ('partial', 'At least half of the way'), ('not_met', 'Target not reached'), ('unverifiable', 'Could not be checked')], max_length=12)),
                ('how_checked', models.TextField(blank=True, max_length=2000)),
                ('confidence', models.CharField(blank=True, choices=[('high', 'High: I saw the source itself'), ('medium', 'Medium: I saw a copy or an extract'), ('low', 'Low: I rely on what the team says')], max_length=6)),
                ('verified_at', models.DateTimeField(null=True)),
                ('state', lifecycle.fields.StateField(choices=[('pre_registered', 'Promised, still running'), ('claimed', 'Claimed, waiting for a verifier'), ('verifying', 'Being checked'), ('verified_met', 'Checked: target reached'), ('verified_partial', 'Checked: at least half of the way'), ('verified_not_met', 'Checked: target not reached'), ('unverifiable', 'Could not be checked'), ('published', 'Published'), ('closed_unclaimed', 'Closed: the grant ended early')], default='pre_registered', max_length=50)),
                ('grant', models.OneToOneField(on_delete=django.db.models.deletion.PROTECT, related_name='outcome', to='fund.grant')),
                ('use_confirmed_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('used_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='people.agency')),
                ('verified_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'ordering': ['-claimed_at', '-pk'],
                'constraints': [models.CheckConstraint(condition=models.Q(('state__in', ['pre_registered', 'claimed', 'verifying', 'verified_met', 'verified_partial', 'verified_not_met', 'unverifiable', 'published', 'closed_unclaimed'])), name='outcome_state_known'), models.CheckConstraint(condition=models.Q(('target', models.F('baseline')), _negated=True), name='outcome_target_differs'), models.CheckConstraint(condition=models.Q(models.Q(('state__in', ('verified_met', 'verified_partial', 'verified_not_met', 'unverifiable')), _negated=True), models.Q(('verified_at__isnull', False), ('verified_by__isnull', False), models.Q(('verdict', ''), _negated=True)), _connector='OR'), name='outcome_verdict_has_person'), models.CheckConstraint(condition=models.Q(models.Q(('use_confirmed_at', None), ('use_confirmed_by', None)), models.Q(('use_confirmed_at__isnull', False), ('use_confirmed_by__isnull', False), ('used_by__isnull', False)), _connector='OR'), name='outcome_use_whole')],
            },
        ),
        migrations.CreateModel(
            name='PolicyVersion',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('name', models.SlugField(max_length=30, unique=True)),
                ('data', models.TextField(help_text='Canonical JSON; never changed after the draft.')),
                ('sha256', models.CharField(max_length=64)),
                ('valid_from', models.DateField(unique=True)),
                ('valid_until', models.DateField(help_text='Exclusive; set when a later version takes over.', null=True)),
                ('approved_at', models.DateTimeField(null=True)),
                ('state', lifecycle.fields.StateField(choices=[('draft', 'Draft'), ('consulted', 'Consulted, first approval'), ('approved', 'Approved by two people'), ('in_force', 'In force'), ('superseded', 'Superseded')], default='draft', max_length=50)),
                ('first_approver', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('second_approver', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'ordering': ['-valid_from'],
                'constraints': [models.CheckConstraint(condition=models.Q(('state__in', ['draft', 'consulted', 'approved', 'in_force', 'superseded'])), name='policy_state_known'), models.UniqueConstraint(condition=models.Q(('state', 'in_force')), fields=('state',), name='policy_one_in_force'), models.CheckConstraint(condition=models.Q(('valid_until', None), ('valid_until__gt', models.F('valid_from')), _connector='OR'), name='policy_dates_in_order'), models.CheckConstraint(condition=models.Q(('second_approver', None), models.Q(('first_approver', models.F('second_approver')), _negated=True), _connector='OR'), name='policy_two_approvers'), models.CheckConstraint(condition=models.Q(('state__in', ['draft', 'consulted']), models.Q(('first_approver__isnull', False), ('second_approver__isnull', False)), _connector='OR'), name='policy_holds_only_approved')],
            },
        ),
        migrations.CreateModel(
            name='PointEvent',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('case', models.UUIDField(db_index=True)),
                ('code', models.CharField(max_length=4)),
                ('tenths', models.IntegerField()),
                ('stage', models.CharField(blank=True, max_length=10)),
                ('counts_on', models.DateField()),
                ('verified_on', models.DateField()),
                ('source', models.CharField(max_length=120)),
                ('steps', models.JSONField(help_text='[label, figure, how] per line of the arithmetic.')),
                ('at', models.DateTimeField()),
                ('person', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='point_events', to=settings.AUTH_USER_MODEL)),
                ('reverses', models.OneToOneField(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='reversal', to='incentives.pointevent')),
                ('policy', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='incentives.policyversion')),
            ],
            options={
                'ordering': ['counts_on', 'pk'],
                'constraints': [models.UniqueConstraint(fields=('source', 'person', 'code'), name='point_event_once'), models.CheckConstraint(condition=models.Q(models.Q(('reverses', None), ('tenths__gte', 0)), models.Q(('reverses__isnull', False), ('tenths__lte', 0)), _connector='OR'), name='point_event_sign'), models.CheckConstraint(condition=models.Q(('verified_on__gte', models.F('counts_on'))), name='point_event_dates_in_order')],
            },
        ),
        migrations.CreateModel(
            name='EligibilityRun',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('day', models.DateField()),
                ('inputs', models.TextField(help_text='Canonical JSON.')),
                ('result', models.TextField(help_text='Canonical JSON.')),
                ('sha256', models.CharField(help_text='Of the result.', max_length=64)),
                ('at', models.DateTimeField()),
                ('by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('person', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='eligibility_runs', to=settings.AUTH_USER_MODEL)),
                ('policy', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='incentives.policyversion')),
            ],
            options={
                'ordering': ['-at', '-pk'],
            },
        ),
        migrations.CreateModel(
            name='Share',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('percent', models.PositiveSmallIntegerField()),
                ('agreed_at', models.DateTimeField(null=True)),
                ('contribution', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='shares', to='incentives.contribution')),
                ('person', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'ordering': ['pk'],
                'constraints': [models.UniqueConstraint(fields=('contribution', 'person'), name='share_once'), models.CheckConstraint(condition=models.Q(('percent', 0), models.Q(('percent__gte', 5), ('percent__lte', 100)), _connector='OR'), name='share_percent_range')],
            },
        ),
    ]
