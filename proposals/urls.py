"""Addresses of the room."""

from django.urls import path

from .views import (
    agreeing,
    attachments,
    drafting,
    history,
    outside,
    partners,
    questions,
    reading,
    screening,
    sending,
    team,
)

urlpatterns = [
    path("calls/<slug:reference>/questions/", questions.CallQuestions.as_view(), name="call_questions"),
    path("calls/<slug:reference>/start/", drafting.Start.as_view(), name="proposal_start"),
    path("proposals/", reading.ProposalList.as_view(), name="proposal_list"),
    path("proposals/late-answers/", agreeing.LateAnswers.as_view(), name="late_answers"),
    path("proposals/<uuid:case>/", reading.ProposalDetail.as_view(), name="proposal_detail"),
    path("proposals/<uuid:case>/team/", team.Team.as_view(), name="proposal_team"),
    path("proposals/<uuid:case>/join/", team.Join.as_view(), name="proposal_join"),
    path("proposals/<uuid:case>/leave/", team.Leave.as_view(), name="proposal_leave"),
    path("proposals/<uuid:case>/partners/", partners.Partners.as_view(), name="proposal_partners"),
    path("proposals/<uuid:case>/partners/<int:pk>/", partners.EditPartner.as_view(), name="proposal_partner"),
    path("proposals/<uuid:case>/outside/new/", outside.EditOutside.as_view(), name="proposal_outside_add"),
    path("proposals/<uuid:case>/outside/<int:pk>/", outside.EditOutside.as_view(), name="proposal_outside"),
    path("proposals/<uuid:case>/data/new/", outside.EditDataNeed.as_view(), name="proposal_data_add"),
    path("proposals/<uuid:case>/data/<int:pk>/", outside.EditDataNeed.as_view(), name="proposal_data"),
    path("proposals/<uuid:case>/attachments/", attachments.Attachments.as_view(), name="proposal_attachments"),
    path("proposals/<uuid:case>/attachments/<uuid:pk>/", attachments.Download.as_view(), name="proposal_attachment"),
    path(
        "proposals/<uuid:case>/attachments/<uuid:pk>/change/",
        attachments.EditAttachment.as_view(),
        name="proposal_attachment_change",
    ),
    path("proposals/<uuid:case>/check/", sending.CheckAnswers.as_view(), name="proposal_check"),
    path("proposals/<uuid:case>/endorse/", sending.Endorse.as_view(), name="proposal_endorse"),
    path("proposals/<uuid:case>/submit/", sending.Submit.as_view(), name="proposal_submit"),
    path("proposals/<uuid:case>/submitted/", sending.Submitted.as_view(), name="proposal_submitted"),
    path("proposals/<uuid:case>/receipt/", sending.Receipt.as_view(), name="proposal_receipt"),
    path("proposals/<uuid:case>/first-check/", screening.FirstCheck.as_view(), name="proposal_first_check"),
    path("proposals/<uuid:case>/recall/", agreeing.Recall.as_view(), name="proposal_recall"),
    path("proposals/<uuid:case>/delete/", agreeing.Delete.as_view(), name="proposal_delete"),
    path("proposals/<uuid:case>/remind/<int:agency>/", agreeing.RemindAgency.as_view(), name="remind_agency"),
    path("proposals/<uuid:case>/<slug:key>/", drafting.EditSection.as_view(), name="section"),
    path("proposals/<uuid:case>/<slug:key>/history/", history.History.as_view(), name="section_history"),
]
