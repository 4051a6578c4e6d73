//! The form of how requests are verified, as it is posted, and the scheme that it stands for.

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

/// What is typed and chosen. Which of it counts is for the kind of scheme to say.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct SchemeForm {
    /// The kind of scheme: `hmac`, `bearer`, `pylon`, `hubspot`, `sendgrid`, or one without anything to say.
    pub scheme: String,
    /// The header with signature or token.
    pub header: String,
    /// What stands before it.
    pub prefix: String,
    /// `sha256`, `sha512` or `sha1`.
    pub algorithm: String,
    /// `hex` or `base64`.
    pub encoding: String,
    /// `text`, `base64` or `hex`.
    pub key: String,
    /// The signed text.
    pub template: String,
    /// Where the time is: `header`, `body`, or empty where none is signed.
    pub place: String,
    /// The header, or the JSON pointer into the body.
    pub time: String,
    /// `seconds` or `millis`.
    pub unit: String,
    /// How far the time may lie from the clock, in seconds.
    pub tolerance_s: String,
    /// `on`, or empty.
    pub allow_v1: String,
}

impl SchemeForm {
    /// The form of a scheme as it is kept.
    #[must_use]
    pub fn of(scheme: &Value) -> Self {
        let text = |value: &Value| match value {
            Value::String(text) => text.clone(),
            Value::Number(number) => number.to_string(),
            _ => String::new(),
        };
        let rule = &scheme["timestamp"];
        let (place, time) = match rule["place"].as_object().and_then(|place| place.iter().next()) {
            Some((place, time)) => (place.clone(), text(time)),
            None => Default::default(),
        };
        let tolerance = if rule.is_null() { &scheme["tolerance_s"] } else { &rule["tolerance_s"] };
        Self {
            scheme: text(&scheme["scheme"]),
            header: text(&scheme["header"]),
            prefix: text(&scheme["prefix"]),
            algorithm: text(&scheme["algorithm"]),
            encoding: text(&scheme["encoding"]),
            key: text(&scheme["key"]),
            template: text(&scheme["template"]),
            place,
            time,
            unit: text(&rule["unit"]),
            tolerance_s: text(tolerance),
            allow_v1: if scheme["allow_v1"] == json!(true) { "on".into() } else { String::new() },
        }
    }

    /// The scheme that it stands for; `domain` checks it.
    #[must_use]
    pub fn value(&self) -> Value {
        let header = self.header.trim();
        // What is no number is sent as it is, so that it is named.
        let number = |text: &str| text.trim().parse::<i64>().map_or_else(|_| json!(text), |number| json!(number));
        match self.scheme.as_str() {
            "hmac" => {
                let unit = if self.unit.is_empty() { "seconds" } else { &self.unit };
                let timestamp = match self.place.as_str() {
                    "" => Value::Null,
                    place => {
                        json!({ "place": { place: self.time.trim() }, "unit": unit, "tolerance_s": number(&self.tolerance_s) })
                    }
                };
                json!({
                    "scheme": "hmac", "header": header, "prefix": self.prefix, "algorithm": self.algorithm,
                    "encoding": self.encoding, "key": self.key, "template": self.template, "timestamp": timestamp,
                })
            }
            "bearer" => json!({ "scheme": "bearer", "header": header, "prefix": self.prefix.trim() }),
            "pylon" => json!({ "scheme": "pylon", "header": header }),
            "hubspot" => json!({ "scheme": "hubspot", "allow_v1": !self.allow_v1.is_empty() }),
            "sendgrid" => {
                let tolerance =
                    if self.tolerance_s.trim().is_empty() { Value::Null } else { number(&self.tolerance_s) };
                json!({ "scheme": "sendgrid", "tolerance_s": tolerance })
            }
            other => json!({ "scheme": other }),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_scheme_survives_its_form() {
        let hmac = |timestamp: Value| {
            json!({ "scheme": "hmac", "header": "x-signature", "prefix": "sha256=", "algorithm": "sha512", "encoding": "base64",
                "key": "hex", "template": "{timestamp}.{body}", "timestamp": timestamp })
        };
        for scheme in [
            hmac(Value::Null),
            hmac(json!({ "place": { "header": "x-time" }, "unit": "millis", "tolerance_s": 300 })),
            hmac(json!({ "place": { "body": "/sent_at" }, "unit": "seconds", "tolerance_s": 60 })),
            json!({ "scheme": "bearer", "header": "x-token", "prefix": "" }),
            json!({ "scheme": "pylon", "header": "authorization" }),
            json!({ "scheme": "hubspot", "allow_v1": true }),
            json!({ "scheme": "sendgrid", "tolerance_s": null }),
            json!({ "scheme": "sendgrid", "tolerance_s": 600 }),
            json!({ "scheme": "basic" }),
        ] {
            assert_eq!(SchemeForm::of(&scheme).value(), scheme);
        }
    }

    #[test]
    fn what_is_no_number_is_not_lost() {
        let form = SchemeForm { scheme: "sendgrid".into(), tolerance_s: "five".into(), ..SchemeForm::default() };
        assert_eq!(form.value()["tolerance_s"], "five");
    }
}
