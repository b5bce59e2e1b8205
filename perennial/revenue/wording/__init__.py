"""The words of the revenue pages and documents, and the definition (口径) beside each figure."""
