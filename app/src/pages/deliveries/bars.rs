//! The histogram as an SVG: geometry in whole numbers, patterns as well as colours.

use domain::Timestamp;

/// Height of the drawing.
pub const HEIGHT: i64 = 64;
/// Width of a column and its gap.
const STEP: i64 = 10;
/// Width of a column.
const WIDTH: i64 = 8;
/// Columns at least, so that a few do not become walls.
const SLOTS: usize = 40;

/// A column: what it counts and where its parts stand.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Column {
    /// Its start.
    pub at: Timestamp,
    /// Its end.
    pub until: Timestamp,
    /// Done, waiting, failed.
    pub counts: [i64; 3],
    /// Left edge.
    x: i64,
    /// Top and height of each part that is not empty, from the bottom up.
    parts: [(i64, i64); 3],
}

/// The columns of a histogram of which each has a start and counts and is `width_ms` long, and how many empty slots stand left of them.
#[must_use]
pub fn columns(counted: &[(Timestamp, [i64; 3])], width_ms: i64) -> (usize, Vec<Column>) {
    let empty = SLOTS.saturating_sub(counted.len());
    let most = counted.iter().map(|(_, counts)| counts.iter().sum()).max().unwrap_or(0).max(1);
    let columns = counted.iter().enumerate().map(|(index, (at, counts))| Column {
        at: *at,
        until: at.plus_ms(width_ms.max(1)),
        counts: *counts,
        x: i64::try_from(empty + index).unwrap_or(0) * STEP + (STEP - WIDTH) / 2,
        parts: stack(*counts, most),
    });
    (empty, columns.collect())
}

/// Stacks three counts; what is not zero is at least two high, and the whole never exceeds the drawing.
fn stack(counts: [i64; 3], most: i64) -> [(i64, i64); 3] {
    let mut heights = counts.map(|count| if count == 0 { 0 } else { (count * (HEIGHT - 2) / most).max(2) });
    while heights.iter().sum::<i64>() > HEIGHT {
        let tallest = (0..3).max_by_key(|part| heights[*part]).unwrap_or(0);
        heights[tallest] -= 1;
    }
    let mut bottom = HEIGHT;
    heights.map(|height| {
        bottom -= height;
        (bottom, height)
    })
}

/// What stands inside `<svg>`; only numbers of ours, so nothing needs escaping.
#[must_use]
pub fn inner(columns: &[Column]) -> String {
    let mut out = String::from(concat!(
        r#"<defs><pattern id="bars-waiting" width="4" height="4" patternUnits="userSpaceOnUse"><rect width="4" height="4" class="fill-warn-fill"/><rect width="4" height="1" class="fill-panel" opacity=".55"/></pattern>"#,
        r#"<pattern id="bars-failed" width="5" height="5" patternUnits="userSpaceOnUse" patternTransform="rotate(45)"><rect width="5" height="5" class="fill-bad-fill"/><rect width="1.4" height="5" class="fill-panel" opacity=".6"/></pattern></defs>"#
    ));
    const LOOKS: [&str; 3] =
        [r#"class="fill-ok-fill" opacity=".78""#, r#"fill="url(#bars-waiting)""#, r#"fill="url(#bars-failed)""#];
    for column in columns {
        for ((y, height), look) in column.parts.into_iter().zip(LOOKS).filter(|((_, height), _)| *height > 0) {
            // One pixel of air between the parts.
            let drawn = if height > 2 && y + height < HEIGHT { height - 1 } else { height };
            out.push_str(&format!(
                r#"<rect x="{}" y="{y}" width="{WIDTH}" height="{drawn}" rx="1" {look}/>"#,
                column.x
            ));
        }
    }
    out
}

/// The drawing's own measures: `0 0 600 64`.
#[must_use]
pub fn view_box(columns: usize) -> String {
    format!("0 0 {} {HEIGHT}", i64::try_from(columns.max(SLOTS)).unwrap_or(0) * STEP)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn counted(counts: &[[i64; 3]]) -> Vec<(Timestamp, [i64; 3])> {
        (0..).zip(counts).map(|(n, counts)| (Timestamp(n * 1000), *counts)).collect()
    }

    #[test]
    fn columns_stack_from_the_bottom_and_never_leave_the_drawing() {
        let (empty, columns) = columns(&counted(&[[100, 0, 0], [0, 0, 0], [98, 1, 1], [1, 1, 1]]), 1000);
        assert_eq!((empty, columns.len()), (36, 4));
        assert_eq!(columns[0].parts, [(2, 62), (2, 0), (2, 0)]);
        assert_eq!(columns[1].parts, [(64, 0); 3]);
        for column in &columns {
            let height: i64 = column.parts.iter().map(|(_, height)| height).sum();
            assert!(height <= HEIGHT && column.parts[2].0 >= 0, "{column:?}");
        }
        assert_eq!(columns[3].parts, [(62, 2), (60, 2), (58, 2)]);
    }

    #[test]
    fn a_small_count_is_still_seen_beside_a_large_one() {
        let (_, columns) = columns(&counted(&[[1_000_000, 0, 1]]), 1000);
        assert_eq!(columns[0].parts[2].1, 2);
        assert_eq!(inner(&columns).matches("<rect").count(), 4 + 2);
    }

    #[test]
    fn a_column_ends_where_the_next_begins() {
        let (_, columns) = columns(&counted(&[[1, 0, 0], [1, 0, 0]]), 1000);
        assert_eq!(columns[0].until, columns[1].at);
        assert_eq!(view_box(60), "0 0 600 64");
        assert_eq!(view_box(2), "0 0 400 64");
    }
}
