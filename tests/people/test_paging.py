import pytest
from django.core.paginator import EmptyPage, PageNotAnInteger
from django.urls import reverse

from people.models import User
from people.paging import OpenPaginator

from ..factories import UserFactory


def pages(rows, per_page=2):
    return OpenPaginator(rows, per_page)


@pytest.mark.parametrize(
    ("count", "number", "rows", "before", "after"),
    [(0, 1, [], False, False), (1, 1, [0], False, False), (2, 1, [0, 1], False, False), (3, 1, [0, 1], False, True),
     (3, 2, [2], True, False), (4, 2, [2, 3], True, False), (5, 2, [2, 3], True, True)],
)  # fmt: skip
def test_paging_shows_rows_and_what_lies_beside_them(count, number, rows, before, after):
    page = pages(list(range(count))).page(number)
    assert (list(page), page.has_previous(), page.has_next()) == (rows, before, after)
    assert page.has_other_pages() == (before or after)


def test_paging_beyond_the_last_page_is_refused():
    for number in (0, -1, 3):
        with pytest.raises(EmptyPage):
            pages([1, 2, 3]).page(number)
    for number in ("two", None):
        with pytest.raises(PageNotAnInteger):
            pages([1, 2, 3]).page(number)
    assert list(pages([1, 2, 3]).get_page("9")) == [1, 2]
    assert list(pages([1, 2, 3]).get_page("9" * 20)) == [1, 2]


def test_paging_asks_the_database_once_and_never_counts(db, django_assert_num_queries):
    UserFactory.create_batch(3)
    with django_assert_num_queries(1) as asked:
        page = pages(User.objects.filter(is_system=False).order_by("pk")).page(1)
        assert (len(page), page.has_next()) == (2, True)
    assert "COUNT" not in asked[0]["sql"]


def test_list_page_beyond_the_last_is_missing(client, call):
    assert [client.get(f"/calls/?page={n}").status_code for n in ("1", "2", "last", "x")] == [200, 404, 404, 404]


@pytest.mark.parametrize("number", ["99999999999999999999", "9223372036854775807", "1000000000", "9" * 5000])
def test_no_list_fails_at_a_page_number_that_no_database_counts_to(client, cast, grant, panel, number):
    lists = (
        "call_list", "grant_list", "finding_list", "bank", "budget_lines", "transfers", "inbox", "proposal_list",
        "my_reviews", "late_decisions", "appeals", "credit_list", "hr_people", "nomination_list",
    )  # fmt: skip
    client.force_login(cast["auditor"])
    for name in lists:
        assert client.get(f"{reverse(name)}?page={number}").status_code in (200, 403, 404), name
    assert client.get(f"{grant.line.get_absolute_url()}?page={number}").status_code == 200
