//! What a script logs, and how values are shown to people.

use std::cell::RefCell;
use std::rc::Rc;

use rquickjs::prelude::Rest;
use rquickjs::{Coerced, Ctx, Function, Result, Value};

use crate::Limits;

/// The lines a script has logged.
#[derive(Clone)]
pub(crate) struct Log {
    lines: Rc<RefCell<Vec<String>>>,
    max_lines: usize,
    max_bytes: usize,
}

impl Log {
    pub fn new(limits: &Limits) -> Self {
        Log { lines: Rc::default(), max_lines: limits.max_log_lines, max_bytes: limits.max_log_line_bytes }
    }

    /// The lines, which are gone from here afterwards.
    pub fn take(&self) -> Vec<String> {
        self.lines.take()
    }

    /// The function behind `console.log`.
    pub fn function<'js>(&self, ctx: Ctx<'js>) -> Result<Function<'js>> {
        let log = self.clone();
        Function::new(ctx, move |ctx: Ctx<'js>, values: Rest<Value<'js>>| log.write(&ctx, values.0))
    }

    fn write<'js>(&self, ctx: &Ctx<'js>, values: Vec<Value<'js>>) -> Result<()> {
        if self.lines.borrow().len() >= self.max_lines {
            return Ok(());
        }
        let mut line = String::new();
        for value in values {
            if !line.is_empty() {
                line.push(' ');
            }
            line.push_str(&shown(ctx, value)?);
            if line.len() > self.max_bytes {
                break;
            }
        }
        // The values may have logged themselves while they were shown, so the lines are counted again.
        let mut lines = self.lines.borrow_mut();
        if lines.len() < self.max_lines {
            lines.push(cut(line, self.max_bytes));
        }
        Ok(())
    }
}

/// The value as text; an error only if the script is being stopped.
pub(crate) fn shown<'js>(ctx: &Ctx<'js>, value: Value<'js>) -> Result<String> {
    text(ctx, value).or_else(|_| {
        let thrown = ctx.catch();
        if thrown.is_uncatchable_error() { Err(ctx.throw(thrown)) } else { Ok("(cannot be shown)".to_owned()) }
    })
}

fn text<'js>(ctx: &Ctx<'js>, value: Value<'js>) -> Result<String> {
    let plain_object = value.is_object() && !value.is_error() && !value.is_function();
    if plain_object && let Some(json) = ctx.json_stringify(value.clone())? {
        return json.to_string();
    }
    let string = value.get::<Coerced<rquickjs::String<'js>>>()?.0;
    match string.to_string() {
        // Half a surrogate pair: JSON writes it as an escape.
        Err(rquickjs::Error::Utf8(_)) => ctx.json_stringify(string)?.map_or(Ok(String::new()), |json| json.to_string()),
        text => text,
    }
}

/// At most so many bytes of the text, with a mark where it was cut.
pub(crate) fn cut(mut text: String, max_bytes: usize) -> String {
    if text.len() > max_bytes {
        text.truncate(text.floor_char_boundary(max_bytes.saturating_sub('…'.len_utf8())));
        text.push('…');
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_are_cut_between_characters() {
        assert_eq!(cut("short".into(), 5), "short");
        assert_eq!(cut("longer".into(), 5), "lo…");
        assert_eq!(cut("ééééé".into(), 8), "éé…");
    }
}
