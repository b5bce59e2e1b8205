"""Pages of recurring revenue, one file per tab."""
