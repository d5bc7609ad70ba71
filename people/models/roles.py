"""Dated role grants: the truth about who may; guardian's rows are their projection."""

from django.db import models
from django.db.models import F, Q

from ..enums import AGENCY_ROLES, Role


class RoleGrant(models.Model):
    """One role of one person for a period, for an agency where the role is held for one."""

    person = models.ForeignKey("people.User", on_delete=models.PROTECT, related_name="role_grants")
    role = models.CharField(max_length=20, choices=Role)
    agency = models.ForeignKey("people.Agency", null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    since = models.DateTimeField()
    until = models.DateTimeField(null=True, blank=True)
    granted_by = models.ForeignKey("people.User", on_delete=models.PROTECT, related_name="+")
    reason = models.CharField(max_length=300)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(role__in=Role.values), name="grant_role_known"),
            models.CheckConstraint(condition=Q(until=None) | Q(until__gte=F("since")), name="grant_dates_in_order"),
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
