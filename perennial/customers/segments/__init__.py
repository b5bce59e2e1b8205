"""Segments: filters with a name, and who stands in them since when."""
