"""The vocabulary: money, periods, business time, errors. No Django."""
