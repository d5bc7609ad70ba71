"""Addresses of the room."""

from django.urls import path

from .views import assigning, moderation, naming, panel, practice, ranking, reviews, run_sheet, small

urlpatterns = [
    path("calls/<slug:reference>/panel/", panel.Panel.as_view(), name="panel"),
    path("calls/<slug:reference>/ranking/", ranking.RankingPage.as_view(), name="ranking"),
    path("calls/<slug:reference>/ranking/<int:number>/", ranking.RankingPage.as_view(), name="ranking_run"),
    path("calls/<slug:reference>/lots/", ranking.Lots.as_view(), name="lots"),
    path("calls/<slug:reference>/moderation/", moderation.Queue.as_view(), name="moderation_queue"),
    path("calls/<slug:reference>/today/", run_sheet.RunSheet.as_view(), name="run_sheet"),
    path("calls/<slug:reference>/practice/", practice.MakePractice.as_view(), name="call_practice"),
    path("calls/<slug:reference>/names/", naming.PanelNames.as_view(), name="panel_names"),
    path("calls/<slug:reference>/assign/", assigning.AssignAll.as_view(), name="assign_all"),
    path("assignments/<int:pk>/", assigning.Assignment.as_view(), name="assignment"),
    path("expertise/", assigning.MyExpertise.as_view(), name="my_expertise"),
    path("proposals/<uuid:case>/names/", naming.TeamNames.as_view(), name="team_names"),
    path("proposals/<uuid:case>/objections/", naming.Objections.as_view(), name="objections"),
    path("proposals/<uuid:case>/permissions/", naming.Permissions.as_view(), name="permissions"),
    path("practice/", practice.Practices.as_view(), name="practices"),
    path("proposals/<uuid:case>/reviewers/", panel.AssignReviewers.as_view(), name="assign_reviewers"),
    path("proposals/<uuid:case>/consensus/", panel.Consensus.as_view(), name="consensus"),
    path("proposals/<uuid:case>/notes/", moderation.Notes.as_view(), name="moderation_notes"),
    path("proposals/<uuid:case>/feedback/", moderation.WriteFeedback.as_view(), name="feedback"),
    path("proposals/<uuid:case>/vote/", panel.BoardVote.as_view(), name="vote"),
    path("proposals/<uuid:case>/decide/", small.Decide.as_view(), name="small_decide"),
    path("proposals/<uuid:case>/agency/", small.AgencyAnswer.as_view(), name="small_agency"),
    path("board-limit/", small.BoardLimit.as_view(), name="board_limit"),
    path("reviews/", reviews.MyReviews.as_view(), name="my_reviews"),
    path("reviews/<int:pk>/files/<int:number>/", reviews.ReviewFile.as_view(), name="review_file"),
    path("reviews/<int:pk>/return/", moderation.ReturnReview.as_view(), name="review_return"),
    path("reviews/<int:pk>/history/", moderation.ReviewHistory.as_view(), name="review_history"),
    path("reviews/<int:pk>/", reviews.ReviewPage.as_view(), name="review"),
]
