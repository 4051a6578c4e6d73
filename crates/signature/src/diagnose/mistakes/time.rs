//! What can be wrong with the time of a message whose signature is right, or could be.

use super::Mistake;

pub(in super::super) const TOO_OLD: Mistake = Mistake::new(
    "timestamp_too_old",
    "The signature is right, but the message is old",
    "It was signed {} ago, and a receiver accepts five minutes. That is as it should be for a message looked at later; for one that just arrived, a clock is wrong.",
    "For a message that just arrived, set the clocks of both machines (NTP). Do not widen the tolerance: it keeps recorded messages from being sent again.",
);
pub(in super::super) const TOO_NEW: Mistake = Mistake::new(
    "timestamp_too_new",
    "The signature is right, but the message comes from the future",
    "It was signed {} ahead of the receiver's clock, and five minutes are accepted. A clock is wrong.",
    "Set the clocks of both machines (NTP).",
);
pub(in super::super) const MILLISECONDS: Mistake = Mistake::new(
    "timestamp_in_milliseconds",
    "The timestamp is in milliseconds",
    "The timestamp {} counts milliseconds; receivers expect seconds since 1970 and take it for a time in the far future.",
    "Send and sign the timestamp in seconds: divide by 1000 and drop the rest.",
);
pub(in super::super) const NOT_A_NUMBER: Mistake = Mistake::new(
    "timestamp_not_a_number",
    "The timestamp is not a number of seconds",
    "\"{}\" is not a whole number of seconds since 1970, written with digits only.",
    "Send and sign the timestamp as whole seconds since 1970.",
);
pub(in super::super) const TIME_ZONE: Mistake = Mistake::new(
    "timestamp_time_zone",
    "A time zone may have slipped in",
    "The clocks differ by almost exactly {}. Local time taken for UTC does that.",
    "Take the seconds since 1970 from a function that knows no time zone.",
);
