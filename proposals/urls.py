"""Addresses of the room."""

from django.urls import path

from .views import drafting, information, late, partners, reading, screening, sending, sparking, team

urlpatterns = [
    path("calls/<slug:reference>/start/", drafting.Start.as_view(), name="proposal_start"),
    path("calls/<slug:reference>/spark/", sparking.BeginSpark.as_view(), name="spark_start"),
    path("late-answers/", late.LateAnswers.as_view(), name="late_answers"),
    path("proposals/", reading.ProposalList.as_view(), name="proposal_list"),
    path("proposals/<uuid:case>/", reading.ProposalDetail.as_view(), name="proposal_detail"),
    path("proposals/<uuid:case>/team/", team.Team.as_view(), name="proposal_team"),
    path("proposals/<uuid:case>/join/", team.Join.as_view(), name="proposal_join"),
    path("proposals/<uuid:case>/leave/", team.Leave.as_view(), name="proposal_leave"),
    path("proposals/<uuid:case>/partners/", partners.Partners.as_view(), name="proposal_partners"),
    path("proposals/<uuid:case>/partners/<int:pk>/", partners.EditPartner.as_view(), name="proposal_partner"),
    path("proposals/<uuid:case>/check/", sending.CheckAnswers.as_view(), name="proposal_check"),
    path("proposals/<uuid:case>/endorse/", sending.Endorse.as_view(), name="proposal_endorse"),
    path("proposals/<uuid:case>/submit/", sending.Submit.as_view(), name="proposal_submit"),
    path("proposals/<uuid:case>/submitted/", sending.Submitted.as_view(), name="proposal_submitted"),
    path("proposals/<uuid:case>/receipt/", sending.Receipt.as_view(), name="proposal_receipt"),
    path("proposals/<uuid:case>/first-check/", screening.FirstCheck.as_view(), name="proposal_first_check"),
    path("proposals/<uuid:case>/ask/", information.Ask.as_view(), name="info_ask"),
    path("proposals/<uuid:case>/answer/", information.Answer.as_view(), name="info_answer"),
    path("proposals/<uuid:case>/spark/", sparking.Idea.as_view(), name="spark_idea"),
    path("proposals/<uuid:case>/spark/money/", sparking.Money.as_view(), name="spark_money"),
    path("proposals/<uuid:case>/spark/approver/", sparking.Approver.as_view(), name="spark_approver"),
    path("proposals/<uuid:case>/spark/send/", sparking.Send.as_view(), name="spark_send"),
    path("proposals/<uuid:case>/<slug:key>/", drafting.EditSection.as_view(), name="section"),
]
