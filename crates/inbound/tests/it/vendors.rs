//! Vendors' own libraries as a second opinion: what they sign is taken, and refused once a byte of it differs; and of what is signed
//! here they take and refuse the same as we do.

use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use inbound::Provider;
use serde_json::{Value, json};

use crate::signing::{NOW, Sent, known_as, sample, secret};

/// Libraries that sign, each with the provider whose requests it signs.
const SIGNERS: [(&str, Provider); 6] = [
    ("stripe", Provider::Stripe),
    ("svix", Provider::Clerk),
    ("standardwebhooks", Provider::Standard),
    ("@octokit/webhooks-methods", Provider::Github),
    ("@hubspot/api-client", Provider::Hubspot),
    ("atlassian-jwt", Provider::Jira),
];

/// Libraries that verify.
const JUDGES: [(&str, Provider); 8] = [
    ("stripe", Provider::Stripe),
    ("svix", Provider::Standard),
    ("@clerk/backend", Provider::Clerk),
    ("resend", Provider::Resend),
    ("@octokit/webhooks-methods", Provider::Github),
    ("@slack/bolt", Provider::Slack),
    ("@linear/sdk", Provider::Linear),
    ("@sendgrid/eventwebhook", Provider::Sendgrid),
];

/// The address without escapes, which HubSpot's library leaves as they are.
const URL: &str = "https://hub.example.com/in/src_1?a=b";

/// Has the script sign and judge. `None`, and a word about it, where packages or node are not installed: `npm ci` in the folder does it.
fn ask(asked: &Value) -> Option<Value> {
    let folder: PathBuf = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/vendors");
    if !folder.join("node_modules/stripe").is_dir() {
        eprintln!("skipped: the packages are not installed; run `npm ci` in crates/inbound/tests/vendors");
        return None;
    }
    let mut command = Command::new("node");
    command.arg(folder.join("vendors.mjs")).stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let Ok(mut running) = command.spawn() else {
        eprintln!("skipped: node is not installed");
        return None;
    };
    running.stdin.take().expect("a pipe").write_all(asked.to_string().as_bytes()).expect("it reads");
    let run = running.wait_with_output().expect("it ends");
    assert!(run.status.success(), "{}", String::from_utf8_lossy(&run.stderr));
    Some(serde_json::from_slice(&run.stdout).expect("JSON"))
}

/// The request with one byte of its body changed, for each byte that can be without making it another kind of body.
fn changed(sent: &Sent) -> Vec<Sent> {
    let words = sent.body.iter().enumerate().filter(|(_, byte)| byte.is_ascii_alphanumeric());
    let other = |byte: u8| match byte {
        b'9' | b'z' | b'Z' => byte - 1,
        _ => byte + 1,
    };
    let change = |(at, byte): (usize, &u8)| {
        let mut changed = sent.clone();
        changed.body[at] = other(*byte);
        changed
    };
    words.map(change).collect()
}

#[test]
fn what_vendors_libraries_sign_is_taken_and_refused_once_a_byte_differs() {
    let body = json!({ "id": "evt_1", "type": "x", "amount": 4900, "note": "Grüße & €" }).to_string();
    let sign: Vec<Value> = SIGNERS
        .iter()
        .map(|(library, provider)| json!({ "library": library, "secret": secret(*provider, 1), "body": body }))
        .collect();
    let Some(answer) = ask(&json!({ "now": NOW, "url": URL, "sign": sign, "judge": [] })) else { return };
    for ((library, provider), headers) in SIGNERS.iter().zip(answer["signed"].as_array().expect("a list")) {
        let secret = secret(*provider, 1);
        let mut sent = Sent::new(*provider, "application/json", body.clone()).at(URL);
        for (name, value) in headers.as_object().expect("headers") {
            sent = sent.with(name, value.as_str().expect("a header"));
        }
        assert_eq!(sent.word(&[&secret], NOW), "verified", "{library}: {headers}");
        let other = format!("{secret}x");
        assert_ne!(sent.word(&[&other], NOW), "verified", "{library} with another secret");
        // A token of Jira's says nothing of the body.
        for changed in changed(&sent).iter().filter(|_| *provider != Provider::Jira) {
            assert_eq!(changed.word(&[&secret], NOW), "bad_signature", "{library}: {changed:?}");
        }
        for place in 1..sent.headers.len() {
            let value = sent.headers[place].1.clone();
            for (at, byte) in value.bytes().enumerate().filter(|(_, byte)| byte.is_ascii_alphanumeric()) {
                let mut changed = sent.clone();
                let next = if byte.eq_ignore_ascii_case(&b'c') { "d" } else { "c" };
                // Nothing else of the header may stand for the same bytes: upper case in hex, the bits at the end of base64.
                changed.headers[place].1.replace_range(at..=at, next);
                let is_tail = at + 4 >= value.trim_end_matches('=').len();
                let word = changed.word(&[&secret], NOW);
                assert!(word != "verified" || is_tail, "{library}: {value} with another byte at {at}");
            }
        }
    }
}

#[test]
fn vendors_libraries_take_and_refuse_the_same_as_we_do() {
    let mut requests = Vec::new();
    for (library, provider) in JUDGES {
        let signed = sample(provider).signed(&secret(provider, 1), NOW);
        let mut all = vec![signed.clone()];
        all.extend(changed(&signed));
        // One that is older than all of them accept, and one with another secret.
        all.push(sample(provider).signed(&secret(provider, 2), NOW));
        let is_dated = !matches!(provider, Provider::Github | Provider::Sendgrid | Provider::Linear);
        all.extend(is_dated.then(|| sample(provider).signed(&secret(provider, 1), NOW - 301)));
        requests.extend(all.into_iter().map(|sent| (library, sent)));
    }
    let judge: Vec<Value> = requests
        .iter()
        .map(|(library, sent)| {
            let headers = sent.headers.iter().map(|(name, value)| (name.to_ascii_lowercase(), json!(value)));
            json!({
                "library": library,
                "secret": known_as(sent.provider, &secret(sent.provider, 1)),
                "headers": headers.collect::<serde_json::Map<_, _>>(),
                "body": String::from_utf8(sent.body.clone()).expect("text"),
            })
        })
        .collect();
    let Some(answer) = ask(&json!({ "now": NOW, "url": URL, "sign": [], "judge": judge })) else { return };
    let judged = answer["judged"].as_array().expect("a list");
    assert_eq!(judged.len(), requests.len());
    for ((library, sent), judged) in requests.iter().zip(judged) {
        let ours = sent.word(&[&secret(sent.provider, 1)], NOW);
        assert_eq!(judged, &json!(ours == "verified"), "{library} and {ours}: {sent:?}");
    }
    let taken = judged.iter().filter(|judged| **judged == json!(true)).count();
    assert_eq!(taken, JUDGES.len(), "of each library's requests one is good");
}
