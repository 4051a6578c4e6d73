//! What the pages of an endpoint's controls ask the server. A page that was posted to answers with what was typed.

use domain::endpoint::SecretHint;
use leptos::prelude::*;
use serde::{Deserialize, Serialize};

use super::filter_form::FilterForm;
use super::rules_form::RulesForm;
use super::security_form::SecurityForm;
use crate::error::UiError;

/// What every page shows of its endpoint.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Head {
    /// The endpoint's id.
    pub id: String,
    /// Its name.
    pub name: String,
    /// Whether the person may change it.
    pub may_write: bool,
}

/// A page with a form: as it is stored, or as it was typed and why it was refused.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct FormPage<T> {
    /// The endpoint.
    pub head: Head,
    /// What the fields hold.
    pub form: T,
    /// Why the form was not taken.
    pub error: Option<UiError>,
    /// What came of trying, drawn on the server.
    pub preview: String,
}

/// What came of sending the filter's form.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct FilterAnswer {
    /// The form in its other shape, where that was asked for.
    pub form: Option<FilterForm>,
    /// What came of trying, drawn on the server.
    pub preview: String,
    /// Whether it was saved.
    pub saved: bool,
}

/// The signing secrets of an endpoint, none of them readable but one that was just made.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Secrets {
    /// The live shared secrets, newest first.
    pub shared: Vec<SecretHint>,
    /// The public key of the Ed25519 scheme.
    pub public_key: Option<String>,
    /// The secret that was just made: shown this once.
    pub fresh: Option<String>,
    /// Whether the person may rotate.
    pub may_write: bool,
}

/// The versions of an endpoint, drawn on the server.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct HistoryView {
    /// The endpoint.
    pub head: Head,
    /// The table.
    pub versions: String,
}

/// The page of filter, channels and transformation.
#[server]
pub async fn open_filter(id: String) -> Result<FormPage<FilterForm>, UiError> {
    let (head, endpoint) = crate::trying::open(&id).await?;
    let Some(SubmitFilter { form }) = crate::session::posted() else {
        return Ok(FormPage { head, form: FilterForm::of(&endpoint), error: None, preview: String::new() });
    };
    let form = FilterForm { id, ..form };
    Ok(match crate::trying::filter(&form).await {
        Ok(answer) => {
            if answer.saved {
                crate::session::redirect(&format!("/endpoints/{}/filter?done=saved", form.id));
            }
            FormPage { head, form: answer.form.unwrap_or(form), error: None, preview: answer.preview }
        }
        Err(error) => FormPage { head, form, error: Some(error), preview: String::new() },
    })
}

/// Tries or saves filter, channels and transformation, or shows the filter in another shape.
#[server]
pub async fn submit_filter(form: FilterForm) -> Result<FilterAnswer, UiError> {
    crate::trying::filter(&form).await
}

/// The page of signing schemes and authentication.
#[server]
pub async fn open_security(id: String) -> Result<FormPage<SecurityForm>, UiError> {
    let (head, endpoint) = crate::trying::open(&id).await?;
    crate::trying::leave_rule(&endpoint);
    let stored = SecurityForm::of(&endpoint);
    let Some(SubmitSecurity { form }) = crate::session::posted() else {
        return Ok(FormPage { head, form: stored, error: None, preview: String::new() });
    };
    let form = SecurityForm { id, ..form };
    let error = crate::trying::save(&form.id, form.change()).await.err();
    if error.is_none() {
        crate::session::redirect(&format!("/endpoints/{}/security?done=saved", form.id));
    }
    Ok(FormPage { head, form: form.without_secrets(), error, preview: String::new() })
}

/// Saves signing schemes and authentication.
#[server]
pub async fn submit_security(form: SecurityForm) -> Result<(), UiError> {
    crate::trying::save(&form.id, form.change()).await
}

/// The signing secrets, and the one that was just made.
#[server]
pub async fn open_secrets(id: String) -> Result<Secrets, UiError> {
    let (head, endpoint) = crate::trying::open(&id).await?;
    let fresh = crate::trying::fresh_secret(&id);
    Ok(Secrets { shared: endpoint.secrets, public_key: endpoint.public_key, fresh, may_write: head.may_write })
}

/// Makes a new signing secret, shown on the next page once, or a new Ed25519 key.
#[server]
pub async fn rotate_secret(
    id: String,
    #[server(default)] overlap_hours: Option<i64>,
    #[server(default)] secret: String,
    #[server(default)] ed25519: bool,
) -> Result<(), UiError> {
    crate::trying::rotate(&id, overlap_hours, secret, ed25519).await
}

/// The page of delivery rules.
#[server]
pub async fn open_rules(id: String) -> Result<FormPage<RulesForm>, UiError> {
    let (head, endpoint) = crate::trying::open(&id).await?;
    crate::trying::leave_rule(&endpoint);
    let Some(SubmitRules { form }) = crate::session::posted() else {
        return Ok(FormPage { head, form: RulesForm::of(&endpoint), error: None, preview: String::new() });
    };
    let form = RulesForm { id, ..form };
    if let Some(form) = form.turned() {
        return Ok(FormPage { head, form, error: None, preview: String::new() });
    }
    let error = crate::trying::save(&form.id, form.change()).await.err();
    if error.is_none() {
        crate::session::redirect(&format!("/endpoints/{}/rules?done=saved", form.id));
    }
    Ok(FormPage { head, form, error, preview: String::new() })
}

/// Saves the delivery rules.
#[server]
pub async fn submit_rules(form: RulesForm) -> Result<(), UiError> {
    crate::trying::save(&form.id, form.change()).await
}

/// The versions of an endpoint.
#[server]
pub async fn open_history(id: String) -> Result<HistoryView, UiError> {
    let (head, _) = crate::trying::open(&id).await?;
    Ok(HistoryView { head, versions: crate::trying::history(&id).await? })
}
