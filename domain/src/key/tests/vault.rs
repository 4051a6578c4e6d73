//! Keys that Vault wraps.

use simulators::vault::{Vault, VaultOptions};

use super::*;

/// A hub whose master key is in this Vault.
fn in_vault(base: &TestHub, seed: u64, vault: &Vault, token: &str, older: Option<Keyring>) -> TestHub {
    let allow = vec!["127.0.0.0/8".parse().expect("a network")];
    let config = guarded_http::Config { allow, ..guarded_http::Config::default() };
    let transit = Transit {
        http: guarded_http::Client::new(config).expect("a client"),
        addr: vault.base_url().to_owned(),
        token: VaultToken::Given(oauth_flow::Secret::new(token)),
        mount: "transit".to_owned(),
        key: "hub".to_owned(),
        namespace: Some("team".to_owned()),
    };
    base.with_master(seed, Master::in_vault(transit, older))
}

async fn vault() -> Vault {
    let options = VaultOptions { namespace: Some("team".to_owned()), ..VaultOptions::default() };
    Vault::start(options).await.expect("a port")
}

const TOKEN: &str = "hvs.simulated";

both!(vault_wraps_keys_rotates_and_never_sees_a_secret, |hub| {
    let base = hub.with_org().await;
    let receiver = Receiver::answering(&["200 OK"]).await;
    // Sealed before there was a Vault, and a data key that was wrapped before.
    fill(&base, &receiver.url).await;
    age(&base).await;
    let other = base.id(OrgId::new);
    base.insert_org(&other).await;
    ready(&base, &other).await.expect("made");
    let vault = vault().await;
    let hub = in_vault(&base, 41, &vault, TOKEN, Some(usual()));
    prepare(&hub).await.expect("read");
    let shown_once = hub.seal_own("flash", b"shown once");
    keep(&hub).await;
    hub.clock.advance_ms(SEALED_MS);
    keep(&hub).await;
    works(&hub, &receiver).await;
    let wrapped: Vec<_> = all_rows(&hub).await.into_iter().map(|row| row.wrapped_by).collect();
    assert_eq!(wrapped, ["vault:v1"; 3], "the installation's and those of two organizations");
    assert!(vault.plaintexts().iter().all(|plain| plain.len() == 32), "keys, and nothing but keys");

    vault.rotate("hub");
    let before = vault.plaintexts().len();
    keep(&hub).await;
    assert!(all_rows(&hub).await.iter().all(|row| row.wrapped_by == "vault:v2"));
    assert_eq!(vault.plaintexts().len(), before, "by rewrap: nothing is shown again");

    // The keys at hand before are needed no more.
    let restarted = in_vault(&hub, 42, &vault, TOKEN, None);
    prepare(&restarted).await.expect("read");
    assert!(actions::status(&restarted, &Caller::system(None)).await.expect("a status").is_settled());
    works(&restarted, &receiver).await;
    assert_eq!(restarted.open_sealed("flash", &shown_once).expect("opened").as_slice(), b"shown once");
});

both!(without_vault_no_organization_is_made_and_nothing_is_half_done, |hub| {
    let vault = vault().await;
    let mut hub = in_vault(&hub, 61, &vault, TOKEN, None);
    prepare(&hub).await.expect("read");
    let operator = Caller::system(None);
    let page = crate::PageQuery::default();
    let count =
        async |hub: &TestHub| org::actions::list_all(hub, &operator, None, &page).await.expect("a page").data.len();
    let said = |error: crate::Error| (error.status(), error.problem().message.contains("Nothing was saved"));

    vault.seal(true);
    let refused = org::actions::create(&hub, &operator, "Globex").await.expect_err("Vault is sealed");
    assert_eq!(said(refused), (503, true));
    let refused =
        crate::account::actions::bootstrap(&hub, "First", "ann@first.test", "correct horse battery staple").await;
    assert_eq!(said(refused.expect_err("Vault is sealed")), (503, true));
    assert_eq!(count(&hub).await, 0);
    // An older version has made this one, without a key.
    let older = hub.id(OrgId::new);
    hub.insert_org(&older).await;
    hub.org_id = older;
    let owner = hub.caller(Role::Owner);
    let new = || NewWorkflow { name: "Alerts".into(), workflow_url: WORKFLOW.into() };
    let refused = workflow::connect(&hub, &owner, &new()).await.expect_err("Vault is sealed");
    assert_eq!(said(refused), (503, true));
    assert_eq!(crate::connection::actions::list(&hub, &owner).await.expect("none"), []);

    vault.seal(false);
    workflow::connect(&hub, &owner, &new()).await.expect("connected");
    org::actions::create(&hub, &operator, "Globex").await.expect("created");
    assert_eq!(count(&hub).await, 2);
    assert!(all_rows(&hub).await.iter().all(|row| row.wrapped_by == "vault:v1"));
});

both!(without_vault_what_is_in_memory_goes_on_and_a_start_says_why_it_fails, |hub| {
    let base = hub.with_org().await;
    let receiver = Receiver::answering(&["200 OK"]).await;
    let vault = vault().await;
    let hub = in_vault(&base, 51, &vault, TOKEN, None);
    prepare(&hub).await.expect("read");
    keep(&hub).await;
    hub.clock.advance_ms(SEALED_MS);
    fill(&hub, &receiver.url).await;

    vault.seal(true);
    follow(&hub).await.expect("nothing is asked");
    works(&hub, &receiver).await;
    let why = |error: crate::Error| std::error::Error::source(&error).expect("a source").to_string();
    let start = async |seed, token| prepare(&in_vault(&base, seed, &vault, token, None)).await.map_err(why);
    let sealed = start(52, TOKEN).await.expect_err("it is sealed");
    assert_eq!(sealed, "Vault refused `decrypt/hub` (503): Vault is sealed. Unseal it");
    vault.seal(false);
    let refused = start(53, "hvs.other").await.expect_err("another token");
    assert!(
        refused.starts_with("Vault refused `decrypt/hub` (403): permission denied. The token must be valid"),
        "{refused}"
    );
    assert!(!refused.contains("hvs.other"));
    let address = vault.base_url().to_owned();
    start(54, TOKEN).await.expect("it answers again");
    drop(vault);
    works(&hub, &receiver).await;
    assert!(actions::tick(&hub).await.is_err(), "the keeper says so");
    let gone = hub.keys.master.vault().expect("Vault").encrypt(&[usual().current()]).await.expect_err("it is gone");
    assert!(gone.to_string().starts_with(&format!("Vault at {address} cannot be reached: ")), "{gone}");
});
