//! The module of a part of the pages: one endpoint.

fn main() {
    app::hydrate(app::parts::endpoint);
}
