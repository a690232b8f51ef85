"""The rules, as plain Python: no Django, no HTTP, no clock, no environment."""
