//! The module of a part of the pages: replays of many deliveries.

fn main() {
    app::hydrate(app::parts::replays);
}
