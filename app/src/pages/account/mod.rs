//! Your account: name, password, theme and sessions.

mod calls;
mod device;
mod forms;
mod sessions;

use leptos::prelude::*;

use calls::{ChangePassword, LoadAccount, Rename, RevokeOtherSessions, RevokeSession};

use crate::components::{Done, PageHead, loaded};
use crate::frame::SettingsTabs;
use crate::remote::{Post, load_after};
use crate::use_me;

/// Everything that people set about themselves.
#[component]
pub fn AccountPage() -> impl IntoView {
    let rename = Post::<Rename>::new();
    let password = Post::<ChangePassword>::new();
    let revoke = Post::<RevokeSession>::new();
    let revoke_others = Post::<RevokeOtherSessions>::new();
    let changes = move || {
        rename.version().get() + password.version().get() + revoke.version().get() + revoke_others.version().get()
    };
    let account = load_after(changes, || LoadAccount {});
    let me = use_me();
    Effect::new(move |_| {
        if rename.version().get() > 0 {
            me.refetch();
        }
    });
    view! {
        <PageHead title="Your account"/>
        <SettingsTabs on="/settings/account"/>
        <Done words=&[
            ("name", "Your name was changed."),
            ("password", "Your password was changed. Your other sessions have ended."),
            ("sessions", "Your other sessions have ended."),
        ]/>
        {loaded(account, move |account| {
            view! {
                <div class="split">
                    {sessions::view(revoke, revoke_others, &account)}
                    <div class="stack">
                        {forms::profile(rename, &account)}
                        {forms::password(password, &account)}
                        {forms::theme(&account)}
                    </div>
                </div>
            }
            .into_any()
        })}
    }
}
