//! The organization's settings.

mod calls;

use domain::org::{Org, OrgIntegration};
use leptos::prelude::*;

use calls::{LoadSettings, RenameOrg, SetIntegration, SetRetention, Settings};

use crate::components::{Copy, Done, Field, FormError, PageHead, Time, loaded};
use crate::frame::SettingsTabs;
use crate::remote::{Post, PostForm, load_after};
use crate::use_me;

/// Name and facts of the organization.
#[component]
pub fn SettingsPage() -> impl IntoView {
    let rename = Post::<RenameOrg>::new();
    let retention = Post::<SetRetention>::new();
    let plan = Post::<SetIntegration>::new();
    let changes = move || rename.version().get() + retention.version().get() + plan.version().get();
    let settings = load_after(changes, || LoadSettings {});
    let me = use_me();
    Effect::new(move |_| {
        if rename.version().get() > 0 {
            me.refetch();
        }
    });
    view! {
        <PageHead title="Organization"/>
        <SettingsTabs on="/settings"/>
        <Done words=&[("name", "The organization was renamed."), ("plan", "Saved. What is connected already goes on."), ("retention", "Saved. Older payloads go within minutes, older rows of the log at the next midnight (UTC).")]/>
        {loaded(settings, move |settings| view(rename, retention, plan, settings).into_any())}
    }
}

fn view(
    rename: Post<RenameOrg>,
    retention: Post<SetRetention>,
    plan: Post<SetIntegration>,
    Settings { org, may_write, gated }: Settings,
) -> impl IntoView {
    let kept = keeping(retention, &org, may_write).into_any();
    let error = rename.error();
    let form = if may_write {
        view! {
            <PostForm action=rename>
                <div class="stack">
                    <FormError error=error fields=&["name"]/>
                    <Field label="Name" name="name" error=error value=org.name.clone() autocomplete="organization"/>
                    <div><button class="btn primary" disabled=move || rename.pending().get()>"Save"</button></div>
                </div>
            </PostForm>
        }
        .into_any()
    } else {
        view! {
            <div class="field">
                <label for="name">"Name"</label>
                <input class="input" id="name" value=org.name.clone() readonly=true/>
                <p class="help">"Only owners change it."</p>
            </div>
        }
        .into_any()
    };
    let id = org.id.to_string();
    view! {
        <section class="panel pad stack max-w-2xl" aria-labelledby="general">
            <h2 id="general">"General"</h2>
            {form}
            <dl class="grid grid-cols-[max-content_minmax(0,1fr)] items-center gap-x-6 gap-y-1 border-t border-line pt-3">
                <dt class="muted">"Id"</dt>
                <dd class="row"><code class="ell">{id.clone()}</code><Copy text=id/></dd>
                <dt class="muted">"Created"</dt>
                <dd class="faint"><Time at=org.created_at/></dd>
            </dl>
        </section>
        {kept}
        {(!gated.is_empty()).then(|| in_plan(plan, &gated))}
    }
}

/// For operators: what of the integrations that are kept for certain plans the organization may connect.
fn in_plan(plan: Post<SetIntegration>, gated: &[OrgIntegration]) -> AnyView {
    let row = |integration: &OrgIntegration| {
        let (word, action) =
            if integration.is_included { ("In the plan", "Exclude") } else { ("Not in the plan", "Include") };
        let (key, name, to) =
            (integration.key.clone(), integration.name.clone(), (!integration.is_included).to_string());
        view! {
            <li class="row spread border-t border-line py-2">
                <span>{name.clone()}" "<span class="badge ml-2">{word}</span></span>
                <PostForm action=plan>
                    <input type="hidden" name="key" value=key/>
                    <input type="hidden" name="is_included" value=to/>
                    <button class="btn small" aria-label=format!("{action} {name}") disabled=move || plan.pending().get()>{action}</button>
                </PostForm>
            </li>
        }
        .into_any()
    };
    let rows: Vec<_> = gated.iter().map(row).collect();
    view! {
        <section class="panel pad stack mt-4 max-w-2xl" aria-labelledby="plan">
            <h2 id="plan">"Integrations in the plan"</h2>
            <p class="help">"For operators. This installation keeps these for certain plans; all others every organization may connect."</p>
            <FormError error=plan.error() fields=&[]/>
            <ul>{rows}</ul>
        </section>
    }
    .into_any()
}

/// How long payloads and log rows are kept.
fn keeping(retention: Post<SetRetention>, org: &Org, may_write: bool) -> impl IntoView {
    let error = retention.error();
    let text = |days: Option<i64>| days.map(|days| days.to_string()).unwrap_or_default();
    let said = |days: Option<i64>| days.map_or("for ever".to_owned(), |days| format!("{days} days"));
    let (payloads, log) = (org.payload_days, org.log_days);
    let inside = if may_write {
        view! {
            <PostForm action=retention>
                <div class="stack">
                    <FormError error=error fields=&["payload_days", "log_days"]/>
                    <Field label="Payloads and answers, in days" name="payload_days" error=error value=text(payloads) optional=true
                        help="Bodies and headers of events, requests and answers. Blank keeps them for ever."/>
                    <Field label="Delivery log, in days" name="log_days" error=error value=text(log) optional=true
                        help="The rows themselves, with their events. Blank keeps them for ever."/>
                    <div><button class="btn primary" disabled=move || retention.pending().get()>"Save"</button></div>
                </div>
            </PostForm>
        }
        .into_any()
    } else {
        view! { <p>{format!("Payloads are kept {}, the delivery log {}.", said(payloads), said(log))}</p> }.into_any()
    };
    view! {
        <section class="panel pad stack mt-4 max-w-2xl" aria-labelledby="keeping">
            <h2 id="keeping">"Data retention"</h2>
            <p class="help">"What has not been delivered yet is kept until it has ended, whatever its age."</p>
            {inside}
        </section>
    }
}
