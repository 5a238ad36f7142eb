"""Strings that try a tokenizer, from a seeded generator."""

import random

WORDS = """the of and capital river population city border language currency Almanac GeoNames photosynthesis
antidisestablishmentarianism HTTP JSON-LD isn't they've I'll we're you'd don't O'Neill co-operate naïve façade
Zürich São Ærøskøbing Łódź Ångström İstanbul straße ﬁne x86_64 utf-8 2nd 3.14""".split()
CJK = "北京是中国的首都東京タワーひらがなカタカナ한국어서울특별시漢字，。「」"
RTL = "مرحبا بالعالم שלום עולם فارسی۱۲۳"
OTHER = "Ελλάδα Россия ประเทศไทย हिन्दी தமிழ் ქართული Հայերեն አማርኛ"
EMOJI = ["😀", "👩‍👩‍👧‍👦", "🏳️‍🌈", "👍🏽", "🇧🇷", "1️⃣", "🧑🏿‍🚀", "❤️", "☺"]
COMBINING = ["e\u0301", "a\u0308\u0323", "n\u0303", "Z\u0351\u036b\u0343", "\u1100\u1161\u11a8"]
SPACES = [" ", "  ", "   ", "\t", "\n", "\r\n", "\n\n", "\u00a0", "\u3000", "\u2003", "\u200b", "\x0b", "\x0c", "\x85"]
CONTROL = ["\x00", "\x01", "\x07", "\x1b[31m", "\x7f", "\ufeff", "\u202e", "\ue000", "\ufffd", "\U0010ffff"]
SPECIAL = ["<|im_start|>", "<|im_end|>", "<|endoftext|>", "<|im_start", "|im_end|>", "<repo_name>", "<|im_start|>user\n",
           "<s>", "</s>", "[INST]", "<0x0A>", "<|im_ start|>"]
CODE = ["fn main() {\n    println!(\"{}\", 1 + 2);\n}", "for (int i=0;i<10;++i) { a[i] = b[i]*c; }",
        "def f(x):\n\treturn x ** 2  # square\n", "SELECT ?s WHERE { ?s a <http://example.org/C> . }",
        "@prefix ex: <http://example.org/> .\nex:a ex:b \"c\"@en .", "{\"a\": [1, 2.5e-3, null]}", "a&&b||!c^~d>>>=2",
        "<p class=\"x\">&amp;</p>", "\\frac{a}{b} \\alpha_{i}^{2}"]
URLS = ["https://example.org/a/b?c=d&e=%20f#g", "mailto:someone@example.com", "http://[::1]:8080/", "/usr/share/x.tar.gz",
        "C:\\Users\\x\\y.txt", "www.example.co.uk"]
MARKS = "!\"#$%&'()*+,-./:;<=>?@[\\]^_`{|}~“”‘’–—…«»¿¡§†€£¥°±×÷∑∫√∞≠≤→⇒"
NUMERALS = "٠١٢٣४५६Ⅳⅻ½¾²³①⑳〇一二"


def number(rng):
    kind = rng.randrange(4)
    if kind == 0:
        return str(rng.randrange(10 ** rng.randrange(1, 12)))
    if kind == 1:
        return f"{rng.uniform(-1e4, 1e6):,.2f}"
    if kind == 2:
        return f"{rng.randrange(1000, 2100)}-{rng.randrange(1, 13):02}-{rng.randrange(1, 29):02}"
    return "".join(rng.choices(NUMERALS + "0123456789", k=rng.randrange(1, 8)))


def some(rng, text):
    start = rng.randrange(len(text))
    return text[start:start + rng.randrange(1, 12)]


def any_character(rng):
    while True:
        code = rng.choice([rng.randrange(0x80), rng.randrange(0x3000), rng.randrange(0x110000)])
        if not 0xD800 <= code < 0xE000:
            return chr(code)


PARTS = [
    (10, lambda rng: rng.choice(WORDS)),
    (3, lambda rng: rng.choice(WORDS).upper()),
    (8, lambda rng: " " + rng.choice(WORDS)),
    (3, number),
    (2, lambda rng: some(rng, CJK)),
    (2, lambda rng: some(rng, RTL)),
    (2, lambda rng: some(rng, OTHER)),
    (2, lambda rng: rng.choice(EMOJI)),
    (1, lambda rng: rng.choice(COMBINING)),
    (3, lambda rng: rng.choice(SPACES) * rng.randrange(1, 5)),
    (1, lambda rng: rng.choice(CONTROL)),
    (1, lambda rng: rng.choice(SPECIAL)),
    (1, lambda rng: rng.choice(CODE)),
    (1, lambda rng: rng.choice(URLS)),
    (3, lambda rng: "".join(rng.choices(MARKS, k=rng.randrange(1, 4)))),
    (1, any_character),
]


def strings(count):
    rng = random.Random(20240229)
    fixed = ["", " ", "a", "\n", "  leading", "trailing  ", "The capital of Chad is N'Djamena.", "a" * 200, " " * 100,
             "1234567890" * 5, "x 1 y  2 z\n3"] + SPECIAL + EMOJI + CODE + URLS + COMBINING + CONTROL + SPACES
    seen = list(dict.fromkeys(fixed))
    weights = [weight for weight, _ in PARTS]
    while len(seen) < count:
        parts = rng.choices(PARTS, weights, k=rng.choice([1, 2, 3, 5, 8, 13, 21]))
        text = "".join(make(rng) for _, make in parts)
        if text not in seen:
            seen.append(text)
    return seen
