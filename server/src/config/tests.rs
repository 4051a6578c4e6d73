//! Settings as tables: what is given, what comes of it.

use super::*;

const KEY: &str = "0707070707070707070707070707070707070707070707070707070707070707";

fn read(environment: &[(&str, &str)], file: &str) -> Result<Config> {
    let find = |name: &str| environment.iter().find(|(key, _)| *key == name).map(|(_, value)| (*value).to_owned());
    Config::read(find, &file.parse().unwrap())
}

#[test]
fn nothing_given_means_the_defaults() {
    let config = read(&[], "").unwrap();
    assert_eq!(config.addr.to_string(), "127.0.0.1:3000");
    assert_eq!(config.base_url("127.0.0.1:4321".parse().unwrap()), "http://127.0.0.1:4321");
    assert_eq!(config.base_url("0.0.0.0:80".parse().unwrap()), "http://127.0.0.1:80");
    assert_eq!(config.data_dir, PathBuf::from("./data"));
    assert!(config.database_url.is_none() && config.allow_targets.is_empty() && config.warnings.is_empty());
    assert!(matches!(config.master_key, KeySource::DataDir));
    assert_eq!((config.log.as_str(), config.log_format), ("info", LogFormat::Text));
}

#[test]
fn the_environment_wins_over_the_file() {
    let file = "addr = '0.0.0.0:80'\nlog = 'warn'\nallow_targets = ['127.0.0.0/8', '10.0.0.1']\nlog_format = 'json'";
    let config = read(&[("PATCHBAY_ADDR", "localhost:1"), ("PATCHBAY_LOG", "")], file).unwrap();
    assert_eq!(config.addr.to_string(), "127.0.0.1:1");
    assert_eq!(
        config.allow_targets.iter().map(ToString::to_string).collect::<Vec<_>>(),
        ["127.0.0.0/8", "10.0.0.1/32"]
    );
    assert_eq!((config.log.as_str(), config.log_format), ("info", LogFormat::Json));
}

#[test]
fn good_values_are_taken() {
    let config = read(
        &[
            ("PATCHBAY_BASE_URL", "https://Hooks.Example.com:443/"),
            ("PATCHBAY_MASTER_KEY", KEY),
            ("PATCHBAY_MASTER_KEYS_OLD", &format!("{KEY}, {KEY},")),
            ("DATABASE_URL", "postgresql://u:p@h/db"),
            ("PATCHBAY_TRUST_PROXY", "10.0.0.0/8,::1"),
            ("REDIS_URL", "redis://localhost"),
            ("PATCHBAY_ROLE", "worker"),
            ("PATCHBAY_OPERATIONS_ORG", "org_00000000000000000000000001"),
        ],
        "",
    )
    .unwrap();
    assert_eq!(config.base_url(config.addr), "https://hooks.example.com");
    assert_eq!((config.master_keys_old.len(), config.trust_proxy.len(), config.warnings.len()), (2, 2, 0));
    assert_eq!((config.role.as_str(), config.redis_url.as_deref()), ("worker", Some("redis://localhost")));
    assert!(matches!(config.master_key, KeySource::Given(_)));
    assert_eq!(config.operations_org.map(|id| id.to_string()).as_deref(), Some("org_00000000000000000000000001"));
}

#[test]
fn a_wrong_value_is_named_in_one_sentence() {
    for (name, value) in [
        ("PATCHBAY_ADDR", "3000"),
        ("PATCHBAY_ADDR", "localhost"),
        ("PATCHBAY_BASE_URL", "hooks.example.com"),
        ("PATCHBAY_BASE_URL", "https://hooks.example.com/patchbay"),
        ("PATCHBAY_BASE_URL", "ftp://hooks.example.com"),
        ("PATCHBAY_MASTER_KEY", "secret"),
        ("PATCHBAY_MASTER_KEYS_OLD", "secret"),
        ("PATCHBAY_ALLOW_TARGETS", "127.0.0.0/33"),
        ("PATCHBAY_TRUST_PROXY", "proxy"),
        ("PATCHBAY_LOG", "info,=="),
        ("PATCHBAY_LOG_FORMAT", "xml"),
        ("DATABASE_URL", "mysql://u:hunter2@h/db"),
        ("REDIS_URL", "rediss://:hunter2@h/0"),
        ("PATCHBAY_ROLE", "master"),
        ("PATCHBAY_ROLE", "worker"),
        ("PATCHBAY_OPERATIONS_ORG", "Acme"),
        ("PATCHBAY_VAULT_ADDR", "vault:8200/v1"),
        ("PATCHBAY_VAULT_TOKEN", "hunter2"),
        ("PATCHBAY_VAULT_KEY", "patchbay"),
    ] {
        let Err(error) = read(&[(name, value)], "") else { panic!("{name}={value} was taken") };
        let text = error.to_string();
        assert!(text.starts_with(name) && text.ends_with('.') && !text.contains('\n'), "{text}");
        assert!(!text.contains("hunter2"), "{text}");
    }
}

#[test]
fn an_app_at_a_provider_needs_its_id_and_its_secret() {
    let pairs = [
        ("PATCHBAY_TEAMS_CLIENT_ID", "PATCHBAY_TEAMS_CLIENT_SECRET"),
        ("PATCHBAY_JIRA_CLIENT_ID", "PATCHBAY_JIRA_CLIENT_SECRET"),
    ];
    for (id, secret) in pairs {
        for (given, missing) in [(id, secret), (secret, id)] {
            let Err(error) = read(&[(given, "hunter2")], "") else { panic!("{given} alone was taken") };
            let text = error.to_string();
            assert!(text.starts_with(&format!("{missing} is missing;")) && !text.contains("hunter2"), "{text}");
        }
    }
    let both = [("PATCHBAY_TEAMS_CLIENT_ID", "x"), ("PATCHBAY_TEAMS_CLIENT_SECRET", "y")];
    let app = read(&both, "entra_url = 'http://127.0.0.1:4030/'").unwrap().teams.unwrap();
    assert_eq!((app.client_id.as_str(), app.url.as_deref()), ("x", Some("http://127.0.0.1:4030")));
    assert_eq!(read(&both, "").unwrap().teams.unwrap().url, None, "Microsoft itself");
    assert!(read(&[("PATCHBAY_ENTRA_URL", "http://127.0.0.1:4030")], "").unwrap().teams.is_none());
}

#[test]
fn both_keys_at_once_are_refused() {
    let Err(error) = read(&[("PATCHBAY_MASTER_KEY", KEY), ("PATCHBAY_MASTER_KEY_FILE", "/key")], "") else {
        panic!("taken")
    };
    assert!(error.to_string().contains("both set"));
}

#[test]
fn vault_is_read_with_its_token_and_a_key_of_its_own_name() {
    let addr = ("PATCHBAY_VAULT_ADDR", "https://vault.example.com:8200/");
    let token = ("PATCHBAY_VAULT_TOKEN", "hvs.hunter2");
    let vault = read(&[addr, token], "").unwrap().vault.unwrap();
    assert_eq!((vault.addr.as_str(), vault.mount.as_str()), ("https://vault.example.com:8200", "transit"));
    assert_eq!((vault.key.as_str(), vault.namespace, vault.ca_file), ("patchbay", None, None));
    let more = [
        ("PATCHBAY_VAULT_MOUNT", "/keys/transit/"),
        ("PATCHBAY_VAULT_KEY", "hub"),
        ("PATCHBAY_VAULT_NAMESPACE", "team/"),
    ];
    let file = ("PATCHBAY_VAULT_TOKEN_FILE", "/run/vault/token");
    let vault = read(&[addr, file, more[0], more[1], more[2]], "").unwrap().vault.unwrap();
    assert_eq!(
        (vault.mount.as_str(), vault.key.as_str(), vault.namespace.as_deref()),
        ("keys/transit", "hub", Some("team"))
    );
    assert!(matches!(vault.token, domain::key::VaultToken::File(_)));
    for (given, name) in [
        (vec![addr], "PATCHBAY_VAULT_TOKEN"),
        (vec![addr, token, file], "PATCHBAY_VAULT_TOKEN"),
        (vec![addr, token, ("PATCHBAY_VAULT_KEY", "a key")], "PATCHBAY_VAULT_KEY"),
        (vec![addr, token, ("PATCHBAY_VAULT_MOUNT", "a?b")], "PATCHBAY_VAULT_MOUNT"),
    ] {
        let error = read(&given, "").err().unwrap().to_string();
        assert!(error.starts_with(name) && !error.contains("hunter2"), "{error}");
    }
}

#[test]
fn an_unknown_key_of_the_file_is_named() {
    for (file, expected) in [
        ("adress = 'x'", "adress is not a setting"),
        ("addr = 3000", "addr must be a text"),
        ("[server]\naddr = 'x'", "server is not a setting"),
    ] {
        let Err(error) = read(&[], file) else { panic!("{file} was taken") };
        assert!(error.to_string().starts_with(expected), "{error}");
    }
}

#[test]
fn a_file_that_is_not_there_is_named() {
    let Err(error) = Config::load(Some(Path::new("/nowhere/patchbay.toml"))) else { panic!("taken") };
    assert!(error.to_string().contains("/nowhere/patchbay.toml"));
}

#[test]
fn a_collector_is_read_with_what_it_wants() {
    let endpoint = ("OTEL_EXPORTER_OTLP_ENDPOINT", "http://127.0.0.1:4318/");
    let headers = ("OTEL_EXPORTER_OTLP_HEADERS", "authorization=Bearer a=b, X-Team = hub");
    assert!(read(&[headers], "").unwrap().collector.is_none());
    let collector = read(&[endpoint, headers, ("OTEL_TRACES_SAMPLER_ARG", "0.25")], "").unwrap().collector.unwrap();
    assert_eq!((collector.endpoint.as_str(), collector.service_name.as_str()), ("http://127.0.0.1:4318", "patchbay"));
    assert_eq!((collector.ratio, collector.headers.len()), (0.25, 2));
    assert_eq!((collector.headers[0].1.to_str().unwrap(), collector.headers[1].0.as_str()), ("Bearer a=b", "x-team"));
    for (name, value) in [
        ("OTEL_EXPORTER_OTLP_ENDPOINT", "collector:4318"),
        ("OTEL_EXPORTER_OTLP_HEADERS", "authorization"),
        ("OTEL_EXPORTER_OTLP_HEADERS", "bad name=x"),
        ("OTEL_TRACES_SAMPLER_ARG", "2"),
        ("OTEL_TRACES_SAMPLER_ARG", "all"),
    ] {
        let error = read(&[endpoint, (name, value)].into_iter().rev().collect::<Vec<_>>(), "").err().unwrap();
        assert!(error.to_string().starts_with(name), "{error}");
    }
}

#[test]
fn a_door_for_everybodys_email_needs_all_three_and_names_what_is_wrong() {
    let all = |domain, provider, secret| {
        [("PATCHBAY_MAIL_DOMAIN", domain), ("PATCHBAY_MAIL_PROVIDER", provider), ("PATCHBAY_MAIL_SECRET", secret)]
    };
    let door = read(&all("Mail.Example.com", "postmark", "hub:hunter2"), "").unwrap().mail.remove(0);
    assert_eq!(door.domain, "mail.example.com");
    assert!(!format!("{door:?}").contains("hunter2"), "{door:?}");
    for (settings, name) in [
        (&all("Mail.Example.com", "postmark", "hub:hunter2")[..2], "PATCHBAY_MAIL_SECRET"),
        (&all("mail", "postmark", "hub:hunter2"), "PATCHBAY_MAIL_DOMAIN"),
        (&all("mail.example.com", "stripe", "hub:hunter2"), "PATCHBAY_MAIL_PROVIDER"),
        (&all("mail.example.com", "postmark", "hunter2"), "PATCHBAY_MAIL_SECRET"),
        (&all("mail.example.com", "sendgrid", "hunter2"), "PATCHBAY_MAIL_SECRET"),
    ] {
        let text = read(settings, "").err().expect("it is wrong").to_string();
        assert!(text.starts_with(name) && !text.contains("hunter2"), "{text}");
    }
}

#[test]
fn each_of_several_providers_of_email_has_its_own_secret() {
    let both = [
        ("PATCHBAY_MAIL_DOMAIN", "a.example.com, b.example.com"),
        ("PATCHBAY_MAIL_PROVIDER", "postmark,Brevo"),
        ("PATCHBAY_MAIL_SECRET_POSTMARK", "hub:hunter2"),
        ("PATCHBAY_MAIL_SECRET_BREVO", "hunter3"),
    ];
    let doors = read(&both, "").unwrap().mail;
    let found: Vec<_> = doors.iter().map(|door| (door.provider.key(), door.domain.as_str())).collect();
    assert_eq!(found, [("postmark", "a.example.com"), ("brevo", "b.example.com")]);
    // While a domain moves from one to the other, both take its e-mail.
    let one: Vec<_> =
        [("PATCHBAY_MAIL_DOMAIN", "a.example.com")].into_iter().chain(both[1..].iter().copied()).collect();
    assert!(read(&one, "").unwrap().mail.iter().all(|door| door.domain == "a.example.com"));
    let with = |change: (&'static str, &'static str)| {
        let kept = both.iter().copied().filter(|(name, _)| *name != change.0);
        kept.chain([change]).collect::<Vec<_>>()
    };
    for (settings, name) in [
        (both[..3].to_vec(), "PATCHBAY_MAIL_SECRET_BREVO"),
        (with(("PATCHBAY_MAIL_SECRET", "hunter4")), "PATCHBAY_MAIL_SECRET is"),
        (with(("PATCHBAY_MAIL_SECRET_POSTMARK", "hunter4")), "PATCHBAY_MAIL_SECRET_POSTMARK"),
        (with(("PATCHBAY_MAIL_PROVIDER", "postmark,postmark")), "PATCHBAY_MAIL_SECRET_BREVO"),
        (with(("PATCHBAY_MAIL_PROVIDER", "postmark,brevo,mailjet")), "PATCHBAY_MAIL_DOMAIN"),
        (with(("PATCHBAY_MAIL_PROVIDER", "postmark,brevo,brevo")), "PATCHBAY_MAIL_DOMAIN"),
        (with(("PATCHBAY_MAIL_DOMAIN", "")), "PATCHBAY_MAIL_DOMAIN"),
    ] {
        let text = read(&settings, "").err().expect("it is wrong").to_string();
        assert!(text.starts_with(name) && !text.contains("hunter"), "{name}: {text}");
    }
}
