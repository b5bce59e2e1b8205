from __future__ import annotations

from django.http import QueryDict

from perennial.web import asked


def test_what_was_typed_is_trimmed_cut_and_can_be_looked_for():
    said = QueryDict("q=%20a%00b%20&long=" + "x" * 300)
    assert asked.text(said, "q", most=100) == "ab"
    assert len(asked.text(said, "long", most=100)) == 100
    assert asked.text(said, "absent", most=100) == ""
