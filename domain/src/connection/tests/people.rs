//! People in Slack who are members by a link.

use simulators::slack::Press;

use super::enterprise::hand;
use super::*;
use crate::account::members;
use crate::account::tests::{code, member};
use crate::connection::inbound::Door;
use crate::connection::people::actions as people;

/// The word of a link that is offered to somebody in Slack.
async fn offered(world: &World, id: &ConnectionId, person: &str) -> String {
    let row = store::find(&mut world.hub.db.read().await.expect("a connection"), &world.hub.org_id, id).await;
    let row = row.expect("read").expect("there");
    let url = people::offer(&world.hub, &row, person, "Ann\u{7} Lee").await.expect("a link");
    url.strip_prefix("http://127.0.0.1:3000/integrations/slack/link/").expect("the page's address").to_owned()
}

/// The addresses of those who are linked.
async fn linked(world: &World, id: &ConnectionId) -> Vec<String> {
    let all = people::list(&world.hub, &world.owner, id).await.expect("people");
    all.into_iter().map(|person| person.email).collect()
}

both!(a_member_is_linked_by_a_link_that_is_good_once_for_a_quarter_of_an_hour, |base| {
    let base = base.with_org().await;
    let world = World::new(&base, false).await;
    let id = world.connect().await;
    let dana = member(&world.hub, "dana", Role::Member).await;
    let word = offered(&world, &id, "U1").await;
    let offer = people::look(&world.hub, &dana, &word).await.expect("an offer");
    assert_eq!((offer.person_name.as_str(), offer.account_name.as_str()), ("Ann Lee", "Acme"));
    assert_eq!(people::accept(&world.hub, &dana, &word).await.expect("linked"), id);
    assert_eq!(linked(&world, &id).await, [offer.email]);
    for gone in [&word, "made-up"] {
        assert_eq!(code(people::look(&world.hub, &dana, gone).await), "link_not_found");
        assert_eq!(code(people::accept(&world.hub, &dana, gone).await), "link_not_found");
    }
    let (first, second) = (offered(&world, &id, "U2").await, offered(&world, &id, "U2").await);
    assert_eq!(code(people::look(&world.hub, &dana, &first).await), "link_not_found", "there is a newer one");
    world.pass(15 * 60_000 - 1);
    assert!(people::look(&world.hub, &dana, &second).await.is_ok());
    world.pass(1);
    assert_eq!(code(people::accept(&world.hub, &dana, &second).await), "link_not_found", "too late");
});

both!(only_a_member_of_an_organization_with_that_account_can_be_linked, |base| {
    let base = base.with_org().await;
    let world = World::new(&base, false).await;
    let id = world.connect().await;
    let word = offered(&world, &id, "U1").await;
    let stranger = world.hub.stranger().await;
    assert_eq!(code(people::accept(&world.hub, &stranger, &word).await), "link_not_found");
    let outside = world.hub.caller(Role::Owner);
    assert_eq!(code(people::look(&world.hub, &outside, &word).await), "forbidden", "no account is a member");
    assert_eq!(code(people::accept(&world.hub, &outside, &word).await), "forbidden");
    let dana = member(&world.hub, "dana", Role::Member).await;
    people::accept(&world.hub, &dana, &word).await.expect("nobody has used it up");
});

both!(a_link_ends_when_it_is_undone_or_the_membership_or_the_connection_ends, |base| {
    let base = base.with_org().await;
    let world = World::new(&base, false).await;
    let id = world.connect().await;
    let (dana, emil) = (member(&world.hub, "dana", Role::Member).await, member(&world.hub, "emil", Role::Member).await);
    for (person, caller) in [("U1", &dana), ("U2", &dana), ("U3", &emil)] {
        let word = offered(&world, &id, person).await;
        people::accept(&world.hub, caller, &word).await.expect("linked");
    }
    assert_eq!(code(people::unlink(&world.hub, &emil, &id, "U1").await), "forbidden", "it is somebody else's");
    assert_eq!(code(people::unlink(&world.hub, &emil, &id, "U9").await), "linked_person_not_found");
    people::unlink(&world.hub, &dana, &id, "U1").await.expect("her own");
    assert_eq!(linked(&world, &id).await.len(), 2);
    let user_id = dana.user().expect("a person");
    members::remove(&world.hub, &world.owner, user_id).await.expect("removed");
    let left = linked(&world, &id).await;
    assert_eq!(left.len(), 1);
    assert!(left[0].starts_with("emil"), "{left:?}");
    actions::disconnect(&world.hub, &world.owner, &id).await.expect("ended");
    let again = world.connect().await;
    assert_eq!(linked(&world, &again).await, [""; 0]);
});

both!(a_replay_that_cannot_be_told_in_the_thread_is_done_once_and_told_to_whoever_pressed, |base| {
    let base = base.with_org().await;
    let world = World::new(&base, false).await;
    let id = world.connect().await;
    world.look_after().await;
    world.rule(&world.channel(&id).await).await;
    let body = br#"{"event_type":"invoice.failed","data":{"id":"inv_8812"}}"#;
    events::ingest(&world.hub, &world.owner, body, None).await.expect("accepted");
    drain(&world.hub).await.expect("drained");
    let dana = member(&world.hub, "dana", Role::Admin).await;
    let person = world.slack.teams()[0].users[0].id.clone();
    let word = offered(&world, &id, &person).await;
    people::accept(&world.hub, &dana, &word).await.expect("linked");
    let message = world.slack.messages().remove(0);
    let (channel, ts, user) = (message.channel, message.ts, person.clone());
    let press = Press { channel, ts, action_id: "patchbay_acknowledge".into(), user };
    // Both buttons carry a delivery: this one that of the message itself.
    let body = world.slack.press(&press).body().replace("patchbay_acknowledge", "patchbay_replay");
    world.slack.fail_next("chat.postMessage", Fault::Error("not_in_channel".into()));
    hand(&world, Door::Interactions, &body).await;
    quiet(&world.hub).await;
    assert_eq!(world.statuses().await.len(), 2, "the first and its replay");
    let said = world.slack.messages().into_iter().filter(|message| message.only_for.as_ref() == Some(&person));
    assert_eq!(said.map(|message| message.text).collect::<Vec<_>>(), [format!("Replayed by <@{person}>")]);
});
