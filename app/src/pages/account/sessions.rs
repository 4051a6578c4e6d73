//! Where somebody is signed in.

use domain::account::Session;
use leptos::prelude::*;

use super::calls::{Account, RevokeOtherSessions, RevokeSession};
use super::device;
use crate::components::{Confirm, FormError, Time};
use crate::remote::{Post, PostForm};

/// The list of sessions, with a way to end each.
pub fn view(
    revoke: Post<RevokeSession>,
    others: Post<RevokeOtherSessions>,
    account: &Account,
) -> impl IntoView + use<> {
    let rows: Vec<_> =
        account.sessions.iter().map(|session| row(revoke, session, session.id == account.current)).collect();
    let count = account.sessions.len();
    let end_others = (count > 1).then(|| {
        view! {
            <PostForm action=others>
                <Confirm label="Sign out the others" class="small" title="Sign out everywhere else?"
                    text=format!("{} other {} to sign in again.", count - 1, if count == 2 { "browser has" } else { "browsers have" })/>
            </PostForm>
        }
    });
    view! {
        <section class="panel" aria-labelledby="sessions">
            <div class="panel-head">
                <div>
                    <h2 id="sessions">"Sessions"</h2>
                    <p class="help">"Browsers that are signed in with your account."</p>
                </div>
                {end_others}
            </div>
            <FormError error=revoke.error()/>
            <div class="scroll">
                <table>
                    <thead><tr><th>"Browser"</th><th class="hide-s">"Address"</th><th class="hide-s">"Signed in"</th><th>"Last used"</th><th><span class="sr-only">"Actions"</span></th></tr></thead>
                    <tbody>{rows}</tbody>
                </table>
            </div>
        </section>
    }
}

fn row(revoke: Post<RevokeSession>, session: &Session, is_current: bool) -> AnyView {
    let name = device::name(session.user_agent.as_deref());
    let id = session.id.to_string();
    let action = if is_current {
        view! { <span class="badge ok"><span class="dot"></span>"This browser"</span> }.into_any()
    } else {
        view! {
            <PostForm action=revoke>
                <input type="hidden" name="id" value=id/>
                <button class="btn small">"Sign out"</button>
            </PostForm>
        }
        .into_any()
    };
    view! {
        <tr>
            <td title=session.user_agent.clone()>{name}</td>
            <td class="mono hide-s">{session.ip.clone()}</td>
            <td class="faint hide-s"><Time at=session.created_at/></td>
            <td class="faint"><Time at=session.last_seen_at/></td>
            <td class="r">{action}</td>
        </tr>
    }
    .into_any()
}
