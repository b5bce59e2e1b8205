"""What of health can be written down as text: the profiles."""

from typing import Any

from perennial.health.texts.profiles import PROFILES
from perennial.units.definitions import Kind

KINDS: tuple[Kind[Any], ...] = (PROFILES,)
