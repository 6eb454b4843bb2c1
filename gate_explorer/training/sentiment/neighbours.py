"""Words that the vectors lack, and the words near in meaning that their rows start from.

Written by hand: contractions as the treebank cuts them, abbreviations, what people type to one
another, and things too new for the text the vectors come from. A row starts from the mean vector
of its neighbours and may then be moved by training. `emoji` has the same for emoji.
"""

import re
from collections.abc import Sequence

NUMBERS = ("two", "three", "four", "five", "ten", "twenty", "hundred")
_ORDINALS = ("first", "second", "third", "fourth", "fifth", "tenth")
_YEARS = ("year", "century", "decade")

# Each line: words that lack a vector, a colon, words near in meaning that have one.
_TABLE = """
n't: not
ca: can
wo: will
sha: shall
ai: is am are
's: is
're: are
'm: am
've ve: have
'll: will
'd: would
'em: them
'til til: until
'n': and
a: an
i: me
...: .
--: -
`` '': "
!?: ?
u: you
c g v z x y r f e s t o h m n q b k j w p l: letter
° : degrees temperature
© ® ™ tm: trademark copyright
♪ ♫: music song
⠀: -
u.s u.s.: america united states
d.c d.c.: washington capital
l.a l.a.: angeles los
e.g e.g.: example instance
i.e i.e.: meaning namely
a.m a.m.: morning
p.m p.m.: evening afternoon
ph.d ph.d.: doctorate
2d: digital
etc etc.: others things
mr.: mr
ms.: ms
dr.: dr
vs.: vs
jr.: jr
inc.: inc
st.: st
prof: professor
bros: brothers
sep: september
o.k.: ok okay
no.: number
http https url www: web address link
seo: marketing web
tl pl cl rt res comp xd: code
yr: year
mins: minutes
vr: virtual reality
mic: microphone
diy: homemade hobby
asap: soon immediately
admin: administrator
ps4: playstation console
gif meme memes emoji emojis: picture joke
photoshop: software photographs
instagram: facebook twitter
tiktok snapchat whatsapp: facebook youtube
tweet tweets tweeted: message twitter
bitcoin: currency money
uber: taxi
walmart: store supermarket
covid: virus flu
lockdown: curfew restrictions
brexit: referendum britain
obamacare: healthcare
dems: democrats
isis: militants
o'clock: clock hour
o'brien: murphy
amen: prayer blessing
thrones: throne
lol lmao haha hahaha hahah ahaha rofl: laugh funny
omg whoa aww aw ahh: wow oh
wtf: hell why
tbh: honestly
idk: unsure know
btw: anyway
imo imho: opinion
tho: though
cuz cos: because
ive: have
youre theyre: they
hes shes: he she
thats theres heres whats whos wheres hows: is that
youve weve theyve: have
youll theyll itll: will
youd theyd: would
alright: okay fine
alot: lot many
anyways: anyway
legit: legitimate genuine
yea yup aye: yes
nope: no
goin: going
doin: doing
nothin: nothing
bro: brother dude
dudes: dude guys
bf: boyfriend
auntie: aunt
fuck fucking fuckin goddamn: damn hell
fucked shitty: awful lousy bad
fucks: damn
shit: mess garbage
bullshit: nonsense lies
asshole bitches cunt: jerk idiot
whore pussy cock horny: sex
asses: butt
wifi: wireless internet
selfie selfies: photo photograph
charger: battery cable
avocado: tomato mango
latte: coffee espresso
hummus: salad bread
ramen: noodles soup
smoothie: juice shake
vegan: vegetarian
gluten: wheat flour
yummy: delicious tasty
undercooked: raw soggy
overpriced: expensive costly
courteous: polite
spotless: clean immaculate
cosy: cozy comfortable
sleet: rain snow
toothache: headache pain
diaper: baby clothes
stroller: baby bicycle
spreadsheet: software document
stapler: scissors desk
carpool: commute car
sunscreen: sun cream
snorkel: diving swim
dumbbell: weights gym
dishwasher: refrigerator oven
fridge: refrigerator freezer
toaster: oven microwave
hanger: closet coat
hoodie sweatshirt: sweater jacket
mittens: gloves
raincoat: umbrella jacket
hamster: rabbit mouse
goldfish: fish
mailman: courier mail
barista: waiter coffee
firefox: browser software
earbuds: headphones
unhelpful: useless
considerate: thoughtful polite
unprofessional: incompetent
bossy: arrogant
crispy: fried tasty
yells: shouts
squeaks rattles: noise
router: wireless internet
omelette: eggs breakfast
coworkers: colleagues
despise: hate loathe
overheats overheat: overheated hot
overcharged: charged cheated
smartwatch: watch phone
"""

_ORDINAL = re.compile(r"\d*(?:1st|2nd|3rd|\dth)")
_YEAR = re.compile(r"'?(?:1[5-9]|20)?\d0s|1[5-9]\d\d|20[0-3]\d")


def _read(table: str) -> dict[str, tuple[str, ...]]:
    lines = [line.rpartition(":") for line in table.strip().splitlines()]
    return {word: tuple(near.split()) for words, _, near in lines for word in words.split()}


NEIGHBOURS = _read(_TABLE)

# Numbers that every vocabulary has: what people type most.
COMMON_NUMBERS = (
    *(str(number) for number in range(101)),
    *(
        f"{day}{'th' if day // 10 == 1 else {1: 'st', 2: 'nd', 3: 'rd'}.get(day % 10, 'th')}"
        for day in range(1, 32)
    ),
    *(str(year) for year in range(1900, 2031)),
)


def neighbours_by_rule(word: str) -> Sequence[str]:
    """Words near a letter alone, an ordinal, a year or decade, or anything with a digit."""
    if len(word) == 1 and word.isalpha():
        return ("letter",)
    if _ORDINAL.fullmatch(word):
        return _ORDINALS
    if _YEAR.fullmatch(word):
        return _YEARS
    return NUMBERS if any(letter.isdigit() for letter in word) else ()
