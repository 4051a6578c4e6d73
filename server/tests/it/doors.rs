//! Every door of the program, knocked at by everybody.
//!
//! The tables below say who may pass. A route or server function without a line here fails the test, and so does a
//! line without a door. Who is not in the table is refused: nobody is sent to sign in (401), a role without the
//! right gets 403, and another organization finds nothing: 404 for what is named by its id, its own things else.

use std::collections::BTreeSet;

use server::router::{Door, Kind};

use crate::support::{Answer, Ask, Cast, Role, TestServer, both};
use crate::tables::{API, FUNCTIONS, Line, PAGES, PLAIN};
use crate::things::fill;

/// The tables with the kind of their doors.
fn tables() -> [(Kind, &'static [Line]); 4] {
    [(Kind::Api, API), (Kind::Plain, PLAIN), (Kind::Page, PAGES), (Kind::ServerFn, FUNCTIONS)]
}

/// The route of a server function is known by its last two words.
fn name_of(door: &Door) -> String {
    match door.kind {
        Kind::ServerFn => {
            door.path.rsplitn(4, '/').take(3).collect::<Vec<_>>().into_iter().rev().collect::<Vec<_>>().join("/")
        }
        _ => door.path.clone(),
    }
}

#[tokio::test]
async fn every_door_has_a_line_and_every_line_a_door() {
    let server = TestServer::sqlite().await;
    let there: BTreeSet<_> = server.doors.iter().map(|door| (door.kind, door.method.clone(), name_of(door))).collect();
    let listed: BTreeSet<_> = tables()
        .into_iter()
        .flat_map(|(kind, lines)| lines.iter().map(move |line| (kind, line.method.to_owned(), line.route.to_owned())))
        .collect();
    let missing: Vec<_> = there.difference(&listed).collect();
    let stale: Vec<_> = listed.difference(&there).collect();
    assert!(
        missing.is_empty() && stale.is_empty(),
        "doors without a line: {missing:#?}\nlines without a door: {stale:#?}"
    );
}

#[test]
fn routes_are_made_nowhere_but_in_the_router() {
    let source = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let (mut folders, mut makers) = (vec![source], BTreeSet::new());
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).expect("a folder") {
            let path = entry.expect("an entry").path();
            if path.is_dir() {
                folders.push(path);
            } else if std::fs::read_to_string(&path)
                .is_ok_and(|text| text.contains(".route(") || text.contains(".nest("))
            {
                makers.insert(path.file_name().expect("a name").to_string_lossy().into_owned());
            }
        }
    }
    // The files of the site are public and named by its manifest.
    assert_eq!(makers.into_iter().collect::<Vec<_>>(), ["assets.rs", "router.rs"]);
}

#[tokio::test]
async fn no_server_function_changes_anything_by_get() {
    let server = TestServer::sqlite().await;
    let functions: Vec<_> = server.doors.iter().filter(|door| door.kind == Kind::ServerFn).collect();
    assert!(functions.len() > 20, "the server functions are linked into the program");
    assert!(functions.iter().all(|door| door.method == "POST"), "{functions:?}");
}

both!(programs_pass_only_the_doors_of_their_key, |server| {
    walk(&server, Kind::Api).await;
});

both!(browsers_see_only_the_pages_of_their_role, |server| {
    walk(&server, Kind::Page).await;
});

both!(server_functions_serve_only_those_who_may, |server| {
    walk(&server, Kind::ServerFn).await;
});

both!(doors_without_a_lock_tell_nothing, |server| {
    walk(&server, Kind::Plain).await;
});

/// Knocks at every door of a kind as everybody and reports all surprises at once.
async fn walk(server: &TestServer, kind: Kind) {
    let cast = Cast::assemble(server).await;
    server.state.set_ready(true);
    let (_, lines) = tables().into_iter().find(|(known, _)| *known == kind).expect("a table");
    let mut surprises = Vec::new();
    for line in lines {
        for role in Role::ALL {
            // Keys have no support role.
            if kind == Kind::Api && role == Role::Support {
                continue;
            }
            let door = server
                .doors
                .iter()
                .find(|door| door.kind == kind && door.method == line.method && name_of(door) == line.route);
            let Some(door) = door else { continue };
            let answer = knock(server, &cast, door, line, role).await;
            if let Some(surprise) = judge(kind, line, role, &answer) {
                let text: String = answer.text.chars().filter(|c| !c.is_control()).take(300).collect();
                surprises
                    .push(format!("{} {} as {role:?}: {} {surprise}: {text}", line.method, line.route, answer.status));
            }
            if line.ends_session {
                cast.sign_in_again(server, role).await;
            }
        }
    }
    assert!(surprises.is_empty(), "{} surprises:\n{}", surprises.len(), surprises.join("\n"));
}

async fn knock(server: &TestServer, cast: &Cast, door: &Door, line: &Line, role: Role) -> Answer {
    let path = if line.at.is_empty() { door.path.clone() } else { line.at.to_owned() };
    let (path, body) = fill(server, cast, role, &path, line.body).await;
    let method = if line.method == "*" { "POST" } else { line.method };
    let ask = Ask::new(method, &path);
    match door.kind {
        Kind::Api => {
            let ask = if body.is_empty() { ask } else { ask.header("content-type", "application/json").body(body) };
            server.ask(cast.with_key(role, ask)).await
        }
        Kind::ServerFn => {
            let ask = ask
                .header("content-type", "application/x-www-form-urlencoded")
                .header("sec-fetch-site", "same-origin")
                .body(body);
            server.ask(cast.with_cookie(role, ask)).await
        }
        // A stream never ends by itself: its head is the answer.
        Kind::Page if door.path == "/live" => {
            let response = server.open(cast.with_cookie(role, ask)).await;
            Answer { status: response.status(), headers: response.headers().clone(), text: String::new() }
        }
        Kind::Page if method == "POST" => {
            let ask = ask
                .header("accept", "text/html")
                .header("content-type", "application/x-www-form-urlencoded")
                .header("sec-fetch-site", "same-origin")
                .body(body);
            server.ask(cast.with_cookie(role, ask)).await
        }
        Kind::Page | Kind::Plain => server.ask(cast.with_cookie(role, ask.header("accept", "text/html"))).await,
    }
}

/// What is surprising about an answer, if anything.
fn judge(kind: Kind, line: &Line, role: Role, answer: &Answer) -> Option<String> {
    let status = answer.status.as_u16();
    let names_a_thing = [line.at, line.body].iter().any(|text| text.contains('<') && !text.contains("<own-"));
    let as_role = if role == Role::Stranger { Role::Owner } else { role };
    let may = line.may.contains(as_role.letter());
    // What everybody may see names nobody's things, but may hold examples.
    if role == Role::Stranger && !line.may.contains('n') && answer.text.to_lowercase().contains("acme") {
        return Some("tells another organization about Acme".to_owned());
    }
    let expected: &[u16] = match (role, kind) {
        (Role::Nobody, Kind::Page) if !may && line.route != "/live" => &[303],
        (Role::Nobody, _) if !may => &[401],
        (Role::Stranger, _) if line.to_strangers != 0 => {
            return (status != line.to_strangers).then(|| format!("instead of {}", line.to_strangers));
        }
        (Role::Stranger, _) if names_a_thing && !line.may.contains('s') => &[404],
        _ if may && line.status != 0 => return (status != line.status).then(|| format!("instead of {}", line.status)),
        _ if may => return (!(200..400).contains(&status)).then(|| "although they may".to_owned()),
        _ => &[403],
    };
    (!expected.contains(&status)).then(|| format!("instead of {expected:?}"))
}
