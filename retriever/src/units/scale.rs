//! How much one unit is of another: what it measures, and its size in the units of the SI.

/// Exponents of length, mass, time and information.
pub(super) type Dimension = [i8; 4];

const PART: Dimension = [0, 0, 0, 0];
const LENGTH: Dimension = [1, 0, 0, 0];
const AREA: Dimension = [2, 0, 0, 0];
const VOLUME: Dimension = [3, 0, 0, 0];
const MASS: Dimension = [0, 1, 0, 0];
const TIME: Dimension = [0, 0, 1, 0];
const SPEED: Dimension = [1, 0, -1, 0];
const FREQUENCY: Dimension = [0, 0, -1, 0];
const FORCE: Dimension = [1, 1, -2, 0];
const PRESSURE: Dimension = [-1, 1, -2, 0];
const ENERGY: Dimension = [2, 1, -2, 0];
const POWER: Dimension = [2, 1, -3, 0];
const DATA: Dimension = [0, 0, 0, 1];

/// A unit with a name of its own.
pub(super) struct Unit {
    /// What it is called, in the singular.
    pub(super) names: &'static [&'static str],
    pub(super) symbols: &'static [&'static str],
    /// Whether it takes metric prefixes.
    pub(super) metric: bool,
    size: f64,
    of: Dimension,
}

const fn unit(
    names: &'static [&'static str],
    symbols: &'static [&'static str],
    metric: bool,
    size: f64,
    of: Dimension,
) -> Unit {
    Unit {
        names,
        symbols,
        metric,
        size,
        of,
    }
}

pub(super) const UNITS: &[Unit] = &[
    unit(&["percent"], &["%"], false, 0.01, PART),
    unit(&["metre", "meter"], &["m"], true, 1.0, LENGTH),
    unit(&["inch"], &["in"], false, 0.0254, LENGTH),
    unit(&["foot"], &["ft"], false, 0.3048, LENGTH),
    unit(&["yard"], &["yd"], false, 0.9144, LENGTH),
    unit(&["mile"], &["mi"], false, 1_609.344, LENGTH),
    unit(&["acre"], &[], false, 4_046.856_422_4, AREA),
    unit(&["hectare"], &["ha"], false, 1e4, AREA),
    unit(&["litre", "liter"], &["L", "l"], true, 1e-3, VOLUME),
    unit(&["gram", "gramme"], &["g"], true, 1e-3, MASS),
    unit(&["tonne", "ton"], &["t"], true, 1e3, MASS),
    unit(&["pound"], &["lb", "lbs"], false, 0.453_592_37, MASS),
    unit(&["ounce"], &["oz"], false, 0.028_349_523_125, MASS),
    unit(&["second"], &["s"], true, 1.0, TIME),
    unit(&["minute"], &["min"], false, 60.0, TIME),
    unit(&["hour"], &["h"], false, 3_600.0, TIME),
    unit(&["day"], &["d"], false, 86_400.0, TIME),
    unit(&["week"], &[], false, 604_800.0, TIME),
    unit(&["month"], &[], false, 2_629_800.0, TIME),
    unit(&["year"], &["yr"], false, 31_557_600.0, TIME),
    unit(&["decade"], &[], false, 315_576_000.0, TIME),
    unit(&["century"], &[], false, 3_155_760_000.0, TIME),
    unit(&["knot"], &["kn"], false, 0.514_444, SPEED),
    unit(&[], &["mph"], false, 0.447_04, SPEED),
    unit(&["hertz"], &["Hz"], true, 1.0, FREQUENCY),
    unit(&["newton"], &["N"], true, 1.0, FORCE),
    unit(&["pascal"], &["Pa"], true, 1.0, PRESSURE),
    unit(&[], &["bar"], true, 1e5, PRESSURE),
    unit(&[], &["atm"], false, 101_325.0, PRESSURE),
    unit(&["joule"], &["J"], true, 1.0, ENERGY),
    unit(&["calorie"], &["cal"], true, 4.184, ENERGY),
    unit(&["electronvolt"], &["eV"], true, 1.602_176_634e-19, ENERGY),
    unit(&[], &["Wh"], true, 3_600.0, ENERGY),
    unit(&["watt"], &["W"], true, 1.0, POWER),
    unit(&["bit"], &[], true, 1.0, DATA),
    unit(&["byte"], &["B"], true, 8.0, DATA),
];

/// Prefixes by name and symbol.
pub(super) const PREFIXES: &[(&str, &[&str], f64)] = &[
    ("kilo", &["k"], 1e3),
    ("centi", &["c"], 1e-2),
    ("milli", &["m"], 1e-3),
    ("micro", &["µ", "μ"], 1e-6),
    ("nano", &["n"], 1e-9),
    ("mega", &["M"], 1e6),
    ("giga", &["G"], 1e9),
    ("tera", &["T"], 1e12),
    ("deci", &["d"], 1e-1),
    ("hecto", &["h"], 1e2),
    ("pico", &["p"], 1e-12),
    ("femto", &["f"], 1e-15),
];

/// What a unit measures, and its size.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Scale {
    size: f64,
    of: Dimension,
}

impl Scale {
    /// Of a unit in words or symbols: "square kilometres", "km/h". None where it is not known.
    pub fn of(text: &str) -> Option<Self> {
        let text = text.trim();
        if text.len() > super::LONGEST {
            return None;
        }
        if let Some((counted, per)) = text.split_once(" per ").or_else(|| text.split_once('/')) {
            return Self::of(counted)?.times(Self::of(per)?.power(-1)?);
        }
        if let Some((first, rest)) = text.split_once(' ') {
            return match first {
                "square" | "sq" => Self::of(rest)?.power(2),
                "cubic" => Self::of(rest)?.power(3),
                "thousand" => Some(Self::of(rest)?.by(1e3)),
                "million" => Some(Self::of(rest)?.by(1e6)),
                "billion" => Some(Self::of(rest)?.by(1e9)),
                _ => None,
            };
        }
        let (symbol, exponent) = match text.strip_suffix(['²', '2']) {
            Some(symbol) => (symbol, 2),
            None => match text.strip_suffix(['³', '3']) {
                Some(symbol) => (symbol, 3),
                None => (text, 1),
            },
        };
        let one = Self::symbol(symbol.trim_end_matches('^')).or_else(|| Self::name(symbol))?;
        one.power(exponent)
    }

    /// Of a symbol, with a prefix or without.
    pub(super) fn symbol(text: &str) -> Option<Self> {
        let plain = UNITS.iter().find(|unit| unit.symbols.contains(&text));
        let prefixed = || {
            let mut metric = UNITS.iter().filter(|unit| unit.metric);
            metric.find_map(|unit| {
                let mut symbols = unit.symbols.iter();
                symbols.find_map(|symbol| {
                    let prefix = text.strip_suffix(symbol)?;
                    let mut known = PREFIXES.iter();
                    let (.., factor) = known.find(|(_, short, _)| short.contains(&prefix))?;
                    Some(Self::from(unit).by(*factor))
                })
            })
        };
        plain.map(Self::from).or_else(prefixed)
    }

    /// Of a word, with a prefix or without.
    pub(super) fn name(text: &str) -> Option<Self> {
        let one = super::singular(&text.to_lowercase());
        let plain = UNITS.iter().find(|unit| unit.names.contains(&one.as_str()));
        let prefixed = || {
            PREFIXES.iter().find_map(|(prefix, _, factor)| {
                let rest = one.strip_prefix(prefix)?;
                let mut metric = UNITS.iter().filter(|unit| unit.metric);
                let unit = metric.find(|unit| unit.names.contains(&rest))?;
                Some(Self::from(unit).by(*factor))
            })
        };
        plain.map(Self::from).or_else(prefixed)
    }

    /// How many of the other unit one of this is; none where they measure something else.
    pub fn in_terms_of(self, other: Self) -> Option<f64> {
        (self.of == other.of).then(|| self.size / other.size)
    }

    /// Whether values of which no unit is told are customarily in this one. Heights are hardly told in kilometres, and nothing
    /// is in feet without saying so.
    pub fn is_customary(self, upright: bool) -> bool {
        let is = |size: f64| (self.size / size - 1.0).abs() < 1e-9;
        match self.of {
            LENGTH => is(1.0) || is(0.01) || (!upright && is(1e3)),
            AREA => is(1.0) || is(1e6),
            VOLUME => is(1.0) || is(1e-3),
            MASS => is(1.0) || is(1e-3) || is(1e3),
            TIME => is(60.0) || is(31_557_600.0),
            _ => true,
        }
    }

    /// What is told in such units is called so, as a rule.
    pub fn properties(self) -> &'static [&'static str] {
        match self.of {
            LENGTH => &[
                "length",
                "height",
                "distance",
                "elevation",
                "width",
                "depth",
                "altitude",
                "size",
                "radius",
                "diameter",
            ],
            AREA => &["area", "size", "surface"],
            VOLUME => &["volume", "capacity", "size"],
            MASS => &["weight", "mass"],
            TIME => &["duration", "runtime", "length", "time", "age", "period"],
            SPEED => &["speed", "velocity"],
            _ => &[],
        }
    }

    /// Whether it is a length of time.
    pub fn is_of_time(self) -> bool {
        self.of == TIME
    }

    fn by(self, factor: f64) -> Self {
        Self {
            size: self.size * factor,
            ..self
        }
    }

    fn times(self, other: Self) -> Option<Self> {
        let mut of = self.of;
        for (own, other) in of.iter_mut().zip(other.of) {
            *own = own.checked_add(other)?;
        }
        let size = self.size * other.size;
        Some(Self { size, of })
    }

    fn power(self, exponent: i8) -> Option<Self> {
        let mut of = self.of;
        for own in &mut of {
            *own = own.checked_mul(exponent)?;
        }
        let size = self.size.powi(i32::from(exponent));
        Some(Self { size, of })
    }
}

impl From<&Unit> for Scale {
    fn from(unit: &Unit) -> Self {
        Self {
            size: unit.size,
            of: unit.of,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn converted(number: f64, from: &str, to: &str) -> Option<f64> {
        let factor = Scale::of(from)?.in_terms_of(Scale::of(to)?)?;
        Some((number * factor * 1e6).round() / 1e6)
    }

    #[test]
    fn units_are_converted() {
        for (number, from, to, expected) in [
            (1.0, "kilometres", "m", 1_000.0),
            (300.0, "pounds", "kg", 136.077_711),
            (2.0, "square miles", "km²", 5.179_976),
            (90.0, "kilometres per hour", "m/s", 25.0),
            (1.5, "hours", "min", 90.0),
            (1.0, "million litres", "m3", 1_000.0),
            (2.0, "GB", "megabytes", 2_000.0),
            (1.0, "kWh", "kilojoules", 3_600.0),
            (3.0, "feet", "inches", 36.0),
        ] {
            assert_eq!(converted(number, from, to), Some(expected), "{from} {to}");
        }
    }

    #[test]
    fn what_measures_something_else_is_not() {
        for (from, to) in [("km", "kg"), ("km", "km²"), ("euro", "km"), ("miles", "mL")] {
            assert_eq!(converted(1.0, from, to), None, "{from} {to}");
        }
        assert_eq!(Scale::of(""), None);
        assert_eq!(Scale::of("inhabitants"), None);
        assert_eq!(Scale::of("cubic cubic cubic cubic newtons"), None);
        assert_eq!(Scale::of(&"metre per ".repeat(100_000)), None);
    }
}
