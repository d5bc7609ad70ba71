"""Judging: interests, reviews, moderation, rankings, lots, votes, letters, appeals."""

import django.db.models.deletion
import lifecycle.fields
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    initial = True

    dependencies = [
        ('documents', '0001_initial'),
        ('fund', '0001_initial'),
        ('people', '__first__'),
        ('proposals', '0001_initial'),
    ]

    operations = [
        migrations.CreateModel(
            name='Decision',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('round', models.PositiveSmallIntegerField()),
                ('choice', models.CharField(choices=[('approve', 'Approve'), ('decline', 'Decline'), ('reserve', 'Put on the reserve list'), ('defer', 'Defer')], max_length=8)),
                ('amount', models.BigIntegerField(default=0, help_text='Chhetrum set aside.')),
                ('ambition', models.CharField(blank=True, max_length=10)),
                ('at', models.DateTimeField()),
                ('counted', models.TextField(default='{}', help_text='Votes and chance marks that counted, canonical JSON.')),
                ('by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('proposal', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='decisions', to='proposals.proposal')),
                ('replaces', models.OneToOneField(help_text='The decision that an appeal overturned; it stays as it was.', null=True, on_delete=django.db.models.deletion.PROTECT, related_name='replaced_by', to='evaluation.decision')),
            ],
            options={
                'ordering': ['round'],
                'constraints': [models.UniqueConstraint(fields=('proposal', 'round'), name='decision_once_a_round'), models.UniqueConstraint(condition=models.Q(('choice', 'approve')), fields=('proposal',), name='decision_one_award'), models.CheckConstraint(condition=models.Q(models.Q(models.Q(('choice', 'approve'), _negated=True), ('amount', 0)), models.Q(('amount__gt', 0), ('choice', 'approve')), _connector='OR'), name='decision_amount_iff_approved'), models.CheckConstraint(condition=models.Q(('replaces', models.F('id')), _negated=True), name='decision_replaces_another')],
            },
        ),
        migrations.CreateModel(
            name='Declaration',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('names', models.JSONField(help_text='All that the list showed.')),
                ('tied', models.JSONField(default=list, help_text='With whom an interest keeps the person from judging.')),
                ('known', models.JSONField(default=list, help_text='Whom the person knows without being swayed.')),
                ('interest', models.CharField(blank=True, choices=[('none', 'I have no interest in this proposal'), ('relative', 'A relative of mine is in the team'), ('financial', 'I could gain or lose money by it'), ('advised', 'I advised the team on it'), ('line', 'Somebody in the team is or was my line manager, or I theirs'), ('division', 'Somebody in the team works in my division'), ('other', 'Something else that could sway me'), ('acquainted', 'I know somebody in the team, and it does not sway me')], max_length=10)),
                ('note', models.CharField(blank=True, max_length=200)),
                ('at', models.DateTimeField()),
                ('call', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='declarations', to='fund.call')),
                ('person', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'ordering': ['at', 'pk'],
                'constraints': [models.CheckConstraint(condition=models.Q(models.Q(('interest', ''), ('tied', [])), models.Q(models.Q(('tied', []), _negated=True), models.Q(('interest', ''), _negated=True)), _connector='OR'), name='declaration_says_which_interest')],
            },
        ),
        migrations.CreateModel(
            name='Appeal',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('case', models.UUIDField(db_index=True, editable=False)),
                ('told_at', models.DateTimeField(help_text='When the team was told what it appeals against.')),
                ('ground', models.CharField(choices=[('procedure', 'The rules of judging were not kept'), ('fact', 'A fact was read or written down wrongly'), ('conflict', 'Somebody who judged it had an interest in it'), ('evidence', 'There is new evidence that could not be given before')], max_length=10)),
                ('words', models.TextField(max_length=5000)),
                ('lodged_at', models.DateTimeField()),
                ('due_on', models.DateField(help_text='The day by which it is answered.')),
                ('check_reason', models.TextField(blank=True, max_length=1000)),
                ('reason', models.TextField(blank=True, help_text='Why it ended as it did.', max_length=5000)),
                ('ended_at', models.DateTimeField(null=True)),
                ('state', lifecycle.fields.StateField(choices=[('lodged', 'Lodged'), ('admissible', 'Will be heard'), ('inadmissible', 'Cannot be heard'), ('assigned', 'Being looked into'), ('upheld', 'Upheld: it is judged again'), ('partly', 'Right in part: the decision stands'), ('dismissed', 'Not upheld: the decision stands'), ('withdrawn', 'Taken back')], default='lodged', max_length=50)),
                ('checked_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('file', models.OneToOneField(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='documents.storedfile')),
                ('lodged_by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('officer', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('proposal', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='appeals', to='proposals.proposal')),
                ('decision', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='appeals', to='evaluation.decision')),
            ],
            options={
                'ordering': ['due_on', 'pk'],
                'constraints': [models.CheckConstraint(condition=models.Q(('state__in', ['lodged', 'admissible', 'inadmissible', 'assigned', 'upheld', 'partly', 'dismissed', 'withdrawn'])), name='appeal_state_known'), models.CheckConstraint(condition=models.Q(('ground__in', ['procedure', 'fact', 'conflict', 'evidence'])), name='appeal_ground_known'), models.CheckConstraint(condition=models.Q(('words', ''), _negated=True), name='appeal_says_why'), models.UniqueConstraint(condition=models.Q(('state', 'withdrawn'), _negated=True), fields=('proposal', 'told_at'), name='appeal_once_against_one_thing'), models.UniqueConstraint(condition=models.Q(('state__in', ('lodged', 'admissible', 'assigned'))), fields=('proposal',), name='appeal_open_once'), models.CheckConstraint(condition=models.Q(models.Q(('state__in', ['admissible', 'assigned', 'inadmissible', 'upheld', 'partly', 'dismissed']), _negated=True), models.Q(('checked_by__isnull', False), models.Q(('check_reason', ''), _negated=True)), _connector='OR'), name='appeal_checked_with_reason'), models.CheckConstraint(condition=models.Q(models.Q(('state__in', ['assigned', 'upheld', 'partly', 'dismissed']), _negated=True), ('officer__isnull', False), _connector='OR'), name='appeal_heard_by_officer'), models.CheckConstraint(condition=models.Q(models.Q(('ended_at', None), ('state__in', ('lodged', 'admissible', 'assigned'))), models.Q(models.Q(('state__in', ('lodged', 'admissible', 'assigned')), _negated=True), ('ended_at__isnull', False)), _connector='OR'), name='appeal_ended_iff_over'), models.CheckConstraint(condition=models.Q(models.Q(('state__in', ('upheld', 'partly', 'dismissed')), _negated=True), models.Q(('reason', ''), _negated=True), _connector='OR'), name='appeal_outcome_says_why')],
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
            name='ExampleScored',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('year', models.PositiveSmallIntegerField()),
                ('scores', models.JSONField()),
                ('at', models.DateTimeField()),
                ('person', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'constraints': [models.UniqueConstraint(fields=('person', 'year'), name='example_once_a_year')],
            },
        ),
        migrations.CreateModel(
            name='Expertise',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('sectors', models.JSONField(default=list, help_text='Of `people.enums.Sector`.')),
                ('languages', models.JSONField(default=list, help_text='Of `Language`.')),
                ('updated_at', models.DateTimeField()),
                ('person', models.OneToOneField(on_delete=django.db.models.deletion.PROTECT, related_name='expertise', to=settings.AUTH_USER_MODEL)),
            ],
        ),
        migrations.CreateModel(
            name='Feedback',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('sitting', models.PositiveSmallIntegerField(default=1)),
                ('number', models.PositiveSmallIntegerField()),
                ('strength', models.TextField(blank=True, max_length=1000)),
                ('weakness', models.TextField(blank=True, max_length=1000)),
                ('change', models.TextField(blank=True, max_length=1000)),
                ('certified', models.BooleanField(default=False)),
                ('at', models.DateTimeField()),
                ('by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('proposal', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='feedback', to='proposals.proposal')),
            ],
            options={
                'ordering': ['number'],
                'constraints': [models.UniqueConstraint(fields=('proposal', 'number'), name='feedback_number_once'), models.CheckConstraint(condition=models.Q(('certified', False), models.Q(models.Q(('strength', ''), _negated=True), models.Q(('weakness', ''), _negated=True), models.Q(('change', ''), _negated=True)), _connector='OR'), name='feedback_certified_whole')],
            },
        ),
        migrations.CreateModel(
            name='Letter',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('content', models.TextField(help_text='Canonical JSON, without names of people.')),
                ('at', models.DateTimeField()),
                ('appeal', models.OneToOneField(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='letter', to='evaluation.appeal')),
                ('decision', models.OneToOneField(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='letter', to='evaluation.decision')),
                ('ended', models.OneToOneField(help_text='The decision for the reserve list whose time is over.', null=True, on_delete=django.db.models.deletion.PROTECT, related_name='end_letter', to='evaluation.decision')),
                ('file', models.OneToOneField(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='documents.storedfile')),
                ('proposal', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='letters', to='proposals.proposal')),
            ],
            options={
                'ordering': ['at', 'pk'],
                'constraints': [models.CheckConstraint(condition=models.Q(models.Q(('appeal__isnull', False), ('decision', None), ('ended', None)), models.Q(('appeal', None), ('decision__isnull', False), ('ended', None)), models.Q(('appeal', None), ('decision', None), ('ended__isnull', False)), _connector='OR'), name='letter_about_one_thing'), models.CheckConstraint(condition=models.Q(('content', ''), _negated=True), name='letter_says_something')],
            },
        ),
        migrations.CreateModel(
            name='MatchingRun',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('at', models.DateTimeField()),
                ('load_min', models.PositiveSmallIntegerField(default=0)),
                ('load_max', models.PositiveSmallIntegerField()),
                ('preferred', models.PositiveSmallIntegerField(help_text='Least expertise wished for each review.')),
                ('maximin', models.BooleanField(default=True, help_text='The worst served proposal first.')),
                ('result', models.JSONField(null=True)),
                ('asked_at', models.DateTimeField(null=True)),
                ('by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('call', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='matching_runs', to='fund.call')),
            ],
            options={
                'ordering': ['-pk'],
                'constraints': [models.CheckConstraint(condition=models.Q(('load_min__lte', models.F('load_max'))), name='matching_loads_in_order'), models.CheckConstraint(condition=models.Q(('asked_at', None), ('result__isnull', False), _connector='OR'), name='matching_asked_has_result')],
            },
        ),
        migrations.CreateModel(
            name='ModerationNote',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('text', models.TextField(max_length=2000)),
                ('at', models.DateTimeField()),
                ('by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('proposal', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='moderation_notes', to='proposals.proposal')),
            ],
            options={
                'ordering': ['at', 'pk'],
                'constraints': [models.CheckConstraint(condition=models.Q(('text', ''), _negated=True), name='moderation_note_says_something')],
            },
        ),
        migrations.CreateModel(
            name='PanelName',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('named_at', models.DateTimeField()),
                ('call', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='panel_names', to='fund.call')),
                ('named_by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('person', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'ordering': ['person__full_name', 'person__employee_number'],
                'constraints': [models.UniqueConstraint(fields=('call', 'person'), name='panel_name_once')],
            },
        ),
        migrations.CreateModel(
            name='Permission',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('asked_at', models.DateTimeField()),
                ('given', models.BooleanField(null=True)),
                ('answer', models.TextField(blank=True, max_length=1000)),
                ('answered_at', models.DateTimeField(null=True)),
                ('answered_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('asked_by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('person', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('proposal', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='permissions', to='proposals.proposal')),
            ],
            options={
                'ordering': ['asked_at', 'pk'],
                'constraints': [models.UniqueConstraint(fields=('proposal', 'person'), name='permission_once'), models.CheckConstraint(condition=models.Q(('person', models.F('answered_by')), _negated=True), name='permission_by_another'), models.CheckConstraint(condition=models.Q(models.Q(('answer', ''), ('answered_at', None), ('answered_by', None), ('given', None)), models.Q(('given__isnull', False), ('answered_at__isnull', False), ('answered_by__isnull', False), models.Q(('answer', ''), _negated=True)), _connector='OR'), name='permission_answered_whole')],
            },
        ),
        migrations.CreateModel(
            name='RankingRun',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('at', models.DateTimeField()),
                ('code_version', models.CharField(max_length=30)),
                ('inputs', models.TextField(help_text='Canonical JSON.')),
                ('sha256', models.CharField(help_text='Of the inputs.', max_length=64)),
                ('results', models.TextField(blank=True, help_text='Canonical JSON; empty in runs of the first code version.')),
                ('results_sha256', models.CharField(blank=True, max_length=64)),
                ('draws', models.PositiveIntegerField(default=0, help_text='Between how many lots decide.')),
                ('replaces', models.OneToOneField(help_text='The ranking before it, which stays as it was.', null=True, on_delete=django.db.models.deletion.PROTECT, related_name='replaced_by', to='evaluation.rankingrun')),
                ('by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('call', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='ranking_runs', to='fund.call')),
            ],
            options={
                'ordering': ['at', 'pk'],
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
        migrations.CreateModel(
            name='Lottery',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('number', models.PositiveSmallIntegerField(default=1)),
                ('reason', models.TextField(blank=True, help_text='Why it takes the place of the one before.', max_length=1000)),
                ('code', models.CharField(help_text='Secret until the draw; hexadecimal digits.', max_length=64)),
                ('commitment', models.CharField(help_text='SHA-256 of the code.', max_length=64, unique=True)),
                ('committed_at', models.DateTimeField()),
                ('labels', models.TextField(blank=True, help_text='The frozen list, canonical JSON.')),
                ('seal', models.CharField(blank=True, help_text='Published at once: hides the list, and binds it.', max_length=64)),
                ('source', models.CharField(blank=True, max_length=300)),
                ('source_at', models.DateTimeField(null=True)),
                ('frozen_at', models.DateTimeField(null=True)),
                ('first_value', models.CharField(blank=True, max_length=1024)),
                ('randomness', models.CharField(blank=True, help_text='Hexadecimal digits, entered by two people.', max_length=1024)),
                ('drawn_at', models.DateTimeField(null=True)),
                ('call', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='lotteries', to='fund.call')),
                ('first_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('frozen_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('renewed_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('second_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('run', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='evaluation.rankingrun')),
            ],
            options={
                'ordering': ['number'],
                'constraints': [models.UniqueConstraint(fields=('call', 'number'), name='lottery_number_once'), models.CheckConstraint(condition=models.Q(models.Q(('number', 1), ('reason', ''), ('renewed_by', None)), models.Q(('number__gt', 1), ('renewed_by__isnull', False), models.Q(('reason', ''), _negated=True)), _connector='OR'), name='lottery_renewed_with_reason'), models.CheckConstraint(condition=models.Q(('renewed_by', None), ('frozen_by', None), models.Q(('frozen_by', models.F('renewed_by')), _negated=True), _connector='OR'), name='lottery_renewed_by_two'), models.CheckConstraint(condition=models.Q(('frozen_at', None), models.Q(('frozen_at__gte', models.F('committed_at')), ('source_at__gt', models.F('frozen_at'))), _connector='OR'), name='lottery_source_speaks_later'), models.CheckConstraint(condition=models.Q(models.Q(('frozen_at', None), ('labels', ''), ('seal', ''), ('source', '')), models.Q(('frozen_at__isnull', False), ('frozen_by__isnull', False), ('run__isnull', False), ('source_at__isnull', False), models.Q(('labels', ''), _negated=True), models.Q(('seal', ''), _negated=True), models.Q(('source', ''), _negated=True)), _connector='OR'), name='lottery_frozen_whole'), models.CheckConstraint(condition=models.Q(models.Q(('drawn_at', None), ('randomness', ''), ('second_by', None)), models.Q(('drawn_at__isnull', False), ('first_by__isnull', False), ('frozen_at__isnull', False), ('second_by__isnull', False), models.Q(('randomness', ''), _negated=True), ('randomness', models.F('first_value')), models.Q(('second_by', models.F('first_by')), _negated=True)), _connector='OR'), name='lottery_drawn_by_two')],
            },
        ),
        migrations.CreateModel(
            name='Departure',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('act', models.CharField(choices=[('recommend', 'Recommended although outside the money'), ('not_recommend', 'Not recommended although inside the money'), ('approve', 'Approved although outside the money'), ('decline', 'Declined although inside the money'), ('reserve', 'Put on the reserve list although inside the money')], max_length=20)),
                ('reason', models.TextField(max_length=4000)),
                ('at', models.DateTimeField()),
                ('by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('proposal', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='departures', to='proposals.proposal')),
                ('run', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='departures', to='evaluation.rankingrun')),
            ],
            options={
                'ordering': ['at', 'pk'],
                'constraints': [models.CheckConstraint(condition=models.Q(('reason', ''), _negated=True), name='departure_says_why')],
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
                ('unscored', models.JSONField(default=dict, help_text='Criterion -> reason written before its score.')),
                ('saved_at', models.DateTimeField(null=True)),
                ('submitted_at', models.DateTimeField(null=True)),
                ('state', lifecycle.fields.StateField(choices=[('assigned', 'Waiting for the reviewer to accept'), ('accepted', 'Accepted'), ('in_progress', 'Being written'), ('submitted', 'Submitted'), ('locked', 'Locked: ranked'), ('recused', 'Recused: a conflict of interest'), ('refused', 'Refused'), ('abstained', 'Withdrew after accepting'), ('invalidated', 'Excluded: a conflict was found'), ('reassigned', 'Taken back: given to somebody else')], default='assigned', max_length=50)),
                ('assigned_by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('ranked_in', models.ForeignKey(help_text='The ranking that fell because the review, which it holds, was excluded.', null=True, on_delete=django.db.models.deletion.PROTECT, related_name='excluded', to='evaluation.rankingrun')),
                ('proposal', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='reviews', to='proposals.proposal')),
                ('reviewer', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='reviews', to=settings.AUTH_USER_MODEL)),
                ('version', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='proposals.version')),
            ],
            options={
                'ordering': ['pk'],
                'constraints': [models.CheckConstraint(condition=models.Q(('state__in', ['assigned', 'accepted', 'in_progress', 'submitted', 'locked', 'recused', 'refused', 'abstained', 'invalidated', 'reassigned'])), name='review_state_known'), models.CheckConstraint(condition=models.Q(('chance', ''), ('chance__in', ['bold', 'open', 'likely']), _connector='OR'), name='review_chance_known'), models.UniqueConstraint(condition=models.Q(('state__in', ('assigned', 'accepted', 'in_progress', 'submitted', 'locked'))), fields=('proposal', 'reviewer'), name='review_live_once'), models.CheckConstraint(condition=models.Q(models.Q(('state__in', ['submitted', 'locked']), _negated=True), models.Q(('submitted_at__isnull', False), models.Q(('chance', ''), _negated=True), models.Q(('short', True), models.Q(models.Q(('strength', ''), _negated=True), models.Q(('weakness', ''), _negated=True), models.Q(('change', ''), _negated=True)), _connector='OR')), _connector='OR'), name='review_submitted_whole'), models.CheckConstraint(condition=models.Q(('ranked_in', None), ('state', 'invalidated'), _connector='OR'), name='review_fells_a_ranking_when_excluded')],
            },
        ),
        migrations.CreateModel(
            name='FeedbackReason',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('handling', models.CharField(choices=[('as_is', 'Release it as it is'), ('left_out', 'Leave it out'), ('reworded', 'Release it in the words below')], max_length=8)),
                ('text', models.TextField(blank=True, help_text='What is released; nothing where it is left out.', max_length=1000)),
                ('criterion', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='fund.criterion')),
                ('feedback', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='reasons', to='evaluation.feedback')),
                ('review', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='evaluation.review')),
            ],
            options={
                'ordering': ['criterion__position', 'pk'],
                'constraints': [models.UniqueConstraint(fields=('feedback', 'criterion', 'review'), name='feedback_reason_once'), models.CheckConstraint(condition=models.Q(('handling__in', ['as_is', 'left_out', 'reworded'])), name='feedback_reason_handling_known'), models.CheckConstraint(condition=models.Q(models.Q(('handling', 'left_out'), ('text', '')), models.Q(models.Q(('handling', 'left_out'), _negated=True), models.Q(('text', ''), _negated=True)), _connector='OR'), name='feedback_reason_blank_iff_left_out')],
            },
        ),
        migrations.CreateModel(
            name='ReviewVersion',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('number', models.PositiveSmallIntegerField()),
                ('content', models.JSONField(help_text='Label -> text, in the order of the form.')),
                ('at', models.DateTimeField()),
                ('review', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='versions', to='evaluation.review')),
            ],
            options={
                'ordering': ['number'],
                'constraints': [models.UniqueConstraint(fields=('review', 'number'), name='review_version_once')],
            },
        ),
        migrations.CreateModel(
            name='Score',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('halves', models.PositiveSmallIntegerField(null=True)),
                ('not_applicable', models.BooleanField(default=False)),
                ('reason', models.TextField(blank=True, max_length=1000)),
                ('criterion', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='fund.criterion')),
                ('review', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='scores', to='evaluation.review')),
            ],
            options={
                'ordering': ['criterion__position'],
                'constraints': [models.UniqueConstraint(fields=('review', 'criterion'), name='score_once'), models.CheckConstraint(condition=models.Q(models.Q(('not_applicable', False), ('halves__gte', 0), ('halves__lte', 10), ('halves__isnull', False)), models.Q(('halves', None), ('not_applicable', True)), _connector='OR'), name='score_range')],
            },
        ),
        migrations.CreateModel(
            name='Vote',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('sitting', models.PositiveSmallIntegerField(default=1)),
                ('round', models.PositiveSmallIntegerField()),
                ('choice', models.CharField(choices=[('approve', 'Approve'), ('decline', 'Decline'), ('reserve', 'Put on the reserve list'), ('defer', 'Defer')], max_length=8)),
                ('reason', models.TextField(max_length=1000)),
                ('at', models.DateTimeField()),
                ('member', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('proposal', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='votes', to='proposals.proposal')),
            ],
            options={
                'ordering': ['at', 'pk'],
                'constraints': [models.UniqueConstraint(fields=('proposal', 'member', 'sitting', 'round'), name='vote_once'), models.CheckConstraint(condition=models.Q(('choice__in', ['approve', 'decline', 'reserve', 'defer'])), name='vote_choice_known'), models.CheckConstraint(condition=models.Q(('reason', ''), _negated=True), name='vote_says_why')],
            },
        ),
        migrations.CreateModel(
            name='Challenge',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('reason', models.TextField(max_length=1000)),
                ('at', models.DateTimeField()),
                ('upheld', models.BooleanField(null=True)),
                ('answer', models.TextField(blank=True, max_length=1000)),
                ('answered_at', models.DateTimeField(null=True)),
                ('answered_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('person', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('proposal', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='challenges', to='proposals.proposal')),
            ],
            options={
                'ordering': ['at', 'pk'],
                'constraints': [models.UniqueConstraint(fields=('proposal', 'person'), name='challenge_once'), models.CheckConstraint(condition=models.Q(('reason', ''), _negated=True), name='challenge_says_why'), models.CheckConstraint(condition=models.Q(models.Q(('answer', ''), ('answered_at', None), ('answered_by', None), ('upheld', None)), models.Q(('upheld__isnull', False), ('answered_at__isnull', False), ('answered_by__isnull', False), models.Q(('answer', ''), _negated=True)), _connector='OR'), name='challenge_answered_whole')],
            },
        ),
        migrations.CreateModel(
            name='ConsensusScore',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('sitting', models.PositiveSmallIntegerField(default=1)),
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
    ]
