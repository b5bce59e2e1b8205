"""Whom a text names, and what a file is by its content."""
