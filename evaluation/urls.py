"""Addresses of the room."""

from django.urls import path

from .views import appeals, decision_files, letters, panel, practice, reviews, run_sheet, small

urlpatterns = [
    path("calls/<slug:reference>/panel/", panel.Panel.as_view(), name="panel"),
    path("calls/<slug:reference>/today/", run_sheet.RunSheet.as_view(), name="run_sheet"),
    path("calls/<slug:reference>/practice/", practice.MakePractice.as_view(), name="call_practice"),
    path("practice/", practice.Practices.as_view(), name="practices"),
    path("proposals/<uuid:case>/reviewers/", panel.AssignReviewers.as_view(), name="assign_reviewers"),
    path("proposals/<uuid:case>/consensus/", panel.Consensus.as_view(), name="consensus"),
    path("proposals/<uuid:case>/vote/", panel.BoardVote.as_view(), name="vote"),
    path("proposals/<uuid:case>/decide/", small.Decide.as_view(), name="small_decide"),
    path("proposals/<uuid:case>/agency/", small.AgencyAnswer.as_view(), name="small_agency"),
    path("proposals/<uuid:case>/letters/", letters.Letters.as_view(), name="letters"),
    path("proposals/<uuid:case>/letters/<int:pk>/", letters.OneLetter.as_view(), name="letter"),
    path("proposals/<uuid:case>/letters/<int:pk>/pdf/", letters.LetterPdf.as_view(), name="letter_pdf"),
    path("proposals/<uuid:case>/appeal/", appeals.Lodge.as_view(), name="appeal_lodge"),
    path("proposals/<uuid:case>/decision-file/", decision_files.DecisionFile.as_view(), name="decision_file"),
    path(
        "proposals/<uuid:case>/decision-file/<uuid:pk>/",
        decision_files.DecisionFilePdf.as_view(),
        name="decision_file_pdf",
    ),
    path("appeals/", appeals.AppealList.as_view(), name="appeals"),
    path("appeals/<int:pk>/", appeals.AppealPage.as_view(), name="appeal"),
    path("appeals/<int:pk>/file/", appeals.AppealFile.as_view(), name="appeal_file"),
    path("appeals/<int:pk>/assign/", appeals.Assign.as_view(), name="appeal_assign"),
    path("appeals/<int:pk>/outcome/", appeals.DecideAppeal.as_view(), name="appeal_outcome"),
    path("board-limit/", small.BoardLimit.as_view(), name="board_limit"),
    path("reviews/", reviews.MyReviews.as_view(), name="my_reviews"),
    path("reviews/<int:pk>/files/<int:number>/", reviews.ReviewFile.as_view(), name="review_file"),
    path("reviews/<int:pk>/", reviews.ReviewPage.as_view(), name="review"),
]
