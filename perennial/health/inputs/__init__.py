"""What judgements are made from: the readings of any customers on any days.

`cases.gather` reads the sources that are listed in `sources`; `book` is the day's road before
it, until the day's job takes the other one.
"""

from perennial.health.inputs.book import Book, Readings, gather, usage_readings
from perennial.health.inputs.served import Served, served

__all__ = ["Book", "Readings", "Served", "gather", "served", "usage_readings"]
