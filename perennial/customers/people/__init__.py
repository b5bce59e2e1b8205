"""People at customers (相关人): grades, roles, who reports to whom, who left and where to."""
