"""Reads of playbooks: their definitions, whom they mean, their runs through the gate."""

from perennial.work.playbooks.queries.definitions import (
    Known,
    faults_of,
    hints_of,
    playbook,
    playbooks,
)
from perennial.work.playbooks.queries.entering import Match, matches

__all__ = ["Known", "Match", "faults_of", "hints_of", "matches", "playbook", "playbooks"]
