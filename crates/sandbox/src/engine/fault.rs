//! Explains what the engine threw.

use rquickjs::{Ctx, Error, Exception, Value};

use super::budget::Budget;
use super::room::SCRIPT;
use crate::ScriptError;
use crate::console::{cut, shown};

const MAX_MESSAGE: usize = 500;
const OUT_OF_MEMORY: &str = "InternalError: out of memory";
const STACK_OVERFLOW: &str = "RangeError: Maximum call stack size exceeded";

/// Why the event could not be read.
pub(super) fn of_input(ctx: &Ctx<'_>, error: &Error) -> ScriptError {
    if matches!(error, Error::InvalidString(_)) {
        return ScriptError::BadInput; // a null character
    }
    let thrown = ctx.catch();
    match shown(ctx, thrown).unwrap_or_default() {
        message if message == STACK_OVERFLOW => ScriptError::StackOverflow,
        message if message.starts_with("SyntaxError") => ScriptError::BadInput,
        _ => ScriptError::OutOfMemory,
    }
}

/// The engine takes no null characters, not even in comments; it would not say where.
pub(super) fn null_character(source: &str) -> Option<ScriptError> {
    let (before, _) = source.split_once('\0')?;
    let line = before.matches('\n').count() + 1;
    let column = before.rsplit('\n').next().unwrap_or_default().chars().count() + 1;
    let number = |count| u32::try_from(count).unwrap_or(u32::MAX);
    Some(ScriptError::Syntax { line: number(line), column: number(column), message: "a null character".to_owned() })
}

/// Why the script ended. Showing an error may run code of the script, which is still within its bounds.
pub(super) fn explain(ctx: &Ctx<'_>, error: &Error, budget: &Budget) -> ScriptError {
    let thrown = match error {
        Error::Exception | Error::Unknown => ctx.catch(),
        Error::Allocation => return ScriptError::OutOfMemory,
        other => return ScriptError::Threw { message: other.to_string(), line: None },
    };
    if budget.spent() || thrown.is_uncatchable_error() {
        return ScriptError::Timeout;
    }
    let nothing = thrown.is_null() || matches!(error, Error::Unknown);
    let message = shown(ctx, thrown.clone()).unwrap_or_default();
    let stack = stack(&thrown);
    if budget.spent() {
        ScriptError::Timeout
    } else if nothing || message == OUT_OF_MEMORY {
        ScriptError::OutOfMemory
    } else if message == STACK_OVERFLOW {
        ScriptError::StackOverflow
    } else {
        placed(cut(message, MAX_MESSAGE), &stack)
    }
}

/// The engine's list of calls, newest first.
fn stack(thrown: &Value<'_>) -> String {
    let exception = thrown.as_object().cloned().and_then(Exception::from_object);
    exception.and_then(|exception| exception.stack()).unwrap_or_default()
}

/// The error with its place in the source. The parser's own complaints stand at the top of the list without a function's name.
fn placed(message: String, stack: &str) -> ScriptError {
    let parser = stack.trim_start().strip_prefix("at ").and_then(position);
    if let (Some((line, column)), Some(message)) = (parser, message.strip_prefix("SyntaxError: ")) {
        return ScriptError::Syntax { line, column, message: message.to_owned() };
    }
    let place = stack.lines().find_map(|call| position(call.rsplit_once('(')?.1));
    ScriptError::Threw { message, line: place.map(|(line, _)| line) }
}

/// `script:3:7` at the start of the text.
fn position(text: &str) -> Option<(u32, u32)> {
    let (line, rest) = text.strip_prefix(SCRIPT)?.strip_prefix(':')?.split_once(':')?;
    let column = rest.split(|c: char| !c.is_ascii_digit()).next()?;
    Some((line.parse().ok()?, column.parse().ok()?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_parser_names_line_and_column() {
        let error = placed("SyntaxError: expecting ';'".into(), "    at script:3:7\n");
        assert_eq!(error, ScriptError::Syntax { line: 3, column: 7, message: "expecting ';'".into() });
    }

    #[test]
    fn an_error_has_the_line_of_the_newest_call_in_the_script() {
        let stack = "    at parse (native)\n    at inner (script:12:3)\n    at transform (script:2:1)\n";
        let error = placed("SyntaxError: no".into(), stack);
        assert_eq!(error, ScriptError::Threw { message: "SyntaxError: no".into(), line: Some(12) });
    }

    #[test]
    fn a_stack_of_another_kind_names_no_line() {
        for stack in ["", "gibberish (", "    at f (script:x:1)", "    at f (script:99999999999:1)"] {
            assert_eq!(placed("Error: x".into(), stack), ScriptError::Threw { message: "Error: x".into(), line: None });
        }
    }
}
