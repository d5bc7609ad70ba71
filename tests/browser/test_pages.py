"""Every route and every template in Chromium at both widths: axe with no rule ignored, focus, spacing, titles, help."""

import time
from datetime import timedelta
from pathlib import Path

import pytest
from allauth.account.internal.flows import login
from allauth.mfa.models import Authenticator
from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from allauth.mfa.totp.internal.auth import TOTP, generate_totp_secret
from django.conf import settings
from django.contrib.sessions.backends.db import SessionStore
from django.core.exceptions import SuspiciousOperation
from django.test.signals import template_rendered
from django.urls import reverse

from evaluation.models import Review, Score
from evaluation.services import reviewing
from fund.services import call_setup, calls
from incentives.hr_queries import Wanted
from incentives.models import LearningRecord, PointEvent
from incentives.services import files, versions
from lifecycle import clock, jobs
from lifecycle.models import Job
from lifecycle.performing import perform
from people.services.notify import notify
from proposals.models import Proposal

from .. import conftest, factories, stages
from ..harness.matrix import ALLAUTH, MATRIX, world  # noqa: F401  (the fixture)
from ..harness.pages import PUBLIC, SIGNED_IN
from ..harness.recognition import agree
from .looking import Site, Visitor

FOLDER = Path(settings.BASE_DIR) / "templates"
WIDTHS = (320, 1280)
OFFICE = ("secretariat", "auditor")  # beside the first of the table: who sees the most, and who may do the most
NOT_PAGES = {
    "live", "ready", "own_file", "proposal_attachment", "review_file", "decision_file_pdf", "appeal_file",
    "receipt_file", "evidence_file", "payment_file", "outcome_file",
}  # fmt: skip
KEYED = {"account_confirm_email", "account_reset_password_from_key"}  # addresses with a key of their own
NO_PAGE = {"mfa_download_recovery_codes"}
WITH_FACTOR = {"mfa_deactivate_totp", "mfa_generate_recovery_codes", "mfa_view_recovery_codes"}
LATE = {"account_logout", "account_inactive", "account_login", "account_signup", "account_reset_password"}


@pytest.fixture
def rendered():
    """Return the names of our templates that were rendered, as they are."""
    names = set()

    def note(template, **kwargs):
        path = Path(template.origin.name) if template.origin else None
        if path is not None and path.is_relative_to(FOLDER):
            names.add(path.relative_to(FOLDER).as_posix())

    template_rendered.connect(note)
    yield names
    template_rendered.disconnect(note)


@pytest.fixture
def site(transactional_db, own_data_folder):
    made = Site()
    yield made
    made.stop()


def commented_draft(cast):
    data = versions.standard_policy() | {"version": "FT-2027.1"}
    policy = versions.add_draft(by=cast["rcsc"], data=data, valid_from=clock.today() + timedelta(days=200))
    versions.comment(policy, by=cast["lead"], text="Mentoring deserves more.")
    return policy


@pytest.fixture
def states(world, cast, panel, funded_call, grant):  # noqa: F811
    """Return address -> path of the states that the table of routes does not hold."""
    agreed = stages.agree_all(stages.await_agreement(conftest.new_proposal(funded_call, cast, "Agreed"), cast), cast)
    refused = stages.screen(conftest.new_proposal(funded_call, cast, "Refused"), cast)
    met = stages.MET | {next(iter(stages.MET)): (False, "The measure has no source.")}
    stages.checking.record_results(refused, by=cast["secretariat"], results=met)
    differs = Review.objects.filter(proposal__case=world["moderated"]).first()
    Score.objects.filter(review=differs).update(halves=4)  # the panel is asked to agree where reviewers differ
    judged = stages.assign(stages.check(conftest.new_proposal(funded_call, cast, "Judged"), cast), cast,
                           panel["reviewers"][:1])  # fmt: skip
    asked = reviewing.assign(judged, by=cast["secretariat"], reviewer=panel["reviewers"][1])
    conftest.note_work(grant, cast["lead"], cast["colleague"])
    agree(grant, cast)
    draft = conftest.new_proposal(funded_call, cast, "Clashing")
    for number in range(51):
        notify(person=cast["lead"], key=f"p{number}", subject=f"Message {number}", body="Text")
    notify(person=cast["colleague"], key="one", subject="For you", body="Text", path="/calls/")
    job = files.ask_for_cohort(by=cast["rcsc"], wanted=Wanted(), why="an audit")
    assert jobs.run(job.pk)
    waiting = files.ask_for_annex(by=cast["rcsc"], person=cast["lead"], why="an audit")
    failed = files.ask_for_annex(by=cast["rcsc"], person=cast["colleague"], why="an audit")
    Job.objects.filter(pk=failed.pk).update(state="failed", message="It could not be made. Ask for it again.")
    recalled = stages.agree_all(
        stages.await_agreement(conftest.new_proposal(funded_call, cast, "Recalled"), cast), cast
    )
    recalled = perform(recalled, "recall", by=cast["lead"])
    returned = calls.hand_over(factories.make_call(cast["secretariat"], reference="returned"), by=cast["secretariat"])
    returned = calls.give_back(returned, by=cast["head"], note="Say skip.")
    rules = {"funding_rule": "skip", "lots_rule": "exact_ties", "quorum": 3, "reserve_months": 6}
    call_setup.save_task(returned, by=cast["secretariat"], task="rules", values=rules, done=True)
    protected = LearningRecord.objects.filter(grant__case=world["shared"])
    protected.update(facts_confirmed_at=clock.now(), facts_confirmed_by=cast["out_verifier"])
    counted = PointEvent.objects.first()
    counted.pk, counted.case, counted.code, counted.source = None, world["shared"], "F1", "a failure that counts"
    counted.save(force_insert=True)
    case = {"draft": draft, "agreed": agreed, "refused": refused, "judged": judged, "recalled": recalled}
    return {
        **{name: proposal.get_absolute_url() for name, proposal in case.items()},
        **{name: f"/proposals/{world[name]}/" for name in ("spark_draft", "spark_sent", "spark_pending")},
        "writing": Review.objects.get(proposal=judged, reviewer=panel["reviewers"][0]).get_absolute_url(),
        "asked": asked.get_absolute_url(),
        "claimable": f"/results/{grant.case}/", "record": f"/learning/{world['unwritten']}/",
        "protected": f"/learning/{world['shared']}/",
        "unshared": f"/grants/{world['unwritten']}/shares/",
        "made": reverse("job", args=[job.pk]), "waiting": reverse("job", args=[waiting.pk]),
        "failed": reverse("job", args=[failed.pk]), "policy_draft": commented_draft(cast).get_absolute_url(),
        "invalidate": reverse("act", args=[
            "evaluation.review", Review.objects.filter(proposal__case=world["moderated"]).first().pk, "invalidate",
        ]),
    }  # fmt: skip


def path_of(name, world):  # noqa: F811
    return reverse(name, args=[world.get(arg, arg) for arg in MATRIX[name].args])


def people_for(access):
    """Return who looks at a route: the first of the table, who may act there, and the office where it sees it."""
    if access.who == PUBLIC:
        return [None, "lead"]
    if access.who == SIGNED_IN:
        return ["lead", "secretariat"]
    chosen = [*access.who[:1], *list(access.may_post)[:1], *(name for name in OFFICE if name in access.who)]
    return list(dict.fromkeys(chosen))


def signed_in_by_password(visitor, person):
    """Note in the visitor's session that the password was just typed, as pages of the second factor ask."""
    cookie = next(c["value"] for c in visitor.context.cookies() if c["name"] == settings.SESSION_COOKIE_NAME)
    session = SessionStore(cookie)
    session[login.AUTHENTICATION_METHODS_SESSION_KEY] = [
        {"method": "password", "at": time.time(), "reauthenticated": True}
    ]
    session[login._AUTHENTICATION_METHODS_USER_SESSION_KEY] = str(person.pk)
    session.save()


# route or state, who, what is typed: each page comes back with its errors
ERRORS = (
    ("proposal_start", "lead", {}), ("draft:measure/", "lead", {"baseline": "many", "stop_date": ""}),
    ("proposal_team", "lead", {"who": "nobody"}), ("proposal_partners", "lead", {}), ("proposal_partner", "lead", {}),
    ("proposal_endorse", "sponsor", {}), ("agreed:submit/", "lead", {}), ("proposal_first_check", "secretariat", {}),
    ("grant_note", "lead", {}), ("grant_stop", "lead", {}), ("milestone_submit", "lead", {}),
    ("report_submit", "lead", {}), ("payment_account", "lead", {}), ("consensus", "out_chair", {}),
    ("moderation_notes", "out_chair", {}), ("feedback", "out_chair", {"strength": "", "weakness": ""}),
    ("vote", "out_board", {}), ("writing:", "out_reviewer", {}), ("asked:", "second_reviewer", {}),
    ("writing:recuse/", "out_reviewer", {}),
    ("claimable:claim/", "lead", {}), ("outcome_verify", "out_verifier", {}),
    ("learning_classify", "out_classifier", {}), ("nominate", "colleague", {}), ("unshared:", "lead", {}),
    ("invalidate:", "secretariat", {}), ("register", "rcsc", {}),
    ("hr_fact", "hr", {}), ("nomination_result", "rcsc", {}),
    ("nominate_report", "sponsor", {}), ("policy_draft:", "lead", {}),
    ("account_login", None, {"login": "lead@x.example", "password": "wrong"}),
)  # fmt: skip
# state or path, who: further states of pages that the table of routes opens in one state only
STATES = (
    ("agreed:", "lead"), ("agreed:submit/", "lead"), ("refused:", "lead"), ("refused:", "head"),
    ("judged:", "secretariat"), ("judged:reviewers/", "secretariat"), ("writing:", "out_reviewer"),
    ("asked:", "second_reviewer"), ("claimable:claim/", "lead"), ("record:", "lead"), ("made:", "rcsc"),
    ("protected:", "auditor"),
    ("waiting:", "rcsc"), ("failed:", "rcsc"), ("/inbox/?page=2", "lead"), ("/money/", "maker"), ("/", "out_board"),
    ("/", "out_reviewer"), ("/", "hr"), ("/grants/", "secretariat"), ("/me/", "rcsc"),
    ("recalled:problem/", "lead"), ("recalled:team/", "lead"), ("recalled:attachments/", "lead"),
    ("recalled:partners/", "lead"), ("agreed:recall/", "lead"), ("spark_draft:", "lead"), ("spark_sent:", "lead"),
    ("policy_draft:", "lead"), ("policy_draft:", "rcsc"),
    ("/calls/returned/set-up/check/", "secretariat"), ("/calls/returned/set-up/questions/", "secretariat"),
    ("spark_pending:", "lead"), ("spark_pending:", "secretariat"),
)  # fmt: skip
EMPTY = (
    "/", "/proposals/", "/proposals/?q=zzz", "/calls/?q=zzz", "/inbox/", "/grants/", "/grants/?q=zzz", "/reviews/",
    "/my-record/",
)  # fmt: skip


class Walk:
    """Seats people at browsers of one width and gathers what they find."""

    def __init__(self, chromium, site, cast, width, where):
        self.chromium, self.site, self.cast, self.width, self.where = chromium, site, cast, width, where
        self.seated = {}

    def person(self, name):
        if name not in self.seated:
            person = None if name is None else self.cast[name]
            self.seated[name] = Visitor(self.chromium, self.site, person, self.width)
        return self.seated[name]

    def path(self, place):
        state, colon, rest = place.partition(":")
        return self.where[state] + rest if colon else self.where.get(place, place)

    def end(self):
        found = [(who, *fault) for who, visitor in self.seated.items() for fault in visitor.faults]
        for visitor in self.seated.values():
            visitor.context.close()
        return found


def walk_routes(walk):
    for name, access in MATRIX.items():
        if access.get and name not in NOT_PAGES:
            for person in people_for(access):
                if (name, person) != ("call_detail", None):
                    walk.person(person).go(name, walk.where[name])


def walk_states(walk):
    for place, person in STATES:
        walk.person(person).go(place, walk.path(place))
    for path in EMPTY:
        walk.person("newcomer").go(f"empty {path}", path)
    walk.person("rcsc").go("hr_people with nobody", "/verified-records/?q=zzz")
    walk.person("maker").go("budget line filtered", walk.where["budget_line"] + "?kind=release")
    for place, person, values in ERRORS:
        walk.person(person).send(place, walk.path(place), values)


def walk_accounts(walk, cast):
    """Open allauth's pages, without a second factor and with one."""
    for name in sorted(LATE - {"account_logout"}):
        walk.person(None).go(name, reverse(name))
    for name, person in (("plain", cast["exmember"]), ("second factor", cast["protection"])):
        walk.seated[name] = visitor = Visitor(walk.chromium, walk.site, person, walk.width)
        absent = NO_PAGE if name == "second factor" else NO_PAGE | WITH_FACTOR
        for route in sorted(ALLAUTH - KEYED - LATE - absent):
            signed_in_by_password(visitor, person)
            visitor.go(route, reverse(route))
        visitor.go("account_logout", reverse("account_logout"))
    page = walk.person(None).page
    page.goto(walk.site.url + reverse("account_login"))
    page.locator("[name=login]").fill(cast["protection"].email)
    page.locator("[name=password]").fill(factories.PASSWORD)
    with page.expect_navigation():
        page.get_by_role("button", name="Sign in").click()
    walk.person(None).look("mfa_authenticate")


def walk_purpose(walk, cast):
    """Come to people's records without having said why."""
    walk.seated["unasked"] = visitor = Visitor(walk.chromium, walk.site, cast["rcsc"], walk.width, purpose="")
    visitor.go("purpose", reverse("hr_people"))
    visitor.send("purpose", reverse("hr_people"), {})


def walk_clashes(walk):
    """Save over what somebody else has saved: both texts are shown."""
    lead, other = walk.person("lead").page, walk.person("colleague").page
    for name, path, field in (("clash", walk.path("draft:problem/"), "problem"),
                              ("learning clash", walk.path("record:write/"), "saw")):  # fmt: skip
        for page in (lead, other):
            page.goto(walk.site.url + path)
        for page, text in ((other, f"Theirs at {walk.width}"), (lead, f"Mine at {walk.width}")):
            page.locator(f"[name={field}]").fill(text)
            with page.expect_navigation():
                page.locator("main form[novalidate] button").last.click()
        walk.person("lead").look(name, refused=True)
    walk.person("lead").go("history with differences", walk.path("draft:problem/history/"))


def walk_old_forms(walk):
    """Send forms whose token is no longer the session's: a person's text is offered again, a stranger's is not."""
    for name, person, path, field in (("kept text", "lead", walk.path("draft:problem/"), "problem"),
                                      ("old form", None, reverse("account_reset_password"), "email")):  # fmt: skip
        page = walk.person(person).page
        page.goto(walk.site.url + path)
        page.locator(f"[name={field}]").fill("Typed before signing in again")
        form = page.locator("main form[novalidate]").last
        form.locator("[name=csrfmiddlewaretoken]").evaluate("field => field.value = 'x'.repeat(64)")
        with page.expect_navigation():
            form.locator("button").last.click()
        walk.person(person).look(name, refused=True)


def walk_moved_on(walk):
    """Save a text while somebody else withdraws the proposal: the text is shown, with what to do next."""
    path = walk.path("draft:problem/")
    page, draft = walk.person("lead").page, Proposal.objects.filter(case=path.split("/")[2])
    page.goto(walk.site.url + path)
    page.locator("[name=problem]").fill("Typed while it was withdrawn")
    draft.update(state="withdrawn")
    with page.expect_navigation():
        page.locator("main form[novalidate] button").last.click()
    walk.person("lead").look("not taken", refused=True)
    draft.update(state="draft")


COLUMNS = "employee_number,full_name,email,agency,level,level_since,employment_type,manager"


def walk_register(walk):
    page = walk.person("rcsc").page
    tries = (("register with errors", "1", 1), ("register to import", "00123", 1), ("long register", "00123", 300))
    for name, number, times in tries:
        page.goto(walk.site.url + "/register/")
        row = COLUMNS + f"\n{number},Dolma,d@x.example,moh,P3,2024-01-01,regular," * times
        file = {"name": "r.csv", "mimeType": "text/csv", "buffer": row.encode()}
        page.locator("[type=file]").set_input_files(file)
        page.locator("[name=as_of]").fill("2026-11-01")
        with page.expect_navigation():
            page.get_by_role("button", name="Check the file").click()
        walk.person("rcsc").look(name, refused=True)


def walk_refusals(walk, monkeypatch):
    """Open what answers with an error, down to the page of a broken server."""
    walk.person("lead").go("missing", "/missing/", status=404)
    walk.person("colleague").go("forbidden", walk.where["act"], status=403)
    for status, error in ((400, SuspiciousOperation("odd")), (500, RuntimeError("broken"))):

        def broken(*args, error=error, **kwargs):
            raise error

        with monkeypatch.context() as patch:
            patch.setattr("reports.views.Help.get_context_data", broken)
            walk.person("lead").go(f"error {status}", "/help/", status=status)


@pytest.mark.django_db(transaction=True)
def test_every_page_is_fit_for_everybody_at_both_widths(chromium, site, world, states, cast, panel, agencies,  # noqa: F811
                                                        rendered, monkeypatch):  # fmt: skip
    cast["second_reviewer"] = panel["reviewers"][1]
    cast["newcomer"] = factories.civil_servant("newcomer@x.example", agencies["health"])
    RecoveryCodes.activate(cast["protection"])
    Authenticator.objects.filter(user=cast["protection"], type=Authenticator.Type.TOTP).delete()
    TOTP.activate(cast["protection"], generate_totp_secret())
    where = {name: path_of(name, world) for name in MATRIX} | states | {"account_login": reverse("account_login")}

    faults = []
    for width in WIDTHS:
        walk = Walk(chromium, site, cast, width, where)
        walk_routes(walk)
        walk_states(walk)
        walk_accounts(walk, cast)
        walk_purpose(walk, cast)
        walk_clashes(walk)
        walk_moved_on(walk)
        walk_old_forms(walk)
        walk_register(walk)
        walk_refusals(walk, monkeypatch)
        faults += [(width, *fault) for fault in walk.end()]
    every = {path.relative_to(FOLDER).as_posix() for path in FOLDER.rglob("*.html")}
    assert faults == [], "\n".join(map(str, faults))
    never = sorted(name for name in every - rendered if not name.startswith("pdf/"))
    assert never == [], "no state that the walk opens shows " + ", ".join(never)
