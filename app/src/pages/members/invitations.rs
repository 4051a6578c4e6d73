//! Inviting somebody, and the link that is shown once.

use domain::caller::Role;
use leptos::prelude::*;

use super::calls::Invite;
use crate::components::{Copy, FieldError, FormError, Icon};
use crate::remote::{Post, PostForm};

/// What a role may do, in a few words.
pub const fn meaning(role: Role) -> &'static str {
    match role {
        Role::Owner => "Everything, including other owners and the organization itself",
        Role::Admin => "Endpoints, keys, event types and members",
        Role::Member => "Reads everything but the audit log and keys",
    }
}

/// A `<select>` of the roles.
pub fn role_options(roles: &[Role], selected: Role) -> Vec<AnyView> {
    let option = |role: &Role| {
        view! { <option value=role.as_str() selected=*role == selected>{role.as_str()}</option> }.into_any()
    };
    roles.iter().map(option).collect()
}

/// The form; nothing for those who may not invite.
pub fn form(action: Post<Invite>, roles: &[Role]) -> Option<impl IntoView + use<>> {
    let error = action.error();
    let options = role_options(roles, Role::Member);
    let meanings: Vec<_> =
        roles.iter().map(|role| view! { <li><b>{role.as_str()}</b>": "{meaning(*role)}"."</li> }.into_any()).collect();
    (!roles.is_empty()).then(|| {
        view! {
            <section class="panel pad stack" aria-labelledby="invite">
                <h2 id="invite">"Invite somebody"</h2>
                <FormError error=error fields=&["email"]/>
                <PostForm action=action empties=true>
                    <div class="grid gap-3 items-start sm:grid-cols-[minmax(0,1fr)_140px_auto]">
                        <div class="field">
                            <label for="email">"E-mail"</label>
                            <input class="input" id="email" name="email" type="email" required=true autocomplete="off" placeholder="name@example.com"/>
                            <FieldError error=error field="email"/>
                        </div>
                        <div class="field">
                            <label for="role">"Role"</label>
                            <select class="input" id="role" name="role">{options}</select>
                        </div>
                        <button class="btn primary sm:mt-[26px]" disabled=move || action.pending().get()>"Make link"</button>
                    </div>
                </PostForm>
                <ul class="help">{meanings}</ul>
            </section>
        }
    })
}

/// The link of the invitation just made.
pub fn made(made: Option<(String, String)>) -> Option<impl IntoView> {
    made.map(|(email, url)| {
        view! {
            <section class="notice ok" role="status">
                <Icon name="check"/>
                <div class="stack grow gap-2">
                    <div>"Give this link to "<b>{email}</b>". It is shown only now and can be used once, for seven days."</div>
                    <div class="row">
                        <input class="input mono" readonly=true aria-label="Invitation link" value=url.clone()/>
                        <Copy text=url label="Copy"/>
                    </div>
                </div>
            </section>
        }
    })
}
