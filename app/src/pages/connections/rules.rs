//! The rules of a connection as a table.

use domain::channel::ChannelState;
use domain::rule::{Batching, Rule};
use leptos::prelude::*;

use super::calls::{ConnectionData, DeleteRule, TestRule};
use crate::components::{Confirm, Empty, FormError, Icon, Status, Tone};
use crate::remote::{Post, PostForm};
use crate::words::channel_mark;

/// What the forms of the table do.
#[derive(Clone, Copy)]
pub struct Posts {
    test: Post<TestRule>,
    delete: Post<DeleteRule>,
}

impl Posts {
    pub fn new() -> Self {
        Self { test: Post::new(), delete: Post::new() }
    }

    /// Moves with each answer.
    pub fn version(&self) -> usize {
        self.test.version().get() + self.delete.version().get()
    }
}

pub fn view(page: &ConnectionData, posts: Posts) -> AnyView {
    let issues = page.connection.provider.makes_issues();
    let base = format!("/connections/{}/{}", page.connection.id, if issues { "issue-rules" } else { "rules" });
    let rows: Vec<_> = page.rules.iter().map(|(rule, arrived)| row(rule, *arrived, &base, page, posts)).collect();
    let add = format!("{base}/new");
    let first = page.may_write.then(|| {
        let add = add.clone();
        view! { <a class="btn primary" href=add><Icon name="plus"/>"Add rule"</a> }.into_any()
    });
    let (place, about) = if issues {
        ("Project", "A rule says which events make issues in which project, and what stands in them.")
    } else {
        ("Channel", "A rule says which events are told in which channel, and when.")
    };
    let body = if rows.is_empty() {
        view! {
            <Empty title="No rules yet" text=about>
                {first}
            </Empty>
        }
        .into_any()
    } else {
        view! {
            <div class="scroll"><table>
                <thead><tr><th>"Events"</th><th>{place}</th><th class="hide-s">"Sent"</th><th class="r hide-s">"Last 7 days"</th><th>"State"</th><th><span class="sr-only">"Actions"</span></th></tr></thead>
                <tbody>{rows}</tbody>
            </table></div>
        }
        .into_any()
    };
    let button = (page.may_write && !page.rules.is_empty())
        .then(|| view! { <a class="btn small" href=add><Icon name="plus"/>"Add rule"</a> });
    view! {
        <section class="panel" aria-labelledby="rules">
            <div class="panel-head"><h2 id="rules">"Rules"</h2>{button}</div>
            <FormError error=posts.test.error()/>
            <FormError error=posts.delete.error()/>
            {body}
        </section>
    }
    .into_any()
}

/// When a rule sends, in a word or two.
fn sent(rule: &Rule) -> String {
    let when = match rule.batching {
        Batching::Off => "At once".to_owned(),
        Batching::FiveMinutes => "Every 5 minutes".to_owned(),
        Batching::Hour => "Hourly".to_owned(),
        Batching::Daily { at } => format!("Daily at {at}"),
    };
    match rule.quiet_hours {
        Some(quiet) => format!("{when}, not {} to {}", quiet.from, quiet.to),
        None => when,
    }
}

fn state(rule: &Rule) -> (Tone, String) {
    match (rule.channel_state, rule.enabled, &rule.disabled_reason) {
        (ChannelState::Archived, ..) => (Tone::Bad, "Channel archived".into()),
        (ChannelState::Gone, ..) => (Tone::Bad, "Channel gone".into()),
        (ChannelState::NotInvited, ..) => (Tone::Warn, "Not invited".into()),
        (ChannelState::Restricted, ..) => (Tone::Warn, "Not allowed".into()),
        (_, _, Some(_)) => (Tone::Bad, "Disabled".into()),
        (_, true, _) => (Tone::Ok, "On".into()),
        (_, false, _) => (Tone::Off, "Off".into()),
    }
}

fn row(rule: &Rule, arrived: i64, base: &str, page: &ConnectionData, posts: Posts) -> AnyView {
    let mark = channel_mark(page.connection.provider);
    let (tone, word) = state(rule);
    let href = format!("{base}/{}", rule.id);
    let log = format!("/deliveries?endpoint={}", rule.id);
    let types = rule.event_types.join(", ");
    let actions = page.may_write.then(|| {
        let title = format!("Delete the rule for {mark}{}?", rule.channel_name);
        let label = format!("Send test to {mark}{}", rule.channel_name);
        let [id, delete] = [(); 2].map(|()| rule.id.to_string());
        let [connection, from] = [(); 2].map(|()| rule.connection_id.to_string());
        view! {
            <div class="row justify-end">
                <PostForm action=posts.test>
                    <input type="hidden" name="id" value=id/>
                    <input type="hidden" name="connection" value=connection/>
                    <button class="btn small" disabled=posts.test.pending() aria-label=label>"Test"</button>
                </PostForm>
                <PostForm action=posts.delete>
                    <input type="hidden" name="id" value=delete/>
                    <input type="hidden" name="connection" value=from/>
                    <Confirm label="Delete" title=title text="Its events no longer go there. What waits for it ends as failed. The log stays." class="small quiet"/>
                </PostForm>
            </div>
        }
    });
    view! {
        <tr>
            <td class="ell max-w-56"><a class="link mono" href=href title=types.clone()>{types.clone()}</a>{rule.condition.is_some().then(|| view! { <span class="help"> " with a condition"</span> })}</td>
            <td><span class="chip"><i>{mark}</i>{rule.channel_name.clone()}</span></td>
            <td class="hide-s">{sent(rule)}</td>
            <td class="num r hide-s"><a class="link" href=log>{arrived}</a></td>
            <td><Status tone word/></td>
            <td>{actions}</td>
        </tr>
    }
    .into_any()
}
