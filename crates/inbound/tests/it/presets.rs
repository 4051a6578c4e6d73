//! Presets and tables are whole, and agree with each other.

use std::collections::HashSet;

use inbound::{Form, HmacScheme, Layout, Preset, Provider, Scheme, State};
use serde_json::json;

#[test]
fn every_provider_has_a_preset_that_tells_all() {
    for provider in Provider::ALL {
        let preset = Preset::of(provider);
        assert_eq!((preset.provider, provider.key().parse()), (provider, Ok(provider)));
        assert_eq!(json!(provider), provider.key());
        assert!(!preset.schemes.is_empty() && !preset.setup.is_empty(), "{provider}");
        assert!(preset.setup_for("https://h/in/1").any(|step| step.contains("https://h/in/1")), "{provider}");
        assert!(preset.setup_for("https://h/in/1").all(|step| !step.contains("{url}")), "{provider}");
        for text in [preset.about, preset.verification, preset.retries.words, preset.duplicates, preset.secret.rotation]
        {
            assert!(text.ends_with(['.', ')']) && !text.contains("  "), "{provider}: {text}");
        }
        for scheme in preset.schemes {
            let check = if let Scheme::Hmac(scheme) = scheme { HmacScheme::check(scheme) } else { Ok(()) };
            assert_eq!(check, Ok(()), "{provider}");
        }
        let names: HashSet<_> = preset.events.iter().map(|event| event.name).collect();
        assert_eq!(names.len(), preset.events.len(), "{provider}");
        let sum: u32 = preset.retries.delays_s.iter().sum();
        let published = preset.retries.delays_s.is_empty() || preset.retries.gives_up_after_s == Some(sum);
        assert!(published, "{provider}: {sum}");
        assert!(json!(preset)["setup"].is_array());
    }
    assert!("nobody".parse::<Provider>().is_err());
}

#[test]
fn every_event_that_is_asked_for_is_mapped() {
    for provider in Provider::ALL {
        let layout = Layout::of(provider);
        for event in Preset::of(provider).events.iter().filter(|event| event.wanted) {
            // Some are chosen in groups there, and Slack by the kind of channel.
            let group = event.name.split('.').next().unwrap();
            let mapped = layout.mapping(event.name).is_some()
                || layout.mappings.iter().any(|mapping| mapping.provider_type.split('.').next() == Some(group))
                || provider.is_email();
            assert!(mapped, "{provider}: {}", event.name);
        }
        for event in Preset::of(provider).events.iter().filter(|event| !event.wanted) {
            assert!(layout.mapping(event.name).is_none(), "{provider}: {}", event.name);
        }
    }
}

#[test]
fn types_of_the_hub_are_lower_case_words_with_dots() {
    for mapping in Provider::ALL.into_iter().flat_map(|provider| Layout::of(provider).mappings) {
        let word = |word: &str| {
            word.starts_with(|c: char| c.is_ascii_lowercase())
                && word.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'_')
        };
        assert!(
            mapping.hub_type.split('.').count() >= 2 && mapping.hub_type.split('.').all(word),
            "{}",
            mapping.hub_type
        );
    }
}

#[test]
fn every_place_in_the_tables_is_a_json_pointer() {
    let pointer = |text: &str| assert!(text.is_empty() || text.starts_with('/'), "{text}");
    for provider in Provider::ALL {
        let layout = Layout::of(provider);
        let mut types = HashSet::new();
        for mapping in layout.mappings {
            assert!(types.insert(mapping.provider_type), "{provider}: {} twice", mapping.provider_type);
            let mut names = HashSet::new();
            for field in mapping.fields.iter().copied().chain([layout.common]).flatten() {
                assert!(names.insert(field.name), "{provider}: {} twice in {}", field.name, mapping.provider_type);
                assert!(!field.from.is_empty() && field.name != "provider");
                field.from.iter().for_each(|place| pointer(place));
                match field.form {
                    Form::Changes(place) | Form::Entry { id: place, .. } => pointer(place),
                    _ => {}
                }
            }
            let state = mapping.state.iter().flat_map(|state| state.id.iter().chain(state.version));
            state.for_each(|place| pointer(place));
        }
        assert!(json!(layout.mappings).is_array());
    }
    let state = State { subject: "invoice:in_1".to_owned(), version: 1, ends: false };
    assert_eq!(json!(state), json!({ "subject": "invoice:in_1", "version": 1, "ends": false }));
}
