"""A small ledger written by hand, with figures worked out by hand, for the revenue commands.

Four customers pay: A 1,000 a month in 2024 and 1,250 in 2025 (renewed 21 days before it was
due); B 500 from February 2024 to January 2025, then nothing, then 600 from 5 March; C 300 from
March 2024, open-ended, cancelled to 15 February 2025 with notice on 20 January; D 2,000 from
10 January 2025, less 310 from March. E only tries. So the MRR at the end of December is 1,800,
of January 4,050, of February 3,250, of March 3,540.
"""

from __future__ import annotations

from pathlib import Path

ORDERS = """\
order_id,customer_id,kind,start_on,end_on,recurring_amount,renews,signed_on
A-1,A,new,2024-01-01,2025-01-01,12000,,2023-12-20
A-2,A,renewal,2025-01-01,2026-01-01,15000,A-1,2024-12-10
B-1,B,new,2024-02-01,2025-02-01,6000,,2024-02-01
C-1,C,new,2024-03-01,,300,,2024-03-01
C-9,C,cancellation,2025-02-15,,,C-1,2025-01-20
D-1,D,new,2025-01-10,2026-01-10,24000,,2025-01-08
D-2,D,downsell,2025-03-01,2026-01-10,-3190,D-1,2025-03-01
E-1,E,trial,2025-01-01,2025-02-01,,,2025-01-01
B-2,B,new,2025-03-05,2026-03-05,7200,,2025-03-05
"""


def write(folder: Path, text: str = ORDERS, name: str = "orders.csv") -> Path:
    path = folder / name
    path.write_text(text, encoding="utf-8")
    return path
