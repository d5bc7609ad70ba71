"""The access matrix: every route, who opens it, who sees the object and is forbidden; all others get 404."""

from documents.services import store_file
from evaluation.models import Review
from evaluation.services import appeals, decision_files, matching, ranking
from fund.services import call_setup
from fund.services.calls import add_call
from lifecycle import clock, jobs
from lifecycle.models import Job
from lifecycle.performing import perform
from people.enums import Role
from people.services import delegates
from people.services.notify import notify
from proposals.services import information, outside, submitting

from .. import conftest, factories, sparks, stages
from ..evaluation import appeals as declining
from ..fund.paths import paid
from ..proposals.test_attachments import attach, upload
from ..remembering import remembered
from .pages import PUBLIC, Access
from .recognition import RECOGNITION_PAGES, incentives_world
from .table_money import MONEY, TEAM, money_world

SPONSORS = ("sponsor", "sponsor2")
OFFICE = ("secretariat", "head", "auditor")
OUT = (  # of agencies outside the team
    "out_reviewer", "out_chair", "out_board", "out_verifier", "out_classifier", "out_appeals",
)  # fmt: skip
WATCHES = ("out_chair", "secretariat", "auditor")  # they read what the chair does with the reviews

MATCHING = {"load_min": 0, "load_max": 6, "preferred": 3, "maximin": True}

MATRIX = {
    "home": Access(),
    "help": Access(who=PUBLIC),
    "inbox": Access(),
    "open_message": Access(args=("message",), who=("lead",), get=False),
    "account": Access(),
    "second_factor": Access(),
    "job": Access(args=("job",), who=("lead",)),
    "own_file": Access(args=("file",), who=("lead",)),
    "delegates": Access(who=SPONSORS),
    "delegate_end": Access(args=("delegation",), who=("sponsor",), get=False),
    "act": Access(args=("label", "proposal_pk", "withdraw"), who=("lead",), forbidden=("colleague",)),
    "role_list": Access(who=("administrator", "auditor"), posters=()),
    "role_grant": Access(who=("administrator",), forbidden=("auditor",)),
    "role_end": Access(args=("role",), who=("administrator",), forbidden=("auditor",)),
    "register": Access(who=("administrator", "rcsc")),
    "register_file": Access(args=("case",), who=()),
    "register_import": Access(args=("case",), who=(), get=False),
    "live": Access(who=PUBLIC),
    "ready": Access(who=PUBLIC),
    "call_list": Access(who=PUBLIC),
    "call_detail": Access(args=("hidden_call",), who=OFFICE),
    "call_new": Access(who=("secretariat",)),
    "call_subscriptions": Access(),
    "call_questions": Access(args=("open_call",), who=PUBLIC),
    "call_preview": Access(args=("hidden_call",), who=OFFICE),
    "call_form": Access(args=("hidden_call",), who=OFFICE, posters=()),
    "call_form_part": Access(args=("hidden_call", "questions"), who=OFFICE),
    "call_set_up": Access(args=("hidden_call",), who=("secretariat",), forbidden=("head", "auditor")),
    "call_check": Access(args=("hidden_call",), who=OFFICE, posters=("secretariat",)),
    "call_task": Access(args=("hidden_call", "criteria"), who=("secretariat",), forbidden=("head", "auditor")),
    "call_question_new": Access(args=("hidden_call",), who=("secretariat",), forbidden=("head", "auditor")),
    "call_question": Access(
        args=("hidden_call", "question"), who=("secretariat",), forbidden=("head", "auditor")
    ),
    "call_people": Access(args=("hidden_call",), who=OFFICE, posters=("head",)),
    "call_extend": Access(args=("open_call",), who=("secretariat",), forbidden=("head", "auditor")),
    "run_sheet": Access(args=("open_call",), who=OFFICE),
    "call_practice": Access(args=("open_call",), who=OFFICE, posters=("secretariat",)),
    "practices": Access(
        who=(*OFFICE, "reviewer", "chair", "board", "out_reviewer", "out_chair", "out_board"), posters=()
    ),
    "proposal_start": Access(args=("open_call",)),
    "proposal_list": Access(),
    "proposal_detail": Access(args=("case",), who=TEAM),
    "proposal_team": Access(args=("case",), who=TEAM),
    "proposal_join": Access(args=("case",), who=TEAM),
    "proposal_leave": Access(args=("case",), who=TEAM, get=False),
    "proposal_partners": Access(args=("case",), who=TEAM),
    "proposal_partner": Access(args=("case", "partner"), who=TEAM),
    "proposal_outside_add": Access(args=("case",), who=TEAM),
    "proposal_outside": Access(args=("case", "outside"), who=TEAM),
    "proposal_data_add": Access(args=("case",), who=TEAM),
    "proposal_data": Access(args=("case", "data_need"), who=TEAM),
    "proposal_attachments": Access(args=("case",), who=TEAM),
    "proposal_attachment_change": Access(args=("case", "attachment"), who=TEAM),
    "proposal_attachment": Access(
        args=("attached", "frozen_file"), who=(*TEAM, *SPONSORS, *OFFICE), posters=()
    ),
    "proposal_check": Access(args=("case",), who=TEAM),
    "proposal_endorse": Access(args=("awaiting",), who=SPONSORS, forbidden=TEAM),
    "proposal_submit": Access(args=("awaiting",), who=("lead",), forbidden=("colleague", *SPONSORS)),
    "proposal_submitted": Access(args=("submitted",), who=(*TEAM, *SPONSORS, *OFFICE)),
    "proposal_receipt": Access(args=("submitted",), who=(*TEAM, *SPONSORS, *OFFICE)),
    "proposal_first_check": Access(
        args=("screening",), who=("secretariat",), forbidden=(*TEAM, *SPONSORS, "head", "auditor")
    ),
    "proposal_recall": Access(args=("awaiting",), who=("lead",), forbidden=("colleague", *SPONSORS)),
    "proposal_delete": Access(args=("case",), who=("lead",), forbidden=("colleague",)),
    "remind_agency": Access(
        args=("awaiting", "agency"), who=("lead",), forbidden=("colleague", *SPONSORS), get=False
    ),
    "late_answers": Access(who=("secretariat", "head")),
    "section_history": Access(args=("case", "problem"), who=TEAM),
    "info_ask": Access(
        args=("screening",), who=("secretariat",), forbidden=(*TEAM, *SPONSORS, "head", "auditor")
    ),
    "info_answer": Access(args=("questioned",), who=("lead",), forbidden=("colleague", *SPONSORS, *OFFICE)),
    "late_decisions": Access(who=("board", "out_board", *OFFICE), posters=()),
    "spark_start": Access(args=("spark_call",)),
    "spark_idea": Access(args=("spark_draft",), who=("lead",)),
    "spark_money": Access(args=("spark_draft",), who=("lead",)),
    "spark_questions": Access(args=("spark_asked",), who=("lead",)),
    "spark_approver": Access(args=("spark_draft",), who=("lead",)),
    "spark_send": Access(args=("spark_draft",), who=("lead",)),
    "defer": Access(args=("pending",), who=("out_board",), forbidden=(*OFFICE, "out_chair")),
    "small_decide": Access(
        args=("spark_pending",), who=("out_board",), forbidden=("lead", "sponsor", *OFFICE, "out_chair")
    ),
    "small_agency": Access(args=("spark_sent",), who=("sponsor",), forbidden=("lead", *OFFICE)),
    "board_limit": Access(who=("board", "out_board", *OFFICE), posters=("board", "out_board")),
    "section": Access(args=("case", "people"), who=TEAM),
    "ranking": Access(
        args=("open_call",), who=("secretariat", "auditor", "chair", "board", "out_chair", "out_board"),
        posters=("secretariat",),
    ),
    "ranking_run": Access(
        args=("open_call", 1), who=("secretariat", "auditor", "chair", "board", "out_chair", "out_board"), posters=()
    ),
    "conflicts": Access(args=("open_call",), who=OFFICE, posters=()),
    "judging_sheet": Access(
        args=("open_call", "reviews"), who=("secretariat", "auditor", "chair", "out_chair"), get=False
    ),
    "reserve_list": Access(
        args=("open_call",), who=("secretariat", "auditor", "chair", "board", "out_chair", "out_board"), posters=()
    ),
    "lots": Access(args=("open_call",), who=PUBLIC, posters=("secretariat", "head")),
    "panel": Access(args=("open_call",), who=("secretariat", "auditor", "chair", "board", "out_chair", "out_board")),
    "assign_reviewers": Access(
        args=("eligible",), who=("secretariat",), forbidden=("head", "auditor", "out_chair", "out_board")
    ),
    "panel_names": Access(args=("open_call",), who=("secretariat",)),
    "assign_all": Access(args=("open_call",), who=("secretariat",)),
    "assignment": Access(args=("matching",), who=("secretariat",)),
    "my_expertise": Access(who=("reviewer", "out_reviewer")),
    "team_names": Access(
        args=("eligible",), who=("lead",), forbidden=("colleague", *SPONSORS, *OFFICE, "out_chair", "out_board")
    ),
    "objections": Access(
        args=("eligible",), who=("secretariat", "head"), forbidden=("auditor", "out_chair", "out_board")
    ),
    "permissions": Access(args=("eligible",), who=("out_chair",), forbidden=(*OFFICE, "out_board")),
    "consensus": Access(
        args=("moderated",), who=("out_chair",), forbidden=(*OFFICE, "out_board")
    ),
    "moderation_queue": Access(args=("open_call",), who=("secretariat", "auditor", "chair", "out_chair")),
    "moderation_notes": Access(
        args=("moderated",), who=WATCHES, posters=("out_chair",), forbidden=("head", "out_board")
    ),
    "feedback": Access(
        args=("moderated",), who=WATCHES, posters=("out_chair",), forbidden=("head", "out_board")
    ),
    "review_return": Access(
        args=("review",), who=("out_chair",), forbidden=("out_reviewer", "secretariat", "auditor")
    ),
    "review_recuse": Access(args=("review",), who=("out_reviewer",), forbidden=("out_chair", "secretariat", "auditor")),
    "review_history": Access(args=("review",), who=("out_reviewer", *WATCHES), posters=()),
    "vote": Access(args=("pending",), who=("out_board",), forbidden=(*OFFICE, "out_chair")),
    "letters": Access(args=("refused",), who=(*TEAM, *SPONSORS, *OFFICE), posters=()),
    "letter": Access(args=("refused", "letter"), who=(*TEAM, *SPONSORS, *OFFICE), posters=()),
    "letter_pdf": Access(args=("refused", "letter"), who=(*TEAM, *SPONSORS, *OFFICE), posters=()),
    "appeal_lodge": Access(
        args=("refused",), who=("lead",),
        forbidden=("colleague", *SPONSORS, *OFFICE, "out_reviewer", "out_chair", "out_board"),
    ),
    "decision_file": Access(args=("refused",), who=("secretariat", "auditor")),
    "decision_file_pdf": Access(args=("refused", "decision_file"), who=("secretariat", "auditor"), posters=()),
    "appeals": Access(who=(*OFFICE, "appeals", "out_appeals"), posters=()),
    "appeal": Access(args=("admitted",), who=(*TEAM, *OFFICE, "out_appeals"), posters=()),
    "appeal_file": Access(args=("admitted",), who=(*TEAM, *OFFICE, "out_appeals"), posters=()),
    "appeal_assign": Access(args=("admitted",), who=("out_appeals",), forbidden=(*TEAM, *OFFICE)),
    "appeal_outcome": Access(args=("heard",), who=("out_appeals",), forbidden=(*TEAM, *OFFICE)),
    "my_reviews": Access(),
    "review_example": Access(who=("reviewer", "out_reviewer")),
    "review": Access(
        args=("review",), who=("out_reviewer", "out_chair", "secretariat", "auditor"), posters=("out_reviewer",)
    ),
    "review_file": Access(args=("blind_review", 1), who=("out_reviewer",), posters=()),
    **MONEY,
    **RECOGNITION_PAGES,
}  # fmt: skip
# allauth's own pages: who may open them is allauth's rule; here only that none breaks and none leaks.
ALLAUTH = {
    "account_change_password", "account_confirm_email", "account_confirm_login_code",
    "account_email", "account_email_verification_sent",
    "account_inactive", "account_login", "account_logout", "account_reauthenticate", "account_reset_password",
    "account_reset_password_done", "account_reset_password_from_key", "account_reset_password_from_key_done",
    "account_set_password", "account_signup", "mfa_activate_totp", "mfa_authenticate", "mfa_deactivate_totp",
    "mfa_download_recovery_codes", "mfa_generate_recovery_codes", "mfa_index", "mfa_reauthenticate",
    "mfa_view_recovery_codes",
}  # fmt: skip


def delegation(cast):
    agency = cast["sponsor"].snapshots.get().agency
    person = factories.civil_servant("delegate@x.example", agency)
    until = clock.shift(days=3)
    return delegates.name_delegate(by=cast["sponsor"], agency=agency, person=person, since=None, until=until, reason="")


def judging_world(call, cast, panel):
    """One proposal on the board's sheet, one talked over, one waiting for reviewers."""

    def new(title):
        return stages.check(conftest.new_proposal(call, cast, title), cast)

    pending = stages.to_board(stages.judge(new("Pending"), cast, panel["reviewers"]), cast, panel["chair"])
    moderated = perform(stages.judge(new("Moderated"), cast, panel["reviewers"]), "moderate", by=panel["chair"])
    return {
        "pending": pending.case, "moderated": moderated.case, "eligible": new("Eligible").case,
        "review": Review.objects.get(proposal=pending, reviewer=panel["reviewers"][0]).pk,
        "matching": matching.start(call, by=cast["secretariat"], **MATCHING).pk,
    }  # fmt: skip


def told_world(cast, line, panel):
    """Three refusals that the teams were told: one as it is, one with an appeal to be given away, one being heard."""
    call = factories.open_call(cast["secretariat"], cast["head"], reference="told", budget_line=line)
    made = [stages.check(conftest.new_proposal(call, cast, f"Told {number}"), cast) for number in (1, 2, 3)]
    for proposal in made:
        stages.judge(proposal, cast, panel["reviewers"])
    ranking.run(stages.fresh(made[0]), by=cast["secretariat"])
    for proposal in made:
        row = perform(stages.fresh(proposal), "recommend", by=panel["chair"])
        declining.decline(perform(row, "bring_to_board", by=cast["secretariat"]), panel)
    stages.tell(stages.fresh(made[0]), cast, panel["chair"])
    refused, second, third = map(stages.fresh, made)
    officer = cast["out_appeals"]
    job = decision_files.ask(refused, by=cast["auditor"])
    jobs.run(job.pk)
    admitted = appeals.admit(declining.lodge(second, cast, upload=upload()), by=officer, note="A fact.")
    return {
        "refused": refused.case, "letter": refused.letters.get().pk, "admitted": admitted.pk,
        "decision_file": decision_files.files_of(refused)[0].pk, "heard": declining.assigned(third, cast, officer).pk,
    }  # fmt: skip


def blind_world(cast, line, panel):
    """A review of a proposal with a file in a call that hides names, begun by the outside reviewer."""
    call = factories.open_call(
        cast["secretariat"], cast["head"], reference="blind", names_hidden=True, budget_line=line
    )
    proposal = conftest.new_proposal(call, cast, "Blind")
    attach(proposal, cast["lead"])
    proposal = stages.assign(stages.check(proposal, cast), cast, panel["reviewers"][:1])
    return {"blind_review": proposal.reviews.get().pk}


def spark_world(cast, line, panel):
    """A Spark call with one idea being written, one sent, one waiting for its decision; another that asks more."""
    call, asking = sparks.spark_call(cast, line), sparks.asking_call(cast, line)
    pending = sparks.judged(
        sparks.sent(call, cast["lead"], title="Pending"), cast["secretariat"], panel["reviewers"][:2]
    )
    return {
        "spark_asked": sparks.draft(asking, cast["lead"], title="Asked").case,
        "spark_call": call.reference, "spark_draft": sparks.draft(call, cast["lead"], title="Draft").case,
        "spark_sent": sparks.sent(call, cast["lead"], title="Sent").case, "spark_pending": pending.case,
    }  # fmt: skip


@remembered
def world(proposal, funded_call, cast, panel, agencies, grant, line, points_policy):
    """Return name of argument -> value, with an object in the state that each route asks for."""
    paid(cast, grant, 1)
    cast["out_reviewer"], cast["out_chair"], cast["out_board"] = (
        panel["reviewers"][0], panel["chair"], panel["board"][0],
    )  # fmt: skip
    cast["out_verifier"] = conftest.officers(Role.VERIFIER, agencies["farms"], 1)[0]
    cast["out_appeals"] = conftest.officers(Role.APPEALS, agencies["farms"], 1)[0]
    cast["out_classifier"] = conftest.officers(Role.CLASSIFIER, agencies["farms"], 1)[0]
    hidden = add_call(
        by=cast["secretariat"], reference="hidden", title="Not yet", purpose="p", who_can_apply="w", stage="explore",
        ceiling=1, opens_at=funded_call.opens_at, closes_at=funded_call.closes_at,
    )  # fmt: skip
    question = {"kind": "choice", "text": "Where?", "choices": ["Town", "Village"]}
    question = call_setup.save_question(hidden, by=cast["secretariat"], question=None, values=question)
    table = {"kind": "table", "text": "Who helps?", "columns": ["Name", "Days"]}
    table |= {"shown_if": question, "shown_value": "Village"}
    call_setup.save_question(hidden, by=cast["secretariat"], question=None, values=table)
    awaiting = stages.await_agreement(conftest.new_proposal(funded_call, cast, "Awaiting"), cast)
    submitted = stages.submit(conftest.new_proposal(funded_call, cast, "Submitted"), cast)
    screening = stages.screen(conftest.new_proposal(funded_call, cast, "Screening"), cast)
    questioned = stages.screen(conftest.new_proposal(funded_call, cast, "Questioned"), cast)
    information.ask(questioned, by=cast["secretariat"], fields=("people.served",), question="How many?", days=5)
    attached = conftest.new_proposal(funded_call, cast, "With a file")
    frozen = attach(attached, cast["lead"])
    stages.submit(attached, cast)
    by = {"by": cast["lead"]}
    firm = {"name": "Firm", "kind": "firm", "contribution": "Days", "interests": "None known", "letter": None}
    needed = {"dataset": "Births", "owner": agencies["digital"], "answer": "asked"}
    job = Job.objects.get(name="proposals.make_receipt", key=submitting.receipt_key(submitted))
    file = store_file(content=b"x", name="x.csv", content_type="text/csv", kind="export", owner_id=cast["lead"].pk)
    return {
        "case": proposal.case, "proposal_pk": proposal.pk, "label": "proposals.proposal",
        "open_call": funded_call.reference, "hidden_call": hidden.reference, "partner": proposal.partners.get().pk,
        "question": question.pk,
        "agency": proposal.lead_agency_id,
        "message": notify(person=cast["lead"], key="m", subject="s", body="b").pk, "awaiting": awaiting.case,
        "attached": attached.case, "frozen_file": frozen.pk, "attachment": attach(proposal, cast["lead"]).pk,
        "outside": outside.save_partner(proposal, partner=None, **by, **firm).pk,
        "data_need": outside.save_data_need(proposal, need=None, **by, **needed).pk,
        "submitted": submitted.case, "screening": screening.case, "job": job.pk, "file": file.pk,
        "role": cast["hr"].role_grants.get().pk, "delegation": delegation(cast).pk,
        "grant": grant.case, "line": grant.line.code, "policy": points_policy.name,
        "questioned": questioned.case, **spark_world(cast, line, panel),
        **blind_world(cast, line, panel), **told_world(cast, line, panel),
        **judging_world(funded_call, cast, panel), **incentives_world(cast, grant, line),
        **money_world(cast, grant),
    }  # fmt: skip
