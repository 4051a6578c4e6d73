//! The picker: which of up to 50,000 channels are meant by what was typed.
//!
//! An [`Index`] is built once from what is kept of a workspace and asked on each key. Names are folded into one text, each
//! with a mask of the letters in it, so that most names that cannot match are passed over by one comparison. Order: how it
//! matches (exactly, from its start, from the start of a word, somewhere, by its letters in order), channels that the app is
//! a member of first, then those chosen lately, then the alphabet.

use std::collections::HashMap;

use super::fold::{fold, fold_into};
use super::{Channel, Choices, Section};

/// Channels that are shown at a time.
pub const SHOWN: usize = 50;

/// What was typed or pasted into the picker.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Typed<'a> {
    /// A name, or a part of one.
    Name(&'a str),
    /// An id at the provider; the text may be a name all the same.
    Id {
        /// The id.
        id: &'a str,
        /// What was typed, if it may be a name.
        name: Option<&'a str>,
    },
}

/// How a name matches, best first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Match {
    Pasted,
    Exact,
    Prefix,
    WordStart,
    Substring,
    Subsequence,
}

/// What decides between two channels: how it matches, whether the app is missing there, how many were chosen later, the
/// place in the alphabet.
type Rank = (Match, bool, u32, u32);

/// What is compared of a channel.
#[derive(Debug, Clone, Copy)]
struct Entry {
    /// Where its folded name ends in the index's text; it starts where the last one ends.
    end: u32,
    /// The letters and digits in it.
    mask: u64,
    absent: bool,
    archived: bool,
}

/// That a channel was not chosen lately.
const NEVER: u32 = u32::MAX;

/// The channels of a workspace, ready to be searched.
#[derive(Debug, Clone, Default)]
pub struct Index {
    /// In the order of the alphabet.
    channels: Vec<Channel>,
    entries: Vec<Entry>,
    names: String,
    /// Places of the channels in the order of their ids at the provider.
    by_id: Vec<u32>,
}

impl Index {
    /// Of all channels of a workspace.
    #[must_use]
    pub fn new(channels: Vec<Channel>) -> Self {
        let mut sorted: Vec<(String, Channel)> =
            channels.into_iter().map(|channel| (fold(&channel.name), channel)).collect();
        sorted.sort_unstable_by(|a, b| (&a.0, &a.1.provider_id).cmp(&(&b.0, &b.1.provider_id)));
        let mut this = Self::default();
        for (name, channel) in sorted {
            this.names.push_str(&name);
            this.entries.push(Entry {
                end: u32::try_from(this.names.len()).unwrap_or(u32::MAX),
                mask: mask(name.as_bytes()),
                absent: !channel.joined,
                archived: channel.archived,
            });
            this.channels.push(channel);
        }
        this.by_id = (0..this.channels.len()).filter_map(|place| u32::try_from(place).ok()).collect();
        let channels = &this.channels;
        this.by_id.sort_unstable_by(|a, b| channels[*a as usize].provider_id.cmp(&channels[*b as usize].provider_id));
        this
    }

    /// How many channels there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.channels.len()
    }

    /// Whether there are none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.channels.is_empty()
    }

    /// The channel with this id at the provider.
    #[must_use]
    pub fn find(&self, provider_id: &str) -> Option<&Channel> {
        self.place(provider_id).map(|place| &self.channels[place as usize])
    }

    /// Where the channel with this id at the provider stands.
    fn place(&self, provider_id: &str) -> Option<u32> {
        let id = |place: &u32| self.channels[*place as usize].provider_id.as_str();
        self.by_id.binary_search_by(|place| id(place).cmp(provider_id)).ok().map(|at| self.by_id[at])
    }

    /// The first [`SHOWN`] channels that match, in sections, and how many match. `recent` are the ids at the provider of those chosen
    /// lately, the last one first. Archived ones are shown only when their id was pasted.
    #[must_use]
    pub fn choices(&self, typed: Typed<'_>, recent: &[String]) -> Choices {
        let (pasted, name) = match typed {
            Typed::Name(name) => (None, Some(name)),
            Typed::Id { id, name } => (Some(id), name),
        };
        let query = name.map(Query::new);
        let all = pasted.is_none() && query.as_ref().is_some_and(|query| query.folded.is_empty());
        let mut chosen: HashMap<u32, u32> = HashMap::new();
        for (id, later) in recent.iter().zip(0..) {
            if let Some(place) = self.place(id) {
                chosen.entry(place).or_insert(later);
            }
        }
        let mut found: Vec<Rank> = Vec::new();
        let mut start = 0;
        for (entry, place) in self.entries.iter().zip(0..) {
            let name = &self.names.as_bytes()[start..entry.end as usize];
            start = entry.end as usize;
            let how = match &query {
                _ if pasted.is_some_and(|id| self.channels[place as usize].provider_id == id) => Some(Match::Pasted),
                Some(query) if !entry.archived => query.find(name, entry.mask),
                _ => None,
            };
            // Where nothing was typed, those chosen lately go before members.
            let Some(how) = how else { continue };
            let chosen = if chosen.is_empty() { NEVER } else { chosen.get(&place).copied().unwrap_or(NEVER) };
            let how = if all && chosen != NEVER { Match::Exact } else { how };
            found.push((how, entry.absent, chosen, place));
        }
        let total = found.len();
        if total > SHOWN {
            found.select_nth_unstable(SHOWN - 1);
            found.truncate(SHOWN);
        }
        found.sort_unstable();
        Choices { sections: self.sections(&found, !all), total, pasted: pasted.map(str::to_owned) }
    }

    /// Puts channels into their sections; `by_rank`, the section with the best one comes first.
    fn sections(&self, found: &[Rank], by_rank: bool) -> Vec<(Section, Vec<Channel>)> {
        let mut sections: Vec<(Section, Vec<Channel>)> = Vec::new();
        for (_, _, chosen, place) in found {
            let channel = &self.channels[*place as usize];
            let section = match (*chosen != NEVER, channel.private) {
                (true, _) => Section::Recent,
                (false, true) => Section::Private,
                (false, false) => Section::Public,
            };
            match sections.iter_mut().find(|(known, _)| *known == section) {
                Some((_, channels)) => channels.push(channel.clone()),
                None => sections.push((section, vec![channel.clone()])),
            }
        }
        if !by_rank {
            sections.sort_by_key(|(section, _)| *section);
        }
        sections
    }
}

/// What was typed, folded.
#[derive(Debug)]
struct Query {
    folded: String,
    /// Without what separates words: letters in order are looked for across words.
    letters: Vec<char>,
    mask: u64,
    letters_mask: u64,
}

impl Query {
    /// A leading `#` and blanks around it do not count.
    fn new(text: &str) -> Self {
        let mut folded = String::new();
        fold_into(text.trim().trim_start_matches('#').trim(), &mut folded);
        let letters: Vec<char> = folded.chars().filter(|c| !is_separator(*c)).collect();
        let letters_mask = mask(letters.iter().collect::<String>().as_bytes());
        Self { mask: mask(folded.as_bytes()), letters_mask, letters, folded }
    }

    fn find(&self, name: &[u8], present: u64) -> Option<Match> {
        let query = self.folded.as_bytes();
        if self.letters_mask & !present != 0 {
            return None;
        }
        if self.mask & !present == 0 && query.len() <= name.len() {
            if name.starts_with(query) {
                return Some(if name.len() == query.len() { Match::Exact } else { Match::Prefix });
            }
            if let Some(found) = within(name, query) {
                return Some(found);
            }
        }
        (!self.letters.is_empty() && in_order(name, &self.letters)).then_some(Match::Subsequence)
    }
}

/// Whether the query stands in a name, and if at the start of a word.
fn within(name: &[u8], query: &[u8]) -> Option<Match> {
    let first = *query.first()?;
    let mut found = None;
    for at in 1..=name.len().checked_sub(query.len())? {
        if name[at] == first && name[at..].starts_with(query) {
            if is_separator(char::from(name[at - 1])) {
                return Some(Match::WordStart);
            }
            found = Some(Match::Substring);
        }
    }
    found
}

/// Whether all letters stand in a name in this order.
fn in_order(name: &[u8], letters: &[char]) -> bool {
    // Names are cut out of one text at the ends of whole names.
    let Ok(name) = std::str::from_utf8(name) else { return false };
    let mut left = letters.iter();
    let mut next = left.next();
    for c in name.chars() {
        if next == Some(&c) {
            next = left.next();
        }
    }
    next.is_none()
}

const fn is_separator(c: char) -> bool {
    matches!(c, '-' | '_' | '.' | ' ')
}

/// A bit for each letter and digit, one for `-`, one for `_`, and one for all else.
fn mask(text: &[u8]) -> u64 {
    text.iter().fold(0, |mask, byte| {
        let bit = match byte {
            b'a'..=b'z' => byte - b'a',
            b'0'..=b'9' => byte - b'0' + 26,
            b'-' => 36,
            b'_' => 37,
            // The bytes of other scripts, spread a little.
            0x80.. => 39 + (byte & 15),
            _ => 38,
        };
        mask | (1 << bit)
    })
}

#[cfg(test)]
mod tests;
