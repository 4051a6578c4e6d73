//! An attempt as a command for the shell, quoted so that nothing in it is ever run.

use domain::delivery::Attempt;

/// Headers that curl sets by itself.
const OWN: &[&str] = &["host", "content-length", "accept", "connection", "accept-encoding"];

/// A word for a POSIX shell: in single quotes, where nothing has a meaning.
#[must_use]
pub fn quote(text: &str) -> String {
    format!("'{}'", text.replace('\'', r"'\''"))
}

/// The command that sends what the attempt sent. Values that are masked in the record stay masked.
#[must_use]
pub fn command(attempt: &Attempt, body: &str) -> String {
    let mut out = format!("curl -i -X POST {}", quote(&attempt.url));
    for (name, value) in &attempt.request_headers {
        if !OWN.contains(&name.to_ascii_lowercase().as_str()) {
            // `Name;` is how curl is told to send an empty value.
            let header = if value.is_empty() { format!("{name};") } else { format!("{name}: {value}") };
            out.push_str(&format!(" \\\n  -H {}", quote(&header)));
        }
    }
    out.push_str(&format!(" \\\n  --data-raw {}", quote(body)));
    out
}

#[cfg(test)]
mod tests {
    use super::super::samples;
    use super::*;

    /// An attempt with these headers, to a URL that a careless shell would run.
    fn attempt(headers: &[(&str, &str)]) -> Attempt {
        Attempt {
            url: "https://a.test/$(id)?x=`id`".into(),
            request_headers: headers.iter().map(|(n, v)| ((*n).to_owned(), (*v).to_owned())).collect(),
            ..samples::succeeded()
        }
    }

    #[test]
    fn nothing_in_the_command_is_run_by_the_shell() {
        let text = command(
            &attempt(&[("content-type", "application/json"), ("Content-Length", "5"), ("X-Empty", "")]),
            "{\"a\":\"it's $HOME\"}",
        );
        assert_eq!(
            text,
            "curl -i -X POST 'https://a.test/$(id)?x=`id`' \\\n  -H 'content-type: application/json' \\\n  -H 'X-Empty;' \\\n  --data-raw '{\"a\":\"it'\\''s $HOME\"}'"
        );
    }

    #[test]
    fn a_quote_survives_a_real_shell() {
        let nasty = "a'b\"c$(x)`y`\\ \n*!é";
        let output = std::process::Command::new("sh")
            .arg("-c")
            .arg(format!("printf %s {}", quote(nasty)))
            .output()
            .expect("a shell");
        assert_eq!(String::from_utf8_lossy(&output.stdout), nasty);
    }
}
