//! The columns of time in which a log is counted.

use crate::time::Timestamp;

/// Columns at most, but for one more that has begun.
const MOST: i64 = 60;
/// The shortest column, in milliseconds.
const SHORTEST_MS: i64 = 1000;

/// From when to when there are rows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Extent {
    pub(crate) oldest: Timestamp,
    pub(crate) newest: Timestamp,
    /// How many were counted.
    pub(crate) count: i64,
    /// Whether older rows match too, and were not counted.
    pub(crate) is_cut: bool,
}

impl Extent {
    /// What two lists of rows span together: where one of them was cut, no more than what it holds, since before that only the other
    /// one's rows are known.
    pub(crate) fn joined(self, other: Self) -> Self {
        let oldest = match (self.is_cut, other.is_cut) {
            (true, false) => self.oldest,
            (false, true) => other.oldest,
            (true, true) => self.oldest.max(other.oldest),
            (false, false) => self.oldest.min(other.oldest),
        };
        let (newest, count) = (self.newest.max(other.newest), self.count + other.count);
        Self { oldest, newest, count, is_cut: self.is_cut || other.is_cut }
    }
}

/// What one column counts: its place, then rows that are done, that wait, and that failed.
pub(crate) type Counts = (i64, i64, i64, i64);

/// Columns of equal width, one after the other.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Columns {
    /// Where the first begins.
    pub(crate) start: Timestamp,
    /// How long each is, in milliseconds.
    pub(crate) width_ms: i64,
    count: usize,
}

impl Columns {
    /// Those from the filter's start, or the oldest row, to the filter's end, or now.
    pub(crate) fn over(extent: Extent, since: Option<Timestamp>, until: Option<Timestamp>, now: Timestamp) -> Self {
        // Of what came before the oldest that was counted nothing is known.
        let start = since.filter(|_| !extent.is_cut).unwrap_or(extent.oldest);
        let end = until.unwrap_or(now.max(extent.newest)).0.max(start.0 + 1);
        let width_ms = ((end - start.0) / MOST + 1).max(SHORTEST_MS);
        let count = ((end - start.0).div_euclid(width_ms) + 1).min(MOST + 1);
        Self { start, width_ms, count: usize::try_from(count).unwrap_or(0) }
    }

    /// Each column's start and the sum of what was counted in it.
    pub(crate) fn filled(&self, counts: impl IntoIterator<Item = Counts>) -> Vec<(Timestamp, [i64; 3])> {
        let starts = (0..).take(self.count).map(|place: i64| self.start.plus_ms(place * self.width_ms));
        let mut all: Vec<_> = starts.map(|start| (start, [0; 3])).collect();
        for (place, done, waiting, failed) in counts {
            let column = usize::try_from(place).ok().and_then(|place| all.get_mut(place));
            for (sum, count) in column.into_iter().flat_map(|(_, sums)| sums).zip([done, waiting, failed]) {
                *sum += count;
            }
        }
        all
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn extent(oldest: i64, newest: i64, is_cut: bool) -> Extent {
        Extent { oldest: Timestamp(oldest), newest: Timestamp(newest), count: 1, is_cut }
    }

    #[test]
    fn columns_cover_the_rows_and_are_a_second_long_at_least() {
        let columns = Columns::over(extent(500, 2_400, false), None, None, Timestamp(3_500));
        assert_eq!((columns.start, columns.width_ms, columns.count), (Timestamp(500), 1000, 4));
        let hour = Columns::over(extent(5, 9, false), Some(Timestamp(0)), Some(Timestamp(3_600_000)), Timestamp(9));
        assert_eq!((hour.start, hour.width_ms, hour.count), (Timestamp(0), 60_001, 60));
        let none = Columns::over(extent(5, 9, false), Some(Timestamp(9)), Some(Timestamp(3)), Timestamp(9));
        assert_eq!((none.width_ms, none.count), (1000, 1));
    }

    #[test]
    fn what_is_counted_in_one_column_adds_up_and_what_is_outside_is_left_out() {
        let columns = Columns::over(extent(0, 1_500, false), None, None, Timestamp(1_500));
        let filled = columns.filled([(0, 1, 2, 3), (1, 0, 0, 1), (0, 4, 0, 0), (-1, 9, 9, 9), (7, 9, 9, 9)]);
        assert_eq!(filled, [(Timestamp(0), [5, 2, 3]), (Timestamp(1000), [0, 0, 1])]);
    }

    #[test]
    fn where_a_list_is_cut_both_begin_there() {
        let (long, short) = (extent(10, 50, false), extent(30, 90, true));
        let joined = |oldest, newest, is_cut| Extent { count: 2, ..extent(oldest, newest, is_cut) };
        assert_eq!(long.joined(short), joined(30, 90, true));
        assert_eq!(short.joined(extent(20, 40, true)), joined(30, 90, true));
        assert_eq!(long.joined(extent(30, 90, false)), joined(10, 90, false));
        // Also where the filter goes further back.
        let start = |extent| Columns::over(extent, Some(Timestamp(0)), None, Timestamp(100_000)).start;
        assert_eq!((start(short), start(long)), (Timestamp(30), Timestamp(0)));
    }
}
