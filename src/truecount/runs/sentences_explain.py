"""What an explanation says beside its numbers, in both languages: the steps of a rule, parts, sums, lines, ledger."""

from __future__ import annotations

from truecount.runs.sentences_words import Said

STEPS: dict[str, Said] = {
    "combine:sum": Said("Added up", "Additionnés"),
    "combine:max": Said("The largest of them", "Le plus grand"),
    "combine:min": Said("The smallest of those that are there", "Le plus petit de ceux présents"),
    "combine:all-of": Said("The smallest of all, absent ones being 0", "Le plus petit de tous, absents comptés 0"),
    "multiply": Said("Times {setting:n}", "Multiplié par {setting:n}"),
    "included": Said("Minus {setting:n} included", "Moins {setting:n} inclus"),
    "round:up": Said("Rounded up to a multiple of {setting:n}", "Arrondi au multiple supérieur de {setting:n}"),
    "round:down": Said("Rounded down to a multiple of {setting:n}", "Arrondi au multiple inférieur de {setting:n}"),
    "round:half-even": Said(
        "Rounded to the nearest multiple of {setting:n}", "Arrondi au multiple le plus proche de {setting:n}"
    ),
    "minimum": Said("At least {setting:n}", "Au moins {setting:n}"),
    "maximum": Said("At most {setting:n}", "Au plus {setting:n}"),
    "excluded": Said("Exception: the customer is left out", "Exception : le client est écarté"),
    "fixed": Said("Exception: always {setting:n}", "Exception : toujours {setting:n}"),
    "own minimum": Said("Exception: at least {setting:n}", "Exception : au moins {setting:n}"),
}
"""By the step's name and, where there are several ways to take it, the way."""

EXPLAINED: dict[str, Said] = {
    "head": Said(
        "{item} on the agreement “{agreement}”, {company}", "{item} dans le contrat « {agreement} », {company}"
    ),
    "plan": Said("{period}, {source:w}, plan {plan}", "{period}, {source:w}, plan {plan}"),
    "product": Said("{product}, {product_label}", "{product}, {product_label}"),
    "product_unknown": Said(
        "{product}, {product_label}: a number is missing", "{product}, {product_label} : il manque un nombre"
    ),
    "line": Said("Order line {order_line}", "Ligne de commande {order_line}"),
    "line_serial": Said("Order line {order_line}, no. {serial}", "Ligne de commande {order_line}, n° {serial}"),
    "answer": Said("row {row} of the kept answer {answer}", "rang {row} de la réponse conservée {answer}"),
    "absent": Said("{product} is not in the report", "{product} n’est pas dans le rapport"),
    "percent": Said(
        "{percent:n} % to this agreement, in steps of {step:n}", "{percent:n} % pour ce contrat, par pas de {step:n}"
    ),
    "first": Said("The first {first:n} to this agreement", "Les {first:n} premiers pour ce contrat"),
    "rest": Said("The rest to this agreement", "Le reste pour ce contrat"),
    "other": Said("To the agreement “{agreement}”", "Pour le contrat « {agreement} »"),
    "not_counted": Said("Not counted: {why}", "Non compté : {why}"),
    "keeps_waiting": Said("Keeps the line waiting: {why}", "Fait attendre la ligne : {why}"),
    "total": Said("Sum of the customers ({count:n})", "Somme des clients ({count:n})"),
    "nothing": Said("Nothing is counted into this line.", "Rien n’est compté dans cette ligne."),
    "decimals": Said(
        "Rounded to the decimals that are set ({decimals:n})", "Arrondi aux décimales réglées ({decimals:n})"
    ),
    "waits": Said("The line waits: {why}", "La ligne attend : {why}"),
    "former_moved": Said(
        "{product} of {customer} was counted here and leads elsewhere now.",
        "{product} de {customer} était compté ici et mène ailleurs désormais.",
    ),
    "former_absent": Said(
        "{product} of {customer} was counted here and is no longer in the report.",
        "{product} de {customer} était compté ici et n’est plus dans le rapport.",
    ),
    "former_lost": Said(
        "{product} of {customer} was counted here and leads nowhere now: a mapping is gone or a switch is off.",
        "{product} de {customer} était compté ici et ne mène plus nulle part : un mappage manque ou un interrupteur "
        "est désactivé.",
    ),
    "standing": Said("Line {addition} held before the plan", "La ligne {addition} contenait avant le plan"),
    "no_line": Said("No line stood before the plan.", "Aucune ligne n’était en vigueur avant le plan."),
    "change": Said("{kind}: {before:n} → {after:n}", "{kind} : {before:n} → {after:n}"),
    "change_from": Said(
        "{kind}: {before:n} → {after:n}, from {effective}", "{kind} : {before:n} → {after:n}, à partir du {effective}"
    ),
    "outcome": Said("Result: {outcome}", "Résultat : {outcome}"),
    "unchanged": Said("Unchanged: the line holds this already.", "Inchangé : la ligne contient déjà cela."),
    "left": Said("Left as it stands: {why}", "Laissé tel quel : {why}"),
    "held": Said("Held: {why}", "Bloqué : {why}"),
    "ledger": Said("Ledger {event_number}, {at:t}: {event}", "Registre {event_number}, {at:t} : {event}"),
    "intent": Said("{kind}, {before:n} → {after:n}, announced", "{kind}, {before:n} → {after:n}, annoncé"),
    "answer_done": Said("line {addition} holds {quantity:n}", "la ligne {addition} contient {quantity:n}"),
    "not_done": Said("not written", "non écrit"),
    "other_version": Said(
        "This plan was made by another version of Truecount, which came to another result.",
        "Ce plan a été établi par une autre version de Truecount, qui arrivait à un autre résultat.",
    ),
}
