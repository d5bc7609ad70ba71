"""What a proposal is made of: sections, team, partner agencies, results of the first check."""

from django.db import models
from django.db.models import Q

from ..enums import CallSection, EligibilityRule, MemberState, SectionKey

SECTIONS = (*SectionKey.choices, *CallSection.choices)


class Section(models.Model):
    """The answers of one section; `version` is compared in the UPDATE, so no save is lost."""

    proposal = models.ForeignKey("proposals.Proposal", on_delete=models.CASCADE, related_name="sections")
    key = models.CharField(max_length=10, choices=SECTIONS)
    version = models.PositiveIntegerField(default=0)
    answers = models.JSONField(default=dict)
    edited_by = models.ForeignKey("people.User", on_delete=models.PROTECT, related_name="+")
    edited_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["proposal", "key"], name="section_once"),
            models.CheckConstraint(condition=Q(key__in=[key for key, _ in SECTIONS]), name="section_key_known"),
        ]


class Member(models.Model):
    """A person asked into the team; joining takes one tap of their own."""

    proposal = models.ForeignKey("proposals.Proposal", on_delete=models.CASCADE, related_name="members")
    person = models.ForeignKey("people.User", on_delete=models.PROTECT, related_name="+")
    agency = models.ForeignKey("people.Agency", on_delete=models.PROTECT, related_name="+")
    status = models.CharField(max_length=8, choices=MemberState, default=MemberState.INVITED)
    invited_by = models.ForeignKey("people.User", on_delete=models.PROTECT, related_name="+")
    invited_at = models.DateTimeField()
    joined_at = models.DateTimeField(null=True)
    reminded_at = models.DateTimeField(null=True)
    lead_offered_at = models.DateTimeField(null=True, help_text="When the lead asked this member to take over.")

    class Meta:
        ordering = ["invited_at", "pk"]
        constraints = [
            models.UniqueConstraint(fields=["proposal", "person"], name="member_once"),
            models.CheckConstraint(condition=Q(status__in=MemberState.values), name="member_status_known"),
            models.UniqueConstraint(
                fields=["proposal"], condition=Q(lead_offered_at__isnull=False), name="member_lead_offered_once"
            ),
            models.CheckConstraint(
                condition=Q(lead_offered_at=None) | Q(status=MemberState.JOINED), name="member_lead_offered_to_joined"
            ),
        ]


class Edited(models.Model):
    """A row that several people may have open; `edit` is compared in the UPDATE, so no save is lost."""

    edit = models.PositiveIntegerField(default=1)
    edited_by = models.ForeignKey("people.User", null=True, on_delete=models.PROTECT, related_name="+")
    edited_at = models.DateTimeField(null=True)

    class Meta:
        abstract = True


class Partner(Edited):
    """An agency that takes part; the lead agency is the first row."""

    proposal = models.ForeignKey("proposals.Proposal", on_delete=models.CASCADE, related_name="partners")
    agency = models.ForeignKey("people.Agency", on_delete=models.PROTECT, related_name="+")
    days = models.PositiveSmallIntegerField(null=True, help_text="Working days a month, all its people together.")
    contribution = models.CharField(max_length=900, blank=True)

    class Meta:
        ordering = ["pk"]
        constraints = [
            models.UniqueConstraint(fields=["proposal", "agency"], name="partner_once"),
            models.CheckConstraint(condition=Q(days=None) | Q(days__gte=1, days__lte=200), name="partner_days_range"),
        ]

    def __str__(self) -> str:
        return self.agency.name


class RuleResult(models.Model):
    """What the first check found for one rule."""

    proposal = models.ForeignKey("proposals.Proposal", on_delete=models.CASCADE, related_name="rule_results")
    rule = models.CharField(max_length=12, choices=EligibilityRule)
    passed = models.BooleanField()
    note = models.CharField(max_length=500, blank=True)
    checked_by = models.ForeignKey("people.User", on_delete=models.PROTECT, related_name="+")
    checked_at = models.DateTimeField()

    class Meta:
        ordering = ["pk"]
        constraints = [
            models.UniqueConstraint(fields=["proposal", "rule"], name="rule_result_once"),
            models.CheckConstraint(condition=Q(rule__in=EligibilityRule.values), name="rule_result_rule_known"),
            models.CheckConstraint(condition=Q(passed=True) | ~Q(note=""), name="rule_result_no_says_why"),
        ]
