//! Eleven providers, as the people who run this program would write them down.

use oauth_flow::{BodyEncoding, Client, ClientAuthentication, Provider, Revocation, Rotation, Secret};

pub const DAY_MS: i64 = 86_400_000;

pub fn client() -> Client {
    Client {
        id: "client & co".to_owned(),
        secret: Secret::from("client-s3cret/ü"),
        redirect_uri: "https://hub.example/oauth/callback?from=x".to_owned(),
    }
}

pub fn slack() -> Provider {
    Provider {
        revocation: Revocation::Itself("https://slack.com/api/auth.revoke".into()),
        scope_separator: ",",
        authentication: ClientAuthentication::Basic,
        pkce: false,
        bearer_names: &["bot"],
        secret_fields: &["/incoming_webhook/url"],
        ..Provider::new("https://slack.com/oauth/v2/authorize", "https://slack.com/api/oauth.v2.access")
    }
}

pub fn microsoft() -> Provider {
    let base = "https://login.microsoftonline.com/organizations/oauth2/v2.0";
    Provider {
        authorize_parameters: &[("response_mode", "query"), ("prompt", "select_account")],
        rotation: Rotation::Renewed,
        idle_expiry_ms: Some(90 * DAY_MS),
        ..Provider::new(format!("{base}/authorize"), format!("{base}/token"))
    }
}

pub fn jira() -> Provider {
    Provider {
        encoding: BodyEncoding::Json,
        pkce: false,
        authorize_parameters: &[("audience", "api.atlassian.com"), ("prompt", "consent")],
        ending_codes: &["unauthorized_client"],
        idle_expiry_ms: Some(90 * DAY_MS),
        absolute_expiry_ms: Some(365 * DAY_MS),
        ..Provider::new("https://auth.atlassian.com/authorize", "https://auth.atlassian.com/oauth/token")
    }
}

pub fn hubspot() -> Provider {
    Provider {
        revocation: Revocation::Standard("https://api.hubapi.com/oauth/v3/token/revoke".into()),
        rotation: Rotation::Fixed,
        ..Provider::new("https://app.hubspot.com/oauth/authorize", "https://api.hubapi.com/oauth/v3/token")
    }
}

pub fn salesforce() -> Provider {
    let base = "https://login.salesforce.com/services/oauth2";
    Provider {
        revocation: Revocation::Unproven(format!("{base}/revoke").into()),
        authorize_parameters: &[("prompt", "login consent")],
        ..Provider::new(format!("{base}/authorize"), format!("{base}/token"))
    }
}

pub fn exact_online() -> Provider {
    let base = "https://start.exactonline.nl/api/oauth2";
    Provider {
        pkce: false,
        refresh_ahead_ms: 20_000,
        refresh_window_ms: Some(30_000),
        idle_expiry_ms: Some(30 * DAY_MS),
        ..Provider::new(format!("{base}/auth"), format!("{base}/token"))
    }
}

pub fn github() -> Provider {
    Provider {
        revocation: Revocation::Delete("https://api.github.com/applications/{client_id}/token".into()),
        idle_expiry_ms: Some(184 * DAY_MS),
        ..Provider::new("https://github.com/login/oauth/authorize", "https://github.com/login/oauth/access_token")
    }
}

pub fn linear() -> Provider {
    Provider {
        revocation: Revocation::Unproven("https://api.linear.app/oauth/revoke".into()),
        scope_separator: ",",
        authorize_parameters: &[("actor", "app")],
        ..Provider::new("https://linear.app/oauth/authorize", "https://api.linear.app/oauth/token")
    }
}

pub fn notion() -> Provider {
    Provider {
        revocation: Revocation::Standard("https://api.notion.com/v1/oauth/revoke".into()),
        authentication: ClientAuthentication::Basic,
        encoding: BodyEncoding::Json,
        pkce: false,
        authorize_parameters: &[("owner", "user")],
        ..Provider::new("https://api.notion.com/v1/oauth/authorize", "https://api.notion.com/v1/oauth/token")
    }
}

pub fn twinfield() -> Provider {
    let base = "https://login.twinfield.com/auth/authentication/connect";
    Provider {
        authentication: ClientAuthentication::Basic,
        pkce: false,
        rotation: Rotation::Renewed,
        idle_expiry_ms: Some(550 * DAY_MS),
        ..Provider::new(format!("{base}/authorize"), format!("{base}/token"))
    }
}

pub fn visma() -> Provider {
    let base = "https://identity.vismaonline.com/connect";
    Provider {
        revocation: Revocation::Standard(format!("{base}/revocation").into()),
        authentication: ClientAuthentication::Basic,
        ..Provider::new(format!("{base}/authorize"), format!("{base}/token"))
    }
}

/// All of them, by their names in the published facts.
pub fn all() -> [(&'static str, Provider); 11] {
    [
        ("slack", slack()),
        ("microsoft", microsoft()),
        ("jira", jira()),
        ("hubspot", hubspot()),
        ("salesforce", salesforce()),
        ("exact-online", exact_online()),
        ("github-app-user", github()),
        ("linear", linear()),
        ("notion", notion()),
        ("twinfield", twinfield()),
        ("visma-eaccounting", visma()),
    ]
}
