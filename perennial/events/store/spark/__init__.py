"""Apache Spark over the same store: an optional extra (`make spark`), asked for by
PERENNIAL_ENGINE. Nothing here is imported before it is asked for."""
