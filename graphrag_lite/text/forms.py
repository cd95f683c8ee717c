"""Words that ask for the same thing in another form: "die" and "death", 去世 and 逝世."""

from __future__ import annotations

from collections.abc import Iterable

from graphrag_lite.text.normalize import terms

# Forms of one word that a stemmer keeps apart.
_RELATED = (
    "die died dying dead death deceased",
    "born birth birthplace",
    "live lives lived life residence reside resided resides",
    "marry married marriage wife husband spouse wed",
    "write wrote written writer author authored",
    "speak spoke spoken speech",
    "say said reply replied answered exclaimed remarked",
    "buy bought purchase purchased acquire acquired acquisition",
    "sell sold sale",
    "win won winner victory",
    "lose lost loss defeat defeated",
    "build built builder construct constructed construction",
    "begin began begun start started beginning",
    "start started found founded establish established create created",
    "found founded founder founders cofounder establish established",
    "lead led leader",
    "teach taught teacher",
    "think thought thinking",
    "know knew known knowledge",
    "make made maker",
    "direct directed director",
    "invent invented inventor invention",
    "create created creator creation",
    "edit edited editor",
    "succeed succeeded successor",
    "precede preceded predate predated predecessor before",
    "old age aged",
    "cost costs price charge fee paid",
    "earn earned earns wage wages salary paid",
    "wear wore worn",
    "eat ate eaten",
    "call called name named nickname",
    "train trained trainer taught teach",
    "partner partners",
    "studied study studies graduated graduate degree",
    "cofounder cofounded founder founded",
    "sing sang sung song singer performer performed",
    "kill killed murder murdered slay slew slain",
    "work works worked employ employed job",
    "rich wealth wealthy wealthiest",
    "poor poverty",
    "big biggest large larger largest",
    "country nation national",
    "film movie",
    "child children son daughter",
    "light lights lit lighted",
    "design designs designed designer",
    "weigh weighs weighed weight",
    "own owns owned owner owners",
)
# Irregular verbs that are not among them.
_IRREGULAR = (
    "arise arose arisen, awake awoke, become became, bend bent, bind bound, bite bit bitten, blow blew blown, break "
    "broke broken, breed bred, bring brought, burn burnt, catch caught, choose chose chosen choice, cling clung, come"
    " came, creep crept, deal dealt, dig dug, draw drew drawn, dream dreamt, drink drank drunk, drive drove driven, "
    "fall fell fallen, feed fed, feel felt, fight fought, flee fled, fly flew flown, forbid forbade forbidden, forget"
    " forgot forgotten, forgive forgave forgiven, freeze froze frozen, get got gotten, give gave given, go went gone,"
    " grind ground, grow grew grown growth, hang hung, hide hid hidden, hold held, keep kept, lay laid, leave left, "
    "lend lent, lie lay lain, mean meant, meet met, pay paid, ride rode ridden, ring rang rung, rise rose risen, run "
    "ran, see saw seen, seek sought, send sent, sew sewn, shake shook shaken, shine shone, shoot shot, show shown, "
    "shrink shrank shrunk, sink sank sunk, sit sat, sleep slept, slide slid, spend spent, spin spun, spring sprang "
    "sprung, stand stood, steal stole stolen, stick stuck, strike struck, strive strove, swear swore sworn, sweep "
    "swept, swim swam swum, swing swung, take took taken, tear tore torn, tell told, throw threw thrown, understand "
    "understood, undertake undertook undertaken, weave wove woven, weep wept, wind wound, withdraw withdrew withdrawn"
)
_PAST = (
    "wrote spoke bought sold won lost built began begun taught thought knew known made sang sung slew slain wore worn "
    "ate eaten led bore born"
)


_RELATED_CJK = (
    "去世 逝世 病逝 过世 辞世 身亡 病故 死",
    "出生 诞生 生于",
    "籍贯 祖籍 原籍",
    "孩子 子女 儿女",
    "妻子 其妻 夫人",
    "丈夫 其夫",
)


def _forms() -> dict[str, frozenset[str]]:
    found: dict[str, frozenset[str]] = {}
    for line in (*_RELATED, *_IRREGULAR.split(", ")):
        stems = frozenset(terms(line))
        found.update({stem: found.get(stem, frozenset()) | stems - {stem} for stem in stems})
    for line in _RELATED_CJK:
        found |= {word: frozenset(line.split()) - {word} for word in line.split()}
    return found


def _past_forms() -> frozenset[str]:
    """Words of irregular verbs that are not also their first form."""
    verbs = [verb.split() for verb in _IRREGULAR.split(", ")]
    return frozenset(_PAST.split()).union(*verbs) - {verb[0] for verb in verbs}


FORMS = _forms()  # other forms by stem
PAST_FORMS = _past_forms()


def in_all_forms(found: Iterable[str]) -> frozenset[str]:
    """Terms with the other forms of each."""
    kept = frozenset(found)
    return kept.union(*(FORMS.get(term, ()) for term in kept))
