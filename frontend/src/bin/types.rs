//! The module of a part of the pages: event types.

fn main() {
    app::hydrate(app::parts::types);
}
