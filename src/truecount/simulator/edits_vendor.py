"""Changes of the vendor's customers, products, usage and firewalls behind its API's back."""

import uuid
from collections.abc import Iterable

from truecount.simulator.edits import BadControl, Json, merged
from truecount.simulator.products import Product
from truecount.simulator.vendor import Line, Tenant, Vendor
from truecount.simulator.wire import BASE, Answer, dumps, empty_answer, json_answer

VENDOR_COLLECTIONS = ("customers", "products", "usage", "firewalls")


class VendorEdits:
    """The vendor's collections: customers, products, usage, firewalls."""

    def __init__(self, vendor: Vendor) -> None:
        self.vendor = vendor

    def state(self) -> Iterable[tuple[str, Iterable[bytes]]]:
        vendor = self.vendor
        yield "products", [dumps(vendor.product_json(product)) for product in vendor.visible_products()]
        yield "customers", [dumps(vendor.tenant_json(tenant)) for tenant in vendor.visible_tenants()]
        yield (
            "usage",
            [
                dumps(self._line_json(line))
                for period in vendor.known_periods()
                for line in vendor.month(period).values()
            ],
        )
        yield "firewalls", [dumps(firewall) for firewall in vendor.firewalls.values()]

    def _line_json(self, line: Line) -> Json:
        return {"id": line.id, "period": line.period, **self.vendor.line_json(line)}

    def create(self, collection: str, given: Json) -> Answer:
        self.vendor.changed()
        match collection:
            case "customers":
                return self._create_customer(given)
            case "products":
                code = str(given.get("code") or given.get("id") or "")
                name = str(given.get("name") or code)
                group = str(given.get("productGroup") or "User")
                product = Product(code=code, group=group, names=[("", name)])
                self.vendor.products[code] = product
                return json_answer(201, self.vendor.product_json(product))
            case "usage":
                return self._create_line(given)
            case "firewalls":
                serial = str(given.get("serialNumber") or "")
                self.vendor.firewalls[serial] = {**self._firewall_defaults(serial), **given}
                return json_answer(201, self.vendor.firewalls[serial])
        raise BadControl(404, f"no collection {collection}")

    def _create_customer(self, given: Json) -> Answer:
        id = str(given.get("id") or uuid.uuid5(uuid.NAMESPACE_URL, f"tenant-{len(self.vendor.tenants)}"))
        name = str(given.get("name") or given.get("showAs") or "New customer")
        row: Json = {
            "id": id,
            "showAs": name,
            "name": name,
            "dataGeography": "IE",
            "dataRegion": "eu01",
            "billingType": "usage",
            "partner": {"id": self.vendor.world.partner_id},
            "apiHost": BASE,
            "status": "active",
        }
        row = {**row, **given, "id": id}
        self.vendor.tenants[id] = Tenant(row=row, customer=None)
        return json_answer(201, row)

    def _create_line(self, given: Json) -> Answer:
        period = str(given.get("period") or self.vendor.now_period())
        lines = self.vendor.month(period)
        id = str(given.get("id") or self._free_line_id(period))
        changes = {**self._line_defaults(period, given, id), **given}
        changes = {name: value for name, value in changes.items() if name not in ("id", "period")}
        line = Line(id=id, period=period, order=None, billable=0, actual=0, changes=changes)
        lines[id] = line
        return json_answer(201, self._line_json(line))

    def _free_line_id(self, period: str) -> str:
        taken = self.vendor.month(period)
        number = len(taken) + 900_001
        while f"{period}-{number:06d}" in taken:
            number += 1
        return f"{period}-{number:06d}"

    def _line_defaults(self, period: str, given: Json, id: str) -> Json:
        code = str(given.get("productCode") or "CIXA-MSP")
        product = self.vendor.products.get(code)
        tenant = self.vendor.tenants.get(str(given.get("accountId")))
        quantity = given.get("billableQuantity", given.get("actualQuantity", 1))
        sample = next((line.order for line in self.vendor.month(period).values() if line.order is not None), None)
        base = self.vendor.printed(sample, period, 0, 0) if sample is not None else {}
        return {
            **{name: base.get(name) for name in ("partnerAccountId", "partnerEdiAccountNumber", "partnerAccountName")},
            **{name: base.get(name) for name in ("billingStartDate", "billingEndDate")},
            "orderNumber": f"MSP-{id}",
            "orderLineItemNumber": "000010",
            "accountNumberOrSerialNumber": f"A{id}",
            "productDescription": product.name(period) if product is not None else code,
            "productGroup": product.group if product is not None else "User",
            "sku": "SIMZ1CSMG",
            "billableQuantity": quantity,
            "orderedQuantity": quantity,
            "externalId": given.get("accountId"),
            "accountStatus": "active",
            "actualQuantity": quantity,
            "productCode": code,
            "assignedAccountIdentifier": tenant.row["name"] if tenant is not None else None,
        }

    def _firewall_defaults(self, serial: str) -> Json:
        return {
            "serialNumber": serial,
            "owner": {"id": self.vendor.world.partner_id, "type": "partner"},
            "model": "XGS 107",
            "modelType": "hardware",
            "tenant": {},
            "billingTenant": None,
            "licenses": [],
        }

    def patch(self, collection: str, id: str, given: Json) -> Answer:
        vendor = self.vendor
        vendor.changed()
        match collection:
            case "customers" if id in vendor.tenants:
                tenant = vendor.tenants[id]
                renamed = {"showAs": given["name"]} if "name" in given and "showAs" not in given else {}
                tenant.row = merged(tenant.row, {**given, **renamed})
                return json_answer(200, vendor.tenant_json(tenant))
            case "products" if id in vendor.products:
                return self._patch_product(vendor.products[id], given)
            case "usage" if (line := self._line(id)) is not None:
                changes = merged(vendor.line_json(line), given)
                removed = {name: None for name, value in given.items() if value is None}
                line.changes |= {name: changes[name] for name in given if name in changes} | removed
                return json_answer(200, self._line_json(line))
            case "firewalls" if id in vendor.firewalls:
                return self._patch_firewall(id, given)
        raise BadControl(404, f"no {id} in {collection}")

    def _line(self, id: str) -> Line | None:
        return self.vendor.month(id[:7]).get(id) if id[:7] in self.vendor.known_periods() else None

    def _patch_product(self, product: Product, given: Json) -> Answer:
        """A new name holds from this month on, on the lines too."""
        now = self.vendor.now_period()
        if "name" in given:
            product.names = [entry for entry in product.names if entry[0] < now] or [("", product.names[0][1])]
            product.names.append((now, str(given["name"])))
            for period in self.vendor.known_periods():
                for line in self.vendor.month(period).values() if period >= now else ():
                    if line.order is not None and line.order.code == product.code:
                        line.changes["productDescription"] = str(given["name"])
        product.group = str(given.get("productGroup", product.group))
        return json_answer(200, self.vendor.product_json(product))

    def _patch_firewall(self, serial: str, given: Json) -> Answer:
        """Another assignment shows on the lines of this month and later."""
        vendor = self.vendor
        firewall = merged(vendor.firewalls[serial], given)
        firewall.setdefault("billingTenant", None)
        vendor.firewalls[serial] = firewall
        if "billingTenant" in given:
            vendor.assign(serial, (firewall["billingTenant"] or {}).get("id"), vendor.now_period())
        return json_answer(200, firewall)

    def delete(self, collection: str, id: str) -> Answer:
        vendor = self.vendor
        vendor.changed()
        match collection:
            case "customers" if id in vendor.tenants:
                del vendor.tenants[id]
            case "products" if id in vendor.products:
                del vendor.products[id]
            case "firewalls" if id in vendor.firewalls:
                del vendor.firewalls[id]
            case "usage" if (line := self._line(id)) is not None:
                del vendor.month(line.period)[id]
            case _:
                raise BadControl(404, f"no {id} in {collection}")
        return empty_answer(204)
