"""Addresses of the room."""

from django.urls import path

from . import agreement_views, budget_views, call_views, closing_views, grant_views, money_views, part_views, views

CALL = "calls/<slug:reference>/"
GRANT = "grants/<uuid:case>/"

urlpatterns = [
    path("calls/", views.CallList.as_view(), name="call_list"),
    path("calls/new/", call_views.NewCall.as_view(), name="call_new"),
    path("calls/tell-me/", views.Subscriptions.as_view(), name="call_subscriptions"),
    path(CALL, views.CallDetail.as_view(), name="call_detail"),
    path(f"{CALL}preview/", views.CallPreview.as_view(), name="call_preview"),
    path(f"{CALL}set-up/", call_views.SetUp.as_view(), name="call_set_up"),
    path(f"{CALL}set-up/check/", call_views.CheckCall.as_view(), name="call_check"),
    path(f"{CALL}set-up/questions/new/", call_views.EditQuestion.as_view(), name="call_question_new"),
    path(f"{CALL}set-up/questions/<int:pk>/", call_views.EditQuestion.as_view(), name="call_question"),
    path(f"{CALL}set-up/<slug:task>/", call_views.EditTask.as_view(), name="call_task"),
    path(f"{CALL}people/", call_views.CallPeople.as_view(), name="call_people"),
    path(f"{CALL}extend/", call_views.ExtendCall.as_view(), name="call_extend"),
    path("money/", money_views.Money.as_view(), name="money"),
    path("innovation-share/", budget_views.InnovationShare.as_view(), name="innovation_share"),
    path("money/budget/", budget_views.Budget.as_view(), name="budget"),
    path("money/budget/import/", budget_views.ImportBudget.as_view(), name="budget_import"),
    path("money/transfers/", budget_views.Transfers.as_view(), name="transfers"),
    path("money/transfers/new/", budget_views.NewTransfer.as_view(), name="transfer_new"),
    path("money/year-end/<int:year>/", budget_views.YearEnd.as_view(), name="year_end"),
    path("money/sheets/<slug:kind>/", budget_views.AskForSheet.as_view(), name="money_sheet"),
    path("money/lines/", money_views.BudgetLineList.as_view(), name="budget_lines"),
    path("money/lines/<slug:code>/", money_views.BudgetLineDetail.as_view(), name="budget_line"),
    path("grants/", grant_views.GrantList.as_view(), name="grant_list"),
    path(GRANT, grant_views.GrantDetail.as_view(), name="grant_detail"),
    path(f"{GRANT}note/", grant_views.WriteNote.as_view(), name="grant_note"),
    path(f"{GRANT}stop/", grant_views.StopEarly.as_view(), name="grant_stop"),
    path(f"{GRANT}agreement/", agreement_views.Agreement.as_view(), name="agreement"),
    path(f"{GRANT}changes/new/", agreement_views.AskForChange.as_view(), name="change_new"),
    path(f"{GRANT}changes/<int:position>/", agreement_views.Change.as_view(), name="grant_change"),
    path(f"{GRANT}changes/<int:position>/more/", agreement_views.AddReason.as_view(), name="change_more"),
    path(f"{GRANT}closing/", closing_views.Closing.as_view(), name="closing"),
    path(f"{GRANT}closing/fill/", closing_views.FillCloseOut.as_view(), name="closing_fill"),
    path(f"{GRANT}closing/assets/", closing_views.HandOver.as_view(), name="asset_new"),
    path(f"{GRANT}readings/", part_views.Readings.as_view(), name="readings"),
    path(f"{GRANT}readings/new/", part_views.RecordReading.as_view(), name="reading_new"),
    path(f"{GRANT}readings/<int:position>/", part_views.AnswerStop.as_view(), name="stop_answer"),
    path(f"{GRANT}receipts/<int:pk>/", part_views.ReceiptFile.as_view(), name="receipt_file"),
    path(f"{GRANT}plan/<slug:kind>/<int:position>/", part_views.PartDetail.as_view(), name="grant_part"),
    path(f"{GRANT}milestones/<int:position>/", grant_views.SubmitMilestone.as_view(), name="milestone_submit"),
    path(f"{GRANT}reports/<int:position>/", grant_views.SubmitReport.as_view(), name="report_submit"),
    path(f"{GRANT}payments/<int:position>/", grant_views.AccountPayment.as_view(), name="payment_account"),
]
