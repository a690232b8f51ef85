"""What the two systems call things, as last read: labels and switches by id, never the source of a plan."""

from __future__ import annotations

from django.db import models

from truecount.store.folding import folded_of
from truecount.store.models.integration import Integration


class VendorProduct(models.Model):
    """`sync` is the Sync switch. `named_in` is the newest period that gave the name."""

    integration = models.ForeignKey(Integration, on_delete=models.CASCADE, related_name="vendor_products")
    code = models.CharField(max_length=100)
    name = models.CharField(max_length=300)
    group = models.CharField(max_length=50, default="")
    firewall = models.BooleanField(default=False)
    sync = models.BooleanField(default=False)
    switched_off_by = models.CharField(max_length=10, default="", choices=[("person", "person"), ("itself", "itself")])
    """`person` keeps it off through a new mapping; `itself` lets a new mapping turn it on again."""
    named_in = models.CharField(max_length=7, default="")
    seen_at = models.DateTimeField()
    folded = folded_of("name", "code")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["integration", "code"], name="one_row_a_code")]

    def __str__(self) -> str:
        return self.code


class Customer(models.Model):
    """`sync` is the Usage sync switch."""

    integration = models.ForeignKey(Integration, on_delete=models.CASCADE, related_name="customers")
    vendor_id = models.CharField(max_length=100)
    name = models.CharField(max_length=300)
    billing = models.CharField(max_length=10)
    active = models.BooleanField(default=True)
    sync = models.BooleanField(default=True)
    bill_anyway = models.BooleanField(default=False)
    gone_since = models.DateField(null=True)
    folded = folded_of("name")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["integration", "vendor_id"], name="one_row_a_customer")]

    def __str__(self) -> str:
        return self.name


class Company(models.Model):
    integration = models.ForeignKey(Integration, on_delete=models.CASCADE, related_name="companies")
    psa_id = models.IntegerField()
    identifier = models.CharField(max_length=200)
    name = models.CharField(max_length=200)
    active = models.BooleanField(default=True)
    gone_since = models.DateField(null=True)
    folded = folded_of("name", "identifier")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["integration", "psa_id"], name="one_row_a_company")]

    def __str__(self) -> str:
        return self.name


class Agreement(models.Model):
    integration = models.ForeignKey(Integration, on_delete=models.CASCADE, related_name="agreements")
    psa_id = models.IntegerField()
    name = models.CharField(max_length=200)
    company = models.IntegerField()
    type = models.CharField(max_length=100, default="")
    state = models.CharField(max_length=20)
    next_invoice = models.DateField(null=True)
    currency = models.CharField(max_length=10, default="")
    gone_since = models.DateField(null=True)
    folded = folded_of("name")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["integration", "psa_id"], name="one_row_an_agreement")]
        indexes = [models.Index(fields=["integration", "company"])]

    def __str__(self) -> str:
        return self.name


class CatalogItem(models.Model):
    integration = models.ForeignKey(Integration, on_delete=models.CASCADE, related_name="catalog_items")
    psa_id = models.IntegerField()
    identifier = models.CharField(max_length=200)
    description = models.CharField(max_length=300)
    category = models.CharField(max_length=100, default="")
    item_class = models.CharField(max_length=30, default="")
    vendor_sku = models.CharField(max_length=100, default="")
    part_number = models.CharField(max_length=100, default="")
    price = models.DecimalField(max_digits=18, decimal_places=6, default=0)
    active = models.BooleanField(default=True)
    gone_since = models.DateField(null=True)
    folded = folded_of("identifier", "description", "vendor_sku", "part_number")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["integration", "psa_id"], name="one_row_an_item")]

    def __str__(self) -> str:
        return self.identifier
