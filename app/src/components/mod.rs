//! The parts that pages are made of. They know no organization, endpoint or delivery; what they
//! look like is said in `style/main.css`.

mod confirm;
mod copy;
mod diff;
mod done;
mod duration_bar;
mod field;
mod json;
mod loaded;
mod page;
mod problem;
mod status;
mod time;

pub use confirm::Confirm;
pub use copy::Copy;
pub use diff::diff;
pub use done::Done;
pub use duration_bar::DurationBar;
pub use field::Field;
pub use json::{Json, highlight};
pub use loaded::loaded;
pub use page::{Empty, PageHead, Pager, Tabs};
pub use problem::{FieldError, FormError, ProblemPanel};
pub use status::{Icon, Status, Tone};
pub use time::{Clock, Time, provide_clock, relative};
