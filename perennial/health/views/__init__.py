"""Pages of health: scorecards and their editor, backtests, and what people say of a customer."""
