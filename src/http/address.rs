//! Which servers may be asked: https anywhere public, http on this machine only, nothing in between.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr, ToSocketAddrs};

use url::{Host, Url};

/// An origin that may be asked, with the addresses that its name has now.
#[derive(Debug)]
pub(super) struct Origin {
    /// `https://bsky.social/`
    pub url: Url,
    /// What the name resolved to; empty where the host is an address, or where a proxy is to resolve it.
    pub addresses: Vec<SocketAddr>,
    /// Whether the host stands for this machine: `localhost`, `127.0.0.1`, `[::1]`.
    pub loopback: bool,
}

/// Why an origin is not asked.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Refusal {
    /// The settings are wrong: no origin, plain http, a private address.
    Settings(String),
    /// The name has no address now.
    Lookup(String),
}

/// Reads a server's origin and looks its name up, once: later requests go to these addresses and no others, so that a
/// name that changes its mind leads nowhere else. `proxied`: a name that cannot be looked up here is left to the proxy.
pub(super) fn origin(server: &str, proxied: bool) -> Result<Origin, Refusal> {
    let settings = |why: &str| Refusal::Settings(format!("{server:?} {why}"));
    let url = Url::parse(server).map_err(|_| settings("is no address of a server, like https://social.example"))?;
    let bare = url.path() == "/" && url.query().is_none() && url.fragment().is_none();
    if !bare || !url.username().is_empty() || url.password().is_some() {
        return Err(Refusal::Settings(
            "a server's address has nothing but scheme, host and port: https://social.example".to_owned(),
        ));
    }
    let host = url.host().ok_or_else(|| settings("names no host"))?;
    let loopback = match &host {
        Host::Domain(name) => name.trim_end_matches('.') == "localhost",
        Host::Ipv4(ip) => ip.is_loopback(),
        Host::Ipv6(ip) => ip.is_loopback(),
    };
    match url.scheme() {
        "https" => {}
        "http" if loopback => {}
        "http" => return Err(settings("is plain http, which others can read; write https")),
        _ => return Err(settings("is no https address")),
    }
    let addresses = match &host {
        Host::Ipv4(ip) => check(server, IpAddr::V4(*ip)).map(|()| Vec::new())?,
        Host::Ipv6(ip) => check(server, IpAddr::V6(*ip)).map(|()| Vec::new())?,
        Host::Domain(name) => match (*name, 0).to_socket_addrs() {
            Ok(found) => {
                let found: Vec<SocketAddr> = found.collect();
                for address in &found {
                    check(server, address.ip())?;
                }
                found
            }
            Err(_) if proxied => Vec::new(),
            Err(error) => return Err(Refusal::Lookup(format!("{name} has no address: {error}"))),
        },
    };
    Ok(Origin { addresses, loopback, url })
}

fn check(server: &str, ip: IpAddr) -> Result<(), Refusal> {
    if may_be_asked(ip) {
        return Ok(());
    }
    Err(Refusal::Settings(format!("{server} is {ip}, an address inside a private network; greenlit does not go there")))
}

/// Public addresses, and this machine's own. The rest are doors into somebody's network: a cloud's metadata service
/// listens at 169.254.169.254. Ranges by the IANA special-purpose address registries (checked 2026-11-21).
fn may_be_asked(ip: IpAddr) -> bool {
    match ip {
        IpAddr::V4(ip) => ip.is_loopback() || !special_v4(ip),
        IpAddr::V6(ip) => match embedded(ip) {
            Some(inner) => inner.is_loopback() || !special_v4(inner),
            None => ip.is_loopback() || !special_v6(ip),
        },
    }
}

/// Public addresses alone: not this machine's either.
pub(in crate::http) fn is_public(ip: IpAddr) -> bool {
    let inner = match ip {
        IpAddr::V6(ip) => embedded(ip).map(IpAddr::V4),
        IpAddr::V4(_) => None,
    };
    may_be_asked(ip) && !ip.is_loopback() && !inner.is_some_and(|inner| inner.is_loopback())
}

fn special_v4(ip: Ipv4Addr) -> bool {
    let [a, b, c, _] = ip.octets();
    ip.is_private()
        || ip.is_link_local()
        || ip.is_multicast()
        || ip.is_documentation()
        || a == 0
        || a >= 240
        || (a == 100 && (64..128).contains(&b))
        || (a == 192 && b == 0 && c == 0)
        || (a == 198 && (b == 18 || b == 19))
}

/// All but 2000::/3, of which alone IANA assigns addresses to networks of the world; in it protocols (2001::/23) and
/// documentation (2001:db8::/32, 3fff::/20). So the rest is shut by itself: local NAT64 (64:ff9b:1::/48), discarding (100::/64),
/// segment routing (5f00::/16), IPv4-compatible addresses (::/96), private and link-local ones. By IANA's registries of the
/// IPv6 address space and of special-purpose addresses (checked 2026-11-28).
fn special_v6(ip: Ipv6Addr) -> bool {
    let [first, second, ..] = ip.segments();
    first & 0xe000 != 0x2000
        || (first == 0x2001 && (second < 0x0200 || second == 0x0db8))
        || (first == 0x3fff && second < 0x1000)
}

/// The IPv4 address that an IPv6 address stands for: mapped, NAT64, 6to4.
fn embedded(ip: Ipv6Addr) -> Option<Ipv4Addr> {
    let [a, b, c, d, e, f, high, low] = ip.segments();
    let v4 = |high: u16, low: u16| Ipv4Addr::from((u32::from(high) << 16) | u32::from(low));
    match (a, b, c, d, e, f) {
        (0, 0, 0, 0, 0, 0xffff) => Some(v4(high, low)),
        (0x64, 0xff9b, 0, 0, 0, 0) => Some(v4(high, low)),
        (0x2002, ..) => Some(v4(b, c)),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn doors_into_private_networks_are_shut() {
        for shut in [
            "10.0.0.1",
            "172.16.3.4",
            "192.168.1.1",
            "169.254.169.254",
            "100.64.0.1",
            "0.0.0.0",
            "198.18.0.1",
            "255.255.255.255",
            "::",
            "::ffff:10.0.0.1",
            "::ffff:169.254.169.254",
            "64:ff9b::a00:1",
            "2002:a00:1::1",
            "fd00:ec2::254",
            "fe80::1",
            "fec0::1",
            "::1.1.1.1",
            "::127.0.0.1",
            "64:ff9b:1::101:101",
            "100::1",
            "2001::1",
            "2001:1ff::1",
            "2001:db8::1",
            "3fff:fff::1",
            "5f00::1",
        ] {
            assert!(!may_be_asked(shut.parse().unwrap()), "{shut}");
        }
        for open in [
            "1.1.1.1",
            "127.0.0.1",
            "127.8.8.8",
            "::1",
            "::ffff:127.0.0.1",
            "2606:4700::1111",
            "2001:200::1",
            "64:ff9b::101:101",
            "100.128.0.1",
        ] {
            let open: IpAddr = open.parse().unwrap();
            assert!(may_be_asked(open), "{open}");
            let is_here = matches!(open.to_string().as_str(), "127.0.0.1" | "127.8.8.8" | "::1" | "::ffff:127.0.0.1");
            assert_ne!(is_public(open), is_here, "{open}");
        }
    }

    #[test]
    fn only_an_origin_will_do() {
        for (server, word) in [
            ("http://social.example", "plain http"),
            ("http://10.0.0.1", "plain http"),
            ("https://10.0.0.1", "private network"),
            ("https://0x0a000001", "private network"),
            ("https://[::ffff:192.168.0.1]", "private network"),
            ("ftp://social.example", "no https"),
            ("social.example", "no address"),
            ("https://social.example/api", "nothing but"),
            ("https://user:hunter2@social.example", "nothing but"),
        ] {
            match origin(server, false) {
                Err(Refusal::Settings(why)) => {
                    assert!(why.contains(word), "{server}: {why}");
                    assert!(!why.contains("hunter2"));
                }
                other => panic!("{server}: {other:?}"),
            }
        }
        assert!(origin("http://127.0.0.1:8080", false).unwrap().loopback);
        assert!(origin("http://[::1]:8080/", false).unwrap().loopback);
    }

    #[test]
    fn a_name_without_address_may_have_one_later() {
        // RFC 6761: .invalid never has an address.
        assert!(matches!(origin("https://greenlit.invalid", false), Err(Refusal::Lookup(_))));
        assert!(origin("https://greenlit.invalid", true).unwrap().addresses.is_empty());
    }
}
