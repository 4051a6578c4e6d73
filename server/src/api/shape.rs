//! What a caller may say about the shape of an answer, the same on every route: `fields=` for some fields only,
//! `sort=` for the order, `limit` and `cursor` for the page; and queries in which nothing unknown passes.

use std::cmp::Ordering;

use axum::Json;
use axum::extract::FromRequestParts;
use axum::extract::Query;
use axum::response::{IntoResponse, Response};
use domain::{Cursor, Error, Page, PageQuery};
use http::request::Parts;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use utoipa::openapi::schema::Schema;
use utoipa::openapi::{Ref, RefOr};
use utoipa::{IntoParams, ToSchema};

use super::error::{ApiError, ApiResult};

/// Some fields only.
#[derive(Debug, Clone, Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct Fields {
    /// The fields to answer, with commas between them; all when absent.
    #[param(example = "id,created_at")]
    pub fields: Option<String>,
}

/// Order and fields of a list.
#[derive(Debug, Clone, Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct Shape {
    /// The fields of each row to answer, with commas between them; all when absent.
    #[param(example = "id,created_at")]
    pub fields: Option<String>,
    /// `field:asc` or `field:desc`; each list says by what it can be sorted.
    #[param(example = "created_at:desc")]
    pub sort: Option<String>,
}

/// A query that is read as an `A` and a `B`; a parameter that neither knows is refused by name.
pub struct Asked<A, B = Fields>(pub A, pub B);

impl<S, A, B> FromRequestParts<S> for Asked<A, B>
where
    S: Send + Sync,
    A: DeserializeOwned + IntoParams,
    B: DeserializeOwned + IntoParams,
{
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> ApiResult<Self> {
        let Query(pairs) = read::<Vec<(String, String)>>(parts)?;
        if !pairs.is_empty() {
            let known: Vec<String> =
                [A::into_params(|| None), B::into_params(|| None)].into_iter().flatten().map(|p| p.name).collect();
            if let Some((name, _)) = pairs.iter().find(|(name, _)| !known.contains(name)) {
                return Err(Error::invalid(
                    name.as_str(),
                    format!("is not a parameter of this route; there are: {}.", known.join(", ")),
                )
                .into());
            }
        }
        Ok(Self(read::<A>(parts)?.0, read::<B>(parts)?.0))
    }
}

/// Nothing beside what the other half of [`Asked`] reads.
#[derive(Debug, Clone, Default, Deserialize, IntoParams)]
pub struct Nothing {}

/// The page of a short list that is asked for; the list is in the order of its ids.
pub fn part<T>(all: Vec<T>, asked: &PageQuery, id: impl Fn(&T) -> String) -> ApiResult<Page<T>> {
    let (limit, cursor) = (asked.limit()?, asked.cursor()?);
    let most = usize::try_from(limit + 1).unwrap_or(usize::MAX);
    let rows: Vec<T> = match &cursor {
        Cursor::Start => all.into_iter().take(most).collect(),
        Cursor::After(at) => all.into_iter().filter(|row| id(row) > *at).take(most).collect(),
        Cursor::Before(at) => all.into_iter().rev().filter(|row| id(row) < *at).take(most).collect(),
    };
    Ok(Page::build(rows, limit, &cursor, id))
}

fn read<T: DeserializeOwned>(parts: &Parts) -> ApiResult<Query<T>> {
    Query::try_from_uri(&parts.uri).map_err(|rejection| {
        let text = rejection.body_text();
        let what = text.strip_prefix("Failed to deserialize query string: ").unwrap_or(&text);
        let (field, what) = what.split_once(": ").unwrap_or(("query", what));
        let what = if what.contains("invalid digit") { "must be a whole number" } else { what };
        Error::invalid(field, format!("{what}.")).into()
    })
}

/// Answers one thing, with the fields that were asked for.
pub fn one<T: Serialize>(thing: &T, fields: &Fields) -> ApiResult<Response> {
    match wanted(fields.fields.as_deref()) {
        None => Ok(Json(thing).into_response()),
        Some(wanted) => {
            let Value::Object(mut object) = to_value(thing)? else { return Ok(Json(thing).into_response()) };
            check(&wanted, &object.keys().map(String::as_str).collect::<Vec<_>>())?;
            object.retain(|name, _| wanted.contains(&name.as_str()));
            Ok(Json(object).into_response())
        }
    }
}

/// Answers a page that the store has sorted, newest first.
pub fn page<T: Serialize + ToSchema>(page: Page<T>, shape: &Shape) -> ApiResult<Response> {
    if shape.sort.as_deref().is_some_and(|sort| !sort.is_empty() && sort != "created_at:desc") {
        return Err(Error::invalid("sort", "this list can be sorted by: created_at:desc.").into());
    }
    rows(page, shape)
}

/// Answers a page of a list that was read whole: sorted by one of `by` (the first, descending if it is a time, is
/// the order it already has), cut at the cursor. `id` names the field that identifies a row.
pub fn whole<T: Serialize + ToSchema>(
    list: Vec<T>,
    id: &str,
    by: &[&str],
    asked: &PageQuery,
    shape: &Shape,
) -> ApiResult<Response> {
    let mut keyed = list.into_iter().map(|row| Ok((to_value(&row)?, row))).collect::<ApiResult<Vec<_>>>()?;
    if let Some(sort) = shape.sort.as_deref().filter(|sort| !sort.is_empty()) {
        let allowed = || by.iter().map(|field| format!("{field}:asc, {field}:desc")).collect::<Vec<_>>().join(", ");
        let (field, direction) = sort.split_once(':').unwrap_or((sort, "asc"));
        if !by.contains(&field) || !["asc", "desc"].contains(&direction) {
            return Err(Error::invalid("sort", format!("this list can be sorted by: {}.", allowed())).into());
        }
        keyed.sort_by(|(a, _), (b, _)| {
            let order = compare(&a[field], &b[field]);
            if direction == "desc" { order.reverse() } else { order }
        });
    }
    let limit = usize::try_from(asked.limit()?).unwrap_or(50);
    let name_of = |row: &Value| row[id].as_str().unwrap_or_default().replace('.', "DOT");
    let start = match asked.cursor()? {
        domain::Cursor::Start => 0,
        domain::Cursor::After(last) => {
            keyed.iter().position(|(row, _)| name_of(row) == last).map_or(keyed.len(), |at| at + 1)
        }
        domain::Cursor::Before(first) => {
            keyed.iter().position(|(row, _)| name_of(row) == first).unwrap_or(0).saturating_sub(limit)
        }
    };
    let end = (start + limit).min(keyed.len());
    let cursor = |word: &str, at: usize| keyed.get(at).map(|(row, _)| format!("{word}-{}", name_of(row)));
    let next_cursor = if end < keyed.len() && end > 0 { cursor("after", end - 1) } else { None };
    let previous_cursor = if start > 0 { cursor("before", start) } else { None };
    let data = keyed.drain(start.min(end)..end).map(|(_, row)| row).collect();
    rows(Page { data, next_cursor, previous_cursor }, shape)
}

fn compare(a: &Value, b: &Value) -> Ordering {
    match (a, b) {
        (Value::String(a), Value::String(b)) => a.to_lowercase().cmp(&b.to_lowercase()),
        (Value::Null, Value::Null) => Ordering::Equal,
        (Value::Null, _) => Ordering::Less,
        (_, Value::Null) => Ordering::Greater,
        (a, b) => a.as_f64().partial_cmp(&b.as_f64()).unwrap_or(Ordering::Equal),
    }
}

fn rows<T: Serialize + ToSchema>(page: Page<T>, shape: &Shape) -> ApiResult<Response> {
    let Some(wanted) = wanted(shape.fields.as_deref()) else { return Ok(Json(page).into_response()) };
    check(&wanted, &names::<T>().iter().map(String::as_str).collect::<Vec<_>>())?;
    let mut data = page.data.iter().map(to_value).collect::<ApiResult<Vec<_>>>()?;
    for row in data.iter_mut().filter_map(Value::as_object_mut) {
        row.retain(|name, _| wanted.contains(&name.as_str()));
    }
    Ok(Json(Page { data, next_cursor: page.next_cursor, previous_cursor: page.previous_cursor }).into_response())
}

fn wanted(fields: Option<&str>) -> Option<Vec<&str>> {
    let wanted: Vec<&str> = fields?.split(',').map(str::trim).filter(|name| !name.is_empty()).collect();
    (!wanted.is_empty()).then_some(wanted)
}

fn check(wanted: &[&str], known: &[&str]) -> ApiResult<()> {
    match wanted.iter().find(|name| !known.contains(name)) {
        None => Ok(()),
        Some(name) => {
            Err(Error::invalid("fields", format!("there is no field `{name}`; there are: {}.", known.join(", ")))
                .into())
        }
    }
}

fn to_value<T: Serialize>(thing: &T) -> ApiResult<Value> {
    serde_json::to_value(thing).map_err(|error| Error::internal(error).into())
}

/// The fields of a type, as its schema has them.
fn names<T: ToSchema>() -> Vec<String> {
    let mut parts = Vec::new();
    T::schemas(&mut parts);
    let mut found = Vec::new();
    collect(&T::schema(), &parts, &mut found);
    // What several kinds of rows have is one field.
    let mut known = std::collections::HashSet::new();
    found.retain(|name| known.insert(name.clone()));
    found
}

fn collect(schema: &RefOr<Schema>, parts: &[(String, RefOr<Schema>)], found: &mut Vec<String>) {
    match schema {
        RefOr::T(Schema::Object(object)) => found.extend(object.properties.keys().cloned()),
        RefOr::T(Schema::AllOf(all)) => all.items.iter().for_each(|item| collect(item, parts, found)),
        RefOr::T(Schema::OneOf(one)) => one.items.iter().for_each(|item| collect(item, parts, found)),
        RefOr::Ref(Ref { ref_location, .. }) => {
            let name = ref_location.rsplit('/').next().unwrap_or_default();
            if let Some((_, schema)) = parts.iter().find(|(known, _)| known == name) {
                collect(schema, parts, found);
            }
        }
        RefOr::T(_) => {}
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use http_body_util::BodyExt as _;

    #[derive(Serialize, ToSchema)]
    struct Row {
        name: String,
        size: i64,
    }

    fn list() -> Vec<Row> {
        [("b.x", 1), ("a.x", 3), ("c.x", 2)].map(|(name, size)| Row { name: name.into(), size }).into()
    }

    async fn answer(asked: PageQuery, sort: &str, fields: &str) -> Result<Value, Error> {
        let shape = Shape { sort: Some(sort.into()), fields: Some(fields.into()) };
        let response = whole(list(), "name", &["name", "size"], &asked, &shape).map_err(|ApiError(error)| error)?;
        let bytes = response.into_body().collect().await.unwrap().to_bytes();
        Ok(serde_json::from_slice(&bytes).unwrap())
    }

    #[tokio::test]
    async fn a_list_is_sorted_cut_and_paged_both_ways() {
        let two = |cursor: Option<&Value>| PageQuery {
            limit: Some(2),
            cursor: cursor.map(|c| c.as_str().unwrap().to_owned()),
        };
        let first = answer(two(None), "size:desc", "name").await.unwrap();
        assert_eq!(first["data"], serde_json::json!([{"name": "a.x"}, {"name": "c.x"}]));
        assert_eq!(first["previous_cursor"], Value::Null);
        let second = answer(two(Some(&first["next_cursor"])), "size:desc", "size").await.unwrap();
        assert_eq!((&second["data"], &second["next_cursor"]), (&serde_json::json!([{"size": 1}]), &Value::Null));
        let back = answer(two(Some(&second["previous_cursor"])), "size:desc", "name").await.unwrap();
        assert_eq!(back["data"], first["data"]);
    }

    #[tokio::test]
    async fn unknown_fields_and_orders_are_refused_by_name() {
        let field = answer(PageQuery::default(), "", "name,colour").await.unwrap_err();
        assert_eq!(field.problem().message, "`fields`: there is no field `colour`; there are: name, size.");
        let sort = answer(PageQuery::default(), "colour:asc", "").await.unwrap_err();
        assert_eq!(
            sort.problem().message,
            "`sort`: this list can be sorted by: name:asc, name:desc, size:asc, size:desc."
        );
    }
}
