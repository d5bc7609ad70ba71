"""A word of a reviewer's name in other letters: the chair looks again, and is never kept from an innocent text."""

import pytest

from evaluation.models import Feedback
from evaluation.services.moderating import MayName

from .test_moderation import closed, post, write  # noqa: F401  (the fixture)


@pytest.fixture
def chair(closed, panel):  # noqa: F811
    person = panel["reviewers"][0]
    person.full_name = "Kinley Om Wangchuk"
    person.save()
    return panel["chair"]


@pytest.mark.parametrize("said", ["As reviewer kinley says.", "As KINLEY says.", "The wangchuk method."])
def test_word_of_a_name_in_other_letters_is_asked_about_once(closed, chair, said):  # noqa: F811
    with pytest.raises(MayName) as unsure:
        write(closed, chair, certify=True, weakness=said)
    assert not Feedback.objects.exists()
    assert write(closed, chair, certify=True, weakness=said, looked_at=unsure.value.words).certified


def test_short_words_parts_of_words_and_drafts_are_not_asked_about(closed, chair):  # noqa: F811
    assert write(closed, chair, certify=True, weakness="It says om and kinleys.").certified
    assert not write(closed, chair, weakness="As kinley says.").certified


def test_second_press_certifies_the_same_words_and_no_others(closed, chair):  # noqa: F811
    first = post(closed, chair, "certify_it", weakness="As KINLEY says.")
    page = first.content.decode()
    assert (first.status_code, "This may name a reviewer: KINLEY." in page) == (400, True)
    assert 'name="looked_at" value="KINLEY"' in page
    other = post(closed, chair, "certify_it", weakness="As kinley and wangchuk say.", looked_at="KINLEY")
    assert (other.status_code, Feedback.objects.count()) == (400, 0)
    assert 'name="looked_at" value="wangchuk kinley"' in other.content.decode()
    assert post(closed, chair, "certify_it", weakness="As KINLEY says.", looked_at="KINLEY").status_code == 302
    assert Feedback.objects.get().certified
