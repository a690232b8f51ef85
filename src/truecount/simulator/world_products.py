"""The products of the simulated world: the vendor's, with their place in the catalog, and those of others."""

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True, slots=True)
class VendorItem:
    """One Sophos product: what the vendor counts and what the MSP sells it as."""

    code: str
    name: str
    group: str
    cost: float
    """What the vendor asks for a unit and month."""
    price: float
    """What the MSP asks."""
    identifier: str
    description: str
    """Both of the catalog; at most 60 characters."""
    sku: str
    subcategory: str
    before: str | None = None
    """An earlier name."""
    renamed: int = 0
    """Months between the month of the first report and the rename; 0: the month itself."""
    vendor_sku: bool = True
    """Whether the catalog item carries the code."""
    firewall: bool = False


ENDPOINT, SERVER, EMAIL, NETWORK = "Endpoint Security", "Server Security", "Email Security", "Network Security"

VENDOR_ITEMS: tuple[VendorItem, ...] = (
    VendorItem(
        code="CIXA-MSP",
        name="Sophos Endpoint - User MSP Monthly",
        group="User",
        cost=2.45,
        price=4.2,
        identifier="Sophos_Intercept_X_Advanced",
        description="Sophos Central Intercept X Advanced",
        sku="CIXA1CSMG",
        subcategory=ENDPOINT,
        before="Central Intercept X Advanced - User MSP Monthly",
    ),
    VendorItem(
        code="SVRCLOUDADV-MSP",
        name="Sophos Endpoint - Server MSP Monthly",
        group="Server",
        cost=4.6,
        price=7.9,
        identifier="Sophos_Intercept_X_Adv_Srv",
        description="Sophos Central Server Intercept X Advanced for Server",
        sku="SVAZ1CSMG",
        subcategory=SERVER,
    ),
    VendorItem(
        code="CIXAXDR-MSP",
        name="Sophos XDR - User MSP Monthly",
        group="User",
        cost=3.9,
        price=6.5,
        identifier="Sophos_Intercept_X_Advanced_XDR",
        description="Sophos Central Intercept X Advanced with XDR",
        sku="CXDR1CSMG",
        subcategory=ENDPOINT,
    ),
    VendorItem(
        code="CIXAMTR-STD-MSP",
        name="Sophos MDR Essentials - User MSP Monthly",
        group="User",
        cost=5.2,
        price=8.9,
        identifier="Sophos_MTR_Standard",
        description="Intercept X Advanced with XDR and MTR Standard",
        sku="MDRE1CSMG",
        subcategory=ENDPOINT,
    ),
    VendorItem(
        code="CIXAMTR-ADV-MSP",
        name="Sophos MDR Complete - User MSP Monthly",
        group="User",
        cost=6.95,
        price=11.5,
        identifier="Sophos_MTR_Advanced",
        description="Intercept X Advanced with XDR and MTR Advanced",
        sku="MDRC1CSMG",
        subcategory=ENDPOINT,
    ),
    VendorItem(
        code="SVRCIXAMTR-STD-MSP",
        name="Sophos MDR Essentials - Server MSP Monthly",
        group="Server",
        cost=9.8,
        price=15.9,
        identifier="Sophos_MTR_Standard_Srv",
        description="Intercept X Adv. for Server with XDR and MTR Standard",
        sku="MDRE1SSMG",
        subcategory=SERVER,
    ),
    VendorItem(
        code="SVRCIXAMTR-ADV-MSP",
        name="Sophos MDR Complete - Server MSP Monthly",
        group="Server",
        cost=13.9,
        price=22.5,
        identifier="Sophos_MTR_Advanced_Srv",
        description="Intercept X Adv. for Server with XDR and MTR Advanced",
        sku="MDRC1SSMG",
        subcategory=SERVER,
    ),
    VendorItem(
        code="CEMA-MSP",
        name="Central Email Advanced MSP Monthly",
        group="User",
        cost=1.65,
        price=2.9,
        identifier="Sophos_Email_Advanced",
        description="Sophos Central Email Advanced",
        sku="CEAZ1CSMG",
        subcategory=EMAIL,
        before="Central Email Advanced MSP Monthly",
        renamed=1,
    ),
    VendorItem(
        code="CEMA-PE-ADDON-MSP",
        name="Portal Encryption Add-on for Email Advanced MSP Monthly",
        group="User",
        cost=0.8,
        price=1.4,
        identifier="Sophos_Email_Portal_Encryption",
        description="Portal Encryption Add-on for Email Advanced",
        sku="CPEA1CSMG",
        subcategory=EMAIL,
    ),
    VendorItem(
        code="CDE-MSP",
        name="Central Device Encryption MSP Monthly",
        group="User",
        cost=0.95,
        price=1.6,
        identifier="Sophos_Device_Encryption",
        description="Sophos Central Device Encryption",
        sku="CDEZ1CSMG",
        subcategory=ENDPOINT,
    ),
    VendorItem(
        code="CPHISH-MSP",
        name="Central Phish Threat MSP Monthly",
        group="User",
        cost=0.9,
        price=1.75,
        identifier="Sophos_Central_Phish_Threat",
        description="Sophos Central Phish Threat",
        sku="CPTZ1CSMG",
        subcategory=EMAIL,
    ),
    VendorItem(
        code="CMA-MSP",
        name="Central Mobile Advanced MSP Monthly",
        group="User",
        cost=1.4,
        price=2.5,
        identifier="Sophos_Mobile_Advanced",
        description="Sophos Central Mobile Control Advanced",
        sku="CMAZ1CSMG",
        subcategory=ENDPOINT,
    ),
    VendorItem(
        code="CMS-MSP",
        name="Central Intercept X for Mobile MSP Monthly",
        group="User",
        cost=0.7,
        price=1.2,
        identifier="Sophos_Mobile_Security",
        description="Sophos Central Mobile Security",
        sku="CMSZ1CSMG",
        subcategory=ENDPOINT,
    ),
    VendorItem(
        code="NDR-MSP",
        name="Sophos NDR MSP Monthly",
        group="User",
        cost=1.75,
        price=3.2,
        identifier="Sophos_NDR",
        description="Sophos Network Detection and Response",
        sku="NDRZ1CSMG",
        subcategory=NETWORK,
        vendor_sku=False,
    ),
    VendorItem(
        code="CW7-SUP-MSP",
        name="Sophos Endpoint for Legacy Platforms MSP Monthly",
        group="User",
        cost=1.1,
        price=0.0,
        identifier="Sophos_Legacy_Platforms",
        description="Sophos Endpoint for Legacy Platforms",
        sku="CW7Z1CSMG",
        subcategory=ENDPOINT,
    ),
    VendorItem(
        code="AP6-840-SUP-MSP",
        name="AP6 840 Access Point Support MSP Monthly",
        group="Device",
        cost=4.1,
        price=6.9,
        identifier="Sophos_AP6_840_Support",
        description="Sophos AP6 840 Support",
        sku="AP6Z1CSMG",
        subcategory=NETWORK,
    ),
    VendorItem(
        code="xgs_xstream_std",
        name="XGS Xstream Protection MSP Monthly",
        group="Device",
        cost=58.0,
        price=89.0,
        identifier="Sophos_XGS_Xstream",
        description="Sophos Firewall XGS Xstream Protection",
        sku="XGXS1CSMG",
        subcategory=NETWORK,
        firewall=True,
    ),
    VendorItem(
        code="xgs_standard_std",
        name="XGS Standard Protection MSP Monthly",
        group="Device",
        cost=36.0,
        price=55.0,
        identifier="Sophos_XGS_Standard",
        description="Sophos Firewall XGS Standard Protection",
        sku="XGST1CSMG",
        subcategory=NETWORK,
        firewall=True,
    ),
    VendorItem(
        code="xg_email_std",
        name="XGS Email Protection MSP Monthly",
        group="Device",
        cost=9.5,
        price=16.0,
        identifier="Sophos_Firewall_Email",
        description="Sophos Firewall Email Protection",
        sku="XGEM1CSMG",
        subcategory=NETWORK,
        vendor_sku=False,
        firewall=True,
    ),
    VendorItem(
        code="COPX-MSP",
        name="Cloud Optix MSP",
        group="User",
        cost=3.3,
        price=0.0,
        identifier="",
        description="",
        sku="COPX1CSMG",
        subcategory=NETWORK,
    ),
)
"""`COPX-MSP` is not in the catalog: it shows up in usage before anybody sells it."""

NEW_NAMES: Mapping[str, str] = {"CEMA-MSP": "Sophos Email MSP Monthly"}
"""Names that products get in the month after the first report."""

BY_CODE: Mapping[str, VendorItem] = {item.code: item for item in VENDOR_ITEMS}

FIREWALL_MODELS: Mapping[str, tuple[str, str]] = {
    "XGS 87": ("hardware", "1-9 DEVICES"),
    "XGS 107": ("hardware", "10-24 DEVICES"),
    "XGS 116": ("hardware", "25-49 DEVICES"),
    "XGS 126": ("hardware", "50-99 DEVICES"),
    "XGS 136": ("hardware", "100-199 DEVICES"),
    "XGS 2100": ("hardware", "200-499 DEVICES"),
    "SF SW/Virtual - UP TO 2 CORES & 4GB RAM": ("virtual", "25-49 DEVICES"),
}
"""Model → type and the volume band that its descriptions carry."""


@dataclass(frozen=True, kw_only=True, slots=True)
class OtherItem:
    """A catalog item that has nothing to do with the vendor."""

    identifier: str
    description: str
    price: float
    cost: float
    subcategory: str
    kind: str = "Service"
    clazz: str = "Service"
    inactive: bool = False


CLOUD, SUPPORT, BACKUP, RETIRED = "Cloud Licences", "Support", "Backup", "Retired"

OTHER_ITEMS: tuple[OtherItem, ...] = (
    OtherItem(
        identifier="M365-BP", description="Microsoft 365 Business Premium", price=20.6, cost=17.1, subcategory=CLOUD
    ),
    OtherItem(
        identifier="M365-BS", description="Microsoft 365 Business Standard", price=11.7, cost=9.8, subcategory=CLOUD
    ),
    OtherItem(identifier="M365-F3", description="Microsoft 365 F3", price=8.0, cost=6.6, subcategory=CLOUD),
    OtherItem(identifier="EXO-P1", description="Exchange Online Plan 1", price=3.7, cost=3.1, subcategory=CLOUD),
    OtherItem(identifier="BKP-WS", description="Backup workstation", price=5.5, cost=2.2, subcategory=BACKUP),
    OtherItem(identifier="BKP-SRV", description="Backup server", price=39.0, cost=17.0, subcategory=BACKUP),
    OtherItem(identifier="BKP-M365", description="Backup for Microsoft 365", price=2.9, cost=1.2, subcategory=BACKUP),
    OtherItem(identifier="BKP-TB", description="Backup storage per TB", price=24.0, cost=9.0, subcategory=BACKUP),
    OtherItem(identifier="HD-USER", description="Helpdesk per user", price=18.0, cost=6.0, subcategory=SUPPORT),
    OtherItem(identifier="HD-VIP", description="Helpdesk VIP per user", price=32.0, cost=11.0, subcategory=SUPPORT),
    OtherItem(
        identifier="RMM-WS", description="Monitoring and patching workstation", price=4.5, cost=1.1, subcategory=SUPPORT
    ),
    OtherItem(
        identifier="RMM-SRV", description="Monitoring and patching server", price=25.0, cost=4.0, subcategory=SUPPORT
    ),
    OtherItem(identifier="FW-MGMT", description="Firewall management", price=45.0, cost=12.0, subcategory=SUPPORT),
    OtherItem(identifier="VOIP-SEAT", description="Telephony seat", price=9.9, cost=4.4, subcategory=CLOUD),
    OtherItem(identifier="DOM-EU", description="Domain name", price=1.9, cost=0.8, subcategory=CLOUD),
    OtherItem(identifier="WEB-HOST", description="Web hosting", price=14.0, cost=5.0, subcategory=CLOUD),
    OtherItem(identifier="AWARE", description="Awareness training", price=2.2, cost=0.9, subcategory=SUPPORT),
    OtherItem(
        identifier="ONSITE-4H",
        description="On-site hours, block of 4",
        price=380.0,
        cost=180.0,
        subcategory=SUPPORT,
        clazz="Agreement",
    ),
    OtherItem(
        identifier="Sophos_Endpoint_Protection",
        description="Sophos Central Endpoint Protection",
        price=2.1,
        cost=1.2,
        subcategory=RETIRED,
        inactive=True,
    ),
    OtherItem(
        identifier="Sophos_Srv_Protection",
        description="Sophos Central Server Protection",
        price=4.0,
        cost=2.4,
        subcategory=RETIRED,
        inactive=True,
    ),
    OtherItem(
        identifier="AV-CLASSIC",
        description="Antivirus (former vendor)",
        price=1.5,
        cost=0.7,
        subcategory=RETIRED,
        inactive=True,
    ),
)

BUNDLE = OtherItem(
    identifier="SECURE-WORKPLACE",
    description="Secure workplace bundle",
    price=24.9,
    cost=11.0,
    subcategory=SUPPORT,
    clazz="Bundle",
)
BUNDLE_PARTS = ("Sophos_Intercept_X_Advanced_XDR", "Sophos_Device_Encryption", "HD-USER")
