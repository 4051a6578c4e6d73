//! The providers' published schemas: read where they lie, never copied. Without them requests are checked only against
//! what the simulators know themselves, and [`Specs::skipped`] says so.

use std::collections::BTreeMap;
use std::fmt;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

use jsonschema::Validator;
use serde_json::Value;

/// The setting that says where they are.
pub const VARIABLE: &str = "PATCHBAY_PROVIDER_SPECS";
/// Where they are unless it says otherwise, seen from the root of the workspace.
const USUAL: &str = "../shared/providers/specs";

mod explain;

/// A folder of schemas, or the knowledge that there is none.
#[derive(Clone)]
pub struct Specs {
    folder: PathBuf,
    found: bool,
    compiled: Arc<Mutex<BTreeMap<String, Arc<Schema>>>>,
    documents: Arc<Mutex<BTreeMap<String, Arc<Value>>>>,
}

/// A schema that cannot be used, in one sentence.
#[derive(Debug, thiserror::Error)]
#[error("the schema {path} cannot be used: {reason}")]
pub struct SpecError {
    path: String,
    reason: String,
}

/// One schema, ready to be asked.
pub struct Schema(Validator);

impl Specs {
    /// Where `PATCHBAY_PROVIDER_SPECS` says, or beside the workspace. A relative path starts at the workspace's root.
    #[must_use]
    pub fn from_environment() -> Self {
        let named = std::env::var_os(VARIABLE).map_or_else(|| PathBuf::from(USUAL), PathBuf::from);
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap_or(Path::new("."));
        Self::at(root.join(named))
    }

    /// In this folder.
    #[must_use]
    pub fn at(folder: impl Into<PathBuf>) -> Self {
        let folder = folder.into();
        Self { found: folder.is_dir(), folder, compiled: Arc::default(), documents: Arc::default() }
    }

    /// Why nothing is checked against published schemas, if so.
    #[must_use]
    pub fn skipped(&self) -> Option<String> {
        (!self.found).then(|| {
            format!(
                "requests are not checked against published schemas: {} is not there ({VARIABLE})",
                self.folder.display()
            )
        })
    }

    /// Reads a file as JSON; nothing without the folder.
    ///
    /// # Errors
    /// The file is missing or is no JSON.
    pub fn read(&self, path: &str) -> Result<Option<Value>, SpecError> {
        if !self.found {
            return Ok(None);
        }
        let unusable = |reason: String| SpecError { path: path.to_owned(), reason };
        let text = std::fs::read_to_string(self.folder.join(path)).map_err(|error| unusable(error.to_string()))?;
        serde_json::from_str(&text).map(Some).map_err(|error| unusable(error.to_string()))
    }

    /// The schema in a file, compiled once; nothing without the folder.
    ///
    /// # Errors
    /// The file is missing or is no schema.
    pub fn schema(&self, path: &str) -> Result<Option<Arc<Schema>>, SpecError> {
        self.compiled(path, || self.read(path))
    }

    /// The schema at a place within an API description (OpenAPI 3.0), compiled once; nothing without the folder.
    ///
    /// # Errors
    /// The file is missing, or there is no schema at this place.
    pub fn part(&self, path: &str, pointer: &str) -> Result<Option<Arc<Schema>>, SpecError> {
        self.compiled(&format!("{path}#{pointer}"), || {
            let Some(document) = self.document(path)? else { return Ok(None) };
            let part = document
                .pointer(pointer)
                .ok_or_else(|| SpecError { path: path.to_owned(), reason: format!("there is nothing at {pointer}") })?;
            // References within it start at the root of the description.
            let mut schema = serde_json::json!({ "allOf": [part], "components": document["components"] });
            nullable(&mut schema);
            Ok(Some(schema))
        })
    }

    /// Where in a list of an API description the element stands whose `name` is `value`; nothing without the folder.
    ///
    /// # Errors
    /// The file is missing, or there is no such element.
    pub fn position(&self, path: &str, list: &str, name: &str, value: &str) -> Result<Option<usize>, SpecError> {
        let Some(document) = self.document(path)? else { return Ok(None) };
        let elements = document.pointer(list).and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default();
        let found = elements.iter().position(|element| element[name] == value);
        found.map(Some).ok_or_else(|| SpecError {
            path: path.to_owned(),
            reason: format!("nothing in {list} has the {name} {value:?}"),
        })
    }

    fn document(&self, path: &str) -> Result<Option<Arc<Value>>, SpecError> {
        let mut documents = self.documents.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(document) = documents.get(path) {
            return Ok(Some(Arc::clone(document)));
        }
        let Some(document) = self.read(path)?.map(Arc::new) else { return Ok(None) };
        documents.insert(path.to_owned(), Arc::clone(&document));
        Ok(Some(document))
    }

    fn compiled(
        &self,
        name: &str,
        read: impl FnOnce() -> Result<Option<Value>, SpecError>,
    ) -> Result<Option<Arc<Schema>>, SpecError> {
        let mut compiled = self.compiled.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(schema) = compiled.get(name) {
            return Ok(Some(Arc::clone(schema)));
        }
        let Some(json) = read()? else { return Ok(None) };
        let validator = jsonschema::validator_for(&json)
            .map_err(|error| SpecError { path: name.to_owned(), reason: error.to_string() })?;
        let schema = Arc::new(Schema(validator));
        compiled.insert(name.to_owned(), Arc::clone(&schema));
        Ok(Some(schema))
    }
}

/// OpenAPI 3.0 says `nullable` where JSON Schema has a second type.
fn nullable(schema: &mut Value) {
    match schema {
        Value::Object(object) => {
            if object.remove("nullable") == Some(Value::Bool(true))
                && let Some(kind) = object.get("type").cloned()
            {
                object.insert("type".to_owned(), serde_json::json!([kind, "null"]));
            }
            object.values_mut().for_each(nullable);
        }
        Value::Array(list) => list.iter_mut().for_each(nullable),
        _ => {}
    }
}

impl Schema {
    /// What is wrong with `value`: where, and what; nothing if it is as the schema wants it.
    #[must_use]
    pub fn complaints(&self, value: &Value) -> Vec<String> {
        if self.0.is_valid(value) {
            return Vec::new();
        }
        explain::complaints(self.0.iter_errors(value))
    }
}

impl fmt::Debug for Specs {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Specs").field("folder", &self.folder).field("found", &self.found).finish_non_exhaustive()
    }
}

impl fmt::Debug for Schema {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Schema")
    }
}
