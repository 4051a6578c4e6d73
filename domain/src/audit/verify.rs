//! Checking an export of the audit log offline: without a database, a network or this installation's keys.
//!
//! What this shows: the entries from the first sequence to the last are complete, in order and as they were recorded, given that
//! the last hash is the one that was noted elsewhere. What it cannot show by itself: that nothing was cut off at the end, or that
//! somebody who can write to the database did not make the whole chain anew. Only a hash that is kept elsewhere tells.

use std::io::BufRead;

use super::chain::{self, Hash};
use super::csv::{self, Lines};

/// What an export that fits together holds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Verified {
    /// The organization's id; empty for the installation's own log.
    pub org_id: String,
    /// Entries from before the chain, which nothing protects.
    pub unchained: u64,
    /// The sequence of the first entry: 1, unless older ones are not in the export.
    pub first: i64,
    /// The hash of the entry before the first; zeros where the first is the first of all.
    pub anchor: String,
    /// The sequence of the last entry.
    pub last: i64,
    /// The hash of the last entry, to be compared with one that is kept elsewhere.
    pub last_hash: String,
}

/// Why an export cannot be relied on.
#[derive(Debug, thiserror::Error)]
pub enum Fault {
    /// The first line that does not fit.
    #[error("line {line}: {what}")]
    Line {
        /// Its number in the file, from 1 on.
        line: u64,
        /// What is wrong with it.
        what: String,
    },
    /// There is nothing to verify.
    #[error("it holds no entry with a hash, so that nothing can be verified")]
    Nothing,
    /// It cannot be read.
    #[error("it cannot be read")]
    Unreadable(#[from] std::io::Error),
}

/// Where the reader is in the chain.
struct Reader {
    org_id: Option<String>,
    unchained: u64,
    begin: Option<(i64, Hash)>,
    end: Option<(i64, Hash)>,
}

/// Verifies an export from its first line to its last.
///
/// # Errors
/// The first line that does not fit, and why.
pub fn verify(input: impl BufRead) -> Result<Verified, Fault> {
    let mut lines = Lines::new(input);
    let head = lines.next()?.map(|(_, line)| line).unwrap_or_default();
    // An editor may have put a mark before it, and other line breaks into it.
    if head.trim_start_matches('\u{feff}').trim_end() != csv::head().trim_end() {
        return Err(Fault::Line { line: 1, what: format!("is not the head of an export: {}", csv::head().trim_end()) });
    }
    let mut reader = Reader { org_id: None, unchained: 0, begin: None, end: None };
    while let Some((line, text)) = lines.next()? {
        let cells = csv::cells(&text).map_err(|what| Fault::Line { line, what: what.to_owned() })?;
        reader.take(&cells).map_err(|what| Fault::Line { line, what })?;
    }
    let (Some((first, anchor)), Some((last, last_hash))) = (reader.begin, reader.end) else {
        return Err(Fault::Nothing);
    };
    Ok(Verified {
        org_id: reader.org_id.unwrap_or_default(),
        unchained: reader.unchained,
        first,
        anchor: chain::to_hex(&anchor),
        last,
        last_hash: chain::to_hex(&last_hash),
    })
}

impl Reader {
    /// Takes the next line; answers what is wrong with it.
    fn take(&mut self, cells: &[String]) -> Result<(), String> {
        let Some((fields, [previous, own])) = cells.split_first_chunk::<{ chain::FIELDS.len() }>() else {
            return Err(format!("has {} cells instead of {}", cells.len(), csv::COLUMNS));
        };
        let [sequence, id, org_id, ..] = fields;
        if self.org_id.get_or_insert_with(|| org_id.clone()) != org_id {
            return Err(format!("is about another organization ({org_id:?}) than the lines before"));
        }
        if sequence.is_empty() && previous.is_empty() && own.is_empty() {
            if self.end.is_some() {
                return Err(format!(
                    "has no hash, although the chain has begun before it: entry {id} was put in or its hash taken away"
                ));
            }
            self.unchained += 1;
            return Ok(());
        }
        let sequence = number(sequence).ok_or_else(|| format!("has {sequence:?} where its sequence should be"))?;
        let (Some(previous), Some(own)) = (chain::from_hex(previous), chain::from_hex(own)) else {
            return Err(format!("entry {sequence} has no hash of 64 hexadecimal digits before it or of its own"));
        };
        self.fits(sequence, &previous)?;
        if chain::hash(&previous, fields) != own {
            return Err(format!("entry {sequence} does not give its hash: something in it was changed"));
        }
        self.begin.get_or_insert((sequence, previous));
        self.end = Some((sequence, own));
        Ok(())
    }

    /// Whether an entry of this sequence and hash before it can come next.
    fn fits(&self, sequence: i64, previous: &Hash) -> Result<(), String> {
        match &self.end {
            Some((last, _)) if sequence > last + 1 => {
                let missing = sequence - last - 1;
                let entries = if missing == 1 { "entry is" } else { "entries are" };
                Err(format!(
                    "entry {sequence} comes after {last}: {missing} {entries} missing (or this is the export of a filtered log)"
                ))
            }
            Some((last, _)) if sequence <= *last => {
                Err(format!("entry {sequence} comes after {last}: lines were moved, or are there twice"))
            }
            Some((last, hash)) if hash != previous => {
                Err(format!("entry {sequence} does not continue entry {last}: one of the two was replaced"))
            }
            Some(_) => Ok(()),
            None if sequence == 1 && *previous != chain::START => {
                Err("entry 1 is the first of all, but has the hash of one before it".to_owned())
            }
            None if sequence != 1 && self.unchained > 0 => Err(format!(
                "entry {sequence} comes after entries from before the chain, which go on with entry 1: entries are missing"
            )),
            None => Ok(()),
        }
    }
}

/// A sequence as we write it.
fn number(text: &str) -> Option<i64> {
    text.parse().ok().filter(|number: &i64| *number >= 1 && number.to_string() == text)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::audit::AuditEntry;
    use crate::id::{AuditId, OrgId};
    use crate::time::Timestamp;

    fn org() -> OrgId {
        OrgId::new(1, [1; 10])
    }

    fn entry(number: i64) -> AuditEntry {
        AuditEntry {
            id: AuditId::new(number, [2; 10]),
            org_id: Some(org()),
            created_at: Timestamp(number * 1000),
            actor: "system".into(),
            actor_name: "=Dana, \"D\"".into(),
            acted_as: Some("owner".into()),
            action: "connection.refreshed".into(),
            target: None,
            note: Some(format!("two\r\nlines, {number}")),
            ip: None,
            sequence: None,
            previous_hash: None,
            hash: None,
        }
    }

    /// Lines of entries that are chained from 1 on, the first so many of them from before the chain.
    fn export(unchained: i64, chained: i64) -> Vec<String> {
        let mut last = chain::START;
        let old = (1..=unchained).map(|number| csv::line(&entry(number)));
        let mut lines = vec![csv::head()];
        lines.extend(old);
        for sequence in 1..=chained {
            let mut entry = AuditEntry { sequence: Some(sequence), ..entry(unchained + sequence) };
            entry.previous_hash = Some(chain::to_hex(&last));
            last = chain::hash(&last, &chain::fields(&entry));
            entry.hash = Some(chain::to_hex(&last));
            lines.push(csv::line(&entry));
        }
        lines
    }

    fn check(lines: &[String]) -> Result<Verified, String> {
        verify(lines.concat().as_bytes()).map_err(|fault| fault.to_string())
    }

    #[test]
    fn an_export_verifies_and_tells_where_it_begins_and_ends() {
        let lines = export(2, 5);
        let whole = check(&lines).expect("it fits");
        assert_eq!((whole.unchained, whole.first, whole.last), (2, 1, 5));
        assert_eq!((whole.org_id.as_str(), whole.anchor), (org().as_str(), "0".repeat(64)));
        assert!(lines[7].contains(&whole.last_hash));

        // Older entries may be gone: the rest says with which hash it begins.
        let lines = export(0, 5);
        let rest = check(&[&lines[..1], &lines[3..]].concat()).expect("it fits");
        assert_eq!((rest.first, rest.last, rest.last_hash), (3, 5, check(&lines).expect("it fits").last_hash));
        assert!(lines[2].contains(&rest.anchor), "the hash of entry 2");
    }

    #[test]
    fn line_breaks_and_a_mark_that_an_editor_puts_in_do_no_harm() {
        let text = format!("\u{feff}{}", export(0, 2).concat());
        assert!(verify(text.as_bytes()).is_ok());
    }

    #[test]
    fn the_first_line_that_does_not_fit_is_named() {
        let lines = export(1, 4);
        // Each entry takes two lines of the file, for the line break in its note.
        let without = |at: usize| [&lines[..at], &lines[at + 1..]].concat();
        let with = |at: usize, from: &str, to: &str| {
            let mut changed = lines.clone();
            assert!(changed[at].contains(from), "{}", changed[at]);
            changed[at] = changed[at].replacen(from, to, 1);
            changed
        };
        let mut swapped = lines.clone();
        swapped.swap(3, 4);
        let mut doubled = lines.clone();
        doubled.insert(4, lines[3].clone());
        let mut blanked = lines.clone();
        blanked[3] = lines[1].clone();
        let own = |line: &str| line.trim_end().rsplit(',').next().expect("a hash").to_owned();
        let cases: [(&str, Vec<String>, &str); 13] = [
            ("content", with(3, "owner", "member"), "line 6: entry 2 does not give its hash"),
            ("a moved border", with(3, "two", "tw"), "line 6: entry 2 does not give its hash"),
            ("a gap", without(3), "line 6: entry 3 comes after 1: 1 entry is missing"),
            ("a gap at the front", without(2), "line 4: entry 2 comes after entries from before the chain"),
            ("order", swapped, "line 6: entry 3 comes after 1"),
            ("twice", doubled, "line 8: entry 2 comes after 2: lines were moved"),
            ("a hash taken away", blanked, "line 6: has no hash, although the chain has begun"),
            ("another last hash", with(3, &own(&lines[3]), &"ab".repeat(32)), "line 6: entry 2 does not give its hash"),
            (
                "another hash before",
                with(3, &own(&lines[2]), &"ab".repeat(32)),
                "line 6: entry 2 does not continue entry 1",
            ),
            ("another organization", with(3, org().as_str(), "org_x"), "line 6: is about another organization"),
            ("no first entry", with(2, &"0".repeat(64), &"ab".repeat(32)), "line 4: entry 1 is the first of all"),
            ("a sequence that is no number", with(3, "2,", "+2,"), "line 6: has \"+2\" where its sequence should be"),
            ("another head", with(0, "actor_name", "name"), "line 1: is not the head of an export"),
        ];
        for (name, changed, fault) in cases {
            let found = check(&changed).expect_err(name);
            assert!(found.starts_with(fault), "{name}: {found}");
        }
        let mut cut = lines.clone();
        cut[4] = "3,aud".into();
        cut.truncate(5);
        assert_eq!(check(&cut).expect_err("cut"), "line 8: has 2 cells instead of 13");
        assert!(check(&lines[..2]).expect_err("only old entries").starts_with("it holds no entry"));
        assert!(check(&[]).expect_err("nothing").starts_with("line 1"));
    }
}
