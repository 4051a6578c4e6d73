//! The first page of a new installation.

use leptos::prelude::*;
use leptos_router::hooks::use_query_map;

use super::calls::SetUp;
use super::door::{Door, welcome_after};
use crate::components::{Field, FormError};
use crate::remote::{Post, PostForm};

/// Creates the operator and the first organization.
#[component]
pub fn SetupPage() -> impl IntoView {
    let action = Post::<SetUp>::new();
    welcome_after(action);
    let error = action.error();
    let token = use_query_map().with_untracked(|query| query.get("token")).unwrap_or_default();
    view! {
        <Door title="Set up Patchbay" text="You become the operator of this installation and the owner of its first organization.">
            <PostForm action=action>
                <div class="panel pad stack">
                    <FormError error=error fields=&["token", "org", "name", "email", "password"]/>
                    <Field label="Set-up token" name="token" error=error value=token help="Printed in the console when the program started."/>
                    <Field label="Organization" name="org" error=error autocomplete="organization" placeholder="Acme Corp"/>
                    <Field label="Your name" name="name" error=error autocomplete="name"/>
                    <Field label="E-mail" name="email" error=error kind="email" autocomplete="username"/>
                    <Field label="Password" name="password" error=error kind="password" autocomplete="new-password" minlength=10
                        help="At least 10 characters."/>
                    <button class="btn primary" disabled=move || action.pending().get()>"Set up"</button>
                </div>
            </PostForm>
        </Door>
    }
}
