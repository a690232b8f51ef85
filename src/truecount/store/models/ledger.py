"""What is managed, and the two records that the database itself lets nobody change: ledger and audit trail."""

from __future__ import annotations

import pgtrigger
from django.db import models
from django.db.models.functions import Now

from truecount.store.models.integration import Integration, Partner, User
from truecount.store.models.runs import Run


class Managed(models.Model):
    """An addition that Truecount created or took over, as its last write left it.

    `identity` is the PSA's host and company: an addition is managed by at most one integration of it.
    """

    integration = models.ForeignKey(Integration, on_delete=models.CASCADE, related_name="managed")
    identity = models.CharField(max_length=300)
    addition = models.IntegerField()
    agreement = models.IntegerField()
    item = models.IntegerField()
    quantity = models.DecimalField(max_digits=18, decimal_places=6)
    source = models.CharField(max_length=10)
    period = models.CharField(max_length=7)
    next_invoice = models.DateField(null=True)
    origin = models.JSONField(default=list)
    firewall = models.BooleanField(default=False)
    cancelled_by_us = models.DateField(null=True)
    bill_again = models.BooleanField(default=False)
    written_at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["identity", "addition"], name="one_owner_an_addition")]
        indexes = [models.Index(fields=["integration", "agreement", "item"])]

    def __str__(self) -> str:
        return f"addition {self.addition}"


class LedgerEvent(models.Model):
    """Appended for every write: intent before it is sent, answer after, or found when it had to be read back.

    `told` holds slot, kind, before, after, what was sent and what came back. Each event's hash covers the one
    before it, per integration.
    """

    integration = models.ForeignKey(Integration, on_delete=models.PROTECT, related_name="ledger")
    number = models.PositiveBigIntegerField()
    kind = models.CharField(max_length=8, choices=[(kind, kind) for kind in ("intent", "answer", "found")])
    write = models.UUIDField(db_index=True)
    run = models.ForeignKey(Run, on_delete=models.PROTECT, related_name="ledger")
    agreement = models.IntegerField()
    item = models.IntegerField()
    told = models.JSONField()
    at = models.DateTimeField()
    """By Truecount's clock, which a demonstration may have moved."""
    recorded_at = models.DateTimeField(db_default=Now())
    """By the database's clock: how long ago it was is told by this, the same on every machine."""
    previous = models.CharField(max_length=64)
    hash = models.CharField(max_length=64)

    class Meta:
        ordering = ["number"]
        constraints = [models.UniqueConstraint(fields=["integration", "number"], name="one_event_a_number")]
        indexes = [models.Index(fields=["integration", "agreement", "item"])]
        triggers = [pgtrigger.Protect(name="append_only", operation=pgtrigger.Update | pgtrigger.Delete)]

    def __str__(self) -> str:
        return f"{self.kind} {self.number}"


class AuditEvent(models.Model):
    """Every act: who, when, what, before, after."""

    partner = models.ForeignKey(Partner, on_delete=models.PROTECT, related_name="audit")
    integration = models.ForeignKey(Integration, on_delete=models.PROTECT, null=True, related_name="audit")
    by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, related_name="+")
    action = models.CharField(max_length=30)
    subject = models.CharField(max_length=300)
    before = models.JSONField(null=True)
    after = models.JSONField(null=True)
    at = models.DateTimeField()

    class Meta:
        ordering = ["-at"]
        indexes = [models.Index(fields=["partner", "-at"])]
        triggers = [pgtrigger.Protect(name="append_only", operation=pgtrigger.Update | pgtrigger.Delete)]

    def __str__(self) -> str:
        return f"{self.action} {self.subject}"
