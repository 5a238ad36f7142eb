#!/usr/bin/env python3
"""Makes buildings.ttl: a portfolio of invented buildings over the classes of the Brick ontology.

    build.py [OUTPUT]

The classes (labels, definitions, hierarchy) and the relations between equipment, points and locations come from the
PyPI package `brickschema` (BSD-3-Clause), which is fetched once into the cache. The portfolio is computed from hashes
of names, so that the same file comes out everywhere. Needs rdflib, to read the ontology. The file goes to
$ALMANAC_CACHE/benchmarks/buildings.ttl, where $ALMANAC_CACHE is ~/.cache/almanac unless set.
"""

import datetime
import hashlib
import io
import sys
import zipfile
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from package import wheel  # noqa: E402  (found by the path above)

import rdflib
from rdflib.namespace import OWL, RDF, RDFS, SKOS

PACKAGE = "brickschema==0.8.0"
WHEEL = "brickschema-0.8.0-py3-none-any.whl"
SHA256 = "8ef3881534d8973da88c86538350c7242eb61285f2dae4a210de6cc8b4346186"
ONTOLOGY = "brickschema/ontologies/1.4/Brick.ttl"
BRICK = "https://brickschema.org/schema/Brick#"
PREFIXES = {
    "brick": BRICK,
    "v": "https://example.org/facilities#",
    "p": "https://example.org/portfolio/",
    "rdf": str(RDF),
    "rdfs": str(RDFS),
    "owl": str(OWL),
    "skos": str(SKOS),
    "xsd": "http://www.w3.org/2001/XMLSchema#",
}

# Classes of the portfolio's things; their superclasses and the siblings of these come along.
USED = """Site Building Floor Office Open_Office Conference_Room Laboratory Lobby Storage_Room Server_Room Break_Room
Auditorium Library Cafeteria Air_Handling_Unit Variable_Air_Volume_Box Variable_Air_Volume_Box_With_Reheat Chiller Boiler
Cooling_Tower Elevator Water_Pump Building_Electrical_Meter Building_Water_Meter Zone_Air_Temperature_Sensor
Zone_Air_Temperature_Setpoint CO2_Sensor Supply_Air_Temperature_Sensor Supply_Air_Flow_Sensor Zone_Air_Humidity_Sensor
Outside_Air_Temperature_Sensor Occupancy_Count_Sensor Active_Power_Sensor Leaving_Chilled_Water_Temperature_Sensor
Hot_Water_Supply_Temperature_Sensor Water_Usage_Sensor""".split()
RELATIONS = "feeds isFedBy hasPoint isPointOf hasPart isPartOf hasLocation isLocationOf meters isMeteredBy area value hasUnit".split()

# code, name, alternative name, site, year, owner, manager, energy class, floors, rooms a floor
BUILDINGS = [
    ("HPT", "Harbor Point Tower", "HPT", "Quayside", 1998, "Meridian Estates", "Ingrid Solberg", "C", 7, 8),
    ("LIN", "Linden Hall", None, "University Park", 1936, "Stellan University", "Tomas Okafor", "E", 4, 9),
    ("KEP", "Kepler Building", None, "University Park", 2011, "Stellan University", "Tomas Okafor", "B", 5, 9),
    ("MAR", "Marlow House", None, "Old Mill", 1974, "Brackwater Trust", "Yuki Tanabe", "F", 3, 7),
    ("FDY", "Foundry Works", "the Foundry", "Old Mill", 1889, "Brackwater Trust", "Yuki Tanabe", "D", 3, 8),
    ("NOR", "Northlight Centre", None, "Airport Park", 2019, "Meridian Estates", "Rafael Quintero", "A", 6, 8),
    ("AER", "Aerodrome House", None, "Airport Park", 2004, "Calder Pension Fund", "Rafael Quintero", "C", 4, 7),
    ("VES", "Vesta Clinic", None, "Quayside", 2008, "Sankt Olav Health", "Miriam Abegg", "B", 4, 10),
    ("TER", "Terrace Court", None, "Quayside", 1987, "Calder Pension Fund", "Ingrid Solberg", "D", 5, 6),
    ("ORC", "Orchard Library", None, "University Park", 1962, "Stellan University", "Denise Falk", "E", 3, 7),
]
SITES = {
    "Quayside": "Rotterdam",
    "University Park": "Uppsala",
    "Old Mill": "Leeds",
    "Airport Park": "Porto",
}
CITIES = {
    "Rotterdam": "Netherlands", "Uppsala": "Sweden", "Leeds": "United Kingdom", "Porto": "Portugal",
    "Zurich": "Switzerland", "Stockholm": "Sweden", "London": "United Kingdom", "Osaka": "Japan", "Milwaukee": "United States",
    "Farmington": "United States", "Stuttgart": "Germany", "Helsinki": "Finland", "Eindhoven": "Netherlands", "Lyon": "France",
}
# manufacturers: name, city, founded
MAKERS = [
    ("Aldous Climate", "Milwaukee", 1911), ("Borealis Air", "Stockholm", 1958), ("Kumo Systems", "Osaka", 1972),
    ("Trellis Controls", "Zurich", 1994), ("Hartmann Thermik", "Stuttgart", 1927), ("Skyline Lifts", "Helsinki", 1910),
    ("Prosper Pumps", "Eindhoven", 1949), ("Carrow HVAC", "Farmington", 1935),
]
MAKES = {
    "Air_Handling_Unit": ["Borealis Air", "Carrow HVAC", "Aldous Climate"],
    "Variable_Air_Volume_Box": ["Aldous Climate", "Kumo Systems", "Borealis Air", "Carrow HVAC"],
    "Variable_Air_Volume_Box_With_Reheat": ["Aldous Climate", "Kumo Systems", "Carrow HVAC"],
    "Chiller": ["Kumo Systems", "Carrow HVAC", "Hartmann Thermik"],
    "Boiler": ["Hartmann Thermik"],
    "Cooling_Tower": ["Carrow HVAC", "Kumo Systems"],
    "Elevator": ["Skyline Lifts"],
    "Water_Pump": ["Prosper Pumps"],
    "Building_Electrical_Meter": ["Trellis Controls"],
    "Building_Water_Meter": ["Trellis Controls"],
}
CONTRACTORS = [("Nordvent Service", "Uppsala"), ("Delta Lift & Plant", "Rotterdam"), ("Pennine Mechanical", "Leeds"), ("Atlântico Climatização", "Porto")]
# technicians: name, contractor, licensed since, hourly rate in euro
TECHNICIANS = [
    ("Astrid Lindqvist", "Nordvent Service", "2009-03-16", 62), ("Bjorn Hallgren", "Nordvent Service", "2017-09-04", 54),
    ("Femke de Boer", "Delta Lift & Plant", "2013-05-27", 58), ("Ruud Pietersen", "Delta Lift & Plant", "1999-11-08", 71),
    ("Sanjay Mistry", "Pennine Mechanical", "2015-01-19", 49), ("Gwen Ashworth", "Pennine Mechanical", "2004-06-14", 57),
    ("Beatriz Moura", "Atlântico Climatização", "2020-02-10", 41), ("Duarte Pimentel", "Atlântico Climatização", "2011-10-03", 46),
]
CITY_CREW = {"Uppsala": TECHNICIANS[0:2], "Rotterdam": TECHNICIANS[2:4], "Leeds": TECHNICIANS[4:6], "Porto": TECHNICIANS[6:8]}
TASKS = {
    "Air_Handling_Unit": ["filter replacement", "belt replacement", "fan bearing repair", "coil cleaning"],
    "Chiller": ["refrigerant top-up", "compressor overhaul", "leak test"],
    "Boiler": ["burner inspection", "descaling", "safety valve replacement"],
    "Cooling_Tower": ["legionella treatment", "fill replacement"],
    "Elevator": ["rope inspection", "door motor repair", "brake adjustment"],
    "Water_Pump": ["seal replacement", "vibration check"],
    "Variable_Air_Volume_Box": ["damper actuator replacement", "airflow calibration"],
    "Variable_Air_Volume_Box_With_Reheat": ["damper actuator replacement", "airflow calibration", "reheat valve repair"],
}
# tenancies: tenant, trade, building, floor, start, end, rent a month in euro
TENANCIES = [
    ("Quill & Sons", "law firm", "HPT", 7, "2012-01-01", "2031-12-31", 41200), ("Tidewater Insurance", "insurer", "HPT", 6, "2018-07-01", "2028-06-30", 36900),
    ("Tidewater Insurance", "insurer", "HPT", 5, "2021-04-01", "2028-06-30", 35400), ("Bluefin Logistics", "freight forwarder", "HPT", 4, "2016-10-01", "2026-09-30", 33100),
    ("Pixel Orchard", "software company", "NOR", 6, "2019-09-01", "2029-08-31", 28700), ("Pixel Orchard", "software company", "NOR", 5, "2020-03-01", "2029-08-31", 27300),
    ("Vento Airlines", "airline", "NOR", 3, "2019-11-15", "2034-11-14", 24800), ("Vento Airlines", "airline", "AER", 4, "2008-02-01", "2027-01-31", 17600),
    ("Cargonaut", "freight forwarder", "AER", 2, "2015-05-01", "2025-04-30", 14100), ("Loom Collective", "design studio", "FDY", 3, "2017-03-01", "2027-02-28", 8900),
    ("Halcyon Games", "software company", "FDY", 2, "2020-08-01", "2025-07-31", 9600), ("Wharfe Credit Union", "bank", "MAR", 2, "1996-04-01", "2026-03-31", 7200),
    ("Bluefin Logistics", "freight forwarder", "TER", 5, "2010-06-01", "2030-05-31", 15300), ("Delfts Dental", "dental practice", "TER", 1, "2014-09-01", "2029-08-31", 11800),
    ("Ostrava Consulting", "consultancy", "TER", 3, "2022-02-01", "2027-01-31", 13900),
]
NAMED_ROOMS = """Marie Curie Room|Lise Meitner Room|Ada Lovelace Room|Rosalind Franklin Room|Emmy Noether Room|Niels Bohr Room
Alan Turing Room|Grace Hopper Room|Chien-Shiung Wu Room|Katherine Johnson Room|Carl Linnaeus Room|Tycho Brahe Room|Hypatia Room
Ibn al-Haytham Room|Srinivasa Ramanujan Room|Barbara McClintock Room|Max Planck Room|Anders Celsius Room|Galileo Room
Mary Anning Room|Dorothy Hodgkin Room|Enrico Fermi Room|Leonhard Euler Room|Sofia Kovalevskaya Room|Rachel Carson Room
Alexander Fleming Room|Jane Goodall Room|Edwin Hubble Room|Vera Rubin Room|Johannes Kepler Room|Maria Mitchell Room
Christiaan Huygens Room|Antonie van Leeuwenhoek Room|Gerty Cori Room|Mae Jemison Room|Wangari Maathai Room
Florence Nightingale Room|Joseph Lister Room|Elizabeth Blackwell Room|Edward Jenner Room""".replace("\n", "|").split("|")
UNITS = {
    "M2": ("square metre", "m²"), "DEG_C": ("degree Celsius", "°C"), "PPM": ("parts per million", "ppm"), "PERCENT": ("per cent", "%"),
    "KiloW": ("kilowatt", "kW"), "M3-PER-HR": ("cubic metre per hour", "m³/h"), "NUM": ("count", None), "M3": ("cubic metre", "m³"), "KiloGM": ("kilogram", "kg"),
}


def fraction(*key):
    """A number in [0, 1) that depends on the key alone."""
    digest = hashlib.sha256("|".join(map(str, key)).encode()).digest()
    return int.from_bytes(digest[:7], "big") / 2**56


def between(low, high, *key):
    return low + int(fraction(*key) * (high - low + 1))


def pick(items, *key):
    return items[int(fraction(*key) * len(items))]


def day(first, last, *key):
    first, last = datetime.date.fromisoformat(first), datetime.date.fromisoformat(last)
    return first + datetime.timedelta(days=between(0, (last - first).days, *key))


class Turtle:
    """Collects statements and writes them by subject, in the order in which subjects came."""

    def __init__(self):
        self.subjects = {}
        self.count = 0

    def add(self, subject, predicate, value):
        values = self.subjects.setdefault(subject, {}).setdefault(predicate, [])
        if value not in values:
            values.append(value)
            self.count += 1

    def write(self, path):
        with open(path, "w", encoding="utf-8", newline="\n") as file:
            for prefix, iri in PREFIXES.items():
                file.write(f"@prefix {prefix}: <{iri}> .\n")
            for subject, predicates in self.subjects.items():
                lines = [f"{p} {', '.join(values)}" for p, values in predicates.items()]
                file.write(f"\n{subject} " + " ;\n    ".join(lines) + " .\n")


def text(value, language=None):
    escaped = str(value).replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")
    return f'"{escaped}"' + (f"@{language}" if language else "")


def date(value):
    return f'"{value}"^^xsd:date'


def name(label):
    """The IRI of a thing of the portfolio."""
    kept = "".join(c if c.isascii() and c.isalnum() else "-" for c in label)
    return "p:" + "-".join(filter(None, kept.split("-")))


class Portfolio:
    def __init__(self):
        self.ttl = Turtle()
        self.blanks = 0
        self.equipment = []

    def add(self, subject, *pairs):
        for predicate, value in pairs:
            self.ttl.add(subject, predicate, value)
        return subject

    def thing(self, kind, label, *pairs):
        return self.add(name(label), ("a", kind), ("rdfs:label", text(label)), *pairs)

    def node(self, *pairs):
        self.blanks += 1
        return self.add(f"_:n{self.blanks}", *pairs)

    def quantity(self, value, unit):
        return self.node(("brick:value", str(value)), ("brick:hasUnit", f"v:{unit}"))

    def both(self, subject, predicate, inverse, value):
        self.add(subject, (predicate, value))
        self.add(value, (inverse, subject))

    def point(self, kind, label, owner, value, unit, key):
        moment = f"2025-03-{between(1, 9, key, 'day'):02}T{between(0, 23, key, 'h'):02}:{between(0, 11, key, 'm') * 5:02}:00"
        point = self.thing(f"brick:{kind}", label, ("brick:hasUnit", f"v:{unit}"))
        reading = self.node(("v:readingValue", str(value)), ("v:readingUnit", f"v:{unit}"), ("v:readAt", f'"{moment}"^^xsd:dateTime'))
        self.add(point, ("v:lastReading", reading))
        self.both(owner, "brick:hasPoint", "brick:isPointOf", point)
        return point

    def machine(self, kind, label, building, location, earliest, power=None, weight=None):
        """A piece of equipment with its maker, dates, ratings and maintenance."""
        installed = day(f"{earliest}-02-01", "2023-10-31", label, "installed")
        pairs = [("v:madeBy", name(pick(MAKES[kind], label, "maker"))), ("v:installedOn", date(installed)), ("v:serialNumber", text(f"{fraction(label):.8f}"[2:]))]
        if kind not in ("Building_Electrical_Meter", "Building_Water_Meter"):
            until = installed.replace(day=min(installed.day, 28), year=installed.year + between(2, 10, label, "warranty"))
            pairs.append(("v:warrantyEnd", date(until)))
        machine = self.thing(f"brick:{kind}", label, *pairs)
        if power:
            self.add(machine, ("v:ratedPower", self.quantity(power, "KiloW")))
        if weight:
            self.add(machine, ("v:mass", self.quantity(weight, "KiloGM")))
        self.both(machine, "brick:hasLocation", "brick:isLocationOf", location)
        self.equipment.append((kind, label, machine, building))
        return machine

    def vocabulary(self):
        labelled = {
            "owner": "owner", "facilityManager": "facility manager", "energyClass": "energy class", "warrantyEnd": "end of warranty", "mass": "mass",
            "headquarters": "headquarters", "country": "country", "employer": "employer", "licensedSince": "licensed since", "tenancy": "tenancy",
            "tenant": "tenant", "trade": "line of business", "monthlyRent": "monthly rent in euro", "city": "city", "maintenance": "maintenance record",
        }
        for key, label in labelled.items():
            self.add(f"v:{key}", ("a", "rdf:Property"), ("rdfs:label", text(label, "en")))
        for key in "madeBy installedOn ratedPower lastReading readingValue readingUnit readAt performedBy performedOn costEuro yearBuilt".split():
            self.add(f"v:{key}", ("a", "rdf:Property"))
        for key, label in {"Manufacturer": "manufacturer", "Contractor": "maintenance contractor", "Technician": "technician", "City": "city", "Tenant": "tenant"}.items():
            self.add(f"v:{key}", ("a", "owl:Class"), ("rdfs:label", text(label, "en")))
        for key in ("FacilityManager", "PropertyOwner", "MaintenanceTask", "Country"):
            self.add(f"v:{key}", ("a", "owl:Class"))
        for key, (label, symbol) in UNITS.items():
            self.add(f"v:{key}", ("rdfs:label", text(label, "en")), *([("v:symbol", text(symbol))] if symbol else []))

    def organisations(self):
        for city, country in CITIES.items():
            self.thing("v:City", city, ("v:country", name(country)))
            self.thing("v:Country", country)
        for maker, city, founded in MAKERS:
            self.thing("v:Manufacturer", maker, ("v:headquarters", name(city)), ("v:foundedIn", f'"{founded}"^^xsd:gYear'))
        for firm, city in CONTRACTORS:
            self.thing("v:Contractor", firm, ("v:headquarters", name(city)))
        for person, firm, since, rate in TECHNICIANS:
            self.thing("v:Technician", person, ("v:employer", name(firm)), ("v:licensedSince", date(since)), ("v:hourlyRateEuro", str(rate)))
        for task in sorted({task for tasks in TASKS.values() for task in tasks}):
            self.thing("v:MaintenanceTask", task)
        for site, city in SITES.items():
            self.thing("brick:Site", site, ("v:city", name(city)))

    def building(self, code, label, alternative, site, year, owner, manager, energy, floors, rooms):
        building = self.thing("brick:Building", label)
        if alternative:
            self.add(building, ("skos:altLabel", text(alternative)))
        self.add(building, ("v:yearBuilt", f'"{year}"^^xsd:gYear'), ("v:owner", name(owner)), ("v:facilityManager", name(manager)), ("v:energyClass", text(energy)))
        self.thing("v:PropertyOwner", owner)
        self.thing("v:FacilityManager", manager)
        self.both(building, "brick:isPartOf", "brick:hasPart", name(site))
        earliest = max(year, 1997)
        total = 0
        lobby = basement = None
        handlers = []
        for level in range(1, floors + 1):
            floor = self.thing("brick:Floor", f"{label} floor {level}", ("v:level", str(level)))
            self.both(floor, "brick:isPartOf", "brick:hasPart", building)
            handler = None
            served = []
            for number in range(1, rooms + 1):
                plain = f"{code}-{level}{number:02}"
                kind, low, high = self.kind(code, level, number, floors, rooms)
                shown = NAMED_ROOMS.pop(0) if kind == "Conference_Room" and fraction(plain, "named") < 0.8 and NAMED_ROOMS else plain
                size = between(low * 10, high * 10, plain, "area") / 10
                room = self.thing(f"brick:{kind}", shown, ("brick:area", self.quantity(size, "M2")))
                if shown != plain:
                    self.add(room, ("v:roomNumber", text(plain)))
                if kind in ("Conference_Room", "Auditorium"):
                    self.add(room, ("v:seatingCapacity", str(int(size / 2.4))))
                self.both(room, "brick:isPartOf", "brick:hasPart", floor)
                total += size
                lobby = room if kind == "Lobby" else lobby
                basement = room if kind == "Storage_Room" and basement is None else basement
                if kind not in ("Storage_Room", "Lobby", "Server_Room"):
                    served.append((shown, plain, room, kind))
            location = basement or lobby
            if level % 2 == 1 or not handlers:
                handler = self.machine("Air_Handling_Unit", f"AHU-{code}-{len(handlers) + 1}", label, location, earliest, between(55, 480, code, level, "kw") / 10, between(400, 2900, code, level, "kg"))
                handlers.append(handler)
                key = f"AHU-{code}-{len(handlers)}"
                self.point("Supply_Air_Temperature_Sensor", f"{key} supply temperature", handler, between(118, 189, key, "sat") / 10, "DEG_C", key + "sat")
                self.point("Supply_Air_Flow_Sensor", f"{key} supply flow", handler, between(2100, 16900, key, "saf"), "M3-PER-HR", key + "saf")
            self.boxes(code, level, label, earliest, handlers[-1], served)
        self.add(building, ("brick:area", self.quantity(round(total * 1.25, 1), "M2")))
        self.plant(code, label, building, earliest, lobby, basement or lobby, handlers, floors)

    @staticmethod
    def kind(code, level, number, floors, rooms):
        """The class of a room and the range of its area."""
        if number == 1:
            return ("Lobby", 45, 160) if level == 1 else ("Open_Office", 60, 190)
        if number == 2:
            return ("Storage_Room", 9, 38) if level % 2 else ("Break_Room", 11, 34)
        if number == 3:
            return "Conference_Room", 18, 74
        if number == 4 and code in ("KEP", "VES", "LIN"):
            return "Laboratory", 30, 96
        if number == 4 and level == 2 and code not in ("MAR", "ORC"):
            return "Server_Room", 12, 31
        if number == 5 and level == 1 and code in ("LIN", "KEP", "NOR"):
            return "Auditorium", 130, 310
        if number == 5 and code == "ORC":
            return "Library", 210, 540
        if number == 6 and level == 1 and code in ("HPT", "NOR", "VES", "TER", "KEP"):
            return "Cafeteria", 90, 220
        return "Office", 10, 31

    def boxes(self, code, level, label, earliest, handler, served):
        """One air volume box for two rooms, with its sensors."""
        for start in range(0, len(served), 2):
            pair = served[start:start + 2]
            reheat = fraction(code, level, start, "reheat") < 0.4
            kind = "Variable_Air_Volume_Box_With_Reheat" if reheat else "Variable_Air_Volume_Box"
            key = f"VAV-{code}-{level}{start // 2 + 1:02}"
            box = self.machine(kind, key, label, pair[0][2], earliest, weight=between(14, 58, key, "kg"))
            self.both(handler, "brick:feeds", "brick:isFedBy", box)
            for shown, plain, room, room_kind in pair:
                self.both(box, "brick:feeds", "brick:isFedBy", room)
                if fraction(plain, "co2") < 0.25 or room_kind in ("Conference_Room", "Auditorium"):
                    self.point("CO2_Sensor", f"CO2 {shown}", room, between(412, 1390, plain, "co2v"), "PPM", plain + "co2")
                if room_kind in ("Laboratory", "Library"):
                    self.point("Zone_Air_Humidity_Sensor", f"Humidity {shown}", room, between(281, 662, plain, "rh") / 10, "PERCENT", plain + "rh")
                if room_kind in ("Auditorium", "Cafeteria", "Library"):
                    self.point("Occupancy_Count_Sensor", f"Headcount {shown}", room, between(0, 96, plain, "occ"), "NUM", plain + "occ")
            target = between(38, 47, key, "sp") / 2
            self.point("Zone_Air_Temperature_Setpoint", f"{key} setpoint", box, target, "DEG_C", key + "sp")
            self.point("Zone_Air_Temperature_Sensor", f"{key} temperature", box, round(target + between(-31, 38, key, "t") / 10, 1), "DEG_C", key + "t")

    def plant(self, code, label, building, earliest, lobby, basement, handlers, floors):
        meter = self.machine("Building_Electrical_Meter", f"{label} electricity meter", label, basement, earliest)
        self.both(meter, "brick:meters", "brick:isMeteredBy", building)
        self.point("Active_Power_Sensor", f"{label} power draw", meter, between(380, 6120, code, "kw") / 10, "KiloW", code + "kw")
        if code not in ("MAR", "FDY"):
            water = self.machine("Building_Water_Meter", f"{label} water meter", label, basement, earliest)
            self.both(water, "brick:meters", "brick:isMeteredBy", building)
            self.point("Water_Usage_Sensor", f"{label} water use", water, between(310, 9400, code, "m3"), "M3", code + "m3")
        if code not in ("LIN", "ORC", "MAR"):
            for number in range(1, 3 if floors > 5 else 2):
                key = f"Chiller {code}-{number}"
                chiller = self.machine("Chiller", key, label, basement, earliest, between(900, 6400, key, "kw") / 10, between(1800, 9200, key, "kg"))
                for handler in handlers:
                    self.both(chiller, "brick:feeds", "brick:isFedBy", handler)
                self.point("Leaving_Chilled_Water_Temperature_Sensor", f"{key} leaving water temperature", chiller, between(52, 98, key, "t") / 10, "DEG_C", key)
                if code in ("HPT", "NOR", "VES", "KEP"):
                    tower = self.machine("Cooling_Tower", f"Cooling tower {code}-{number}", label, basement, earliest, between(40, 180, key, "ct") / 10, between(900, 4100, key, "ctkg"))
                    self.both(tower, "brick:feeds", "brick:isFedBy", chiller)
        if code not in ("NOR", "KEP"):
            key = f"Boiler {code}"
            boiler = self.machine("Boiler", key, label, basement, earliest, between(800, 7800, key, "kw") / 10, between(350, 2600, key, "kg"))
            for handler in handlers:
                self.both(boiler, "brick:feeds", "brick:isFedBy", handler)
            self.point("Hot_Water_Supply_Temperature_Sensor", f"{key} supply water temperature", boiler, between(540, 822, key, "t") / 10, "DEG_C", key)
            self.machine("Water_Pump", f"Pump {code}", label, basement, earliest, between(11, 92, key, "pump") / 10, between(22, 140, key, "pumpkg"))
        for number in range(1, 1 + (floors > 3) + (floors > 5)):
            self.machine("Elevator", f"Lift {code}-{number}", label, lobby, earliest, between(80, 260, code, number, "lift") / 10, between(900, 2300, code, number, "liftkg"))
        if fraction(code, "oat") < 0.7:
            self.point("Outside_Air_Temperature_Sensor", f"{label} outdoor temperature", building, between(-42, 131, code, "oat") / 10, "DEG_C", code + "oat")

    def tenancies(self):
        codes = {entry[0]: entry[1] for entry in BUILDINGS}
        for tenant, trade, code, level, start, end, rent in TENANCIES:
            self.thing("v:Tenant", tenant, ("v:trade", text(trade)))
            floor = name(f"{codes[code]} floor {level}")
            node = self.node(("v:tenant", name(tenant)), ("v:leasedFloor", floor), ("v:leaseStart", date(start)), ("v:leaseEnd", date(end)), ("v:monthlyRent", str(rent)))
            self.add(name(codes[code]), ("v:tenancy", node))

    def maintenance(self):
        site = {entry[1]: entry[3] for entry in BUILDINGS}
        for kind, label, machine, building in self.equipment:
            if kind not in TASKS:
                continue
            visits = between(0, 1, label, "visits") if kind.startswith("Variable") else between(1, 5, label, "visits")
            for visit in range(visits):
                crew = CITY_CREW[SITES[site[building]]]
                person = pick(crew, label, visit, "who")[0]
                done = day("2023-11-01", "2025-02-28", label, visit, "when")
                cost = between(4500, 19900 if kind.startswith("Variable") else 389900, label, visit, "cost") / 100
                task = name(pick(TASKS[kind], label, visit, "task"))
                record = self.node(("v:performedBy", name(person)), ("v:performedOn", date(done)), ("v:costEuro", f"{cost:.2f}"), ("v:task", task))
                self.add(machine, ("v:maintenance", record))


def ontology(wheel, portfolio):
    """The used classes, what is above them and beside them, and the relations."""
    data = zipfile.ZipFile(wheel).read(ONTOLOGY)
    graph = rdflib.Graph().parse(io.BytesIO(data), format="turtle")
    kept, above = set(), [rdflib.URIRef(BRICK + key) for key in USED]
    while above:
        kind = above.pop()
        if kind not in kept and str(kind).startswith(BRICK):
            if (kind, RDF.type, OWL.Class) not in graph:
                sys.exit(f"{kind} is not a class of the ontology")
            kept.add(kind)
            above += graph.objects(kind, RDFS.subClassOf)
    top = {rdflib.URIRef(BRICK + key) for key in ("Class", "Entity")}
    beside = {child for kind in kept - top for child in graph.subjects(RDFS.subClassOf, kind)}
    alias = set(graph.subjects(rdflib.URIRef(BRICK + "aliasOf"), None))
    classes = kept | {kind for kind in beside if str(kind).startswith(BRICK) and kind not in alias}
    for kind in sorted(classes):
        short = "brick:" + str(kind)[len(BRICK):]
        portfolio.add(short, ("a", "owl:Class"))
        for label in sorted(graph.objects(kind, RDFS.label)):
            portfolio.add(short, ("rdfs:label", text(label, label.language)))
        for parent in sorted(graph.objects(kind, RDFS.subClassOf)):
            if parent in classes:
                portfolio.add(short, ("rdfs:subClassOf", "brick:" + str(parent)[len(BRICK):]))
        if kind in kept:
            for definition in sorted(graph.objects(kind, SKOS.definition)):
                portfolio.add(short, ("skos:definition", text(definition, "en")))
    for key in RELATIONS:
        relation = rdflib.URIRef(BRICK + key)
        portfolio.add("brick:" + key, ("a", "rdf:Property"))
        for label in sorted(graph.objects(relation, RDFS.label)):
            portfolio.add("brick:" + key, ("rdfs:label", text(label, "en")))
        for inverse in sorted(graph.objects(relation, OWL.inverseOf)):
            portfolio.add("brick:" + key, ("owl:inverseOf", "brick:" + str(inverse)[len(BRICK):]))


def main():
    folder, package = wheel(PACKAGE, WHEEL, SHA256)
    output = Path(sys.argv[1]) if len(sys.argv) > 1 else folder / "buildings.ttl"
    portfolio = Portfolio()
    portfolio.vocabulary()
    ontology(package, portfolio)
    portfolio.organisations()
    for entry in BUILDINGS:
        portfolio.building(*entry)
    portfolio.tenancies()
    portfolio.maintenance()
    portfolio.ttl.write(output)
    print(f"{output}: {portfolio.ttl.count} statements")


if __name__ == "__main__":
    main()
