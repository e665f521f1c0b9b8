//! The one description of a type on the wire.
//!
//! Validation of requests, both OpenAPI documents, `/schemas/{Type}.json` and `/docs` are all
//! drawn from a [`Schema`], so they cannot disagree. This is no general JSON Schema: it holds
//! exactly what the API needs, and every feature in it is enforced by `http::validate`.

use serde_json::Value;

/// A type on the wire.
#[derive(Clone, Debug, PartialEq)]
pub struct Schema {
    /// What values it admits.
    pub kind: Kind,
    /// What it means, for readers of the documents.
    pub about: Option<&'static str>,
    /// What holds when it is left out.
    pub default: Option<Value>,
}

/// What values a [`Schema`] admits.
#[derive(Clone, Debug, PartialEq)]
pub enum Kind {
    /// A string.
    Text(Text),
    /// A whole number.
    Integer(Integer),
    /// A finite number.
    Number(Number),
    /// `true` or `false`.
    Boolean,
    /// A list of values of one type.
    Array(Box<Schema>),
    /// An object with known properties and no others.
    Object(Object),
    /// An object with any properties, such as metadata.
    Map,
    /// Any JSON value.
    Any,
}

/// Limits of a string. Lengths are counted in characters, as upstream counts them.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Text {
    /// Fewest characters.
    pub min_chars: Option<usize>,
    /// Most characters.
    pub max_chars: Option<usize>,
    /// The only values admitted; empty admits all.
    pub one_of: &'static [&'static str],
    /// The `format` of the documents, such as `uri`; it is not enforced.
    pub format: Option<&'static str>,
    /// Whether a value must never be repeated in an error, a log line or an answer.
    pub secret: bool,
}

/// Width of a whole number.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum IntegerFormat {
    /// 32 bits, signed.
    Int32,
    /// 64 bits, signed.
    Int64,
}

/// Limits of a whole number, both inclusive and within its format.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Integer {
    /// Width.
    pub format: IntegerFormat,
    /// Least value.
    pub min: Option<i64>,
    /// Greatest value.
    pub max: Option<i64>,
}

impl Integer {
    /// The least value admitted, by the limit or by the width.
    #[must_use]
    pub fn least(&self) -> i64 {
        self.min.unwrap_or(match self.format {
            IntegerFormat::Int32 => i64::from(i32::MIN),
            IntegerFormat::Int64 => i64::MIN,
        })
    }

    /// The greatest value admitted, by the limit or by the width.
    #[must_use]
    pub fn greatest(&self) -> i64 {
        self.max.unwrap_or(match self.format {
            IntegerFormat::Int32 => i64::from(i32::MAX),
            IntegerFormat::Int64 => i64::MAX,
        })
    }
}

/// Width of a number with a fraction.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NumberFormat {
    /// IEEE 754 binary32.
    Float,
    /// IEEE 754 binary64.
    Double,
}

/// Limits of a number, both inclusive; it is finite in its format in any case.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Number {
    /// Width.
    pub format: NumberFormat,
    /// Least value.
    pub min: Option<f64>,
    /// Greatest value.
    pub max: Option<f64>,
}

/// An object with known properties.
#[derive(Clone, Debug, PartialEq)]
pub struct Object {
    /// The name under which it is documented: `/schemas/{name}.json`.
    pub name: &'static str,
    /// Its properties, in the order in which they are written.
    pub properties: Vec<Property>,
}

/// When a property is present.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Presence {
    /// Always.
    Required,
    /// It may be left out.
    Optional,
    /// It may be left out of an answer; in a request it is checked and then ignored.
    ReadOnly,
    /// It may be left out of a request; it is never in an answer.
    WriteOnly,
}

/// A property of an [`Object`].
#[derive(Clone, Debug, PartialEq)]
pub struct Property {
    /// Its name on the wire.
    pub name: &'static str,
    /// Its type.
    pub schema: Schema,
    /// When it is present.
    pub presence: Presence,
}

impl Schema {
    const fn of(kind: Kind) -> Self {
        Self {
            kind,
            about: None,
            default: None,
        }
    }

    /// Says what it means.
    #[must_use]
    pub const fn about(mut self, text: &'static str) -> Self {
        self.about = Some(text);
        self
    }

    /// Says what holds when it is left out. Documentation only: whoever reads the value applies
    /// it.
    #[must_use]
    pub fn default_value(mut self, value: impl Into<Value>) -> Self {
        self.default = Some(value.into());
        self
    }

    fn property(mut self, name: &'static str, schema: Self, presence: Presence) -> Self {
        if let Kind::Object(object) = &mut self.kind {
            object.properties.push(Property {
                name,
                schema,
                presence,
            });
        }
        self
    }

    /// Adds a property that is always present. Only for an [`object`].
    #[must_use]
    pub fn required(self, name: &'static str, schema: Self) -> Self {
        self.property(name, schema, Presence::Required)
    }

    /// Adds a property that may be left out. Only for an [`object`].
    #[must_use]
    pub fn optional(self, name: &'static str, schema: Self) -> Self {
        self.property(name, schema, Presence::Optional)
    }

    /// Adds a property that only answers carry. Only for an [`object`].
    #[must_use]
    pub fn read_only(self, name: &'static str, schema: Self) -> Self {
        self.property(name, schema, Presence::ReadOnly)
    }

    /// Adds a property that only requests carry. Only for an [`object`].
    #[must_use]
    pub fn write_only(self, name: &'static str, schema: Self) -> Self {
        self.property(name, schema, Presence::WriteOnly)
    }

    /// The least whole number. Only for [`integer`] and [`long`].
    #[must_use]
    pub const fn at_least(mut self, min: i64) -> Self {
        if let Kind::Integer(integer) = &mut self.kind {
            integer.min = Some(min);
        }
        self
    }

    /// The greatest whole number. Only for [`integer`] and [`long`].
    #[must_use]
    pub const fn at_most(mut self, max: i64) -> Self {
        if let Kind::Integer(integer) = &mut self.kind {
            integer.max = Some(max);
        }
        self
    }

    /// The least and the greatest number. Only for [`float`] and [`double`].
    #[must_use]
    pub const fn within(mut self, min: f64, max: f64) -> Self {
        if let Kind::Number(number) = &mut self.kind {
            number.min = Some(min);
            number.max = Some(max);
        }
        self
    }

    /// The object inside, if it is one.
    #[must_use]
    pub const fn as_object(&self) -> Option<&Object> {
        match &self.kind {
            Kind::Object(object) => Some(object),
            _ => None,
        }
    }

    /// Calls `visit` for every named object within, itself included, outermost first.
    pub fn visit_objects<'a>(&'a self, visit: &mut impl FnMut(&'a Self, &'a Object)) {
        match &self.kind {
            Kind::Object(object) => {
                visit(self, object);
                for property in &object.properties {
                    property.schema.visit_objects(visit);
                }
            }
            Kind::Array(items) => items.visit_objects(visit),
            _ => {}
        }
    }
}

/// An object without properties yet.
#[must_use]
pub const fn object(name: &'static str) -> Schema {
    Schema::of(Kind::Object(Object {
        name,
        properties: Vec::new(),
    }))
}

/// A list.
#[must_use]
pub fn array(items: Schema) -> Schema {
    Schema::of(Kind::Array(Box::new(items)))
}

/// Any string.
#[must_use]
pub fn text() -> Schema {
    Schema::of(Kind::Text(Text::default()))
}

/// A string of a number of characters within these limits, both inclusive.
#[must_use]
pub fn text_of(min_chars: usize, max_chars: usize) -> Schema {
    Schema::of(Kind::Text(Text {
        min_chars: (min_chars > 0).then_some(min_chars),
        max_chars: Some(max_chars),
        ..Text::default()
    }))
}

/// One of these words.
#[must_use]
pub fn enumeration(words: &'static [&'static str]) -> Schema {
    Schema::of(Kind::Text(Text {
        one_of: words,
        ..Text::default()
    }))
}

/// A string that is never repeated to anybody, of a number of characters within these limits.
#[must_use]
pub fn secret(min_chars: Option<usize>, max_chars: Option<usize>) -> Schema {
    Schema::of(Kind::Text(Text {
        min_chars,
        max_chars,
        format: Some("password"),
        secret: true,
        ..Text::default()
    }))
}

/// An absolute URI. Upstream does not check it, and neither does embsec.
#[must_use]
pub fn uri() -> Schema {
    Schema::of(Kind::Text(Text {
        format: Some("uri"),
        ..Text::default()
    }))
}

/// A whole number of 32 bits.
#[must_use]
pub const fn integer() -> Schema {
    Schema::of(Kind::Integer(Integer {
        format: IntegerFormat::Int32,
        min: None,
        max: None,
    }))
}

/// A whole number of 64 bits.
#[must_use]
pub const fn long() -> Schema {
    Schema::of(Kind::Integer(Integer {
        format: IntegerFormat::Int64,
        min: None,
        max: None,
    }))
}

/// A number that is finite as IEEE 754 binary32.
#[must_use]
pub const fn float() -> Schema {
    Schema::of(Kind::Number(Number {
        format: NumberFormat::Float,
        min: None,
        max: None,
    }))
}

/// A number that is finite as IEEE 754 binary64.
#[must_use]
pub const fn double() -> Schema {
    Schema::of(Kind::Number(Number {
        format: NumberFormat::Double,
        min: None,
        max: None,
    }))
}

/// `true` or `false`.
#[must_use]
pub const fn boolean() -> Schema {
    Schema::of(Kind::Boolean)
}

/// An object of any properties.
#[must_use]
pub const fn map() -> Schema {
    Schema::of(Kind::Map)
}

/// Any JSON value.
#[must_use]
pub const fn any() -> Schema {
    Schema::of(Kind::Any)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_builder_reads_as_the_type_that_it_describes() {
        let schema = object("ShareInput")
            .required("share_with_handle", text_of(3, 20))
            .required("role", enumeration(&["reader", "editor"]));
        let object = schema.as_object().unwrap();
        assert_eq!(object.name, "ShareInput");
        let names: Vec<_> = object.properties.iter().map(|p| p.name).collect();
        assert_eq!(names, ["share_with_handle", "role"]);
    }

    #[test]
    fn every_named_object_is_visited_once_from_the_outside_in() {
        let schema = object("Outer").required("list", array(object("Inner")));
        let mut names = Vec::new();
        schema.visit_objects(&mut |_, object| names.push(object.name));
        assert_eq!(names, ["Outer", "Inner"]);
    }

    #[test]
    fn the_width_of_an_integer_is_a_limit_too() {
        let Kind::Integer(narrow) = integer().kind else {
            panic!("no integer")
        };
        assert_eq!(narrow.greatest(), i64::from(i32::MAX));
        let Kind::Integer(page) = long().at_least(1).at_most(200).kind else {
            panic!("no integer")
        };
        assert_eq!((page.least(), page.greatest()), (1, 200));
    }
}
