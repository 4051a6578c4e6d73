//! URLs, plain and tricky.

use proptest::prelude::*;

use super::*;

fn strict(url: &str) -> Result<Target, TargetError> {
    Target::parse(url, &Policy::default())
}

fn lenient(url: &str) -> Result<Target, TargetError> {
    Target::parse(url, &Policy::new(["10.0.0.0/8".parse().unwrap()]))
}

#[test]
fn a_plain_url_is_taken_apart() {
    let target = strict(" https://Hooks.Example.com/in?key=1&b=%20 ").unwrap();
    assert_eq!(target.host(), "hooks.example.com");
    assert_eq!((target.port(), target.is_https()), (443, true));
    assert_eq!(target.path(), "/in?key=1&b=%20");
    assert_eq!(target.host_header(), "hooks.example.com");
    assert_eq!(target.to_string(), "https://hooks.example.com/in?key=1&b=%20");
}

#[test]
fn unusual_but_right_urls_pass() {
    for (url, host, header, path) in [
        ("https://example.com", "example.com", "example.com", "/"),
        ("https://example.com:8443/", "example.com", "example.com:8443", "/"),
        ("https://example.com:443/", "example.com", "example.com", "/"),
        ("https://example.com./", "example.com", "example.com.", "/"),
        ("https://example.com?x", "example.com", "example.com", "/?x"),
        ("HTTPS://EXAMPLE.com/A", "example.com", "example.com", "/A"),
        ("https://bücher.example/ö", "xn--bcher-kva.example", "xn--bcher-kva.example", "/%C3%B6"),
        ("https://my_host.example/", "my_host.example", "my_host.example", "/"),
        ("https://8.8.8.8/x", "8.8.8.8", "8.8.8.8", "/x"),
        ("https://[2606:4700::1111]:8443/", "2606:4700::1111", "[2606:4700::1111]:8443", "/"),
        ("https://[::ffff:8.8.8.8]/", "8.8.8.8", "[::ffff:808:808]", "/"),
        ("https://example.com/a/../b?q=`{}|^\"", "example.com", "example.com", "/b?q=`{}|^%22"),
    ] {
        let target = strict(url).unwrap_or_else(|error| panic!("{url}: {error}"));
        assert_eq!((target.host(), target.path()), (host, path), "{url}");
        assert_eq!(target.host_header(), header, "{url}");
    }
}

#[test]
fn every_way_of_writing_a_private_address_is_refused() {
    for host in [
        "127.0.0.1",
        "127.1",
        "2130706433",
        "017700000001",
        "0x7f000001",
        "0x7f.1",
        "0177.0.0.1",
        "127.0.0.1.",
        "0",
        "0.0.0.0",
        "１２７.０.０.１",
        "127。0。0。1",
        "%31%32%37.0.0.1",
        "169.254.169.254",
        "2852039166",
        "0xa9fea9fe",
        "10.0.0.1",
        "[::1]",
        "[::]",
        "[0:0:0:0:0:0:0:1]",
        "[::ffff:127.0.0.1]",
        "[::ffff:7f00:1]",
        "[::127.0.0.1]",
        "[64:ff9b::7f00:1]",
        "[2002:7f00:1::]",
        "[2001:0:1::1]",
        "[fd00:ec2::254]",
        "[fe80::1]",
        "[fc00::1]",
    ] {
        for scheme in ["https", "http"] {
            let url = format!("{scheme}://{host}/");
            assert!(matches!(strict(&url), Err(TargetError::Blocked(_))), "{url}: {:?}", strict(&url));
        }
    }
}

#[test]
fn a_wrong_url_is_told_what_to_change() {
    use TargetError::*;
    for (url, expected) in [
        ("", Empty),
        ("   ", Empty),
        ("https://example.com/ä b", BadCharacter),
        ("https://exam\tple.com/", BadCharacter),
        ("https://example.com/\r\nx:y", BadCharacter),
        ("https://example.com\\@10.0.0.1/", BadCharacter),
        ("ftp://example.com/", Scheme("ftp".into())),
        ("file:///etc/passwd", Scheme("file".into())),
        ("gopher://example.com/", Scheme("gopher".into())),
        ("localhost:8080", Scheme("localhost".into())),
        ("http://example.com/", NotHttps),
        ("http://8.8.8.8/", NotHttps),
        ("https://user@example.com/", UserInfo),
        ("https://user:word@example.com/", UserInfo),
        ("https://:word@example.com/", UserInfo),
        ("https://example.com/#x", Fragment),
        ("https://example.com/#", Fragment),
        ("https://[fe80::1%25eth0]/", Zone),
        ("https://[fe80::1%eth0]/", Zone),
        ("https://example.com:25/", Port(25)),
        ("https://example.com:22/", Port(22)),
        ("https://example.com:0/", Port(0)),
        ("https://localhost/", Localhost("localhost".into())),
        ("https://LOCALHOST./", Localhost("localhost.".into())),
        ("https://a.localhost/", Localhost("a.localhost".into())),
        ("https://*.example.com/", BadHost("*.example.com".into())),
    ] {
        assert_eq!(strict(url).err(), Some(expected), "{url:?}");
    }
    for url in [
        "example.com/x",
        "https:",
        "https://",
        "https:example.com",
        "https:/example.com",
        "https://a b/",
        "https://exa%00mple/",
        "https://[::1/",
        "https://1.2.3.4.5/",
        "https://256.1.1.1/",
    ] {
        assert!(strict(url).is_err(), "{url:?}");
    }
    assert_eq!(strict(&format!("https://example.com/{}", "x".repeat(2048))).err(), Some(TooLong));
    assert!(strict(&format!("https://{}.example/", "x".repeat(64))).is_err());
}

#[test]
fn plain_http_passes_only_where_the_operator_made_an_exception() {
    assert!(lenient("http://10.1.2.3:9000/").is_ok());
    assert!(lenient("http://[::ffff:10.1.2.3]/").is_ok());
    assert!(lenient("http://receiver/").is_ok(), "checked on connecting");
    assert!(lenient("http://localhost/").is_ok(), "checked on connecting");
    assert_eq!(lenient("http://8.8.8.8/").err(), Some(TargetError::NotHttps));
    assert!(matches!(lenient("http://127.0.0.1/"), Err(TargetError::Blocked(_))));
}

#[test]
fn a_pinned_target_is_not_guarded() {
    let target = Target::pinned("127.0.0.1:8080".parse().unwrap(), "hub.example", "/inbox/1?x").unwrap();
    assert_eq!(target.host_header(), "hub.example");
    assert_eq!((target.host(), target.port(), target.path()), ("127.0.0.1", 8080, "/inbox/1?x"));
    assert_ne!(target.route(), lenient("http://10.0.0.1:8080/").unwrap().route());
    assert!(Target::pinned("127.0.0.1:1".parse().unwrap(), "a\nb", "/").is_err());
    assert!(Target::pinned("127.0.0.1:1".parse().unwrap(), "a", "/ b").is_err());
}

#[test]
fn targets_share_a_route_only_if_scheme_host_and_port_agree() {
    let route = |url: &str| lenient(url).unwrap().route().clone();
    assert_eq!(route("https://a.example/1"), route("https://A.example:443/2"));
    for other in ["http://a.example/1", "https://a.example:8443/1", "https://b.example/1", "https://a.example./1"] {
        assert_ne!(route("https://a.example/1"), route(other), "{other}");
    }
    let address: SocketAddr = "10.0.0.1:80".parse().unwrap();
    assert_ne!(&route("http://10.0.0.1/"), Target::pinned(address, "10.0.0.1", "/").unwrap().route());
}

proptest! {
    #[test]
    fn an_address_is_judged_alike_however_it_is_written(bits: u32) {
        let ip = std::net::Ipv4Addr::from_bits(bits);
        let [a, b, c, d] = ip.octets();
        let passes = Policy::default().check(ip.into()).is_ok();
        for host in [
            format!("{ip}"),
            format!("{bits}"),
            format!("{bits:#x}"),
            format!("0{bits:o}"),
            format!("{a:#x}.{b}.0{c:o}.{d}"),
            format!("{a}.{}", bits & 0xff_ffff),
            format!("[::ffff:{ip}]"),
            format!("[64:ff9b::{ip}]"),
        ] {
            let url = format!("https://{host}/");
            prop_assert_eq!(strict(&url).is_ok(), passes, "{}", url);
        }
    }

    #[test]
    fn no_text_makes_parsing_panic(text: String, tail in "[ -~]{0,40}") {
        let _ = strict(&text);
        let _ = lenient(&format!("https://{tail}"));
    }
}
