"""Pages of a list without counting it: one row more than fits says whether there is a next page."""

from collections.abc import Sequence
from typing import Any

from django.core.paginator import EmptyPage, Page, PageNotAnInteger, Paginator

LAST = 10**9  # no list has so many pages, and a database counts no rows far beyond


class OpenPage(Page[Any]):
    """One page that knows whether another follows."""

    def __init__(self, rows: Sequence[Any], number: int, paginator: "OpenPaginator", more: bool) -> None:
        super().__init__(rows, number, paginator)
        self._more = more

    def has_next(self) -> bool:
        """Tell whether a row follows the last one of this page."""
        return self._more


class OpenPaginator(Paginator[Any]):
    """Reads `per_page` + 1 rows; how many pages there are in all is not known, and never asked of the database."""

    num_pages = 0  # unknown, so that `?page=last` is a page that does not exist

    def validate_number(self, number: Any) -> int:
        """Return the number of a page from 1 on; PageNotAnInteger or EmptyPage otherwise."""
        try:
            wanted = int(number)
        except (TypeError, ValueError) as error:
            raise PageNotAnInteger("That page number is not an integer") from error
        if not 1 <= wanted <= LAST:
            raise EmptyPage("That page number is less than 1, or more than any list has")
        return wanted

    def page(self, number: Any) -> OpenPage:
        """Return one page; EmptyPage beyond the last one, the first excepted."""
        wanted = self.validate_number(number)
        start = (wanted - 1) * self.per_page
        rows = list(self.object_list[start : start + self.per_page + 1])
        if not rows and wanted > 1:
            raise EmptyPage("That page contains no results")
        return OpenPage(rows[: self.per_page], wanted, self, len(rows) > self.per_page)

    def get_page(self, number: Any) -> OpenPage:
        """Return the page, or the first when there is none so numbered."""
        try:
            return self.page(number)
        except (PageNotAnInteger, EmptyPage):
            return self.page(1)
