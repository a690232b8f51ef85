"""Names of companies, taken apart into words, and how words compare; those of products are in `core/articles.py`."""

from __future__ import annotations

import re
import unicodedata
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from enum import IntEnum
from itertools import pairwise, product
from typing import NamedTuple

from rapidfuzz import fuzz, process
from rapidfuzz.distance import OSA


class Sort(IntEnum):
    """What a word says about which company it is, and how much it weighs for that."""

    NAME = 100
    TRADE = 40
    SOFT = 15
    PARTICLE = 10


@dataclass(frozen=True, slots=True, kw_only=True)
class Word:
    """`forms` are its spellings without accents: *Müller* is muller and mueller, and either may be met."""

    text: str
    forms: tuple[str, ...]
    sort: Sort
    number: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Name:
    """A company's name: its words in their order, without the legal forms, and these.

    `plain` is the whole text but for case, spaces and Unicode's spellings of one letter; `joined` the words run
    together.
    """

    plain: str
    words: tuple[Word, ...]
    legal: frozenset[str]
    joined: str

    @property
    def accented(self) -> bool:
        return any(fold(word.text) != word.text.casefold() for word in self.words)

    @property
    def key(self) -> str:
        """The words that weigh, in an order of their own: what spelling is compared by."""
        return " ".join(sorted(word.forms[0] for word in self.of(Sort.NAME, Sort.TRADE)))

    def of(self, *sorts: Sort) -> list[Word]:
        return [word for word in self.words if word.sort in sorts]


# --- letters --------------------------------------------------------------------------------------

_LETTERS = str.maketrans({"ø": "o", "æ": "ae", "œ": "oe", "ł": "l", "đ": "d", "ð": "d", "þ": "th", "ı": "i", "ħ": "h"})
_DOUBLED = {"ä": "ae", "ö": "oe", "ü": "ue", "å": "aa", "ø": "oe"}
_QUOTES = str.maketrans("’‘`´ʼ′", "''''''")


def plain(text: str) -> str:
    """Case, spaces and compatible letters made the same; accents and punctuation stay."""
    return " ".join(unicodedata.normalize("NFKC", text).casefold().split())


def fold(text: str) -> str:
    """Lower case without accents."""
    lowered = unicodedata.normalize("NFC", text).casefold().translate(_LETTERS)
    return "".join(c for c in unicodedata.normalize("NFKD", lowered) if not unicodedata.combining(c))


def squash(text: str) -> str:
    """Letters and digits alone: how codes and identifiers are compared."""
    return "".join(c for c in fold(text) if c.isalnum())


def spellings(text: str) -> tuple[str, ...]:
    """Every way to write a word without accents, the one that merely drops them first."""
    lowered = unicodedata.normalize("NFC", text).casefold()
    if lowered.isascii():
        return (lowered,)
    choices = [(letter, _DOUBLED[letter]) if letter in _DOUBLED else (letter,) for letter in lowered]
    if sum(len(choice) == 2 for choice in choices) > 4:
        return (fold(lowered),)
    return tuple(dict.fromkeys(fold("".join(letters)) for letters in product(*choices)))


# --- tables ---------------------------------------------------------------------------------------


def word_set(text: str) -> frozenset[str]:
    return frozenset(text.split())


def word_table(text: str) -> dict[str, str]:
    """Lines `meaning: spelling, spelling` → {spelling: meaning}."""
    lines = (line.split(":") for line in text.strip().splitlines())
    return {spelling.strip(): meaning.strip() for meaning, rest in lines for spelling in rest.split(",")}


# Spellings as they stand after folding, words apart, single letters run together. One meaning covers what is the
# same form in another language of one country (SA and AG in Switzerland, SRL and BV in Belgium).
_LEGAL: Mapping[str, str] = word_table("""
    limited company: sarl, sarlu, eurl, societe a responsabilite limitee, gmbh, ggmbh, gesmbh, ges mbh, mbh
    limited company: gesellschaft mit beschrankter haftung, gesellschaft mit beschraenkter haftung, sarl au
    limited company: srl, srls, sagl, societa a responsabilita limitata, sprl, bvba, bv, besloten vennootschap
    limited company es: sl, slu, slp, sociedad limitada
    limited company mx: s de rl de cv, s de rl
    stock company: sa, ag, nv, sa nv, nv sa, spa, societe anonyme, aktiengesellschaft, sociedad anonima
    stock company: societa per azioni, naamloze vennootschap
    stock company mx: sa de cv, sab de cv, sapi de cv
    simplified: sas, sasu, societe par actions simplifiee
    gmbh kg: gmbh & co kg, gmbh co kg, gmbh & co kgaa, gmbh & co ohg
    ug: ug, ug haftungsbeschrankt, ug haftungsbeschraenkt
    partnership de: partg, partg mbb, partgmbb
    sole trader: ek, ekfm, ekfr, eu, eirl, eenmanszaak, enk, enr
    ltd: ltd, limited, ltee, limitee, private limited, pvt ltd, pte ltd, pty ltd, pty, pl, pty limited, ltd sti
    inc: inc, incorporated, incorporee
    corp: corp, corporation
    llc: llc, lc, pllc
    professional: pc, pa, selarl, selas, scp, selurl
    charity: asbl, vzw, ev, aisbl, ivzw, obnl
    general partnership: snc, senc, sencrl, vof, scs, sc, ss, is, ans
    farm: scea, gaec, earl
    cooperative: scrl, cvba, scop, sca, societe cooperative, soc coop, eg, scarl
    ab: ab, aktiebolag
    partnership se: hb, handelsbolag, kb, kommanditbolag
    as: as, asa, aps, ks, ivs
    oy: oy, oyj, ab oy, oy ab
    ehf: ehf, hf
    sp zoo: sp zoo, sp z oo, spzoo, spolka zoo, spolka z oo, spolka z ograniczona odpowiedzialnoscia
    spk: spk, sp k, spolka komandytowa
    spj: spj, sp j, spolka jawna
    sro: sro, spol sro
    zrt: zrt, nyrt
    ood: eood, ood
    lda: lda, limitada, ltda, unipessoal lda, eireli
    ooo: ooo, ооо, зао, оао, пао, ао
    ae: αε, επε, ικε
    kk: 株式会社, 有限会社, 有限公司
""") | {form: form for form in word_set("kg ohg gbr se kgaa llp lp plc ulc cic publ ky kft bt doo uab sia")}

# Forms that are also words or initials: read as forms only at the end of a name.
_AT_THE_END = word_set("""
    sa ag ab as se sc ss is pl pc pa ky lp lc eg eu ek kg kb hb ks bt nv bv sl ug oy hf ev publ ans pty mbh spa
    sia earl limited limitada corporation corp inc
""")
# Of these, the ones that are common words as well: only with their dots (S.p.A.), or in their own case (SpA).
_DOTTED = word_set("pc pa sc ss lc pl is ev eg eu spa earl")
# Of these again, the ones that are also written in capitals among small letters.
_CAPITALS = word_set("spa earl")
# Forms that are the first word of many names, and those that there count as a word of little weight.
_FIRST = word_set("sarl sas sasu eurl sprl srl bvba asbl vzw gmbh scea gaec uab ооо зао оао пао ао 株式会社 有限会社")
_FIRST_SOFT = word_set("sa ab oy as")

_SOFT: Mapping[str, str] = word_table("""
    group: group, groupe, gruppe, grupo, gruppo, groep, gruppen, grp
    company: company, co, cie, compagnie, compania, compagnia, companhia, maatschappij
    firm: societe, firma, fa, firm, sociedad, societa
""") | {title: title for title in word_set("dr ing prof mr mme avv dott maitre")}

# The same word, abbreviated or in another spelling of its language.
_ALIAS: Mapping[str, str] = word_table("""
    etablissements: ets, etabl, etablissement
    saint: st
    sainte: ste
    mount: mt
    brothers: bros
    freres: frs
    gebruder: gebr, gebrueder, gebroeders
    hermanos: hnos
    fratelli: flli, f lli
    international: intl
    manufacturing: mfg
    management: mgmt, mgt
    engineering: eng, engg
    building: bldg
    services: svcs
    centre: center
    william: wm
    first: 1st
""")

_CONNECTORS = word_set("& and et und y e en i og och u ja")

_PARTICLES = word_set("""
    the a an of at for in on le la les l de du des d au aux sur sous en par pour chez der die das den dem am im
    zum zur von vom für fur el los las del al il lo i gli di da dal della dello dei degli delle dell all nel nell
    het een t ten ter te van op aan bij w z na do o os as dos no det ett
""")

# What a company does, in any language; it tells companies apart less than a name does, and stands before or after.
_TRADE = word_set("""
    boulangerie patisserie boucherie charcuterie menuiserie ebenisterie charpente charpentes plomberie chauffage
    electricite maconnerie peinture toiture toitures couverture carrelage serrurerie metallerie chaudronnerie
    garage carrosserie transport transports taxi ambulance ambulances imprimerie librairie pharmacie optique
    coiffure restaurant hotel brasserie cafe bar traiteur cabinet etude notaire notaires avocat avocats expertise
    comptable fiduciaire conseil conseils consulting consultants consultancy formation clinique laboratoire
    laboratoires dentaire veterinaire medical medicale association fondation ecole college mairie commune ville
    communaute entreprise entreprises etablissements ateliers atelier maison domaine vignobles caves cave
    pepinieres paysage paysages jardins construction constructions batiment renovation renovations isolation
    immobilier immobiliere immo assurance assurances banque service services solutions industrie industries
    industriel technologie technologies informatique securite energie energies distribution diffusion equipement
    equipements excavation deneigement fromagerie horlogerie chocolaterie architecte architectes architecture
    ingenierie mecanique generale general bau bauunternehmen baustoffe hochbau tiefbau backerei baeckerei
    metzgerei fleischerei schreinerei tischlerei zimmerei autohaus werkstatt spedition logistik elektro
    elektrotechnik haustechnik maschinenbau metallbau stahlbau anlagenbau landtechnik klimatechnik steuerberatung
    steuerberater rechtsanwalte rechtsanwaelte kanzlei notariat apotheke arztpraxis zahnarztpraxis praxis
    hausverwaltung immobilien versicherung versicherungen treuhand gasthof gasthaus weingut druckerei gartenbau
    reinigung planungsburo ingenieurburo architekturburo systemhaus dach dachdecker maler optik verlag handel
    grosshandel stadtwerke technik bakery butchers joinery plumbing heating electrical electric electrics roofing
    builders building contractors scaffolding haulage freight logistics accountancy accountants accounting
    solicitors legal law attorneys cpas surveyors dental dentistry orthodontics pediatrics veterinary vet clinic
    practice hospital pharmacy school academy church council trust farm farms landscaping landscapes marine
    engineering engineers machining tooling rentals consult property properties realty estates insurance bank
    financial finance software systems system technology tech digital media design studio studios printing auto
    automotive motors trading imports foods food catering winery brewery manufacturing maintenance management
    cleaning security energy centre shop store stores supply supplies products partners associates international
    talleres panaderia clinica farmacia bodegas construcciones transportes gestoria asesoria abogados inmobiliaria
    distribuidora comercial ayuntamiento fundacion servicios officina meccanica legale tecnico costruzioni
    trasporti ristorante azienda agricola ottica ferramenta comune panificio servizi impianti bouwbedrijf
    loodgietersbedrijf aannemersbedrijf administratiekantoor accountantskantoor bakkerij slagerij schrijnwerkerij
    drukkerij groothandel tandartspraktijk notariskantoor advocatenkantoor stichting zaklad stolarski piekarnia
    kancelaria przychodnia hurtownia apteka serwis logistyka uslugi biuro bygg maleri akeri rormontage ror
    regnskap revision revisjon tannlege tandlaege tomrermester vvs elektriker koleteknik rakennus kiinteisto
    kirjanpito zinguerie carrelages verrerie scierie camping nettoyage lycee auberge erabliere pavage ferblanterie
    beton sablieres ferronnerie gartnerei konditorei rohrreinigung sanitar heizung werbetechnik architekten
    physiotherapie feuerwehr nursery surgery storage appliances fitness heritage tours carpinteria asesores
    colegio ferreteria pasticceria falegnameria cantina schildersbedrijf kwekerij huisartsenpraktijk meubelen
    platslageri snekkeri kahvila pekarna padaria construcoes comercio pecas oficina truhlarstvi stavby
""")


# --- taking apart ---------------------------------------------------------------------------------

_ELIDED = re.compile(r"(?<![^\W\d_])(l|d|qu|dell|all|nell|sull|dall)'(?=\w{2})", re.IGNORECASE)
_TOKEN = re.compile(r"[&+]|[^\W_]+")
_LONGEST = max(len(form.split()) for form in _LEGAL)


class _Token(NamedTuple):
    """`dotted`: initials that were run together, *S.à r.l.* or *A/S*."""

    text: str
    folded: str
    dotted: bool = False


def company(text: str) -> Name:
    """A company's name taken apart. A name of nothing but legal forms keeps them as its words."""
    tokens = _tokens(text)
    kept, legal = _without_legal(tokens)
    words = tuple(_words(kept)) or tuple(_words(tokens))
    joined = "".join(word.forms[0] for word in words)
    return Name(plain=plain(text), words=words, legal=frozenset(legal), joined=joined)


def _tokens(text: str) -> list[_Token]:
    """Words as written; initials in a row are one word, an apostrophe joins except after d, l and their like."""
    text = _ELIDED.sub(r"\1 ", unicodedata.normalize("NFC", text).translate(_QUOTES)).replace("'", "")
    tokens: list[_Token] = []
    last, initials = 0, False
    for found in _TOKEN.finditer(text):
        written, gap = found[0].replace("+", "&"), text[last : found.start()]
        single = len(written) == 1 and written.isalpha()
        if single and initials and gap.strip() in ("", ".", "/"):
            before = tokens.pop()
            tokens.append(_Token(before.text + written, before.folded + fold(written), True))
        else:
            tokens.append(_Token(written, fold(written)))
        last, initials = found.end(), single
    return tokens


def _without_legal(tokens: list[_Token]) -> tuple[list[_Token], set[str]]:
    kept: list[_Token] = []
    legal: set[str] = set()
    shouted = not any(token.text != token.text.upper() for token in tokens)
    i = 0
    while i < len(tokens):
        length = _legal_at(tokens, i, shouted)
        if length:
            legal.add(_LEGAL[" ".join(token.folded for token in tokens[i : i + length])])
        else:
            kept.append(tokens[i])
        i += length or 1
    return kept, legal


def _legal_at(tokens: list[_Token], start: int, shouted: bool) -> int:
    """How many tokens from `start` on are a legal form."""
    for length in range(min(_LONGEST, len(tokens) - start), 0, -1):
        form = " ".join(token.folded for token in tokens[start : start + length])
        fits = form in _FIRST if start == 0 else form not in _AT_THE_END or _ends(tokens[start:], shouted)
        if form in _LEGAL and fits:
            return length
    return 0


def _ends(tokens: list[_Token], shouted: bool) -> bool:
    """Whether a form that may be a word is none here: only forms follow, and it is written like one."""
    form = tokens[0]
    upper = form.text.isupper() and (shouted or form.folded not in _CAPITALS)
    own_case = form.text not in (form.folded, form.text.title()) and not upper
    written = form.dotted or own_case or form.folded not in _DOTTED
    return written and all(token.folded in _LEGAL for token in tokens[1:])


def _words(tokens: list[_Token]) -> Iterator[Word]:
    last = len(tokens) - 1
    i = 0
    while i <= last:
        pair = f"{tokens[i].folded} {tokens[i + 1].folded}" if i < last else ""
        if pair in _ALIAS:
            yield Word(text=f"{tokens[i].text}.{tokens[i + 1].text}", forms=(_ALIAS[pair],), sort=Sort.NAME)
            i += 1
        elif not (i == 0 and i < last and tokens[i].folded == "the"):
            yield _word(tokens[i], first=i == 0 and last > 0, last=i == last)
        i += 1


def _word(token: _Token, *, first: bool, last: bool) -> Word:
    text, folded = token.text, token.folded
    if folded in _CONNECTORS and not (first or last):
        return Word(text=text, forms=("&",), sort=Sort.PARTICLE)
    if first and folded in _FIRST_SOFT:
        return Word(text=text, forms=(_LEGAL[folded],), sort=Sort.SOFT)
    if text.casefold() == "sté" or folded in _SOFT:
        return Word(text=text, forms=(_SOFT.get(folded, "firm"),), sort=Sort.SOFT)
    if folded in _PARTICLES:
        return Word(text=text, forms=(folded,), sort=Sort.PARTICLE)
    forms = (_ALIAS[folded],) if folded in _ALIAS else spellings(text)
    number = any(letter.isdigit() for letter in folded)
    return Word(text=text, forms=forms, sort=Sort.TRADE if forms[0] in _TRADE else Sort.NAME, number=number)


# --- words compared ------------------------------------------------------------------------------


def paired(one: tuple[Word, ...], other: tuple[Word, ...]) -> tuple[list[tuple[int, int]], list[Word], list[Word]]:
    """Positions of equal words, and what is left over on either side."""
    free = dict(enumerate(other))
    pairs = []
    left = []
    for i, word in enumerate(one):
        j = next((j for j, each in free.items() if _same(word, each)), None)
        if j is None:
            left.append(word)
        else:
            pairs.append((i, j))
            del free[j]
    return pairs, left, list(free.values())


def _same(one: Word, two: Word) -> bool:
    if len(one.forms) == len(two.forms) == 1:
        return one.forms == two.forms
    return not set(one.forms).isdisjoint(two.forms)


def same_order(name: Name, other: Name, pairs: list[tuple[int, int]]) -> bool:
    """Whether at most the words for the trade stand at the other end: *Bau Müller* is *Müller Bau*, but *Bernard
    Thomas* is not *Thomas Bernard*."""
    places = [j for i, j in pairs if name.words[i].sort is not Sort.SOFT]
    if places == sorted(places):
        return True
    apart = [[j for i, j in pairs if name.words[i].sort is sort] for sort in (Sort.NAME, Sort.TRADE)]
    return all(each == sorted(each) for each in apart) and _in_one_piece(name) and _in_one_piece(other)


def _in_one_piece(name: Name) -> bool:
    """Whether the words for the trade all stand before the others, or all after them."""
    return sum(one.sort is not two.sort for one, two in pairwise(name.of(Sort.NAME, Sort.TRADE))) == 1


def accents_differ(one: Word, two: Word, name: Name, other: Name) -> bool:
    """Accents that one name dropped where it keeps others; a name without any dropped all of them."""
    if one.text.casefold() == two.text.casefold() or fold(one.text) != fold(two.text):
        return False
    return name.accented and other.accented


def spelled(one: Word, two: Word) -> float:
    """How nearly two words are spelled alike, 0 to 1, and never 1."""
    if Sort.PARTICLE in (one.sort, two.sort) or one.number or two.number:
        return 0
    short, long = sorted((one.forms[0], two.forms[0]), key=len)
    if long.startswith(short) and long[len(short) :] in ("s", "e", "n", "en", "es", "r", "er"):
        return 0.95
    steps = min(OSA.distance(a, b) for a in one.forms for b in two.forms)
    return 0.95 * (1 - steps / len(long))


# A word in more names than this finds none of them by itself.
_FEW = 60


@dataclass(frozen=True, slots=True, kw_only=True)
class Index:
    """Names by what they may be found by; `names` and `keys` have the same order."""

    names: list[Name]
    keys: list[str]
    by_word: Mapping[str, set[int]]
    by_joined: Mapping[str, set[int]]

    @classmethod
    def of(cls, texts: Iterable[str]) -> Index:
        names = [company(text) for text in texts]
        by_word, by_joined = (defaultdict[str, set[int]](set) for _ in range(2))
        for i, name in enumerate(names):
            by_joined[name.joined].add(i)
            for word in name.of(Sort.NAME, Sort.TRADE):
                for form in word.forms:
                    by_word[form].add(i)
        return cls(names=names, keys=[name.key for name in names], by_word=by_word, by_joined=by_joined)

    def around(self, name: Name) -> set[int]:
        """Positions worth comparing: what shares a rare word, or all common ones, or is spelled alike."""
        sharing = [
            set[int]().union(*(self.by_word.get(form, ()) for form in word.forms))
            for word in name.of(Sort.NAME, Sort.TRADE)
        ]
        sharing = sorted(filter(None, sharing), key=len)
        both = [one & other for one, other in pairwise(sharing)]
        found = set(self.by_joined.get(name.joined, ()))
        found |= set().union(*(each for each in sharing + both if len(each) <= _FEW))
        if sharing:
            found |= set(sorted(set.intersection(*sharing))[:_FEW])
        alike = process.extract(name.key, self.keys, scorer=fuzz.ratio, score_cutoff=75, limit=10)
        return found | {i for _, _, i in alike}
