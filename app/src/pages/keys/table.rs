//! The organization's keys.

use domain::api_key::ApiKey;
use leptos::prelude::*;

use super::calls::RevokeKey;
use crate::components::{Confirm, Empty, Status, Time, Tone};
use crate::remote::{Post, PostForm};

/// The keys; a sentence for those who may not see them.
pub fn view(revoke: Post<RevokeKey>, keys: Option<&[ApiKey]>) -> impl IntoView + use<> {
    let body = match keys {
        None => view! { <p class="pad muted">"Owners and admins of the organization make and revoke keys."</p> }.into_any(),
        Some([]) => view! { <Empty title="No keys yet" text="An application needs a key to send events. Make one below; it is shown once."/> }.into_any(),
        Some(keys) => {
            let rows: Vec<_> = keys.iter().map(|key| row(revoke, key)).collect();
            view! {
                <div class="scroll">
                    <table>
                        <thead>
                            <tr><th>"Name"</th><th>"Key"</th><th class="hide-s">"Scopes"</th><th class="hide-s">"Made"</th><th class="hide-s">"Last used"</th><th><span class="sr-only">"Actions"</span></th></tr>
                        </thead>
                        <tbody>{rows}</tbody>
                    </table>
                </div>
            }
            .into_any()
        }
    };
    view! {
        <section class="panel" aria-labelledby="keys">
            <div class="panel-head"><h2 id="keys">"API keys"</h2></div>
            {body}
        </section>
    }
}

fn row(revoke: Post<RevokeKey>, key: &ApiKey) -> AnyView {
    let words = key.scopes.iter().map(|scope| scope.as_str()).collect::<Vec<_>>().join(", ");
    let scopes = match key.scopes.as_slice() {
        [one] => one.to_string(),
        many => format!("{} scopes", many.len()),
    };
    let used = key.last_used_at.map_or_else(|| view! { "never" }.into_any(), |at| view! { <Time at=at/> }.into_any());
    let action = if key.revoked_at.is_some() {
        view! { <Status tone=Tone::Off word="Revoked"/> }.into_any()
    } else {
        revoke_form(revoke, key)
    };
    view! {
        <tr>
            <td class="ell max-w-44">{key.name.clone()}</td>
            <td class="mono faint">{key.hint.clone()}</td>
            <td class="hide-s" title=words>{scopes}</td>
            <td class="faint hide-s"><Time at=key.created_at/></td>
            <td class="faint hide-s">{used}</td>
            <td class="r">{action}</td>
        </tr>
    }
    .into_any()
}

fn revoke_form(revoke: Post<RevokeKey>, key: &ApiKey) -> AnyView {
    let id = key.id.to_string();
    let title = format!("Revoke {}?", key.name);
    let text = format!("Programs that use {} are refused from now on. This cannot be undone.", key.hint);
    view! {
        <PostForm action=revoke>
            <input type="hidden" name="id" value=id/>
            <Confirm label="Revoke" title=title text=text class="small"/>
        </PostForm>
    }
    .into_any()
}
