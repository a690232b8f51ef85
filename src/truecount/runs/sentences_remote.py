"""Errors from outside: what the other systems refused or did not answer, and a world that moved; both languages."""

from __future__ import annotations

from truecount.core.errors import ErrorCode as E
from truecount.runs.sentences_form import Row, table

SOPHOS, CONNECTWISE = "system=Sophos Central", "system=ConnectWise PSA"

INTERNAL = "internal"
"""A fault of ours: whatever was not raised on purpose."""

REMOTE = table(
    Row(
        code=E.WRONG_CREDENTIALS,
        title="Wrong credentials",
        title_fr="Identifiants refusés",
        sentence="{system} does not accept the credentials.",
        sentence_fr="{system} n’accepte pas les identifiants.",
        advice="Enter them again under {connections_page}.",
        advice_fr="Saisissez-les à nouveau sous {connections_page}.",
    ),
    Row(
        code=E.WRONG_CREDENTIALS,
        when=SOPHOS,
        title="Wrong Sophos credentials",
        title_fr="Identifiants Sophos refusés",
        sentence="Sophos Central does not accept the client ID or its secret.",
        sentence_fr="Sophos Central n’accepte pas l’ID client ou son secret.",
        advice="Enter both again under {connections_page}, or with truecount connect sophos. Make new ones in Sophos "
        "Central Partner ({api_credentials}) if they were deleted.",
        advice_fr="Saisissez-les à nouveau sous {connections_page}, ou avec truecount connect sophos. S’ils ont été "
        "supprimés, créez-en dans Sophos Central Partner ({api_credentials}).",
    ),
    Row(
        code=E.WRONG_CREDENTIALS,
        when="found",
        title="Not a partner’s credentials",
        title_fr="Identifiants qui ne sont pas d’un partenaire",
        sentence="The Sophos credentials belong to a {found:w}, not to a partner.",
        sentence_fr="Les identifiants Sophos sont ceux d’un compte de type {found:w}, pas d’un partenaire.",
        advice="Make credentials in Sophos Central Partner ({api_credentials}), not in a customer’s Sophos Central "
        "Admin, and enter them with truecount connect sophos.",
        advice_fr="Créez des identifiants dans Sophos Central Partner ({api_credentials}), pas dans le Sophos Central "
        "Admin d’un client, et saisissez-les avec truecount connect sophos.",
    ),
    Row(
        code=E.WRONG_CREDENTIALS,
        when=CONNECTWISE,
        title="Wrong ConnectWise keys",
        title_fr="Clés ConnectWise refusées",
        sentence="ConnectWise PSA does not accept the public key, the private key or the client ID.",
        sentence_fr="ConnectWise PSA n’accepte pas la clé publique, la clé privée ou le client ID.",
        advice="Enter the keys of the API member again under {connections_page}, or with truecount connect "
        "connectwise.",
        advice_fr="Saisissez à nouveau les clés du membre API sous {connections_page}, ou avec truecount connect "
        "connectwise.",
    ),
    Row(
        code=E.WRONG_CREDENTIALS,
        when="field=company",
        title="Unknown ConnectWise company",
        title_fr="Société ConnectWise inconnue",
        sentence="The ConnectWise PSA site does not know the login company of this connection.",
        sentence_fr="Le site ConnectWise PSA ne connaît pas la société de connexion (login company) indiquée.",
        advice="Correct the site address or the company under {connections_page}, or with truecount connect "
        "connectwise.",
        advice_fr="Corrigez l’adresse du site ou la société sous {connections_page}, ou avec truecount connect "
        "connectwise.",
    ),
    Row(
        code=E.MISSING_RIGHT,
        title="Missing right",
        title_fr="Droit manquant",
        sentence="{system} does not permit {route} with these credentials.",
        sentence_fr="{system} ne permet pas {route} avec ces identifiants.",
        advice="Give the credentials that right, then check the connection under {connections_page}.",
        advice_fr="Donnez ce droit aux identifiants, puis vérifiez la connexion sous {connections_page}.",
    ),
    Row(
        code=E.MISSING_RIGHT,
        when=CONNECTWISE,
        title="Missing right",
        title_fr="Droit manquant",
        sentence="The security role of the API member lacks the right {right}.",
        sentence_fr="Le rôle de sécurité du membre API n’a pas le droit {right}.",
        advice="Set it to All in ConnectWise PSA under {security_roles}, then try again.",
        advice_fr="Réglez-le sur All dans ConnectWise PSA sous {security_roles}, puis réessayez.",
    ),
    Row(
        code=E.MISSING_RIGHT,
        when=SOPHOS,
        title="Missing right",
        title_fr="Droit manquant",
        sentence="The Sophos credentials may not read {right}.",
        sentence_fr="Les identifiants Sophos ne permettent pas de lire {right}.",
        advice="Make credentials with the role Service Principal Read-Only in Sophos Central Partner "
        "({api_credentials}), and enter them with truecount connect sophos.",
        advice_fr="Créez des identifiants de rôle Service Principal Read-Only dans Sophos Central Partner "
        "({api_credentials}), et saisissez-les avec truecount connect sophos.",
    ),
    Row(
        code=E.MISSING_RIGHT,
        when="found=organization",
        title="No billing report",
        title_fr="Pas de rapport de facturation",
        sentence="The Sophos credentials belong to an organization, and only partners have a billing report.",
        sentence_fr="Les identifiants Sophos sont ceux d’une organisation, et seuls les partenaires ont un rapport de "
        "facturation.",
        advice="Use credentials of a partner, or read the licences in use with the source live.",
        advice_fr="Utilisez les identifiants d’un partenaire, ou lisez les licences utilisées avec la source live.",
    ),
    Row(
        code=E.NOT_FOUND,
        title="Not there any more",
        title_fr="Introuvable",
        sentence="{system} does not have what was asked for ({route}).",
        sentence_fr="{system} n’a pas ce qui était demandé ({route}).",
        advice="Check whether it was deleted there, then read everything again with {sync_now}.",
        advice_fr="Vérifiez si l’élément y a été supprimé, puis relisez tout avec {sync_now}.",
    ),
    Row(
        code=E.INVALID,
        title="Refused",
        title_fr="Refusé",
        sentence="{system} refused this: “{message}”.",
        sentence_fr="{system} a refusé : « {message} ».",
        advice="Correct what it names, then try again.",
        advice_fr="Corrigez ce que le message indique, puis réessayez.",
    ),
    Row(
        code=E.INVALID,
        when="errors",
        title="Refused",
        title_fr="Refusé",
        sentence="{system} refused this: {errors}.",
        sentence_fr="{system} a refusé : {errors}.",
        advice="Correct these fields, then try again.",
        advice_fr="Corrigez ces champs, puis réessayez.",
    ),
    Row(
        code=E.CONFLICT,
        title="In use elsewhere",
        title_fr="Utilisé ailleurs",
        sentence="{system} refused this because the record is in use: “{message}”.",
        sentence_fr="{system} a refusé parce que l’élément est utilisé : « {message} ».",
        advice="Close it where somebody has it open, then try again.",
        advice_fr="Fermez-le là où il est ouvert, puis réessayez.",
    ),
    Row(
        code=E.UNREACHABLE,
        title="Not reachable",
        title_fr="Injoignable",
        sentence="{system} can’t be reached.",
        sentence_fr="{system} est injoignable.",
        advice="Check the address under {connections_page} and this machine’s network, then try again.",
        advice_fr="Vérifiez l’adresse sous {connections_page} et le réseau de cette machine, puis réessayez.",
    ),
    Row(
        code=E.UNREACHABLE,
        when="host",
        title="Not reachable",
        title_fr="Injoignable",
        sentence="{system} can’t be reached at {host} ({reason}).",
        sentence_fr="{system} est injoignable à l’adresse {host} ({reason}).",
        advice="Check the address under {connections_page} and this machine’s network, then try again.",
        advice_fr="Vérifiez l’adresse sous {connections_page} et le réseau de cette machine, puis réessayez.",
    ),
    Row(
        code=E.TIMED_OUT,
        title="No answer in time",
        title_fr="Pas de réponse à temps",
        sentence="{system} did not answer in time.",
        sentence_fr="{system} n’a pas répondu à temps.",
        advice="Try again in a few minutes; what was sent is looked up before anything is sent again.",
        advice_fr="Réessayez dans quelques minutes ; ce qui a été envoyé est vérifié avant tout nouvel envoi.",
    ),
    Row(
        code=E.RATE_LIMITED,
        title="Too many requests",
        title_fr="Trop de requêtes",
        sentence="{system} asks for fewer requests.",
        sentence_fr="{system} demande moins de requêtes.",
        advice="Try again in a few minutes.",
        advice_fr="Réessayez dans quelques minutes.",
    ),
    Row(
        code=E.RATE_LIMITED,
        when="after",
        title="Too many requests",
        title_fr="Trop de requêtes",
        sentence="{system} asks for fewer requests.",
        sentence_fr="{system} demande moins de requêtes.",
        advice="Try again in {after:second|seconds}.",
        advice_fr="Réessayez dans {after:seconde|secondes}.",
    ),
    Row(
        code=E.SERVER_FAILED,
        title="Failed on their side",
        title_fr="Panne de leur côté",
        sentence="{system} failed with an error of its own ({status}): “{message}”.",
        sentence_fr="{system} a échoué avec une erreur interne ({status}) : « {message} ».",
        advice="Try again later; if it happens again, send this message to the support of {system}.",
        advice_fr="Réessayez plus tard ; si cela persiste, envoyez ce message au support de {system}.",
    ),
    Row(
        code=E.NOT_UNDERSTOOD,
        title="Answer not understood",
        title_fr="Réponse incomprise",
        sentence="An answer of {system} was not understood ({route}: {what}).",
        sentence_fr="Une réponse de {system} n’a pas été comprise ({route} : {what}).",
        advice="Try again; if it happens again, report it with the raw answer, which is kept with the run.",
        advice_fr="Réessayez ; si cela persiste, signalez-le avec la réponse brute, conservée avec l’exécution.",
    ),
    Row(
        code=E.NOT_UNDERSTOOD,
        when="line",
        title="Answer not understood",
        title_fr="Réponse incomprise",
        sentence="In an answer of {system}, the field {what} of entry {line} was not understood ({route}).",
        sentence_fr="Dans une réponse de {system}, le champ {what} de l’entrée {line} n’a pas été compris ({route}).",
        advice="Correct that entry in {system}; if it is right, report it with the raw answer, which is kept with the "
        "run.",
        advice_fr="Corrigez cette entrée dans {system} ; si elle est juste, signalez-le avec la réponse brute, "
        "conservée avec l’exécution.",
    ),
    Row(
        code=E.CUT_SHORT,
        title="Answer cut short",
        title_fr="Réponse incomplète",
        sentence="The answer of {system} ended after {read:entry|entries}, before its end ({route}).",
        sentence_fr="La réponse de {system} s’est arrêtée après {read:entrée|entrées}, avant la fin ({route}).",
        advice="Try again; a part of an answer is never used.",
        advice_fr="Réessayez ; une partie de réponse n’est jamais utilisée.",
    ),
    Row(
        code=E.PAGING_LOOP,
        title="Pages without end",
        title_fr="Pages sans fin",
        sentence="{system} gave the same page twice, so the reading would never end ({route}).",
        sentence_fr="{system} a donné deux fois la même page : la lecture ne finirait jamais ({route}).",
        advice="Try again; if it happens again, report it with the raw answers, which are kept with the run.",
        advice_fr="Réessayez ; si cela persiste, signalez-le avec les réponses brutes, conservées avec l’exécution.",
    ),
    Row(
        code=E.NOT_READY,
        title="No report yet",
        title_fr="Pas encore de rapport",
        sentence="Sophos has no billing report for {period} yet.",
        sentence_fr="Sophos n’a pas encore de rapport de facturation pour {period}.",
        advice="Try again from the 25th; nothing was changed.",
        advice_fr="Réessayez à partir du 25 ; rien n’a été modifié.",
    ),
    Row(
        code=E.DIGEST_CHANGED,
        title="Plan overtaken",
        title_fr="Plan dépassé",
        sentence="Mappings, switches or policy changed after plan {plan} was made, so it would come out differently "
        "now.",
        sentence_fr="Des mappages, des interrupteurs ou la politique ont changé depuis le plan {plan} : il serait "
        "différent aujourd’hui.",
        advice="Make a new plan with {sync_now} or truecount sync, and approve that one; nothing was sent.",
        advice_fr="Établissez un nouveau plan avec {sync_now} ou truecount sync, et approuvez celui-là ; rien n’a été "
        "envoyé.",
    ),
    Row(
        code=E.GROUND_MOVED,
        title="Line changed meanwhile",
        title_fr="Ligne modifiée entre-temps",
        sentence="The line for “{item}” on the agreement “{agreement}” was changed in ConnectWise PSA after the plan "
        "was made, so it was not written.",
        sentence_fr="La ligne « {item} » du contrat « {agreement} » a été modifiée dans ConnectWise PSA après "
        "l’établissement du plan : elle n’a pas été écrite.",
        advice="Make a new plan with {sync_now}; it starts from what stands there now.",
        advice_fr="Établissez un nouveau plan avec {sync_now} ; il part de ce qui s’y trouve maintenant.",
    ),
    Row(
        code=E.INTERRUPTED,
        title="Run cut off",
        title_fr="Exécution interrompue",
        sentence="The run was cut off because its process ended ({place}).",
        sentence_fr="L’exécution a été interrompue parce que son processus s’est arrêté ({place}).",
        advice="Start it again with {sync_now}, or let the schedule do it; the next run first looks up what was sent.",
        advice_fr="Relancez-la avec {sync_now}, ou laissez faire la planification ; la prochaine exécution vérifie "
        "d’abord ce qui a été envoyé.",
    ),
    Row(
        code=E.EDITED_MEANWHILE,
        title="Product changed meanwhile",
        title_fr="Produit modifié entre-temps",
        sentence="The product “{item}” was changed in ConnectWise PSA while you were editing it.",
        sentence_fr="Le produit « {item} » a été modifié dans ConnectWise PSA pendant que vous le modifiiez ici.",
        advice="Open its details again and repeat your change; nothing was overwritten.",
        advice_fr="Rouvrez ses détails et refaites votre modification ; rien n’a été écrasé.",
    ),
    Row(
        code=E.EDITED_MEANWHILE,
        when="customer",
        title="Customer changed meanwhile",
        title_fr="Client modifié entre-temps",
        sentence="Somebody else changed “{customer}” while you were editing it; what they chose is shown below.",
        sentence_fr="Quelqu’un d’autre a modifié « {customer} » pendant que vous le modifiiez ; son choix figure "
        "ci-dessous.",
        advice="Compare, then save again if yours is to stand; nothing was overwritten.",
        advice_fr="Comparez, puis enregistrez à nouveau si le vôtre doit rester ; rien n’a été écrasé.",
    ),
    Row(
        code=E.EDITED_MEANWHILE,
        when="mapping",
        title="Mapping changed meanwhile",
        title_fr="Mappage modifié entre-temps",
        sentence="Somebody else changed the mapping of “{mapping}” after you opened it; nothing was overwritten.",
        sentence_fr="Une autre personne a modifié le mappage de « {mapping} » après que vous l’avez ouvert ; rien n’a "
        "été écrasé.",
        advice="Look at how it is now, then apply yours again or leave it.",
        advice_fr="Regardez ce qu’il est devenu, puis appliquez à nouveau le vôtre ou laissez-le ainsi.",
    ),
    Row(
        code=E.BUSY,
        title="Another run is at work",
        title_fr="Une autre exécution est en cours",
        sentence="Another run is at work on {integration}.",
        sentence_fr="Une autre exécution travaille sur {integration}.",
        advice="Wait until it has finished, then try again.",
        advice_fr="Attendez qu’elle soit terminée, puis réessayez.",
    ),
    Row(
        code=E.BUSY,
        when="since",
        title="Another run is at work",
        title_fr="Une autre exécution est en cours",
        sentence="Run {run} is at work on {integration}, started {since:t} by {who:w} on {where}.",
        sentence_fr="L’exécution {run} travaille sur {integration} ; lancée le {since:t} par {who:w} sur {where}.",
        advice="Wait until it has finished, then try again; {plans_page} shows how far it is.",
        advice_fr="Attendez qu’elle soit terminée, puis réessayez ; {plans_page} montre où elle en est.",
    ),
    Row(
        code=INTERNAL,
        title="Fault in Truecount",
        title_fr="Erreur interne",
        sentence="Truecount stopped at a fault of its own.",
        sentence_fr="Truecount s’est arrêté sur une erreur interne.",
        advice="Report it with the lines of the log from that moment; the next run goes on where this one stopped.",
        advice_fr="Signalez-le avec les lignes du journal de ce moment-là ; la prochaine exécution reprend où "
        "celle-ci s’est arrêtée.",
    ),
)

ANY_ERROR = Row(
    code="any",
    title="Something went wrong",
    title_fr="Quelque chose n’a pas marché",
    sentence="Something went wrong ({code}).",
    sentence_fr="Quelque chose n’a pas marché ({code}).",
    advice="Report it with this code and the lines of the log from that moment.",
    advice_fr="Signalez-le avec ce code et les lignes du journal de ce moment-là.",
)
