"""What judgements are made from: the readings of any customers on any days.

`reading.gather` makes a column of each source (`sources`) for any `cases.Cases`; `scene` is what
the readers of the sources share.
"""

from perennial.health.inputs.served import Served, served

__all__ = ["Served", "served"]
