"""The table of ConnectWise collections: path, schema, table, parent and right of each; no behaviour."""

from collections.abc import Mapping
from dataclasses import dataclass

SCHEMAS_OF_ANSWERS = (
    "BundleRequestsCollection",
    "BundleResultsCollection",
    "CatalogPricing",
    "Count",
    "ConfigurationReference",
    "ErrorResponseMessage",
    "Info",
    "MyMember",
    "MyMemberInfo",
    "MySecurity",
    "PatchOperation",
    "Usage",
)


@dataclass(frozen=True, kw_only=True, slots=True)
class Resource:
    """One collection of records with its paths; several may show the same table."""

    path: str
    """Template under the API root, without a trailing slash; a parent's id is `{id}`."""
    table: str
    schema: str
    thing: str
    """What messages call a record."""
    module: str
    """Whose right is asked; see switches.MODULES."""
    info: str | None = None
    """Schema of the light twin under /info."""
    parent: str | None = None
    """Table of the record that the path's first id names."""
    parent_field: str | None = None
    read_only: frozenset[str] = frozenset()
    """Computed or fixed fields beyond id and _info."""
    info_path: str | None = None
    called: str | None = None
    """The name in error bodies, where it is not the schema's."""

    @property
    def name(self) -> str:
        """The schema's name as error bodies write it: `catalogItem`."""
        if self.called is not None:
            return self.called
        last = self.schema.rsplit(".", 1)[-1]
        return last[0].lower() + last[1:]


LINE_COMPUTED = frozenset(
    {
        "agreementId",
        "description",
        "billedQuantity",
        "uom",
        "extPrice",
        "extCost",
        "margin",
        "extendedProrateCost",
        "extendedProratePrice",
        "agreementStatus",
    }
)

RESOURCES: tuple[Resource, ...] = (
    Resource(
        path="/company/companies",
        table="companies",
        schema="Company",
        thing="Company",
        module="companies",
        info="CompanyInfo",
        read_only=frozenset({"deletedBy", "dateDeleted", "mobileGuid"}),
    ),
    Resource(
        path="/company/companies/types",
        table="companyTypes",
        schema="CompanyType",
        thing="Company Type",
        module="setup",
        info="CompanyTypeInfo",
        info_path="/company/companies/info/types",
    ),
    Resource(
        path="/company/companies/statuses",
        table="statuses",
        schema="CompanyStatus",
        thing="Company Status",
        module="setup",
    ),
    Resource(
        path="/company/companies/{id}/sites",
        table="sites",
        schema="CompanySite",
        thing="Site",
        module="companies",
        info="CompanySiteInfo",
        parent="companies",
        parent_field="company",
        read_only=frozenset({"company"}),
    ),
    Resource(
        path="/company/companies/{id}/typeAssociations",
        table="typeAssociations",
        schema="Company.CompanyTypeAssociation",
        thing="Company Type Association",
        module="companies",
        parent="companies",
        parent_field="company",
    ),
    Resource(
        path="/company/companyTypeAssociations",
        table="typeAssociations",
        schema="CompanyCompanyTypeAssociation.CompanyTypeAssociation",
        thing="Company Type Association",
        module="companies",
    ),
    Resource(path="/company/contacts", table="contacts", schema="Contact", thing="Contact", module="companies"),
    Resource(
        path="/finance/agreements",
        table="agreements",
        schema="Agreement",
        thing="Agreement",
        module="agreements",
        read_only=frozenset({"agreementStatus"}),
    ),
    Resource(
        path="/finance/agreements/types",
        table="agreementTypes",
        schema="AgreementType",
        thing="Agreement Type",
        module="agreements",
        info="AgreementTypeInfo",
    ),
    Resource(
        path="/finance/agreements/{id}/additions",
        table="additions",
        schema="Addition",
        thing="Addition",
        module="agreements",
        parent="agreements",
        parent_field="agreementId",
        read_only=LINE_COMPUTED,
    ),
    Resource(
        path="/finance/agreements/{id}/adjustments",
        table="adjustments",
        schema="Agreement.Adjustment",
        thing="Adjustment",
        module="agreements",
        parent="agreements",
        parent_field="agreementId",
        read_only=frozenset({"agreementId"}),
    ),
    Resource(
        path="/finance/agreements/{id}/sites",
        table="agreementSites",
        schema="AgreementSite",
        thing="Agreement Site",
        module="agreements",
        parent="agreements",
        parent_field="agreementId",
        read_only=frozenset({"agreementId"}),
    ),
    Resource(
        path="/finance/agreements/{id}/configurations",
        table="agreementConfigurations",
        schema="ConfigurationReference",
        thing="Configuration",
        module="agreements",
        parent="agreements",
        parent_field="agreementId",
        called="configuration",
    ),
    Resource(
        path="/finance/agreementrecap",
        table="agreements",
        schema="AgreementRecap",
        thing="Agreement",
        module="agreements",
    ),
    Resource(path="/finance/invoices", table="invoices", schema="Invoice", thing="Invoice", module="invoices"),
    Resource(
        path="/finance/billingCycles",
        table="billingCycles",
        schema="BillingCycle",
        thing="Billing Cycle",
        module="setup",
        info="BillingCycleInfo",
    ),
    Resource(
        path="/finance/billingTerms",
        table="billingTerms",
        schema="BillingTerm",
        thing="Billing Term",
        module="setup",
        info="BillingTermInfo",
    ),
    Resource(
        path="/finance/currencies",
        table="currencies",
        schema="Finance.Currency",
        thing="Currency",
        module="setup",
        info="CurrencyInfo",
    ),
    Resource(
        path="/procurement/catalog",
        table="catalog",
        schema="CatalogItem",
        thing="Catalog Item",
        module="catalog",
        info="CatalogItemInfo",
        read_only=frozenset({"calculatedPrice", "calculatedCost", "connectWiseID"}),
    ),
    Resource(
        path="/procurement/catalog/{id}/components",
        table="components",
        schema="CatalogComponent",
        thing="Catalog Component",
        module="catalog",
        parent="catalog",
        parent_field="parentCatalogItem",
        read_only=frozenset({"parentCatalogItem"}),
    ),
    Resource(
        path="/procurement/catalog/{id}/inventory",
        table="inventory",
        schema="CatalogInventory",
        thing="Catalog Inventory",
        module="catalog",
        parent="catalog",
        parent_field="catalogItem",
    ),
    Resource(
        path="/procurement/pricingschedules",
        table="pricingSchedules",
        schema="PricingSchedule",
        thing="Pricing Schedule",
        module="setup",
    ),
    Resource(
        path="/procurement/categories",
        table="categories",
        schema="Category",
        thing="Product Category",
        module="setup",
        info="CategoryInfo",
    ),
    Resource(
        path="/procurement/subcategories",
        table="subcategories",
        schema="SubCategory",
        thing="Product SubCategory",
        module="setup",
        info="SubCategoryInfo",
    ),
    Resource(
        path="/procurement/categories/{id}/subcategories",
        table="subcategories",
        schema="LegacySubCategory",
        thing="Product SubCategory",
        module="setup",
        info="LegacySubCategoryInfo",
        parent="categories",
        parent_field="category",
    ),
    Resource(
        path="/procurement/types",
        table="types",
        schema="ProductType",
        thing="Product Type",
        module="setup",
        info="ProductTypeInfo",
    ),
    Resource(
        path="/procurement/manufacturers",
        table="manufacturers",
        schema="Manufacturer",
        thing="Manufacturer",
        module="setup",
        info="ManufacturerInfo",
    ),
    Resource(
        path="/procurement/unitOfMeasures",
        table="unitOfMeasures",
        schema="UnitOfMeasure",
        thing="Unit of Measure",
        module="setup",
    ),
    Resource(path="/system/members", table="members", schema="Member", thing="Member", module="setup"),
    Resource(path="/system/info/members", table="members", schema="MemberInfo", thing="Member", module="setup"),
    Resource(path="/system/apiMembers", table="apiMembers", schema="ApiMember", thing="Api Member", module="setup"),
    Resource(
        path="/system/securityroles",
        table="securityroles",
        schema="SecurityRole",
        thing="Security Role",
        module="setup",
        info="SecurityRoleInfo",
    ),
    Resource(
        path="/system/callbacks",
        table="callbacks",
        schema="CallbackEntry",
        thing="Callback",
        module="callbacks",
        read_only=frozenset({"memberId", "payloadVersion", "connectWiseID", "isSoapCallbackFlag"}),
    ),
    Resource(
        path="/system/userDefinedFields",
        table="userDefinedFields",
        schema="UserDefinedField",
        thing="User Defined Field",
        module="callbacks",
        info="UserDefinedFieldInfo",
        read_only=frozenset({"dateCreated", "connectWiseID"}),
    ),
    Resource(
        path="/system/audittrail",
        table="auditTrail",
        schema="AuditTrailEntry",
        thing="Audit Trail Entry",
        module="setup",
    ),
    Resource(
        path="/system/departments",
        table="departments",
        schema="Department",
        thing="Department",
        module="setup",
    ),
    Resource(
        path="/system/info/departments",
        table="departments",
        schema="DepartmentInfo",
        thing="Department",
        module="setup",
    ),
    Resource(path="/system/locations", table="locations", schema="Location", thing="Location", module="setup"),
    Resource(
        path="/system/info/locations",
        table="locations",
        schema="LocationInfo",
        thing="Location",
        module="setup",
    ),
)

REFERENCES: Mapping[str, str] = {
    "AgreementReference": "agreements",
    "AgreementTypeReference": "agreementTypes",
    "BillingCycleReference": "billingCycles",
    "BillingTermsReference": "billingTerms",
    "CatalogItemReference": "catalog",
    "CompanyReference": "companies",
    "CompanyStatusReference": "statuses",
    "CompanyTypeReference": "companyTypes",
    "ContactReference": "contacts",
    "CurrencyReference": "currencies",
    "IvItemReference": "catalog",
    "ManufacturerReference": "manufacturers",
    "MemberReference": "members",
    "PricingScheduleReference": "pricingSchedules",
    "ProductCategoryReference": "categories",
    "ProductSubCategoryReference": "subcategories",
    "ProductTypeReference": "types",
    "SecurityRoleReference": "securityroles",
    "SiteReference": "sites",
    "SystemDepartmentReference": "departments",
    "SystemLocationReference": "locations",
    "UnitOfMeasureReference": "unitOfMeasures",
}
"""Reference schema → table. References to what is not simulated are kept as they are given."""

HREFS: Mapping[str, str] = {
    "agreements": "agreement_href",
    "agreementTypes": "type_href",
    "billingCycles": "billingCycle_href",
    "billingTerms": "billingTerms_href",
    "catalog": "catalog_href",
    "categories": "category_href",
    "companies": "company_href",
    "companyTypes": "companyType_href",
    "contacts": "contact_href",
    "currencies": "currency_href",
    "departments": "department_href",
    "locations": "location_href",
    "manufacturers": "manufacturer_href",
    "members": "member_href",
    "pricingSchedules": "pricingSchedule_href",
    "securityroles": "securityRole_href",
    "sites": "site_href",
    "statuses": "status_href",
    "subcategories": "subcategory_href",
    "types": "type_href",
    "unitOfMeasures": "unitOfMeasure_href",
}


FIRST_IDS: Mapping[str, int] = {"companies": 250, "agreements": 100, "additions": 1000, "catalog": 40}


def simulated_schemas() -> set[str]:
    roots = {resource.schema for resource in RESOURCES} | set(SCHEMAS_OF_ANSWERS)
    return roots | {resource.info for resource in RESOURCES if resource.info is not None}
