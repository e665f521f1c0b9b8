//! Finds the rows of a text id without holding the ids a second time.
//!
//! A table of row numbers, probed one place after the other (open addressing). The ids themselves
//! stay with the block, which passes them in. About 8 bytes per row; a map that owned its keys
//! would need ten times as much.

use std::hash::BuildHasher as _;
use std::hash::RandomState;

/// A place that holds no row.
const EMPTY: u32 = u32::MAX;

/// Smallest table with a row in it.
const MIN_PLACES: usize = 16;

/// Row numbers by the hash of their text id. The hash is keyed at random, because ids are chosen
/// by clients.
#[derive(Debug, Clone, Default)]
pub(super) struct IdIndex {
    hasher: RandomState,
    /// A power of two in number, at most three quarters of them in use.
    places: Vec<u32>,
    used: usize,
}

impl IdIndex {
    /// Returns the rows whose id is `text_id`, in no particular order.
    pub(super) fn rows<'a>(
        &'a self,
        ids: &'a [Box<str>],
        text_id: &'a str,
    ) -> impl Iterator<Item = usize> + 'a {
        self.probe(text_id)
            .map_while(|place| self.row(place))
            .filter(move |row| ids.get(*row).is_some_and(|id| **id == *text_id))
    }

    /// Adds `row`, whose id is `ids[row]`. Returns false, and adds nothing, if the number cannot
    /// be represented.
    pub(super) fn insert(&mut self, ids: &[Box<str>], row: usize) -> bool {
        let Some(number) = u32::try_from(row).ok().filter(|number| *number != EMPTY) else {
            return false;
        };
        if (self.used + 1) * 4 > self.places.len() * 3 {
            self.grow(ids);
        }
        self.put(&ids[row], number);
        self.used += 1;
        true
    }

    /// Removes `row`, whose id is still `ids[row]`.
    pub(super) fn remove(&mut self, ids: &[Box<str>], row: usize) {
        let Some(mut hole) = self.place_of(ids, row) else {
            return;
        };
        let mut place = hole;
        loop {
            place = (place + 1) & (self.places.len() - 1);
            let Some(other) = self.row(place) else { break };
            // An entry may move back into the hole unless its search starts behind the hole.
            let home = self.home(&ids[other]);
            if self.distance(home, place) >= self.distance(hole, place) {
                self.places[hole] = self.places[place];
                hole = place;
            }
        }
        self.places[hole] = EMPTY;
        self.used -= 1;
    }

    /// Renumbers the row `from`, whose id is still `ids[from]`, to the smaller number `to`.
    pub(super) fn renumber(&mut self, ids: &[Box<str>], from: usize, to: usize) {
        if let (Some(place), Ok(number)) = (self.place_of(ids, from), u32::try_from(to)) {
            self.places[place] = number;
        }
    }

    /// Forgets every row and keeps the memory.
    pub(super) fn clear(&mut self) {
        self.places.fill(EMPTY);
        self.used = 0;
    }

    /// Returns the memory on the heap, in bytes.
    pub(super) fn size_bytes(&self) -> usize {
        self.places.capacity() * size_of::<u32>()
    }

    fn grow(&mut self, ids: &[Box<str>]) {
        let places = (self.places.len() * 2).max(MIN_PLACES);
        let old = std::mem::replace(&mut self.places, vec![EMPTY; places]);
        for number in old {
            if let Some(id) = row_number(number).and_then(|row| ids.get(row)) {
                self.put(id, number);
            }
        }
    }

    fn put(&mut self, text_id: &str, number: u32) {
        let free = self
            .probe(text_id)
            .find(|place| self.places[*place] == EMPTY);
        if let Some(place) = free {
            self.places[place] = number;
        }
    }

    fn place_of(&self, ids: &[Box<str>], row: usize) -> Option<usize> {
        self.probe(&ids[row])
            .find(|place| self.row(*place) == Some(row))
    }

    /// Returns every place, beginning with the home of `text_id`.
    fn probe(&self, text_id: &str) -> impl Iterator<Item = usize> + use<> {
        let places = self.places.len();
        let home = if places == 0 { 0 } else { self.home(text_id) };
        (home..places).chain(0..home)
    }

    fn home(&self, text_id: &str) -> usize {
        // The low bits are taken by the mask, so that what is cut off does not matter.
        let [b0, b1, b2, b3, ..] = self.hasher.hash_one(text_id).to_le_bytes();
        usize::try_from(u32::from_le_bytes([b0, b1, b2, b3])).unwrap_or(0) & (self.places.len() - 1)
    }

    fn distance(&self, from: usize, to: usize) -> usize {
        to.wrapping_sub(from) & (self.places.len() - 1)
    }

    fn row(&self, place: usize) -> Option<usize> {
        row_number(self.places[place])
    }
}

fn row_number(number: u32) -> Option<usize> {
    if number == EMPTY {
        None
    } else {
        usize::try_from(number).ok()
    }
}
