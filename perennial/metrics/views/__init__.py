"""Pages of usage metrics: the catalogue, one metric, own metrics, goals."""
