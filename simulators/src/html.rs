//! The frame of every page that people see: plain HTML that works without scripts and says that it is a simulator.

use std::fmt::Write as _;

/// Text as it may stand in HTML, in an attribute too.
pub(crate) fn escape(text: &str) -> String {
    let mut safe = String::with_capacity(text.len());
    for character in text.chars() {
        match character {
            '&' => safe.push_str("&amp;"),
            '<' => safe.push_str("&lt;"),
            '>' => safe.push_str("&gt;"),
            '"' => safe.push_str("&quot;"),
            '\'' => safe.push_str("&#39;"),
            other => safe.push(other),
        }
    }
    safe
}

/// A hidden field of a form.
pub(crate) fn hidden(name: &str, value: &str) -> String {
    format!(r#"<input type="hidden" name="{}" value="{}">"#, escape(name), escape(value))
}

/// A form of one button that does one thing; `fields` are its hidden ones.
pub(crate) fn button(action: &str, fields: &[(&str, &str)], label: &str) -> String {
    let hidden = fields.iter().fold(String::new(), |mut all, (name, value)| {
        write!(all, "{}", hidden(name, value)).expect("a String takes all");
        all
    });
    format!(r#"<form method="post" action="{action}" class="inline">{hidden}<button>{}</button></form>"#, escape(label))
}

/// A whole page. `provider` is the name of what is simulated.
pub(crate) fn page(provider: &str, title: &str, body: &str) -> String {
    format!(
        r#"<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<title>{title} · {provider} simulator</title><link rel="icon" href="data:,"><style>{STYLE}</style></head>
<body><p class="banner" role="note"><strong>{provider} simulator.</strong> This is not {provider}: no account is needed, nothing
leaves this machine.</p><main>{body}</main></body></html>"#,
        title = escape(title),
        provider = escape(provider),
    )
}

const STYLE: &str = "
:root{color-scheme:light dark;--line:#8884;--soft:#8881}
body{font:15px/1.5 system-ui,sans-serif;margin:0}
.banner{margin:0;padding:.6rem 1rem;background:#ffd60a;color:#1a1a00}
main{max-width:60rem;margin:1.5rem auto;padding:0 1rem}
h1{font-size:1.4rem}h2{font-size:1.1rem;margin-top:2rem}
table{border-collapse:collapse;width:100%}td,th{text-align:left;padding:.3rem .5rem;border-bottom:1px solid var(--line);
vertical-align:top;overflow-wrap:anywhere}
.acts{margin:.8rem 0}form.inline{display:inline}button,input,select{font:inherit;padding:.25rem .6rem}
button.primary{background:#007a5a;color:#fff;border:0;border-radius:.3rem;padding:.5rem 1.4rem}
fieldset{border:1px solid var(--line);border-radius:.4rem;margin:1rem 0}label{display:block;margin:.3rem 0}
label.inline{display:inline}
.message{border:1px solid var(--line);border-radius:.4rem;padding:.6rem .9rem;margin:.8rem 0}
.message header{font-size:1.05rem;font-weight:700}.context,.meta{font-size:.85rem;opacity:.8}
.fields{display:grid;grid-template-columns:1fr 1fr;gap:.3rem 1rem}
pre{background:var(--soft);padding:.6rem;overflow:auto;white-space:pre-wrap}code{background:var(--soft)}
.bad{color:#c1121f}
";

#[cfg(test)]
mod tests {
    use super::{escape, page};

    #[test]
    fn what_others_wrote_cannot_leave_its_place() {
        assert_eq!(escape(r#"<a b="c">&'"#), "&lt;a b=&quot;c&quot;&gt;&amp;&#39;");
        assert!(page("Slack", "<x>", "").contains("<title>&lt;x&gt; · Slack simulator</title>"));
    }
}
