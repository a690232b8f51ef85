"""The pages: one module per page group, templates, our own stylesheet."""
