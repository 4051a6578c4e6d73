//! The refusal table, address by address.

use proptest::prelude::*;

use super::*;

fn ip(text: &str) -> IpAddr {
    text.parse().unwrap()
}

#[test]
fn every_special_address_is_refused_with_its_reason() {
    let policy = Policy::default();
    for (address, why) in [
        ("0.0.0.0", "unspecified"),
        ("0.1.2.3", "this network"),
        ("10.0.0.1", "private"),
        ("10.255.255.255", "private"),
        ("100.64.0.1", "CGNAT"),
        ("100.127.255.255", "CGNAT"),
        ("100.100.100.200", "metadata"),
        ("127.0.0.1", "loopback"),
        ("127.255.255.254", "loopback"),
        ("168.63.129.16", "metadata"),
        ("169.254.169.254", "metadata"),
        ("169.254.0.1", "link-local"),
        ("172.16.0.1", "private"),
        ("172.31.255.255", "private"),
        ("192.0.0.192", "metadata"),
        ("192.0.0.8", "reserved"),
        ("192.0.2.1", "documentation"),
        ("192.88.99.1", "6to4"),
        ("192.168.1.1", "private"),
        ("198.18.0.1", "benchmarking"),
        ("198.19.255.255", "benchmarking"),
        ("198.51.100.7", "documentation"),
        ("203.0.113.9", "documentation"),
        ("224.0.0.1", "multicast"),
        ("239.255.255.250", "multicast"),
        ("240.0.0.1", "reserved"),
        ("255.255.255.255", "broadcast"),
        ("::", "unspecified"),
        ("::1", "loopback"),
        ("::7f00:1", "not a public"),
        ("::ffff:127.0.0.1", "loopback"),
        ("::ffff:169.254.169.254", "metadata"),
        ("::ffff:0:10.0.0.1", "not a public"),
        ("64:ff9b::7f00:1", "loopback"),
        ("64:ff9b::a9fe:a9fe", "metadata"),
        ("64:ff9b:1::1", "private NAT64"),
        ("100::1", "not a public"),
        ("2001::1", "Teredo"),
        ("2001:2::1", "benchmarking"),
        ("2001:10::1", "reserved"),
        ("2001:20::1", "reserved"),
        ("2001:db8::1", "documentation"),
        ("2002:7f00:1::", "6to4"),
        ("2002:808:808::", "6to4"),
        ("3fff::1", "documentation"),
        ("5f00::1", "not a public"),
        ("fc00::1", "private"),
        ("fd12:3456::1", "private"),
        ("fd00:ec2::254", "metadata"),
        ("fd20:ce::254", "metadata"),
        ("fe80::1", "link-local"),
        ("fec0::1", "private"),
        ("ff02::1", "multicast"),
        ("4000::1", "not a public"),
    ] {
        let blocked = policy.check(ip(address)).expect_err(address);
        assert!(blocked.why.contains(why), "{address}: {}", blocked.why);
        assert_eq!(blocked.ip, ip(address));
    }
}

#[test]
fn public_addresses_pass_up_to_the_edges_of_the_table() {
    let policy = Policy::default();
    for address in [
        "1.1.1.1",
        "8.8.8.8",
        "9.255.255.255",
        "11.0.0.0",
        "100.63.255.255",
        "100.128.0.0",
        "126.255.255.255",
        "128.0.0.0",
        "169.253.255.255",
        "169.255.0.0",
        "172.15.255.255",
        "172.32.0.0",
        "192.0.1.0",
        "192.167.255.255",
        "192.169.0.0",
        "198.17.255.255",
        "198.20.0.0",
        "223.255.255.255",
        "2606:4700::1111",
        "2001:200::1",
        "2001:4860:4860::8888",
        "2003::1",
        "2a00::1",
        "::ffff:8.8.8.8",
        "64:ff9b::808:808",
    ] {
        assert_eq!(policy.check(ip(address)), Ok(()), "{address}");
    }
}

#[test]
fn the_operator_can_except_a_network_and_nothing_beside_it() {
    let policy = Policy::new(["10.1.0.0/16", "fd00::/64"].map(|net| net.parse().unwrap()));
    for address in ["10.1.2.3", "::ffff:10.1.2.3", "64:ff9b::a01:203", "fd00::5"] {
        assert_eq!(policy.check(ip(address)), Ok(()), "{address}");
    }
    for address in ["10.2.0.1", "127.0.0.1", "fd00:0:0:1::5", "::ffff:10.2.0.1"] {
        assert!(policy.check(ip(address)).is_err(), "{address}");
    }
    assert!(!policy.is_excepted(ip("8.8.8.8")));
}

proptest! {
    #[test]
    fn the_table_agrees_with_the_standard_library_where_that_has_an_opinion(bits: u32) {
        let v4 = Ipv4Addr::from_bits(bits);
        let special = v4.is_private() || v4.is_loopback() || v4.is_link_local() || v4.is_multicast()
            || v4.is_broadcast() || v4.is_documentation() || v4.is_unspecified();
        let policy = Policy::default();
        prop_assert!(!special || policy.check(v4.into()).is_err());
        let mapped = IpAddr::V6(v4.to_ipv6_mapped());
        prop_assert_eq!(policy.check(mapped).is_ok(), policy.check(v4.into()).is_ok());
    }

    #[test]
    fn only_global_unicast_passes(bits: u128) {
        let v6 = Ipv6Addr::from_bits(bits);
        if Policy::default().check(v6.into()).is_ok() {
            prop_assert!(v6.segments()[0] >> 13 == 1 || v6.to_ipv4_mapped().is_some() || nat64(v6).is_some());
            prop_assert!(!v6.is_loopback() && !v6.is_multicast() && !v6.is_unique_local() && !v6.is_unicast_link_local());
        }
    }
}
