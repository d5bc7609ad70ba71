"""Who may change a proposal."""

from people.policies import is_blocked, is_civil_servant, is_in_team, is_lead

may_write = is_in_team & ~is_blocked
may_lead = is_lead & ~is_blocked
may_start = is_civil_servant
