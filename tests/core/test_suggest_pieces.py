"""What a large catalog is searched by before anything is suggested from it: nothing is missed."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from tests.core.test_suggest import USER_ENDPOINT, item, unhurried, vendor
from truecount.core.suggest import pieces, suggest_products

VENDOR_PRODUCTS = [
    vendor(code, name)
    for code, name in (
        ("CIXA-MSP", USER_ENDPOINT),
        ("SVRCIXAXDR-MSP", "Sophos XDR - Server MSP Monthly"),
        ("CIXAMTR-STD-MSP", "Sophos MDR Essentials - User MSP Monthly"),
        ("CIXAMTR-ADV-MSP", "Sophos MDR Complete - User MSP Monthly"),
        ("NDR-MSP", "Sophos NDR MSP Monthly"),
        ("CEMA-PE-ADDON-MSP", "Portal Encryption Add-on for Email Advanced MSP Monthly"),
        ("CMS-MSP", "Central Mobile Security MSP Monthly"),
        ("SVRZTNA-MSP", "Sophos ZTNA MSP Monthly"),
    )
]
WRITTEN = (
    "Sophos_Intercept_X_Advanced Intercept-X InterceptX Extended_Detection_Response Managed_Threat_Response Network"
    " Managed_Detection_Response_Complete Detection Response Zero_Trust_Network_Access Sandstorm Add-on CIXA-MSP cixa"
    " Windows_7_Extended_Support MTR_Standard Mobile_Control Intercept_X_for_Mobile Portal Encryption Email Advanced"
)


@unhurried
@given(st.lists(st.lists(st.sampled_from(WRITTEN.split()), max_size=5).map(" ".join), max_size=8))
def test_what_is_suggested_has_one_of_the_pieces_that_a_large_catalog_is_searched_by(texts: list[str]) -> None:
    catalog = [item(text.replace("_", " "), id=i) for i, text in enumerate(texts)]
    for product in VENDOR_PRODUCTS:
        few = [one for one in catalog if any(piece in one.description.lower() for piece in pieces(product))]
        assert suggest_products([product], few, taken={}) == suggest_products([product], catalog, taken={})
