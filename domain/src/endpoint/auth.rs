//! How the hub proves to a receiver who it is, beside the signature. Secret parts are write-only.

use serde::{Deserialize, Serialize};

use crate::Detail;

/// Authentication towards a receiver. What is secret is shown as `••••`; sent back so, it keeps what is stored.
#[derive(Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "server", derive(utoipa::ToSchema))]
#[serde(tag = "kind", rename_all = "snake_case", deny_unknown_fields)]
pub enum Auth {
    /// Nothing beside the signature.
    #[default]
    None,
    /// `Authorization: Basic …`.
    Basic {
        /// The name.
        username: String,
        /// The password (secret).
        password: String,
    },
    /// `Authorization: Bearer …`.
    Bearer {
        /// The token (secret).
        token: String,
    },
    /// A key in a header of its own.
    ApiKey {
        /// The header's name.
        header: String,
        /// The key (secret).
        value: String,
    },
    /// A bearer token from a token endpoint, by OAuth 2 client credentials; kept until it lapses.
    Oauth2 {
        /// Where tokens come from: `https://…`.
        token_url: String,
        /// The client.
        client_id: String,
        /// The client's secret (secret).
        client_secret: String,
        /// Scopes with spaces between them.
        #[serde(default)]
        scope: String,
    },
    /// A client certificate in the TLS handshake.
    Mtls {
        /// The certificate and its chain, PEM.
        certificate: String,
        /// Its private key, PEM (secret).
        private_key: String,
    },
}

/// What stands for a secret that is not shown.
pub const MASKED: &str = "••••";

impl Auth {
    /// The word of its kind.
    #[must_use]
    pub const fn kind(&self) -> &'static str {
        match self {
            Self::None => "none",
            Self::Basic { .. } => "basic",
            Self::Bearer { .. } => "bearer",
            Self::ApiKey { .. } => "api_key",
            Self::Oauth2 { .. } => "oauth2",
            Self::Mtls { .. } => "mtls",
        }
    }

    /// The secret part.
    fn secret(&mut self) -> Option<&mut String> {
        match self {
            Self::None => None,
            Self::Basic { password, .. } => Some(password),
            Self::Bearer { token } => Some(token),
            Self::ApiKey { value, .. } => Some(value),
            Self::Oauth2 { client_secret, .. } => Some(client_secret),
            Self::Mtls { private_key, .. } => Some(private_key),
        }
    }

    /// The same with the secret masked.
    #[must_use]
    pub fn masked(mut self) -> Self {
        if let Some(secret) = self.secret() {
            *secret = MASKED.to_owned();
        }
        self
    }

    /// Puts the stored secret back where the masked one was sent, if the kind is the same.
    #[must_use]
    pub fn unmasked(mut self, stored: &Self) -> Self {
        let mut stored = stored.clone();
        if self.kind() == stored.kind()
            && let (Some(secret), Some(kept)) = (self.secret(), stored.secret())
            && secret == MASKED
        {
            std::mem::swap(secret, kept);
        }
        self
    }

    /// What is wrong with it, as far as that can be seen without a network or certificates.
    #[must_use]
    pub fn check(&self) -> Vec<Detail> {
        let mut details = Vec::new();
        let mut wrong = |field: &str, message: &str| {
            details.push(Detail { field: format!("auth.{field}"), message: message.into() })
        };
        let printable =
            |text: &str| !text.is_empty() && text.len() <= 2000 && text.bytes().all(|b| (0x20..0x7f).contains(&b));
        match self {
            Self::None => {}
            Self::Basic { username, password } => {
                if !printable(username) || username.contains(':') {
                    wrong("username", "must have 1 to 2000 printable ASCII characters and no colon.");
                }
                if !printable(password) {
                    wrong("password", "must have 1 to 2000 printable ASCII characters.");
                }
            }
            Self::Bearer { token } if !printable(token) => {
                wrong("token", "must have 1 to 2000 printable ASCII characters.");
            }
            Self::Bearer { .. } => {}
            Self::ApiKey { header, value } => {
                let one = std::iter::once((header.clone(), value.clone())).collect();
                let reserved = super::check_headers(&one).into_iter().next();
                if let Some(detail) = reserved {
                    wrong("header", &detail.message);
                } else if !printable(value) {
                    wrong("value", "must have 1 to 2000 printable ASCII characters.");
                }
            }
            Self::Oauth2 { client_id, client_secret, .. } => {
                if client_id.is_empty() {
                    wrong("client_id", "must not be empty.");
                }
                if client_secret.is_empty() {
                    wrong("client_secret", "must not be empty.");
                }
            }
            Self::Mtls { certificate, private_key } => {
                if !certificate.contains("-----BEGIN CERTIFICATE-----") {
                    wrong("certificate", "must be a certificate in PEM form.");
                }
                if private_key != MASKED && !private_key.contains("PRIVATE KEY-----") {
                    wrong("private_key", "must be a private key in PEM form.");
                }
            }
        }
        details
    }
}

impl std::fmt::Debug for Auth {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Auth::{}", self.kind())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_secret_is_masked_and_comes_back_only_for_the_same_kind() {
        let stored = Auth::Basic { username: "hub".into(), password: "s3cret".into() };
        let shown = stored.clone().masked();
        assert!(!serde_json::to_string(&shown).expect("json").contains("s3cret"));
        assert!(!format!("{stored:?}").contains("s3cret"));
        assert_eq!(shown.unmasked(&stored), stored);
        let other = Auth::Bearer { token: MASKED.into() };
        assert_eq!(other.clone().unmasked(&stored), other);
    }

    #[test]
    fn wrong_parts_are_named() {
        for (auth, field) in [
            (Auth::Basic { username: "a:b".into(), password: "x".into() }, "auth.username"),
            (Auth::Bearer { token: "with\nline".into() }, "auth.token"),
            (Auth::ApiKey { header: "Host".into(), value: "x".into() }, "auth.header"),
            (
                Auth::Oauth2 {
                    token_url: "https://t".into(),
                    client_id: String::new(),
                    client_secret: "x".into(),
                    scope: String::new(),
                },
                "auth.client_id",
            ),
            (Auth::Mtls { certificate: "no".into(), private_key: MASKED.into() }, "auth.certificate"),
        ] {
            assert_eq!(auth.check()[0].field, field);
        }
    }
}
