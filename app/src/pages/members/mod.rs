//! The people of the organization.

mod calls;
mod invitations;
mod rows;

use leptos::prelude::*;

use calls::{ChangeRole, Invite, LoadMembers, RemoveMember, RevokeInvitation, TakeInvitation};

use crate::components::{FormError, PageHead, loaded};
use crate::frame::SettingsTabs;
use crate::remote::{Post, load_after};

/// What can be done on this page.
#[derive(Clone, Copy)]
struct Actions {
    invite: Post<Invite>,
    revoke: Post<RevokeInvitation>,
    change: Post<ChangeRole>,
    remove: Post<RemoveMember>,
}

/// Members, open invitations, and the form that invites.
#[component]
pub fn MembersPage() -> impl IntoView {
    let actions = Actions { invite: Post::new(), revoke: Post::new(), change: Post::new(), remove: Post::new() };
    let changes = move || {
        actions.invite.version().get()
            + actions.revoke.version().get()
            + actions.change.version().get()
            + actions.remove.version().get()
    };
    let members = load_after(changes, || LoadMembers {});
    let made = load_after(move || actions.invite.version().get(), || TakeInvitation {});
    view! {
        <PageHead title="Members"/>
        <SettingsTabs on="/settings/members"/>
        <div class="stack">
            <FormError error=actions.change.error()/>
            <FormError error=actions.remove.error()/>
            <FormError error=actions.revoke.error()/>
            {loaded(made, |made| invitations::made(made).into_any())}
            {loaded(members, move |members| {
                view! {
                    {invitations::form(actions.invite, &members.roles)}
                    {rows::members(actions, &members)}
                    {rows::invitations(actions, &members)}
                }
                .into_any()
            })}
        </div>
    }
}
