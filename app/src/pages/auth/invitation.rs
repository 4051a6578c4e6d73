//! The page behind an invitation link.

use domain::account::InvitationPreview;
use leptos::prelude::*;
use leptos_router::hooks::use_params_map;

use super::calls::{AcceptInvitation, LoadInvitation};
use super::door::{Door, welcome_after};
use crate::components::{Field, FormError};
use crate::error::UiError;
use crate::remote::{Post, PostForm, load};

/// Shows who is invited to what, and accepts.
#[component]
pub fn InvitationPage() -> impl IntoView {
    let token = use_params_map().with_untracked(|params| params.get("token")).unwrap_or_default();
    let action = Post::<AcceptInvitation>::new();
    welcome_after(action);
    let preview = load({
        let token = token.clone();
        move || LoadInvitation { token: token.clone() }
    });
    view! {
        <Suspense>
            {move || {
                let token = token.clone();
                Suspend::new(async move {
                    match preview.await {
                        Ok(preview) => form(action, token, preview).into_any(),
                        Err(error) => closed(&error).into_any(),
                    }
                })
            }}
        </Suspense>
    }
}

fn form(action: Post<AcceptInvitation>, token: String, preview: InvitationPreview) -> impl IntoView {
    let error = action.error();
    let title = format!("Join {}", preview.org_name);
    let text = match preview.has_account {
        true => format!("You were invited as {}. Confirm with the password of your account.", preview.role),
        false => format!("You were invited as {}. Choose a name and a password.", preview.role),
    };
    let password = if preview.has_account {
        view! { <Field label="Password" name="password" error=error kind="password" autocomplete="current-password"/> }
            .into_any()
    } else {
        view! {
            <Field label="Your name" name="name" error=error autocomplete="name"/>
            <Field label="Password" name="password" error=error kind="password" autocomplete="new-password" minlength=10
                help="At least 10 characters."/>
        }
        .into_any()
    };
    view! {
        <Door title=title text=text>
            <PostForm action=action>
                <div class="panel pad stack">
                    <FormError error=error fields=&["name", "password"]/>
                    <input type="hidden" name="token" value=token/>
                    <div class="field">
                        <label for="email">"E-mail"</label>
                        <input class="input" id="email" type="email" value=preview.email readonly=true autocomplete="username"/>
                    </div>
                    {password}
                    <button class="btn primary" disabled=move || action.pending().get()>"Join"</button>
                </div>
            </PostForm>
        </Door>
    }
}

fn closed(error: &UiError) -> impl IntoView + use<> {
    let text = if error.status == 404 {
        "It was used, withdrawn, or is older than seven days. Ask the person who sent it for a new one.".to_owned()
    } else {
        error.problem.message.clone()
    };
    view! {
        <Door title="This invitation is not open" text=text>
            <div><a class="btn" href="/sign-in">"Sign in"</a></div>
        </Door>
    }
}
