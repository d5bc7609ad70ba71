"""The room's tables."""

from .access import AccessLog
from .agency import Agency, AgencyGroupObjectPermission, AgencyUserObjectPermission, Holiday
from .involvement import Block, Involvement
from .notification import Notification
from .register import EmploymentSnapshot
from .roles import RoleGrant
from .user import User, user_display

__all__ = [
    "AccessLog",
    "Agency",
    "AgencyGroupObjectPermission",
    "AgencyUserObjectPermission",
    "Block",
    "EmploymentSnapshot",
    "Holiday",
    "Involvement",
    "Notification",
    "RoleGrant",
    "User",
    "user_display",
]
