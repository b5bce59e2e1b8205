"""The day, in order: facts → numbers → judgement → action → shown."""
