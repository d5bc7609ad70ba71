"""Addresses of the room."""

from django.urls import path

from .views import contests, hr, integrity, learning, nominations, outcomes, policy, recognition, record, shares

urlpatterns = [
    path("grants/<uuid:case>/shares/", shares.Shares.as_view(), name="shares"),
    path("results/<uuid:case>/", outcomes.OutcomeDetail.as_view(), name="outcome_detail"),
    path("results/<uuid:case>/claim/", outcomes.Claim.as_view(), name="outcome_claim"),
    path("results/<uuid:case>/verify/", outcomes.Verify.as_view(), name="outcome_verify"),
    path("results/<uuid:case>/second-look/", contests.AskAgain.as_view(), name="contest_ask"),
    path("second-looks/<int:pk>/", contests.ContestPage.as_view(), name="contest"),
    path("learned/", learning.Learned.as_view(), name="learned"),
    path("learning/<uuid:case>/share/", learning.ShareLearning.as_view(), name="learning_share"),
    path("learning/<uuid:case>/", learning.LearningDetail.as_view(), name="learning_detail"),
    path("learning/<uuid:case>/write/", learning.WriteLearning.as_view(), name="learning_write"),
    path("learning/<uuid:case>/classify/", learning.Classify.as_view(), name="learning_classify"),
    path("my-record/", record.MyRecord.as_view(), name="my_record"),
    path("my-record/nominate/", nominations.Nominate.as_view(), name="nominate"),
    path("nominations/", nominations.NominationList.as_view(), name="nomination_list"),
    path("nominations/new/", nominations.NominateReport.as_view(), name="nominate_report"),
    path("nominations/<int:pk>/", nominations.NominationDetail.as_view(), name="nomination"),
    path("nominations/<int:pk>/result/", nominations.RecordResult.as_view(), name="nomination_result"),
    path("points-policy/", policy.PolicyList.as_view(), name="policy_list"),
    path("points-policy/new/", policy.NewPolicy.as_view(), name="policy_new"),
    path("points-policy/<slug:name>/", policy.PolicyDetail.as_view(), name="policy_detail"),
    path("points-policy/<slug:name>/against/<slug:other>/", policy.PolicyDifferences.as_view(), name="policy_against"),
    path("integrity/", integrity.Integrity.as_view(), name="integrity"),
    path("recognition/", recognition.TakeUp.as_view(), name="take_up"),
    path("verified-records/", hr.People.as_view(), name="hr_people"),
    path("verified-records/<str:number>/", hr.PersonFile.as_view(), name="person_file"),
    path("verified-records/<str:number>/facts/", hr.NoteFact.as_view(), name="hr_fact"),
]
