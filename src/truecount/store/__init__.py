"""All tables in one Django app, and the plain functions between rows and core values."""
