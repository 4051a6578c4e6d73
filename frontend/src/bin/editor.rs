//! The module of a part of the pages: the form of an endpoint.

fn main() {
    app::hydrate(app::parts::editor);
}
