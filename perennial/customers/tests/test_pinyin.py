"""Search by how a Chinese name is typed."""

from __future__ import annotations

import pytest

from perennial.customers.pinyin import KEY_LENGTH, person_key, search_key


@pytest.mark.parametrize(
    ("name", "key"),
    [
        pytest.param("北京卓泽", "bjzz beijingzhuoze", id="initials and syllables"),
        pytest.param("重庆银行", "cqyh chongqingyinhang", id="letters with two readings"),
        pytest.param("中软 Acme 集团", "zracmejt zhongruanacmejituan", id="mixed letters stay"),
        pytest.param("Acme Ltd", "", id="no Chinese, no key"),
    ],
)
def test_a_name_is_found_as_it_is_typed(name: str, key: str) -> None:
    assert search_key(name) == key


def test_a_long_name_fits_its_column() -> None:
    assert len(search_key("北" * 400)) == KEY_LENGTH


@pytest.mark.parametrize(
    ("name", "key"),
    [("曾小明", "zxm zengxiaoming"), ("单雄信", "sxx shanxiongxin"), ("Ann Lee", "ann lee")],
)
def test_a_surname_is_read_as_a_surname(name: str, key: str) -> None:
    assert person_key(name) == key
