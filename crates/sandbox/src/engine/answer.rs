//! Reads what `transform` returned.

use rquickjs::{Ctx, Object, Value};

use super::within;
use crate::{Limits, Output, Part, ScriptError};

const BODY: &str = "$body";
const HEADERS: &str = "$headers";
const MAX_HEADERS: usize = 32;

/// Why reading ends: the engine has an error to explain, or the answer is no good.
pub(super) enum Stop {
    Engine(rquickjs::Error),
    Script(ScriptError),
}

impl From<rquickjs::Error> for Stop {
    fn from(error: rquickjs::Error) -> Self {
        Stop::Engine(error)
    }
}

fn bad(found: impl Into<String>) -> Stop {
    Stop::Script(ScriptError::BadResult { found: found.into() })
}

/// What the value says is to be done. Getters, proxies and `toJSON` of the script run here.
pub(super) fn read<'js>(ctx: &Ctx<'js>, value: Value<'js>, limits: &Limits) -> Result<Output, Stop> {
    if value.is_null() || value.is_undefined() {
        return Ok(Output::Skip);
    }
    if value.is_promise() {
        return Err(bad("it returned a promise: the function must not be async"));
    }
    let kind = value.type_name();
    let object = match value.into_object() {
        Some(object) if !object.is_function() => object,
        _ => return Err(bad(format!("it returned a {kind}"))),
    };
    let (body, headers) = if object.contains_key(HEADERS)? || object.contains_key(BODY)? {
        (object.get(BODY)?, headers(ctx, &object)?)
    } else {
        (object.into_value(), Vec::new())
    };
    let body = json(ctx, body)?.filter(|text| text.starts_with(['{', '[']));
    let body = body.ok_or_else(|| bad("what it returned is no object in JSON"))?;
    let extra: usize = headers.iter().map(|(name, value)| name.len() + value.len()).sum();
    within(Part::Result, body.len() + extra, limits.max_output_bytes).map_err(Stop::Script)?;
    Ok(Output::Send { body, headers })
}

/// The JSON text of a value, if it has one.
fn json<'js>(ctx: &Ctx<'js>, value: Value<'js>) -> Result<Option<String>, Stop> {
    Ok(ctx.json_stringify(value)?.map(|text| text.to_string()).transpose()?)
}

/// The extra headers: an object of names and texts.
fn headers<'js>(ctx: &Ctx<'js>, object: &Object<'js>) -> Result<Vec<(String, String)>, Stop> {
    let Some(text) = json(ctx, object.get(HEADERS)?)? else { return Ok(Vec::new()) };
    let Ok(given) = serde_json::from_str::<serde_json::Map<String, serde_json::Value>>(&text) else {
        return Err(bad("its $headers are not an object"));
    };
    if given.len() > MAX_HEADERS {
        return Err(bad(format!("it has more than {MAX_HEADERS} $headers")));
    }
    let mut headers: Vec<_> = given.iter().map(header).collect::<Result<_, _>>()?;
    headers.sort();
    match headers.windows(2).find(|two| two[0].0 == two[1].0) {
        Some(two) => Err(bad(format!("the header {:?} is there twice", two[0].0))),
        None => Ok(headers),
    }
}

fn header((name, value): (&String, &serde_json::Value)) -> Result<(String, String), Stop> {
    let value = match value {
        serde_json::Value::String(text) => text.clone(),
        serde_json::Value::Number(number) => number.to_string(),
        serde_json::Value::Bool(flag) => flag.to_string(),
        _ => return Err(bad(format!("the header {name:?} is not a text"))),
    };
    if !is_name(name) {
        return Err(bad(format!("{name:?} is no name for a header")));
    }
    if !is_value(&value) {
        return Err(bad(format!("the header {name:?} has a value with characters that headers cannot carry")));
    }
    Ok((name.to_ascii_lowercase(), value))
}

/// A token of RFC 9110, at most 256 bytes.
fn is_name(name: &str) -> bool {
    let token = |byte: u8| byte.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&byte);
    (1..=256).contains(&name.len()) && name.bytes().all(token)
}

/// Visible ASCII with spaces inside, but no line breaks: a value cannot smuggle in another header.
fn is_value(value: &str) -> bool {
    value.bytes().all(|byte| (b' '..=b'~').contains(&byte)) && value.trim() == value
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn header_names_are_tokens() {
        assert!(is_name("x-shop"));
        assert!(
            !is_name("") && !is_name("x shop") && !is_name("x:shop") && !is_name("ü") && !is_name(&"x".repeat(257))
        );
    }

    #[test]
    fn header_values_hold_no_line_breaks() {
        assert!(is_value("a b; c=\"d\"") && is_value(""));
        assert!(!is_value("a\r\nx-other: b") && !is_value(" a") && !is_value("é") && !is_value("a\0"));
    }
}
