"""Who may, in the words that several rows of the tables share."""

UNBLOCKED = " and not blocked by a conflict of interest"
TEAM = "lead or deputy lead or team member"
OUTSIDE = f" and not {TEAM}{UNBLOCKED}"
RELEASES = "Finance: releases payments and not the one who prepared it"
RELEASES += " and outside the team and free of conflicts of interest"
LEAD = f"lead or deputy lead{UNBLOCKED}"
ELSEWHERE = f"of an agency outside the team{OUTSIDE}"
FULL_BOARD = f"not a small idea and Fund board member and {ELSEWHERE}"
RUNS = f"(Secretariat officer{OUTSIDE} or the system)"
FREE = f"{ELSEWHERE} and not tied to it by a conflict of interest"  # who chairs
