//! Folding names, so that `Équipe Ventes` is found as `equipe-ventes`: lower case, accents of Latin letters gone, blanks as
//! `-`. A table instead of Unicode's decomposition: names are short, and what it does not know stays as it is.

/// Letters and what they become; the letter itself is lower case.
const LATIN: [(&str, &str); 24] = [
    ("àáâãäåāăą", "a"),
    ("çćĉċč", "c"),
    ("ďđð", "d"),
    ("èéêëēĕėęě", "e"),
    ("ĝğġģ", "g"),
    ("ĥħ", "h"),
    ("ìíîïĩīĭįı", "i"),
    ("ĵ", "j"),
    ("ķ", "k"),
    ("ĺļľŀł", "l"),
    ("ñńņňŋ", "n"),
    ("òóôõöøōŏő", "o"),
    ("ŕŗř", "r"),
    ("śŝşšș", "s"),
    ("ţťŧț", "t"),
    ("ùúûüũūŭůűų", "u"),
    ("ŵ", "w"),
    ("ýÿŷ", "y"),
    ("źżž", "z"),
    ("ß", "ss"),
    ("æ", "ae"),
    ("œ", "oe"),
    ("þ", "th"),
    ("ĳ", "ij"),
];

/// Appends the folded text.
pub(super) fn fold_into(text: &str, folded: &mut String) {
    for c in text.chars() {
        if c.is_ascii() {
            folded.push(if c.is_ascii_whitespace() { '-' } else { c.to_ascii_lowercase() });
        } else {
            c.to_lowercase().for_each(|lower| fold_char(lower, folded));
        }
    }
}

/// The folded text.
pub(super) fn fold(text: &str) -> String {
    let mut folded = String::with_capacity(text.len());
    fold_into(text, &mut folded);
    folded
}

fn fold_char(c: char, folded: &mut String) {
    match c {
        // Accents that stand behind their letter, as macOS writes them.
        '\u{300}'..='\u{36f}' => {}
        _ if c.is_whitespace() => folded.push('-'),
        '\u{df}'..='\u{21b}' => match LATIN.iter().find(|(letters, _)| letters.contains(c)) {
            Some((_, plain)) => folded.push_str(plain),
            None => folded.push(c),
        },
        _ => folded.push(c),
    }
}

#[cfg(test)]
mod tests {
    use super::fold;

    #[test]
    fn case_accents_and_blanks_do_not_count() {
        for (text, folded) in [
            ("Équipe Ventes", "equipe-ventes"),
            ("STRASSE straße", "strasse-strasse"),
            ("Smørrebrød Åse Łódź", "smorrebrod-ase-lodz"),
            ("e\u{301}te\u{301}", "ete"),
            ("İstanbul", "istanbul"),
            ("Ærø Œuvre Þór", "aero-oeuvre-thor"),
            ("開発-チーム", "開発-チーム"),
            ("ПРОДАЖИ", "продажи"),
            ("", ""),
        ] {
            assert_eq!(fold(text), folded, "{text}");
            assert_eq!(fold(folded), folded, "{text} twice");
        }
    }
}
