import django.db.models.deletion
import lifecycle.fields
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    initial = True

    dependencies = [
        ('fund', '0001_initial'),
        ('people', '__first__'),
        ('proposals', '0001_initial'),
    ]

    operations = [
        migrations.CreateModel(
            name='RankingRun',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('at', models.DateTimeField()),
                ('code_version', models.CharField(max_length=30)),
                ('inputs', models.TextField(help_text='Canonical JSON.')),
                ('sha256', models.CharField(help_text='Of the inputs.', max_length=64)),
                ('by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('call', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='ranking_runs', to='fund.call')),
            ],
            options={
                'ordering': ['at', 'pk'],
            },
        ),
        migrations.CreateModel(
            name='Review',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('case', models.UUIDField(db_index=True, editable=False)),
                ('assigned_at', models.DateTimeField()),
                ('edit', models.PositiveIntegerField(default=0, help_text='Compared in the UPDATE, so that no save is lost.')),
                ('strength', models.TextField(blank=True, max_length=1000)),
                ('weakness', models.TextField(blank=True, max_length=1000)),
                ('change', models.TextField(blank=True, max_length=1000)),
                ('chance', models.CharField(blank=True, choices=[('bold', 'Under 50 %'), ('open', '50 to 80 %'), ('likely', 'Over 80 %')], max_length=6)),
                ('short', models.BooleanField(default=False, help_text='Of a small idea: one reason for each question.')),
                ('submitted_at', models.DateTimeField(null=True)),
                ('state', lifecycle.fields.StateField(choices=[('assigned', 'Waiting for the reviewer to accept'), ('accepted', 'Accepted'), ('in_progress', 'Being written'), ('submitted', 'Submitted'), ('locked', 'Locked: ranked'), ('recused', 'Recused: a conflict of interest'), ('refused', 'Refused'), ('invalidated', 'Excluded: a conflict was found')], default='assigned', max_length=50)),
                ('assigned_by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('proposal', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='reviews', to='proposals.proposal')),
                ('reviewer', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='reviews', to=settings.AUTH_USER_MODEL)),
                ('version', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='proposals.version')),
            ],
            options={
                'ordering': ['pk'],
                'constraints': [models.CheckConstraint(condition=models.Q(('state__in', ['assigned', 'accepted', 'in_progress', 'submitted', 'locked', 'recused', 'refused', 'invalidated'])), name='review_state_known'), models.CheckConstraint(condition=models.Q(('chance', ''), ('chance__in', ['bold', 'open', 'likely']), _connector='OR'), name='review_chance_known'), models.UniqueConstraint(condition=models.Q(('state__in', ('assigned', 'accepted', 'in_progress', 'submitted', 'locked'))), fields=('proposal', 'reviewer'), name='review_live_once'), models.CheckConstraint(condition=models.Q(models.Q(('state__in', ['submitted', 'locked']), _negated=True), models.Q(('submitted_at__isnull', False), models.Q(('chance', ''), _negated=True), models.Q(('short', True), models.Q(models.Q(('strength', ''), _negated=True), models.Q(('weakness', ''), _negated=True), models.Q(('change', ''), _negated=True)), _connector='OR')), _connector='OR'), name='review_submitted_whole')],
            },
        ),
        migrations.CreateModel(
            name='Score',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('halves', models.PositiveSmallIntegerField()),
                ('reason', models.TextField(blank=True, max_length=1000)),
                ('criterion', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='fund.criterion')),
                ('review', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='scores', to='evaluation.review')),
            ],
            options={
                'ordering': ['criterion__position'],
                'constraints': [models.UniqueConstraint(fields=('review', 'criterion'), name='score_once'), models.CheckConstraint(condition=models.Q(('halves__gte', 0), ('halves__lte', 10)), name='score_range')],
            },
        ),
        migrations.CreateModel(
            name='Vote',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('round', models.PositiveSmallIntegerField()),
                ('choice', models.CharField(choices=[('approve', 'Approve'), ('decline', 'Decline'), ('defer', 'Defer')], max_length=8)),
                ('reason', models.TextField(max_length=1000)),
                ('at', models.DateTimeField()),
                ('member', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('proposal', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='votes', to='proposals.proposal')),
            ],
            options={
                'ordering': ['at', 'pk'],
                'constraints': [models.UniqueConstraint(fields=('proposal', 'member', 'round'), name='vote_once'), models.CheckConstraint(condition=models.Q(('choice__in', ['approve', 'decline', 'defer'])), name='vote_choice_known'), models.CheckConstraint(condition=models.Q(('reason', ''), _negated=True), name='vote_says_why')],
            },
        ),
        migrations.CreateModel(
            name='ConsensusScore',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('before', models.CharField(help_text='The official score before, in half points.', max_length=20)),
                ('halves', models.PositiveSmallIntegerField()),
                ('reason', models.TextField(max_length=1000)),
                ('at', models.DateTimeField()),
                ('by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('criterion', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='fund.criterion')),
                ('proposal', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='consensus', to='proposals.proposal')),
            ],
            options={
                'ordering': ['at', 'pk'],
                'constraints': [models.CheckConstraint(condition=models.Q(('halves__gte', 0), ('halves__lte', 10)), name='consensus_range'), models.CheckConstraint(condition=models.Q(('reason', ''), _negated=True), name='consensus_says_why')],
            },
        ),
        migrations.CreateModel(
            name='Decision',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('round', models.PositiveSmallIntegerField()),
                ('choice', models.CharField(choices=[('approve', 'Approve'), ('decline', 'Decline'), ('defer', 'Defer')], max_length=8)),
                ('amount', models.BigIntegerField(default=0, help_text='Chhetrum set aside.')),
                ('ambition', models.CharField(blank=True, max_length=10)),
                ('at', models.DateTimeField()),
                ('by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('proposal', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='decisions', to='proposals.proposal')),
            ],
            options={
                'ordering': ['round'],
                'constraints': [models.UniqueConstraint(fields=('proposal', 'round'), name='decision_once_a_round'), models.UniqueConstraint(condition=models.Q(('choice', 'approve')), fields=('proposal',), name='decision_one_award'), models.CheckConstraint(condition=models.Q(models.Q(models.Q(('choice', 'approve'), _negated=True), ('amount', 0)), models.Q(('amount__gt', 0), ('choice', 'approve')), _connector='OR'), name='decision_amount_iff_approved')],
            },
        ),
        migrations.CreateModel(
            name='DecisionLimit',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('amount', models.BigIntegerField()),
                ('valid_from', models.DateField()),
                ('set_at', models.DateTimeField()),
                ('confirmed_at', models.DateTimeField(null=True)),
                ('confirmed_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('set_by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'ordering': ['-valid_from', '-pk'],
                'constraints': [models.CheckConstraint(condition=models.Q(('amount__gt', 0)), name='decision_limit_positive'), models.CheckConstraint(condition=models.Q(('set_by', models.F('confirmed_by')), _negated=True), name='decision_limit_two_members'), models.CheckConstraint(condition=models.Q(models.Q(('confirmed_at', None), ('confirmed_by', None)), models.Q(('confirmed_at__isnull', False), ('confirmed_by__isnull', False)), _connector='OR'), name='decision_limit_confirmed_whole')],
            },
        ),
        migrations.CreateModel(
            name='Place',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('place', models.PositiveIntegerField()),
                ('total', models.CharField(max_length=12)),
                ('meets', models.BooleanField(help_text='Reaches the thresholds of its stage.')),
                ('proposal', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='places', to='proposals.proposal')),
                ('run', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='places', to='evaluation.rankingrun')),
            ],
            options={
                'ordering': ['place', 'pk'],
                'constraints': [models.UniqueConstraint(fields=('run', 'proposal'), name='place_once'), models.CheckConstraint(condition=models.Q(('place__gte', 1)), name='place_positive')],
            },
        ),
    ]
