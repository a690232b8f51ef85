"""The verbs: collect, prepare, approve, apply, verify; the only place with transactions."""
