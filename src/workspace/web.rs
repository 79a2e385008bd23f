//! Addresses on the web, as posts name them.

use url::Url;

use super::suggest;

/// Checks a link: `http` or `https`, in full, without a password in it.
///
/// # Errors
/// What is wrong, and what to write instead.
pub fn check(address: &str) -> Result<(), (String, String)> {
    let quoted = suggest::quote(address);
    let full = || "write the whole address: `https://acme.example/launch`".to_owned();
    if address.chars().any(|c| c.is_whitespace() || c.is_control()) {
        return Err((format!("{quoted} has a blank"), "write `%20` in its place".to_owned()));
    }
    let url = match Url::parse(address) {
        Ok(url) => url,
        Err(url::ParseError::RelativeUrlWithoutBase) => {
            let host = address.split('/').next().unwrap_or_default();
            let help = if host.contains('.') && !host.starts_with('.') {
                format!("write `https://{address}`")
            } else {
                full()
            };
            return Err((format!("{quoted} is no whole address"), help));
        }
        Err(why) => return Err((format!("{quoted} is no address: {why}"), full())),
    };
    if !matches!(url.scheme(), "http" | "https") {
        let message = format!("a link leads to http or https, not to {}", suggest::quote(url.scheme()));
        return Err((message, full()));
    }
    if !url.username().is_empty() || url.password().is_some() {
        let help = "remove what stands before the `@`".to_owned();
        return Err(("a link must not hold a name or password".to_owned(), help));
    }
    Ok(())
}

/// Checks a link in a text, which may be an e-mail address too.
///
/// # Errors
/// As [`check`].
pub fn check_in_text(address: &str) -> Result<(), (String, String)> {
    match Url::parse(address) {
        Ok(url) if url.scheme() == "mailto" && url.path().contains('@') => Ok(()),
        _ => check(address),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn links_lead_to_the_web() {
        for good in ["https://acme.example/a?b=c#d", "http://acme.example", "https://例え.jp/秋"] {
            assert_eq!(check(good), Ok(()), "{good}");
        }
        for bad in [
            "",
            "javascript:alert(1)",
            "file:///etc/passwd",
            "acme.example/x",
            "/x",
            "https://",
            "https://a b.example",
            "https://me:pw@acme.example",
            "https://me@acme.example",
            "ftp://x.example",
            "data:text/html,x",
        ] {
            assert!(check(bad).is_err(), "{bad}");
        }
        assert_eq!(check_in_text("mailto:noor@acme.example"), Ok(()));
        assert_eq!(check("acme.example/x").unwrap_err().1, "write `https://acme.example/x`");
    }
}
