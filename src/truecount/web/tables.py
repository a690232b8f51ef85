"""What every table does: sort, filter, search and page by the address's parameters; works without scripts."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any, Generic, TypeVar

from django.core.paginator import Page, Paginator
from django.db.models import F, Model, OrderBy, QuerySet
from django.http import QueryDict

from truecount.web.words import Words

Row = TypeVar("Row", bound=Model)

PAGE = 50


@dataclass(frozen=True, slots=True, kw_only=True)
class Column:
    """`order`: fields or annotations by which it is sorted, none where it can't be."""

    key: str
    title: Words
    order: tuple[str, ...] = ()
    number: bool = False
    descending_first: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Choice:
    value: str
    title: Words
    chosen: bool = False


@dataclass(frozen=True, slots=True)
class Filter(Generic[Row]):
    """One parameter of the address, what can be chosen, and what the choice leaves of the rows."""

    key: str
    title: Words
    choices: Sequence[tuple[str, Words]]
    narrow: Callable[[QuerySet[Row], str], QuerySet[Row]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Head:
    """A column's head: `sort` is the parameter that the link sets, `order` the aria word for how it is sorted now."""

    title: Words
    number: bool
    sort: str
    order: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Select:
    key: str
    title: Words
    choices: Sequence[Choice]

    @property
    def chosen(self) -> str:
        return next((choice.value for choice in self.choices if choice.chosen), "")


@dataclass(slots=True, kw_only=True)
class Table(Generic[Row]):
    """A table's columns and filters. `search` narrows by what was typed; `usual` is the sort without a parameter."""

    columns: Sequence[Column]
    usual: str
    search: Callable[[QuerySet[Row], str], QuerySet[Row]] | None = None
    filters: Sequence[Filter[Row]] = field(default_factory=tuple)
    tie: str = "pk"
    page_size: int = PAGE

    def read(
        self, rows: QuerySet[Row], asked: QueryDict, gather: Callable[[QuerySet[Row]], QuerySet[Any, Any]] | None = None
    ) -> Listing[Row]:
        """The rows as the parameters want them; a parameter that makes no sense is as if it were not there.

        `gather` makes the groups that are sorted and paged instead of the rows themselves.
        """
        text = asked.get("q", "").replace("\0", "").strip()[:200] if self.search else ""
        if text and self.search:
            rows = self.search(rows, text)
        selects = [self._select(one, asked.get(one.key, "")) for one in self.filters]
        for one, select in zip(self.filters, selects, strict=True):
            if select.chosen:
                rows = one.narrow(rows, select.chosen)
        sort = asked.get("sort", "") if self._column(asked.get("sort", "")) else self.usual
        order: list[OrderBy | str] = [*self._order(sort), self.tie]
        paged = gather(rows).order_by(*order) if gather else rows.order_by(*order)
        return Listing(
            heads=[self._head(column, sort) for column in self.columns],
            selects=selects,
            searches=self.search is not None,
            text=text,
            sort=sort,
            rows=rows if gather else paged,
            page=Paginator(paged, self.page_size).get_page(asked.get("page")),
            narrowed=bool(text) or any(select.chosen for select in selects),
        )

    def _select(self, one: Filter[Row], wanted: str) -> Select:
        choices = [Choice(value=value, title=title, chosen=value == wanted) for value, title in one.choices]
        return Select(key=one.key, title=one.title, choices=choices)

    def _column(self, sort: str) -> Column | None:
        return next((column for column in self.columns if column.order and column.key == sort.lstrip("-")), None)

    def _order(self, sort: str) -> Iterator[OrderBy]:
        column = self._column(sort)
        for name in column.order if column else ():
            yield F(name).desc(nulls_last=True) if sort.startswith("-") else F(name).asc(nulls_last=True)

    def _head(self, column: Column, sort: str) -> Head:
        if not column.order:
            return Head(title=column.title, number=column.number, sort="", order="")
        if sort.lstrip("-") != column.key:
            first = f"-{column.key}" if column.descending_first else column.key
            return Head(title=column.title, number=column.number, sort=first, order="none")
        if sort.startswith("-"):
            return Head(title=column.title, number=column.number, sort=column.key, order="descending")
        return Head(title=column.title, number=column.number, sort=f"-{column.key}", order="ascending")


@dataclass(frozen=True, slots=True, kw_only=True)
class Listing(Generic[Row]):
    """One page of a table. `rows` are all that match, for an export; `page` has them or their groups."""

    heads: Sequence[Head]
    selects: Sequence[Select]
    searches: bool
    text: str
    sort: str
    rows: QuerySet[Row]
    page: Page[Any]
    narrowed: bool

    @property
    def pages(self) -> list[int | str]:
        """Page numbers to show, with an ellipsis for those left out."""
        return list(self.page.paginator.get_elided_page_range(self.page.number, on_each_side=1, on_ends=1))
