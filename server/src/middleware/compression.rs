//! Pages and answers made for each request are compressed as they go out; files are compressed before (see
//! `assets.rs`), and streams of server-sent events never are.

use tower_http::CompressionLevel;
use tower_http::compression::predicate::{And, DefaultPredicate, SizeAbove};
use tower_http::compression::{CompressionLayer, Predicate as _};

/// Smaller answers, such as that to an accepted event, are not worth it.
const SMALL: u64 = 1024;

/// The layer that compresses. Its default predicate leaves streams of server-sent events and pictures alone.
pub fn layer() -> CompressionLayer<And<DefaultPredicate, SizeAbove>> {
    let predicate = DefaultPredicate::new().and(SizeAbove::new(SMALL));
    CompressionLayer::new().quality(CompressionLevel::Fastest).compress_when(predicate)
}
