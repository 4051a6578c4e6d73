//! What the errors of Entra ID mean. The standard's code says what to do with a token; the number beside it
//! (`AADSTS65001`) says what happened, and so what helps.

use crate::provider::{Help, Meaning, Next, Standing};

/// The number of an error, from the words beside its code, of a token's answer or of the way back.
#[must_use]
pub fn number(description: &str) -> Option<u32> {
    let digits = description.split_once("AADSTS")?.1;
    let end = digits.find(|letter: char| !letter.is_ascii_digit()).unwrap_or(digits.len());
    digits[..end].parse().ok()
}

/// What happened, by the number of the error. Nothing of a number that is not known: then the standard's code decides.
#[must_use]
pub fn meaning(number: u32) -> Option<Meaning> {
    let reconnect = Some(Standing::NeedsReconnect);
    let (connection, next, sentence, help) = match number {
        65_001 => (reconnect, Next::GiveUp, NO_CONSENT, Help::Reconnect),
        65_004 => (None, Next::GiveUp, DECLINED, Help::Reconnect),
        90_094 | 90_093 => (None, Next::GiveUp, APPROVAL, Help::AskAdministrator),
        50_173 | 50_133 => (reconnect, Next::GiveUp, PASSWORD, Help::Reconnect),
        70_008 | 700_082 | 70_043 => (reconnect, Next::GiveUp, IDLE, Help::Reconnect),
        50_057 | 50_034 => (reconnect, Next::GiveUp, BLOCKED, Help::Reconnect),
        50_076 | 50_079 | 53_000 | 53_003 => (reconnect, Next::GiveUp, POLICY, Help::Reconnect),
        700_016 | 7_000_112 | 7_000_229 => (reconnect, Next::GiveUp, REMOVED, Help::Reconnect),
        7_000_215 | 7_000_222 | 7_000_218 => (None, Next::GiveUp, SECRET, Help::CheckApp),
        50_011 | 500_112 => (None, Next::GiveUp, REDIRECT, Help::CheckApp),
        90_033 | 90_024 | 50_196 => (None, Next::Retry { after_s: None }, LATER, Help::TryAgain),
        _ => return None,
    };
    Some(Meaning { connection, channel: None, next, sentence, help, perhaps_done: false })
}

const NO_CONSENT: &str = "Microsoft says that nobody allows Patchbay this any more: the person who connected has removed it, or an \
     administrator has. Reconnect Teams: rules and channels are kept.";
const DECLINED: &str = "Whoever signed in did not allow what Patchbay asked for. Start again, and choose Accept.";
const APPROVAL: &str = "Your organization lets only administrators allow this. Ask one to open the link for administrators; after that \
     everybody can connect.";
const PASSWORD: &str = "The person who connected Teams has another password, or was signed out everywhere. Reconnect Teams: rules and \
     channels are kept.";
const IDLE: &str =
    "The sign-in has run out because it was not used for too long. Reconnect Teams: rules and channels are kept.";
const BLOCKED: &str = "The account of the person who connected Teams is blocked or gone. Reconnect Teams with another account, best \
     one that is nobody's own.";
const POLICY: &str = "A policy of your organization asks whoever connected Teams to prove more than a password. Reconnect Teams; if \
     that does not help, ask an administrator to exempt Patchbay.";
const REMOVED: &str = "An administrator has taken Patchbay out of your organization at Microsoft, or switched it off there. Ask them \
     to allow it, then reconnect Teams.";
const SECRET: &str = "Microsoft does not accept the secret of this installation's app: it is wrong or has run out. Whoever runs \
     Patchbay must set a new one; nobody has to reconnect.";
const REDIRECT: &str = "Microsoft does not know the address that people come back to. Whoever runs Patchbay must add it to the app, to \
     the letter.";
const LATER: &str = "Microsoft's sign-in is out of order for the moment. It is tried again.";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_number_is_read_from_the_words() {
        for (words, found) in [
            ("AADSTS700082: The refresh token has expired due to inactivity. Trace ID: 1", Some(700_082)),
            ("invalid_grant: AADSTS65001", Some(65_001)),
            ("AADSTS: no number", None),
            ("AADSTS99999999999", None),
            ("", None),
        ] {
            assert_eq!(number(words), found, "{words}");
        }
    }

    #[test]
    fn the_errors_that_matter_lead_to_the_right_state_and_button() {
        let reconnect = Some(Standing::NeedsReconnect);
        for (number, connection, next, help, word) in [
            (65_001, reconnect.clone(), Next::GiveUp, Help::Reconnect, "removed"),
            (50_173, reconnect.clone(), Next::GiveUp, Help::Reconnect, "password"),
            (700_082, reconnect.clone(), Next::GiveUp, Help::Reconnect, "not used"),
            (70_008, reconnect.clone(), Next::GiveUp, Help::Reconnect, "not used"),
            (50_057, reconnect.clone(), Next::GiveUp, Help::Reconnect, "blocked"),
            (50_076, reconnect.clone(), Next::GiveUp, Help::Reconnect, "policy"),
            (7_000_112, reconnect, Next::GiveUp, Help::Reconnect, "taken Patchbay out"),
            (90_094, None, Next::GiveUp, Help::AskAdministrator, "administrators"),
            (65_004, None, Next::GiveUp, Help::Reconnect, "did not allow"),
            (7_000_215, None, Next::GiveUp, Help::CheckApp, "secret"),
            (7_000_222, None, Next::GiveUp, Help::CheckApp, "secret"),
            (90_033, None, Next::Retry { after_s: None }, Help::TryAgain, "tried again"),
        ] {
            let meaning = meaning(number).expect("it is known");
            assert_eq!((meaning.connection, meaning.next, meaning.help), (connection, next, help), "{number}");
            assert!(
                meaning.sentence.contains(word) && meaning.sentence.ends_with('.'),
                "{number}: {}",
                meaning.sentence
            );
            assert!(meaning.channel.is_none() && !meaning.perhaps_done);
        }
        assert_eq!(meaning(1), None);
    }
}
