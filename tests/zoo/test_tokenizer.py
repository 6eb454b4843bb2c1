"""Real text as people type it, and the treebank's own tokens."""

import unicodedata
from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gate_explorer.zoo.tokenizer import key_of, tokenize

VARIANTS = {chr(code) for code in range(0xFE00, 0xFE10)}


def texts(text: str) -> list[str]:
    return [piece.text for piece in tokenize(text)]


def keys(text: str) -> list[str]:
    return [piece.key for piece in tokenize(text)]


def visible(text: str) -> str:
    """The text without white space, controls, format characters and variation selectors."""
    return "".join(
        char
        for char in text
        if not (char.isspace() or unicodedata.category(char) in ("Cc", "Cf") or char in VARIANTS)
    )


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("I don't.", ["i", "do", "n't", "."]),
        ("DON’T", ["do", "n't"]),
        ("can't cannot", ["ca", "n't", "can", "not"]),
        ("won't", ["wo", "n't"]),
        (
            "It's we're they've I'll I'd I'm",
            ["it", "'s", "we", "'re", "they", "'ve", "i", "'ll", "i", "'d", "i", "'m"],
        ),
        ("wouldn't've", ["would", "n't", "'ve"]),
        ("dont isnt wasnt", ["do", "n't", "is", "n't", "was", "n't"]),
        ("the movie's", ["the", "movie", "'s"]),
        ("actors' lines", ["actors", "'", "lines"]),
        ("o'clock O'Neill rock'n'roll", ["o'clock", "o'neill", "rock'n'roll"]),
        (
            "don`t isn´t can‘t donʼt won′t",
            ["do", "n't", "is", "n't", "ca", "n't", "do", "n't", "wo", "n't"],
        ),
        ("it´s o`clock", ["it", "'s", "o'clock"]),
        ("`good` ‘a’", ["`", "good", "`", "`", "a", "'"]),
        ("get 'em, '70s ol' days", ["get", "'em", ",", "'70s", "ol'", "days"]),
    ],
)
def test_tokenize_apostrophes_gives_the_treebanks_words(text: str, expected: list[str]) -> None:
    assert keys(text) == expected


AUXILIARIES = (
    "do", "does", "did", "is", "are", "was", "were", "has", "have", "had", "could", "would",
    "should", "must", "might", "may", "need", "ought", "dare",
)  # fmt: skip
IRREGULAR = {"cant": "ca", "wont": "wo", "shant": "sha", "aint": "ai"}


@pytest.mark.parametrize(
    ("form", "stem"), [*((word + "nt", word) for word in AUXILIARIES), *IRREGULAR.items()]
)
@pytest.mark.parametrize("case", [str.lower, str.title, str.upper])
def test_tokenize_negation_without_its_apostrophe_is_cut(
    form: str, stem: str, case: Callable[[str], str]
) -> None:
    assert keys(case(form)) == [stem, "n't"]
    assert texts(case(form)) == [case(form)[: len(stem)], case(form)[len(stem) :]]


@pytest.mark.parametrize(
    "word", ["ill", "well", "were", "its", "id", "wed", "hell", "want", "runt"]
)
def test_tokenize_word_of_its_own_is_not_cut(word: str) -> None:
    assert keys(word) == [word]


def test_tokenize_bare_nt_alone_is_read_as_it_is_within_its_word() -> None:
    assert keys("nt NT") == ["n't", "n't"]


@pytest.mark.parametrize(
    ("typed", "key"),
    [("👍🏽", "👍"), ("🤷‍♀️", "🤷"), ("🤦🏻‍♂️", "🤦"), ("❤️", "❤"), ("♀", "♀"), ("🏽", "🏽")],
)
def test_tokenize_emoji_loses_colour_of_skin_and_sign_of_sex(typed: str, key: str) -> None:
    assert keys(typed) == [key]
    assert texts(typed) == [typed]


def test_tokenize_bare_nt_keeps_what_was_typed() -> None:
    assert texts("dont") == ["do", "nt"]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ('"good"', ["``", "good", "''"]),
        ("“good”", ["``", "good", "''"]),
        ("«good»", ["``", "good", "''"]),
        ("``good''", ["``", "good", "''"]),
        ("'good'", ["`", "good", "'"]),
        ("‘good’", ["`", "good", "'"]),
        ('a " b " c', ["a", "``", "b", "''", "c"]),
        ('("yes")', ["(", "``", "yes", "''", ")"]),
        ('he said:"yes"', ["he", "said", ":", "''", "yes", "''"]),
    ],
)
def test_tokenize_quotes_gives_opening_and_closing_keys(text: str, expected: list[str]) -> None:
    assert keys(text) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("good--bad", ["good", "--", "bad"]),
        ("good — bad – so-so", ["good", "--", "bad", "--", "so-so"]),
        ("well… hm...... ok", ["well", "...", "hm", "...", "ok"]),
        ("(a) [b] {c}", ["(", "a", ")", "[", "b", "]", "{", "c", "}"]),
        ("great!!! what?!?", ["great", "!", "what", "!?"]),
        ("great.Loved it,too", ["great", ".", "loved", "it", ",", "too"]),
        ("and/or", ["and/or"]),
        ("*not* _not_ #1 @joe", ["*", "not", "*", "_", "not", "_", "#", "1", "@", "joe"]),
    ],
)
def test_tokenize_punctuation_gives_plain_keys(text: str, expected: list[str]) -> None:
    assert keys(text) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("$9.50 or 1,000,000!", ["$", "9.50", "or", "1,000,000", "!"]),
        ("10% of 4.5/10", ["10", "%", "of", "4.5/10"]),
        ("the 20th, 90-minute", ["the", "20th", ",", "90-minute"]),
        ("at 7:30.", ["at", "7:30", "."]),
        ("£5 €5", ["£", "5", "€", "5"]),
        ("U.S. J.R.R. i.e. R&D", ["u.s.", "j.r.r.", "i.e.", "r&d"]),
        ("Mr. Bean vs. No. 1. No.", ["mr.", "bean", "vs.", "no.", "1", ".", "no", "."]),
        (
            "Maggie G. Smith and I. The end",
            ["maggie", "g.", "smith", "and", "i", ".", "the", "end"],
        ),
    ],
)
def test_tokenize_numbers_and_abbreviations_stay_whole(text: str, expected: list[str]) -> None:
    assert keys(text) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("see https://a.org/b?c=(d).", ["see", "https://a.org/b?c=(d", ")", "."]),
        ("www.a.com, ok", ["www.a.com", ",", "ok"]),
        ("me@a.co.uk!", ["me@a.co.uk", "!"]),
        ("on imdb.com.", ["on", "imdb.com", "."]),
        ("nice :) :-( <3", ["nice", ":)", ":-(", "<3"]),
    ],
)
def test_tokenize_addresses_and_emoticons_stay_whole(text: str, expected: list[str]) -> None:
    assert keys(text) == [piece.lower() for piece in expected]


@pytest.mark.parametrize(
    "emoji",
    ["😀", "👍🏽", "👨‍👩‍👧‍👦", "🇫🇷", "❤️", "1️⃣", "🏴󠁧󠁢󠁥󠁮󠁧󠁿", "🏳️‍🌈", "🫨", "☺"],
)
def test_tokenize_emoji_gives_one_token_each(emoji: str) -> None:
    assert texts(f"good{emoji}{emoji}!") == ["good", emoji, emoji, "!"]


def test_tokenize_flags_in_a_row_pairs_their_letters() -> None:
    assert texts("🇫🇷🇩🇪") == ["🇫🇷", "🇩🇪"]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("שלום עולם", ["שלום", "עולם"]),
        ("مرحبا، عالم", ["مرحبا", "،", "عالم"]),
        ("हिन्दी अच्छी", ["हिन्दी", "अच्छी"]),
        ("ＦＵＬＬ！", ["full", "!"]),
        ("e\u0301te\u0301", ["été"]),
        ("𝓰𝓸𝓸𝓭 ﬁlm", ["good", "film"]),
    ],
)
def test_tokenize_scripts_and_forms_gives_composed_lower_case(
    text: str, expected: list[str]
) -> None:
    assert keys(text) == expected


def test_tokenize_invisible_characters_keeps_them_out_of_the_key() -> None:
    pieces = tokenize("go\u200bod\u200d \ufeffso\u00adso \u202eab\u202c")
    assert [piece.key for piece in pieces] == ["good", "soso", "ab"]
    assert pieces[0].text == "go\u200bod\u200d"


def test_tokenize_controls_separates_words() -> None:
    assert texts("a\x00b\x1b[0m\tc\x85d") == ["a", "b", "[", "0m", "c", "d"]


@pytest.mark.parametrize("text", ["", " ", "\n\t\u00a0\u2003", "\x00\x07", "\ufeff\u200b \u202e"])
def test_tokenize_nothing_visible_gives_nothing(text: str) -> None:
    assert tokenize(text) == []


@pytest.mark.parametrize(
    "text",
    [
        "a" * 200_000,
        "a+" * 50_000,
        "1." * 50_000,
        "'s" * 50_000,
        "w" + "'ve" * 50_000,
        "http://" * 20_000,
        "-" * 99_999,
    ],
)
def test_tokenize_very_long_text_loses_nothing(text: str) -> None:
    assert "".join(texts(text)) == text


def test_tokenize_lone_surrogate_and_lone_mark_stay_tokens() -> None:
    assert texts("a \ud800 \u0301") == ["a", "\ud800", "\u0301"]


@given(st.text())
def test_tokenize_any_text_loses_no_visible_character(text: str) -> None:
    pieces = tokenize(text)
    assert visible("".join(piece.text for piece in pieces)) == visible(text)
    assert all(piece.text and piece.key and not piece.text.isspace() for piece in pieces)


@given(
    st.text(
        alphabet="abnotIU.'’‘“”\"`-–—…!?()[]/\\*&$%0123456789 \n:;,=<>@#_😀❤️🇫🇷\u200d\u0301\u200b"
    )
)
def test_tokenize_dense_punctuation_loses_no_visible_character(text: str) -> None:
    assert visible("".join(texts(text))) == visible(text)


@pytest.mark.parametrize(
    "words",
    [
        "The Rock is destined to be the 21st Century 's new `` Conan '' .",
        "co-writer\\/director Peter Jackson 's -LRB- J.R.R. Tolkien -RRB- -- ... huge !",
        "I ca n't , wo n't and ai n't gonna ; it 's '70s sci-fi \\*\\*\\* and/or ` fun '",
        "A S&M R&B $ 7.00 24\\/7 hors-d'oeuvre C'mon d'etre 'til 'n' ?!? No. 1 Mr. vs.",
    ],
)
def test_tokenize_treebank_tokens_map_onto_themselves(words: str) -> None:
    assert texts(words) == words.split()
    assert keys(words) == [key_of(word) for word in words.split()]


@pytest.mark.parametrize(
    ("token", "expected"),
    [
        ("-LRB-", "("),
        ("\\/", "/"),
        ("—", "--"),
        ("…", "..."),
        ("!!", "!"),
        ("?!?", "!?"),
        ("“", "``"),
    ],
)
def test_key_of_treebank_signs_gives_plain_ones(token: str, expected: str) -> None:
    assert key_of(token) == expected
