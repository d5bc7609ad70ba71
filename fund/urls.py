"""Addresses of the room."""

from django.urls import path

from . import grant_views, money_views, views

GRANT = "grants/<uuid:case>/"

urlpatterns = [
    path("calls/", views.CallList.as_view(), name="call_list"),
    path("calls/<slug:reference>/", views.CallDetail.as_view(), name="call_detail"),
    path("money/", money_views.Money.as_view(), name="money"),
    path("money/lines/", money_views.BudgetLineList.as_view(), name="budget_lines"),
    path("money/lines/<slug:code>/", money_views.BudgetLineDetail.as_view(), name="budget_line"),
    path("grants/", grant_views.GrantList.as_view(), name="grant_list"),
    path(GRANT, grant_views.GrantDetail.as_view(), name="grant_detail"),
    path(f"{GRANT}note/", grant_views.WriteNote.as_view(), name="grant_note"),
    path(f"{GRANT}stop/", grant_views.StopEarly.as_view(), name="grant_stop"),
    path(f"{GRANT}milestones/<int:position>/", grant_views.SubmitMilestone.as_view(), name="milestone_submit"),
    path(f"{GRANT}reports/<int:position>/", grant_views.SubmitReport.as_view(), name="report_submit"),
    path(f"{GRANT}payments/<int:position>/", grant_views.AccountPayment.as_view(), name="payment_account"),
]
