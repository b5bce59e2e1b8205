"""What moves runs on: each turn looks at runs, ends and starts their steps, and writes it down.

`moving.advance` moves runs, `moving.begin` makes new ones; both take the day whose facts are
known (`day`) and the morning for which they act (`as_of`).
"""
