//! The names of the standard event types; what they mean is kept on the server.

/// Names of the types that the hub itself tells about deliveries. Programs cannot post them, and an endpoint gets them
/// only when it names them: `*` alone does not ask for them.
pub const OPERATIONAL: [&str; 9] = [
    "endpoint.failing",
    "endpoint.disabled",
    "endpoint.recovered",
    "delivery.exhausted",
    "delivery.recovered",
    "health.degraded",
    "health.recovered",
    "installation.degraded",
    "installation.recovered",
];

/// Names of the standard types; those of [`OPERATIONAL`] last.
pub const NAMES: [&str; 24] = [
    "entity.created",
    "entity.updated",
    "entity.deleted",
    "user.invited",
    "user.joined",
    "user.removed",
    "subscription.created",
    "subscription.updated",
    "subscription.cancelled",
    "invoice.paid",
    "invoice.failed",
    "jira.issue.created",
    "jira.issue.updated",
    "jira.issue.commented",
    "jira.issue.deleted",
    "endpoint.failing",
    "endpoint.disabled",
    "endpoint.recovered",
    "delivery.exhausted",
    "delivery.recovered",
    "health.degraded",
    "health.recovered",
    "installation.degraded",
    "installation.recovered",
];
