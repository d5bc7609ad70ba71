"""Rows written straight into the tables, so that a hundred thousand proposals take a minute and not a day."""

import hashlib
from datetime import timedelta
from uuid import UUID, uuid4

from fund.enums import EntryKind, GrantState, Stage, TrancheState
from fund.models import BudgetLine, Call, Grant, LedgerEntry, Tranche
from fund.services import ledger
from lifecycle import clock, trail
from lifecycle.fiscal import fiscal_year
from lifecycle.models import TrailEntry, TrailPayload, TrailStream
from lifecycle.trail import canonical
from people.enums import Part, Role
from people.models import Involvement, User
from people.services.accounts import system_user
from people.services.grants import grant_role
from proposals.enums import ProposalState
from proposals.models import Partner, Proposal, Version

from ..factories import TERMS, AgencyFactory, civil_servant, second_factor

BATCH = 2000
OWN = 20  # proposals of the one lead whose pages are measured
AGREEMENT = canonical({"terms": TERMS})
PER_CALL = 200
WAITING = 40  # payments that finance has to do, at every size
STATES = (
    ProposalState.DRAFT, ProposalState.SUBMITTED, ProposalState.INELIGIBLE, ProposalState.DECLINED,
    ProposalState.FUNDED, ProposalState.COMPLETED,
)  # fmt: skip
TITLES = ("One visit is enough for paper {}", "Less lost on the way to valley {}", "A number to call in gewog {}")


class Fund:
    """The people whose pages are measured, and the rows so far."""

    def __init__(self) -> None:
        self.health, self.farms = AgencyFactory(code="moh"), AgencyFactory(code="moal")
        self.lead = civil_servant("lead@x.example", self.health)
        self.other = civil_servant("other@x.example", self.farms)
        self.sponsor = civil_servant("sponsor@x.example", self.health)
        self.officer = self._officer("secretariat", Role.SECRETARIAT)
        self.rcsc = self._officer("rcsc", Role.RCSC)
        self.head = self._officer("head", Role.SECRETARIAT)
        self.maker = self._officer("maker", Role.MAKER)
        self.auditor = self._officer("auditor", Role.AUDITOR)
        self.size = 0
        self.line = self._line("bench-grants")

    def _officer(self, name: str, role: Role) -> User:
        person = civil_servant(f"{name}@x.example", self.farms)
        grant_role(by=system_user(), person=person, role=role, reason="bench")
        second_factor(person)
        return person

    def _line(self, code: str) -> BudgetLine:
        return BudgetLine.objects.create(
            code=code, name=code, fiscal_year=fiscal_year(clock.today()), allocated=10**15, committed=10**13
        )

    def grow(self, size: int) -> None:
        """Add proposals, their agencies, versions, grants, payments and calls up to `size` proposals."""
        for start in range(self.size, size, BATCH):
            self._batch(range(start, min(start + BATCH, size)))
        self.size = size

    def _batch(self, numbers: range) -> None:
        calls = {n // PER_CALL: None for n in numbers}
        for place in calls:
            calls[place] = Call.objects.filter(reference=f"call-{place}").first() or self._call(place)
        made = Proposal.objects.bulk_create(self._proposal(n, calls[n // PER_CALL]) for n in numbers)
        Partner.objects.bulk_create(
            Partner(proposal=row, agency=agency, days=5) for row in made for agency in (self.health, self.farms)
        )
        content = '{"title": "x", "sections": {}, "team": [], "partners": []}'
        digest = hashlib.sha256(content.encode()).hexdigest()
        text = {"number": 1, "content": content, "sha256": digest}
        Version.objects.bulk_create(
            Version(proposal=row, frozen_by=row.created_by, frozen_at=row.created_at, **text) for row in made
        )
        Involvement.objects.bulk_create(
            Involvement(case=r.case, person=r.created_by, part=Part.LEAD, agency=self.health, since=r.created_at)
            for r in made
        )
        self._grants(numbers, made)

    def _call(self, place: int) -> Call:
        opens = clock.now() - timedelta(days=400, minutes=place)
        return Call.objects.create(
            reference=f"call-{place}", title=f"Call number {place}", purpose="Try.", who_can_apply="All.",
            stage=Stage.EXPLORE, ceiling=10**8, opens_at=opens, closes_at=opens + timedelta(days=30), state="approved",
            created_by=self.officer, approved_by=self.head, budget_line=self.line,
        )  # fmt: skip

    def _proposal(self, number: int, call: Call | None) -> Proposal:
        state = STATES[number % len(STATES)]
        sent = state != ProposalState.DRAFT
        at = clock.now() - timedelta(days=300, seconds=number * 7 % 1_000_003)
        return Proposal(
            case=UUID(int=number + 1), title=TITLES[number % 3].format(number), call=call, lead_agency=self.health,
            created_by=self.lead if number < OWN else self.other, created_at=at, updated_at=at, state=state,
            **({"submitted_at": at, "number": number, "reference": f"call-{number}"} if sent else {}),
        )  # fmt: skip

    def _grants(self, numbers: range, made: list[Proposal]) -> None:
        today = clock.today()
        grants = Grant.objects.bulk_create(
            Grant(
                case=row.case, reference=f"g-{number}", title=row.title, line=self.line, lead_agency=self.health,
                lead=row.created_by, sponsor=self.sponsor, amount=100_000, offered_at=row.created_at, ends_on=today,
                offer_expires_at=row.created_at + timedelta(days=14), agreement=AGREEMENT, agreement_sha256="0" * 64,
                signed_by_lead_at=row.created_at, signed_by_sponsor_at=row.created_at, starts_on=today,
                state=GrantState.ACTIVE if number < WAITING else GrantState.COMPLETED,
            )
            for number, row in zip(numbers, made, strict=True)
        )  # fmt: skip
        Tranche.objects.bulk_create(
            Tranche(
                grant=grant, position=1, amount=100_000,
                state=TrancheState.RELEASABLE if number < WAITING else TrancheState.LOCKED,
            )
            for number, grant in zip(numbers, grants, strict=True)
        )  # fmt: skip

    def ledger(self, size: int) -> BudgetLine:
        """Return a line with `size` allocations."""
        line, at = self._line(f"bench-{size}"), clock.now()
        for start in range(1, size + 1, BATCH):
            LedgerEntry.objects.bulk_create(
                LedgerEntry(
                    line=line, seq=n, kind=EntryKind.ALLOCATION, amount=1, source=f"{line.code}:{n}", balance_after=n,
                    at=at, by=self.officer,
                )
                for n in range(start, min(start + BATCH, size + 1))
            )  # fmt: skip
        return line

    def balance(self, line: BudgetLine) -> int:
        """Write one entry to a line, and return what is available after it."""
        return ledger.allocate(line=line, amount=1, source=f"{line.code}:{uuid4().hex}", by=self.officer).balance_after


def chain(entries: int, streams: int = 1000) -> None:
    """Write `entries` true links of the trail, spread over `streams` objects."""
    TrailStream.objects.bulk_create([TrailStream(key=f"bench:{n}") for n in range(streams)], batch_size=BATCH)
    at, text, salt = clock.now(), '{"changes":{"state":["draft","submitted"]},"note":""}', "0" * 32
    digest = trail.payload_digest(salt, text)
    for stream in TrailStream.objects.filter(key__startswith="bench:"):
        rows = []
        for seq in range(1, entries // streams + 1):
            link = trail.entry_hash(seq, stream.head_hash, None, "submit", at, digest)
            rows.append(
                TrailEntry(
                    stream=stream, seq=seq, action="submit", at=at, payload_digest=digest,
                    previous_hash=stream.head_hash, hash=link,
                )
            )  # fmt: skip
            stream.head_seq, stream.head_hash = seq, link
        TrailEntry.objects.bulk_create(rows)
        TrailPayload.objects.bulk_create(TrailPayload(entry=row, salt=salt, text=text) for row in rows)
        stream.save()
