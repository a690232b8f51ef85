"""Findings about usage that reaches no line, and about things on the way that were renamed or lost; both languages."""

from __future__ import annotations

from truecount.core.model import FindingKind as F
from truecount.runs.sentences_form import Row, table

LEFT_OUT = table(
    Row(
        code=F.UNASSIGNED_USAGE,
        title="Licence assigned to nobody",
        title_fr="Licence non attribuée",
        sentence="Sophos charges for “{product}”, which is assigned to no customer.",
        sentence_fr="Sophos facture « {product} », qui n’est attribué à aucun client.",
        advice="Assign the licence to a customer in Sophos Central Partner ({firewall_licences}).",
        advice_fr="Attribuez la licence à un client dans Sophos Central Partner ({firewall_licences}).",
    ),
    Row(
        code=F.UNASSIGNED_USAGE,
        when="serial",
        title="Licence assigned to nobody",
        title_fr="Licence non attribuée",
        sentence="Sophos charges for “{product}” with the serial number {serial}, which is assigned to no customer.",
        sentence_fr="Sophos facture « {product} », numéro de série {serial}, qui n’est attribué à aucun client.",
        advice="Assign the licence to a customer in Sophos Central Partner ({firewall_licences}).",
        advice_fr="Attribuez la licence à un client dans Sophos Central Partner ({firewall_licences}).",
    ),
    Row(
        code=F.NOT_USAGE_CHARGED,
        title="Charged, but not billed by usage",
        title_fr="Facturé, mais pas à l’utilisation",
        sentence="“{customer}” is not billed by usage, yet Sophos charges {quantity:unit|units} for it.",
        sentence_fr="« {customer} » n’est pas facturé à l’utilisation, mais Sophos facture {quantity:unité|unités}.",
        advice="Check its billing type in Sophos Central Partner, or choose “bill anyway” on {customers_page}.",
        advice_fr="Vérifiez son type de facturation dans Sophos Central Partner, ou choisissez « facturer quand même "
        "» sur {customers_page}.",
    ),
    Row(
        code=F.CUSTOMER_NOT_MAPPED,
        title="Customer not mapped",
        title_fr="Client non mappé",
        sentence="“{customer}” uses {pairs:Sophos product|Sophos products} and is mapped to no company, so nothing is "
        "billed.",
        sentence_fr="« {customer} » utilise {pairs:produit Sophos|produits Sophos} et n’est mappé à aucune entreprise "
        ": rien n’est facturé.",
        advice="Map the customer to a company and an agreement on {customers_page}.",
        advice_fr="Mappez le client à une entreprise et à un contrat sur {customers_page}.",
    ),
    Row(
        code=F.CUSTOMER_OFF,
        title="Usage sync is off",
        title_fr="Synchronisation désactivée pour le client",
        sentence="Usage sync is off for “{customer}”, so its usage is not synchronized.",
        sentence_fr="La synchronisation d’utilisation est désactivée pour « {customer} » : son utilisation n’est pas "
        "synchronisée.",
        advice="Turn it on for the customer on {customers_page}, unless that is intended.",
        advice_fr="Activez-la pour le client sur {customers_page}, sauf si c’est voulu.",
    ),
    Row(
        code=F.CUSTOMER_GONE,
        title="Customer gone",
        title_fr="Client disparu",
        sentence="“{customer}” is mapped to “{company}”, but Sophos no longer lists this customer.",
        sentence_fr="« {customer} » est mappé à « {company} », mais Sophos ne liste plus ce client.",
        advice="Check in Sophos Central Partner whether the customer has left; if so, remove its mapping on "
        "{customers_page}.",
        advice_fr="Vérifiez dans Sophos Central Partner si le client est parti ; si oui, retirez son mappage sur "
        "{customers_page}.",
    ),
    Row(
        code=F.PRODUCT_NOT_MAPPED,
        title="Sophos product not mapped",
        title_fr="Produit Sophos non mappé",
        sentence="“{product}” is used by {pairs:customer|customers} and mapped to no ConnectWise product, so it is "
        "not billed.",
        sentence_fr="« {product} » est utilisé par {pairs:client|clients} et n’est mappé à aucun produit ConnectWise "
        ": il n’est pas facturé.",
        advice="Map the product on {products_page}.",
        advice_fr="Mappez le produit sur {products_page}.",
    ),
    Row(
        code=F.PRODUCT_OFF,
        title="Sync is off",
        title_fr="Synchronisation désactivée pour le produit",
        sentence="Sync is off for “{product}”, so {quantity:unit is|units are} not synchronized.",
        sentence_fr="La synchronisation est désactivée pour « {product} » : {quantity:unité n’est pas "
        "synchronisée|unités ne sont pas synchronisées}.",
        advice="Turn on Sync for the product on {products_page}, unless that is intended.",
        advice_fr="Activez la synchronisation du produit sur {products_page}, sauf si c’est voulu.",
    ),
    Row(
        code=F.ITEM_GONE,
        title="ConnectWise product deleted",
        title_fr="Produit ConnectWise supprimé",
        sentence="“{product}” is mapped to the ConnectWise product “{item}”, which was deleted; it is not billed.",
        sentence_fr="« {product} » est mappé au produit ConnectWise « {item} », qui a été supprimé ; il n’est pas "
        "facturé.",
        advice="Map “{product}” to another product on {products_page}.",
        advice_fr="Mappez « {product} » à un autre produit sur {products_page}.",
    ),
    Row(
        code=F.ITEM_INACTIVE,
        title="ConnectWise product inactive",
        title_fr="Produit ConnectWise inactif",
        sentence="“{product}” is mapped to the ConnectWise product “{item}”, which is inactive; it is not billed.",
        sentence_fr="« {product} » est mappé au produit ConnectWise « {item} », qui est inactif ; il n’est pas "
        "facturé.",
        advice="Map “{product}” to another product on {products_page}, or make “{item}” active in ConnectWise PSA "
        "under {catalog} and map it again.",
        advice_fr="Mappez « {product} » à un autre produit sur {products_page}, ou rendez « {item} » actif dans "
        "ConnectWise PSA sous {catalog} et mappez-le à nouveau.",
    ),
    Row(
        code=F.COMPANY_GONE,
        title="Company deleted",
        title_fr="Entreprise supprimée",
        sentence="“{customer}” is mapped to the company “{company}”, which no longer exists in ConnectWise PSA.",
        sentence_fr="« {customer} » est mappé à l’entreprise « {company} », qui n’existe plus dans ConnectWise PSA.",
        advice="Map the customer to another company on {customers_page}.",
        advice_fr="Mappez le client à une autre entreprise sur {customers_page}.",
    ),
    Row(
        code=F.COMPANY_INACTIVE,
        title="Company inactive",
        title_fr="Entreprise inactive",
        sentence="“{customer}” is mapped to the company “{company}”, which is inactive, so nothing is written for it.",
        sentence_fr="« {customer} » est mappé à l’entreprise « {company} », qui est inactive : rien n’est écrit pour "
        "ce client.",
        advice="Make the company active in ConnectWise PSA, or map the customer to another one on {customers_page}.",
        advice_fr="Rendez l’entreprise active dans ConnectWise PSA, ou mappez le client à une autre sur "
        "{customers_page}.",
    ),
    Row(
        code=F.AGREEMENT_GONE,
        title="Agreement deleted",
        title_fr="Contrat supprimé",
        sentence="The agreement “{agreement}” no longer exists in ConnectWise PSA; “{item}” is not billed on it.",
        sentence_fr="Le contrat « {agreement} » n’existe plus dans ConnectWise PSA ; « {item} » n’y est pas facturé.",
        advice="Choose another agreement on {customers_page}.",
        advice_fr="Choisissez un autre contrat sur {customers_page}.",
    ),
    Row(
        code=F.AGREEMENT_GONE,
        when="customer",
        title="Agreement deleted",
        title_fr="Contrat supprimé",
        sentence="“{customer}” is mapped to the agreement “{agreement}”, which no longer exists in ConnectWise PSA.",
        sentence_fr="« {customer} » est mappé au contrat « {agreement} », qui n’existe plus dans ConnectWise PSA.",
        advice="Choose another agreement for the customer on {customers_page}.",
        advice_fr="Choisissez un autre contrat pour le client sur {customers_page}.",
    ),
    Row(
        code=F.AGREEMENT_ENDED,
        title="Agreement ended",
        title_fr="Contrat terminé",
        sentence="The agreement “{agreement}” of “{customer}” is expired, cancelled or inactive, but usage goes on.",
        sentence_fr="Le contrat « {agreement} » de « {customer} » est expiré, résilié ou inactif, mais l’utilisation "
        "continue.",
        advice="Renew the agreement in ConnectWise PSA, or choose another one on {customers_page}.",
        advice_fr="Renouvelez le contrat dans ConnectWise PSA, ou choisissez-en un autre sur {customers_page}.",
    ),
    Row(
        code=F.AGREEMENT_NOT_STARTED,
        title="Agreement not started",
        title_fr="Contrat pas encore commencé",
        sentence="The agreement “{agreement}” of “{customer}” has not started yet, but there is usage already.",
        sentence_fr="Le contrat « {agreement} » de « {customer} » n’a pas encore commencé, mais il y a déjà de "
        "l’utilisation.",
        advice="Check its start date in ConnectWise PSA, or choose another agreement on {customers_page}.",
        advice_fr="Vérifiez sa date de début dans ConnectWise PSA, ou choisissez un autre contrat sur "
        "{customers_page}.",
    ),
    Row(
        code=F.NO_AGREEMENT,
        title="No agreement",
        title_fr="Aucun contrat",
        sentence="No active agreement of “{company}” fits “{customer}”, so nothing is billed.",
        sentence_fr="Aucun contrat actif de « {company} » ne convient à « {customer} » : rien n’est facturé.",
        advice="Choose an agreement or correct the rule on {customers_page}.",
        advice_fr="Choisissez un contrat ou corrigez la règle sur {customers_page}.",
    ),
    Row(
        code=F.AGREEMENT_UNCLEAR,
        title="Several agreements fit",
        title_fr="Plusieurs contrats possibles",
        sentence="Several agreements of “{company}” fit “{customer}”, and none is guessed, so nothing is billed.",
        sentence_fr="Plusieurs contrats de « {company} » conviennent à « {customer} » ; aucun n’est deviné et rien "
        "n’est facturé.",
        advice="Choose one of them by hand on {customers_page}.",
        advice_fr="Choisissez l’un d’eux à la main sur {customers_page}.",
    ),
    Row(
        code=F.NOT_READ,
        title="Licences not read",
        title_fr="Licences non lues",
        sentence="The licences of “{customer}” could not be read, so its lines stay as they are.",
        sentence_fr="Les licences de « {customer} » n’ont pas pu être lues : ses lignes restent telles quelles.",
        advice="Try again with {sync_now}; if it happens again, look at the customer in Sophos Central Partner.",
        advice_fr="Réessayez avec {sync_now} ; si cela persiste, regardez ce client dans Sophos Central Partner.",
    ),
    Row(
        code=F.RENAMED_PRODUCT,
        title="Sophos product renamed",
        title_fr="Produit Sophos renommé",
        sentence="Sophos renamed “{before}” to “{after}”; the mapping is by code and stays.",
        sentence_fr="Sophos a renommé « {before} » en « {after} » ; le mappage se fait par code et reste.",
        advice="Check whether the texts on your invoices should follow.",
        advice_fr="Vérifiez si les textes de vos factures doivent suivre.",
    ),
    Row(
        code=F.RENAMED_COMPANY,
        title="Company renamed",
        title_fr="Entreprise renommée",
        sentence="The company “{before}” is now called “{after}” in ConnectWise PSA; the mapping stays.",
        sentence_fr="L’entreprise « {before} » s’appelle maintenant « {after} » dans ConnectWise PSA ; le mappage "
        "reste.",
        advice="Check on {customers_page} that it is still the same company.",
        advice_fr="Vérifiez sur {customers_page} que c’est toujours la même entreprise.",
    ),
    Row(
        code=F.RENAMED_CUSTOMER,
        title="Customer renamed",
        title_fr="Client renommé",
        sentence="The customer “{before}” is now called “{after}” at Sophos; the mapping stays.",
        sentence_fr="Le client « {before} » s’appelle maintenant « {after} » chez Sophos ; le mappage reste.",
        advice="Check on {customers_page} that it is still the same customer.",
        advice_fr="Vérifiez sur {customers_page} que c’est toujours le même client.",
    ),
    Row(
        code=F.RENAMED_ITEM,
        title="ConnectWise product renamed",
        title_fr="Produit ConnectWise renommé",
        sentence="The product “{before}” is now called “{after}” in ConnectWise PSA; the mapping stays.",
        sentence_fr="Le produit « {before} » s’appelle maintenant « {after} » dans ConnectWise PSA ; le mappage reste.",
        advice="Check on {products_page} that it is still the right product.",
        advice_fr="Vérifiez sur {products_page} que c’est toujours le bon produit.",
    ),
    Row(
        code=F.SYNC_TURNED_OFF,
        title="Sync went off by itself",
        title_fr="Synchronisation désactivée d’elle-même",
        sentence="Sync of “{product}” went off because its ConnectWise product “{item}” was deleted or is inactive.",
        sentence_fr="La synchronisation de « {product} » s’est désactivée : son produit ConnectWise « {item} » a été "
        "supprimé ou est inactif.",
        advice="Map “{product}” again on {products_page}; Sync then comes back on.",
        advice_fr="Mappez à nouveau « {product} » sur {products_page} ; la synchronisation se réactive alors.",
    ),
)
