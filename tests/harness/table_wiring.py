"""What rooms to the right do after a step and provide for one: written once, changed by hand with the code."""

REACTIONS = {
    "evaluation.Review.abstain": ["evaluation.reactions.end_the_part", "evaluation.reactions.ask_for_another"],
    "evaluation.Review.accept": ["evaluation.reactions.begin_when_both_accepted"],
    "evaluation.Review.refuse": ["evaluation.reactions.end_the_part"],
    "evaluation.Review.submit": ["evaluation.reactions.close_when_both_are_in"],
    "fund.Call.approve": ["evaluation.reactions.commit_to_lots"],
    **{
        f"fund.Finding.{step}": ["incentives.reactions.look_at_the_counted_failure"]
        for step in ("accept_answer", "close_higher")
    },
    "fund.Grant.activate": ["proposals.reactions.follow_the_signatures", "incentives.reactions.freeze_the_promise"],
    "fund.Grant.complete": ["proposals.reactions.follow_the_completed_grant"],
    "fund.Grant.decline": ["proposals.reactions.follow_the_declined_offer"],
    "fund.Grant.expire": ["proposals.reactions.follow_the_expired_offer"],
    "fund.Grant.stop_early": [
        "proposals.reactions.follow_the_early_stop",
        "incentives.reactions.open_the_learning_record",
    ],
    "fund.Grant.terminate": [
        "proposals.reactions.follow_the_termination",
        "incentives.reactions.close_the_promise",
    ],
    **{
        f"incentives.Nomination.{step}": ["incentives.reactions.follow_the_nomination"]
        for step in ("endorse", "turn_down", "defer", "forward", "record_result")
    },
    "incentives.Nomination.bring_to_committee": [
        "incentives.reactions.begin_the_days",
        "incentives.reactions.follow_the_nomination",
    ],
    **{
        f"incentives.Nomination.{step}": [
            "incentives.reactions.set_the_grounds_free",
            "incentives.reactions.follow_the_nomination",
        ]
        for step in ("revoke", "correct_result")
    },
    "incentives.Nomination.let_stand": ["incentives.reactions.tell_that_it_stands"],
    "incentives.Contribution.verify": ["incentives.reactions.ask_for_the_right_shares"],
    "incentives.Outcome.reopen": ["incentives.reactions.ask_for_another_check"],
    "proposals.Proposal.close_review": [
        "evaluation.reactions.look_at_who_closes",
        "evaluation.reactions.bring_to_its_decision",
    ],
    "proposals.Proposal.find_eligible": ["evaluation.reactions.write_conflicts_down"],
    "proposals.Proposal.moderate": ["evaluation.reactions.note_the_chair"],
    "proposals.Proposal.not_recommend": [
        "evaluation.reactions.note_no_recommendation",
        "evaluation.reactions.note_the_chair",
    ],
    "proposals.Proposal.recommend": [
        "evaluation.reactions.note_a_recommendation",
        "evaluation.reactions.note_the_chair",
    ],
    "proposals.Proposal.send_small": ["incentives.reactions.name_protection"],
    "proposals.Proposal.submit": ["incentives.reactions.name_protection"],
    "proposals.Proposal.refuse_for_agency": ["proposals.reactions.set_the_money_free"],
    "proposals.Proposal.withdraw": ["proposals.reactions.set_the_money_free"],
}
NEEDS = {
    "appeal_upheld": "evaluation.guards.appeal_upheld",
    "call_decided": "proposals.needs.call_decided",
    "call_settled": "proposals.needs.call_settled",
    "reviewers_accepted": "evaluation.guards.reviewers_accepted",
    "enough_reviews": "evaluation.guards.enough_reviews",
    "majority_approves": "evaluation.guards.majority_approves",
    "majority_declines": "evaluation.guards.majority_declines",
    "no_majority_or_defer": "evaluation.guards.no_majority_or_defer",
    "flags_resolved": "evaluation.needs.flags_resolved",
    "meets_threshold": "evaluation.needs.meets_threshold",
    "to_be_judged_again": "evaluation.needs.to_be_judged_again",
    "lots_are_drawn": "evaluation.needs.lots_are_drawn",
    "majority_reserves": "evaluation.reserving.majority_reserves",
    "turn_on_reserve": "evaluation.reserving.turn_on_reserve",
    "judging_stands": "evaluation.needs.judging_stands",
    "small_reviews_pass": "evaluation.needs.small_reviews_pass",
    "inside_the_limit": "evaluation.needs.inside_the_limit",
}
