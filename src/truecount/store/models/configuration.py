"""What people decided: product mappings with their rules, customer mappings with their splits, overrides."""

from __future__ import annotations

from django.db import models

from truecount.store.models.integration import Integration


class ProductMapping(models.Model):
    """One or more vendor products → one catalog item. `rule` holds only what differs from the plain sum."""

    integration = models.ForeignKey(Integration, on_delete=models.CASCADE, related_name="product_mappings")
    item = models.IntegerField()
    rule = models.JSONField(default=dict)
    where_none = models.CharField(max_length=12, default="create")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["integration", "item"], name="one_mapping_an_item")]

    def __str__(self) -> str:
        return f"item {self.item}"


class ProductMappingCode(models.Model):
    mapping = models.ForeignKey(ProductMapping, on_delete=models.CASCADE, related_name="codes")
    code = models.CharField(max_length=100)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["mapping", "code"], name="a_code_once_a_mapping")]

    def __str__(self) -> str:
        return self.code


class CustomerMapping(models.Model):
    integration = models.ForeignKey(Integration, on_delete=models.CASCADE, related_name="customer_mappings")
    customer = models.CharField(max_length=100)
    company = models.IntegerField()
    by_rule = models.CharField(max_length=12, default="")
    pattern = models.CharField(max_length=200, default="")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["integration", "customer"], name="one_mapping_a_customer")]

    def __str__(self) -> str:
        return f"{self.customer} → {self.company}"


class CustomerShare(models.Model):
    """An agreement's part, in order: a percentage, the first N, or the rest."""

    mapping = models.ForeignKey(CustomerMapping, on_delete=models.CASCADE, related_name="shares")
    position = models.PositiveSmallIntegerField()
    agreement = models.IntegerField()
    percent = models.DecimalField(max_digits=9, decimal_places=4, null=True)
    first = models.DecimalField(max_digits=18, decimal_places=6, null=True)

    class Meta:
        ordering = ["position"]
        constraints = [models.UniqueConstraint(fields=["mapping", "agreement"], name="an_agreement_once_a_mapping")]

    def __str__(self) -> str:
        return f"agreement {self.agreement}"


class CustomerOverride(models.Model):
    integration = models.ForeignKey(Integration, on_delete=models.CASCADE, related_name="overrides")
    customer = models.CharField(max_length=100)
    item = models.IntegerField()
    exclude = models.BooleanField(default=False)
    fixed = models.DecimalField(max_digits=18, decimal_places=6, null=True)
    minimum = models.DecimalField(max_digits=18, decimal_places=6, null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["integration", "customer", "item"], name="one_override_a_customer_and_item")
        ]

    def __str__(self) -> str:
        return f"{self.customer}: item {self.item}"
