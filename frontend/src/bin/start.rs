//! The module of a part of the pages: where a visit starts: the overview, the inbox and the alerts.

fn main() {
    app::hydrate(app::parts::start);
}
