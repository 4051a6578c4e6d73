//! Where a script runs: an instance of JavaScript of its own for each run, so that nothing is left from the run before.

use std::rc::Rc;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;

use rquickjs::context::{EvalOptions, intrinsic};
use rquickjs::{Context, Ctx, Function, Persistent, Runtime};

use super::answer::{self, Stop};
use super::budget::Budget;
use super::fault;
use crate::console::Log;
use crate::run::{Event, Job};
use crate::{Limits, Output, ScriptError};

const PRELUDE: &str = include_str!("prelude.js");

/// The name of the source in the engine's own messages.
pub(super) const SCRIPT: &str = "script";

/// Asks for the function in the breath that reads the source: no second parse, and no line of the source moves.
const ASK: &str = "\n;typeof transform === 'function' ? transform : null";

/// The parts of JavaScript a script finds. Without: clocks, weak references (which show when memory is freed), modules, workers.
type Parts = (
    intrinsic::Date,
    intrinsic::Eval,
    intrinsic::RegExp,
    intrinsic::Json,
    intrinsic::Proxy,
    intrinsic::MapSet,
    intrinsic::TypedArrays,
    intrinsic::Promise,
);

/// A room nobody has entered: what takes long to make and is the same for all.
pub(super) struct Blank {
    furnish: Persistent<Function<'static>>,
    context: Context,
    runtime: Runtime,
}

/// A room for one run.
pub(super) struct Room {
    limits: Limits,
    budget: Rc<Budget>,
    pub log: Log,
    context: Context,
    runtime: Runtime,
}

impl Blank {
    pub fn new() -> rquickjs::Result<Self> {
        let runtime = Runtime::new()?;
        let context = Context::builder().with::<Parts>().build(&runtime)?;
        let furnish = context.with(|ctx| {
            let mut options = EvalOptions::default();
            options.filename = Some("prelude".to_owned());
            let furnish: Function<'_> = ctx.eval_with_options(PRELUDE, options)?;
            Ok::<_, rquickjs::Error>(Persistent::save(&ctx, furnish))
        })?;
        Ok(Blank { furnish, context, runtime })
    }
}

impl Room {
    /// Furnishes a blank room. The bounds come last: the engine does not take it well when it has no memory for its own objects.
    pub fn new(blank: Blank, job: &Job, limits: Limits, stop: Arc<AtomicBool>) -> rquickjs::Result<Self> {
        let Blank { furnish, context, runtime } = blank;
        let log = Log::new(&limits);
        context.with(|ctx| call(&ctx, furnish.restore(&ctx)?, &log, job.event.as_ref()))?;
        runtime.set_max_stack_size(limits.stack_bytes);
        runtime.set_memory_limit(limits.memory_bytes.max(1 << 20));
        let budget = Rc::new(Budget::new(limits.cpu, stop));
        let watched = Rc::clone(&budget);
        runtime.set_interrupt_handler(Some(Box::new(move || watched.spent())));
        Ok(Room { limits, budget, log, context, runtime })
    }

    pub fn run(&self, job: &Job) -> Result<Output, ScriptError> {
        self.context.with(|ctx| {
            let result = self.steps(&ctx, job);
            match result {
                // A built-in function may have used up the time without ever looking at it.
                _ if self.budget.spent() => Err(ScriptError::Timeout),
                Ok(output) => Ok(output),
                Err(Stop::Script(error)) => Err(error),
                Err(Stop::Engine(error)) => Err(fault::explain(&ctx, &error, &self.budget)),
            }
        })
    }

    fn steps(&self, ctx: &Ctx<'_>, job: &Job) -> Result<Output, Stop> {
        let transform = load(ctx, &job.source)?;
        let Some(event) = &job.event else { return Ok(Output::Skip) };
        let value = ctx.json_parse(event.json.as_str());
        let value = value.map_err(|error| Stop::Script(fault::of_input(ctx, &error)))?;
        let result = transform.call((value,))?;
        answer::read(ctx, result, &self.limits)
    }

    /// Memory in use now.
    pub fn memory_bytes(&self) -> u64 {
        u64::try_from(self.runtime.memory_usage().malloc_size).unwrap_or(0)
    }
}

/// Runs the source and returns its `transform`.
fn load<'js>(ctx: &Ctx<'js>, source: &str) -> Result<Function<'js>, Stop> {
    if let Some(error) = fault::null_character(source) {
        return Err(Stop::Script(error));
    }
    let mut options = EvalOptions::default();
    options.filename = Some(SCRIPT.to_owned());
    let found: Option<Function<'js>> = ctx.eval_with_options([source, ASK].concat(), options)?;
    found.ok_or(Stop::Script(ScriptError::NoTransform))
}

/// Puts the clock, the randomness and the console in place.
#[expect(clippy::cast_precision_loss, reason = "times in milliseconds are exact in a double for 285,000 years")]
fn call<'js>(ctx: &Ctx<'js>, furnish: Function<'js>, log: &Log, event: Option<&Event>) -> rquickjs::Result<()> {
    let (now_ms, seed) = event.map_or((0, 0), |event| (event.now_ms, event.seed));
    let (low, high) = (f64::from(seed as u32), f64::from((seed >> 32) as u32));
    furnish.call((now_ms as f64, low, high, log.function(ctx.clone())?))
}
