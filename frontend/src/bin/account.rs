//! The module of a part of the pages: people, keys, settings and health.

fn main() {
    app::hydrate(app::parts::account);
}
