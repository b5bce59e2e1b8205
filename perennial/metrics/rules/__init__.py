"""What usage metrics decide, without engine and database."""
