use proptest::prelude::*;

use super::*;

#[test]
fn exactly_three_characters_are_escaped() {
    assert_eq!(escape("a & b <c> \"d\" 'e' *f*"), "a &amp; b &lt;c&gt; \"d\" 'e' *f*");
    assert_eq!(escape("&amp; <!here>"), "&amp;amp; &lt;!here&gt;");
    assert_eq!(escape("a\u{0}\r\n\tb\u{7f}"), "a\nb");
}

#[test]
fn a_cut_never_falls_into_an_entity_or_a_pair() {
    for (raw, max, text) in [
        ("abcdef", 6, "abcdef"),
        ("abcdef", 5, "abcd…"),
        ("ab<cd", 8, "ab&lt;cd"),
        ("ab<cd", 7, "ab&lt;…"),
        ("ab<cd", 6, "ab…"),
        ("🔴🔴", 4, "🔴🔴"),
        ("🔴🔴", 3, "🔴…"),
        ("🔴🔴", 2, "…"),
        ("abc", 1, "…"),
        ("abc", 0, ""),
        ("", 0, ""),
    ] {
        assert_eq!(fit(raw, max), text, "{raw} {max}");
    }
}

#[test]
fn words_become_markup() {
    let words = Words::plain("Plan ")
        .strong("A & B")
        .text(" of ")
        .code("cus_1")
        .text(" at ")
        .time(Timestamp(1_795_356_131_408));
    assert_eq!(
        mrkdwn(&words, 1000),
        "Plan *A &amp; B* of `cus_1` at <!date^1795356131^{date_short_pretty} at {time}|2026-11-22 14:02 UTC>"
    );
    assert_eq!(mrkdwn(&words, 31), "Plan *A &amp; B* of `cus_1` at ");
    assert_eq!(mrkdwn(&words, 30), "Plan *A &amp; B* of `cus_1` a…");
    assert_eq!(mrkdwn(&words, 12), "Plan *A …*");
    for (words, text) in [
        (Words::default().strong("a*b"), "a*b"),
        (Words::default().strong("a\nb"), "a\nb"),
        (Words::default().code("a`b"), "a`b"),
        (Words::default().strong(" a "), "*a*"),
        (Words::default().code(" "), ""),
    ] {
        assert_eq!(mrkdwn(&words, 100), text);
    }
}

#[test]
fn moments_that_slack_cannot_show_are_written_out() {
    assert_eq!(moment(Timestamp(0)), "1970-01-01 00:00 UTC");
    assert!(moment(Timestamp(i64::MIN)).is_ascii() && moment(Timestamp(i64::MAX)).is_ascii());
}

#[test]
fn links_carry_good_urls_only_and_nothing_breaks_out_of_them() {
    assert_eq!(link("https://x.example/a?b=1&c=2", "A > B | C"), "<https://x.example/a?b=1&amp;c=2|A &gt; B ¦ C>");
    for bad in [
        "javascript:alert(1)",
        "https://x.example/a b",
        "https://x.example/>|<!here",
        "https://é.example",
        "ftp://x.example",
        "",
    ] {
        assert_eq!(link(bad, "label"), "label", "{bad}");
    }
    assert_eq!(web_url(&format!("https://x.example/{}", "a".repeat(3000))), None);
}

#[test]
fn mentions_are_made_of_ids_only() {
    assert_eq!(mention(&Mention::Here), "<!here>");
    assert_eq!(mention(&Mention::Channel), "<!channel>");
    assert_eq!(mention(&Mention::User("U061F7AUR".into())), "<@U061F7AUR>");
    assert_eq!(mention(&Mention::Group("S0614TZR7".into())), "<!subteam^S0614TZR7>");
    assert_eq!(person("U1> <!channel"), "<@U1channel>");
}

fn any_span() -> impl Strategy<Value = Span> {
    let text = prop_oneof![".{0,40}", "[<>&*`|\\n 🔴é]{0,40}"];
    prop_oneof![
        text.clone().prop_map(Span::Text),
        text.clone().prop_map(Span::Strong),
        text.prop_map(Span::Code),
        any::<i64>().prop_map(|at| Span::Time(Timestamp(at))),
    ]
}

proptest! {
    #[test]
    fn what_was_escaped_reads_back_as_it_was(raw in ".{0,80}") {
        let kept: String = raw.chars().filter(|c| !c.is_control() || *c == '\n').collect();
        let read = escape(&raw).replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&");
        prop_assert_eq!(read, kept);
    }

    #[test]
    fn no_text_is_longer_than_allowed_or_opens_markup(raw in "[<>&a🔴é漢\\n]{0,80}", max in 0_usize..60) {
        let text = fit(&raw, max);
        prop_assert!(length(&text) <= max);
        prop_assert!(!text.contains(['<', '>']));
        for (at, _) in text.match_indices('&') {
            prop_assert!(["&amp;", "&lt;", "&gt;"].iter().any(|entity| text[at..].starts_with(entity)), "{}", text);
        }
    }

    #[test]
    fn no_words_are_longer_than_allowed(spans in proptest::collection::vec(any_span(), 0..8), max in 0_usize..200) {
        prop_assert!(length(&mrkdwn(&Words(spans), max)) <= max);
    }
}
