"""Findings about agreement lines: left as they stand, billed without usage, ended, invoiced; both languages."""

from __future__ import annotations

from truecount.core.model import FindingKind as F
from truecount.runs.sentences_form import Row, table

LINES = table(
    Row(
        code=F.SLOT_WAITS,
        title="Line left as it is",
        title_fr="Ligne laissée telle quelle",
        sentence="The line “{item}” on “{agreement}” stays as it is. {why}",
        sentence_fr="La ligne « {item} » du contrat « {agreement} » reste telle quelle. {why}",
        advice="Look at the explanation of the line.",
        advice_fr="Regardez l’explication de la ligne.",
    ),
    Row(
        code=F.SLOT_WAITS,
        when="reason=product_off",
        title="Bundle partly switched off",
        title_fr="Offre groupée en partie désactivée",
        sentence="The line “{item}” on “{agreement}” stays as it is. {why}",
        sentence_fr="La ligne « {item} » du contrat « {agreement} » reste telle quelle. {why}",
        advice="Turn on Sync for {about} on {products_page}, or take it out of the bundle there.",
        advice_fr="Activez la synchronisation de {about} sur {products_page}, ou retirez-le de l’offre groupée.",
    ),
    Row(
        code=F.SLOT_WAITS,
        when="reason=customer_off",
        title="Shared line partly switched off",
        title_fr="Ligne commune en partie désactivée",
        sentence="The line “{item}” on “{agreement}” stays as it is. {why}",
        sentence_fr="La ligne « {item} » du contrat « {agreement} » reste telle quelle. {why}",
        advice="Turn on Usage sync for {about} on {customers_page}, or map it to an agreement of its own.",
        advice_fr="Activez la synchronisation d’utilisation de {about} sur {customers_page}, ou mappez ce client à un "
        "contrat à lui.",
    ),
    Row(
        code=F.SLOT_WAITS,
        when="reason=unknown_quantity",
        title="Quantity missing",
        title_fr="Quantité manquante",
        sentence="The line “{item}” on “{agreement}” stays as it is. {why}",
        sentence_fr="La ligne « {item} » du contrat « {agreement} » reste telle quelle. {why}",
        advice="Look at the raw answer in the explanation of the line; if the number is missing there, ask Sophos.",
        advice_fr="Regardez la réponse brute dans l’explication de la ligne ; si le nombre y manque, demandez à "
        "Sophos.",
    ),
    Row(
        code=F.SLOT_WAITS,
        when="reason=negative_quantity",
        title="Negative quantity",
        title_fr="Quantité négative",
        sentence="The line “{item}” on “{agreement}” stays as it is. {why}",
        sentence_fr="La ligne « {item} » du contrat « {agreement} » reste telle quelle. {why}",
        advice="Ask Sophos whether it is a correction, and bill it by hand in ConnectWise PSA if it is.",
        advice_fr="Demandez à Sophos si c’est une correction, et si oui facturez-la à la main dans ConnectWise PSA.",
    ),
    Row(
        code=F.SLOT_WAITS,
        when="reason=not_read",
        title="Licences not read",
        title_fr="Licences non lues",
        sentence="The line “{item}” on “{agreement}” stays as it is. {why}",
        sentence_fr="La ligne « {item} » du contrat « {agreement} » reste telle quelle. {why}",
        advice="Try again with {sync_now}; if it happens again, look at {about} in Sophos Central Partner.",
        advice_fr="Réessayez avec {sync_now} ; si cela persiste, regardez {about} dans Sophos Central Partner.",
    ),
    Row(
        code=F.FIREWALL_LIVE,
        title="Firewalls come with the invoice",
        title_fr="Les pare-feu viennent avec la facture",
        sentence="Only the Sophos monthly invoice reports firewall licences, so “{item}” on “{agreement}” stays as it "
        "is.",
        sentence_fr="Seule la facture mensuelle Sophos indique les licences de pare-feu : « {item} » du contrat « "
        "{agreement} » reste tel quel.",
        advice="Choose {monthly_invoice} under {sync_settings} to synchronize firewalls.",
        advice_fr="Choisissez {monthly_invoice} sous {sync_settings} pour synchroniser les pare-feu.",
    ),
    Row(
        code=F.BILLED_WITHOUT_USAGE,
        title="Billed without usage",
        title_fr="Facturé sans utilisation",
        sentence="“{agreement}” bills {quantity:n} × “{item}” (line {addition}), but no usage leads there.",
        sentence_fr="« {agreement} » facture {quantity:n} × « {item} » (ligne {addition}), mais aucune utilisation "
        "n’y mène.",
        advice="End the line in ConnectWise PSA if nobody uses the product; else correct the mapping on "
        "{customers_page}.",
        advice_fr="Mettez fin à la ligne dans ConnectWise PSA si personne n’utilise le produit ; sinon corrigez le "
        "mappage sur {customers_page}.",
    ),
    Row(
        code=F.STILL_BILLED,
        title="Still billed, no longer synchronized",
        title_fr="Toujours facturé, plus synchronisé",
        sentence="“{item}” on “{agreement}” is still billed, but a mapping was removed or a switch is off.",
        sentence_fr="« {item} » du contrat « {agreement} » est toujours facturé, mais un mappage a été retiré ou un "
        "interrupteur est désactivé.",
        advice="Map it again or turn the switch on; if it is no longer to be billed, end the line in ConnectWise PSA.",
        advice_fr="Mappez-le à nouveau ou activez l’interrupteur ; s’il n’est plus à facturer, mettez fin à la ligne "
        "dans ConnectWise PSA.",
    ),
    Row(
        code=F.LINE_ENDED,
        title="Line ended by hand",
        title_fr="Ligne arrêtée à la main",
        sentence="Somebody ended or deleted the line “{item}” on “{agreement}”, but Sophos still counts "
        "{after:unit|units}.",
        sentence_fr="Quelqu’un a arrêté ou supprimé la ligne « {item} » du contrat « {agreement} », mais Sophos "
        "compte encore {after:unité|unités}.",
        advice="Choose “bill again” if it is to be billed; else exclude the customer from this product on "
        "{customers_page}.",
        advice_fr="Choisissez « facturer à nouveau » si elle est à facturer ; sinon excluez le client de ce produit "
        "sur {customers_page}.",
    ),
    Row(
        code=F.NO_LINE_TO_ADOPT,
        title="No line to take over",
        title_fr="Aucune ligne à reprendre",
        sentence="“{agreement}” has no line for “{item}”, and this mapping only takes over existing lines.",
        sentence_fr="« {agreement} » n’a pas de ligne pour « {item} », et ce mappage ne reprend que des lignes "
        "existantes.",
        advice="Add the line in ConnectWise PSA, or let the mapping create lines on {products_page}.",
        advice_fr="Ajoutez la ligne dans ConnectWise PSA, ou autorisez le mappage à en créer sur {products_page}.",
    ),
    Row(
        code=F.DUPLICATE_LINES,
        title="Duplicate lines",
        title_fr="Lignes en double",
        sentence="“{agreement}” has several lines for “{item}”: {additions}.",
        sentence_fr="« {agreement} » a plusieurs lignes pour « {item} » : {additions}.",
        advice="End all but one in ConnectWise PSA, then use {sync_now}.",
        advice_fr="Mettez fin à toutes sauf une dans ConnectWise PSA, puis utilisez {sync_now}.",
    ),
    Row(
        code=F.OLDER_PERIOD,
        title="Older month differs",
        title_fr="Un mois antérieur diffère",
        sentence="For {period}, “{item}” on “{agreement}” would be {after:n}, not {before:n}. A newer month is "
        "written, so this one is only compared.",
        sentence_fr="Pour {period}, « {item} » du contrat « {agreement} » serait de {after:n}, pas de {before:n}. Un "
        "mois plus récent est écrit : celui-ci est seulement comparé.",
        advice="Bill or credit the difference by hand in ConnectWise PSA if it was invoiced wrongly.",
        advice_fr="Facturez ou créditez l’écart à la main dans ConnectWise PSA s’il a été mal facturé.",
    ),
    Row(
        code=F.INVOICED,
        title="Already invoiced, and it differs",
        title_fr="Déjà facturé, et différent",
        sentence="{period} is already invoiced on “{agreement}” with {before:n} × “{item}”; Sophos now counts "
        "{after:n}.",
        sentence_fr="{period} est déjà facturé sur « {agreement} » avec {before:n} × « {item} » ; Sophos compte "
        "maintenant {after:n}.",
        advice="Bill or credit the difference by hand in ConnectWise PSA; an invoiced month is never changed silently.",
        advice_fr="Facturez ou créditez l’écart à la main dans ConnectWise PSA ; un mois facturé n’est jamais modifié "
        "en silence.",
    ),
    Row(
        code=F.PRICE_ZERO,
        title="Price 0",
        title_fr="Prix 0",
        sentence="“{item}” on “{agreement}” has the price 0, so it charges nothing.",
        sentence_fr="« {item} » du contrat « {agreement} » a le prix 0 : rien n’est facturé.",
        advice="Set the price of the line in ConnectWise PSA, and that of the product for new lines.",
        advice_fr="Fixez le prix de la ligne dans ConnectWise PSA, et celui du produit pour les nouvelles lignes.",
    ),
    Row(
        code=F.NOT_BILLABLE,
        title="Line not billable",
        title_fr="Ligne non facturable",
        sentence="The line “{item}” on “{agreement}” is not set to Billable, so it charges nothing.",
        sentence_fr="La ligne « {item} » du contrat « {agreement} » n’est pas réglée sur Billable : rien n’est "
        "facturé.",
        advice="Set the line to Billable in ConnectWise PSA, unless it is meant to be free.",
        advice_fr="Réglez la ligne sur Billable dans ConnectWise PSA, sauf si elle doit rester gratuite.",
    ),
    Row(
        code=F.INVOICE_SOON,
        title="Invoice due, changes waiting",
        title_fr="Facture proche, modifications en attente",
        sentence="“{agreement}” of “{company}” is invoiced on {date}, and changes for it are not written yet.",
        sentence_fr="« {agreement} » de « {company} » est facturé le {date}, et des modifications n’y sont pas encore "
        "écrites.",
        advice="Approve and apply the plan before that day under {plans_page}.",
        advice_fr="Approuvez et appliquez le plan avant cette date sous {plans_page}.",
    ),
    Row(
        code=F.MISSED_SCHEDULE,
        title="Scheduled run missed",
        title_fr="Exécution planifiée manquée",
        sentence="The run that was due on {due:t} did not take place on time; it runs once, late.",
        sentence_fr="L’exécution prévue le {due:t} n’a pas eu lieu à temps ; elle aura lieu une fois, en retard.",
        advice="Check with truecount doctor that a worker is running.",
        advice_fr="Vérifiez avec truecount doctor qu’un worker fonctionne.",
    ),
)
