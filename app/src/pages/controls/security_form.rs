//! The form of signing schemes and authentication. Secrets are write-only: an empty field keeps what is stored.

use domain::endpoint::{Auth, Endpoint, EndpointChange, MASKED, SigningScheme};
use serde::{Deserialize, Serialize};

/// The form as it is posted; the fields of the kinds that were not chosen do not count.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct SecurityForm {
    /// The endpoint.
    pub id: String,
    /// The schemes, as ticked.
    pub schemes: Vec<String>,
    /// The kind of authentication.
    pub kind: String,
    /// The kind whose secret is stored.
    pub stored: String,
    /// Of `basic`.
    pub username: String,
    /// Secret.
    pub password: String,
    /// Of `bearer`; secret.
    pub token: String,
    /// Of `api_key`.
    pub header: String,
    /// Secret.
    pub value: String,
    /// Of `oauth2`.
    pub token_url: String,
    /// Of `oauth2`.
    pub client_id: String,
    /// Secret.
    pub client_secret: String,
    /// Of `oauth2`.
    pub scope: String,
    /// Of `mtls`.
    pub certificate: String,
    /// Secret.
    pub private_key: String,
}

impl SecurityForm {
    /// The form of an endpoint as it is.
    #[must_use]
    pub fn of(endpoint: &Endpoint) -> Self {
        let mut form = Self {
            id: endpoint.id.to_string(),
            schemes: endpoint.signing_schemes.iter().map(ToString::to_string).collect(),
            kind: endpoint.auth.kind().to_owned(),
            stored: endpoint.auth.kind().to_owned(),
            ..Self::default()
        };
        match endpoint.auth.clone() {
            Auth::None | Auth::Bearer { .. } => {}
            Auth::Basic { username, .. } => form.username = username,
            Auth::ApiKey { header, .. } => form.header = header,
            Auth::Oauth2 { token_url, client_id, scope, .. } => {
                (form.token_url, form.client_id, form.scope) = (token_url, client_id, scope);
            }
            Auth::Mtls { certificate, .. } => form.certificate = certificate,
        }
        form
    }

    /// The form without its secrets, to be shown again.
    #[must_use]
    pub fn without_secrets(mut self) -> Self {
        for secret in
            [&mut self.password, &mut self.token, &mut self.value, &mut self.client_secret, &mut self.private_key]
        {
            secret.clear();
        }
        self
    }

    /// The change that the form asks for.
    ///
    /// # Errors
    /// No scheme is ticked, or a word is unknown.
    pub fn change(&self) -> domain::Result<EndpointChange> {
        let schemes: Result<Vec<SigningScheme>, String> = self.schemes.iter().map(|word| word.parse()).collect();
        let schemes = schemes.map_err(|message| domain::Error::invalid("signing_schemes", message))?;
        if schemes.is_empty() {
            return Err(domain::Error::invalid(
                "signing_schemes",
                "choose at least one, or nothing proves that requests come from here.",
            ));
        }
        Ok(EndpointChange { signing_schemes: Some(schemes), auth: Some(self.auth()?), ..EndpointChange::default() })
    }

    fn auth(&self) -> domain::Result<Auth> {
        let plain = |text: &str| text.trim().to_owned();
        let secret = |text: &str| {
            let keeps = text.is_empty() && self.stored == self.kind;
            if keeps { MASKED.to_owned() } else { text.to_owned() }
        };
        Ok(match self.kind.as_str() {
            "" | "none" => Auth::None,
            "basic" => Auth::Basic { username: plain(&self.username), password: secret(&self.password) },
            "bearer" => Auth::Bearer { token: secret(self.token.trim()) },
            "api_key" => Auth::ApiKey { header: plain(&self.header), value: secret(self.value.trim()) },
            "oauth2" => Auth::Oauth2 {
                token_url: plain(&self.token_url),
                client_id: plain(&self.client_id),
                client_secret: secret(self.client_secret.trim()),
                scope: plain(&self.scope),
            },
            "mtls" => Auth::Mtls {
                certificate: self.certificate.replace("\r\n", "\n"),
                private_key: secret(&self.private_key.trim().replace("\r\n", "\n")),
            },
            _ => return Err(domain::Error::invalid("auth.kind", "is no kind of authentication.")),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn form(kind: &str, stored: &str) -> SecurityForm {
        SecurityForm {
            schemes: vec!["standard".into(), "ed25519".into()],
            kind: kind.into(),
            stored: stored.into(),
            username: "hub".into(),
            ..SecurityForm::default()
        }
    }

    #[test]
    fn a_secret_left_empty_keeps_what_is_stored_for_the_same_kind_only() {
        let password = |form: SecurityForm| match form.change().expect("good").auth {
            Some(Auth::Basic { password, .. }) => password,
            other => format!("{other:?}"),
        };
        assert_eq!(password(form("basic", "basic")), MASKED);
        assert_eq!(password(form("basic", "bearer")), "", "nothing of another kind is taken over");
        assert_eq!(password(SecurityForm { password: " a b".into(), ..form("basic", "basic") }), " a b");
    }

    #[test]
    fn only_the_chosen_kind_counts() {
        let change = SecurityForm { token: "t".into(), ..form("none", "basic") }.change().expect("good");
        assert_eq!(change.auth, Some(Auth::None));
        assert_eq!(change.signing_schemes, Some(vec![SigningScheme::Standard, SigningScheme::Ed25519]));
        assert!(form("magic", "none").change().is_err());
    }

    #[test]
    fn something_has_to_sign() {
        let none = SecurityForm { schemes: Vec::new(), ..form("none", "none") };
        assert_eq!(none.change().expect_err("none").problem().details[0].field, "signing_schemes");
    }

    #[test]
    fn what_is_shown_again_holds_no_secret() {
        let typed = SecurityForm {
            password: "p".into(),
            token: "t".into(),
            value: "v".into(),
            client_secret: "c".into(),
            private_key: "k".into(),
            ..form("basic", "none")
        };
        assert_eq!(typed.without_secrets(), form("basic", "none"));
    }
}
