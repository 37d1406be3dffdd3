"""The order in which .NET's List.Sort leaves what compares equal: its sort is not stable, and scripts see that.

Introspective sort: median of three, insertion sort for short parts, heap sort for those that split badly. Two elements
and four to sixteen stay in order where they are equal; three do not, and neither do more than sixteen.
"""

from __future__ import annotations

SHORT = 16  # elements that are sorted by insertion
STABLE = frozenset({0, 1, 2, *range(4, SHORT + 1)})  # lengths that keep equal elements in order


def order(ranks: list[int]) -> list[int]:
    """The positions of the elements as the sort leaves them; elements of the same rank compare equal."""
    items = [(rank, place) for place, rank in enumerate(ranks)]
    _sort(items, 0, len(items), 2 * len(items).bit_length())
    return [place for _, place in items]


Items = list[tuple[int, int]]


def _sort(items: Items, low: int, end: int, depth: int) -> None:
    """Sorts items[low:end]."""
    while end - low > 1:
        if end - low <= SHORT:
            _sort_short(items, low, end)
            return
        if depth == 0:
            _heap_sort(items, low, end - low)
            return
        depth -= 1
        pivot = _partition(items, low, end - 1)
        _sort(items, pivot + 1, end, depth)
        end = pivot


def _sort_short(items: Items, low: int, end: int) -> None:
    if end - low == 3:
        _swap_if_greater(items, low, low + 1)
        _swap_if_greater(items, low, low + 2)
        _swap_if_greater(items, low + 1, low + 2)
    else:
        items[low:end] = sorted(items[low:end], key=lambda item: item[0])


def _swap_if_greater(items: Items, left: int, right: int) -> None:
    if items[left][0] > items[right][0]:
        items[left], items[right] = items[right], items[left]


def _partition(items: Items, low: int, high: int) -> int:
    """Puts the median of the first, middle and last where it belongs; its place."""
    middle = low + ((high - low) >> 1)
    _swap_if_greater(items, low, middle)
    _swap_if_greater(items, low, high)
    _swap_if_greater(items, middle, high)
    pivot = items[middle][0]
    items[middle], items[high - 1] = items[high - 1], items[middle]
    left, right = low, high - 1
    while left < right:
        left += 1
        while items[left][0] < pivot:
            left += 1
        right -= 1
        while pivot < items[right][0]:
            right -= 1
        if left >= right:
            break
        items[left], items[right] = items[right], items[left]
    if left != high - 1:
        items[left], items[high - 1] = items[high - 1], items[left]
    return left


def _heap_sort(items: Items, low: int, count: int) -> None:
    for start in range(count >> 1, 0, -1):
        _sift(items, start, count, low)
    for last in range(count, 1, -1):
        items[low], items[low + last - 1] = items[low + last - 1], items[low]
        _sift(items, 1, last - 1, low)


def _sift(items: Items, start: int, count: int, low: int) -> None:
    held = items[low + start - 1]
    while start <= count >> 1:
        child = 2 * start
        if child < count and items[low + child - 1][0] < items[low + child][0]:
            child += 1
        if held[0] >= items[low + child - 1][0]:
            break
        items[low + start - 1] = items[low + child - 1]
        start = child
    items[low + start - 1] = held
