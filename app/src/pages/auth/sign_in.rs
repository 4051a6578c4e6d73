//! Sign-in by e-mail and password.

use leptos::prelude::*;
use leptos_router::hooks::use_query_map;

use super::calls::SignIn;
use super::door::{Door, welcome_after};
use crate::components::{Field, FormError};
use crate::remote::{Post, PostForm};

/// Lets somebody in and sends them to where they wanted to go.
#[component]
pub fn SignInPage() -> impl IntoView {
    let action = Post::<SignIn>::new();
    welcome_after(action);
    let error = action.error();
    let next = use_query_map().with_untracked(|query| query.get("next")).unwrap_or_default();
    view! {
        <Door title="Sign in" text="Use the account you were invited with.">
            <PostForm action=action>
                <div class="panel pad stack">
                    <FormError error=error fields=&["email", "password"]/>
                    <input type="hidden" name="next" value=next/>
                    <Field label="E-mail" name="email" error=error kind="email" autocomplete="username" autofocus=true/>
                    <Field label="Password" name="password" error=error kind="password" autocomplete="current-password"/>
                    <button class="btn primary" disabled=move || action.pending().get()>"Sign in"</button>
                </div>
            </PostForm>
            <p class="help">"No account yet? Ask an owner or admin of your organization for an invitation link."</p>
        </Door>
    }
}
