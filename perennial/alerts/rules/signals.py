"""When each signal is raised, and when it is over. Numbers that everybody may argue about.

The first number raises the alert, the second, further off, is where it ends: between the two an
open alert stays and no new one comes. Days are calendar days up to the judged one.
"""

from __future__ import annotations

from typing import Final

from perennial.alerts.rules.lives import Threshold

CONTACT_LEFT_DAYS: Final = 30  # a departure is news for a month
CONTACT_UNREACHED_DAYS: Final = {"S": Threshold(45, 30), "A": Threshold(75, 60)}
CONTACT_HABIT_TOUCHES: Final = 4  # in a year: only who was spoken with can fall silent
CONTACT_HABIT_DAYS: Final = 365
CONTACT_NEWS_DAYS: Final = 180  # an older silence is no news
CONTACT_UNUSED_DAYS: Final = Threshold(28, 7)  # their own log-in, while the company goes on
CONTACT_SEVERITY: Final = {"S": 0.8, "A": 0.6}
DETRACTOR_DAYS: Final = 30
DETRACTOR_SCORE: Final = Threshold(6, 7, rises=False)
OVERDUE_DAYS: Final = Threshold(7, 0)  # a week late is a matter of post, not of risk
SEATS_DAYS: Final = 90
SEATS_FALL_RATE: Final = Threshold(0.10, 0.05)
RENEWAL_DAYS: Final = 90
UNTOUCHED_DAYS: Final = Threshold(45, 30)
INACTIVE_DAYS: Final = Threshold(2, 5, rises=False)  # active days in 28
NOTICE_DAYS: Final = 30
AUTO_RENEWAL_DAYS: Final = 30
MONEY_DAYS: Final = 90
MONEY_FALL_RATE: Final = Threshold(0.05, 0.02)
MONEY_GROWTH_RATE: Final = Threshold(0.05, 0.02)
GOAL_SLACK_RATE: Final = 0.10  # missed by a tenth; met again only in full
GOAL_AFTER_DAYS: Final = 90  # 上线并正常使用 within 90 days: until then nothing is missed
TICKET_DAYS: Final = 28
OPEN_TICKETS: Final = Threshold(5, 2)
OPENED_TICKETS: Final = Threshold(4, 2)
OPENED_AGAINST_USUAL: Final = Threshold(2.0, 1.5)
VALUE_VALID_DAYS: Final = 180
