//! E-mail for everybody: one door, and an address per source.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use super::*;
use crate::db::testing::both;
use crate::source::mail::{MailDoor, receive};
use crate::source::{SourceChange, SourceStatus};

fn door(provider: &str, secret: &str) -> MailDoor {
    MailDoor::new("mail.example.com", provider, secret).expect("a door")
}

async fn post_mail(hub: &TestHub, provider: &str, sent: &Sent) -> Result<Answer> {
    let path = format!("/in/mail/{provider}");
    receive(hub, head(provider, "", &path, sent), Body::Whole(&sent.body)).await
}

/// A message as Postmark posts it, to this address.
fn postmark(to: &str, id: &str) -> Sent {
    let body = json!({"MessageID": id, "OriginalRecipient": to, "Subject": "Hello", "From": "jane@example.net", "TextBody": "Hi"});
    Sent::new(body.to_string()).with("Authorization", &format!("Basic {}", STANDARD.encode("hub:s3cret")))
}

both!(email_comes_to_the_source_that_its_address_names, |hub| {
    let hub = hub.with_mail(door("postmark", "hub:s3cret")).with_org().await;
    let desk = Desk::open(&hub, "postmark", None).await;
    let address = desk.source.mail_address.clone().expect("an address");
    assert_eq!(address, format!("{}@mail.example.com", desk.source.id));
    let id = kept(post_mail(&hub, "postmark", &postmark(&address.replace('@', "+ticket@"), "m_1")).await);
    drain(&hub).await.expect("handled");
    let request = desk.request(&id).await;
    assert_eq!(
        (request.summary.source_id.clone(), outcomes(&request)),
        (desk.source.id.clone(), vec![OutcomeKind::Published])
    );
    assert!(!serde_json::to_string(&request).expect("JSON").contains(&STANDARD.encode("hub:s3cret")));
    let (kind, data) = desk.events().await.remove(0);
    assert_eq!(
        (kind.as_str(), &data["subject"], &data["source_id"]),
        ("email.received", &json!("Hello"), &json!(desk.source.id))
    );
    // The provider tries again: it is known.
    let again = kept(post_mail(&hub, "postmark", &postmark(&address, "m_1")).await);
    drain(&hub).await.expect("handled");
    assert_eq!(outcomes(&desk.request(&again).await), [OutcomeKind::Duplicate]);
    // A source of another provider has no address here.
    assert_eq!(Desk::open(&hub, "mailjet", None).await.source.mail_address, None);
});

both!(email_for_nobody_is_let_go_and_what_is_not_verified_is_refused, |hub| {
    let hub = hub.with_mail(door("postmark", "hub:s3cret")).with_org().await;
    let desk = Desk::open(&hub, "postmark", None).await;
    let address = desk.source.mail_address.clone().expect("an address");
    for to in ["jane@mail.example.com", &address.replace("mail.", "other."), ""] {
        assert_eq!(post_mail(&hub, "postmark", &postmark(to, "m_1")).await.expect("let go"), Answer::ForNobody, "{to}");
    }
    let mut wrong = postmark(&address, "m_1");
    wrong.headers[1].1 = format!("Basic {}", STANDARD.encode("hub:guess"));
    assert_eq!(post_mail(&hub, "postmark", &wrong).await.expect_err("refused").status(), 401);
    assert_eq!(post_mail(&hub, "mailjet", &postmark(&address, "m_1")).await.expect_err("no such door").status(), 404);
    let off = SourceChange { status: Some(SourceStatus::Disabled), ..SourceChange::default() };
    actions::update(&hub, &desk.owner, &desk.source.id, off).await.expect("disabled");
    assert_eq!(post_mail(&hub, "postmark", &postmark(&address, "m_1")).await.expect("let go"), Answer::ForNobody);
    assert!(desk.all().await.is_empty());
    let large = Body::TooLarge(99_999_999);
    let refused = receive(&hub, head("postmark", "", "/in/mail/postmark", &wrong), large).await;
    assert_eq!(refused.expect_err("too large").status(), 413);
    let closed = hub.restarted();
    assert_eq!(post_mail(&closed, "postmark", &postmark(&address, "m_1")).await.expect_err("no door").status(), 404);
});

both!(each_organization_gets_its_own_messages_of_a_request, |hub| {
    let hub = hub.with_mail(door("brevo", "t0ken")).with_org().await;
    let desk = Desk::open(&hub, "brevo", None).await;
    let stranger = hub.stranger().await;
    let new = NewSource { provider: "brevo".into(), ..NewSource::default() };
    let theirs = actions::create(&hub, &stranger, new).await.expect("a source").source;
    let item = |uuid: &str, to: &str| json!({"Uuid": [uuid], "Recipients": [to], "Subject": uuid, "From": {"Address": "jane@example.net"}});
    let addresses =
        [desk.source.mail_address.clone(), theirs.mail_address.clone()].map(|address| address.expect("an address"));
    let body = json!({"items": [item("ours", &addresses[0]), item("theirs", &addresses[1])]});
    let sent = Sent::new(body.to_string()).with("Authorization", "Bearer t0ken");
    kept(post_mail(&hub, "brevo", &sent).await);
    drain(&hub).await.expect("handled");
    let all = desk.all().await;
    let request = desk.request(&all[0].id).await;
    assert_eq!((all.len(), outcomes(&request)), (1, vec![OutcomeKind::Published]));
    let text = request.body.expect("a body");
    assert!(text.contains("ours") && !text.contains("theirs"), "{text}");
    let other = requests::list(&hub, &stranger, &RequestQuery::default()).await.expect("requests").data;
    let other = requests::get(&hub, &stranger, &other[0].id).await.expect("a request");
    assert!(other.body.is_some_and(|text| text.contains("theirs") && !text.contains("ours")));
});

both!(each_provider_of_email_has_a_door_of_its_own, |hub| {
    let brevo = MailDoor::new("in.example.com", "brevo", "t0ken").expect("a door");
    let hub = hub.with_mail(door("postmark", "hub:s3cret")).with_mail(brevo).with_org().await;
    let desks = [Desk::open(&hub, "postmark", None).await, Desk::open(&hub, "brevo", None).await];
    let [postmark_address, brevo_address] =
        [&desks[0], &desks[1]].map(|desk| desk.source.mail_address.clone().expect("an address"));
    assert!(postmark_address.ends_with("@mail.example.com") && brevo_address.ends_with("@in.example.com"));
    kept(post_mail(&hub, "postmark", &postmark(&postmark_address, "m_1")).await);
    let body =
        json!({"items": [{"Uuid": ["1"], "Recipients": [brevo_address], "From": {"Address": "jane@example.net"}}]});
    let sent = Sent::new(body.to_string()).with("Authorization", "Bearer t0ken");
    kept(post_mail(&hub, "brevo", &sent).await);
    // The secret of one opens no other's door, and the domain of one is none of the other.
    let wrong = postmark(&postmark_address, "m_2");
    assert_eq!(post_mail(&hub, "brevo", &wrong).await.expect_err("refused").status(), 401);
    let elsewhere = postmark_address.replace("mail.", "in.");
    assert_eq!(post_mail(&hub, "postmark", &postmark(&elsewhere, "m_3")).await.expect("let go"), Answer::ForNobody);
    drain(&hub).await.expect("handled");
});
