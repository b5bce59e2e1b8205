"""Segments over all figures: who is in them, their pages, their text files."""
