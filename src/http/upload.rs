//! Reads a batch of embeddings: the largest body of the API, mostly decimal numbers.
//!
//! The quick way reads straight into the typed form, without a [`serde_json::Value`] for every
//! component. Whatever it does not like, be it wrong or merely unusual (another case of a name,
//! `1.0` for an integer), goes the general way, which alone decides what is an error and what the
//! error says. A property test holds that both agree on what the quick way accepts.
//!
//! A component is the decimal number rounded to binary64, then to binary32. Rounding twice can
//! differ from rounding once in the last bit of a binary32, for decimals of more than 17 digits
//! that lie next to the middle of two; embsec keeps vectors as binary16 in any case.

use super::json::StrictMap;
use super::problem::Problem;
use super::validate;
use super::wire::embeddings::{EmbeddingsInput, UploadInput};
use crate::domain::embedding::Metadata;
use crate::domain::limits::{HANDLE_MAX_CHARS, HANDLE_MIN_CHARS};
use serde::de::{DeserializeSeed, Deserializer, Error as _, MapAccess, SeqAccess, Visitor};
use std::fmt;
use std::marker::PhantomData;

/// How deep within the body an item's properties are: body, list, item.
const ITEM_DEPTH: usize = 3;

/// Room for the components of the first vector; the later ones take the size of the one before.
const FIRST_VECTOR_CAPACITY: usize = 384;

/// Reads the body of an upload.
///
/// # Errors
///
/// 400 for what is no JSON, 422 for what does not fit, non-finite components included.
pub fn decode_upload(bytes: &[u8]) -> Result<Vec<EmbeddingsInput>, Problem> {
    match decode_quickly(bytes) {
        Some(items) => Ok(items),
        None => validate::read::<UploadInput>(bytes).map(|input| input.embeddings),
    }
}

fn decode_quickly(bytes: &[u8]) -> Option<Vec<EmbeddingsInput>> {
    let text = std::str::from_utf8(bytes).ok()?;
    let mut input = serde_json::Deserializer::from_str(text);
    let items = Body.deserialize(&mut input).ok()?;
    input.end().ok()?;
    Some(items)
}

/// The outermost object.
struct Body;

impl<'de> DeserializeSeed<'de> for Body {
    type Value = Vec<EmbeddingsInput>;

    fn deserialize<D: Deserializer<'de>>(self, input: D) -> Result<Self::Value, D::Error> {
        input.deserialize_map(self)
    }
}

impl<'de> Visitor<'de> for Body {
    type Value = Vec<EmbeddingsInput>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an upload")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut input: A) -> Result<Self::Value, A::Error> {
        let mut schema: Option<String> = None;
        let mut items = None;
        while let Some(name) = input.next_key::<String>()? {
            match name.as_str() {
                "embeddings" if items.is_none() => items = Some(input.next_value_seed(Items)?),
                "$schema" if schema.is_none() => schema = Some(input.next_value()?),
                _ => return Err(A::Error::custom("not the usual form")),
            }
        }
        items.ok_or_else(|| A::Error::custom("not the usual form"))
    }
}

/// The list of items.
struct Items;

impl<'de> DeserializeSeed<'de> for Items {
    type Value = Vec<EmbeddingsInput>;

    fn deserialize<D: Deserializer<'de>>(self, input: D) -> Result<Self::Value, D::Error> {
        input.deserialize_seq(self)
    }
}

impl<'de> Visitor<'de> for Items {
    type Value = Vec<EmbeddingsInput>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a list of embeddings")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut input: A) -> Result<Self::Value, A::Error> {
        let mut items: Vec<EmbeddingsInput> = Vec::new();
        loop {
            let capacity = items
                .last()
                .map_or(FIRST_VECTOR_CAPACITY, |item| item.vector.len());
            match input.next_element_seed(Item { capacity })? {
                Some(item) => items.push(item),
                None => return Ok(items),
            }
        }
    }
}

/// One item.
struct Item {
    /// Room for its vector.
    capacity: usize,
}

/// The properties of an item, as they come in.
#[derive(Default)]
struct Slots {
    text_id: Option<String>,
    user_handle: Option<String>,
    project_handle: Option<String>,
    project_id: Option<Option<i64>>,
    instance_owner: Option<Option<String>>,
    instance_handle: Option<String>,
    text: Option<Option<String>>,
    vector: Option<Vec<f32>>,
    vector_dim: Option<i32>,
    metadata: Option<Option<Metadata>>,
}

impl Slots {
    fn into_item(self) -> Option<EmbeddingsInput> {
        if self.texts().any(|text| text.contains('\0')) {
            return None;
        }
        Some(EmbeddingsInput {
            text_id: self.text_id?,
            user_handle: self.user_handle.filter(|text| is_handle(text))?,
            project_handle: self.project_handle.filter(|text| is_handle(text))?,
            instance_handle: self.instance_handle?,
            text: self.text.flatten(),
            vector: self.vector?,
            vector_dim: self.vector_dim?,
            metadata: self.metadata.flatten(),
        })
    }

    fn texts(&self) -> impl Iterator<Item = &String> {
        let required = [
            &self.text_id,
            &self.user_handle,
            &self.project_handle,
            &self.instance_handle,
        ];
        let optional = [&self.instance_owner, &self.text];
        let optional = optional.into_iter().flatten().flatten();
        required.into_iter().flatten().chain(optional)
    }
}

fn is_handle(text: &str) -> bool {
    (HANDLE_MIN_CHARS..=HANDLE_MAX_CHARS).contains(&text.chars().count())
}

impl<'de> DeserializeSeed<'de> for Item {
    type Value = EmbeddingsInput;

    fn deserialize<D: Deserializer<'de>>(self, input: D) -> Result<Self::Value, D::Error> {
        input.deserialize_map(self)
    }
}

impl<'de> Visitor<'de> for Item {
    type Value = EmbeddingsInput;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an embedding")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut input: A) -> Result<Self::Value, A::Error> {
        let mut slots = Slots::default();
        while let Some(name) = input.next_key::<String>()? {
            match name.as_str() {
                "text_id" => fill(&mut slots.text_id, &mut input, PhantomData)?,
                "user_handle" => fill(&mut slots.user_handle, &mut input, PhantomData)?,
                "project_handle" => fill(&mut slots.project_handle, &mut input, PhantomData)?,
                "project_id" => fill(&mut slots.project_id, &mut input, PhantomData)?,
                "instance_owner" => fill(&mut slots.instance_owner, &mut input, PhantomData)?,
                "instance_handle" => fill(&mut slots.instance_handle, &mut input, PhantomData)?,
                "text" => fill(&mut slots.text, &mut input, PhantomData)?,
                "vector" => fill(&mut slots.vector, &mut input, Components(self.capacity))?,
                "vector_dim" => fill(&mut slots.vector_dim, &mut input, PhantomData)?,
                "metadata" => fill(&mut slots.metadata, &mut input, OptionalMetadata)?,
                _ => return Err(A::Error::custom("not the usual form")),
            }
        }
        slots
            .into_item()
            .ok_or_else(|| A::Error::custom("not the usual form"))
    }
}

/// Reads a property that must not be there twice.
fn fill<'de, A: MapAccess<'de>, S: DeserializeSeed<'de>>(
    slot: &mut Option<S::Value>,
    input: &mut A,
    seed: S,
) -> Result<(), A::Error> {
    if slot.is_some() {
        return Err(A::Error::custom("not the usual form"));
    }
    *slot = Some(input.next_value_seed(seed)?);
    Ok(())
}

/// A vector, with room for this many components.
struct Components(usize);

impl<'de> DeserializeSeed<'de> for Components {
    type Value = Vec<f32>;

    fn deserialize<D: Deserializer<'de>>(self, input: D) -> Result<Self::Value, D::Error> {
        input.deserialize_seq(self)
    }
}

impl<'de> Visitor<'de> for Components {
    type Value = Vec<f32>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a vector")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut input: A) -> Result<Self::Value, A::Error> {
        let mut vector = Vec::with_capacity(self.0);
        while let Some(component) = input.next_element::<f64>()? {
            let component = validate::narrow(component);
            if !component.is_finite() {
                return Err(A::Error::custom("not the usual form"));
            }
            vector.push(component);
        }
        Ok(vector)
    }
}

/// Metadata or `null`.
struct OptionalMetadata;

impl<'de> DeserializeSeed<'de> for OptionalMetadata {
    type Value = Option<Metadata>;

    fn deserialize<D: Deserializer<'de>>(self, input: D) -> Result<Self::Value, D::Error> {
        input.deserialize_option(self)
    }
}

impl<'de> Visitor<'de> for OptionalMetadata {
    type Value = Option<Metadata>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("metadata")
    }

    fn visit_none<E>(self) -> Result<Self::Value, E> {
        Ok(None)
    }

    fn visit_some<D: Deserializer<'de>>(self, input: D) -> Result<Self::Value, D::Error> {
        StrictMap { depth: ITEM_DEPTH }.deserialize(input).map(Some)
    }
}

#[cfg(test)]
mod tests;
