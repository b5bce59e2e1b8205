"""YAML as people write it: rows of numbers in one line, texts line by line, nothing by alias."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import yaml


def as_yaml(document: Mapping[str, object]) -> str:
    """The document; the same one always gives the same bytes."""
    return yaml.dump(document, Dumper=_Written, allow_unicode=True, sort_keys=False, width=10**6)


class _Written(yaml.SafeDumper):
    def ignore_aliases(self, data: Any) -> bool:  # noqa: ARG002 of the class above
        return True


def _row(dumper: yaml.SafeDumper, values: list[Any]) -> yaml.Node:
    short = bool(values) and all(isinstance(it, int | float | None) for it in values)
    return dumper.represent_sequence("tag:yaml.org,2002:seq", values, flow_style=short)


def _text(dumper: yaml.SafeDumper, text: str) -> yaml.Node:
    style = "|" if "\n" in text else None
    return dumper.represent_scalar("tag:yaml.org,2002:str", text, style=style)


_Written.add_representer(list, _row)
_Written.add_representer(str, _text)
