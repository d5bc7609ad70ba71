"""The invented example before the first review of a year: offered, scored once, compared, seen by nobody else."""

from django.test import Client
from django.urls import reverse

from evaluation.example import CRITERIA
from evaluation.models import ExampleScored
from lifecycle import clock

from .. import stages


def test_first_review_of_a_year_is_led_to_the_example_which_is_compared_and_kept_once(eligible, cast, panel):
    stages.assign(eligible, cast, panel["reviewers"])
    stages.perform(eligible, "begin_review", by=cast["secretariat"])
    review = eligible.reviews.get(reviewer=panel["reviewers"][0])
    client, path = Client(), reverse("review_example")
    client.force_login(panel["reviewers"][0])
    assert f'href="{path}"' in client.get(review.get_absolute_url()).content.decode()
    assert client.post(path, {"c1": "9"}).status_code == 400
    assert "The readers:" not in client.get(path).content.decode()  # not before one's own are in
    scores = {row.key: row.halves for row in CRITERIA} | {"c1": 5, "c5": 9}
    assert client.post(path, scores).status_code == 302
    page = client.get(path).content.decode()
    for words in ("On 3 of 5 criteria", "You are stricter", "You are milder", CRITERIA[4].why[:40]):
        assert words in page
    client.post(path, scores | {"c1": 9})
    assert ExampleScored.objects.get().scores["c1"] == 5
    assert "invented example" not in client.get(review.get_absolute_url()).content.decode()
    ExampleScored.objects.update(year=clock.today().year - 1)
    assert "Compare with the readers" in client.get(path).content.decode()
    client.force_login(panel["chair"])
    assert client.get(path).status_code == 404
