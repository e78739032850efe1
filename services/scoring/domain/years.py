"""Which year and which cycle of the programme a cycle's name is."""


def year_of(pattern: str, cycle: str) -> int | None:
    """`{year}-H1`, `2026-H1` → 2026; None where the name is not of this pattern."""
    head, tail = pattern.split("{year}")
    year = cycle[len(head) : len(cycle) - len(tail)]
    return int(year) if len(year) == 4 and year.isdigit() and pattern.replace("{year}", year) == cycle else None
