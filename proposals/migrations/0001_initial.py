"""Proposals with their parts, versions, partners and endorsements."""

import django.db.models.deletion
import django.db.models.functions.text
import lifecycle.clock
import lifecycle.fields
import uuid
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    initial = True

    dependencies = [
        ('documents', '0001_initial'),
        ('fund', '0001_initial'),
        ('people', '0001_initial'),
        ('people', '__first__'),
    ]

    operations = [
        migrations.CreateModel(
            name='Attachment',
            fields=[
                ('edit', models.PositiveIntegerField(default=1)),
                ('edited_at', models.DateTimeField(null=True)),
                ('id', models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ('description', models.CharField(blank=True, max_length=200)),
                ('added_at', models.DateTimeField(default=lifecycle.clock.now)),
                ('added_by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('edited_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('file', models.OneToOneField(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='documents.storedfile')),
            ],
            options={
                'ordering': ['added_at', 'id'],
            },
        ),
        migrations.CreateModel(
            name='Proposal',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('waits_for', models.BigIntegerField(blank=True, help_text='Chhetrum it waits for on the reserve list.', null=True)),
                ('deferred_until', models.DateField(blank=True, help_text='The day that the board named to look at it again.', null=True)),
                ('reserved_until', models.DateField(blank=True, help_text='Last day on the reserve list; counted from the day the team was told.', null=True)),
                ('case', models.UUIDField(default=uuid.uuid4, editable=False, unique=True)),
                ('title', models.CharField(help_text='150 letters; one can have several code points.', max_length=450)),
                ('created_at', models.DateTimeField()),
                ('updated_at', models.DateTimeField(db_index=True)),
                ('submitted_at', models.DateTimeField(blank=True, null=True)),
                ('number', models.PositiveIntegerField(blank=True, help_text='Order of submission to the call.', null=True)),
                ('reference', models.CharField(blank=True, max_length=30, null=True, unique=True)),
                ('released_at', models.DateTimeField(blank=True, help_text='When the result was told to the team.', null=True)),
                ('deleted_at', models.DateTimeField(blank=True, null=True)),
                ('answer_by', models.DateField(blank=True, help_text='The day promised at submission.', null=True)),
                ('state', lifecycle.fields.StateField(choices=[('draft', 'Draft'), ('awaiting_endorsement', 'Waiting for the agencies to agree'), ('submitted', 'Submitted'), ('screening', 'In the first check'), ('info_requested', 'The secretariat asks you something'), ('eligible', 'Passed the first check'), ('in_review', 'With the reviewers'), ('review_closed', 'Reviews are in'), ('in_moderation', 'Reviewers differ, being talked over'), ('ranked', 'Ranked'), ('recommended', 'Recommended to the board'), ('not_recommended', 'Not recommended to the board'), ('decision_pending', 'With the board'), ('approved', 'Approved, not yet released'), ('declined', 'Declined'), ('deferred', 'Deferred'), ('reserved', 'On the reserve list'), ('offered', 'Offered'), ('offer_declined', 'Offer declined by the team'), ('offer_expired', 'Offer expired'), ('funded', 'Funded'), ('completed', 'Completed'), ('stopped_early', 'Stopped early'), ('terminated', 'Ended by the board'), ('ineligible', 'Did not pass the first check'), ('lapsed', 'Lapsed: the time was over'), ('withdrawn', 'Withdrawn'), ('deleted', 'Deleted')], default='draft', max_length=50)),
                ('approver', models.ForeignKey(blank=True, help_text="Whom the applicant of a small idea named for the agency's yes.", null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('call', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='proposals', to='fund.call')),
                ('copied_from', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='proposals.proposal')),
                ('created_by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('lead_agency', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='people.agency')),
            ],
            options={
                'ordering': ['-updated_at', '-pk'],
                'indexes': [models.Index(fields=['state', 'number'], name='proposal_waiting'), models.Index(fields=['state', '-updated_at', '-id'], name='proposal_state_newest'), models.Index(django.db.models.functions.text.Upper('reference'), name='proposal_reference_upper')],
                'constraints': [models.CheckConstraint(condition=models.Q(('state__in', ['draft', 'awaiting_endorsement', 'submitted', 'screening', 'info_requested', 'eligible', 'in_review', 'review_closed', 'in_moderation', 'ranked', 'recommended', 'not_recommended', 'decision_pending', 'approved', 'declined', 'deferred', 'reserved', 'offered', 'offer_declined', 'offer_expired', 'funded', 'completed', 'stopped_early', 'terminated', 'ineligible', 'lapsed', 'withdrawn', 'deleted'])), name='proposal_state_known'), models.UniqueConstraint(fields=('call', 'number'), name='proposal_number_once'), models.CheckConstraint(condition=models.Q(models.Q(('number', None), ('reference', None), ('submitted_at', None)), models.Q(('number__isnull', False), ('reference__isnull', False), ('submitted_at__isnull', False)), _connector='OR'), name='proposal_submitted_whole'), models.CheckConstraint(condition=models.Q(models.Q(('deleted_at__isnull', False), ('state', 'deleted')), models.Q(models.Q(('state', 'deleted'), _negated=True), ('deleted_at', None)), _connector='OR'), name='proposal_deleted_has_time'), models.CheckConstraint(condition=models.Q(models.Q(('state', 'reserved'), _negated=True), models.Q(('released_at', None), ('reserved_until', None), ('waits_for__gt', 0)), models.Q(('released_at__isnull', False), ('reserved_until__isnull', False), ('waits_for__gt', 0)), _connector='OR'), name='proposal_reserved_with_clock'), models.CheckConstraint(condition=models.Q(models.Q(('state', 'deferred'), _negated=True), ('deferred_until__isnull', False), _connector='OR'), name='proposal_deferred_to_a_day')],
            },
        ),
        migrations.CreateModel(
            name='Partner',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('edit', models.PositiveIntegerField(default=1)),
                ('edited_at', models.DateTimeField(null=True)),
                ('days', models.PositiveSmallIntegerField(help_text='Working days a month, all its people together.', null=True)),
                ('contribution', models.CharField(blank=True, max_length=900)),
                ('agency', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='people.agency')),
                ('edited_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('proposal', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='partners', to='proposals.proposal')),
            ],
            options={
                'ordering': ['pk'],
                'constraints': [models.UniqueConstraint(fields=('proposal', 'agency'), name='partner_once'), models.CheckConstraint(condition=models.Q(('days', None), models.Q(('days__gte', 1), ('days__lte', 200)), _connector='OR'), name='partner_days_range')],
            },
        ),
        migrations.CreateModel(
            name='OutsidePartner',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('edit', models.PositiveIntegerField(default=1)),
                ('edited_at', models.DateTimeField(null=True)),
                ('name', models.CharField(max_length=600)),
                ('kind', models.CharField(choices=[('firm', 'Firm'), ('ngo', 'Civil society organisation'), ('university', 'University or college'), ('community', 'Community or group')], max_length=10)),
                ('contribution', models.CharField(max_length=900)),
                ('interests', models.CharField(max_length=900)),
                ('edited_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('letter', models.ForeignKey(null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to='proposals.attachment')),
                ('proposal', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='outside_partners', to='proposals.proposal')),
            ],
            options={
                'ordering': ['pk'],
                'constraints': [models.UniqueConstraint(fields=('proposal', 'name'), name='outside_partner_once'), models.CheckConstraint(condition=models.Q(('kind__in', ['firm', 'ngo', 'university', 'community'])), name='outside_partner_kind_known')],
            },
        ),
        migrations.CreateModel(
            name='Member',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('status', models.CharField(choices=[('invited', 'Invited, has not joined yet'), ('joined', 'Joined'), ('left', 'Left'), ('declined', 'Declined the invitation')], default='invited', max_length=8)),
                ('invited_at', models.DateTimeField()),
                ('joined_at', models.DateTimeField(null=True)),
                ('reminded_at', models.DateTimeField(null=True)),
                ('lead_offered_at', models.DateTimeField(help_text='When the lead asked this member to take over.', null=True)),
                ('agency', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='people.agency')),
                ('invited_by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('person', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('proposal', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='members', to='proposals.proposal')),
            ],
            options={
                'ordering': ['invited_at', 'pk'],
                'constraints': [models.UniqueConstraint(fields=('proposal', 'person'), name='member_once'), models.CheckConstraint(condition=models.Q(('status__in', ['invited', 'joined', 'left', 'declined'])), name='member_status_known'), models.UniqueConstraint(condition=models.Q(('lead_offered_at__isnull', False)), fields=('proposal',), name='member_lead_offered_once'), models.CheckConstraint(condition=models.Q(('lead_offered_at', None), ('status', 'joined'), _connector='OR'), name='member_lead_offered_to_joined')],
            },
        ),
        migrations.CreateModel(
            name='DataNeed',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('edit', models.PositiveIntegerField(default=1)),
                ('edited_at', models.DateTimeField(null=True)),
                ('dataset', models.CharField(max_length=600)),
                ('answer', models.CharField(choices=[('to_ask', 'Not asked yet'), ('asked', 'Asked, no answer yet'), ('agreed', 'Agreed'), ('refused', 'Refused')], max_length=8)),
                ('edited_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('owner', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='people.agency')),
                ('proposal', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='data_needs', to='proposals.proposal')),
            ],
            options={
                'ordering': ['pk'],
                'constraints': [models.UniqueConstraint(fields=('proposal', 'owner', 'dataset'), name='data_need_once'), models.CheckConstraint(condition=models.Q(('answer__in', ['to_ask', 'asked', 'agreed', 'refused'])), name='data_need_answer_known')],
            },
        ),
        migrations.AddField(
            model_name='attachment',
            name='proposal',
            field=models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='attachments', to='proposals.proposal'),
        ),
        migrations.CreateModel(
            name='RuleResult',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('rule', models.CharField(choices=[('purpose', 'It answers the purpose of the call'), ('measure', 'The promised measure has a figure of today, a target and a source'), ('stop_rule', 'The stop rule names a figure and a date'), ('budget', 'Each budget item is allowed and explained'), ('not_funded', 'It is not already paid from another budget')], max_length=12)),
                ('passed', models.BooleanField()),
                ('note', models.CharField(blank=True, max_length=500)),
                ('checked_at', models.DateTimeField()),
                ('checked_by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('proposal', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='rule_results', to='proposals.proposal')),
            ],
            options={
                'ordering': ['pk'],
                'constraints': [models.UniqueConstraint(fields=('proposal', 'rule'), name='rule_result_once'), models.CheckConstraint(condition=models.Q(('rule__in', ['purpose', 'measure', 'stop_rule', 'budget', 'not_funded'])), name='rule_result_rule_known'), models.CheckConstraint(condition=models.Q(('passed', True), models.Q(('note', ''), _negated=True), _connector='OR'), name='rule_result_no_says_why')],
            },
        ),
        migrations.CreateModel(
            name='Section',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('key', models.CharField(choices=[('problem', 'Describe the problem and the idea'), ('measure', 'Promise a measure and set stop rules'), ('people', 'Say who is served'), ('budget', 'Plan the budget'), ('wellbeing', 'Check the effect on happiness'), ('spark', 'Your idea in three answers'), ('questions', 'Answer the questions of this call')], max_length=10)),
                ('version', models.PositiveIntegerField(default=0)),
                ('answers', models.JSONField(default=dict)),
                ('edited_at', models.DateTimeField()),
                ('edited_by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('proposal', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='sections', to='proposals.proposal')),
            ],
            options={
                'constraints': [models.UniqueConstraint(fields=('proposal', 'key'), name='section_once'), models.CheckConstraint(condition=models.Q(('key__in', ['problem', 'measure', 'people', 'budget', 'wellbeing', 'spark', 'questions'])), name='section_key_known')],
            },
        ),
        migrations.CreateModel(
            name='Version',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('number', models.PositiveIntegerField()),
                ('content', models.TextField(help_text='Canonical JSON.')),
                ('sha256', models.CharField(help_text='Of the content, lower-case hexadecimal.', max_length=64)),
                ('frozen_at', models.DateTimeField()),
                ('removed_at', models.DateTimeField(help_text='When its words went; figures and fingerprint stay.', null=True)),
                ('frozen_by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('proposal', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='versions', to='proposals.proposal')),
            ],
            options={
                'ordering': ['number'],
                'constraints': [models.UniqueConstraint(fields=('proposal', 'number'), name='version_number_once')],
            },
        ),
        migrations.CreateModel(
            name='InfoRequest',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('fields', models.JSONField(default=list)),
                ('question', models.TextField(max_length=2000)),
                ('due_on', models.DateField(help_text='The last day on which an answer is in time.')),
                ('asked_at', models.DateTimeField()),
                ('reminded_at', models.DateTimeField(null=True)),
                ('explanation', models.TextField(blank=True, max_length=2000)),
                ('answered_at', models.DateTimeField(null=True)),
                ('answered_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('asked_by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('proposal', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='info_requests', to='proposals.proposal')),
                ('after', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='proposals.version')),
                ('before', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='proposals.version')),
            ],
            options={
                'ordering': ['asked_at', 'pk'],
                'constraints': [models.UniqueConstraint(condition=models.Q(('answered_at', None)), fields=('proposal',), name='info_request_open_once'), models.CheckConstraint(condition=models.Q(('question', ''), _negated=True), name='info_request_asks'), models.CheckConstraint(condition=models.Q(models.Q(('after', None), ('answered_at', None), ('answered_by', None)), models.Q(('after__isnull', False), ('answered_at__isnull', False), ('answered_by__isnull', False)), _connector='OR'), name='info_request_answered_whole')],
            },
        ),
        migrations.CreateModel(
            name='Endorsement',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('answer', models.CharField(choices=[('asked', 'Asked, no answer yet'), ('agreed', 'Agreed'), ('returned', 'Returned to the team'), ('refused', 'Said no')], default='asked', max_length=8)),
                ('reason', models.TextField(blank=True, max_length=1000)),
                ('asked_at', models.DateTimeField()),
                ('due_on', models.DateField(help_text='Five business days after it was asked.')),
                ('secretariat_on', models.DateField(help_text='When the secretariat helps to find an approver.')),
                ('reminded_at', models.DateTimeField(null=True)),
                ('answered_at', models.DateTimeField(null=True)),
                ('agency', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='people.agency')),
                ('answered_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('version', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='endorsements', to='proposals.version')),
            ],
            options={
                'ordering': ['pk'],
                'constraints': [models.UniqueConstraint(fields=('version', 'agency'), name='endorsement_once'), models.CheckConstraint(condition=models.Q(('answer__in', ['asked', 'agreed', 'returned', 'refused'])), name='endorsement_answer_known'), models.CheckConstraint(condition=models.Q(models.Q(('answer', 'asked'), ('answered_at', None), ('answered_by', None)), models.Q(models.Q(('answer', 'asked'), _negated=True), ('answered_at__isnull', False), ('answered_by__isnull', False)), _connector='OR'), name='endorsement_answer_has_person')],
            },
        ),
    ]
