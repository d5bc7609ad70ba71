"""After the release the team's letter, page, mails and files hold what was decided and released, and nothing beside."""

import re
from io import BytesIO

import pikepdf
from django.test import Client
from django.urls import reverse
from pypdf import PdfReader

from documents.services import read_file
from evaluation.enums import Choice
from evaluation.inputs import name_of_review, name_of_reviewer
from evaluation.models import Letter, RankingRun, Review, Score
from evaluation.queries import agreeable
from evaluation.services import decide
from evaluation.services import panel as consensus
from lifecycle.performing import perform
from people.models import Notification, User

from .. import stages
from ..conftest import new_proposal
from .appeals import make_letters

HALVES = (9, 3, 7, 5, 8)  # of one reviewer, by criterion: no mean of the three is one of these shown alone
SECRETS = ("Canaryname", "canarymail", "Canarynumber", "Canaryreason", "Canarystrength", "Canarydissent")


def marked(panel):
    """Put a canary into every name, address and number of who judges."""
    people = [*panel["reviewers"], *panel["board"], panel["chair"]]
    for number, person in enumerate(people):
        User.objects.filter(pk=person.pk).update(
            full_name=f"Canaryname {number}", email=f"canarymail{number}@x.example",
            employee_number=f"Canarynumber{number}",
        )  # fmt: skip


def everything_in(pdf):
    """Return all words, metadata and decoded streams of a PDF as one text."""
    words = " ".join(page.extract_text() for page in PdfReader(BytesIO(pdf)).pages)
    with pikepdf.open(BytesIO(pdf)) as opened:
        raw = [opened.Root.Metadata.read_bytes(), repr(dict(opened.docinfo)).encode()]
        for found in opened.objects:
            raw.append(found.read_bytes() if isinstance(found, pikepdf.Stream) else str(found).encode())
    return words + b"\n".join(raw).decode("utf-8", "replace")


def pages_of(person, proposal, letter):
    client = Client()
    client.force_login(person)
    paths = ("/", "/inbox/", proposal.get_absolute_url(), letter.get_absolute_url(), reverse("proposal_list"),
             reverse("letters", args=[proposal.case]))  # fmt: skip
    return [client.get(path).content.decode() for path in paths]


def test_no_name_score_or_pseudonym_of_who_judged_leaves_with_the_letter(funded_call, cast, panel):
    made = [stages.check(new_proposal(funded_call, cast, title), cast) for title in ("Ours", "Beside")]
    stages.judge(made[0], cast, panel["reviewers"], (HALVES, (7, 7, 8, 7, 7), (8, 6, 8, 7, 7)))
    stages.judge(made[1], cast, panel["reviewers"])
    talked = perform(stages.fresh(made[0]), "moderate", by=panel["chair"])
    for criterion in funded_call.criteria.filter(pk__in=agreeable(talked)):
        consensus.settle(talked, by=panel["chair"], criterion=criterion.pk, halves=6, reason="Canaryreason")
    stages.ranking.run(stages.fresh(made[0]), by=cast["secretariat"])
    for row in made:
        fresh = perform(stages.fresh(row), "not_recommend", by=panel["chair"], note="Canaryreason")
        fresh = perform(fresh, "bring_to_board", by=cast["secretariat"])
        for member, choice in zip(panel["board"], (Choice.DECLINE,) * 3 + (Choice.APPROVE,), strict=True):
            reason = "Too few are served." if choice == Choice.DECLINE else "Canarydissent"
            decide.vote(fresh, by=member, choice=choice, reason=reason)
        decide.decline(stages.fresh(row), by=panel["board"][0])
    marked(panel)
    Review.objects.update(strength="Canarystrength")
    Score.objects.update(reason="It is released as it is.")
    stages.tell(stages.fresh(made[0]), cast, panel["chair"])
    make_letters()
    ours, letter = stages.fresh(made[0]), Letter.objects.get(proposal=made[0])
    told = Notification.objects.filter(person__in=[cast["lead"], cast["colleague"]])
    mails = [f"{row.subject} {row.body} {row.path} {row.key}" for row in told]
    texts = [letter.content, letter.file.original_name, everything_in(read_file(letter.file)), *mails,
             *pages_of(cast["lead"], ours, letter), *pages_of(cast["sponsor"], ours, letter)]  # fmt: skip
    names = [name_of_review(review) for review in Review.objects.all()]
    names += [name_of_reviewer(funded_call, person.pk) for person in panel["reviewers"]]
    for text in texts:
        assert [text[max(0, text.find(one) - 60) :][:200] for one in (*SECRETS, *names) if one in text] == []
    said = RankingRun.objects.last().said
    own = [row for row in said["stability"] if row["proposal"] == ours.reference]
    numbers = set(re.findall(r"\d+\.\d+", letter.content))
    assert numbers & {f"{row['merit']:.1f}" for row in own} == set()  # three of them would tell the three scores
    assert numbers & {"4.5", "1.5", "3.5"} == set()
    assert "Whichever one of its reviews is left out" in letter.content
    assert "Too few are served." in letter.content
    assert "It is released as it is." in letter.content
    assert stages.WHOLE["weakness"] in letter.content
