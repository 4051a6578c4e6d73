//! Finds secrets in payloads: passwords, tokens, card numbers. Events go to many receivers and stay in the
//! log, so what must not be seen must not be accepted.
//!
//! One pass over the bytes of JSON that has been validated already: no tree is built, and the path is put
//! together only when something is found. A field is a secret by its name ([`keys`]) or by the shape of its
//! value ([`values`]). Both err on the side of letting pass: a refused honest event costs its sender more than
//! a missed secret that nobody promised to find.

mod keys;
mod values;

use keys::Named;

/// The deepest nesting that is accepted.
pub const MAX_DEPTH: usize = 64;

/// A key in a path is cut after so many characters.
const LONGEST_SHOWN: usize = 80;

/// The payload is nested deeper than [`MAX_DEPTH`] levels.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("is nested deeper than {MAX_DEPTH} levels")]
pub struct TooDeep;

/// The path of the first field that looks like a secret (`data.customer.password`, `data.items[3].token`),
/// with what it looks like (`a password`).
///
/// `data` must be valid JSON; of other text the answer means nothing, but comes all the same.
///
/// # Errors
/// The payload is nested too deeply.
pub fn find(data: &str) -> Result<Option<(String, &'static str)>, TooDeep> {
    let mut scanner = Scanner { text: data, at: 0, levels: Vec::with_capacity(16) };
    let found = scanner.run()?;
    Ok(found.map(|what| (scanner.path(), what)))
}

/// An object or a list that has been entered.
struct Level<'a> {
    /// The key that stands before the next value, raw; none in a list.
    key: Option<&'a str>,
    /// What that key says of its value.
    named: Option<Named>,
    /// What the key before this level says of all in it.
    inherited: Option<Named>,
    /// The place of the next value in a list; none in an object.
    index: Option<usize>,
    /// Whether a key comes next.
    expects_key: bool,
}

struct Scanner<'a> {
    text: &'a str,
    at: usize,
    levels: Vec<Level<'a>>,
}

impl<'a> Scanner<'a> {
    fn run(&mut self) -> Result<Option<&'static str>, TooDeep> {
        let bytes = self.text.as_bytes();
        while let Some(&byte) = bytes.get(self.at) {
            self.at += 1;
            match byte {
                b'{' => self.enter(None)?,
                b'[' => self.enter(Some(0))?,
                b'}' | b']' => drop(self.levels.pop()),
                b',' => {
                    if let Some(level) = self.levels.last_mut() {
                        level.expects_key = level.index.is_none();
                        level.index = level.index.map(|index| index + 1);
                    }
                }
                b'"' => {
                    let string = self.string();
                    if let Some(what) = self.take(string) {
                        return Ok(Some(what));
                    }
                }
                b'-' | b'0'..=b'9' => {
                    let number = self.number();
                    if let Some(what) = self.named().and_then(|named| named.number(number)) {
                        return Ok(Some(what));
                    }
                }
                _ => {}
            }
        }
        Ok(None)
    }

    fn enter(&mut self, index: Option<usize>) -> Result<(), TooDeep> {
        if self.levels.len() == MAX_DEPTH {
            return Err(TooDeep);
        }
        let inherited = self.named();
        self.levels.push(Level { key: None, named: None, inherited, index, expects_key: index.is_none() });
        Ok(())
    }

    /// A whole string is a key or a value; says what a secret value looks like.
    fn take(&mut self, string: &'a str) -> Option<&'static str> {
        match self.levels.last_mut() {
            Some(level) if level.expects_key => {
                level.expects_key = false;
                level.key = Some(string);
                // `"password": {"from": …, "to": …}` is as telling as `"password": …`.
                level.named = keys::read(string).or(level.inherited.filter(|_| keys::is_wrapper(string)));
                None
            }
            _ => {
                let named = self.named();
                named.and_then(|named| named.text(string)).or_else(|| values::find(string, named))
            }
        }
    }

    /// What the names on the way say of the value that comes next.
    fn named(&self) -> Option<Named> {
        let level = self.levels.last()?;
        if level.index.is_some() { level.inherited } else { level.named }
    }

    /// The rest of a string whose opening quote has been read, raw; stands behind the closing quote then.
    fn string(&mut self) -> &'a str {
        let rest = &self.text.as_bytes()[self.at..];
        let mut end = 0;
        while let Some(&byte) = rest.get(end) {
            match byte {
                b'"' => break,
                b'\\' => end += 2,
                _ => end += 1,
            }
        }
        let end = end.min(rest.len());
        let string = self.text.get(self.at..self.at + end).unwrap_or_default();
        self.at = (self.at + end + 1).min(self.text.len());
        string
    }

    /// The number whose first byte has been read.
    fn number(&mut self) -> &'a str {
        let start = self.at - 1;
        let rest = &self.text.as_bytes()[self.at..];
        self.at += rest
            .iter()
            .position(|b| !matches!(b, b'0'..=b'9' | b'.' | b'e' | b'E' | b'+' | b'-'))
            .unwrap_or(rest.len());
        self.text.get(start..self.at).unwrap_or_default()
    }

    /// Where the scanner stands, as people write it.
    fn path(&self) -> String {
        let mut path = String::from("data");
        for level in &self.levels {
            match (level.index, level.key) {
                (Some(index), _) => path.push_str(&format!("[{index}]")),
                (None, Some(key)) => {
                    let key: String = keys::decoded(key).chars().take(LONGEST_SHOWN).collect();
                    if key.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'_' | b'-' | b'$'))
                        && !key.is_empty()
                    {
                        path.push('.');
                        path.push_str(&key);
                    } else {
                        path.push_str(&format!("[{key:?}]"));
                    }
                }
                (None, None) => {}
            }
        }
        path
    }
}

#[cfg(test)]
mod tests;
