//! The tables of members and of open invitations.

use domain::account::{Invitation, Member};
use domain::caller::Role;
use leptos::prelude::*;
use wasm_bindgen::JsCast;

use super::Actions;
use super::calls::Members;
use super::invitations::role_options;
use crate::components::{Confirm, Time};
use crate::remote::PostForm;

/// Who belongs to the organization.
pub fn members(actions: Actions, data: &Members) -> impl IntoView + use<> {
    let rows: Vec<_> = data.members.iter().map(|member| member_row(actions, data, member)).collect();
    view! {
        <section class="panel" aria-labelledby="members">
            <div class="panel-head"><h2 id="members">"Members"</h2><span class="faint">{data.members.len()}</span></div>
            <div class="scroll">
                <table>
                    <thead><tr><th>"Name"</th><th class="hide-s">"E-mail"</th><th>"Role"</th><th class="hide-s">"Joined"</th><th><span class="sr-only">"Actions"</span></th></tr></thead>
                    <tbody>{rows}</tbody>
                </table>
            </div>
        </section>
    }
}

fn member_row(actions: Actions, data: &Members, member: &Member) -> AnyView {
    let is_own = data.own_id.as_ref() == Some(&member.user_id);
    let may = data.roles.contains(&member.role);
    let role = if may {
        role_form(actions, &data.roles, member)
    } else {
        view! { <span>{member.role.as_str()}</span> }.into_any()
    };
    let action = (may || is_own).then(|| remove_form(actions, member, is_own));
    let you = is_own.then(|| view! { <span class="badge ml-2 hide-s">"You"</span> });
    view! {
        <tr>
            <td class="py-1.5"><b class="font-[540]">{member.name.clone()}</b>{you}<div class="help sm:hidden">{member.email.clone()}</div></td>
            <td class="hide-s">{member.email.clone()}</td>
            <td>{role}</td>
            <td class="faint hide-s"><Time at=member.joined_at/></td>
            <td class="r">{action}</td>
        </tr>
    }
    .into_any()
}

/// The role as a list that saves itself; without scripts a button beside it does.
fn role_form(actions: Actions, roles: &[Role], member: &Member) -> AnyView {
    let (id, options) = (member.user_id.to_string(), role_options(roles, member.role));
    let label = format!("Role of {}", member.name);
    let submit = |event: leptos::ev::Event| {
        let form = event
            .target()
            .and_then(|target| target.dyn_into::<web_sys::HtmlSelectElement>().ok())
            .and_then(|select| select.form());
        if let Some(form) = form {
            // It fails only for a form that is gone.
            let _submitted = form.request_submit();
        }
    };
    view! {
        <PostForm action=actions.change>
            <div class="row">
                <input type="hidden" name="user_id" value=id/>
                <select class="input w-[98px] h-[28px]" name="role" aria-label=label on:change=submit>{options}</select>
                <button class="btn small no-js-only">"Save"</button>
            </div>
        </PostForm>
    }
    .into_any()
}

fn remove_form(actions: Actions, member: &Member, is_own: bool) -> AnyView {
    let id = member.user_id.to_string();
    let (label, title, text) = if is_own {
        (
            "Leave",
            "Leave this organization?".to_owned(),
            "You lose access to it at once. Somebody has to invite you again if you want to come back.".to_owned(),
        )
    } else {
        (
            "Remove",
            format!("Remove {}?", member.name),
            format!("{} loses access to this organization at once.", member.email),
        )
    };
    view! {
        <PostForm action=actions.remove>
            <input type="hidden" name="user_id" value=id/>
            <Confirm label=label title=title text=text class="small"/>
        </PostForm>
    }
    .into_any()
}

/// Who was invited and has not come yet.
pub fn invitations(actions: Actions, data: &Members) -> Option<impl IntoView + use<>> {
    let rows: Vec<_> = data.invitations.iter().map(|invitation| invitation_row(actions, data, invitation)).collect();
    (!rows.is_empty()).then(|| {
        view! {
            <section class="panel" aria-labelledby="invitations">
                <div class="panel-head"><h2 id="invitations">"Open invitations"</h2></div>
                <div class="scroll">
                    <table>
                        <thead><tr><th>"E-mail"</th><th>"Role"</th><th class="hide-s">"Made"</th><th>"Lapses"</th><th><span class="sr-only">"Actions"</span></th></tr></thead>
                        <tbody>{rows}</tbody>
                    </table>
                </div>
            </section>
        }
    })
}

fn invitation_row(actions: Actions, data: &Members, invitation: &Invitation) -> AnyView {
    let id = invitation.id.to_string();
    let action = data.roles.contains(&invitation.role).then(|| {
        view! {
            <PostForm action=actions.revoke>
                <input type="hidden" name="id" value=id/>
                <button class="btn small">"Withdraw"</button>
            </PostForm>
        }
    });
    view! {
        <tr>
            <td>{invitation.email.clone()}</td>
            <td>{invitation.role.as_str()}</td>
            <td class="faint hide-s"><Time at=invitation.created_at/></td>
            <td class="faint"><Time at=invitation.expires_at/></td>
            <td class="r">{action}</td>
        </tr>
    }
    .into_any()
}
