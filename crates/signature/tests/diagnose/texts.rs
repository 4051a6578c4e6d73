//! What goes wrong when the signed text is put together, and with headers that are missing or of another message.

use super::*;

#[track_caller]
fn over(scheme: Scheme, text: &str, mistakes: &[&str]) {
    assert_named(&signed(scheme, &key(scheme), text), mistakes);
}

#[test]
fn parts_that_are_left_out_are_named() {
    over(Scheme::Standard, &format!("{NOW}.{BODY}"), &["id_not_signed"]);
    over(Scheme::Standard, &format!("{ID}.{BODY}"), &["timestamp_not_signed"]);
    over(Scheme::Standard, BODY, &["id_not_signed", "timestamp_not_signed"]);
    over(Scheme::Plain, BODY, &["timestamp_not_signed"]);
    over(Scheme::Stripe, BODY, &["timestamp_not_signed"]);
    over(Scheme::Slack, BODY, &["timestamp_not_signed"]);
    over(Scheme::Slack, &format!("v0:{BODY}"), &["timestamp_not_signed"]);
}

#[test]
fn parts_that_do_not_belong_are_named() {
    over(Scheme::Plain, &format!("{ID}.{NOW}.{BODY}"), &["id_signed"]);
    let github = signed(Scheme::Github, SECRET.as_bytes(), &format!("{NOW}.{BODY}"));
    let headers = format!("{}\nwebhook-timestamp: {NOW}", github.headers);
    assert_named(&Pasted { headers, ..github }, &["timestamp_signed"]);
}

#[test]
fn other_separators_and_orders_are_named() {
    for text in [
        format!("{NOW}.{ID}.{BODY}"),
        format!("{ID}{NOW}{BODY}"),
        format!("{ID}:{NOW}:{BODY}"),
        format!("v1.{ID}.{NOW}.{BODY}"),
        format!("v0:{NOW}:{BODY}"),
        format!("{BODY}.{NOW}"),
    ] {
        over(Scheme::Standard, &text, &["signed_text_layout"]);
    }
    for text in [format!("{NOW}{BODY}"), format!("{NOW}:{BODY}"), format!("{BODY}.{NOW}"), format!("{BODY}{NOW}")] {
        over(Scheme::Plain, &text, &["signed_text_layout"]);
        over(Scheme::Stripe, &text, &["signed_text_layout"]);
    }
    for text in [format!("{NOW}.{BODY}"), format!("v1:{NOW}:{BODY}")] {
        over(Scheme::Slack, &text, &["signed_text_layout"]);
    }
}

#[test]
fn milliseconds_in_the_signed_text_are_named() {
    for scheme in [Scheme::Standard, Scheme::Plain, Scheme::Stripe, Scheme::Slack] {
        for milliseconds in ["000", "417", "999"] {
            let text = text(scheme, BODY).replace(&NOW.to_string(), &format!("{NOW}{milliseconds}"));
            over(scheme, &text, &["timestamp_signed_in_milliseconds"]);
        }
    }
}

#[test]
fn milliseconds_in_the_header_only_are_named() {
    let pasted = good(Scheme::Standard);
    let headers = pasted.headers.replace(&NOW.to_string(), &format!("{NOW}417"));
    assert_named(&Pasted { headers, ..pasted }, &["timestamp_sent_in_milliseconds"]);
}

#[test]
fn headers_of_another_message_are_named() {
    let other = "msg_OTHER";
    // Both ids are among the headers.
    let pasted = good(Scheme::Standard);
    let headers = pasted.headers.replace(ID, other) + &format!("\nx-webhook-id: {ID}");
    assert_named(&Pasted { headers, ..pasted.clone() }, &["other_id", "headers_differ"]);
    // The right id is given beside, or is in the body.
    let headers = pasted.headers.replace(ID, other);
    assert_named(&Pasted { headers, id: Some(ID.into()), ..pasted }, &["other_id"]);
    let body = format!(r#"{{"id":"{ID}"}}"#);
    let pasted = signed(Scheme::Standard, &key(Scheme::Standard), &text(Scheme::Standard, &body)).body(&body);
    let headers = pasted.headers.replace(ID, other);
    assert_named(&Pasted { headers, ..pasted }, &["other_id"]);
}

#[test]
fn the_timestamp_of_another_attempt_is_named() {
    for scheme in [Scheme::Standard, Scheme::Plain, Scheme::Stripe, Scheme::Slack] {
        for offset in [-1, 1, -60, 300, 1800] {
            let pasted = good(scheme);
            let headers = pasted.headers.replace(&NOW.to_string(), &(NOW + offset).to_string());
            let pasted = Pasted { headers, ..pasted };
            assert_named(&pasted, &["other_timestamp"]);
            assert!(pasted.report().findings[0].explanation.contains(&NOW.to_string()));
        }
    }
}

#[test]
fn id_and_timestamp_of_another_message_are_both_named() {
    let pasted = good(Scheme::Standard);
    let headers = pasted.headers.replace(ID, "msg_OTHER").replace(&NOW.to_string(), &(NOW - 90_000).to_string());
    let headers = headers + &format!("\nx-webhook-id: {ID}\nx-webhook-timestamp: {NOW}");
    let pasted = Pasted { headers, ..pasted };
    assert_named(&pasted, &["other_id", "other_timestamp", "headers_differ", "headers_differ"]);
}

#[test]
fn headers_that_are_missing_are_named() {
    for (scheme, header) in [
        (Scheme::Standard, "webhook-id"),
        (Scheme::Standard, "webhook-timestamp"),
        (Scheme::Standard, "webhook-signature"),
        (Scheme::Plain, "X-Webhook-Timestamp"),
        (Scheme::Plain, "X-Webhook-Signature"),
        (Scheme::Slack, "X-Slack-Request-Timestamp"),
        (Scheme::Slack, "X-Slack-Signature"),
        (Scheme::Github, "X-Hub-Signature-256"),
    ] {
        let pasted = good(scheme);
        let headers: Vec<_> = pasted.headers.lines().filter(|line| !line.starts_with(header)).collect();
        let pasted = Pasted { headers: headers.join("\n"), ..pasted };
        assert_named(&pasted, &["header_missing"]);
        assert!(pasted.report().findings[0].title.contains(&header.to_lowercase()), "{header}");
    }
    let stripe = good(Scheme::Stripe);
    let headers = stripe.headers.replace(&format!("t={NOW},"), "");
    assert_named(&Pasted { headers, ..stripe }, &["header_missing"]);
}

#[test]
fn what_is_missing_is_marked_in_the_signed_text() {
    let pasted = good(Scheme::Standard);
    let headers: Vec<_> = pasted.headers.lines().skip(1).collect();
    let report = Pasted { headers: headers.join("\n"), ..pasted }.report();
    assert_eq!(report.base_string, format!("<id>.{NOW}.{BODY}"));
    assert_eq!(report.expected, [""; 0]);
}

#[test]
fn a_missing_id_can_be_given_beside() {
    let pasted = good(Scheme::Standard);
    let headers: Vec<_> = pasted.headers.lines().skip(1).collect();
    let report = Pasted { headers: headers.join("\n"), id: Some(ID.into()), ..pasted }.report();
    assert_eq!(report.verdict, Verdict::Valid);
}

#[test]
fn headers_are_read_however_they_are_pasted() {
    let pasted = good(Scheme::Standard);
    let curl: Vec<_> = pasted.headers.lines().map(|line| format!("-H '{line}'")).collect();
    let json: Vec<_> = pasted
        .headers
        .lines()
        .map(|line| line.split_once(": ").unwrap())
        .map(|(name, value)| format!("\"{name}\": \"{value}\""))
        .collect();
    for headers in [
        pasted.headers.to_uppercase().replace(&ID.to_uppercase(), ID).lines().map(str::to_owned).collect::<Vec<_>>()
            [..2]
            .join("\n")
            + "\n"
            + pasted.headers.lines().nth(2).unwrap(),
        pasted.headers.replace('\n', "\r\n\r\n"),
        format!("curl -X POST https://a.test {} -d '{{}}'", curl.join(" ")),
        format!("curl https://a.test \\\n  {}", curl.join(" \\\n  ")),
        format!("{{{}}}", json.join(",\n")),
        json.join(",\n"),
        pasted.headers.replace("webhook-", "HTTP_WEBHOOK_"),
        pasted.headers.replace("webhook-", "svix-"),
    ] {
        let report = Pasted { headers: headers.clone(), ..pasted.clone() }.report();
        assert_eq!(report.verdict, Verdict::Valid, "{headers}\n{report:#?}");
    }
}
