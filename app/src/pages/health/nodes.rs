//! The nodes of the installation as a table, drawn on the server.

use domain::Timestamp;
use domain::node::{Node, NodeRole, Progress};
use leptos::prelude::*;

use super::times::past;
use crate::components::{Status, Tone};

/// A row per node, the newest first; below, what Redis offers them and nobody has taken, where they share one.
pub fn table(nodes: &[Node], groups: Option<&[Progress]>, now: Timestamp) -> AnyView {
    let rows: Vec<_> = nodes.iter().map(|node| row(node, now)).collect();
    view! {
        <section class="panel" aria-labelledby="nodes-title">
            <div class="panel-head"><h2 id="nodes-title">"Nodes"</h2><span class="help">"The processes of this installation that were seen within the last hour"</span></div>
            <div class="scroll" tabindex="0" role="group" aria-label="Nodes, as a table">
                <table>
                    <thead>
                        <tr>
                            <th>"State"</th><th>"Node"</th><th>"Does"</th><th class="hide-s">"Version"</th><th class="hide-s">"Address"</th>
                            <th class="r">"Started"</th><th class="r">"Last seen"</th>
                        </tr>
                    </thead>
                    <tbody>{rows}</tbody>
                </table>
            </div>
            {groups.map(|groups| view! { <p class="help px-4 py-3">{offers(groups)}</p> })}
        </section>
    }
    .into_any()
}

/// What nodes have offered and others have not taken, in words.
fn offers(groups: &[Progress]) -> String {
    if groups.is_empty() {
        return "Nothing can be offered by Redis at the moment: what nodes that only serve accept is looked for in the database."
            .to_owned();
    }
    let each = groups.iter().map(|Progress { group, lag, pending }| {
        let lag = lag.map_or_else(|| "an unknown number".to_owned(), |lag| lag.to_string());
        format!("{group} {lag} unread, {pending} being taken")
    });
    format!("Offered by nodes that only serve, through Redis: {}.", each.collect::<Vec<_>>().join("; "))
}

fn row(node: &Node, now: Timestamp) -> AnyView {
    let (tone, word) = if node.is_gone(now) { (Tone::Bad, "Gone") } else { (Tone::Ok, "Running") };
    view! {
        <tr>
            <td><Status tone word/></td>
            <td class="mono">{node.id.clone()}</td>
            <td>{work(node.role)}</td>
            <td class="mono hide-s">{node.version.clone()}</td>
            <td class="mono hide-s">{node.address.clone()}</td>
            <td class="r faint">{past(now, node.started_at)}</td>
            <td class="r faint">{past(now, node.last_seen_at)}</td>
        </tr>
    }
    .into_any()
}

/// A role in words.
const fn work(role: NodeRole) -> &'static str {
    match role {
        NodeRole::All => "Serves and delivers",
        NodeRole::Api => "Serves",
        NodeRole::Worker => "Delivers",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_node_that_is_not_heard_of_is_told_to_be_gone() {
        let node = |id: &str, role, last_seen_at| Node {
            id: id.into(),
            role,
            address: "10.0.0.5:3000".into(),
            version: "0.1.0".into(),
            started_at: Timestamp(0),
            last_seen_at: Timestamp(last_seen_at),
        };
        let nodes = [node("n2", NodeRole::Worker, 7_200_000), node("n1", NodeRole::Api, 7_080_000)];
        let html = table(&nodes, None, Timestamp(7_200_000)).to_html();
        assert!(!html.contains("Redis"), "{html}");
        let (first, second) = html.split_once("n1").expect("both");
        for words in ["Running", "n2", "Delivers", "0.1.0", "10.0.0.5:3000", "2 h ago", "just now"] {
            assert!(first.contains(words), "{words}: {first}");
        }
        assert!(first.contains("Gone") && second.contains("Serves<") && second.contains("2 min ago"), "{second}");
    }

    #[test]
    fn what_is_offered_and_not_taken_is_told_for_each_group() {
        let of = |group, lag, pending| Progress { group, lag, pending };
        let groups = [of("webhooks", Some(12), 3), of("rules", None, 0)];
        let html = table(&[], Some(&groups), Timestamp(0)).to_html();
        let words = "webhooks 12 unread, 3 being taken; rules an unknown number unread, 0 being taken.";
        assert!(html.contains(words), "{html}");
        assert!(table(&[], Some(&[]), Timestamp(0)).to_html().contains("Nothing can be offered"));
    }
}
