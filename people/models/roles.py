"""Dated role grants: the truth about who may; guardian's rows are their projection."""

from datetime import datetime, timedelta

from django.db import models
from django.db.models import F, Q

from lifecycle import clock

from ..enums import AGENCY_ROLES, GrantStanding, Role


class RoleGrant(models.Model):
    """One role of one person for a period, for an agency where the role is held for one."""

    person = models.ForeignKey("people.User", on_delete=models.PROTECT, related_name="role_grants")
    role = models.CharField(max_length=20, choices=Role)
    agency = models.ForeignKey("people.Agency", null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    since = models.DateTimeField()
    until = models.DateTimeField(null=True, blank=True)
    granted_by = models.ForeignKey("people.User", on_delete=models.PROTECT, related_name="+")
    reason = models.CharField(max_length=300)
    ended_by = models.ForeignKey("people.User", null=True, on_delete=models.PROTECT, related_name="+")
    end_reason = models.CharField(max_length=300, blank=True)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(role__in=Role.values), name="grant_role_known"),
            models.CheckConstraint(condition=Q(until=None) | Q(until__gte=F("since")), name="grant_dates_in_order"),
            models.CheckConstraint(
                condition=Q(ended_by=None, end_reason="")
                | Q(ended_by__isnull=False, until__isnull=False) & ~Q(end_reason=""),
                name="grant_end_has_person_and_reason",
            ),
            models.CheckConstraint(
                condition=Q(role__in=AGENCY_ROLES, agency__isnull=False) | ~Q(role__in=AGENCY_ROLES) & Q(agency=None),
                name="grant_agency_iff_agency_role",
            ),
            models.UniqueConstraint(
                fields=["person", "role", "agency"], condition=Q(until=None), name="grant_open_once"
            ),
            models.UniqueConstraint(
                fields=["person", "role"], condition=Q(until=None, agency=None), name="grant_fundwide_open_once"
            ),
        ]

    @property
    def standing(self) -> GrantStanding:
        """Return how it stands now."""
        now = clock.now()
        if self.until is not None and self.until <= max(now, self.since):
            return GrantStanding.OVER
        if self.since > now:
            return GrantStanding.LATER
        return GrantStanding.NOW

    @property
    def last_moment(self) -> datetime | None:
        """Return the last moment inside the grant: `until` is exclusive, people read the day before."""
        return self.until - timedelta(minutes=1) if self.until and not self.ended_by_id else self.until
