//! What is offered for each provider, as data: one entry each. Only what works is here.

use crate::connection::Provider;
use crate::text_enum;

text_enum! {
    /// What an integration is for.
    pub enum Category {
        /// Tells people what happened.
        Notifications = "notifications",
        /// Brings events in.
        DataSources = "data_sources",
        /// Works with tickets and tasks.
        Tools = "tools",
        /// Works with customers and deals.
        Crm = "crm",
        /// Works with invoices and relations.
        Erp = "erp",
        /// Sends or takes e-mail.
        Email = "email",
        /// Lets other services work with events.
        Automation = "automation",
    }
}

impl Category {
    /// What it is called.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Notifications => "Notifications",
            Self::DataSources => "Data sources",
            Self::Tools => "Tools",
            Self::Crm => "CRM",
            Self::Erp => "ERP",
            Self::Email => "E-mail",
            Self::Automation => "Automation",
        }
    }
}

/// How far an integration has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Stage {
    /// To look at.
    Preview,
    /// To use, with care.
    Beta,
    /// For everybody.
    General,
    /// Until this date: `2027-06-30`.
    Deprecated(&'static str),
}

/// A part of a setup guide.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Chapter {
    /// Its heading.
    pub title: &'static str,
    /// Its steps or paragraphs.
    pub text: &'static [&'static str],
}

/// Something that has changed for those who use an integration.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Change {
    /// The day: `2026-11-28`.
    pub on: &'static str,
    /// What, in a sentence.
    pub text: &'static str,
}

/// An integration.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Integration {
    /// Its name in addresses.
    pub key: &'static str,
    /// The provider that accounts are connected at; none for what the hub does by itself.
    pub provider: Option<Provider>,
    /// What it is called.
    pub name: &'static str,
    /// One line.
    pub line: &'static str,
    /// What it is for.
    pub category: Category,
    /// Who made it.
    pub maker: &'static str,
    /// How far it has come.
    pub stage: Stage,
    /// The last day on which it is shown as new: `2027-02-28`.
    pub new_until: Option<&'static str>,
    /// Whether it is among those that most people begin with.
    pub is_featured: bool,
    /// What it reads, in plain words.
    pub reads: &'static [&'static str],
    /// What it writes, in plain words.
    pub writes: &'static [&'static str],
    /// How to set it up, in seven parts.
    pub guide: &'static [Chapter],
    /// What has changed, newest first; the last one is that it came.
    pub changes: &'static [Change],
}

/// Everything that is offered, in the order in which it is shown.
pub const CATALOGUE: &[Integration] = &[SLACK, TEAMS, JIRA, WEBHOOKS];

/// The integration with this key.
#[must_use]
pub fn find(key: &str) -> Option<&'static Integration> {
    CATALOGUE.iter().find(|integration| integration.key == key)
}

const SLACK: Integration = Integration {
    key: "slack",
    provider: Some(Provider::Slack),
    name: "Slack",
    line: "Post events to the channels your team already reads.",
    category: Category::Notifications,
    maker: "Patchbay",
    stage: Stage::Beta,
    new_until: None,
    is_featured: true,
    reads: &["The names of public channels, and of private ones it was invited to", "The name of the workspace"],
    writes: &["Messages in the channels that your rules name"],
    guide: &[
        Chapter {
            title: "Overview",
            text: &[
                "Rules say which events are told in which channel: invoices that failed in #billing, at once; new users in #growth, once a day.",
            ],
        },
        Chapter {
            title: "Prerequisites",
            text: &[
                "The operator of this installation has registered a Slack app and set its client id, client secret and signing secret.",
                "You may add apps to your Slack workspace, or can ask somebody who may.",
            ],
        },
        Chapter {
            title: "Setup",
            text: &[
                "Choose Add to Slack.",
                "Pick the workspace and allow the permissions that Slack lists.",
                "You come back here, to the page of the new connection.",
            ],
        },
        Chapter {
            title: "Configuration",
            text: &[
                "Add a rule: events, channel, and when it is sent.",
                "Set a default channel: messages go there when their own channel is archived or deleted.",
            ],
        },
        Chapter {
            title: "Testing",
            text: &[
                "Send test, on each rule, sends a sample to its channel at once. The delivery log shows it like any other delivery.",
            ],
        },
        Chapter {
            title: "Troubleshooting",
            text: &[
                "A private channel is missing: type /invite @patchbay there, then refresh the list.",
                "Needs reconnect: the app was removed from the workspace, or its token was revoked. Reconnecting keeps rules and channels.",
                "Nothing arrives: look at the rule's deliveries in the log; each says what Slack answered.",
            ],
        },
        Chapter {
            title: "Advanced",
            text: &[
                "Several workspaces can be connected; each has its own rules.",
                "Rules are part of the REST API: /api/v1/rules.",
            ],
        },
    ],
    changes: &[
        Change { on: "2026-11-28", text: "A whole Enterprise Grid organization can be connected at once." },
        Change {
            on: "2026-11-28",
            text: "People in Slack link themselves to members and act by buttons and /patchbay.",
        },
        Change { on: "2026-11-27", text: "Messages in channels by rules." },
    ],
};

const TEAMS: Integration = Integration {
    key: "teams",
    provider: Some(Provider::Teams),
    name: "Microsoft Teams",
    line: "Post events as cards to the channels of your teams.",
    category: Category::Notifications,
    maker: "Patchbay",
    stage: Stage::Beta,
    new_until: Some("2027-02-28"),
    is_featured: false,
    reads: &[
        "The names of the teams of the account that is connected, and of the channels that it sees there",
        "The name of that account; by a workflow, nothing",
    ],
    writes: &["Cards in the channels that your rules name, or in the one that a workflow posts into"],
    guide: &[
        Chapter {
            title: "Overview",
            text: &[
                "Rules say which events are told in which channel: as they happen, or together once an hour or a day.",
                "Either somebody signs in at Microsoft, and every channel of their teams can be picked; or a workflow in Teams gives one channel an address, and nobody signs in.",
            ],
        },
        Chapter {
            title: "Prerequisites",
            text: &[
                "To sign in: the operator of this installation has registered an app at Entra ID and set its client id and secret. Best is an account that is nobody's own and a member of the teams, as cards are posted in its name.",
                "Where only administrators may allow apps, one of them allows Patchbay once, for everybody.",
                "For a workflow: you may add workflows to the channel, and the tenant lets anyone call it who has its address.",
            ],
        },
        Chapter {
            title: "Setup",
            text: &[
                "Choose Connect Microsoft Teams, pick the account, and accept the permissions that Microsoft lists. You come back here, to the page of the new connection.",
                "If Microsoft says that it needs an administrator's approval, send one the link for administrators that is under the button; then choose Connect Microsoft Teams again.",
                "By a workflow instead: in Teams choose the three dots beside the channel, then Workflows, then Send webhook alerts to a channel. Finish its steps, copy the address that it shows at the end, and paste it here with a name.",
            ],
        },
        Chapter {
            title: "Configuration",
            text: &[
                "Add a rule: events, channel, and when it is sent. Channels go by their team and their name, Finance: Alerts.",
                "Set a default channel: messages go there when their own channel is archived or deleted.",
                "Of workflows, connect one for each channel.",
            ],
        },
        Chapter {
            title: "Testing",
            text: &[
                "Test, on each rule, sends a sample at once. The delivery log shows it like any other delivery.",
                "Of a workflow, look into the channel: it says that it took a request, not that it posted it.",
            ],
        },
        Chapter {
            title: "Troubleshooting",
            text: &[
                "A channel is missing: the account is no member of its team, or of the private channel. Add it in Teams, then refresh the list.",
                "Needs reconnect: the account's password was changed, it was blocked, or Patchbay was taken out at Microsoft. Another account of the same organization can take over; rules and channels are kept. Of a workflow: paste its address again.",
                "Delivered by a workflow, and nothing in the channel: open the workflow's runs in Power Automate. The channel may be gone, or the workflow was changed.",
                "An address at webhook.office.com is of the old connectors, which Microsoft has switched off.",
            ],
        },
        Chapter {
            title: "Advanced",
            text: &[
                "Messages are Adaptive Cards of version 1.5. Microsoft takes about ten in ten seconds from one account, and four a second by a workflow; what is more waits.",
                "The app for Teams shows this installation's open alerts in a tab, to whoever signs in there.",
                "Connections and rules are part of the REST API: /api/v1/connections, /api/v1/rules.",
            ],
        },
    ],
    changes: &[
        Change {
            on: "2026-11-28",
            text: "A rule can call everybody who follows its channel, where somebody has signed in.",
        },
        Change {
            on: "2026-11-28",
            text: "Teams is connected by signing in, too, with every channel to pick from; an app shows alerts within Teams.",
        },
        Change { on: "2026-11-28", text: "Cards in channels by their workflows." },
    ],
};

const JIRA: Integration = Integration {
    key: "jira",
    provider: Some(Provider::Jira),
    name: "Jira",
    line: "Turn events into issues, and hear when they change.",
    category: Category::Tools,
    maker: "Patchbay",
    stage: Stage::Beta,
    new_until: Some("2027-02-28"),
    is_featured: false,
    reads: &[
        "Projects, types of issue and fields that the connecting person sees",
        "Issues and comments of the projects that your rules name",
    ],
    writes: &["Issues, their fields and statuses, and comments, in the projects that your rules name"],
    guide: &[
        Chapter {
            title: "Overview",
            text: &[
                "A rule makes an issue of an event: a payment that failed becomes a task, with the fields you choose. Later events about the same thing go into the same issue: fields, a comment, another status.",
                "What somebody changes in Jira comes back as an event, jira.issue.updated and its like, to endpoints and other rules.",
            ],
        },
        Chapter {
            title: "Prerequisites",
            text: &[
                "The operator of this installation has registered an OAuth 2.0 app at Atlassian and set its client id and secret.",
                "You may make issues in the project. Patchbay acts as the person who connects.",
                "Labels are on the project's screen for new issues: Patchbay marks what it makes, so that nothing is made twice.",
            ],
        },
        Chapter {
            title: "Setup",
            text: &[
                "Choose Connect Jira.",
                "Pick a site at Atlassian and accept the permissions.",
                "Where the consent is good for several sites, choose one of them here.",
            ],
        },
        Chapter {
            title: "Configuration",
            text: &[
                "Add a rule: the project, the type of issue, the events.",
                "One issue for each says what an event is about, such as data.invoice_id. Without it each event makes an issue.",
                "Fields take fixed values, choices, and values of the event such as {{data.number}}. Statuses move the issue by event type.",
            ],
        },
        Chapter {
            title: "Testing",
            text: &[
                "Test, on each rule, makes an issue of a sample, marked [Test]. Delete it in Jira afterwards.",
                "Linked issues lists what was made, each with a log of what was written and what came back.",
            ],
        },
        Chapter {
            title: "Troubleshooting",
            text: &[
                "Jira does not take these values: a required field is missing, or a field is not on the screen. The delivery says which one.",
                "Not moved: the project's workflow has no way, or none by a few steps, from the present status to the one that the rule asks for. The log of the issue says where it ended.",
                "Changes in Jira are not heard: the connection says why. Atlassian must reach this installation by https.",
                "Needs reconnect: the app was taken out of the Atlassian account, or the consent is a year old. Reconnecting keeps rules and issues.",
            ],
        },
        Chapter {
            title: "Advanced",
            text: &[
                "When both sides change the same field, the rule says who wins; the log of the issue shows both values.",
                "Events that came from a site are not sent back to it, and what Patchbay wrote is not told again.",
                "Rules and linked issues are part of the REST API: /api/v1/rules, /api/v1/linked-issues.",
            ],
        },
    ],
    changes: &[
        Change {
            on: "2026-11-28",
            text: "Issues are moved by several steps where no single one leads to a status; sub-tasks, and fields of every usual kind.",
        },
        Change { on: "2026-11-28", text: "A site is connected by an API token, too." },
        Change { on: "2026-11-28", text: "Issues of events, kept in step from both sides." },
    ],
};

const WEBHOOKS: Integration = Integration {
    key: "webhooks",
    provider: None,
    name: "Webhooks",
    line: "Signed HTTP requests to any URL, with retries and a full log.",
    category: Category::Automation,
    maker: "Patchbay",
    stage: Stage::General,
    new_until: None,
    is_featured: true,
    reads: &[],
    writes: &["Signed requests to the URLs of your endpoints"],
    guide: &[],
    changes: &[Change { on: "2026-11-27", text: "Signed requests to any URL." }],
};

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_are_unique_and_each_provider_has_a_guide_of_seven_parts() {
        for (index, integration) in CATALOGUE.iter().enumerate() {
            assert!(CATALOGUE[..index].iter().all(|other| other.key != integration.key));
            assert!(integration.provider.is_none() || integration.guide.len() == 7, "{}", integration.key);
            assert_eq!(find(integration.key), Some(integration));
        }
        for integration in CATALOGUE {
            let days: Vec<&str> = integration.changes.iter().map(|change| change.on).collect();
            assert!(!days.is_empty() && days.is_sorted_by(|a, b| a >= b), "{}", integration.key);
            assert!(days.iter().all(|day| day.len() == 10), "{days:?}");
        }
        assert!(Provider::ALL.iter().all(|provider| find(provider.as_str()).is_some()));
    }
}
