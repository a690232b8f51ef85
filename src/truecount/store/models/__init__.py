"""All tables; each file holds those of one subject."""

from truecount.store.models.configuration import (
    CustomerMapping,
    CustomerOverride,
    CustomerShare,
    ProductMapping,
    ProductMappingCode,
)
from truecount.store.models.integration import Connection, Installation, Integration, Partner, SignInTry, User
from truecount.store.models.labels import Agreement, CatalogItem, Company, Customer, VendorProduct
from truecount.store.models.ledger import AuditEvent, LedgerEvent, Managed
from truecount.store.models.runs import CustomerFigure, Finding, Hold, Plan, PlanChange, RawAnswer, Run, Snapshot

__all__ = [
    "Agreement",
    "AuditEvent",
    "CatalogItem",
    "Company",
    "Connection",
    "Customer",
    "CustomerFigure",
    "CustomerMapping",
    "CustomerOverride",
    "CustomerShare",
    "Finding",
    "Hold",
    "Installation",
    "Integration",
    "LedgerEvent",
    "Managed",
    "Partner",
    "Plan",
    "PlanChange",
    "ProductMapping",
    "ProductMappingCode",
    "RawAnswer",
    "Run",
    "SignInTry",
    "Snapshot",
    "User",
    "VendorProduct",
]
