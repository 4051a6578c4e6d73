//! The module of a part of the pages: sources and what came to them.

fn main() {
    app::hydrate(app::parts::sources);
}
