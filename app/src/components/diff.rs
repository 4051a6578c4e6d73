//! Two bodies compared line by line, as JSON is read: what went, what came, and a little around it. Drawn on the server.

use super::highlight;

/// Lines that are the same around a change.
const AROUND: usize = 3;
/// Beyond so many pairs of lines, what differs is shown as a whole.
const MOST_PAIRS: usize = 4_000_000;

/// How a line stands to the other text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Side {
    Both,
    Old,
    New,
}

/// The comparison as HTML for the inside of a `<pre>`; none when both say the same.
#[must_use]
pub fn diff(old: &str, new: &str) -> Option<String> {
    let (old, new) = (highlight(old), highlight(new));
    let (old, new): (Vec<&str>, Vec<&str>) = (old.lines().collect(), new.lines().collect());
    if old == new {
        return None;
    }
    let lines = compare(&old, &new);
    let near = |index: usize| {
        let (from, to) = (index.saturating_sub(AROUND), (index + AROUND + 1).min(lines.len()));
        lines[from..to].iter().any(|line| line.0 != Side::Both)
    };
    let (mut html, mut hidden) = (String::new(), 0);
    for (index, (side, text)) in lines.iter().enumerate() {
        if !near(index) {
            hidden += 1;
            continue;
        }
        skipped(&mut html, &mut hidden);
        html.push_str(match side {
            Side::Both => "<span class=\"block px-3\">  ",
            Side::Old => "<span class=\"block px-3 bg-bad-soft\"><span class=\"text-bad\">- </span>",
            Side::New => "<span class=\"block px-3 bg-ok-soft\"><span class=\"text-ok\">+ </span>",
        });
        html.push_str(text);
        html.push_str("</span>");
    }
    skipped(&mut html, &mut hidden);
    Some(html)
}

/// Says how many lines are left out.
fn skipped(html: &mut String, hidden: &mut usize) {
    if *hidden > 0 {
        let lines = if *hidden == 1 { "line" } else { "lines" };
        html.push_str(&format!("<span class=\"block px-3 text-ink-3\">… {hidden} {lines} the same</span>"));
    }
    *hidden = 0;
}

/// The lines of both texts in one order, with the longest common part kept.
fn compare<'a>(old: &[&'a str], new: &[&'a str]) -> Vec<(Side, &'a str)> {
    let head = old.iter().zip(new).take_while(|(a, b)| a == b).count();
    let tail = old[head..].iter().rev().zip(new[head..].iter().rev()).take_while(|(a, b)| a == b).count();
    let (middle, other) = (&old[head..old.len() - tail], &new[head..new.len() - tail]);
    let both = |lines: &[&'a str]| lines.iter().map(|line| (Side::Both, *line)).collect::<Vec<_>>();
    let mut lines = both(&old[..head]);
    lines.extend(changed(middle, other));
    lines.extend(both(&old[old.len() - tail..]));
    lines
}

/// The longest common subsequence of what differs at both ends, by the table of its lengths.
fn changed<'a>(old: &[&'a str], new: &[&'a str]) -> Vec<(Side, &'a str)> {
    let width = new.len() + 1;
    let mut lengths = Vec::new();
    if old.len() * new.len() <= MOST_PAIRS {
        lengths = vec![0_u32; (old.len() + 1) * width];
        for i in (0..old.len()).rev() {
            for j in (0..new.len()).rev() {
                lengths[i * width + j] = if old[i] == new[j] {
                    lengths[(i + 1) * width + j + 1] + 1
                } else {
                    lengths[(i + 1) * width + j].max(lengths[i * width + j + 1])
                };
            }
        }
    }
    let length = |i: usize, j: usize| lengths.get(i * width + j).copied().unwrap_or(0);
    let (mut i, mut j, mut lines) = (0, 0, Vec::new());
    while i < old.len() || j < new.len() {
        if !lengths.is_empty() && i < old.len() && j < new.len() && old[i] == new[j] {
            lines.push((Side::Both, old[i]));
            (i, j) = (i + 1, j + 1);
        } else if i < old.len() && (j == new.len() || length(i + 1, j) >= length(i, j + 1)) {
            lines.push((Side::Old, old[i]));
            i += 1;
        } else {
            lines.push((Side::New, new[j]));
            j += 1;
        }
    }
    lines
}

#[cfg(test)]
mod tests {
    use super::*;

    fn marks(old: &str, new: &str) -> String {
        let (old, new): (Vec<_>, Vec<_>) = (old.lines().collect(), new.lines().collect());
        let sign = |(side, text): (Side, &str)| {
            let sign = match side {
                Side::Both => ' ',
                Side::Old => '-',
                Side::New => '+',
            };
            format!("{sign}{text}")
        };
        compare(&old, &new).into_iter().map(sign).collect::<Vec<_>>().join("|")
    }

    #[test]
    fn what_went_stands_before_what_came_and_the_rest_is_kept() {
        assert_eq!(marks("a\nb\nc", "a\nx\nc"), " a|-b|+x| c");
        assert_eq!(marks("a\nb\nc\nd", "b\nc\ne\nd"), "-a| b| c|+e| d");
        assert_eq!(marks("", "a"), "+a");
        assert_eq!(marks("a\na", "a"), " a|-a");
    }

    #[test]
    fn the_same_json_in_another_layout_is_no_difference() {
        assert_eq!(diff(r#"{"a":1}"#, "{ \"a\" : 1 }"), None);
    }

    #[test]
    fn markup_stays_text_and_far_lines_are_left_out() {
        let many = |last: &str| format!("[{}\"{last}\"]", "1,".repeat(20));
        let html = diff(&many("<b>"), &many("x")).expect("they differ");
        assert!(html.contains("&lt;b&gt;") && !html.contains("<b>"), "{html}");
        assert!(html.contains("… 18 lines the same"), "{html}");
    }

    #[test]
    fn texts_too_large_to_compare_are_shown_one_after_the_other() {
        let (old, new) = (vec!["a"; 3000], vec!["b"; 3000]);
        let lines = compare(&old, &new);
        assert_eq!((lines.len(), lines[0].0, lines[5999].0), (6000, Side::Old, Side::New));
    }
}
