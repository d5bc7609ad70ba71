"""Agencies in a dated tree, and public holidays."""

from django.db import models
from django.db.models import F, Q
from guardian.models import GroupObjectPermissionBase, UserObjectPermissionBase

from ..enums import AgencyKind, Sector


class Agency(models.Model):
    """A part of government; `parent` leads up to its ministry."""

    code = models.SlugField(max_length=20, unique=True)
    name = models.CharField(max_length=200)
    kind = models.CharField(max_length=20, choices=AgencyKind)
    sector = models.CharField(max_length=20, choices=Sector)
    parent = models.ForeignKey("self", null=True, blank=True, on_delete=models.PROTECT, related_name="children")
    since = models.DateField()
    until = models.DateField(null=True, blank=True)
    successor = models.ForeignKey("self", null=True, blank=True, on_delete=models.PROTECT, related_name="+")

    class Meta:
        ordering = ["name"]
        verbose_name_plural = "agencies"
        permissions = [
            ("endorse_for", "Agree for the agency"),
            ("view_records_of", "See verified records of its people"),
        ]
        constraints = [
            models.CheckConstraint(condition=Q(sector__in=Sector.values), name="agency_sector_known"),
            models.CheckConstraint(condition=Q(kind__in=AgencyKind.values), name="agency_kind_known"),
            models.CheckConstraint(condition=Q(until=None) | Q(until__gte=F("since")), name="agency_dates_in_order"),
        ]

    def __str__(self) -> str:
        return self.name


class AgencyUserObjectPermission(UserObjectPermissionBase):
    """Direct-FK permission rows, so that none is orphaned."""

    content_object = models.ForeignKey(Agency, on_delete=models.CASCADE)


class AgencyGroupObjectPermission(GroupObjectPermissionBase):
    """Direct-FK permission rows of groups; the projection uses only these."""

    content_object = models.ForeignKey(Agency, on_delete=models.CASCADE)


class Holiday(models.Model):
    """A public holiday; business days leave it out."""

    day = models.DateField(unique=True)
    name = models.CharField(max_length=100)

    class Meta:
        ordering = ["day"]

    def __str__(self) -> str:
        return f"{self.day}: {self.name}"
