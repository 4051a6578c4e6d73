//! Making a key: its name and its scopes, with presets as links, so that they work without scripts.

use domain::Permission;
use leptos::prelude::*;

use super::calls::CreateKey;
use crate::components::{Field, FieldError, FormError};
use crate::remote::{Post, PostForm};

/// A name for each preset, and whether it holds a scope.
const PRESETS: [(&str, &str); 4] =
    [("send", "Send events"), ("fetch", "Fetch messages"), ("read", "Read only"), ("all", "Everything")];

fn holds(preset: &str, scope: Permission) -> bool {
    match preset {
        "all" => true,
        "read" => scope.as_str().ends_with(":read"),
        "fetch" => scope == Permission::MessagesPull,
        _ => matches!(scope, Permission::EventsWrite | Permission::EventTypesRead),
    }
}

/// What a scope lets a program do.
const fn meaning(scope: Permission) -> &'static str {
    use Permission as P;
    match scope {
        P::EventsWrite => "Send events",
        P::EventsRead => "Read events",
        P::EndpointsRead => "Read endpoints",
        P::EndpointsWrite => "Create, change, test and delete endpoints; rotate secrets",
        P::DeliveriesRead => "Read the delivery log",
        P::MessagesPull => "Fetch deliveries from endpoints that are pulled from",
        P::DeliveriesReplay => "Replay deliveries",
        P::EventTypesRead => "Read event types",
        P::EventTypesWrite => "Create, change and delete own event types",
        P::ConnectionsRead => "Read connections and their channels",
        P::ConnectionsWrite => "Change, try out and disconnect connections",
        P::MembersRead => "Read members and invitations",
        P::MembersWrite => "Invite, change and remove members",
        P::ApiKeysRead => "List API keys",
        P::ApiKeysWrite => "Make and revoke API keys",
        P::OrgRead => "Read the organization's settings",
        P::OrgWrite => "Change the organization's settings",
        P::AuditRead => "Read the audit log",
        P::OrgsManage => "List and create organizations",
    }
}

/// The form; nothing for those who may not make keys.
pub fn view(create: Post<CreateKey>, preset: Memo<String>, scopes: Vec<Permission>) -> Option<impl IntoView> {
    let error = create.error();
    let shown = move |value: &str| preset.with(|preset| preset == value || (preset.is_empty() && value == "send"));
    let presets: Vec<_> = PRESETS
        .iter()
        .map(|(value, label)| {
            let on = move || shown(value).then_some("true");
            view! { <a href=format!("/developers?preset={value}") aria-current=on>{*label}</a> }.into_any()
        })
        .collect();
    let boxes: Vec<_> = scopes.iter().map(|scope| scope_box(*scope, preset)).collect();
    (!scopes.is_empty()).then(|| {
        view! {
            <section class="panel pad stack" aria-labelledby="new">
                <h2 id="new">"New key"</h2>
                <FormError error=error fields=&["name", "scopes"]/>
                <PostForm action=create empties=true>
                    <div class="stack gap-4">
                        <Field label="Name" name="name" error=error placeholder="Billing service" help="Says which program uses it."/>
                        <fieldset class="field">
                            <legend class="mb-1.5">"What it may do"</legend>
                            <div><div class="seg" role="group" aria-label="Presets">{presets}</div></div>
                            <div class="grid gap-x-6 sm:grid-cols-2">{boxes}</div>
                            <FieldError error=error field="scopes"/>
                        </fieldset>
                        <div><button class="btn primary" disabled=move || create.pending().get()>"Make key"</button></div>
                    </div>
                </PostForm>
            </section>
        }
    })
}

fn scope_box(scope: Permission, preset: Memo<String>) -> AnyView {
    let checked = move || preset.with(|preset| holds(preset, scope));
    let at_first = preset.with_untracked(|preset| holds(preset, scope));
    view! {
        <label class="choice">
            <input type="checkbox" class="check" name="scopes[]" value=scope.as_str() checked=at_first prop:checked=checked/>
            <span class="grow"><code>{scope.as_str()}</code><span class="help block">{meaning(scope)}</span></span>
        </label>
    }
    .into_any()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_preset_only_sends() {
        let held: Vec<_> = Permission::ALL.iter().filter(|scope| holds("", **scope)).collect();
        assert_eq!(held, [&Permission::EventsWrite, &Permission::EventTypesRead]);
        assert!(
            Permission::ALL
                .iter()
                .filter(|scope| holds("read", **scope))
                .all(|scope| scope.as_str().ends_with(":read"))
        );
    }
}
