"""Programs that measure; each prints a table of its own."""
