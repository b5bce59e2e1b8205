"""What of usage can be written down as text: own metrics, goals, activity, features."""

from typing import Any

from perennial.metrics.texts.features import FEATURES
from perennial.metrics.texts.goals import ACTIVITY, GOALS
from perennial.metrics.texts.metrics import METRICS
from perennial.units.definitions import Kind

KINDS: tuple[Kind[Any], ...] = (METRICS, GOALS, ACTIVITY, FEATURES)
