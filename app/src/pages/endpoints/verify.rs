//! "Verify it in your code": the receiver's side in the languages people ask for. The programs are those of the
//! `signature` crate, whose tests run them. Drawn on the server; `verify_panel` shows it.

use leptos::prelude::*;
use signature::VERIFY_CODE;

use crate::components::Icon;

/// How a language of [`VERIFY_CODE`] is shown.
struct Sample {
    slug: &'static str,
    /// The id of its tab; the class of its panel names it too.
    tab: &'static str,
    panel: &'static str,
    /// What its comments start with.
    comment: &'static str,
    /// Its words to colour.
    words: &'static [&'static str],
}

impl Sample {
    /// Its name and its code.
    fn offered(&self) -> (&'static str, &'static str) {
        let found = VERIFY_CODE.iter().find(|(slug, ..)| *slug == self.slug);
        found.map_or(("", ""), |(_, name, code)| (*name, *code))
    }
}

/// The languages, in the order of their tabs.
const SAMPLES: &[Sample] = &[
    Sample {
        slug: "python",
        tab: "verify-python",
        panel: "relative hidden group-has-[#verify-python:checked]:block",
        comment: "#",
        words: &["import", "def", "return", "if", "for", "in", "not", "or", "and"],
    },
    Sample {
        slug: "javascript",
        tab: "verify-javascript",
        panel: "relative hidden group-has-[#verify-javascript:checked]:block",
        comment: "//",
        words: &["import", "from", "export", "function", "return", "if", "for", "of", "const", "let", "new"],
    },
    Sample {
        slug: "rust",
        tab: "verify-rust",
        panel: "relative hidden group-has-[#verify-rust:checked]:block",
        comment: "//",
        words: &["use", "pub", "fn", "let", "mut", "match", "if", "for", "in", "return", "move"],
    },
    Sample {
        slug: "go",
        tab: "verify-go",
        panel: "relative hidden group-has-[#verify-go:checked]:block",
        comment: "//",
        words: &["package", "import", "func", "return", "if", "for", "range", "nil", "true", "false"],
    },
    Sample {
        slug: "php",
        tab: "verify-php",
        panel: "relative hidden group-has-[#verify-php:checked]:block",
        comment: "//",
        words: &["function", "return", "if", "foreach", "as"],
    },
    Sample {
        slug: "ruby",
        tab: "verify-ruby",
        panel: "relative hidden group-has-[#verify-ruby:checked]:block",
        comment: "#",
        words: &["require", "def", "return", "do", "end", "next", "unless", "if"],
    },
    Sample {
        slug: "shell",
        tab: "verify-shell",
        panel: "relative hidden group-has-[#verify-shell:checked]:block",
        comment: "#",
        words: &["set", "local", "if", "for", "in", "do", "done", "return", "trap", "printf", "openssl"],
    },
];

/// A piece of code and its colour: `k`eyword, `s`tring, faint for a comment, or none.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Piece<'a> {
    text: &'a str,
    class: &'static str,
}

/// Splits code into coloured pieces: comments of whole lines or behind a space, strings, words.
fn colour<'a>(code: &'a str, comment: &str, words: &[&str]) -> Vec<Piece<'a>> {
    let mut pieces: Vec<Piece<'a>> = Vec::new();
    let (mut rest, mut plain) = (code, 0);
    let mut before = '\n';
    let flush = |pieces: &mut Vec<Piece<'a>>, upto: usize, from: usize| {
        if upto > from {
            pieces.push(Piece { text: &code[from..upto], class: "" });
        }
    };
    while let Some(first) = rest.chars().next() {
        let at = code.len() - rest.len();
        let is_word = |c: char| c.is_alphanumeric() || c == '_';
        let (length, class) = if rest.starts_with(comment) && before.is_whitespace() {
            (rest.find('\n').unwrap_or(rest.len()), "faint")
        } else if first == '"' || first == '\'' {
            (rest[1..].find([first, '\n']).map_or(rest.len(), |end| end + 2), "s")
        } else if is_word(first) {
            let length = rest.find(|c| !is_word(c)).unwrap_or(rest.len());
            (length, if words.contains(&&rest[..length]) { "k" } else { "" })
        } else {
            (first.len_utf8(), "")
        };
        if !class.is_empty() {
            flush(&mut pieces, at, plain);
            pieces.push(Piece { text: &rest[..length], class });
            plain = at + length;
        }
        before = rest[..length].chars().next_back().unwrap_or(' ');
        rest = &rest[length..];
    }
    flush(&mut pieces, code.len(), plain);
    pieces
}

/// The panel: one language at a time. The tabs are radio buttons and the style sheet does the rest, so it works
/// without scripts and by the arrow keys.
#[must_use]
pub fn draw() -> String {
    let tabs = SAMPLES.iter().enumerate().map(|(index, sample)| tab(index == 0, sample)).collect_view();
    let panels = SAMPLES.iter().map(panel).collect_view();
    view! {
        <section class="panel pad stack gap-2 group" aria-labelledby="verify-title">
            <h2 id="verify-title">"Verify it in your code"</h2>
            <p class="help">"Every request is signed after the Standard Webhooks specification. Check it before you trust the body. Each program is complete: take over its function verify."</p>
            <div class="tabs" role="radiogroup" aria-label="Language">{tabs}</div>
            {panels}
            <p class="help">
                "Also sent: "<code>"X-Webhook-Signature"</code>", hex HMAC-SHA256 over "<code>"timestamp.body"</code>
                " with the whole secret as key."
            </p>
        </section>
    }
    .to_html()
}

fn tab(first: bool, sample: &'static Sample) -> impl IntoView {
    view! {
        <label class="relative has-checked:text-ink has-checked:font-[560] has-checked:shadow-[inset_0_-2px_0_var(--accent)] has-focus-visible:outline-2 -outline-offset-2 outline-focus">
            <input type="radio" class="sr-only" name="verify" id=sample.tab checked=first />
            {sample.offered().0}
        </label>
    }
}

fn panel(sample: &'static Sample) -> impl IntoView {
    let (language, code) = sample.offered();
    let pieces = colour(code, sample.comment, sample.words)
        .into_iter()
        .map(|piece| {
            if piece.class.is_empty() {
                piece.text.into_any()
            } else {
                view! { <span class=piece.class>{piece.text}</span> }.into_any()
            }
        })
        .collect_view();
    view! {
        <div class=sample.panel>
            <pre class="mono json max-h-[460px] overflow-auto" tabindex="0" role="region" aria-label=format!("Code in {language}")>{pieces}</pre>
            <div class="absolute right-1.5 top-1.5 rounded-md bg-sunken">
                <button type="button" class="btn small quiet square js-only" data-copy="" aria-label="Copy"><Icon name="copy" /></button>
            </div>
        </div>
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn colouring_loses_no_character() {
        for sample in SAMPLES {
            let (_, code) = sample.offered();
            let whole: String = colour(code, sample.comment, sample.words).iter().map(|piece| piece.text).collect();
            assert_eq!(whole, code, "{}", sample.slug);
        }
    }

    #[test]
    fn the_panel_holds_every_program_as_text() {
        let html = draw();
        assert_eq!(html.matches("data-copy").count(), VERIFY_CODE.len());
        assert!(html.contains("Verify it in your code") && !html.contains("<?php"), "code is escaped");
    }

    #[test]
    fn every_language_that_is_offered_has_a_tab() {
        let shown: std::collections::HashSet<_> = SAMPLES.iter().map(|sample| sample.slug).collect();
        let offered: std::collections::HashSet<_> = VERIFY_CODE.iter().map(|(slug, ..)| *slug).collect();
        assert_eq!(shown, offered);
        for sample in SAMPLES {
            assert_eq!(sample.tab, format!("verify-{}", sample.slug));
            assert!(sample.panel.contains(&format!("#{}:checked", sample.tab)) && !sample.offered().1.is_empty());
        }
    }

    #[test]
    fn words_strings_and_comments_are_told_apart() {
        let pieces = colour("use a; // \"b\"\nlet c = \"use\";", "//", &["use", "let"]);
        let classes: Vec<_> =
            pieces.iter().filter(|piece| !piece.class.is_empty()).map(|piece| (piece.text, piece.class)).collect();
        assert_eq!(classes, [("use", "k"), ("// \"b\"", "faint"), ("let", "k"), ("\"use\"", "s")]);
    }
}
