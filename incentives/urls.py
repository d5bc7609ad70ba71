"""Addresses of the room."""

from django.urls import path

from .views import hr, learning, outcomes, record, shares

urlpatterns = [
    path("grants/<uuid:case>/shares/", shares.Shares.as_view(), name="shares"),
    path("results/<uuid:case>/", outcomes.OutcomeDetail.as_view(), name="outcome_detail"),
    path("results/<uuid:case>/claim/", outcomes.Claim.as_view(), name="outcome_claim"),
    path("results/<uuid:case>/verify/", outcomes.Verify.as_view(), name="outcome_verify"),
    path("learning/<uuid:case>/", learning.LearningDetail.as_view(), name="learning_detail"),
    path("learning/<uuid:case>/write/", learning.WriteLearning.as_view(), name="learning_write"),
    path("learning/<uuid:case>/classify/", learning.Classify.as_view(), name="learning_classify"),
    path("my-record/", record.MyRecord.as_view(), name="my_record"),
    path("my-record/nominate/", record.Nominate.as_view(), name="nominate"),
    path("nominations/<int:pk>/", record.NominationDetail.as_view(), name="nomination"),
    path("points-policy/<slug:name>/", record.PolicyDetail.as_view(), name="policy_detail"),
    path("verified-records/", hr.People.as_view(), name="hr_people"),
    path("verified-records/<str:number>/", hr.PersonFile.as_view(), name="person_file"),
]
