//! Which entries of the audit log are asked for: what the address of the page, its form and the REST API mean.

use serde::{Deserialize, Serialize};

use crate::delivery::query::{given, read_time};
use crate::page::PageQuery;
use crate::time::Timestamp;
use crate::{Error, Result};

/// The longest value of a filter, in characters.
const MAX_VALUE: usize = 200;

/// Filters as they stand in an address; all that are given must hold.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "server", derive(utoipa::IntoParams), into_params(parameter_in = Query))]
#[serde(default)]
pub struct AuditQuery {
    /// Who: the id of a person or key, `system`, or a part of the address or name.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub actor: Option<String>,
    /// By which rights: `owner`, `admin`, `member`, `operator`, `support` or `system`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub acted_as: Option<String>,
    /// What was done: `connection.created`, or all of a kind: `connection.*`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub action: Option<String>,
    /// The id of what it was done to.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub target: Option<String>,
    /// From this time on: RFC 3339, or an age like `15m`, `24h`, `7d`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub since: Option<String>,
    /// Before this time: RFC 3339, or an age.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub until: Option<String>,
    /// Rows per page, 1 to 200; 50 when absent. An export is not paged.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub limit: Option<u32>,
    /// The `next_cursor` or `previous_cursor` of an earlier page. An export is not paged.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cursor: Option<String>,
}

/// What an action must be.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ActionFilter {
    /// Exactly this.
    Name(String),
    /// Everything that starts so (`connection.`).
    Prefix(String),
}

/// Filters that have been read and checked.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct AuditFilter {
    /// An actor's id, or a part of their name.
    pub actor: Option<String>,
    /// One of the rights that were used.
    pub acted_as: Option<String>,
    /// What was done.
    pub action: Option<ActionFilter>,
    /// What it was done to.
    pub target: Option<String>,
    /// At or after.
    pub since: Option<Timestamp>,
    /// Before.
    pub until: Option<Timestamp>,
}

impl AuditQuery {
    /// The page that is asked for.
    #[must_use]
    pub fn page(&self) -> PageQuery {
        PageQuery { limit: self.limit, cursor: self.cursor.clone() }
    }

    /// Reads and checks the filters.
    ///
    /// # Errors
    /// The field that is wrong, and what a good value looks like.
    pub fn filter(&self, now: Timestamp) -> Result<AuditFilter> {
        let text = |name: &str, field: &Option<String>| match given(field) {
            Some(text) if text.chars().count() > MAX_VALUE || text.chars().any(char::is_control) => {
                Err(Error::invalid(name, format!("must have at most {MAX_VALUE} printable characters.")))
            }
            text => Ok(text),
        };
        let acted_as = text("acted_as", &self.acted_as)?;
        const RIGHTS: [&str; 6] = ["owner", "admin", "member", "operator", "support", "system"];
        if acted_as.as_deref().is_some_and(|word| !RIGHTS.contains(&word)) {
            return Err(Error::invalid("acted_as", format!("must be one of: {}.", RIGHTS.join(", "))));
        }
        let action =
            text("action", &self.action)?.filter(|action| action != "*").map(|action| match action.strip_suffix('*') {
                Some(prefix) => ActionFilter::Prefix(prefix.to_owned()),
                None => ActionFilter::Name(action),
            });
        Ok(AuditFilter {
            actor: text("actor", &self.actor)?,
            acted_as,
            action,
            target: text("target", &self.target)?,
            since: given(&self.since).map(|text| read_time("since", &text, now)).transpose()?,
            until: given(&self.until).map(|text| read_time("until", &text, now)).transpose()?,
        })
    }

    /// The filters that are given, for a person to read: `actor=dana action=connection.*`; empty where there is none.
    #[must_use]
    pub fn words(&self) -> String {
        let named = [
            ("actor", &self.actor),
            ("acted_as", &self.acted_as),
            ("action", &self.action),
            ("target", &self.target),
            ("since", &self.since),
            ("until", &self.until),
        ];
        let said = named.into_iter().filter_map(|(name, field)| given(field).map(|text| format!("{name}={text}")));
        said.collect::<Vec<_>>().join(" ")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn filters_are_read_and_blank_fields_of_a_form_ask_for_everything() {
        let some = |text: &str| Some(text.to_owned());
        let query = AuditQuery {
            actor: some(" dana "),
            action: some("connection.*"),
            target: some(""),
            since: some("1h"),
            until: some("1970-01-02T00:00:00Z"),
            ..AuditQuery::default()
        };
        let filter = query.filter(Timestamp(86_400_000)).expect("good");
        assert_eq!(
            filter,
            AuditFilter {
                actor: some("dana"),
                action: Some(ActionFilter::Prefix("connection.".into())),
                since: Some(Timestamp(82_800_000)),
                until: Some(Timestamp(86_400_000)),
                ..AuditFilter::default()
            }
        );
        assert_eq!(query.words(), "actor=dana action=connection.* since=1h until=1970-01-02T00:00:00Z");
        let exact = AuditQuery { action: some("org.renamed"), acted_as: some("operator"), ..AuditQuery::default() };
        let filter = exact.filter(Timestamp(0)).expect("good");
        assert_eq!(filter.action, Some(ActionFilter::Name("org.renamed".into())));
        assert_eq!(filter.acted_as, some("operator"));
    }

    #[test]
    fn a_wrong_filter_names_its_field() {
        let long = "x".repeat(201);
        for (field, value) in
            [("acted_as", "king"), ("since", "yesterday"), ("until", "x"), ("actor", &long), ("target", "a\nb")]
        {
            let query: AuditQuery = serde_json::from_value(serde_json::json!({ field: value })).expect("a query");
            assert_eq!(query.filter(Timestamp(0)).expect_err(field).problem().details[0].field, field);
        }
    }
}
