//! The order of the picker, its sections, and how long it takes.

use std::time::{Duration, Instant};

use proptest::prelude::*;

use super::{Index, SHOWN, Typed};
use crate::channel::{Channel, ChannelState, Choices, Section};
use crate::id::ChannelId;

fn channel(name: &str, private: bool, joined: bool) -> Channel {
    Channel {
        id: ChannelId::new(1, [1; 10]),
        provider_id: format!("C{}", name.to_uppercase()),
        name: name.to_owned(),
        workspace: None,
        topic: String::new(),
        members: Some(3),
        private,
        joined,
        archived: false,
        state: ChannelState::Fine,
    }
}

fn public(names: &[&str]) -> Vec<Channel> {
    names.iter().map(|name| channel(name, false, false)).collect()
}

fn names(choices: &Choices) -> Vec<&str> {
    choices.sections.iter().flat_map(|(_, channels)| channels).map(|channel| channel.name.as_str()).collect()
}

#[test]
fn the_better_a_name_matches_the_earlier_it_comes() {
    let index = Index::new(public(&[
        "d-e-p-l-o-y",
        "redeploy",
        "team-deploy",
        "deploy-web",
        "deploy",
        "team.deploys",
        "random",
        "dploy",
    ]));
    for typed in ["deploy", "#deploy", " #Deploy ", "DÉPLOY"] {
        assert_eq!(
            names(&index.choices(Typed::Name(typed), &[])),
            ["deploy", "deploy-web", "team-deploy", "team.deploys", "redeploy", "d-e-p-l-o-y"],
            "{typed}"
        );
    }
}

#[test]
fn members_come_first_and_then_the_recent_but_only_among_equals() {
    let mut channels = public(&["alerts-a", "alerts-b", "alerts-c", "alerts", "my-alerts"]);
    channels[2].joined = true;
    channels[4].joined = true;
    let index = Index::new(channels);
    let choices = index.choices(Typed::Name("alerts"), &["CALERTS-B".into()]);
    assert_eq!(
        choices.sections.iter().map(|(section, list)| (*section, list.len())).collect::<Vec<_>>(),
        [(Section::Public, 4), (Section::Recent, 1)]
    );
    assert_eq!(names(&choices), ["alerts", "alerts-c", "alerts-a", "my-alerts", "alerts-b"]);
}

#[test]
fn with_nothing_typed_all_are_there_in_their_sections() {
    let mut channels = public(&["b", "a", "c"]);
    channels.push(channel("secret", true, true));
    let index = Index::new(channels);
    for typed in ["", "#", "  "] {
        let choices = index.choices(Typed::Name(typed), &["CC".into(), "CA".into()]);
        let sections: Vec<Section> = choices.sections.iter().map(|(section, _)| *section).collect();
        assert_eq!(sections, [Section::Recent, Section::Public, Section::Private]);
        assert_eq!(names(&choices), ["c", "a", "b", "secret"]);
        assert_eq!((choices.total, choices.shown()), (4, 4));
    }
}

#[test]
fn those_chosen_lately_are_there_before_anything_is_typed_however_many_channels_have_the_app() {
    let mut channels: Vec<Channel> = (0..80).map(|n| channel(&format!("a-{n:02}"), false, true)).collect();
    channels.push(channel("z-last", false, false));
    let index = Index::new(channels);
    assert_eq!(names(&index.choices(Typed::Name(""), &["CZ-LAST".into()]))[..2], ["z-last", "a-00"]);
}

#[test]
fn accents_case_and_blanks_do_not_count_on_either_side() {
    let index = Index::new(public(&["équipe-ventes", "開発-チーム", "straße"]));
    for (typed, name) in [
        ("Equipe Ventes", "équipe-ventes"),
        ("ÉQUIPE", "équipe-ventes"),
        ("eqvnt", "équipe-ventes"),
        ("チーム", "開発-チーム"),
        ("開ム", "開発-チーム"),
        ("strasse", "straße"),
    ] {
        assert_eq!(names(&index.choices(Typed::Name(typed), &[])), [name], "{typed}");
    }
    assert_eq!(index.choices(Typed::Name("xyz"), &[]).total, 0);
}

#[test]
fn a_pasted_id_comes_first_even_when_it_is_archived() {
    let mut channels = public(&["one", "two", "three"]);
    channels[1].archived = true;
    let index = Index::new(channels);
    assert_eq!(index.choices(Typed::Name("two"), &[]).total, 0);
    let choices = index.choices(Typed::Id { id: "CTWO", name: None }, &[]);
    assert_eq!((names(&choices), choices.pasted.as_deref()), (vec!["two"], Some("CTWO")));
    assert_eq!(names(&index.choices(Typed::Id { id: "CTWO", name: Some("one") }, &[])), ["two", "one"]);
    let unknown = index.choices(Typed::Id { id: "C0UNKNOWN", name: None }, &[]);
    assert_eq!((unknown.total, unknown.pasted.as_deref()), (0, Some("C0UNKNOWN")));
    assert!(index.find("CONE").is_some() && index.find("CFOUR").is_none() && index.len() == 3 && !index.is_empty());
}

#[test]
fn no_more_than_fifty_are_shown_and_all_are_counted() {
    let many: Vec<String> = (0..120).map(|n| format!("alerts-{n:03}")).collect();
    let index = Index::new(public(&many.iter().map(String::as_str).collect::<Vec<_>>()));
    let choices = index.choices(Typed::Name("alerts"), &[]);
    assert_eq!((choices.shown(), choices.total), (SHOWN, 120));
    assert_eq!(names(&choices)[49], "alerts-049");
}

/// What the picker promises, written down once more without any shortcut.
fn slow(name: &str, query: &str) -> bool {
    let query: Vec<char> = query.chars().collect();
    let mut left = query.as_slice();
    for c in name.chars() {
        if left.first() == Some(&c) {
            left = &left[1..];
        }
    }
    left.is_empty()
}

proptest! {
    #[test]
    fn what_is_found_is_what_has_the_letters_in_order(
        list in proptest::collection::vec("[a-c0é漢_-]{1,8}", 1..40), query in "[a-c0é漢]{1,4}",
    ) {
        let folded = query.replace('é', "e");
        let index = Index::new(public(&list.iter().map(String::as_str).collect::<Vec<_>>()));
        let expected = list.iter().filter(|name| slow(&name.replace('é', "e"), &folded)).count();
        prop_assert_eq!(index.choices(Typed::Name(&query), &[]).total, expected);
    }

    #[test]
    fn nothing_that_is_typed_makes_it_fall(list in proptest::collection::vec(".{0,12}", 0..20), typed in ".{0,40}") {
        let index = Index::new(public(&list.iter().map(String::as_str).collect::<Vec<_>>()));
        let choices = index.choices(Typed::Name(&typed), &[]);
        prop_assert_eq!(choices.shown(), choices.total.min(SHOWN));
    }
}

#[test]
#[ignore = "a measurement, of use in release mode only"]
fn fifty_of_fifty_thousand_are_found_within_ten_milliseconds() {
    let words = ["team", "proj", "alerts", "deploy", "customer", "eng", "random", "ops", "sales", "billing", "support"];
    let pick = |n: usize| words[n % words.len()];
    let name = |n: usize| format!("{}-{}-{}-{n}", pick(n / 3 + n), pick(n / 11), pick(n / 121 + 5));
    let channels =
        (0..50_000).map(|n| Channel { private: n % 7 == 0, joined: n % 9 == 0, ..channel(&name(n), false, false) });
    let start = Instant::now();
    let index = Index::new(channels.collect());
    println!("built in {} ms", start.elapsed().as_millis());
    for typed in ["", "a", "e", "alerts", "team-alerts", "billing 4999", "tmalrts", "zzz", "support", "49"] {
        let mut best = Duration::MAX;
        let mut total = 0;
        for _ in 0..20 {
            let start = Instant::now();
            total =
                std::hint::black_box(&index).choices(Typed::Name(std::hint::black_box(typed)), &["CTEAM".into()]).total;
            best = best.min(start.elapsed());
        }
        println!("{typed:?}: {total} in {} µs", best.as_micros());
        assert!(best < Duration::from_millis(10), "{typed:?}: {best:?}");
    }
}
