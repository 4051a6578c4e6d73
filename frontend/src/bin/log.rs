//! The module of a part of the pages: the delivery log.

fn main() {
    app::hydrate(app::parts::log);
}
