"""Mapping suggestions: customer → company and agreement, vendor product → catalog item; nothing maps itself.

*Certain* means that nothing speaks against it and nothing else comes near; each thing that does is a `Doubt`.
Scores keep to their certainty: certain above 90, likely 70 to 90, possible below 70.
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from enum import StrEnum

from truecount.core import articles, names
from truecount.core.articles import VENDOR, Article, Audience
from truecount.core.model import Agreement, AgreementState, CatalogItem, Company, Customer, VendorProduct
from truecount.core.names import Name, Sort, Word


class Certainty(StrEnum):
    CERTAIN = "certain"
    LIKELY = "likely"
    POSSIBLE = "possible"


class Reason(StrEnum):
    """What a suggestion rests on, the strongest first."""

    CODE = "code"
    DEFAULT_IDENTIFIER = "default_identifier"
    IDENTIFIER = "identifier"
    NAME = "name"
    SIMILAR = "similar"


class Doubt(StrEnum):
    """What keeps a suggestion from being certain."""

    LEGAL_FORM = "legal_form"
    WORD_ORDER = "word_order"
    SMALL_WORDS = "small_words"
    """Articles and the like, *group*, *company*, a plural, or spaces at another place."""
    ACCENTS = "accents"
    SPELLING = "spelling"
    NUMBERS = "numbers"
    TRADE = "trade"
    """A word for the trade is on one side only."""
    WORDS = "words"
    """One name has a word that the other lacks."""
    OTHER_WORDS = "other_words"
    """Each name has a word that the other lacks."""
    SHORT = "short"
    """A code, or an identifier of one word, too short to be nobody else's."""
    BRAND = "brand"
    """The catalog item names no maker, or another one."""
    TERM = "term"
    """The code is that of another term: monthly on one side only."""
    AUDIENCE = "audience"
    """One is for servers, the other for users or does not say."""
    INACTIVE = "inactive"
    BUNDLE = "bundle"
    SECOND = "second"
    """Another candidate is as good, or nearly."""
    SHARED = "shared"
    """It is certain for another one too."""
    TAKEN = "taken"
    """Another one is mapped to it."""


class NoAgreement(StrEnum):
    """Why no agreement is suggested: the company has none, none that is active, or several."""

    NONE = "none"
    NONE_ACTIVE = "none_active"
    SEVERAL = "several"


@dataclass(frozen=True, slots=True, kw_only=True)
class CustomerSuggestion:
    """`agreement` is the company's only active one, else None and `no_agreement` says why. `rivals` are the
    companies that came near, `words` those of the customer's name that matched."""

    customer: str
    company: int
    agreement: int | None
    no_agreement: NoAgreement | None
    score: int
    certainty: Certainty
    reason: Reason
    words: tuple[str, ...]
    doubts: tuple[Doubt, ...] = ()
    rivals: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class ProductSuggestion:
    """`rivals` are the catalog items that came near; `words` is the code or identifier where that matched."""

    code: str
    item: int
    score: int
    certainty: Certainty
    reason: Reason
    words: tuple[str, ...]
    doubts: tuple[Doubt, ...] = ()
    rivals: tuple[int, ...] = ()


# --- candidates, and what makes one of them the suggestion -----------------------------------------

_FIRM = frozenset({Reason.CODE, Reason.DEFAULT_IDENTIFIER})
# What leaves a suggestion no more than possible.
_GRAVE = frozenset({Doubt.SPELLING, Doubt.NUMBERS, Doubt.WORDS, Doubt.OTHER_WORDS, Doubt.AUDIENCE})
_GRAVE |= {Doubt.INACTIVE, Doubt.BUNDLE}
_RANKS = {Certainty.CERTAIN: 0, Certainty.LIKELY: 1, Certainty.POSSIBLE: 2}
_LEAST = 60
_NEAR = 80


@dataclass(frozen=True, slots=True, kw_only=True)
class _Match:
    """One candidate; `likeness` is 60 to 100, whatever the doubts. `close`: it makes another one uncertain, though
    it is no more than possible itself."""

    target: int
    likeness: float
    reason: Reason
    words: tuple[str, ...]
    doubts: frozenset[Doubt] = frozenset()
    close: bool = False

    @property
    def certainty(self) -> Certainty:
        if self.doubts & _GRAVE:
            return Certainty.POSSIBLE
        return Certainty.LIKELY if self.doubts else Certainty.CERTAIN

    @property
    def score(self) -> int:
        match self.certainty:
            case Certainty.CERTAIN:
                return max(91, round(self.likeness))
            case Certainty.LIKELY:
                return 70 + round((self.likeness - _LEAST) / 2)
            case Certainty.POSSIBLE:
                return 40 + round((self.likeness - _LEAST) * 29 / 40)

    @property
    def rank(self) -> tuple[int, int, float, int]:
        return _RANKS[self.certainty], self.reason not in _FIRM, -self.likeness, self.target


_Settled = tuple[str, _Match, tuple[int, ...]]


def _settle(
    found: Mapping[str, list[_Match]],
    *,
    taken: Collection[int],
    never: Collection[int] = (),
    quiet: Collection[str] = (),
) -> list[_Settled]:
    """The best match of each with its rivals, the best first, and the doubts that all of them together raise.

    `never` are targets that can't be suggested but make others uncertain; what is `quiet` makes no claim.
    """
    bests: dict[str, _Match] = {}
    for one, matches in found.items():
        allowed = [match for match in matches if match.target not in never]
        if allowed:
            bests[one] = min(allowed, key=lambda match: match.rank)
    claims = Counter(
        best.target for one, best in bests.items() if best.certainty is Certainty.CERTAIN and one not in quiet
    )
    settled = []
    for one, best in bests.items():
        rivals = tuple(each.target for each in _rivals(best, found[one], {*claims, *taken}))
        own = best.certainty is Certainty.CERTAIN and one not in quiet
        raised = {Doubt.SECOND: bool(rivals)}
        if best.reason not in _FIRM:
            raised |= {Doubt.SHARED: claims[best.target] > own, Doubt.TAKEN: best.target in taken}
        doubts = best.doubts | {doubt for doubt, there in raised.items() if there}
        settled.append((one, replace(best, doubts=doubts), rivals))
    return sorted(settled, key=lambda each: (-each[1].score, each[0]))


def _rivals(best: _Match, matches: list[_Match], spoken_for: Collection[int]) -> list[_Match]:
    """Who comes near, the nearest first. One that is less certain is none where it belongs to somebody else. A
    code settles it against names and against the code of another term, not against the same code."""
    near = [match for match in matches if match.close or match.certainty is not Certainty.POSSIBLE]
    near = [match for match in near if match.target != best.target]
    if best.reason is Reason.CODE:
        near = [match for match in near if match.reason in _FIRM and Doubt.TERM not in match.doubts]
    near = [match for match in near if match.certainty is best.certainty or match.target not in spoken_for]
    return sorted(near, key=lambda match: match.rank)


# --- customers ------------------------------------------------------------------------------------


def suggest_customers(
    customers: Iterable[Customer],
    companies: Iterable[Company],
    agreements: Iterable[Agreement],
    *,
    taken: Mapping[str, int],
) -> list[CustomerSuggestion]:
    """At most one suggestion per customer that is not mapped, the best first.

    `taken` is customer id → company id of what is mapped. A company that is deleted or inactive is never
    suggested; where another has its name, that one is not certain.
    """
    known = sorted(companies, key=lambda company: company.id)
    index = names.Index.of(company.name for company in known)
    by_identifier: dict[str, list[int]] = defaultdict(list)
    for i, company in enumerate(known):
        by_identifier[names.squash(company.identifier)].append(i)
    waiting = [customer for customer in customers if customer.id not in taken]
    settled = _settle(
        {customer.id: _company_matches(customer.name, known, index, by_identifier) for customer in waiting},
        never={company.id for company in known if not company.active},
        quiet={customer.id for customer in waiting if not customer.active},
        taken=set(taken.values()),
    )
    by_company: dict[int, list[Agreement]] = defaultdict(list)
    for agreement in agreements:
        by_company[agreement.company].append(agreement)
    return [_customer_suggestion(one, best, rivals, by_company[best.target]) for one, best, rivals in settled]


def _customer_suggestion(
    customer: str, best: _Match, rivals: tuple[int, ...], agreements: list[Agreement]
) -> CustomerSuggestion:
    active = [agreement.id for agreement in agreements if agreement.state is AgreementState.ACTIVE]
    why = None
    if len(active) != 1:
        why = NoAgreement.SEVERAL if active else NoAgreement.NONE_ACTIVE if agreements else NoAgreement.NONE
    return CustomerSuggestion(
        customer=customer,
        company=best.target,
        agreement=None if why else active[0],
        no_agreement=why,
        score=best.score,
        certainty=best.certainty,
        reason=best.reason,
        words=best.words,
        doubts=tuple(sorted(best.doubts)),
        rivals=rivals,
    )


def _company_matches(
    text: str, companies: list[Company], index: names.Index, by_identifier: Mapping[str, list[int]]
) -> list[_Match]:
    name, squashed = names.company(text), names.squash(text)
    matches = {i: _company_match(name, index.names[i], companies[i].id) for i in index.around(name)}
    short = frozenset({Doubt.SHORT} if len(name.words) < 2 and len(squashed) < 8 else ())
    for i in by_identifier.get(squashed, ()) if squashed else ():
        named = matches.get(i)
        if named is None or named.doubts:
            matches[i] = _Match(
                target=companies[i].id, likeness=95, reason=Reason.IDENTIFIER, words=(text.strip(),), doubts=short
            )
    return [match for match in matches.values() if match]


def _company_match(name: Name, other: Name, target: int) -> _Match | None:
    if not (name.words and other.words):
        return None
    if name.plain == other.plain:
        words = tuple(word.text for word in name.words)
        return _Match(target=target, likeness=100, reason=Reason.NAME, words=words)
    likeness, doubts, words = _compared(name, other)
    if name.legal and other.legal and not name.legal & other.legal:
        doubts.add(Doubt.LEGAL_FORM)
        likeness -= 5
    if likeness < _LEAST:
        return None
    reason = Reason.SIMILAR if doubts - {Doubt.LEGAL_FORM, Doubt.WORD_ORDER, Doubt.ACCENTS} else Reason.NAME
    # A longer name may be meant by the shorter one, and a slip may hide the other; not so another word or number.
    close = not doubts & {Doubt.OTHER_WORDS, Doubt.NUMBERS} and (likeness >= _NEAR or Doubt.SPELLING not in doubts)
    return _Match(target=target, likeness=likeness, reason=reason, words=words, doubts=frozenset(doubts), close=close)


def _compared(name: Name, other: Name) -> tuple[float, set[Doubt], tuple[str, ...]]:
    """Likeness, doubts, and the words of `name` that matched."""
    pairs, left, right = names.paired(name.words, other.words)
    if name.joined == other.joined or not (left or right):
        return 98, _same_words(name, other, pairs, left + right), tuple(word.text for word in name.words)
    all_trade = not (name.of(Sort.NAME) and other.of(Sort.NAME))

    def weight(words: Iterable[Word]) -> float:
        return sum(Sort.NAME if all_trade and word.sort is Sort.TRADE else word.sort for word in words)

    doubts: set[Doubt] = set()
    matched = [word for i, j in pairs for word in (name.words[i], other.words[j])]
    credit = weight(matched)
    words = [name.words[i] for i, _ in pairs]
    for one, two, likeness, doubt in _alike(left, right):
        credit += likeness * weight((one, two))
        words.append(one)
        doubts.add(doubt)
    telling = [word for word in words if word.sort is Sort.NAME and not word.number]
    if not telling and not (all_trade and _weighty(words)):
        return 0, doubts, ()
    doubts |= _missing(left, right, len(telling))
    likeness = 100 * credit / weight((*name.words, *other.words))
    if not (_weighty(left) and _weighty(right)):
        likeness = max(likeness, _LEAST)
    texts = {word.text for word in words}
    return min(likeness, 96), doubts, tuple(word.text for word in name.words if word.text in texts)


def _same_words(name: Name, other: Name, pairs: list[tuple[int, int]], over: list[Word]) -> set[Doubt]:
    """Doubts about names of the same words: in another order, with other accents, or with spaces elsewhere."""
    doubts: set[Doubt] = set()
    if any(word.sort < Sort.TRADE or word.number or len(word.text) == 1 for word in over):
        doubts.add(Doubt.SMALL_WORDS)
    if not over and not names.same_order(name, other, pairs):
        doubts.add(Doubt.WORD_ORDER)
    if any(names.accents_differ(name.words[i], other.words[j], name, other) for i, j in pairs):
        doubts.add(Doubt.ACCENTS)
    return doubts


def _alike(left: list[Word], right: list[Word]) -> Iterator[tuple[Word, Word, float, Doubt]]:
    """Pairs of words that are spelled nearly alike; taken out of `left` and `right`."""
    for one in list(left):
        found = [(names.spelled(one, two), two) for two in right]
        likeness, two = max(found, key=lambda each: each[0], default=(0.0, one))
        if likeness >= 0.75:
            left.remove(one)
            right.remove(two)
            trade = one.sort is two.sort is Sort.TRADE and likeness == 0.95
            yield one, two, likeness, Doubt.SMALL_WORDS if trade else Doubt.SPELLING


def _missing(left: list[Word], right: list[Word], telling: int) -> set[Doubt]:
    doubts: set[Doubt] = set()
    sorts = {word.sort for word in left + right}
    if any(word.number for word in left + right):
        doubts.add(Doubt.NUMBERS)
    if Sort.PARTICLE in sorts or Sort.SOFT in sorts:
        doubts.add(Doubt.SMALL_WORDS)
    if _weighty(left) and _weighty(right):
        doubts.add(Doubt.OTHER_WORDS)
    elif Sort.NAME in sorts or (Sort.TRADE in sorts and telling < 2):
        doubts.add(Doubt.WORDS)
    elif Sort.TRADE in sorts:
        doubts.add(Doubt.TRADE)
    return doubts


def _weighty(words: list[Word]) -> bool:
    return any(word.sort >= Sort.TRADE for word in words)


# --- products -------------------------------------------------------------------------------------

# Words that may be added to a product's name without making it another one, and those that grade it.
_PADDING = frozenset({"service", "services", "managed", "addon", "suite", "agent", "cloud"})
_GRADES = frozenset({"standard", "advanced", "essentials", "complete", "plus", "enterprise"})


def suggest_products(
    products: Iterable[VendorProduct], items: Iterable[CatalogItem], *, taken: Mapping[str, int]
) -> list[ProductSuggestion]:
    """At most one suggestion per vendor product that is not mapped, the best first.

    `taken` is code → catalog item id of what is mapped. Inactive items and bundles are never more than possible.
    A product for servers and an item for users, or the other way round, neither.
    """
    catalog = _Catalog.of(items)
    waiting = [product for product in products if product.code not in taken]
    settled = _settle({product.code: _item_matches(product, catalog) for product in waiting}, taken=set(taken.values()))
    return [
        ProductSuggestion(
            code=code,
            item=best.target,
            score=best.score,
            certainty=best.certainty,
            reason=best.reason,
            words=best.words,
            doubts=tuple(sorted(best.doubts)),
            rivals=rivals,
        )
        for code, best, rivals in settled
    ]


def pieces(product: VendorProduct) -> frozenset[str]:
    """Folded pieces of text, one of which an item must have in its names or numbers to be suggested for the product:
    what a large catalog is searched by. Words of one or two letters count only where there are no others."""
    codes = (product.code, articles.base(product.code), articles.default_identifier(product.code))
    telling = _telling(product)
    long = {word for word in telling if len(word) > 2} or telling
    return frozenset(map(_longest_run, filter(None, codes))).union(*map(articles.before_renames, long))


def _longest_run(code: str) -> str:
    """Of letters and digits: it stands in a code however that is punctuated."""
    return max(re.findall(r"[^\W_]+", code.lower()), key=len, default="")


@dataclass(frozen=True, slots=True, kw_only=True)
class _Item:
    """A catalog item's texts, each taken apart; the customer's description only where it is a name."""

    id: int
    texts: tuple[Article, ...]
    audience: frozenset[Audience]
    brands: frozenset[str]
    doubts: frozenset[Doubt]

    @classmethod
    def of(cls, item: CatalogItem) -> _Item:
        told = dict.fromkeys((item.description, item.identifier, item.customer_description))
        texts = tuple(articles.article(text) for text in told if text and len(text) <= 80)
        doubts = {Doubt.INACTIVE: not item.active, Doubt.BUNDLE: not item.billable}
        return cls(
            id=item.id,
            texts=texts,
            audience=frozenset().union(*(text.audience for text in texts)),
            brands=frozenset().union(*(text.brands for text in texts)),
            doubts=frozenset(doubt for doubt, there in doubts.items() if there),
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class _Catalog:
    """The items by what may name a vendor product."""

    by_code: Mapping[str, list[_Item]]
    by_word: Mapping[str, list[_Item]]

    @classmethod
    def of(cls, items: Iterable[CatalogItem]) -> _Catalog:
        by_code, by_word = (defaultdict[str, list[_Item]](list) for _ in range(2))
        for item in items:
            known = _Item.of(item)
            codes = (item.vendor_sku, item.part_number, item.cross_reference, item.identifier)
            for code in {names.squash(code) for code in codes} - {""}:
                by_code[code].append(known)
            for word in frozenset().union(*(text.words for text in known.texts)):
                by_word[word].append(known)
        return cls(by_code=by_code, by_word=by_word)


def _item_matches(product: VendorProduct, catalog: _Catalog) -> list[_Match]:
    """One match per item, for the strongest reason."""
    matches: dict[int, _Match] = {}
    for match in (*_by_code(product, catalog), *_by_name(product, catalog)):
        before = matches.get(match.target)
        if before is None or match.rank < before.rank:
            matches[match.target] = match
    return list(matches.values())


def _by_code(product: VendorProduct, catalog: _Catalog) -> Iterator[_Match]:
    code, base, audience = product.code.strip(), articles.base(product.code), _audience(product)
    told: dict[str, tuple[Reason, set[Doubt]]] = {
        code: (Reason.CODE, set()),
        articles.default_identifier(code): (Reason.DEFAULT_IDENTIFIER, set()),
    }
    for other in sorted({base, f"{base}-MSP"} - {code}):
        told[other] = (Reason.CODE, {Doubt.TERM})
    found = [(item, word, *why) for word, why in told.items() for item in catalog.by_code.get(names.squash(word), ())]
    for item, word, reason, doubts in found:
        raised = {
            Doubt.AUDIENCE: audience and item.audience and audience not in item.audience,
            Doubt.BRAND: item.brands - {VENDOR},
            Doubt.SHORT: len(names.squash(word)) < 5 and VENDOR not in item.brands,
        }
        yield _Match(
            target=item.id,
            likeness=100 if reason is Reason.CODE else 98,
            reason=reason,
            words=(word,),
            doubts=item.doubts | doubts | {doubt for doubt, there in raised.items() if there},
        )


def _audience(product: VendorProduct) -> Audience | None:
    if articles.base(product.code).startswith("SVR"):
        return Audience.SERVER
    for text in (product.name, product.group):
        told = articles.article(text).audience
        if told:
            return next(iter(told)) if len(told) == 1 else None
    return None


def _words_of(product: VendorProduct) -> frozenset[str]:
    named = names.squash(product.name) != names.squash(product.code)
    return articles.article(product.name if named else articles.default_identifier(product.code)).words


def _telling(product: VendorProduct) -> frozenset[str]:
    return _words_of(product) - _PADDING - _GRADES


def _by_name(product: VendorProduct, catalog: _Catalog) -> Iterator[_Match]:
    words, telling = _words_of(product), _telling(product)
    items = {item.id: item for word in sorted(telling) for item in catalog.by_word.get(word, ())}
    for item in items.values():
        if item.brands - {VENDOR}:
            continue
        likeness, doubts, matched = max(
            (_article_compared(words, text.words) for text in item.texts), key=lambda each: (not each[1], each[0])
        )
        if likeness < _LEAST:
            continue
        if any(text.words & telling and not text.words ^ words <= _PADDING for text in item.texts):
            doubts |= {Doubt.WORDS}
        doubts |= item.doubts | _about_audience(_audience(product), item.audience)
        doubts |= set() if VENDOR in item.brands else {Doubt.BRAND}
        yield _Match(
            target=item.id,
            likeness=likeness,
            reason=Reason.SIMILAR if doubts & {Doubt.WORDS, Doubt.OTHER_WORDS, Doubt.NUMBERS} else Reason.NAME,
            words=tuple(sorted(matched)),
            doubts=frozenset(doubts),
        )


def _article_compared(words: frozenset[str], others: frozenset[str]) -> tuple[float, set[Doubt], frozenset[str]]:
    matched = words & others
    over = words ^ others
    likeness = 98 * 2 * len(matched) / max(len(words) + len(others), 1)
    if not over:
        return likeness, set(), matched
    if over <= _PADDING:
        return max(likeness, 90), {Doubt.SMALL_WORDS}, matched
    numbers = any(letter.isdigit() for word in over for letter in word)
    both = words - others and others - words
    return likeness, {Doubt.NUMBERS if numbers else Doubt.OTHER_WORDS if both else Doubt.WORDS}, matched


def _about_audience(audience: Audience | None, items: frozenset[Audience]) -> set[Doubt]:
    """An item that names nobody is for users: that is how the vendor names its products."""
    if audience is Audience.SERVER:
        return set() if items == {Audience.SERVER} else {Doubt.AUDIENCE}
    if Audience.SERVER in items:
        return {Doubt.AUDIENCE}
    return set() if audience or not items else {Doubt.SMALL_WORDS}
