"""Decisions of event intake: no framework, no engine, no clock."""
