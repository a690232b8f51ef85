"""Mapping suggestions: customer → company and agreement, vendor product → catalog item; nothing maps itself.

*Certain* means that nothing speaks against it and nothing else comes near; each thing that does is a `Doubt`.
Scores keep to their certainty: certain above 90, likely 70 to 90, possible below 70.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from enum import StrEnum
from itertools import pairwise

from rapidfuzz import fuzz, process
from rapidfuzz.distance import OSA

from truecount.core.model import Agreement, AgreementState, CatalogItem, Company, Customer, VendorProduct
from truecount.core.names import VENDOR, Article, Audience, Name, Sort, Word, article, company, fold, squash


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
    ACCENTS = "accents"
    SPELLING = "spelling"
    NUMBERS = "numbers"
    TRADE = "trade"
    WORDS = "words"
    """One name has a word that the other lacks."""
    OTHER_WORDS = "other_words"
    """Each name has a word that the other lacks."""
    SHORT = "short"
    BRAND = "brand"
    TERM = "term"
    AUDIENCE = "audience"
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
_MILD = frozenset(
    {
        Doubt.LEGAL_FORM,
        Doubt.WORD_ORDER,
        Doubt.SMALL_WORDS,
        Doubt.ACCENTS,
        Doubt.TRADE,
        Doubt.SHORT,
        Doubt.BRAND,
        Doubt.TERM,
        Doubt.SECOND,
        Doubt.SHARED,
        Doubt.TAKEN,
    }
)
# What sets two candidates apart so sharply that the one leaves no doubt about the other.
_SHARP = frozenset({Doubt.OTHER_WORDS, Doubt.AUDIENCE, Doubt.NUMBERS, Doubt.INACTIVE, Doubt.BUNDLE})
_RANKS = {Certainty.CERTAIN: 0, Certainty.LIKELY: 1, Certainty.POSSIBLE: 2}
_LEAST = 60
_NEAR = 80


@dataclass(frozen=True, slots=True, kw_only=True)
class _Match:
    """One candidate; `likeness` is 60 to 100, whatever the doubts."""

    target: int
    likeness: float
    reason: Reason
    words: tuple[str, ...]
    doubts: frozenset[Doubt] = frozenset()

    @property
    def certainty(self) -> Certainty:
        if not self.doubts:
            return Certainty.CERTAIN
        return Certainty.LIKELY if self.doubts <= _MILD else Certainty.POSSIBLE

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

    @property
    def near(self) -> bool:
        """Close enough to make another candidate uncertain."""
        if self.certainty is not Certainty.POSSIBLE:
            return True
        return self.likeness >= _NEAR and not self.doubts & _SHARP


_Settled = tuple[str, _Match, tuple[int, ...]]


def _settle(
    found: Mapping[str, list[_Match]],
    *,
    never: Collection[int] = (),
    quiet: Collection[str] = (),
    taken: Collection[int],
) -> Iterator[_Settled]:
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
        own = best.certainty is Certainty.CERTAIN and one not in quiet
        elsewhere = {target for target, count in claims.items() if count > (own and target == best.target)}
        settled.append(_settled(one, best, found[one], elsewhere, taken))
    return iter(sorted(settled, key=lambda each: (-each[1].score, each[0])))


def _settled(
    one: str, best: _Match, matches: list[_Match], elsewhere: Collection[int], taken: Collection[int]
) -> _Settled:
    rivals = [match for match in matches if match.target != best.target and _rivals(match, best)]
    free = [match for match in rivals if match.certainty is best.certainty or match.target not in {*elsewhere, *taken}]
    raised = {Doubt.SECOND} if free else set()
    if best.reason not in _FIRM:
        raised |= {Doubt.SHARED} if best.target in elsewhere else set()
        raised |= {Doubt.TAKEN} if best.target in taken else set()
    targets = tuple(match.target for match in sorted(free, key=lambda match: match.rank))
    return one, replace(best, doubts=best.doubts | raised), targets


def _rivals(match: _Match, best: _Match) -> bool:
    """A code settles it against names, not against another code."""
    return match.near and (best.reason is not Reason.CODE or match.reason in _FIRM)


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
    index = _Index.of(companies)
    waiting = [customer for customer in customers if customer.id not in taken]
    settled = _settle(
        {customer.id: _company_matches(customer.name, index) for customer in waiting},
        never=index.inactive,
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


@dataclass(frozen=True, slots=True, kw_only=True)
class _Index:
    """The companies by what their names may be found by; positions in `ids`, `names` and `keys` are the same."""

    ids: list[int]
    names: list[Name]
    keys: list[str]
    by_word: Mapping[str, set[int]]
    by_joined: Mapping[str, set[int]]
    by_identifier: Mapping[str, set[int]]
    inactive: frozenset[int]

    @classmethod
    def of(cls, companies: Iterable[Company]) -> _Index:
        known = sorted(companies, key=lambda each: each.id)
        names = [company(each.name) for each in known]
        by_word, by_joined, by_identifier = (defaultdict[str, set[int]](set) for _ in range(3))
        for i, (each, name) in enumerate(zip(known, names, strict=True)):
            by_joined[name.joined].add(i)
            by_identifier[squash(each.identifier)].add(i)
            for word in name.of(Sort.NAME, Sort.TRADE):
                for form in word.forms:
                    by_word[form].add(i)
        return cls(
            ids=[each.id for each in known],
            names=names,
            keys=[_key(name) for name in names],
            by_word=by_word,
            by_joined=by_joined,
            by_identifier=by_identifier,
            inactive=frozenset(each.id for each in known if not each.active),
        )


def _key(name: Name) -> str:
    return " ".join(sorted(word.forms[0] for word in name.of(Sort.NAME, Sort.TRADE)))


_FEW = 60


def _candidates(name: Name, index: _Index) -> set[int]:
    """Companies worth comparing: those that share a rare word, all common ones, or are spelled alike."""
    found = set(index.by_joined.get(name.joined, ()))
    sharing = [
        set().union(*(index.by_word.get(form, ()) for form in word.forms)) for word in name.of(Sort.NAME, Sort.TRADE)
    ]
    sharing = sorted((each for each in sharing if each), key=len)
    for each in sharing:
        if len(each) <= _FEW:
            found |= each
    for one, other in pairwise(sharing):
        both = one & other
        if len(both) <= _FEW:
            found |= both
    if sharing:
        found |= set(sorted(set.intersection(*sharing))[:_FEW])
    alike = process.extract(_key(name), index.keys, scorer=fuzz.ratio, score_cutoff=75, limit=10)
    return found | {i for _, _, i in alike}


def _company_matches(text: str, index: _Index) -> list[_Match]:
    name = company(text)
    matches = {i: _company_match(name, index.names[i], index.ids[i]) for i in _candidates(name, index)}
    for i in index.by_identifier.get(squash(text), ()) if name.words else ():
        named = matches.get(i)
        if named is None or named.doubts:
            short = len(name.words) < 2 and len(squash(text)) < 8
            matches[i] = _Match(
                target=index.ids[i],
                likeness=95,
                reason=Reason.IDENTIFIER,
                words=(text.strip(),),
                doubts=frozenset({Doubt.SHORT} if short else ()),
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
    reason = Reason.SIMILAR if doubts - {Doubt.LEGAL_FORM, Doubt.WORD_ORDER} else Reason.NAME
    return _Match(target=target, likeness=likeness, reason=reason, words=words, doubts=frozenset(doubts))


def _compared(name: Name, other: Name) -> tuple[float, set[Doubt], tuple[str, ...]]:
    """Likeness, doubts, and the words of `name` that matched."""
    pairs, left, right = _paired(name.words, other.words)
    if name.joined == other.joined or not (left or right):
        return 98, _same_words(name, other, pairs, left + right), tuple(word.text for word in name.words)
    all_trade = not (name.of(Sort.NAME) and other.of(Sort.NAME))

    def weight(words: Iterable[Word]) -> float:
        return sum(100 if all_trade and word.sort is Sort.TRADE else word.sort.value for word in words)

    doubts: set[Doubt] = set()
    matched = [word for i, j in pairs for word in (name.words[i], other.words[j])]
    credit = weight(matched)
    words = [name.words[i] for i, _ in pairs]
    for one, two, likeness, doubt in _alike(left, right):
        credit += likeness * weight((one, two))
        words.append(one)
        doubts.add(doubt)
    names = [word for word in words if word.sort is Sort.NAME and not word.number]
    if not names and not all_trade:
        return 0, doubts, ()
    doubts |= _missing(left, right, len(names))
    likeness = 100 * credit / weight((*name.words, *other.words))
    if not (_weighty(left) and _weighty(right)):
        likeness = max(likeness, _LEAST)
    texts = {word.text for word in words}
    return min(likeness, 96), doubts, tuple(word.text for word in name.words if word.text in texts)


def _paired(one: tuple[Word, ...], other: tuple[Word, ...]) -> tuple[list[tuple[int, int]], list[Word], list[Word]]:
    """Positions of equal words, and what is left over on either side."""
    free = dict(enumerate(other))
    pairs = []
    left = []
    for i, word in enumerate(one):
        j = next((j for j, each in free.items() if not set(word.forms).isdisjoint(each.forms)), None)
        if j is None:
            left.append(word)
        else:
            pairs.append((i, j))
            del free[j]
    return pairs, left, list(free.values())


def _same_words(name: Name, other: Name, pairs: list[tuple[int, int]], over: list[Word]) -> set[Doubt]:
    """Doubts about names of the same words: in another order, with other accents, or with spaces elsewhere."""
    doubts: set[Doubt] = set()
    if any(word.sort in (Sort.PARTICLE, Sort.SOFT) or word.number or len(word.text) == 1 for word in over):
        doubts.add(Doubt.SMALL_WORDS)
    if not over and not _same_order(name, other, pairs):
        doubts.add(Doubt.WORD_ORDER)
    if any(_accents_differ(name.words[i], other.words[j], name, other) for i, j in pairs):
        doubts.add(Doubt.ACCENTS)
    return doubts


def _same_order(name: Name, other: Name, pairs: list[tuple[int, int]]) -> bool:
    """Whether at most the words for the trade stand at the other end, or one end of a long name at the other:
    *Bau Müller* is *Müller Bau*, but *Bernard Thomas* is not *Thomas Bernard*."""
    places = [j for _, j in pairs]
    falls = sum(one > two for one, two in pairwise(places))
    if not falls:
        return True
    apart = [[j for i, j in pairs if name.words[i].sort is sort] for sort in (Sort.NAME, Sort.TRADE, Sort.SOFT)]
    if all(each == sorted(each) for each in apart):
        return _in_one_piece(name) and _in_one_piece(other)
    return falls == 1 and places[0] > places[-1] and len(places) > 2 and bool(name.of(Sort.TRADE))


def _in_one_piece(name: Name) -> bool:
    sorts = [word.sort for word in name.of(Sort.NAME, Sort.TRADE)]
    last = len(sorts) - sorts[::-1].index(Sort.NAME) if Sort.NAME in sorts else 0
    return Sort.TRADE not in sorts[sorts.index(Sort.NAME) : last] if last else False


def _accents_differ(one: Word, two: Word, name: Name, other: Name) -> bool:
    """Accents that one name dropped where it keeps others; a name without any dropped all of them."""
    if one.text.casefold() == two.text.casefold() or fold(one.text) != fold(two.text):
        return False
    return name.accented and other.accented


def _alike(left: list[Word], right: list[Word]) -> Iterator[tuple[Word, Word, float, Doubt]]:
    """Pairs of words that are spelled nearly alike; taken out of `left` and `right`."""
    for one in list(left):
        found = [(_spelled(one, two), two) for two in right]
        likeness, two = max(found, key=lambda each: each[0], default=(0.0, one))
        if likeness >= 0.75:
            left.remove(one)
            right.remove(two)
            trade = one.sort is two.sort is Sort.TRADE and likeness == 0.95
            yield one, two, likeness, Doubt.SMALL_WORDS if trade else Doubt.SPELLING


def _spelled(one: Word, two: Word) -> float:
    if Sort.PARTICLE in (one.sort, two.sort) or one.number or two.number:
        return 0
    short, long = sorted((one.forms[0], two.forms[0]), key=len)
    if long.startswith(short) and long[len(short) :] in ("s", "e", "n", "en", "es", "r", "er"):
        return 0.95
    steps = min(OSA.distance(a, b) for a in one.forms for b in two.forms)
    return 0.95 * (1 - steps / len(long)) if steps <= (2 if len(short) > 7 else 1) else 0


def _missing(left: list[Word], right: list[Word], names: int) -> set[Doubt]:
    doubts: set[Doubt] = set()
    sorts = {word.sort for word in left + right}
    if any(word.number for word in left + right):
        doubts.add(Doubt.NUMBERS)
    if Sort.PARTICLE in sorts or Sort.SOFT in sorts:
        doubts.add(Doubt.SMALL_WORDS)
    if _weighty(left) and _weighty(right):
        doubts.add(Doubt.OTHER_WORDS)
    elif Sort.NAME in sorts or (Sort.TRADE in sorts and names < 2):
        doubts.add(Doubt.WORDS)
    elif Sort.TRADE in sorts:
        doubts.add(Doubt.TRADE)
    return doubts


def _weighty(words: list[Word]) -> bool:
    return any(word.sort in (Sort.NAME, Sort.TRADE) for word in words)


# --- products -------------------------------------------------------------------------------------

DEFAULT_IDENTIFIERS: Mapping[str, str] = {
    "CEP": "Sophos_Endpoint_Protection",
    "CIXA": "Sophos_Intercept_X_Advanced",
    "CIXAXDR": "Sophos_Intercept_X_Advanced_XDR",
    "CIXAMTR-STD": "Sophos_MTR_Standard",
    "CIXAMTR-ADV": "Sophos_MTR_Advanced",
    "CMA": "Sophos_Mobile_Advanced",
    "CEMA-PE-ADDON": "Sophos_Email_Portal_Encryption",
    "SVRC": "Sophos_Srv_Protection",
    "SVRCIXA": "Sophos_Intercept_X_Adv_Srv",
    "SVRCLOUDADV": "Sophos_Intercept_X_Adv_Srv",
    "SVRCIXAXDR": "Sophos_Intercept_X_Adv_Srv_XDR",
    "SVRCIXAMTR-STD": "Sophos_MTR_Standard_Srv",
    "SVRCIXAMTR-ADV": "Sophos_MTR_Advanced_Srv",
    "CDE": "Sophos_Device_Encryption",
    "CPHISH": "Sophos_Central_Phish_Threat",
}
"""Code without `-MSP` → the identifier under which the vendor's own integration creates the product. CMS is left
out: it is Mobile Standard in one source and Mobile Security in another."""

# Words that may be added to a product's name without making it another one, and those that grade it.
_PADDING = frozenset({"protection", "security", "service", "services", "managed", "addon", "suite", "agent", "cloud"})
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
        texts = tuple(article(text) for text in told if text and len(text) <= 80)
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
    by_identifier: Mapping[str, list[_Item]]
    by_word: Mapping[str, list[_Item]]

    @classmethod
    def of(cls, items: Iterable[CatalogItem]) -> _Catalog:
        by_code, by_identifier, by_word = (defaultdict[str, list[_Item]](list) for _ in range(3))
        for item in items:
            taken_apart = _Item.of(item)
            by_identifier[squash(item.identifier)].append(taken_apart)
            for code in {
                squash(text)
                for text in (item.vendor_sku, item.part_number, item.cross_reference, item.identifier)
                if text
            }:
                by_code[code].append(taken_apart)
            for word in frozenset().union(*(text.words for text in taken_apart.texts)):
                by_word[word].append(taken_apart)
        return cls(by_code=by_code, by_identifier=by_identifier, by_word=by_word)


def _item_matches(product: VendorProduct, catalog: _Catalog) -> list[_Match]:
    """One match per item, for the strongest reason."""
    matches: dict[int, _Match] = {}
    for match in (*_by_code(product, catalog), *_by_name(product, catalog)):
        before = matches.get(match.target)
        if before is None or match.rank < before.rank:
            matches[match.target] = match
    return list(matches.values())


def _by_code(product: VendorProduct, catalog: _Catalog) -> Iterator[_Match]:
    code = product.code.strip()
    base = _base(code)
    default = DEFAULT_IDENTIFIERS.get(base, "")
    audience = _audience(product)
    found = [
        (item, Reason.CODE, doubts, code)
        for text, doubts in ((code, set()), (base, {Doubt.TERM}), (f"{base}-MSP", {Doubt.TERM}))
        if text != code or not doubts
        for item in catalog.by_code.get(squash(text), ())
    ]
    found += [
        (item, Reason.DEFAULT_IDENTIFIER, set(), default)
        for item in catalog.by_identifier.get(squash(default), ())
        if default
    ]
    for item, reason, doubts, word in found:
        other = item.audience and audience and audience not in item.audience
        raised = item.doubts | doubts | ({Doubt.AUDIENCE} if other else set())
        yield _Match(
            target=item.id,
            likeness=100 if reason is Reason.CODE else 98,
            reason=reason,
            words=(word,),
            doubts=frozenset(raised),
        )


def _base(code: str) -> str:
    """The code in capitals, without the mark of the monthly programme; SRV is another spelling of SVR."""
    code = code.upper().removesuffix("-MSP")
    return "SVR" + code[3:] if code.startswith("SRV") else code


def _audience(product: VendorProduct) -> Audience | None:
    if _base(product.code).startswith("SVR"):
        return Audience.SERVER
    for text in (product.name, product.group):
        told = article(text).audience
        if told:
            return next(iter(told)) if len(told) == 1 else None
    return None


def _by_name(product: VendorProduct, catalog: _Catalog) -> Iterator[_Match]:
    named = squash(product.name) != squash(product.code)
    words = article(product.name if named else DEFAULT_IDENTIFIERS.get(_base(product.code), "")).words
    telling = words - _PADDING - _GRADES
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
            reason=Reason.SIMILAR if doubts & {Doubt.WORDS, Doubt.SPELLING, Doubt.NUMBERS} else Reason.NAME,
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
    return likeness, {Doubt.NUMBERS if numbers else Doubt.WORDS}, matched


def _about_audience(audience: Audience | None, items: frozenset[Audience]) -> set[Doubt]:
    """An item that names nobody is for users: that is how the vendor names its products."""
    if audience is Audience.SERVER:
        return set() if items == {Audience.SERVER} else {Doubt.AUDIENCE}
    if Audience.SERVER in items:
        return {Doubt.AUDIENCE}
    return set() if audience or not items else {Doubt.SMALL_WORDS}
