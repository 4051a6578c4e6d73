//! Organizations on both databases.

use super::OrgChange;
use super::actions::{create, get, list_all, list_mine, update};
use super::plan::{self, Plans};
use crate::account::tests::{account, code, member, membership, recorded, staff, status};
use crate::api_key::NewApiKey;
use crate::api_key::actions::{create_operator_key, resolve};
use crate::caller::{OperatorRole, Role};
use crate::connection::workflow::{NewWorkflow, connect};
use crate::db::on;
use crate::db::testing::both;
use crate::hub::testing::TestHub;
use crate::id::{DeliveryId, OrgId};
use crate::{Caller, PageQuery, Permission};

/// A change of the name.
fn named(name: &str) -> OrgChange {
    OrgChange { name: Some(name.to_owned()), ..OrgChange::default() }
}

both!(members_read_and_owners_rename_the_organization, |hub| {
    let hub = hub.with_org().await;
    assert_eq!(get(&hub, &hub.caller(Role::Member)).await.expect("an organization").name, "Acme Corp");
    for role in [Role::Member, Role::Admin] {
        assert_eq!(status(&update(&hub, &hub.caller(role), named("Evil")).await), 403);
    }
    let owner = hub.caller(Role::Owner);
    assert_eq!(code(update(&hub, &owner, named("  ")).await), "invalid");
    let renamed = update(&hub, &owner, named(" Acme Ltd ")).await.expect("renamed");
    assert_eq!((renamed.name.as_str(), renamed.updated_at), ("Acme Ltd", hub.now()));
    assert_eq!(update(&hub, &owner, named("Acme Ltd")).await.expect("unchanged"), renamed);
    assert_eq!(get(&hub, &owner).await.expect("an organization"), renamed);
    assert_eq!(get(&hub, &hub.stranger().await).await.expect("their own").name, "Acme Corp");
    assert_eq!(recorded(&hub).await, ["org.renamed"]);
});

both!(people_see_the_organizations_they_belong_to, |hub| {
    let hub = hub.with_org().await;
    let ann = account(&hub, "ann", None).await;
    let (zulu, foreign) = (hub.id(OrgId::new), hub.id(OrgId::new));
    hub.insert_org(&zulu).await;
    hub.insert_org(&foreign).await;
    let mut owner = hub.caller(Role::Owner);
    owner.org_id = Some(zulu.clone());
    update(&hub, &owner, named("zulu")).await.expect("renamed");
    membership(&hub, &zulu, &ann, Role::Member).await;
    membership(&hub, &hub.org_id, &ann, Role::Owner).await;
    let token = crate::account::tests::opened(&hub, &ann, None).await;
    let caller = crate::account::tests::resolved(&hub, &token).await.expect("signed in");
    let mine: Vec<_> =
        list_mine(&hub, &caller).await.expect("a list").into_iter().map(|m| (m.org_name, m.role)).collect();
    assert_eq!(mine, [("Acme Corp".to_owned(), Role::Owner), ("zulu".to_owned(), Role::Member)]);
    assert_eq!(status(&list_mine(&hub, &Caller::system(None)).await), 403);
});

both!(an_operator_creates_an_organization_and_owns_it, |hub| {
    let hub = hub.with_org().await;
    let owner = member(&hub, "ann", Role::Owner).await;
    let support = staff(&hub, "sam", OperatorRole::Support).await;
    for caller in [&owner, &support] {
        assert_eq!(status(&create(&hub, caller, "Evil").await), 403);
    }
    let operator = staff(&hub, "olga", OperatorRole::Operator).await;
    assert_eq!(code(create(&hub, &operator, "").await), "invalid");
    let org = create(&hub, &operator, "Globex").await.expect("created");
    let mine = list_mine(&hub, &operator).await.expect("a list");
    assert_eq!((mine.len(), &mine[0].org_id, mine[0].role), (1, &org.id, Role::Owner));
});

async fn delivery(hub: &TestHub, age_ms: i64, status: &str, waits: bool) {
    let at = hub.now().plus_ms(-age_ms);
    let id = DeliveryId::new(at.millis(), hub.random.bytes());
    let mut tx = hub.db.begin().await.expect("a transaction");
    on!(&mut *tx, |c| {
        sqlx::query(
            "INSERT INTO deliveries (org_id, id, event_id, event_type, endpoint_id, status, cause, attempt_count, max_attempts, due_at, created_at, updated_at)
             VALUES ($1, $2, 'evt_x', 'invoice.paid', 'ep_x', $3, 'event', 1, 8, $4, $5, $5)",
        )
        .bind(&hub.org_id)
        .bind(id)
        .bind(status)
        .bind(waits.then_some(at))
        .bind(at)
        .execute(c)
        .await
        .map(drop)
    })
    .expect("a delivery");
    tx.commit().await.expect("committed");
}

const HOUR: i64 = 3600 * 1000;

both!(staff_sees_every_organization_with_its_figures, |hub| {
    let hub = hub.with_org().await;
    member(&hub, "ann", Role::Owner).await;
    member(&hub, "bob", Role::Member).await;
    for (age, status, waits) in [
        (HOUR, "delivered", false),
        (HOUR, "failed", false),
        (25 * HOUR, "failed", false),
        (26 * HOUR, "retrying", true),
    ] {
        delivery(&hub, age, status, waits).await;
    }
    hub.stranger().await;
    let support = staff(&hub, "sam", OperatorRole::Support).await;
    let page = list_all(&hub, &support, Some(hub.org_id.as_str()), &PageQuery::default()).await.expect("a page");
    let row = &page.data[0];
    assert_eq!((page.data.len(), row.members, row.endpoints, row.endpoints_disabled), (1, 2, 0, 0));
    assert_eq!((row.deliveries_24h, row.failed_24h, row.backlog), (2, 1, 1));
    let all = list_all(&hub, &support, None, &PageQuery::default()).await.expect("a page").data;
    let other = all.iter().find(|row| row.id != hub.org_id).expect("the stranger's");
    assert_eq!((all.len(), other.members, other.deliveries_24h, other.backlog), (2, 0, 0, 0));
});

both!(tenants_never_see_the_list_of_organizations, |hub| {
    let hub = hub.with_org().await;
    let owner = member(&hub, "ann", Role::Owner).await;
    assert_eq!(status(&list_all(&hub, &owner, None, &PageQuery::default()).await), 403);
    for (scope, answer) in [(Permission::EventsWrite, 403), (Permission::OrgsManage, 200)] {
        let new = NewApiKey { name: "k".into(), scopes: vec![scope], expires_at: None };
        let key = create_operator_key(&hub, &Caller::system(None), new).await.expect("a key");
        let caller = resolve(&hub, &key.key, None, None).await.expect("a caller");
        assert_eq!(status(&list_all(&hub, &caller, None, &PageQuery::default()).await), answer);
    }
});

both!(the_list_is_filtered_by_name_and_paged, |hub| {
    let console = Caller::system(None);
    for name in ["Acme 100%", "Acme 1000", "Zeta_x", "Zetaax"] {
        hub.clock.advance_ms(1);
        create(&hub, &console, name).await.expect("created");
    }
    let names = |q: &'static str| {
        let (hub, console) = (hub.hub.clone(), console.clone());
        async move {
            let page = list_all(&hub, &console, Some(q), &PageQuery::default()).await.expect("a page");
            page.data.into_iter().map(|row| row.name).collect::<Vec<_>>()
        }
    };
    assert_eq!(names("acme").await, ["Acme 1000", "Acme 100%"]);
    assert_eq!(names("100%").await, ["Acme 100%"]);
    assert_eq!(names("zeta_").await, ["Zeta_x"]);
    assert_eq!(names("\\").await, Vec::<String>::new());
    assert_eq!(names(" ").await.len(), 4);
    let mut query = PageQuery { limit: Some(2), cursor: None };
    let first = list_all(&hub, &console, None, &query).await.expect("a page");
    query.cursor = first.next_cursor.clone();
    let second = list_all(&hub, &console, None, &query).await.expect("a page");
    assert_eq!(second.data.iter().map(|row| row.name.as_str()).collect::<Vec<_>>(), ["Acme 1000", "Acme 100%"]);
    assert_eq!(second.next_cursor, None);
    query.cursor = second.previous_cursor;
    assert_eq!(list_all(&hub, &console, None, &query).await.expect("a page").data, first.data);
});

both!(an_organization_connects_what_its_plan_has, |hub| {
    let base = hub.with_org().await;
    let plans = Plans { gated: vec!["teams".into()], contact_url: None };
    let hub = base.with_plans(11, plans);
    let operator = Caller { org_id: Some(hub.org_id.clone()), ..staff(&hub, "olga", OperatorRole::Operator).await };
    let support = Caller { org_id: Some(hub.org_id.clone()), ..staff(&hub, "sam", OperatorRole::Support).await };
    let owner = hub.caller(Role::Owner);
    let workflow = |number: u8| NewWorkflow {
        name: format!("Finance {number}"),
        workflow_url: format!(
            "http://127.0.0.1:4020/workflows/{number}/triggers/manual/paths/invoke?sig=secret{number}"
        ),
    };
    let included = || async {
        let all = plan::list(&hub, &owner).await.expect("the catalogue");
        let keys =
            |is: bool| all.iter().filter(|one| one.is_included == is).map(|one| one.key.as_str()).collect::<Vec<_>>();
        assert_eq!(all.iter().filter(|one| one.is_gated).map(|one| one.key.as_str()).collect::<Vec<_>>(), ["teams"]);
        (keys(true).join(" "), keys(false).join(" "))
    };
    assert_eq!(included().await, ("jira slack webhooks".into(), "teams".into()));
    assert_eq!(code(connect(&hub, &owner, &workflow(1)).await), "integration_not_in_plan");

    for caller in [&owner, &support] {
        assert_eq!(status(&plan::set(&hub, caller, "teams", true).await), 403);
    }
    assert_eq!(code(plan::set(&hub, &operator, "slack", false).await), "integration_not_gated");
    assert_eq!(status(&plan::set(&hub, &operator, "pager", true).await), 404);
    for _ in 0..2 {
        assert!(plan::set(&hub, &operator, "teams", true).await.expect("given").is_included);
    }
    assert_eq!(included().await.1, "");
    connect(&hub, &owner, &workflow(1)).await.expect("connected");

    assert!(!plan::set(&hub, &operator, "teams", false).await.expect("taken back").is_included);
    assert_eq!(code(connect(&hub, &owner, &workflow(2)).await), "integration_not_in_plan");
    assert_eq!(crate::connection::actions::list(&hub, &owner).await.expect("connections").len(), 1, "it goes on");
    let kept = recorded(&hub).await;
    let kept: Vec<_> = kept.iter().filter(|action| action.starts_with("integration.")).collect();
    assert_eq!(kept, ["integration.excluded", "integration.included"]);
});
