//! A consent, rotating tokens and requests against the simulated Jira, which refuses what the real one would not understand.

use std::time::Duration;

use guarded_http::{Client as Http, Config};
use http::{HeaderName, HeaderValue, header};
use oauth_flow::{Answer, Authorization, Callback, Consent, FormRequest, Grant, NoAnswer, TokenError, Verdict};
use serde_json::{Map, Value, json};
use simulators::jira::{App, Consent as Decision, Jira, JiraOptions};
use simulators::{Clock, Fault};

use super::facts::{self, Urls};
use super::failure::{self, Failure, Headers, Kind};
use super::request::{self, Request};
use super::{adf, inbound, message, oauth, screen};
use crate::provider::Next;
use crate::time::Timestamp;

const REDIRECT: &str = "http://127.0.0.1:3000/oauth/jira/callback";
const DAY: Duration = Duration::from_secs(86_400);

struct World {
    jira: Jira,
    http: Http,
    provider: oauth_flow::Provider,
    client: oauth_flow::Client,
    urls: Urls,
    site: String,
}

impl World {
    async fn new() -> Self {
        let app = App { redirect_uris: vec![REDIRECT.to_owned()], ..App::default() };
        let options = JiraOptions { clock: Clock::fixed(1_795_356_131_000), app, ..JiraOptions::default() };
        let jira = Jira::start(options).await.expect("a simulator");
        let allow = vec!["127.0.0.0/8".parse().expect("a network")];
        let http = Http::new(crate::hub::calls_config(Config {
            allow,
            user_agent: "Patchbay/test".into(),
            ..Config::default()
        }));
        let urls = Urls::at(jira.base_url());
        let app = jira.app();
        let redirect_uri = REDIRECT.to_owned();
        let client = oauth_flow::Client { id: app.client_id, secret: app.client_secret.into(), redirect_uri };
        let site = jira.sites()[0].id.clone();
        Self { provider: oauth::provider(&urls), http: http.expect("a client"), client, urls, site, jira }
    }

    fn now(&self) -> i64 {
        self.jira.clock().now_ms()
    }

    async fn connect(&self) -> Grant {
        let wanted = facts::granted(&facts::wanted());
        let away = Authorization::begin(&self.provider, &self.client, &wanted, &[], &[7; 64]).expect("a way");
        let back = self.jira.consent(&away.url, &Decision::allow(&self.site)).expect("a way back");
        let query = back.split_once('?').expect("a query").1;
        let hash = oauth_flow::state_hash(away.state.expose());
        let Callback::Code(code) = Authorization::callback(&self.provider, &hash, query) else { panic!("{back}") };
        let consent = Consent { code, verifier: away.verifier, scopes: wanted };
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
        self.ask_at(grant, &self.urls.rest(&self.site, &request.path), request).await
    }

    async fn ask_at(&self, grant: &Grant, url: &str, request: &Request) -> Result<Value, Failure> {
        let bearer = format!("Bearer {}", grant.access_token.expose());
        let mut headers: Vec<(HeaderName, HeaderValue)> =
            vec![(header::AUTHORIZATION, HeaderValue::from_str(&bearer).expect("visible"))];
        let body = request.body.as_ref().map(|body| {
            headers.push((header::CONTENT_TYPE, HeaderValue::from_static("application/json")));
            body.to_string().into()
        });
        let target = self.http.target(url).expect("a URL");
        let (method, timeout) = (request.method.clone(), Duration::from_secs(30));
        let exchange = self.http.request(method, &target, &headers, body.into_iter().collect(), timeout).await;
        let response = exchange.outcome.expect("an answer");
        let said = Headers { retry_after: response.header("retry-after"), reason: response.header("ratelimit-reason") };
        failure::read(response.status, said, &response.body)
    }
}

#[tokio::test]
async fn a_person_consents_and_tokens_rotate_until_the_consent_ends() {
    let world = World::new().await;
    let mut grant = world.connect().await;
    assert!(facts::missing(&grant.scopes).is_empty(), "{:?}", grant.scopes);
    assert_eq!(grant.absolute_expires_at, Some(world.now() + 365 * 86_400_000));
    let me = Request { path: String::new(), ..request::myself() };
    let sites = oauth::sites(&world.ask_at(&grant, &world.urls.sites(), &me).await.expect("sites"));
    assert_eq!(
        sites.iter().map(|site| (&site.cloud_id, site.name.as_str())).collect::<Vec<_>>(),
        [(&world.site, "Acme")]
    );
    assert!(sites[0].is_host_of(&format!("{}/rest/api/2/10000", sites[0].url)));
    for _ in 0..4 {
        world.jira.clock().advance(DAY * 89);
        let stale = world.ask(&grant, &request::myself()).await.expect_err("an old token");
        assert_eq!(stale.meaning().next, Next::Renew);
        let next = world.refresh(&grant).await.expect("newer tokens");
        assert_ne!(
            next.refresh_token.as_ref().expect("one").expose(),
            grant.refresh_token.as_ref().expect("one").expose()
        );
        assert_eq!(next.absolute_expires_at, grant.absolute_expires_at, "a refresh does not put off the end");
        assert_eq!(world.ask(&next, &request::myself()).await.expect("me")["displayName"], "Mia Krystof");
        grant = next;
    }
    world.jira.clock().advance(DAY * 9);
    let end = world.refresh(&grant).await.expect_err("a consent of a year ago");
    assert_eq!(end.verdict(), Verdict::Reconnect, "{end}");
    world.jira.assert_understood();
}

#[tokio::test]
async fn whoever_takes_the_app_out_has_to_consent_anew_and_a_lost_answer_is_no_end() {
    let world = World::new().await;
    let grant = world.connect().await;
    world.jira.fail_next("oauth/token", Fault::DropAfter);
    assert_eq!(world.refresh(&grant).await.expect_err("no answer").verdict(), Verdict::Lost);
    world.jira.fail_next("oauth/token", Fault::Status(503));
    assert_eq!(world.refresh(&grant).await.expect_err("an outage").verdict(), Verdict::Retry);
    let grant = world.refresh(&grant).await.expect("Atlassian takes the old one for some minutes more");
    world.jira.remove_app(&world.jira.everybody()[0].account_id);
    assert_eq!(world.refresh(&grant).await.expect_err("an end").verdict(), Verdict::Reconnect);
    world.jira.assert_understood();
}

#[tokio::test]
async fn an_issue_is_made_of_what_its_screen_asks_for_and_moved() {
    let world = World::new().await;
    let grant = world.connect().await;
    let ask = async |request: Request| world.ask(&grant, &request).await.expect("an answer");
    let projects = screen::projects(&ask(request::projects(0, "")).await);
    let project = projects.entries.iter().find(|project| project.key == "ED").expect("a project");
    let types = screen::issue_types(&ask(request::issue_types(&project.key, 0)).await);
    let bug = types.entries.iter().find(|kind| kind.name == "Bug").expect("a type");
    let fields = screen::create_fields(&ask(request::create_screen(&project.key, &bug.id, 0)).await);
    assert_eq!(fields.next, None);
    let required = fields.entries.iter().filter(|field| field.is_required && field.is_writable());
    let required: Vec<&str> = required.map(|field| field.name.as_str()).collect();
    assert_eq!(required, ["Summary", "Severity"]);
    let severity = fields.entries.iter().find(|field| field.name == "Severity").expect("a field");

    let data =
        json!({ "id": "inv_8812", "amount": 12900, "currency": "EUR", "failure": { "message": "card\ndeclined" } });
    let item = message::Item {
        event_type: "invoice.payment_failed",
        data: &data,
        occurred_at: Timestamp(1_795_356_131_408),
        url: "https://hub.example/events/evt_1",
    };
    let mut values = Map::new();
    values.insert("summary".to_owned(), message::line(&item).into());
    values.insert("description".to_owned(), message::description(&item));
    let refused = world.ask(&grant, &request::create(&project.id, &bug.id, values.clone(), "m")).await;
    let refused = refused.expect_err("severity is missing");
    assert_eq!(
        (refused.kind, refused.details()),
        (Kind::Invalid, vec![format!("{}: Severity is required.", severity.id)])
    );
    values.insert(severity.id.clone(), json!({ "id": severity.choices[0].id }));
    let made = ask(request::create(&project.id, &bug.id, values, "patchbay-dlv-1")).await;
    let key = made["key"].as_str().expect("a key");
    let found = ask(request::find_marker(&project.key, "patchbay-dlv-1")).await;
    assert_eq!(found["issues"][0]["key"], key);

    ask(request::comment(key, &message::comment(&item))).await;
    ask(request::comment(key, &adf::of_text("plain\n\nwords"))).await;
    ask(request::remote_link(key, "patchbay=evt_1", item.url, "Event")).await;
    ask(request::set_property(key, "patchbay", &json!({ "delivery": "dlv_1" }))).await;
    let ways = screen::ways(&ask(request::transitions(key)).await);
    ask(request::transition(key, &ways[0].id, &Map::new())).await;
    let ways = screen::ways(&ask(request::transitions(key)).await);
    assert_eq!((ways[0].to.category.as_str(), ways[0].fields[0].id.as_str()), ("done", "resolution"));
    let resolution = json!({ "resolution": { "id": ways[0].fields[0].choices[0].id } });
    ask(request::transition(key, &ways[0].id, resolution.as_object().expect("an object"))).await;
    assert_eq!(ask(request::read(key, &["status"])).await["fields"]["status"]["name"], "Done");
    let edited = json!({ "summary": message::one_line("two\nlines") });
    ask(request::edit(key, edited.as_object().expect("an object"))).await;
    assert!(screen::edit_fields(&ask(request::edit_screen(key)).await).iter().any(|field| field.id == "summary"));
    world.jira.assert_understood();
}

#[tokio::test]
async fn limits_and_lost_sites_are_told_apart() {
    let world = World::new().await;
    let grant = world.connect().await;
    for (reason, kind) in [
        ("jira-burst-based", Kind::Burst),
        ("jira-per-issue-on-write", Kind::IssueWrites),
        ("jira-quota-global-based", Kind::Quota),
    ] {
        world.jira.fail_next("getCurrentUser", Fault::Error(reason.to_owned()));
        let failure = world.ask(&grant, &request::myself()).await.expect_err("a limit");
        assert_eq!((failure.kind, failure.retry_after_s), (kind, Some(30)));
    }
    let missing = world.ask(&grant, &request::transitions("ED-9")).await.expect_err("no issue");
    assert_eq!(missing.kind, Kind::NotFound);
    world.jira.remove_site(&world.site);
    assert_eq!(world.ask(&grant, &request::myself()).await.expect_err("no site").kind, Kind::NoSite);
    world.jira.assert_understood();
}

#[tokio::test]
async fn webhooks_are_registered_and_refreshed_and_what_they_would_tell_is_read() {
    let world = World::new().await;
    let grant = world.connect().await;
    let ask = async |request: Request| world.ask(&grant, &request).await.expect("an answer");
    let url = "http://127.0.0.1:9/jira/x";
    let events = ["jira:issue_created", "jira:issue_updated", "comment_created"];
    let id = request::registered(&ask(request::register_webhook(url, &["ED"], &events)).await).expect("an id");
    let refused = request::registered(&ask(request::register_webhook(url, &["NONE"], &events)).await);
    assert!(refused.expect_err("no such project").contains("NONE"));
    ask(request::refresh_webhooks(&[id])).await;
    assert_eq!(ask(request::webhooks(0)).await["values"][0]["id"], id);
    let told = json!({ "webhookEvent": "jira:issue_deleted", "issue": { "id": "1", "key": "ED-1", "self": url } });
    assert_eq!(inbound::read(&told).expect("a webhook").happening, inbound::Happening::Deleted);
    ask(request::delete_webhooks(&[id])).await;
    assert!(world.jira.webhooks(&world.site).is_empty());
    world.jira.assert_understood();
}
