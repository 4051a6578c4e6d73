//! The module of a part of the pages: the list of endpoints.

fn main() {
    app::hydrate(app::parts::endpoints);
}
