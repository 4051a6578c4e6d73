//! What people have to know of each provider, taken from `crates/inbound`.

use std::str::FromStr as _;

use inbound::{AccountFacts, Layout, MadeBy, Preset, Provider, Scheme};

use super::{PresetEvent, SourcePreset};
use crate::provider::catalogue::Category;
use crate::{Caller, Error, Permission, Result};

/// All presets, in the order in which a page offers them. Needs `connections:read`.
///
/// # Errors
/// Forbidden.
pub fn list(caller: &Caller) -> Result<Vec<SourcePreset>> {
    caller.require(Permission::ConnectionsRead)?;
    Ok(Provider::ALL.into_iter().map(of).collect())
}

/// The preset of a provider.
///
/// # Errors
/// There is no such provider.
pub fn find(provider: &str) -> Result<SourcePreset> {
    read(provider).map(of)
}

/// The provider of a preset's key.
pub(crate) fn read(key: &str) -> Result<Provider> {
    Provider::from_str(key).map_err(|_| {
        let all = Provider::ALL.map(Provider::key).join(", ");
        Error::invalid("provider", format!("is none of: {all}."))
    })
}

fn of(provider: Provider) -> SourcePreset {
    let preset = Preset::of(provider);
    let text = str::to_owned;
    SourcePreset {
        provider: text(provider.key()),
        name: text(preset.name),
        logo: picture(provider).map(|name| format!("/logos/{name}.svg")),
        category: category(provider),
        about: text(preset.about),
        verification: text(preset.verification),
        schemes: preset.schemes.iter().filter_map(|scheme| serde_json::to_value(scheme).ok()).collect(),
        secret_name: text(preset.secret.name),
        secret_looks_like: text(preset.secret.looks_like),
        makes_secret: makes_secret(provider),
        posts_secret: posts_secret(provider),
        rotation: text(preset.secret.rotation),
        account: AccountFacts::of(provider).map(|facts| (text(facts.name), text(facts.looks_like))),
        setup: preset.setup.iter().copied().map(text).collect(),
        events: events(provider),
        retries: text(preset.retries.words),
        challenge: preset.challenge.map(text),
        duplicates: text(preset.duplicates),
    }
}

const fn category(provider: Provider) -> Category {
    use Provider as P;
    match provider {
        P::Resend | P::Brevo | P::Mailjet | P::Postmark | P::Sendgrid => Category::Email,
        P::Hubspot => Category::Crm,
        P::Github | P::Linear | P::Jira | P::Pylon => Category::Tools,
        _ => Category::DataSources,
    }
}

/// The picture of a provider, where there is one; what is signed in a general way has that of webhooks.
const fn picture(provider: Provider) -> Option<&'static str> {
    use Provider as P;
    match provider {
        P::Standard | P::Hmac | P::Basic | P::Bearer => Some("webhooks"),
        P::Pylon | P::Mailjet | P::Postmark | P::Sendgrid => None,
        _ => Some(provider.key()),
    }
}

/// What is mapped, then what is kept and shown only.
fn events(provider: Provider) -> Vec<PresetEvent> {
    let mapped = Layout::of(provider).mappings.iter().map(|mapping| PresetEvent {
        provider_type: mapping.provider_type.to_owned(),
        event_type: Some(mapping.hub_type.to_owned()),
    });
    let shown = Preset::of(provider).events.iter().filter(|event| !event.wanted);
    let shown = shown.map(|event| PresetEvent { provider_type: event.name.to_owned(), event_type: None });
    mapped.chain(shown).collect()
}

/// Whether a secret can be made here and given to the provider.
pub(crate) fn makes_secret(provider: Provider) -> bool {
    Preset::of(provider).secret.made_by != MadeBy::Provider
}

/// Whether the provider posts a secret to the address (Notion).
pub(crate) fn posts_secret(provider: Provider) -> bool {
    provider == Provider::Notion
}

/// The scheme that somebody asks for, or the usual one. It has to be one that the provider's requests can be verified by.
///
/// # Errors
/// It is not readable, or would not protect.
pub(crate) fn scheme(provider: Provider, asked: Option<&serde_json::Value>) -> Result<Scheme> {
    let preset = Preset::of(provider);
    let Some(asked) = asked.filter(|value| !value.is_null()) else { return Ok(preset.scheme().clone()) };
    let wrong = |text: String| Error::invalid("scheme", text);
    let scheme: Scheme = serde_json::from_value(asked.clone()).map_err(|error| wrong(format!("{error}.")))?;
    let kind = std::mem::discriminant(&scheme);
    if !preset.schemes.iter().any(|known| std::mem::discriminant(known) == kind) {
        return Err(wrong(format!("is no scheme of {}.", preset.name)));
    }
    let named =
        |header: &inbound::scheme::Text| inbound::HmacScheme { header: header.clone(), ..inbound::scheme::PLAIN };
    match &scheme {
        Scheme::Hmac(scheme) => scheme.check(),
        Scheme::Bearer { header, .. } | Scheme::Pylon { header } => named(header).check(),
        _ => Ok(()),
    }
    .map_err(|error| wrong(format!("{error}.")))?;
    Ok(scheme)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_picture_is_there() {
        let public = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../public");
        for provider in Provider::ALL {
            let logo = of(provider).logo;
            assert!(logo.is_none_or(|path| public.join(&path[1..]).is_file()), "{provider:?}");
        }
        assert_eq!(of(Provider::Stripe).logo.as_deref(), Some("/logos/stripe.svg"));
    }
}
