//! The module of a part of the pages: the signature debugger.

fn main() {
    app::hydrate(app::parts::debugger);
}
