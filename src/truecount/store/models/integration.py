"""Who uses Truecount and what is connected: partners, users, integrations, connections."""

from __future__ import annotations

from typing import ClassVar

from django.contrib.auth.models import AbstractBaseUser, BaseUserManager
from django.db import models

from truecount.core.roles import Action, Role, may


class Installation(models.Model):
    """One row: the fingerprint of the key that seals credentials, so that a wrong key stops the start."""

    key_fingerprint = models.CharField(max_length=64)
    made_at = models.DateTimeField()

    def __str__(self) -> str:
        return f"installation of {self.made_at:%Y-%m-%d}"


class Partner(models.Model):
    """The MSP; owns everything below. Partners never see each other."""

    slug = models.SlugField(unique=True)
    name = models.CharField(max_length=200)
    time_zone = models.CharField(max_length=64, default="UTC")
    made_at = models.DateTimeField()

    def __str__(self) -> str:
        return self.slug


class Users(BaseUserManager["User"]):
    def get_by_natural_key(self, username: str | None) -> User:
        return self.get(email__iexact=username)


class User(AbstractBaseUser):
    email = models.EmailField(unique=True)
    partner = models.ForeignKey(Partner, on_delete=models.CASCADE, related_name="users")
    role = models.PositiveSmallIntegerField(choices=[(role.value, role.name.lower()) for role in Role])
    language = models.CharField(max_length=5, default="en")
    is_active = models.BooleanField(default=True)
    made_at = models.DateTimeField()

    objects: ClassVar[Users] = Users()

    USERNAME_FIELD = "email"
    REQUIRED_FIELDS = ["partner", "role"]

    def __str__(self) -> str:
        return self.email

    def may(self, action: Action) -> bool:
        return self.is_active and may(self.role, action)


class SignInTry(models.Model):
    """A password that was tried; gone with the right one, or after a while."""

    email = models.CharField(max_length=254)
    address = models.CharField(max_length=64)
    at = models.DateTimeField()

    class Meta:
        indexes = [models.Index(fields=["email", "at"]), models.Index(fields=["address", "at"])]

    def __str__(self) -> str:
        return f"{self.email} of {self.at:%Y-%m-%d %H:%M}"


class Integration(models.Model):
    """One vendor connection + one PSA connection + their mappings, policy and schedule.

    `policy` holds only what differs from the defaults of `store/settings.py`. `holder` is the run that owns the
    integration now; every intent checks that it still does.
    """

    partner = models.ForeignKey(Partner, on_delete=models.CASCADE, related_name="integrations")
    slug = models.SlugField(unique=True)
    policy = models.JSONField(default=dict)
    holder = models.ForeignKey("store.Run", on_delete=models.SET_NULL, null=True, related_name="+")
    made_at = models.DateTimeField()

    def __str__(self) -> str:
        return self.slug


class Connection(models.Model):
    """Address + sealed credentials of one remote system, and its last check."""

    integration = models.ForeignKey(Integration, on_delete=models.CASCADE, related_name="connections")
    side = models.CharField(max_length=10, choices=[("vendor", "vendor"), ("psa", "psa")])
    kind = models.CharField(max_length=30)
    fields = models.JSONField(default=dict)
    sealed = models.BinaryField()
    checked_at = models.DateTimeField(null=True)
    identity = models.CharField(max_length=300, default="")
    """Of a PSA, what an addition id is unique within; of a vendor, who we are there."""
    missing = models.JSONField(default=list)
    excess = models.JSONField(default=list)
    notes = models.JSONField(default=dict)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["integration", "side"], name="one_connection_a_side")]

    def __str__(self) -> str:
        return f"{self.integration}: {self.kind}"
