//! Settings of third parties: the apps that people connect accounts with, what not everybody may connect, the door for e-mail.

use domain::connection::{JiraApp, SlackApp, TeamsApp};
use domain::org::plan::Plans;
use domain::provider::catalogue;
use domain::source::mail::MailDoor;

use super::{Result, read_list, wrong};

/// The id and the secret of an app, if they are given.
fn read_app(
    given: impl Fn(&str) -> Result<Option<String>>,
    [id, secret]: [&str; 2],
    place: &str,
) -> Result<Option<(String, String)>> {
    match (given(id)?, given(secret)?) {
        (None, None) => Ok(None),
        (Some(client_id), Some(client_secret)) => Ok(Some((client_id, client_secret))),
        (client_id, _) => {
            let missing = if client_id.is_none() { id } else { secret };
            wrong(missing, format!("is missing; an app at {place} needs its client id and its client secret."))
        }
    }
}

pub(super) fn read_teams(given: impl Fn(&str) -> Result<Option<String>> + Copy) -> Result<Option<TeamsApp>> {
    let names = ["PATCHBAY_TEAMS_CLIENT_ID", "PATCHBAY_TEAMS_CLIENT_SECRET"];
    let Some((client_id, client_secret)) = read_app(given, names, "Entra ID")? else { return Ok(None) };
    let url = given("PATCHBAY_ENTRA_URL")?.map(|url| origin("PATCHBAY_ENTRA_URL", &url)).transpose()?;
    Ok(Some(TeamsApp { url, client_id, client_secret: client_secret.into() }))
}

pub(super) fn read_jira(given: impl Fn(&str) -> Result<Option<String>> + Copy) -> Result<Option<JiraApp>> {
    let names = ["PATCHBAY_JIRA_CLIENT_ID", "PATCHBAY_JIRA_CLIENT_SECRET"];
    let Some((client_id, client_secret)) = read_app(given, names, "Atlassian")? else { return Ok(None) };
    let url = given("PATCHBAY_JIRA_URL")?.map(|url| origin("PATCHBAY_JIRA_URL", &url)).transpose()?;
    Ok(Some(JiraApp { url, client_id, client_secret: client_secret.into() }))
}

pub(super) fn read_plans(given: impl Fn(&str) -> Result<Option<String>>) -> Result<Plans> {
    let gated = read_list("PATCHBAY_GATED_INTEGRATIONS", given("PATCHBAY_GATED_INTEGRATIONS")?, |key| {
        let known: Vec<_> =
            catalogue::CATALOGUE.iter().filter(|known| known.provider.is_some()).map(|known| known.key).collect();
        if known.contains(&key) { Ok(key.to_owned()) } else { Err(format!("there are {}", known.join(", "))) }
    })?;
    let contact_url = given("PATCHBAY_CONTACT_URL")?;
    if contact_url.as_deref().is_some_and(|url| !["https://", "http://", "mailto:"].iter().any(|s| url.starts_with(s)))
    {
        return wrong("PATCHBAY_CONTACT_URL", "must begin with https://, http:// or mailto:.");
    }
    Ok(Plans { gated, contact_url })
}

const MAIL_DOMAIN: &str = "PATCHBAY_MAIL_DOMAIN";
const MAIL_PROVIDER: &str = "PATCHBAY_MAIL_PROVIDER";
const MAIL_SECRET: &str = "PATCHBAY_MAIL_SECRET";
/// The secrets of each, where there are several.
const MAIL_SECRETS: [(&str, &str); 4] = [
    ("brevo", "PATCHBAY_MAIL_SECRET_BREVO"),
    ("mailjet", "PATCHBAY_MAIL_SECRET_MAILJET"),
    ("postmark", "PATCHBAY_MAIL_SECRET_POSTMARK"),
    ("sendgrid", "PATCHBAY_MAIL_SECRET_SENDGRID"),
];

/// The doors for everybody's e-mail: one for each provider that is named, for the one domain or for that in its place.
pub(super) fn read_mail(given: impl Fn(&str) -> Result<Option<String>>) -> Result<Vec<MailDoor>> {
    let list = |name: &str| -> Result<Vec<String>> {
        let text = given(name)?.unwrap_or_default();
        let words = text.split(',').map(|word| word.trim().to_ascii_lowercase());
        Ok(words.filter(|word| !word.is_empty()).collect())
    };
    let (domains, providers, shared) = (list(MAIL_DOMAIN)?, list(MAIL_PROVIDER)?, given(MAIL_SECRET)?);
    for (provider, name) in MAIL_SECRETS {
        if given(name)?.is_some() && !providers.iter().any(|known| known == provider) {
            return wrong(name, format!("is set, but {MAIL_PROVIDER} does not name {provider}."));
        }
    }
    let needs = "is missing; e-mail for everybody needs its domain, its provider and its secret.";
    match (domains.len(), providers.len()) {
        (0, 0) if shared.is_none() => return Ok(Vec::new()),
        (0, _) => return wrong(MAIL_DOMAIN, needs),
        (_, 0) => return wrong(MAIL_PROVIDER, needs),
        (1, _) => {}
        (domains, providers) if domains == providers => {}
        _ => {
            return wrong(MAIL_DOMAIN, format!("must name one domain, or as many as {MAIL_PROVIDER} names providers."));
        }
    }
    if shared.is_some() && providers.len() > 1 {
        return wrong(
            MAIL_SECRET,
            "is for one provider; of several each has its own, as PATCHBAY_MAIL_SECRET_POSTMARK.",
        );
    }
    let mut doors: Vec<MailDoor> = Vec::new();
    for (place, provider) in providers.iter().enumerate() {
        if providers[..place].contains(provider) {
            return wrong(MAIL_PROVIDER, format!("names {provider} twice."));
        }
        let domain = domains.get(place).unwrap_or(&domains[0]);
        let own = MAIL_SECRETS.iter().find(|(known, _)| known == provider).map(|(_, name)| *name);
        let secret = own.map(&given).transpose()?.flatten().map(|secret| (own, secret));
        let secret = secret.or_else(|| shared.clone().map(|secret| (Some(MAIL_SECRET), secret)));
        let Some((name, secret)) = secret else {
            let name = own.filter(|_| providers.len() > 1).unwrap_or(MAIL_SECRET);
            return wrong(name, needs);
        };
        doors.push(mail_door(domain, provider, &secret, name.unwrap_or(MAIL_SECRET))?);
    }
    Ok(doors)
}

/// One door; `secret_name` is the setting that its secret is from.
fn mail_door(domain: &str, provider: &str, secret: &str, secret_name: &str) -> Result<MailDoor> {
    MailDoor::new(domain, provider, secret).or_else(|error| {
        let problem = error.problem();
        let detail = problem.details.first();
        let name = match detail.map(|detail| detail.field.as_str()) {
            Some("provider") => MAIL_PROVIDER,
            Some("secret") => secret_name,
            _ => MAIL_DOMAIN,
        };
        wrong(name, detail.map_or(problem.message.clone(), |detail| detail.message.clone()))
    })
}

pub(super) fn read_slack(given: impl Fn(&str) -> Result<Option<String>>) -> Result<Option<SlackApp>> {
    const NAMES: [&str; 3] =
        ["PATCHBAY_SLACK_CLIENT_ID", "PATCHBAY_SLACK_CLIENT_SECRET", "PATCHBAY_SLACK_SIGNING_SECRET"];
    let [client_id, client_secret, signing_secret] = [given(NAMES[0])?, given(NAMES[1])?, given(NAMES[2])?];
    let (Some(client_id), Some(client_secret), Some(signing_secret)) = (&client_id, &client_secret, &signing_secret)
    else {
        let all = [client_id, client_secret, signing_secret];
        let missing: Vec<_> =
            NAMES.into_iter().zip(&all).filter(|(_, value)| value.is_none()).map(|(name, _)| name).collect();
        return if missing.len() == all.len() {
            Ok(None)
        } else {
            wrong(missing[0], "is missing; a Slack app needs its client id, its client secret and its signing secret.")
        };
    };
    let url = given("PATCHBAY_SLACK_URL")?.unwrap_or_else(|| "https://slack.com".to_owned());
    Ok(Some(SlackApp {
        url: origin("PATCHBAY_SLACK_URL", &url)?,
        client_id: client_id.clone(),
        client_secret: client_secret.as_str().into(),
        signing_secret: signing_secret.as_str().into(),
    }))
}

/// A URL without a path, and without its trailing slash.
pub(super) fn origin(name: &'static str, url: &str) -> Result<String> {
    let fits = |uri: &http::Uri| {
        matches!(uri.scheme_str(), Some("http" | "https")) && uri.path() == "/" && uri.query().is_none()
    };
    if !url.parse::<http::Uri>().is_ok_and(|uri| fits(&uri)) {
        return wrong(name, format!("is {url:?}; it must be like https://slack.com, without a path."));
    }
    Ok(url.trim_end_matches('/').to_owned())
}
