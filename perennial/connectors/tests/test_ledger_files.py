"""Orders read for the revenue commands, without a home."""

from datetime import date
from decimal import Decimal

import pytest

from perennial.connectors.ledger_files import read_orders, read_pauses
from perennial.connectors.tests.files import ORDERS, write
from perennial.units.errors import InputRefused


def test_orders_are_read_with_their_defaults(tmp_path):
    [row] = read_orders(write(tmp_path, "a.csv", ORDERS))
    assert (row.order_id, row.line, row.interval_months) == ("O1", "1", 1)
    assert (row.recurring_amount, row.basis) == (Decimal(12000), "term")
    assert (row.signed_on, row.signed_assumed) == (date(2024, 1, 1), True)


def test_the_first_wrong_row_is_named(tmp_path):
    text = ORDERS + "O2,C1,new,2024-01-01,2024-01-01,1,CNY\nO3,C1,new,2024-01-01,,-1,CNY\n"
    with pytest.raises(InputRefused) as refused:
        read_orders(write(tmp_path, "a.csv", text))
    assert (refused.value.code, refused.value.row, refused.value.column) == (
        "ends_before_start",
        3,
        "end_on",
    )


def test_pauses_are_read(tmp_path):
    path = write(tmp_path, "a.csv", "customer_id,start_on,end_on\nC1,2024-01-01,2024-02-01\n")
    [row] = read_pauses(path)
    assert (row.customer_id, row.order_id, row.end_on) == ("C1", "", date(2024, 2, 1))
