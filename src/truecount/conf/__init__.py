"""Settings, addresses and entry points; imported by nobody."""
