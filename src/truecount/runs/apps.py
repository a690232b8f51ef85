"""No tables here: an app only so that the queue finds `tasks.py`."""

from django.apps import AppConfig


class RunsConfig(AppConfig):
    name = "truecount.runs"
    label = "runs"
