//! What was found out: verdict, findings with what to do, the signed text, and the signatures side by side.

use leptos::prelude::*;
use signature::diagnose::{Certainty, Finding, Verdict};

use super::given::Found;
use crate::components::{Copy, Icon};

/// The whole report.
pub fn view(found: &Found) -> AnyView {
    let report = &found.report;
    let findings: Vec<_> = report.findings.iter().map(finding).collect();
    let signed = (!report.base_string.is_empty()).then(|| signed_text(&report.base_string));
    let compared = (report.scheme.is_some()).then(|| signatures(&report.expected, &report.received));
    view! {
        {verdict(found)}
        {(!findings.is_empty()).then(|| view! { <ol class="stack gap-3">{findings}</ol> })}
        {compared}
        {signed}
    }
    .into_any()
}

fn verdict(found: &Found) -> AnyView {
    let scheme = found.report.scheme.map(|scheme| scheme.title());
    let (class, icon, title, text) = match found.report.verdict {
        Verdict::Valid if found.age.is_some() => (
            "notice ok",
            "check",
            "The signature holds",
            "A receiver had to accept the message when it arrived; now it is too old.",
        ),
        Verdict::Valid => ("notice ok", "check", "The signature holds", "A receiver must accept the message."),
        Verdict::ValidBut(_) => (
            "notice warn",
            "clock",
            "The signature holds, but the time does not",
            "A receiver must refuse the message.",
        ),
        Verdict::Invalid if found.report.scheme.is_none() => (
            "notice bad",
            "warning",
            "No signature was found",
            "Nothing among the headers says how the message is signed.",
        ),
        Verdict::Invalid => {
            ("notice bad", "warning", "The signature does not hold", "A receiver must refuse the message.")
        }
    };
    view! {
        <div class=class>
            <Icon name=icon/>
            <div class="grow">
                <p class="row spread wrap gap-y-0!"><b class="font-[580]">{title}</b>{scheme.map(|scheme| view! { <span class="badge">{scheme}</span> })}</p>
                <p>{text}</p>
            </div>
        </div>
    }
    .into_any()
}

fn finding(finding: &Finding) -> AnyView {
    let (class, word) = match finding.certainty {
        Certainty::Certain => ("badge bad", "Certain"),
        Certainty::Likely => ("badge warn", "Possible"),
    };
    view! {
        <li class="rounded-[8px] border border-line p-3 stack gap-1.5" data-finding=finding.code>
            <p class="row spread items-start!"><b class="font-[560]">{finding.title.clone()}</b><span class=class>{word}</span></p>
            <p class="muted">{finding.explanation.clone()}</p>
            <p><b class="font-[560]">"Fix: "</b>{finding.fix.clone()}</p>
        </li>
    }
    .into_any()
}

/// The two sides, each signature on a line of its own.
fn signatures(expected: &[String], received: &[String]) -> AnyView {
    let side = |title: &'static str, these: &[String], others: &[String], none: &'static str| {
        let rows: Vec<_> = these
            .iter()
            .map(|text| {
                let fits = others.contains(text);
                let mark = fits.then(|| view! { <span class="text-ok" title="The same on both sides"><Icon name="check"/><span class="sr-only">"the same on both sides"</span></span> });
                view! { <li class="row items-start! gap-1.5!"><code class="break-all min-w-0">{text.clone()}</code>{mark}</li> }.into_any()
            })
            .collect();
        let empty = rows.is_empty().then(|| view! { <p class="muted">{none}</p> });
        view! { <div class="stack gap-1 min-w-0"><h3>{title}</h3><ul class="stack gap-1">{rows}</ul>{empty}</div> }
            .into_any()
    };
    view! {
        <div class="stack gap-3">
            {side("Expected signature", expected, received, "It cannot be made: the secret or a header is missing, or the key can only verify.")}
            {side("Received signature", received, expected, "None.")}
        </div>
    }
    .into_any()
}

fn signed_text(text: &str) -> AnyView {
    view! {
        <div class="stack gap-1.5 min-w-0">
            <div class="row spread"><h3>"The exact text that must be signed"</h3><Copy text=text.to_owned()/></div>
            <pre class="max-h-[260px] overflow-auto break-all whitespace-pre-wrap" tabindex="0">{text.to_owned()}</pre>
        </div>
    }
    .into_any()
}
