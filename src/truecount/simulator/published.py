"""S-FIELDS: the fields that the bodies published by the vendor have, and answers cut down to them."""

from collections.abc import Mapping
from typing import Any

Json = dict[str, Any]

_ID = {"id": None}
_BOUGHT = {
    "id": None,
    "licenseIdentifier": None,
    "product": {"code": None},
    **dict.fromkeys(("startDate", "perpetual", "type", "unlimited")),
}
PUBLISHED: Mapping[str, Json] = {
    "/partner/v1/tenants": {
        "items": {
            **dict.fromkeys(("id", "name", "dataGeography", "dataRegion", "billingType", "apiHost")),
            "partner": _ID,
        },
        "pages": None,
    },
    "/partner/v1/billing/usage/{year}/{month}": {
        "items": dict.fromkeys(
            (
                "partnerAccountId",
                "partnerEdiAccountNumber",
                "partnerAccountName",
                "billingStartDate",
                "billingEndDate",
                "orderNumber",
                "orderLineItemNumber",
                "accountNumberOrSerialNumber",
                "productDescription",
                "productGroup",
                "sku",
                "billableQuantity",
                "externalId",
                "accountId",
                "accountStatus",
                "actualQuantity",
                "productCode",
            )
        ),
        "pages": None,
    },
    "/licenses/v1/licenses": {"organization": _ID, "tenant": _ID, "licenses": _BOUGHT},
    "/licenses/v1/licenses/firewalls": {
        "items": {
            **dict.fromkeys(("serialNumber", "model", "modelType")),
            "owner": {"id": None, "type": None},
            "licenses": _BOUGHT,
        },
        "pages": None,
    },
}
"""S-FIELDS: the fields of the bodies that the vendor publishes, by route; None keeps a value as it is."""


def shaped(value: Any, shape: Json | None) -> Any:
    """A body with the fields of a shape only; each element of a list has the same."""
    if shape is None:
        return value
    if isinstance(value, list):
        return [shaped(item, shape) for item in value]
    return {name: shaped(value[name], inner) for name, inner in shape.items() if name in value}
