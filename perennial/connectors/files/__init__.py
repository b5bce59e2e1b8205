"""Files as people have them: recognised by content, read as rows of named cells."""

from perennial.connectors.files.opening import open_table
from perennial.connectors.files.table import Cell, Table

__all__ = ["Cell", "Table", "open_table"]
