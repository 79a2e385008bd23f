//! Keeps this program from going where the writer of a post has no business to send it.

use std::io;
use std::net::{IpAddr, SocketAddr, ToSocketAddrs};

use reqwest::dns::{Addrs, Name, Resolve, Resolving};
use url::{Host, Url};

use super::Verdict;
use crate::network::http;

/// Looks names up, and lets only those addresses be connected to that are allowed: a name that has another address the
/// next time leads nowhere else.
#[derive(Debug)]
pub(super) struct Guard(pub fn(IpAddr) -> bool);

impl Resolve for Guard {
    fn resolve(&self, name: Name) -> Resolving {
        let allows = self.0;
        let found = (name.as_str(), 0).to_socket_addrs().and_then(|found| {
            let found: Vec<SocketAddr> = found.filter(|address| allows(address.ip())).collect();
            if found.is_empty() { Err(io::Error::other("no public address")) } else { Ok(found) }
        });
        let found = found.map(|found| Box::new(found.into_iter()) as Addrs).map_err(Into::into);
        Box::pin(std::future::ready(found))
    }
}

/// Whether an address may be asked at all.
///
/// # Errors
/// What is to be said of it otherwise.
pub(super) fn check(url: &Url, allows: fn(IpAddr) -> bool) -> Result<(), Verdict> {
    let dead = |why: String| Err(Verdict::Dead { why });
    if !matches!(url.scheme(), "http" | "https") {
        return dead(format!("it leads to {}:, which is no web page", url.scheme()));
    }
    let private = |host: String| Err(Verdict::Private { why: host });
    let address = |ip: IpAddr| if allows(ip) { Ok(()) } else { private(format!("{ip} is no public address")) };
    match url.host() {
        None => dead("it names no host".to_owned()),
        Some(Host::Ipv4(ip)) => address(ip.into()),
        Some(Host::Ipv6(ip)) => address(ip.into()),
        Some(Host::Domain(name)) => match (name, 0).to_socket_addrs() {
            // A machine behind a proxy may know no names: the proxy looks them up, and whoever runs it says where it goes.
            Err(_) if http::proxied() => Ok(()),
            Err(error) => dead(format!("{name} has no address: {error}")),
            Ok(mut found) => match found.find(|address| !allows(address.ip())) {
                Some(shut) => private(format!("{name} is {}, which is no public address", shut.ip())),
                None => Ok(()),
            },
        },
    }
}
