"""Everything that was imported can be taken out again, in files that import unchanged."""

from perennial.connectors.exporting.export import Exported, export, rows_of
from perennial.connectors.exporting.writers import ExportFormat, csv_lines

__all__ = ["ExportFormat", "Exported", "csv_lines", "export", "rows_of"]
