//! The views above the log: links to them, and what saves, renames and deletes one. Drawn on the server.
//!
//! Their forms are plain: the browser itself sends them and loads the page that the answer leads to. They open as
//! popovers, which need no scripts of ours either; Escape and "Cancel" close them.

use domain::delivery::query::LogQuery;
use domain::view::{MAX_NAME, View, without_page};
use leptos::prelude::*;
use leptos::server_fn::ServerFn;

use super::calls::{DeleteView, RenameView, SaveView};
use super::url;
use crate::components::Icon;

/// What the log has to know of views.
#[derive(Debug, Clone, Default)]
pub struct Saved {
    /// The organization's, by name.
    pub views: Vec<View>,
    /// Whether the viewer may change them.
    pub may_change: bool,
}

/// Where a view is shown.
#[must_use]
pub fn href(view: &View) -> String {
    format!("{}?{}", url::PATH, view.query)
}

/// A link for each view; the one that is shown can be renamed and deleted. Nothing for nothing.
pub fn links(query: &LogQuery, saved: &Saved) -> AnyView {
    if saved.views.is_empty() {
        return ().into_any();
    }
    let shown = without_page(query);
    let items: Vec<_> = saved.views.iter().map(|view| item(view, view.query == shown, saved.may_change)).collect();
    view! {
        <nav class="max-h-[104px] w-full overflow-y-auto" aria-label="Saved views">
            <ul class="flex flex-wrap gap-1.5">{items}</ul>
        </nav>
    }
    .into_any()
}

fn item(view: &View, on: bool, may_change: bool) -> AnyView {
    let name = view.name.clone();
    view! {
        <li class="flex min-w-0">
            <a href=href(view) class="btn small quiet min-w-0 aria-[current=true]:bg-sunken aria-[current=true]:text-ink" title=view.name.clone() aria-current=on.then_some("true")>
                <span class="ell max-w-[15rem]">{name}</span>
            </a>
            {(on && may_change).then(|| view! { {rename(view)}{delete(view)} })}
        </li>
    }
    .into_any()
}

/// The button that keeps the filters as a view, where they are none yet.
pub fn save(query: &LogQuery, saved: &Saved) -> AnyView {
    let shown = without_page(query);
    if !saved.may_change || !url::is_filtered(query) || saved.views.iter().any(|view| view.query == shown) {
        return ().into_any();
    }
    let fields = view! {
        <p class="muted">"Everybody in the organization finds these filters under this name."</p>
        <input type="hidden" name="query" value=shown/>
        {name_field("view-save", "")}
    };
    let sheet = Sheet { id: "view-save".into(), title: "Save view".into(), action: SaveView::PATH, verb: "Save view" };
    view! {
        <button type="button" class="btn small" popovertarget="view-save"><Icon name="plus"/>"Save view"</button>
        {sheet.draw(fields.into_any(), "btn primary")}
    }
    .into_any()
}

fn rename(view: &View) -> AnyView {
    let id = format!("rename-{}", view.id);
    let label = format!("Rename {}", view.name);
    let fields =
        view! { <input type="hidden" name="id" value=view.id.to_string()/>{name_field(&id, &view.name)} }.into_any();
    let sheet = Sheet { id: id.clone(), title: label.clone(), action: RenameView::PATH, verb: "Rename" };
    view! {
        <button type="button" class="btn small quiet square" popovertarget=id title="Rename" aria-label=label><Icon name="pencil"/></button>
        {sheet.draw(fields, "btn primary")}
    }
    .into_any()
}

/// The question comes first, as before all that cannot be undone.
fn delete(view: &View) -> AnyView {
    let id = format!("delete-{}", view.id);
    let fields = view! {
        <p class="muted">"It goes for everybody in the organization. The deliveries stay."</p>
        <input type="hidden" name="id" value=view.id.to_string()/>
    };
    let title = format!("Delete the view {}?", view.name);
    let sheet = Sheet { id: id.clone(), title, action: DeleteView::PATH, verb: "Delete" };
    let label = format!("Delete {}…", view.name);
    view! {
        <button type="button" class="btn small quiet square" popovertarget=id title="Delete" aria-label=label><Icon name="trash"/></button>
        {sheet.draw(fields.into_any(), "btn danger")}
    }
    .into_any()
}

fn name_field(of: &str, value: &str) -> AnyView {
    let id = format!("{of}-name");
    view! {
        <div class="field">
            <label for=id.clone()>"Name"</label>
            <input class="input" id=id name="name" value=value.to_owned() maxlength=MAX_NAME.to_string() autocomplete="off" required autofocus/>
        </div>
    }
    .into_any()
}

/// A form that opens above the page.
struct Sheet {
    id: String,
    title: String,
    /// The server function it goes to.
    action: &'static str,
    /// What its button does.
    verb: &'static str,
}

impl Sheet {
    fn draw(self, fields: AnyView, button: &'static str) -> AnyView {
        let heading = format!("{}-title", self.id);
        let (id, labelled) = (self.id.clone(), heading.clone());
        view! {
            <div id=id popover="auto" class="dialog" role="dialog" aria-labelledby=labelled>
                <form method="post" action=self.action class="stack p-[18px]">
                    <h2 id=heading class="break-words">{self.title}</h2>
                    {fields}
                    <div class="row justify-end">
                        <button type="button" class="btn" popovertarget=self.id popovertargetaction="hide">"Cancel"</button>
                        <button type="submit" class=button>{self.verb}</button>
                    </div>
                </form>
            </div>
        }
        .into_any()
    }
}

#[cfg(test)]
mod tests {
    use domain::Timestamp;
    use domain::id::ViewId;

    use super::super::drawn::html;
    use super::*;

    fn saved(may_change: bool) -> Saved {
        let view = |number: u8, name: &str, query: &str| View {
            id: ViewId::new(1, [number; 10]),
            name: name.into(),
            query: query.into(),
            created_by: "usr_1".into(),
            created_at: Timestamp(1),
        };
        let views = vec![view(1, "<b>Late", "status=failed&since=24h"), view(2, "Slow", "duration_ms=%3E2s")];
        Saved { views, may_change }
    }

    #[test]
    fn the_view_that_is_shown_is_marked_whatever_its_page() {
        for (search, current) in [("since=24h&status=failed&cursor=after-1&limit=20", "&lt;b"), ("dur=%3E2s", "Slow")] {
            let drawn = html(links(&url::read(search), &saved(false)));
            assert_eq!(drawn.matches("aria-current").count(), 1, "{drawn}");
            let (_, behind) = drawn.split_once("aria-current=\"true\"").expect("a current one");
            let (link, _) = behind.split_once("</a>").expect("a link");
            assert!(link.contains(current), "{search}: {link}");
        }
        assert!(!html(links(&url::read("status=failed"), &saved(false))).contains("aria-current"));
        assert!(!html(links(&url::read("status=failed"), &Saved::default())).contains("<nav"));
    }

    #[test]
    fn only_the_view_that_is_shown_is_changed_and_only_by_those_who_may() {
        let drawn = |search: &str, may| html(links(&url::read(search), &saved(may)));
        let forms = drawn("dur=%3E2s", true);
        assert_eq!(forms.matches("<form").count(), 2, "{forms}");
        let id = ViewId::new(1, [2; 10]);
        for part in ["value=\"Slow\"", "Delete the view Slow?", RenameView::PATH, DeleteView::PATH, id.as_str()] {
            assert!(forms.contains(part), "{part}: {forms}");
        }
        assert!(!drawn("dur=%3E2s", false).contains("<form") && !drawn("status=failed", true).contains("<form"));
    }

    #[test]
    fn filters_that_are_no_view_yet_can_be_saved() {
        let drawn = |search: &str, may| html(save(&url::read(search), &saved(may)));
        let form = drawn("status=failed&code=5xx&cursor=after-1", true);
        assert!(form.contains(SaveView::PATH) && form.contains("maxlength=\"60\""), "{form}");
        assert!(form.contains("status=failed&amp;code=5xx\"") || form.contains("status=failed&code=5xx\""), "{form}");
        for (search, may) in [("status=failed", false), ("", true), ("limit=20", true), ("dur=%3E2s", true)] {
            assert!(!drawn(search, may).contains("<form"), "{search}");
        }
    }
}
