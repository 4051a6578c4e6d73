//! The module of a part of the pages: what controls an endpoint's deliveries.

fn main() {
    app::hydrate(app::parts::controls);
}
