//! The forms of the account page.

use leptos::prelude::*;
use leptos::server_fn::ServerFn;

use super::calls::{Account, ChangePassword, Rename};
use crate::components::{Field, FormError};
use crate::frame::calls::SetTheme;
use crate::frame::theme_buttons;
use crate::remote::{Post, PostForm};

/// Name and address.
pub fn profile(action: Post<Rename>, account: &Account) -> impl IntoView + use<> {
    let error = action.error();
    let (name, email) = (account.name.clone(), account.email.clone());
    view! {
        <section class="panel pad stack" aria-labelledby="profile">
            <h2 id="profile">"Profile"</h2>
            <PostForm action=action>
                <div class="stack">
                    <FormError error=error fields=&["name"]/>
                    <Field label="Name" name="name" error=error value=name autocomplete="name"/>
                    <div class="field">
                        <label for="email">"E-mail"</label>
                        <input class="input" id="email" type="email" value=email readonly=true autocomplete="username"/>
                    </div>
                    <div><button class="btn" disabled=move || action.pending().get()>"Save"</button></div>
                </div>
            </PostForm>
        </section>
    }
}

/// A new password. The address is in the form so that password managers know whose it is.
pub fn password(action: Post<ChangePassword>, account: &Account) -> impl IntoView + use<> {
    let error = action.error();
    let email = account.email.clone();
    view! {
        <section class="panel pad stack" aria-labelledby="password">
            <h2 id="password">"Password"</h2>
            <PostForm action=action empties=true>
                <div class="stack">
                    <FormError error=error fields=&["current", "new"]/>
                    <input type="hidden" autocomplete="username" value=email/>
                    <Field label="Current password" name="current" error=error kind="password" autocomplete="current-password"/>
                    <Field label="New password" name="new" error=error kind="password" autocomplete="new-password" minlength=10
                        help="At least 10 characters. Your other sessions end."/>
                    <div><button class="btn" disabled=move || action.pending().get()>"Change password"</button></div>
                </div>
            </PostForm>
        </section>
    }
}

/// The theme of this browser.
pub fn theme(account: &Account) -> impl IntoView + use<> {
    view! {
        <section class="panel pad stack" aria-labelledby="theme">
            <div>
                <h2 id="theme">"Theme"</h2>
                <p class="help">"Kept in this browser."</p>
            </div>
            <form method="post" action=SetTheme::url()>{theme_buttons(&account.theme)}</form>
        </section>
    }
}
