//! What holds for every message.

use proptest::prelude::*;
use signature::{
    Keys, PublicKey, Secret, SigningKey, sign, verify_ed25519, verify_github, verify_plain, verify_slack,
    verify_standard, verify_stripe,
};

use super::*;

const ALL: [Scheme; 6] =
    [Scheme::Standard, Scheme::Plain, Scheme::Ed25519, Scheme::Stripe, Scheme::Github, Scheme::Slack];

/// A message signed by this crate.
#[derive(Debug, Clone)]
struct Message {
    scheme: Scheme,
    secret: String,
    headers: Vec<(&'static str, String)>,
    body: String,
}

impl Message {
    fn sign(scheme: Scheme, seed: [u8; 32], id: &str, body: String) -> Self {
        let (secret, pair) = (Secret::generate(seed), SigningKey::generate(seed));
        let keys = Keys { secrets: &[&secret], ed25519: &[&pair] };
        let headers = sign(scheme, &keys, id, NOW, body.as_bytes());
        let secret = if scheme == Scheme::Ed25519 { pair.public_text() } else { secret.text().to_owned() };
        Self { scheme, secret, headers, body }
    }

    fn report(&self) -> Report {
        let headers: Vec<_> = self.headers.iter().map(|(name, value)| format!("{name}: {value}")).collect();
        let (headers, scheme) = (headers.join("\n"), Some(self.scheme));
        let (body, secret) = (self.body.as_str(), self.secret.as_str());
        diagnose(&Input { headers: &headers, body, secret, scheme, now_s: NOW, ..Input::default() })
    }

    /// What the verifying functions say.
    fn is_accepted(&self) -> bool {
        let header = |name: Option<&str>| {
            self.headers.iter().find(|(known, _)| Some(*known) == name).map_or("", |(_, value)| value)
        };
        let (id, time) = (header(self.scheme.id_header()), header(self.scheme.timestamp_header()));
        let (signature, body) = (header(Some(self.scheme.signature_header())), self.body.as_bytes());
        if self.scheme == Scheme::Ed25519 {
            let key = PublicKey::parse(&self.secret).expect("a key");
            return verify_ed25519(&[key], id, time, signature, body, NOW).is_ok();
        }
        let secrets = [Secret::parse(&self.secret).expect("a secret")];
        let keys = [secrets[0].text_key()];
        match self.scheme {
            Scheme::Standard | Scheme::Ed25519 => verify_standard(&secrets, id, time, signature, body, NOW),
            Scheme::Plain => verify_plain(&secrets, time, signature, body, NOW),
            Scheme::Stripe => verify_stripe(&keys, signature, body, NOW),
            Scheme::Github => verify_github(&keys, signature, body),
            Scheme::Slack => verify_slack(&keys, time, signature, body, NOW),
        }
        .is_ok()
    }

    /// Changes one character of what is protected: the body, or a header's value.
    fn flip(&mut self, at: &prop::sample::Index, to: char) -> bool {
        let protects_id = matches!(self.scheme, Scheme::Standard | Scheme::Ed25519);
        let values = self.headers.iter_mut().filter(|(name, _)| protects_id || !name.ends_with("-id"));
        let mut texts: Vec<_> = values.map(|(_, value)| value).chain([&mut self.body]).collect();
        let total: usize = texts.iter().map(|text| text.chars().count()).sum();
        let mut at = at.index(total);
        for text in &mut texts {
            let Some((offset, old)) = text.char_indices().nth(at) else {
                at -= text.chars().count();
                continue;
            };
            // In hex, upper and lower case are the same; blanks around a header's value are no part of it.
            let same = old.eq_ignore_ascii_case(&to);
            text.replace_range(offset..offset + old.len_utf8(), to.encode_utf8(&mut [0; 4]));
            return !same;
        }
        false
    }
}

fn messages() -> impl Strategy<Value = Message> {
    let body =
        prop_oneof!["\\PC{0,60}", "[{}\\[\\]\",:a-c0-9\\\\ \\n]{0,40}", Just(BODY.to_owned()), Just(String::new())];
    (prop::sample::select(ALL.to_vec()), any::<[u8; 32]>(), "[a-zA-Z0-9_]{1,30}", body)
        .prop_map(|(scheme, seed, id, body)| Message::sign(scheme, seed, &id, body))
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn what_is_signed_rightly_is_valid(message in messages()) {
        let report = message.report();
        prop_assert_eq!((report.verdict, report.findings), (Verdict::Valid, vec![]));
        prop_assert!(message.is_accepted());
    }

    #[test]
    fn one_changed_character_is_never_valid(
        message in messages(), at: prop::sample::Index, to in "[!-~]|é|\\n",
    ) {
        let mut changed = message;
        let differs = changed.flip(&at, to.chars().next().unwrap());
        prop_assume!(differs);
        let report = changed.report();
        prop_assert!(report.verdict != Verdict::Valid, "{changed:#?}");
        prop_assert!(!report.findings.is_empty());
        prop_assert!(!changed.is_accepted());
    }

    #[test]
    fn no_input_makes_it_panic(headers: String, body: String, secret: String, old: Option<String>, id: Option<String>, now_s: i64, which in 0..7_usize) {
        let (old_secret, id, scheme) = (old.as_deref(), id.as_deref(), ALL.get(which).copied());
        let report = diagnose(&Input { headers: &headers, body: &body, secret: &secret, old_secret, id, scheme, now_s });
        prop_assert_eq!(report.verdict, Verdict::Invalid);
    }
}
