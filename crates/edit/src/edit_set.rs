//! Fixes that were found to agree with the text and with each other.

use std::collections::BTreeMap;
use std::fmt;

use text_size::{TextRange, TextSize};

use crate::edit::{Edit, Fix};

/// Two fixes that want different things in the same place.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Conflict {
    /// The bytes both want to change; empty for two insertions at one offset.
    pub range: TextRange,
    /// Title of the fix that was there first.
    pub first: String,
    /// Title of the fix that was refused.
    pub second: String,
}

impl fmt::Display for Conflict {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (start, end) = (u32::from(self.range.start()), u32::from(self.range.end()));
        write!(f, "\"{}\" and \"{}\" both change bytes {start} to {end}", self.first, self.second)
    }
}

/// Why a fix was refused. The set is then as it was before.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum EditError {
    /// Another fix, or another edit of the same fix, changes the same bytes in another way.
    #[error("{0}")]
    Conflict(Conflict),
    /// An edit ends behind the end of the text.
    #[error("\"{title}\" changes bytes up to {end}, but the text has only {len}")]
    OutOfBounds {
        /// Title of the fix.
        title: String,
        /// Where the edit ends.
        end: u32,
        /// Length of the text in bytes.
        len: usize,
    },
    /// An edit starts or ends inside a character.
    #[error("\"{title}\" cuts the character at byte {offset}")]
    NotCharBoundary {
        /// Title of the fix.
        title: String,
        /// The offset inside the character.
        offset: u32,
    },
}

/// Edits of one text, sorted, of which no two touch the same byte.
///
/// A fix goes in whole or not at all. The rules:
///
/// - An edit that is already there, byte for byte, is merged with it.
/// - Two different replacements conflict when they share a byte; touching is allowed.
/// - An insertion conflicts with a replacement when it lies strictly inside it. At the replacement's start it goes before
///   the new text, at its end behind it.
/// - Two insertions at one offset conflict when they come from different fixes and differ: nothing says which goes first.
///   Inside one fix the order of the list says it, and they become one insertion.
#[derive(Debug, Clone)]
pub struct EditSet<'t> {
    text: &'t str,
    titles: Vec<String>,
    /// By start, then end. An insertion sorts before the replacement that starts at the same offset.
    edits: BTreeMap<(TextSize, TextSize), Accepted>,
}

#[derive(Debug, Clone)]
struct Accepted {
    text: String,
    /// Index into the titles.
    fix: usize,
}

impl<'t> EditSet<'t> {
    /// An empty set for `text`.
    #[must_use]
    pub fn new(text: &'t str) -> Self {
        Self { text, titles: Vec::new(), edits: BTreeMap::new() }
    }

    /// A set of all of `fixes`.
    ///
    /// # Errors
    ///
    /// The first fix that cannot be added.
    pub fn from_fixes<'f>(text: &'t str, fixes: impl IntoIterator<Item = &'f Fix>) -> Result<Self, EditError> {
        let mut set = Self::new(text);
        for fix in fixes {
            set.add(fix)?;
        }
        Ok(set)
    }

    /// Adds all edits of `fix`, or none.
    ///
    /// # Errors
    ///
    /// When an edit does not fit the text, or conflicts with one that was added before.
    pub fn add(&mut self, fix: &Fix) -> Result<(), EditError> {
        for edit in &fix.edits {
            self.check_bounds(edit, &fix.title)?;
        }
        let edits = normalize(fix)?;
        let mut new = Vec::with_capacity(edits.len());
        for edit in edits {
            if self.is_new(&edit, &fix.title)? {
                new.push(edit);
            }
        }
        if new.is_empty() {
            return Ok(());
        }
        let index = self.titles.len();
        self.titles.push(fix.title.clone());
        for edit in new {
            self.edits.insert((edit.range.start(), edit.range.end()), Accepted { text: edit.text, fix: index });
        }
        Ok(())
    }

    /// The text the edits belong to.
    #[must_use]
    pub fn text(&self) -> &'t str {
        self.text
    }

    /// Ranges and their new text, in the order of the file.
    pub fn edits(&self) -> impl Iterator<Item = (TextRange, &str)> {
        self.edits.iter().map(|(&(start, end), accepted)| (TextRange::new(start, end), accepted.text.as_str()))
    }

    /// How many edits there are after merging.
    #[must_use]
    pub fn len(&self) -> usize {
        self.edits.len()
    }

    /// Whether nothing would change.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.edits.is_empty()
    }

    /// The new text, built in one pass from left to right.
    #[must_use]
    pub fn apply(&self) -> String {
        let added: usize = self.edits.values().map(|accepted| accepted.text.len()).sum();
        let mut new = String::with_capacity(self.text.len() + added);
        let mut done = 0;
        for (range, text) in self.edits() {
            new.push_str(&self.text[done..usize::from(range.start())]);
            new.push_str(text);
            done = usize::from(range.end());
        }
        new.push_str(&self.text[done..]);
        new
    }

    fn check_bounds(&self, edit: &Edit, title: &str) -> Result<(), EditError> {
        let end = edit.range.end();
        if usize::from(end) > self.text.len() {
            return Err(EditError::OutOfBounds { title: title.to_owned(), end: end.into(), len: self.text.len() });
        }
        for offset in [edit.range.start(), end] {
            if !self.text.is_char_boundary(usize::from(offset)) {
                return Err(EditError::NotCharBoundary { title: title.to_owned(), offset: offset.into() });
            }
        }
        Ok(())
    }

    /// Whether `edit` has to be put in; false when the same edit is there already.
    ///
    /// Only one neighbour has to be looked at: accepted edits do not overlap, so the last one that starts early enough
    /// is the only one that can reach into the range.
    fn is_new(&self, edit: &Edit, title: &str) -> Result<bool, EditError> {
        let (start, end) = (edit.range.start(), edit.range.end());
        let same = self.edits.get(&(start, end));
        if same.is_some_and(|accepted| accepted.text == edit.text) {
            return Ok(false);
        }
        let zero = TextSize::from(0);
        let other = match same {
            Some(accepted) => Some((edit.range, accepted)),
            None if edit.range.is_empty() => self.edits.range(..(start, zero)).next_back().map(keyed),
            None => self.edits.range(..(end, zero)).next_back().map(keyed),
        };
        match other {
            Some((range, accepted)) if same.is_some() || clash(range, edit.range) => {
                Err(EditError::Conflict(Conflict {
                    range: shared(range, edit.range),
                    first: self.titles[accepted.fix].clone(),
                    second: title.to_owned(),
                }))
            }
            _ => Ok(true),
        }
    }
}

fn keyed<'a>((&(start, end), accepted): (&(TextSize, TextSize), &'a Accepted)) -> (TextRange, &'a Accepted) {
    (TextRange::new(start, end), accepted)
}

/// Whether two different ranges share a byte, or one is an insertion strictly inside the other.
fn clash(a: TextRange, b: TextRange) -> bool {
    a.start() < b.end() && b.start() < a.end()
}

fn shared(a: TextRange, b: TextRange) -> TextRange {
    a.intersect(b).unwrap_or(b)
}

/// The edits of a fix, sorted, duplicates merged, insertions at one offset joined, those that change nothing left out.
fn normalize(fix: &Fix) -> Result<Vec<Edit>, EditError> {
    let mut sorted: Vec<&Edit> =
        fix.edits.iter().filter(|edit| !(edit.range.is_empty() && edit.text.is_empty())).collect();
    sorted.sort_by_key(|edit| (edit.range.start(), edit.range.end()));
    let mut edits: Vec<Edit> = Vec::with_capacity(sorted.len());
    for edit in sorted {
        match edits.last_mut() {
            Some(last) if last.range == edit.range && edit.range.is_empty() => last.text.push_str(&edit.text),
            Some(last) if *last == *edit => {}
            Some(last) if last.range == edit.range || clash(last.range, edit.range) => {
                return Err(EditError::Conflict(Conflict {
                    range: shared(last.range, edit.range),
                    first: fix.title.clone(),
                    second: fix.title.clone(),
                }));
            }
            _ => edits.push(edit.clone()),
        }
    }
    Ok(edits)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fix(title: &str, edits: &[(u32, u32, &str)]) -> Fix {
        let edits =
            edits.iter().map(|&(start, end, text)| Edit::replace(TextRange::new(start.into(), end.into()), text));
        Fix { title: title.to_owned(), edits: edits.collect() }
    }

    fn conflict(result: Result<(), EditError>) -> (u32, u32) {
        match result {
            Err(EditError::Conflict(conflict)) => (conflict.range.start().into(), conflict.range.end().into()),
            other => panic!("expected a conflict, got {other:?}"),
        }
    }

    #[test]
    fn applies_in_one_pass_whatever_the_order_of_adding() {
        let mut set = EditSet::new("one two three");
        set.add(&fix("c", &[(8, 13, "3")])).unwrap();
        set.add(&fix("a", &[(0, 3, "1"), (13, 13, "!")])).unwrap();
        set.add(&fix("b", &[(4, 7, "")])).unwrap();
        assert_eq!(set.apply(), "1  3!");
        assert_eq!(set.len(), 4);
    }

    #[test]
    fn a_refused_fix_leaves_nothing_behind() {
        let mut set = EditSet::new("abcdef");
        set.add(&fix("first", &[(2, 4, "X")])).unwrap();
        assert_eq!(conflict(set.add(&fix("second", &[(0, 1, "Y"), (3, 5, "Z")]))), (3, 4));
        assert_eq!(set.apply(), "abXef");
    }

    #[test]
    fn identical_edits_merge_and_different_ones_conflict() {
        let mut set = EditSet::new("abcdef");
        set.add(&fix("first", &[(2, 4, "X"), (5, 5, "i")])).unwrap();
        set.add(&fix("second", &[(2, 4, "X"), (5, 5, "i")])).unwrap();
        assert_eq!(set.len(), 2);
        assert_eq!(conflict(set.add(&fix("third", &[(2, 4, "Y")]))), (2, 4));
        assert_eq!(conflict(set.add(&fix("fourth", &[(5, 5, "j")]))), (5, 5));
        assert_eq!(set.apply(), "abXeif");
    }

    #[test]
    fn insertions_touch_replacements_but_never_lie_inside() {
        let mut set = EditSet::new("abcdef");
        set.add(&fix("replace", &[(2, 4, "X")])).unwrap();
        set.add(&fix("before", &[(2, 2, "<")])).unwrap();
        set.add(&fix("behind", &[(4, 4, ">")])).unwrap();
        set.add(&fix("next", &[(4, 5, "E")])).unwrap();
        assert_eq!(conflict(set.add(&fix("inside", &[(3, 3, "?")]))), (3, 3));
        assert_eq!(set.apply(), "ab<X>Ef");

        let mut set = EditSet::new("abcdef");
        set.add(&fix("insert", &[(3, 3, "?")])).unwrap();
        assert_eq!(conflict(set.add(&fix("over it", &[(2, 4, "X")]))), (3, 3));
        set.add(&fix("up to it", &[(1, 3, "Y")])).unwrap();
        set.add(&fix("from it", &[(3, 5, "Z")])).unwrap();
        assert_eq!(set.apply(), "aY?Zf");
    }

    #[test]
    fn one_fix_orders_its_insertions_and_may_not_contradict_itself() {
        let mut set = EditSet::new("ab");
        set.add(&fix("list", &[(1, 1, "1"), (1, 1, "2"), (0, 1, "x"), (0, 1, "x")])).unwrap();
        assert_eq!(set.apply(), "x12b");
        let mut set = EditSet::new("abcd");
        assert_eq!(conflict(set.add(&fix("self", &[(0, 2, "x"), (1, 3, "y")]))), (1, 2));
        assert_eq!(conflict(set.add(&fix("self", &[(0, 2, "x"), (0, 2, "y")]))), (0, 2));
        assert!(set.is_empty());
    }

    #[test]
    fn an_edit_must_fit_the_text() {
        let mut set = EditSet::new("aé");
        assert!(matches!(set.add(&fix("long", &[(0, 4, "")])), Err(EditError::OutOfBounds { end: 4, len: 3, .. })));
        assert!(matches!(set.add(&fix("cut", &[(2, 3, "")])), Err(EditError::NotCharBoundary { offset: 2, .. })));
        assert!(set.is_empty());
    }
}
