//! Keeps this program from going where the writer of a post has no business to send it.

use std::env;
use std::io;
use std::net::{IpAddr, SocketAddr, ToSocketAddrs};

use reqwest::dns::{Addrs, Name, Resolve, Resolving};
use url::{Host, Url};

use super::Verdict;

/// Looks names up, and lets only those addresses be connected to that are allowed: a name that has another address the
/// next time leads nowhere else. Proxies may be anywhere: whoever runs this machine named them.
#[derive(Debug, Clone)]
pub(super) struct Guard {
    allows: fn(IpAddr) -> bool,
    /// The proxies' own names.
    proxies: Vec<String>,
}

impl Resolve for Guard {
    fn resolve(&self, name: Name) -> Resolving {
        let is_proxy = self.proxies.iter().any(|proxy| proxy.eq_ignore_ascii_case(name.as_str()));
        let found = (name.as_str(), 0).to_socket_addrs().and_then(|found| {
            let found: Vec<SocketAddr> = found.filter(|address| is_proxy || (self.allows)(address.ip())).collect();
            if found.is_empty() { Err(io::Error::other("no public address")) } else { Ok(found) }
        });
        let found = found.map(|found| Box::new(found.into_iter()) as Addrs).map_err(Into::into);
        Box::pin(std::future::ready(found))
    }
}

impl Guard {
    /// Lets addresses through that are allowed, and the proxies of the environment.
    pub fn new(allows: fn(IpAddr) -> bool) -> Self {
        let names = ["HTTPS_PROXY", "https_proxy", "HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy"];
        Self::behind(allows, names.iter().filter_map(|name| env::var(name).ok()))
    }

    /// The same with these proxies.
    pub fn behind(allows: fn(IpAddr) -> bool, proxies: impl Iterator<Item = String>) -> Self {
        Self { allows, proxies: proxies.filter_map(|proxy| host(&proxy)).collect() }
    }

    /// Whether an address may be asked at all.
    ///
    /// # Errors
    /// What is to be said of it otherwise.
    pub fn check(&self, url: &Url) -> Result<(), Verdict> {
        let dead = |why: String| Err(Verdict::Dead { why });
        if !matches!(url.scheme(), "http" | "https") {
            return dead(format!("it leads to {}:, which is no web page", url.scheme()));
        }
        let private = |host: String| Err(Verdict::Private { why: host });
        let address =
            |ip: IpAddr| if (self.allows)(ip) { Ok(()) } else { private(format!("{ip} is no public address")) };
        match url.host() {
            None => dead("it names no host".to_owned()),
            Some(Host::Ipv4(ip)) => address(ip.into()),
            Some(Host::Ipv6(ip)) => address(ip.into()),
            Some(Host::Domain(name)) => match (name, 0).to_socket_addrs() {
                // A machine behind a proxy may know no names: the proxy looks them up, and whoever runs it says where it goes.
                Err(_) if !self.proxies.is_empty() => Ok(()),
                Err(error) => dead(format!("{name} has no address: {error}")),
                Ok(mut found) => match found.find(|address| !(self.allows)(address.ip())) {
                    Some(shut) => private(format!("{name} is {}, which is no public address", shut.ip())),
                    None => Ok(()),
                },
            },
        }
    }
}

/// The name of a proxy, which may be written without a scheme: `proxy.acme.example:3128`.
fn host(proxy: &str) -> Option<String> {
    let with_scheme = |proxy: &str| Url::parse(proxy).ok()?.host_str().map(str::to_owned);
    with_scheme(proxy).or_else(|| with_scheme(&format!("http://{proxy}")))
}
