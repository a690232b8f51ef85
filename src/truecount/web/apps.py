"""No tables here: an app for its templates, tags and static files."""

from django.apps import AppConfig


class WebConfig(AppConfig):
    name = "truecount.web"
    label = "web"
