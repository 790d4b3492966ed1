"""Turns a calendar date and time of day in UTC into Unix time, without a clock or a time zone."""

from __future__ import annotations

_DAY_S = 86400  # s
_DAYS_BEFORE_1970 = 719468  # from 0000-03-01 to 1970-01-01 in the Gregorian calendar
_DAYS_IN_MONTH = (31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31)


def unix_s(date: tuple[int, int, int], hour: int, minute: int, second: float) -> float | None:
    """Returns seconds since 1970 of (year, month, day); None for what no calendar holds.

    A leap second, 60, is allowed and falls on the second after it, as in Unix time.
    """
    year, month, day = date
    if not (1 <= month <= 12 and 1 <= day <= _days(year, month)):
        return None
    if not (0 <= hour <= 23 and 0 <= minute <= 59 and -1 < second < 61):
        return None
    return _day_number(year, month, day) * _DAY_S + hour * 3600 + minute * 60 + second


def _days(year: int, month: int) -> int:
    leap = year % 4 == 0 and (year % 100 != 0 or year % 400 == 0)
    return 28 if month == 2 and not leap else _DAYS_IN_MONTH[month - 1]


def _day_number(year: int, month: int, day: int) -> int:
    """Counts days since 1970-01-01, in years that begin in March so that the leap day comes last."""
    year -= month <= 2
    from_march = (month + 9) % 12
    # Months from March on have 31, 30, 31, 30, 31 days, over and over: 153 days in five months.
    day_of_year = (153 * from_march + 2) // 5 + day - 1
    return 365 * year + year // 4 - year // 100 + year // 400 + day_of_year - _DAYS_BEFORE_1970
