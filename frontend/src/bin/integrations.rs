//! The module of a part of the pages: connections to third parties and their rules.

fn main() {
    app::hydrate(app::parts::integrations);
}
