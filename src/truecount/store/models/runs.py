"""What happened and what is proposed: runs, snapshots with raw answers, plans, holds, findings."""

from __future__ import annotations

from django.db import models

from truecount.store.models.integration import Integration, User


class Snapshot(models.Model):
    """One reading of both systems. `usage` and `billing` are documents (`store/documents.py`), never changed.

    `noticed` holds the findings of the reading itself, such as a new name of something mapped; `units` the sum of all
    known quantities, by quantity field and as text, so that a chart of months opens no document.
    """

    integration = models.ForeignKey(Integration, on_delete=models.CASCADE, related_name="snapshots")
    source = models.CharField(max_length=10)
    period = models.CharField(max_length=7)
    complete = models.BooleanField()
    lines = models.PositiveIntegerField()
    taken_at = models.DateTimeField()
    usage = models.BinaryField()
    billing = models.BinaryField()
    noticed = models.JSONField(default=list)
    units = models.JSONField(default=dict)
    """By quantity field and vendor product, as text."""

    class Meta:
        indexes = [models.Index(fields=["integration", "source", "period", "-taken_at"])]

    def __str__(self) -> str:
        return f"{self.source} {self.period} of {self.taken_at:%Y-%m-%d %H:%M}"


class RawAnswer(models.Model):
    """An answer as it came, compressed and redacted; kept for runs that failed, too."""

    run = models.ForeignKey("store.Run", on_delete=models.CASCADE, related_name="answers")
    system = models.CharField(max_length=30)
    method = models.CharField(max_length=8)
    route = models.CharField(max_length=200)
    status = models.PositiveSmallIntegerField()
    body = models.BinaryField()
    at = models.DateTimeField()

    def __str__(self) -> str:
        return f"{self.method} {self.route} {self.status}"


class Run(models.Model):
    """One execution of one or more verbs. `error` is {code, fields}; `outcomes` counts contributions."""

    integration = models.ForeignKey(Integration, on_delete=models.CASCADE, related_name="runs")
    verb = models.CharField(max_length=10)
    trigger = models.CharField(max_length=10, default="person")
    by = models.ForeignKey(User, on_delete=models.SET_NULL, null=True, related_name="+")
    state = models.CharField(max_length=12, default="running")
    phase = models.CharField(max_length=10, default="")
    step = models.PositiveIntegerField(default=0)
    steps = models.PositiveIntegerField(default=0)
    period = models.CharField(max_length=7, default="")
    source = models.CharField(max_length=10, default="")
    snapshot = models.ForeignKey(Snapshot, on_delete=models.SET_NULL, null=True, related_name="runs")
    plan = models.ForeignKey("store.Plan", on_delete=models.SET_NULL, null=True, related_name="runs")
    started_at = models.DateTimeField()
    finished_at = models.DateTimeField(null=True)
    error = models.JSONField(null=True)
    calls = models.JSONField(default=dict)
    seconds = models.JSONField(default=dict)
    outcomes = models.JSONField(default=dict)
    converged = models.BooleanField(null=True)
    place = models.CharField(max_length=200, default="")
    """Machine and process that ran it, for the one who is told that the integration is busy."""

    class Meta:
        indexes = [models.Index(fields=["integration", "-started_at"])]

    def __str__(self) -> str:
        return f"run {self.pk}"


class Plan(models.Model):
    """The changes of one comparison. `inputs` holds what it was computed from besides the snapshot.

    States: open → approved → applied; empty where there is nothing to do; superseded by a newer plan, expired, or
    void where the digest changed.
    """

    integration = models.ForeignKey(Integration, on_delete=models.CASCADE, related_name="plans")
    snapshot = models.ForeignKey(Snapshot, on_delete=models.PROTECT, related_name="plans")
    source = models.CharField(max_length=10)
    period = models.CharField(max_length=7)
    digest = models.CharField(max_length=64)
    state = models.CharField(max_length=12, default="open")
    today = models.DateField()
    inputs = models.BinaryField()
    since = models.BinaryField(null=True)
    """What moved since the month before, where that had been read."""
    counts = models.JSONField(default=dict)
    money = models.JSONField(default=dict)
    """By currency: {"before", "after"} as text, over all lines standing in the plan's slots."""
    contributions = models.PositiveIntegerField(default=0)
    made_by = models.ForeignKey(User, on_delete=models.SET_NULL, null=True, related_name="+")
    made_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    approved_by = models.ForeignKey(User, on_delete=models.SET_NULL, null=True, related_name="+")
    approved_at = models.DateTimeField(null=True)

    class Meta:
        indexes = [models.Index(fields=["integration", "-made_at"])]

    def __str__(self) -> str:
        return f"plan {self.pk}"


class PlanChange(models.Model):
    """One change of a plan. `ticked` false: a person left it out, it waits. `outcome` is empty until applied."""

    plan = models.ForeignKey(Plan, on_delete=models.CASCADE, related_name="changes")
    agreement = models.IntegerField()
    item = models.IntegerField()
    kind = models.CharField(max_length=8)
    before = models.DecimalField(max_digits=18, decimal_places=6)
    after = models.DecimalField(max_digits=18, decimal_places=6)
    effective = models.DateField(null=True)
    addition = models.IntegerField(null=True)
    customers = models.JSONField(default=list)
    codes = models.JSONField(default=list)
    money_before = models.DecimalField(max_digits=18, decimal_places=6)
    money_after = models.DecimalField(max_digits=18, decimal_places=6)
    currency = models.CharField(max_length=10, default="")
    ticked = models.BooleanField(default=True)
    outcome = models.CharField(max_length=10, default="")
    answer = models.JSONField(null=True)
    """Why it was refused, stale or failed: {code, fields}."""

    class Meta:
        ordering = ["agreement", "item"]
        constraints = [models.UniqueConstraint(fields=["plan", "agreement", "item"], name="one_change_a_slot_and_plan")]

    def __str__(self) -> str:
        return f"{self.kind} {self.agreement}/{self.item}"


class CustomerFigure(models.Model):
    """What the last plan counted and bills for one customer; rows of the plan before are replaced.

    `money` is a month's after the plan, in the currency that has the most of it; `others` has the rest by currency.
    """

    integration = models.ForeignKey(Integration, on_delete=models.CASCADE, related_name="figures")
    plan = models.ForeignKey(Plan, on_delete=models.CASCADE, related_name="figures")
    customer = models.CharField(max_length=100)
    units = models.DecimalField(max_digits=18, decimal_places=6)
    money = models.DecimalField(max_digits=18, decimal_places=6, null=True)
    currency = models.CharField(max_length=10, default="")
    others = models.JSONField(default=dict)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["integration", "customer"], name="one_figure_a_customer")]

    def __str__(self) -> str:
        return f"{self.customer}: {self.units}"


class Hold(models.Model):
    """A reason why a plan, or one slot of it, waits for a person; the reason of its release stays."""

    plan = models.ForeignKey(Plan, on_delete=models.CASCADE, related_name="holds")
    kind = models.CharField(max_length=30)
    agreement = models.IntegerField(null=True)
    item = models.IntegerField(null=True)
    fields = models.JSONField(default=dict)
    released_by = models.ForeignKey(User, on_delete=models.SET_NULL, null=True, related_name="+")
    released_at = models.DateTimeField(null=True)
    reason = models.TextField(default="")

    class Meta:
        ordering = ["pk"]

    def __str__(self) -> str:
        return f"{self.kind} of {self.plan}"


class Finding(models.Model):
    """Something a person should know, from when it was first seen until a plan no longer finds it."""

    integration = models.ForeignKey(Integration, on_delete=models.CASCADE, related_name="findings")
    plan = models.ForeignKey(Plan, on_delete=models.SET_NULL, null=True, related_name="findings")
    kind = models.CharField(max_length=30)
    customer = models.CharField(max_length=100, default="")
    product = models.CharField(max_length=100, default="")
    company = models.IntegerField(null=True)
    agreement = models.IntegerField(null=True)
    item = models.IntegerField(null=True)
    mark = models.CharField(max_length=200, default="")
    money = models.DecimalField(max_digits=18, decimal_places=6, null=True)
    currency = models.CharField(max_length=10, default="")
    fields = models.JSONField(default=dict)
    since = models.DateField()
    seen_at = models.DateTimeField()
    closed_at = models.DateTimeField(null=True)

    class Meta:
        indexes = [models.Index(fields=["integration", "closed_at"])]

    def __str__(self) -> str:
        return f"{self.kind} since {self.since}"
