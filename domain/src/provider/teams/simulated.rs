//! A consent, tokens and messages against the simulated Entra ID and Graph, which refuse what the real ones would not
//! understand.

use std::time::Duration;

use guarded_http::{Client as Http, Config};
use http::{HeaderName, HeaderValue, header};
use oauth_flow::{Answer, Authorization, Callback, Consent, FormRequest, Grant, NoAnswer, TokenError, Verdict};
use serde_json::{Value, json};
use simulators::entra::{App, Consent as Decision, Entra, EntraOptions, NewTenant};
use simulators::{Clock, Fault};

use super::entra::{self as microsoft, Account, AdminConsent, Urls};
use super::failure::{self, Failure, Kind};
use super::graph::{self, Request};
use super::scopes::{SCOPES, missing};
use super::{card, signin};
use crate::channel::ChannelState;
use crate::id::{DeliveryId, EventId};
use crate::provider::telling::{Counts, Item};
use crate::provider::{Help, Next, Standing};
use crate::rule::Format;
use crate::time::Timestamp;

const REDIRECT: &str = "http://127.0.0.1:3000/oauth/teams/callback";
const DAY: Duration = Duration::from_secs(86_400);

struct World {
    entra: Entra,
    http: Http,
    provider: oauth_flow::Provider,
    client: oauth_flow::Client,
    urls: Urls,
}

impl World {
    async fn new() -> Self {
        let options = EntraOptions {
            clock: Clock::fixed(1_795_356_131_000),
            app: App { redirect_uris: vec![REDIRECT.to_owned()], ..App::default() },
            tenants: vec![NewTenant::new("Acme", 3, 7), NewTenant::new("Globex", 1, 2).without_user_consent()],
            page_size: 2,
            ..EntraOptions::default()
        };
        let entra = Entra::start(options).await.expect("a simulator");
        let allow = vec!["127.0.0.0/8".parse().expect("a network")];
        let http = Http::new(crate::hub::calls_config(Config {
            allow,
            user_agent: "Patchbay/test".into(),
            ..Config::default()
        }));
        let urls = Urls::at(entra.base_url());
        let app = entra.app();
        let redirect_uri = REDIRECT.to_owned();
        let client = oauth_flow::Client { id: app.client_id, secret: app.client_secret.into(), redirect_uri };
        Self { provider: microsoft::provider(&urls), http: http.expect("a client"), client, urls, entra }
    }

    /// A person of an organization, by their places.
    fn person(&self, tenant: usize, place: usize) -> String {
        self.entra.tenants()[tenant].people[place].id.clone()
    }

    fn now(&self) -> i64 {
        self.entra.clock().now_ms()
    }

    fn away(&self) -> Authorization {
        Authorization::begin(&self.provider, &self.client, &wanted(), &[], &[7; 64]).expect("a way")
    }

    async fn connect(&self, user: &str) -> Grant {
        let away = self.away();
        let back = self.entra.consent(&away.url, &Decision::allow(user)).expect("a way back");
        let query = back.split_once('?').expect("a query").1;
        let hash = oauth_flow::state_hash(away.state.expose());
        let Callback::Code(code) = Authorization::callback(&self.provider, &hash, query) else { panic!("{back}") };
        let consent = Consent { code, verifier: away.verifier, scopes: wanted() };
        let grant = oauth_flow::exchange(&self.provider, &self.client, &consent, || self.now(), |form| self.send(form));
        grant.await.expect("tokens")
    }

    async fn refresh(&self, grant: &Grant) -> Result<Grant, TokenError> {
        oauth_flow::refresh(&self.provider, &self.client, grant, || self.now(), |form| self.send(form)).await
    }

    async fn send(&self, form: FormRequest) -> Result<Answer, NoAnswer> {
        let target = self.http.target(&form.url).map_err(|error| NoAnswer::NotSent(error.to_string()))?;
        let timeout = Duration::from_secs(30);
        let exchange = self.http.request(form.method, &target, &form.headers, vec![form.body], timeout).await;
        let response = exchange.outcome.map_err(|failure| NoAnswer::Lost(failure.message))?;
        Ok(Answer { status: response.status, body: response.body })
    }

    async fn ask(&self, grant: &Grant, request: &Request) -> Result<Value, Failure> {
        let bearer = format!("Bearer {}", grant.access_token.expose());
        let mut headers: Vec<(HeaderName, HeaderValue)> =
            vec![(header::AUTHORIZATION, HeaderValue::from_str(&bearer).expect("visible"))];
        let body = request.body.as_ref().map(|body| {
            headers.push((header::CONTENT_TYPE, HeaderValue::from_static("application/json")));
            body.to_string().into()
        });
        let target = self.http.target(&self.urls.graph(&request.path)).expect("a URL");
        let (method, timeout) = (request.method.clone(), Duration::from_secs(30));
        let exchange = self.http.request(method, &target, &headers, body.into_iter().collect(), timeout).await;
        let response = exchange.outcome.expect("an answer");
        let wait = response.header("retry-after");
        failure::read(response.status, wait, &response.body)
    }

    /// All teams, and the channels of the first, page by page.
    async fn places(&self, grant: &Grant) -> (Vec<graph::Team>, Vec<graph::Listed>) {
        let (mut teams, mut request) = (Vec::new(), graph::joined_teams());
        loop {
            let page = graph::teams(&self.urls, &self.ask(grant, &request).await.expect("teams"));
            teams.extend(page.entries);
            let Some(next) = page.next else { break };
            request = graph::next_page(&next);
        }
        let (mut channels, mut request) = (Vec::new(), graph::channels(&teams[0].id));
        loop {
            let page = graph::listed(&self.urls, &self.ask(grant, &request).await.expect("channels"));
            channels.extend(page.entries);
            let Some(next) = page.next else { return (teams, channels) };
            request = graph::next_page(&next);
        }
    }
}

/// The names of all permissions.
fn wanted() -> Vec<String> {
    SCOPES.map(|scope| scope.name.to_owned()).into()
}

/// A message of one event, as a delivery is told.
fn told(data: &Value) -> Value {
    let (delivery_id, event_id) = (DeliveryId::new(1, [1; 10]), EventId::new(1, [2; 10]));
    let item = Item {
        delivery_id: &delivery_id,
        event_id: &event_id,
        event_type: "invoice.paid",
        data,
        occurred_at: Timestamp(1_795_356_131_408),
        url: "https://hub.example/deliveries/dlv_1",
    };
    card::one(&item, &card::Manner { org: "Acme", format: Format::Full, test: false, instead_of: None })
}

#[tokio::test]
async fn a_person_consents_and_tokens_are_renewed_until_the_consent_ends() {
    let world = World::new().await;
    let user = world.person(0, 1);
    let mut grant = world.connect(&user).await;
    assert!(missing(&grant.scopes).is_empty(), "{:?}", grant.scopes);
    let me = world.ask(&grant, &graph::me()).await.expect("me");
    assert_eq!((&me["displayName"], &me["id"]), (&json!("Alex Wilber"), &json!(user)));
    for _ in 0..3 {
        world.entra.clock().advance(DAY * 89);
        let stale = world.ask(&grant, &graph::me()).await.expect_err("an old token");
        assert_eq!(stale.meaning().next, Next::Renew);
        grant = world.refresh(&grant).await.expect("newer tokens");
    }
    world.entra.set_renews_refresh_tokens(false);
    let kept = world.refresh(&grant).await.expect("a token without another refresh token");
    let secret = |grant: &Grant| grant.refresh_token.as_ref().expect("one").expose().to_owned();
    assert_eq!(secret(&kept), secret(&grant), "the one before stays");
    world.entra.clock().advance(DAY * 91);
    let end = world.refresh(&kept).await.expect_err("too long unused");
    assert_eq!((end.verdict(), number(&end)), (Verdict::Reconnect, Some(700_082)));
    world.entra.assert_understood();
}

/// The number in an error.
fn number(error: &TokenError) -> Option<u32> {
    signin::number(&error.to_string())
}

#[tokio::test]
async fn an_end_says_what_happened_and_a_lost_answer_is_none() {
    let world = World::new().await;
    let user = world.person(0, 1);
    let grant = world.connect(&user).await;
    world.entra.fail_next("token", Fault::DropAfter);
    assert_eq!(world.refresh(&grant).await.expect_err("no answer").verdict(), Verdict::Retry, "the old one stays good");
    world.entra.fail_next("token", Fault::Status(503));
    assert_eq!(world.refresh(&grant).await.expect_err("an outage").verdict(), Verdict::Retry);
    for (told, verdict, help) in [
        (7_000_222, Verdict::Fix, Help::CheckApp),
        (50_076, Verdict::Reconnect, Help::Reconnect),
        (700_016, Verdict::Reconnect, Help::Reconnect),
        (90_033, Verdict::Retry, Help::TryAgain),
    ] {
        world.entra.fail_next("token", Fault::Error(told.to_string()));
        let error = world.refresh(&grant).await.expect_err("a fault");
        assert_eq!((error.verdict(), number(&error)), (verdict, Some(told)), "{error}");
        assert_eq!(signin::meaning(told).expect("it is known").help, help);
    }
    let grant = world.refresh(&grant).await.expect("it goes on working");
    world.entra.change_password(&user);
    let end = world.refresh(&grant).await.expect_err("an end");
    assert_eq!((end.verdict(), number(&end)), (Verdict::Reconnect, Some(50_173)));
    let grant = world.connect(&user).await;
    world.entra.remove_app(&user);
    let end = world.refresh(&grant).await.expect_err("an end");
    assert_eq!((end.verdict(), number(&end)), (Verdict::Reconnect, Some(65_001)));
    world.entra.assert_understood();
}

#[tokio::test]
async fn the_id_token_says_who_signed_in() {
    let world = World::new().await;
    let user = world.person(0, 1);
    let grant = world.connect(&user).await;
    let account = Account::of_claims(&grant.extra["claims"]).expect("an account");
    let (tenant, person) = (world.entra.tenants()[0].id.clone(), world.entra.person(&user).expect("a person"));
    assert_eq!(
        (account.key(), account.name),
        (format!("{tenant}:{user}"), format!("Alex Wilber ({})", person.principal))
    );
    let renewed = world.refresh(&grant).await.expect("newer tokens");
    assert_eq!(renewed.extra["claims"], grant.extra["claims"], "a refresh keeps them");
    world.entra.assert_understood();
}

#[tokio::test]
async fn whoever_may_not_consent_can_connect_after_an_administrator_has() {
    let world = World::new().await;
    let (admin, user) = (world.person(1, 0), world.person(1, 1));
    let page = world.entra.consent(&world.away().url, &Decision::allow(&user)).expect_err("a dead end");
    assert_eq!(
        signin::meaning(signin::number(&page).expect("a number")).expect("it is known").help,
        Help::AskAdministrator
    );
    let url = world.urls.admin_consent(&world.client.id, REDIRECT, "state");
    let hash = oauth_flow::state_hash("state");
    let read = |back: &str| AdminConsent::read(&hash, back.split_once('?').expect("a query").1);
    let denied = world.entra.consent(&url, &Decision::Deny).expect("a way back");
    assert_eq!(read(&denied), AdminConsent::Denied("access_denied".to_owned()));
    let granted = world.entra.consent(&url, &Decision::allow(&admin)).expect("a way back");
    assert_eq!(read(&granted), AdminConsent::Granted(world.entra.tenants()[1].id.clone()));
    let grant = world.connect(&user).await;
    assert!(missing(&grant.scopes).is_empty());
    world.entra.assert_understood();
}

#[tokio::test]
async fn teams_and_channels_come_in_pages_and_messages_are_posted() {
    let world = World::new().await;
    let grant = world.connect(&world.person(0, 0)).await;
    let (teams, channels) = world.places(&grant).await;
    assert_eq!((teams.len(), channels.len()), (3, 7));
    assert!(channels.iter().all(|channel| channel.state() == ChannelState::Fine));
    assert_eq!(channels.iter().filter(|channel| channel.private).count(), 1);
    let (team, channel) = (&teams[0].id, &channels[1].id);
    let named = graph::one(&world.ask(&grant, &graph::channel(team, channel)).await.expect("a channel"));
    assert_eq!(named.expect("a channel").name, "Alerts");
    let data = json!({ "number": "2026-08812", "note": "*not* <b>bold</b> \"quoted\"" });
    let answer = world.ask(&grant, &graph::post(team, channel, &told(&data))).await.expect("a message");
    assert!(answer["id"].is_string(), "{answer}");
    let messages = world.entra.wait_for_messages(1).await;
    assert!(messages[0].text().contains("2026-08812"), "{}", messages[0].text());
    // The largest message keeps within what Graph takes, though there every quotation mark counts twice.
    let large = json!({ "a": "\"x\" ".repeat(4_000), "b": "\"".repeat(4_000), "c": vec!["\""; 900] });
    world.ask(&grant, &graph::post(team, channel, &told(&large))).await.expect("a large message");
    let ids = (DeliveryId::new(1, [1; 10]), EventId::new(1, [2; 10]));
    let item = Item {
        delivery_id: &ids.0,
        event_id: &ids.1,
        event_type: "user.created",
        data: &large,
        occurred_at: Timestamp(1_795_356_131_408),
        url: "https://hub.example/deliveries",
    };
    let items = vec![item; 20];
    let counts = Counts::of(items.iter().map(|item| item.event_type));
    let manner = card::Manner { org: "Acme", format: Format::Full, test: false, instead_of: None };
    let digest = card::digest(&items, &counts, "https://hub.example/deliveries", &manner);
    world.ask(&grant, &graph::post(team, channel, &digest)).await.expect("a digest");
    world.entra.assert_understood();
}

#[tokio::test]
async fn failures_are_told_apart() {
    let world = World::new().await;
    let grant = world.connect(&world.person(0, 1)).await;
    let (teams, channels) = world.places(&grant).await;
    let (team, channel) = (teams[0].id.clone(), channels[1].id.clone());
    let post = graph::post(&team, &channel, &told(&json!({ "n": 1 })));
    let refused = async || world.ask(&grant, &post).await.expect_err("a failure");
    world.entra.fail_next("postChannelMessage", Fault::RateLimited(7));
    let limited = refused().await;
    assert_eq!((limited.kind, limited.meaning().next), (Kind::TooMany, Next::Retry { after_s: Some(7) }));
    world.entra.fail_next("postChannelMessage", Fault::Error("ServiceUnavailable".to_owned()));
    assert_eq!(refused().await.kind, Kind::Later);
    world.entra.fail_next("postChannelMessage", Fault::Status(502));
    assert!(refused().await.meaning().perhaps_done);
    world.entra.archive_channel(&team, &channel, true);
    assert_eq!(refused().await.meaning().channel, Some(ChannelState::Archived));
    let listed = world.places(&grant).await.1;
    assert_eq!(listed[1].state(), ChannelState::Archived);
    world.entra.delete_channel(&team, &channel);
    assert_eq!(refused().await.meaning().channel, Some(ChannelState::Gone));
    world.entra.leave_team(&team, &world.person(0, 1));
    assert_eq!(refused().await.meaning().channel, Some(ChannelState::Restricted));
    let narrow = world.entra.connect(&world.person(0, 2), &["Channel.ReadBasic.All"]);
    let narrow = Grant { access_token: narrow.value.into(), ..grant.clone() };
    let missing = world.ask(&narrow, &post).await.expect_err("no permission");
    let needed = Some("ChannelMessage.Send".to_owned());
    assert_eq!(missing.meaning().connection, Some(Standing::MissingScope { needed }));
    assert!(!missing.request_id.is_empty());
    world.entra.assert_understood();
}
