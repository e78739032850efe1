"""Statutory days off in mainland China for years without a published official calendar.

Regulation on public holidays (全国年节及纪念日放假办法), as amended from 2025: New Year 1 day, Spring
Festival 4 from the eve, Qingming 1, Labour Day 2, Dragon Boat 1, Mid-Autumn 1, National Day 3; one that
falls on a weekend is made good on a working day. Before 2004 the regulation of 1999 held. Nothing
here invents make-up workdays.

The moving festivals stand as a table, not behind a library at run time: the one that computes them
takes up to 44 MB and most of a second in each process, for four dates a year. The tests compare
every row with it.
"""

from datetime import date, timedelta

NEW_YEAR = ("元旦", "New Year's Day")
SPRING = ("春节", "Spring Festival")
QINGMING = ("清明节", "Tomb-sweeping Day")
LABOUR = ("劳动节", "Labour Day")
DRAGON_BOAT = ("端午节", "Dragon Boat Festival")
MID_AUTUMN = ("中秋节", "Mid-autumn Festival")
NATIONAL = ("国庆节", "National Day")

# year: Spring Festival day 1, Qingming, Dragon Boat, Mid-Autumn, each as month and day
_MOVING = {
    2027: "0206 0405 0609 0915",
    2028: "0126 0404 0528 1003",
    2029: "0213 0404 0616 0922",
    2030: "0203 0405 0605 0912",
    2031: "0123 0405 0624 1001",
    2032: "0211 0404 0612 0919",
    2033: "0131 0404 0601 0908",
    2034: "0219 0405 0620 0927",
    2035: "0208 0405 0610 0916",
    2036: "0128 0404 0530 1004",
    2037: "0215 0404 0618 0924",
    2038: "0204 0405 0607 0913",
    2039: "0124 0405 0527 1002",
    2040: "0212 0404 0614 0920",
    2041: "0201 0404 0603 0910",
    2042: "0122 0404 0622 0928",
    2043: "0210 0405 0611 0917",
    2044: "0130 0404 0531 1005",
    2045: "0217 0404 0619 0925",
    2046: "0206 0404 0608 0915",
    2047: "0126 0405 0529 1004",
    2048: "0214 0404 0615 0922",
    2049: "0202 0404 0604 0911",
    2050: "0123 0404 0623 0930",
}
_SPRING_BEFORE_2004 = {2000: "0205", 2001: "0124", 2002: "0212", 2003: "0201"}

FIRST_YEAR = 2000
LAST_YEAR = 2050


def _day(year: int, text: str) -> date:
    return date(year, int(text[:2]), int(text[2:]))


def _festivals(year: int) -> dict[date, tuple[str, str]]:
    day = timedelta(days=1)
    if year in _SPRING_BEFORE_2004:
        spring = _day(year, _SPRING_BEFORE_2004[year])
        off = {spring + n * day: SPRING for n in range(3)}
        off |= {date(year, 5, n): LABOUR for n in (1, 2, 3)}
    else:
        first, qingming, dragon_boat, mid_autumn = (_day(year, text) for text in _MOVING[year].split())
        off = {first + n * day: SPRING for n in range(-1, 3)}
        off |= {date(year, 5, n): LABOUR for n in (1, 2)}
        off |= {qingming: QINGMING, dragon_boat: DRAGON_BOAT, mid_autumn: MID_AUTUMN}
    off |= {date(year, 10, n): NATIONAL for n in (1, 2, 3)}
    off[date(year, 1, 1)] = NEW_YEAR
    return off


def statutory_days_off(year: int) -> dict[date, tuple[str, str]]:
    """Each statutory day off of `year` with its name in Chinese and English, days made good included.

    Raises KeyError for a year that is neither 2000–2003 nor 2027–2050.
    """
    off = _festivals(year)
    for day in sorted(off):
        if day.weekday() >= 5:
            good = day
            while good.weekday() >= 5 or good in off:
                good += timedelta(days=1)
            off[good] = (f"{off[day][0]}补假", f"{off[day][1]} (made good)")
    return off
