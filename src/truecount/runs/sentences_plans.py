"""What is said about a plan: why it or one of its lines is held, and what each change does; both languages."""

from __future__ import annotations

from truecount.core.model import ChangeKind as C
from truecount.core.model import HoldKind as H
from truecount.runs.sentences_form import Row, table

HOLDS = table(
    Row(
        code=H.USAGE_EMPTY,
        title="No usage at all",
        title_fr="Aucune utilisation",
        sentence="Sophos reported no usage at all; the last complete reading had {last:line|lines}.",
        sentence_fr="Sophos n’a signalé aucune utilisation ; le dernier relevé complet avait {last:ligne|lignes}.",
        advice="Check the report in Sophos Central Partner; release the plan only if nothing really was used.",
        advice_fr="Vérifiez le rapport dans Sophos Central Partner ; ne levez le blocage que si rien n’a vraiment été "
        "utilisé.",
    ),
    Row(
        code=H.USAGE_HALVED,
        title="Much less usage",
        title_fr="Beaucoup moins d’utilisation",
        sentence="This reading has {now:line|lines}, the last complete one had {last:n}.",
        sentence_fr="Ce relevé a {now:ligne|lignes}, le dernier relevé complet en avait {last:n}.",
        advice="Compare with the report in Sophos Central Partner, then read again or release the plan.",
        advice_fr="Comparez avec le rapport dans Sophos Central Partner, puis relisez ou levez le blocage.",
    ),
    Row(
        code=H.MANY_DOWN,
        title="Many lines go down",
        title_fr="Beaucoup de lignes baissent",
        sentence="{down:n} of {lines:line|lines} would go down.",
        sentence_fr="{down:n} sur {lines:ligne|lignes} baisseraient.",
        advice="Look through the changes of the plan; release it if they are right.",
        advice_fr="Parcourez les modifications du plan ; levez le blocage si elles sont justes.",
    ),
    Row(
        code=H.MANY_ZEROED,
        title="Many lines set to 0",
        title_fr="Beaucoup de lignes mises à 0",
        sentence="{zeroed:n} of {lines:line|lines} would be set to 0 or cancelled.",
        sentence_fr="{zeroed:n} sur {lines:ligne|lignes} seraient mises à 0 ou résiliées.",
        advice="Look through the changes of the plan; release it if they are right.",
        advice_fr="Parcourez les modifications du plan ; levez le blocage si elles sont justes.",
    ),
    Row(
        code=H.MONEY_MOVES,
        title="Large move of money",
        title_fr="Fort mouvement d’argent",
        sentence="The monthly amount would go from {before:money} to {after:money}.",
        sentence_fr="Le montant mensuel passerait de {before:money} à {after:money}.",
        advice="Look at the largest changes of the plan; release it if they are right.",
        advice_fr="Regardez les plus fortes modifications du plan ; levez le blocage si elles sont justes.",
    ),
    Row(
        code=H.JUMP,
        title="Jump of a quantity",
        title_fr="Saut de quantité",
        sentence="“{item}” on “{agreement}” would jump from {before:n} to {after:n}.",
        sentence_fr="« {item} » du contrat « {agreement} » sauterait de {before:n} à {after:n}.",
        advice="Look at the explanation of the line; release it if the number is right.",
        advice_fr="Regardez l’explication de la ligne ; levez le blocage si le nombre est juste.",
    ),
    Row(
        code=H.DUPLICATE_LINES,
        title="Duplicate lines",
        title_fr="Lignes en double",
        sentence="“{agreement}” has several lines for “{item}”: {additions}.",
        sentence_fr="« {agreement} » a plusieurs lignes pour « {item} » : {additions}.",
        advice="End all but one in ConnectWise PSA, then use {sync_now}.",
        advice_fr="Mettez fin à toutes sauf une dans ConnectWise PSA, puis utilisez {sync_now}.",
    ),
    Row(
        code=H.MANAGED_ELSEWHERE,
        title="Managed by another integration",
        title_fr="Gérée par une autre intégration",
        sentence="The line “{item}” on “{agreement}” is managed by the integration {integration}.",
        sentence_fr="La ligne « {item} » du contrat « {agreement} » est gérée par l’intégration {integration}.",
        advice="Remove the mapping from one of the two integrations.",
        advice_fr="Retirez le mappage de l’une des deux intégrations.",
    ),
    Row(
        code=H.CURRENCY,
        title="Other currency",
        title_fr="Autre devise",
        sentence="The agreement “{agreement}” bills in {currency}, the integration is set to {expected}.",
        sentence_fr="Le contrat « {agreement} » facture en {currency}, l’intégration est réglée sur {expected}.",
        advice="Correct the currency under {policy_page} or choose another agreement; release it if both are right.",
        advice_fr="Corrigez la devise sous {policy_page} ou choisissez un autre contrat ; levez le blocage si les "
        "deux sont justes.",
    ),
    Row(
        code=H.FIRST_WRITE,
        title="First write to this agreement",
        title_fr="Première écriture dans ce contrat",
        sentence="Nothing has been written to the agreement “{agreement}” before; “{item}” would be the first.",
        sentence_fr="Rien n’a encore été écrit dans le contrat « {agreement} » ; « {item} » serait la première ligne.",
        advice="Check that it is the right agreement, then release the line.",
        advice_fr="Vérifiez que c’est le bon contrat, puis levez le blocage.",
    ),
    Row(
        code=H.ADOPTION,
        title="Line to take over",
        title_fr="Ligne à reprendre",
        sentence="The line “{item}” on “{agreement}” is not managed yet and would be from now on.",
        sentence_fr="La ligne « {item} » du contrat « {agreement} » n’est pas encore gérée et le serait désormais.",
        advice="Check in ConnectWise PSA that it is the right line, then release it.",
        advice_fr="Vérifiez dans ConnectWise PSA que c’est la bonne ligne, puis levez le blocage.",
    ),
    Row(
        code=H.VANISHED,
        title="Usage vanished",
        title_fr="Utilisation disparue",
        sentence="Sophos no longer counts anything for “{item}” on “{agreement}”, and the policy is to ask.",
        sentence_fr="Sophos ne compte plus rien pour « {item} » du contrat « {agreement} », et la politique est de "
        "demander.",
        advice="Release the line to set it to 0, or leave it as it is.",
        advice_fr="Levez le blocage pour mettre la ligne à 0, ou laissez-la telle quelle.",
    ),
    Row(
        code=H.UNDONE,
        title="Undone before",
        title_fr="Annulée auparavant",
        sentence="An earlier change of “{item}” on “{agreement}” was undone, so this one waits for a person.",
        sentence_fr="Une modification précédente de « {item} » du contrat « {agreement} » a été annulée : celle-ci "
        "attend une personne.",
        advice="Correct the mapping if that was the cause, then release the line.",
        advice_fr="Corrigez le mappage si c’était la cause, puis levez le blocage.",
    ),
)

ANY_HOLD = Row(
    code="any",
    title="Held",
    title_fr="Bloqué",
    sentence="This waits for a person ({code}).",
    sentence_fr="Ceci attend une personne ({code}).",
    advice="Check the plan, then release the hold with a reason.",
    advice_fr="Vérifiez le plan, puis levez le blocage en donnant une raison.",
)

ANY_FINDING = Row(
    code="any",
    title="Finding",
    title_fr="Constat",
    sentence="There is something to look at ({code}).",
    sentence_fr="Il y a quelque chose à regarder ({code}).",
    advice="Look at the customer and the product that it names.",
    advice_fr="Regardez le client et le produit concernés.",
)

UNTICK = "Untick the customer on the plan to leave this out."
UNTICK_FR = "Décochez le client dans le plan pour laisser cette modification de côté."

CHANGES = table(
    Row(
        code=C.CREATE,
        title="Create",
        title_fr="Créer",
        sentence="No line stands here yet; {after:unit is|units are} counted.",
        sentence_fr="Aucune ligne n’est encore en vigueur ici ; {after:unité est comptée|unités sont comptées}.",
        advice=UNTICK,
        advice_fr=UNTICK_FR,
    ),
    Row(
        code=C.CREATE,
        when="effective",
        title="Create",
        title_fr="Créer",
        sentence="No line stands here yet; one with {after:unit|units} starts on {effective}.",
        sentence_fr="Aucune ligne n’est encore en vigueur ici ; une ligne de {after:unité|unités} commence le "
        "{effective}.",
        advice=UNTICK,
        advice_fr=UNTICK_FR,
    ),
    Row(
        code=C.CREATE,
        when="after_zero",
        title="Create",
        title_fr="Créer",
        sentence="The mapping moved: {after:unit|units} come here once the former line is 0.",
        sentence_fr="Le mappage a changé : {after:unité|unités} ici dès que l’ancienne ligne est à 0.",
        advice=UNTICK,
        advice_fr=UNTICK_FR,
    ),
    Row(
        code=C.ADOPT,
        title="Take over",
        title_fr="Reprendre",
        sentence="A line that is not managed yet stands here with {before:n}; it becomes managed, with {after:n}.",
        sentence_fr="Une ligne pas encore gérée est en vigueur avec {before:n} ; elle devient gérée, avec {after:n}.",
        advice=UNTICK,
        advice_fr=UNTICK_FR,
    ),
    Row(
        code=C.ADOPT,
        when="same",
        title="Take over",
        title_fr="Reprendre",
        sentence="A line that is not managed yet already says {after:n}; it becomes managed, and nothing is sent.",
        sentence_fr="Une ligne pas encore gérée indique déjà {after:n} ; elle devient gérée, et rien n’est envoyé.",
        advice=UNTICK,
        advice_fr=UNTICK_FR,
    ),
    Row(
        code=C.UPDATE,
        title="Update",
        title_fr="Mettre à jour",
        sentence="The line says {before:n}, but {after:unit is|units are} counted.",
        sentence_fr="La ligne indique {before:n}, mais {after:unité est comptée|unités sont comptées}.",
        advice=UNTICK,
        advice_fr=UNTICK_FR,
    ),
    Row(
        code=C.UPDATE,
        when="reopen",
        title="Update",
        title_fr="Mettre à jour",
        sentence="Usage is back with {after:unit|units}, so the cancellation of the line is removed.",
        sentence_fr="L’utilisation reprend avec {after:unité|unités} : la résiliation de la ligne est retirée.",
        advice=UNTICK,
        advice_fr=UNTICK_FR,
    ),
    Row(
        code=C.ZERO,
        title="Set to 0",
        title_fr="Mettre à 0",
        sentence="Nothing is counted for this line any more; it goes from {before:n} to 0 and stays.",
        sentence_fr="Plus rien n’est compté pour cette ligne ; elle passe de {before:n} à 0 et reste en place.",
        advice=UNTICK,
        advice_fr=UNTICK_FR,
    ),
    Row(
        code=C.CANCEL,
        title="Cancel",
        title_fr="Résilier",
        sentence="Nothing is counted for this line any more; it ends on {effective}.",
        sentence_fr="Plus rien n’est compté pour cette ligne ; elle prend fin le {effective}.",
        advice=UNTICK,
        advice_fr=UNTICK_FR,
    ),
)

ANY_CHANGE = Row(
    code="any",
    title="Change",
    title_fr="Modification",
    sentence="The line goes from {before:n} to {after:n} ({code}).",
    sentence_fr="La ligne passe de {before:n} à {after:n} ({code}).",
    advice=UNTICK,
    advice_fr=UNTICK_FR,
)
