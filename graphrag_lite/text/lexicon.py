"""Closed lists of words: what no name begins with, what titles a person, which nouns tell the type of a thing.

They hold for any documents: function words, discourse words, class nouns and common given names of English.
"""

from __future__ import annotations


def word_set(words: str) -> frozenset[str]:
    """The words of a string as a set: shorter to read and to edit than a list of literals."""
    return frozenset(words.split())


ARTICLES = word_set("a an the")
COPULAS = word_set("is was are were")
STOP_WORDS = word_set(
    "a an and are as at be but by for if in into is it its no not of on or such that the their then there "
    "these they this to was were will with who whom whose what which when where why how did do does has have "
    "had been he she his her him from also than can could would should may might after before during about "
    "between under over same both name named"
)

FUNCTION_WORDS = STOP_WORDS | word_set(
    "thy thou thee thine ye hath doth "
    "i we you my our your us me mine ours yours hers theirs myself yourself himself herself itself ourselves "
    "themselves however although though since while many most some all one two three four five six seven eight "
    "nine ten several other first second third fourth another each every any following according despite "
    "because upon through until till against among amongst here later today tomorrow yesterday tonight now "
    "once either neither only just even still yet so nor unless whether those out up down off again further "
    "more few less least own too very much am being doing having shall must need within without toward towards "
    "across along around behind below above beneath beside besides beyond inside outside near onto per via "
    "like unlike whereas whereby wherever whenever whatever whoever thus hence therefore moreover furthermore "
    "meanwhile nevertheless nonetheless otherwise instead indeed perhaps maybe almost always never often "
    "sometimes usually already soon ever else anyway somehow something anything nothing everything someone "
    "anyone everyone somebody anybody nobody everybody none im ive ill id youre youve youll youd hes shes "
    "theyre theyve theyll theyd weve well were thats theres heres whats wheres whos hows lets dont doesnt "
    "didnt isnt arent wasnt werent wont wouldnt cant couldnt shouldnt hasnt havent hadnt aint o itll thatll "
    "cannot gonna wanna gotta kinda sorta cause til"
)

DISCOURSE_WORDS = word_set(
    "yeah yes yep yup no nope ok okay oh ah aha uh um hmm hm mm mhm huh wow hey hi hello bye goodbye thanks "
    "thank please sorry sure right exactly absolutely totally definitely certainly obviously clearly basically "
    "actually really literally honestly frankly essentially fortunately unfortunately hopefully interestingly "
    "importantly ultimately eventually finally initially originally recently previously currently subsequently "
    "additionally similarly conversely generally typically specifically particularly especially apparently "
    "presumably probably possibly overall anyways alas ha haha hah lol welcome great good nice cool awesome "
    "amazing fine wonderful excellent perfect correct true false fantastic well look listen see let think say "
    "said know mean guess remember imagine suppose consider note ay aye nay ho hallo hush hurrah bah pooh dear "
    "amen music laughter applause inaudible crosstalk come go get got give take make tell ask try keep put use "
    "want yet aside given including based born known called located starting regarding concerning considering "
    "excluding depending"
)

_MONTHS = "january february march april may june july august september october november december"
MONTH_NAMES = tuple(_MONTHS.split())
MONTHS = frozenset(MONTH_NAMES)
WEEKDAYS = word_set("monday tuesday wednesday thursday friday saturday sunday")

# A capitalised run never begins with these.
NOT_A_START = FUNCTION_WORDS | MONTHS | WEEKDAYS
# And these alone are no name ("Great Britain" is one).
NOT_A_NAME = NOT_A_START | DISCOURSE_WORDS

PARTICLES = word_set("of de la le von van der den du da di del y al bin ibn el des st zu ter")

PERSON_TITLES = word_set(
    "mr mrs ms miss dr prof professor sir lord lady dame madam madame master uncle aunt king queen prince "
    "princess emperor empress president senator governor captain colonel lieutenant sergeant rev reverend "
    "judge capt col gen lt sgt hon pope"
)
# Left out of a full name: "Dr Jane Smith" is "Jane Smith", but "Queen Anne Boleyn" stays.
POLITE_TITLES = word_set(
    "mr mrs ms miss dr prof professor sir president senator governor captain colonel lieutenant sergeant rev "
    "reverend judge capt col gen lt sgt hon"
)
# Such a person is known by the name of another, or may be.
RELATIVE_TITLES = word_set("mrs uncle aunt king queen prince princess emperor empress pope lady")
ABBREVIATED_TITLES = word_set("mr mrs ms dr prof rev hon capt col gen lt sgt sen gov rep")

# "CTO of Microsoft" names Microsoft; what a person is, not a name.
ROLES = word_set(
    "ceo cto cfo coo cio vp svp evp chair chairman chairwoman chairperson director head founder cofounder "
    "cochair member members professor author editor host"
)

# Persons who are called by whose they are: "her brother".
RELATIVES = word_set(
    "father mother parent parents brother brothers sister sisters son sons daughter daughters child children husband "
    "wife widow widower spouse uncle uncles aunt aunts nephew nephews niece nieces cousin cousins twin grandfather "
    "grandmother grandparents grandson grandsons granddaughter granddaughters grandchildren stepfather stepmother "
    "friend friends neighbour neighbor colleague colleagues partner"
)

# Abbreviations that stand behind numbers and names and name nothing alone.
UNITS = word_set(
    "am pm bc ad bce ce km cm mm kg mw kw gw khz mhz ghz hz fm mb gb tb kb jr sr st mt ft dr mr mrs ms no ii "
    "iii iv vi vii viii ix xi xii usd eur gbp pst est gmt utc nos phd md ba ma mba bsc msc esq"
)

# Behind a hyphen these make an adjective of a name: "Paris-based".
HYPHEN_TAILS = word_set(
    "based born led era like style wide only run made type level owned backed free ready size sized class "
    "themed bound area time long old year wing side day"
)

JOB_STARTS = word_set("senior associate deputy vice assistant executive principal chief head lead")
JOB_ENDS = word_set(
    "advocate professor director manager engineer officer scientist president editor producer developer inspector"
)
LEGAL_SUFFIXES = word_set("inc incorporated ltd limited llc llp plc corp corporation co gmbh ag sa srl bv nv oy ab pty")

# Nouns that end (or, before "of", begin) a name and tell its type.
HEADS: dict[str, str] = {
    **dict.fromkeys(
        word_set(
            "inc incorporated ltd llc llp plc corp corporation gmbh company companies university college "
            "institute academy school ministry agency bureau bank association society foundation committee "
            "council commission department union league federation organization organisation party senate "
            "parliament congress assembly court church orchestra ensemble records studios pictures press "
            "airlines airways motors laboratory laboratories labs group consortium authority army navy corps "
            "brigade regiment police institution conservatory fc club team partners holdings industries "
            "technologies systems network trust museum hospital diocese board office inspectorate ferries "
            "works shipyard brewery railway railroad"
        ),
        "organization",
    ),
    **dict.fromkeys(
        word_set(
            "county river lake island islands mountain mountains mount city town township village street "
            "avenue road province district bay ocean sea valley airport bridge park peninsula republic kingdom "
            "empire state territory region canyon desert harbor harbour port lighthouse castle palace "
            "cathedral square beach creek hills hill forest glacier strait gulf cape stadium station highway "
            "borough municipality parish prefecture falls building tower hall house plateau basin coast dam"
        ),
        "place",
    ),
    **dict.fromkeys(
        word_set(
            "war wars battle siege olympics games championship championships cup festival revolution "
            "conference summit election elections tournament expedition massacre treaty rebellion uprising "
            "riots earthquake hurricane expo fair ceremony grand prix marathon census season crisis"
        ),
        "event",
    ),
    **dict.fromkeys(
        word_set("journal magazine times gazette bible symphony concerto trilogy chronicles tribune"), "work"
    ),
}
# Heads that a leading year or ordinal belongs to: "1948 Summer Olympics".
COUNTED_HEADS = word_set(
    "olympics games championship championships cup festival election elections season census tournament "
    "conference expo awards series open prix congress parliament division regiment brigade army street avenue "
    "edition amendment airborne infantry uefa fifa nba nfl summit"
)
# Heads whose names run on over "and" and "for": "Ministry of Health and Welfare", "Council for Small Business".
BODY_HEADS = word_set(
    "ministry department bureau office institute center centers centre academy secretariat council association "
    "society foundation committee commission campaign fund agency organization organisation union journal "
    "board faculty school college"
)

# "X is a ... city": the noun that defines a name, and its type.
DEFINING_NOUNS: dict[str, str] = {
    **dict.fromkeys(
        word_set(
            "politician actor actress singer songwriter musician composer writer author novelist poet "
            "scientist physicist chemist biologist mathematician engineer lawyer judge painter sculptor artist "
            "footballer player coach director producer journalist general officer king queen emperor pope "
            "bishop priest philosopher historian economist businessman businesswoman entrepreneur model dancer "
            "comedian rapper guitarist drummer architect explorer astronaut teacher professor doctor physician "
            "saint nobleman soldier activist"
        ),
        "person",
    ),
    **dict.fromkeys(
        word_set(
            "company corporation organization organisation university college school institute agency bank "
            "association party team club band group orchestra label airline manufacturer publisher newspaper "
            "broadcaster network museum hospital church charity foundation union league"
        ),
        "organization",
    ),
    **dict.fromkeys(
        word_set(
            "city town village county country state province district region river lake island mountain "
            "municipality township suburb neighborhood neighbourhood borough capital parish peninsula sea bay "
            "valley park airport bridge lighthouse harbour harbor port hamlet commune settlement territory "
            "road highway station"
        ),
        "place",
    ),
    **dict.fromkeys(
        word_set(
            "war battle election festival tournament championship conference ceremony event competition earthquake "
            "hurricane revolution"
        ),
        "event",
    ),
    **dict.fromkeys(
        word_set(
            "film movie novel book album song single series sitcom play opera poem painting magazine journal "
            "episode soundtrack documentary musical show anthology"
        ),
        "work",
    ),
    **dict.fromkeys(
        word_set(
            "software car aircraft ship smartphone console language framework engine rifle missile locomotive "
            "locomotives helicopter protocol library tool device"
        ),
        "product",
    ),
    **dict.fromkeys(
        word_set("disease theory method technique theorem algorithm concept principle species genus"), "concept"
    ),
}

# A first name is a reason to take a name for a person's; the most common of several languages.
GIVEN_NAMES = word_set(
    "aaron abigail abraham ada adam adrian aisha alan albert alejandro alex alexander alexandra alfred ali "
    "alice alison allen amanda amir amy ana anders andrea andrei andrew angela anita ann anna anne anthony "
    "antonio arthur ashley barbara beatrice belle ben benjamin bernard beth betty bill billy bob bobby brad "
    "brandon brenda brian bruce bruno bryan carl carla carlos carol caroline catherine cecilia charles charlie "
    "charlotte chris christina christine christopher claire clara claude colin craig cynthia dan daniel "
    "daniela daniele danielle dave david deborah denis dennis derek diana diane dick dmitri don donald donna "
    "dorothy doug douglas duncan ebenezer ed eddie edgar edith edmund eduardo edward edwin elena eleanor eli "
    "elisabeth elizabeth ella ellen emil emily emma enrique eric erica erik ernest ernst esther eugene eva "
    "evelyn felix fernando fiona frances francesco francis francisco frank franz fred frederick friedrich "
    "gabriel gareth gary gene geoffrey george gerald gerard giovanni giuseppe gloria gordon graham greg "
    "gregory guillermo gustav hannah hans harold harriet harry heather hector heinrich helen henri henry "
    "herbert herman howard hugh hugo ian igor irene isaac isabel isabella ivan jack jackson jacob jacques "
    "jaime jake james jan jane janet jason javier jay jean jeff jeffrey jennifer jenny jeremy jerry jesse "
    "jessica jill jim jimmy joan joanna joe joel johann johannes john johnny jon jonas jonathan jorge jose "
    "josef joseph joshua joyce juan judith judy julia julian julie julius justin karen karl kate katherine "
    "kathleen kathryn keith ken kenneth kevin kim klaus lars laura lauren laurence lawrence leo leon leonard "
    "leslie lewis lillian linda lisa liz lloyd louis louise lucas lucy luigi luis lukas luke lydia madeleine "
    "manuel marc marcel marco marcus margaret maria marie marilyn mario marion mark marta martha martin mary "
    "mathew matthew maurice max maya megan melissa michael michel michelle miguel mike mikhail mohamed "
    "mohammed molly monica muhammad nancy naomi natalie nathan neil nicholas nick nicolas nicole nikolai nina "
    "noah nora norman oleg oliver oscar otto pablo pamela patricia patrick paul paula pauline pedro peggy "
    "penny peter phil philip philippe phillip pierre rachel rafael ralph ramon randy ray raymond rebecca "
    "reginald ricardo richard rick rob robert roberto rodney roger roland ron ronald rosa ross roy ruben "
    "rudolf russell ruth ryan sally sam samantha samuel sandra sara sarah scott sean sebastian sergei sharon "
    "shirley simon sofia sophia sophie stan stanley stefan stella stephanie stephen steve steven stuart sue "
    "susan suzanne sylvia tamara ted teresa terry theodore theresa thomas tim timothy tina toby todd tom tommy "
    "tony tracy ursula valerie vanessa vera veronica victor vincent virginie vladimir walter wanda warren "
    "wayne wendy wilhelm will william yuri yvonne zoe"
)

# Given names that are also words: they tell a person only in front of a surname.
AMBIGUOUS_GIVEN_NAMES = word_set(
    "will mark frank carol jean penny max victor ray rob sue gene bill dick jack scott jackson jan kim marion "
    "martin leon dan stan don stella vera rosa"
)
# Words that greet the name behind them.
GREETINGS = word_set("hey hi hello dear oh yeah yes no okay ok well thanks welcome so and but o ah")
# What everybody writes short without saying what for.
COMMON_ABBREVIATIONS = {
    "u s": "united states",
    "u s a": "united states",
    "usa": "united states",
    "united states of america": "united states",
    "u k": "united kingdom",
    "uk": "united kingdom",
    "u n": "united nations",
    "e u": "european union",
    "eu": "european union",
    "ussr": "soviet union",
}

# Titles of documents that name a part of a text and nothing in the world.
DOCUMENT_PARTS = word_set(
    "introduction preface foreword contents chapter chapters part parts section sections stage lesson unit "
    "item step phase appendix index readme untitled document notes note summary abstract conclusion "
    "conclusions references bibliography acknowledgements acknowledgments glossary page title author date "
    "draft report transcript copy file new main text overview background discussion results methods language "
    "credits illustrator illustration figure table episode volume host guest speaker interviewer q a question "
    "answer narrator moderator subject from to cc re version license website email phone address 简介 前言 "
    "目录 附录 摘要 总结 索引 文档 说明 序言 结论 参考文献"
)

# What manuals and encyclopedias call their sections.
SECTIONS = frozenset(
    ("see also", "further reading", "external links", "release notes", "table of contents", "known issues", "read more")
)

# Common words that make a recurring phrase ordinary language and no term: "long time", "young people".
ORDINARY_WORDS = word_set(
    "able accept act add again age ago agree allow almost alone already amazing amount answer appear area arm "
    "arrive ask available away awesome baby back bad basic beautiful become bed begin beginning behind believe "
    "best better big bit black blue board body bold book born boy bring broad brother brought build building "
    "built bunch business busy buy call came car care carry case cause certain chance change check child "
    "children choose city class clear close cold come coming common company complete completely concerned "
    "condition consider continue control cool cost couple course create created creating current cut dark "
    "daughter day days dead deal dear decade decades decide deep different difficult direct dollars done door "
    "doubt draw dream drive early easily easy eat effect else end enjoy enormous enough entire entirely "
    "especially even evening event eventually everyday exact exactly example excited exciting eye eyes face "
    "fact fair fall family famous far fascinating fast father favorite feel feeling feet fell felt figure "
    "final finally find fine finish fire fit follow food foot form former forward found free friend friends "
    "front full fun funny future game gave general get gets getting girl give given gives giving glad go goes "
    "going gone good got great green ground group grow guess guy guys had half hand hands happen happened "
    "happens happy hard having head hear heard heart heavy held help high higher hit hold home hope hot hour "
    "hours house huge hundred hundreds idea ideas imagine important incredible incredibly inside instead "
    "interested interesting job keep kept key kid kids kind kinds knew know known large largest last late "
    "later latter laugh lay lead learn leave led left less let level life light like liked line list listen "
    "little live lives living local long longer look looked looking lost lot lots love low made main major "
    "make makes making man married matter mean means meant meet men middle mind minute minutes miss modern "
    "moment moments money month months morning mother move moved moving multiple name near nearly need new "
    "next nice night normal nothing notice number numbers obviously often old older open order original others "
    "outside page paid part particular parts party past pay people perfect perhaps period person personal "
    "picture piece pieces place places plan play played playing point points poor popular position possible "
    "power present pretty previous probably problem problems process produced project public pull push put "
    "question questions quick quickly quite ran rather reach read ready real really reason recent recently red "
    "related released remember rest result return right road role room rose round run running said same sat "
    "saw say saying says second see seem seemed seems seen sense sent serious served set share short show "
    "showed shown side significant similar simple simply single sir sister sit situation sitting size slightly "
    "slow small smart soon sort sound space speak special spend spent spoke stand standing start started "
    "starting state stay step steps stood stop story straight strange street strong stuff style success "
    "successful such super sure system table take taken takes taking talk talked talking taught team tell "
    "tells term terms text thing things think thinking thinks thought thoughts thousand thousands time times "
    "today together told took top topic total touch town tried true truly truth try trying turn turned type "
    "types understand unique use used useful uses using usual usually various view visit voice wait walk "
    "walked want wanted wants watch water way ways weather week weeks went white whole wide wife win woman "
    "women wonder wonderful word words work worked working works world worth write wrong wrote yeah year years "
    "yesterday young younger episode today's million billion percent approximately areas located based "
    "including included following received became began won joined appointed elected published directed "
    "written recorded founded established opened closed fought sought upcoming hither thither died killed "
    "announced reported according additional several upper lower northern southern eastern western north south "
    "east west central inner outer lol okay oh"
)
