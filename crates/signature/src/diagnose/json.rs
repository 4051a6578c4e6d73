//! JSON as text: read without losing a character. `rewrite` writes it again as others would.
//!
//! Numbers and strings keep their exact spelling. Nothing here knows signatures.

/// Deeper nesting is not read.
const DEEPEST: usize = 100;

/// A value whose leaves are pieces of the text it was read from.
#[derive(Debug, PartialEq)]
pub(super) enum Json<'a> {
    /// A number, `true`, `false` or `null`, as spelt.
    Literal(&'a str),
    /// What stands between the quotes of a string, as spelt.
    Text(&'a str),
    List(Vec<Json<'a>>),
    Map(Vec<(&'a str, Json<'a>)>),
}

/// Reads a whole text as one value.
pub(super) fn read(text: &str) -> Option<Json<'_>> {
    let mut reader = Reader { text, at: 0 };
    let value = reader.value(0)?;
    reader.blanks();
    (reader.at == text.len()).then_some(value)
}

struct Reader<'a> {
    text: &'a str,
    at: usize,
}

impl<'a> Reader<'a> {
    fn blanks(&mut self) {
        let rest = &self.text[self.at..];
        self.at = self.text.len() - rest.trim_start_matches([' ', '\t', '\r', '\n']).len();
    }

    /// Skips blanks and takes this character, if it is the next.
    fn take(&mut self, wanted: char) -> Option<()> {
        self.blanks();
        self.text[self.at..].starts_with(wanted).then(|| self.at += wanted.len_utf8())
    }

    fn value(&mut self, depth: usize) -> Option<Json<'a>> {
        self.blanks();
        match self.text[self.at..].bytes().next()? {
            _ if depth > DEEPEST => None,
            b'{' => self.map(depth + 1),
            b'[' => self.list(depth + 1),
            b'"' => self.string().map(Json::Text),
            _ => self.literal(),
        }
    }

    fn list(&mut self, depth: usize) -> Option<Json<'a>> {
        self.take('[')?;
        let mut items = Vec::new();
        if self.take(']').is_some() {
            return Some(Json::List(items));
        }
        loop {
            items.push(self.value(depth)?);
            if self.take(']').is_some() {
                return Some(Json::List(items));
            }
            self.take(',')?;
        }
    }

    fn map(&mut self, depth: usize) -> Option<Json<'a>> {
        self.take('{')?;
        let mut entries = Vec::new();
        if self.take('}').is_some() {
            return Some(Json::Map(entries));
        }
        loop {
            let name = self.string()?;
            self.take(':')?;
            entries.push((name, self.value(depth)?));
            if self.take('}').is_some() {
                return Some(Json::Map(entries));
            }
            self.take(',')?;
        }
    }

    fn string(&mut self) -> Option<&'a str> {
        self.take('"')?;
        let start = self.at;
        let mut escaped = false;
        for (offset, byte) in self.text[start..].bytes().enumerate() {
            match byte {
                _ if escaped => escaped = false,
                b'\\' => escaped = true,
                b'"' => {
                    self.at = start + offset + 1;
                    return Some(&self.text[start..start + offset]);
                }
                0..0x20 => return None,
                _ => {}
            }
        }
        None
    }

    fn literal(&mut self) -> Option<Json<'a>> {
        let rest = &self.text[self.at..];
        let end = rest.find(|c: char| !c.is_ascii_alphanumeric() && !"+-.".contains(c)).unwrap_or(rest.len());
        let word = &rest[..end];
        let known = matches!(word, "true" | "false" | "null")
            || (word.starts_with(|c: char| c == '-' || c.is_ascii_digit()) && word.parse::<f64>().is_ok());
        known.then(|| {
            self.at += end;
            Json::Literal(word)
        })
    }
}

impl Json<'_> {
    /// Whether every object with enough keys to tell, and at least one, has them in alphabetical order.
    pub(super) fn looks_sorted(&self) -> bool {
        fn all_sorted(value: &Json<'_>, telling: &mut usize) -> bool {
            match value {
                Json::Literal(_) | Json::Text(_) => true,
                Json::List(items) => items.iter().all(|item| all_sorted(item, telling)),
                Json::Map(entries) => {
                    *telling += usize::from(entries.len() > 2);
                    entries.is_sorted_by_key(|(name, _)| *name)
                        && entries.iter().all(|(_, value)| all_sorted(value, telling))
                }
            }
        }
        let mut telling = 0;
        all_sorted(self, &mut telling) && telling > 0
    }

    /// The entries, if this is an object.
    pub(super) fn entries(&self) -> &[(&str, Json<'_>)] {
        match self {
            Json::Map(entries) => entries,
            _ => &[],
        }
    }
}

/// What a string means. `None` where it has no meaning as text, such as half a surrogate pair.
pub(super) fn unescape(raw: &str) -> Option<String> {
    let mut units: Vec<u16> = Vec::with_capacity(raw.len());
    let mut chars = raw.chars();
    while let Some(c) = chars.next() {
        let meant = match c {
            '\\' => match chars.next()? {
                'n' => '\n',
                'r' => '\r',
                't' => '\t',
                'b' => '\u{8}',
                'f' => '\u{c}',
                'u' => {
                    let digits = chars.as_str().get(..4)?;
                    units.push(u16::from_str_radix(digits, 16).ok()?);
                    chars = chars.as_str()[4..].chars();
                    continue;
                }
                other @ ('"' | '\\' | '/') => other,
                _ => return None,
            },
            other => other,
        };
        units.extend_from_slice(meant.encode_utf16(&mut [0; 2]));
    }
    String::from_utf16(&units).ok()
}
