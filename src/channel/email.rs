//! E-mail by SMTP. A mail is handed over when the server has answered to its last line; until that line, nothing was said. A
//! server that falls silent behind it may have taken it, and many mailboxes show a mail with a known `Message-ID` twice, so it
//! is not sent again. RFC 5321, section 4.2.5 (checked 2026-11-28)

use std::time::Duration;

use lettre::message::header::{ContentType, HeaderName, HeaderValue};
use lettre::message::{Mailbox, Message};
use lettre::transport::smtp::Error;
use lettre::transport::smtp::authentication::{Credentials, Mechanism};
use lettre::transport::smtp::client::{SmtpConnection, TlsParameters};
use lettre::transport::smtp::commands::{Data, Mail, Rcpt};
use lettre::transport::smtp::extension::ClientId;
use lettre::transport::smtp::extension::{Extension, MailBodyParameter, MailParameter};
use url::{Host, Url};

use super::Line;
use crate::http::SendError;
use crate::notify::Place;

/// For each answer of the server.
const PATIENCE: Duration = Duration::from_secs(30);

/// Sends a mail.
pub(super) fn say(line: &Line<'_>, place: &Place, subject: &str, text: &str, id: &str) -> Result<(), SendError> {
    let url = line.address("URL")?;
    let refused = |reason: &str| SendError::Refused { reason: reason.to_owned() };
    let from: Mailbox = line.channel.from.as_deref().unwrap_or_default().parse().map_err(|_| refused("no sender"))?;
    let to: Mailbox = place.to.as_deref().unwrap_or_default().parse().map_err(|_| refused("no address to mail to"))?;
    let host = from.email.domain().to_owned();
    let mail = Message::builder()
        .from(from.clone())
        .to(to.clone())
        .subject(subject)
        .date(line.surroundings.now.into())
        .message_id(Some(format!("<{id}.greenlit@{host}>")))
        .header(ContentType::TEXT_PLAIN)
        // Nobody's absence is answered to it: RFC 3834, section 5.1.
        .raw_header(HeaderValue::new(HeaderName::new_from_ascii_str("Auto-Submitted"), "auto-generated".to_owned()))
        .body(text.to_owned())
        .map_err(|_| refused("the mail cannot be made"))?
        .formatted();

    let mut connection = connect(line, &url)?;
    let not_sent = |error: Error| failed(line, &error);
    let mut options = Vec::new();
    if !mail.is_ascii() && connection.server_info().supports_feature(Extension::EightBitMime) {
        options.push(MailParameter::Body(MailBodyParameter::EightBitMime));
    }
    connection.command(Mail::new(Some(from.email), options)).map_err(not_sent)?;
    connection.command(Rcpt::new(to.email, Vec::new())).map_err(not_sent)?;
    connection.command(Data).map_err(not_sent)?;
    match connection.message(&mail) {
        Ok(_) => {
            // It has taken the mail, whatever it says to the goodbye.
            let _ = connection.quit();
            Ok(())
        }
        Err(error) if error.is_transient() || error.is_permanent() => Err(failed(line, &error)),
        Err(_) => {
            let reason = format!("the mail server of {} did not say whether it took the mail", line.channel.name);
            Err(SendError::Ambiguous { reason })
        }
    }
}

/// A connection that is encrypted, but on this machine.
fn connect(line: &Line<'_>, url: &Url) -> Result<SmtpConnection, SendError> {
    let variable = line.channel.variable("URL");
    let wrong = |why: &str| line.credentials(format!("{variable} {why}"));
    let host = match url.host() {
        // Of schemes that it does not know, `url` leaves hosts as they are.
        Some(Host::Domain(host)) => host.to_owned(),
        Some(Host::Ipv4(address)) => address.to_string(),
        Some(Host::Ipv6(address)) => address.to_string(),
        None => return Err(wrong("names no server")),
    };
    let is_here = matches!(host.as_str(), "localhost" | "127.0.0.1" | "::1");
    let at_once = match url.scheme() {
        "smtps" => true,
        "smtp" => false,
        _ => return Err(wrong("is no address such as smtps://USER:PASSWORD@smtp.example")),
    };
    let port = url.port().unwrap_or(if at_once { 465 } else { 587 });
    crate::http::provide_tls();
    let not_sent = |error: Error| failed(line, &error);
    let tls = TlsParameters::new(host.clone()).map_err(not_sent)?;
    let name = ClientId::Domain("localhost".to_owned());
    let server = (host.trim_matches(['[', ']']), port);
    let mut connection =
        SmtpConnection::connect(server, Some(PATIENCE), &name, at_once.then_some(&tls), None).map_err(not_sent)?;
    if !at_once && (!is_here || connection.can_starttls()) {
        connection.starttls(&tls, &name).map_err(not_sent)?;
    }
    if !url.username().is_empty() {
        let plain = |text: &str| percent_decoded(text).ok_or_else(|| wrong("has a name or password that is no text"));
        let (user, password) = (plain(url.username())?, plain(url.password().unwrap_or_default())?);
        let mechanisms = [Mechanism::Plain, Mechanism::Login];
        connection.auth(&mechanisms, &Credentials::new(user, password)).map_err(|error| {
            match error.is_permanent() {
                true => line.credentials(format!("the mail server of {} refuses to log in", line.channel.name)),
                false => failed(line, &error),
            }
        })?;
    }
    Ok(connection)
}

/// What went wrong before the mail was handed over. What the server said may repeat an address: only its number is told.
fn failed(line: &Line<'_>, error: &Error) -> SendError {
    let server = format!("the mail server of {}", line.channel.name);
    let code = error.status().map(|code| format!(" ({code})")).unwrap_or_default();
    match () {
        () if error.is_permanent() => SendError::Refused { reason: format!("{server} refuses the mail{code}") },
        () if error.is_transient() => {
            SendError::NotSent { reason: format!("{server} takes no mail now{code}"), retry_at: None }
        }
        () if error.is_tls() || crate::http::is_of_tls(error) => {
            let why = "its certificate is for another name, or by an authority that this machine does not know";
            SendError::NotSent { reason: format!("{server} cannot be trusted: {why}"), retry_at: None }
        }
        // It was asked for what it does not offer.
        () if error.is_client() => {
            let reason = format!("{server} offers no encryption, or no way to log in that is known here");
            SendError::NotSent { reason, retry_at: None }
        }
        () => SendError::NotSent { reason: format!("{server} cannot be reached, or does not answer"), retry_at: None },
    }
}

/// `p%40ss`
fn percent_decoded(text: &str) -> Option<String> {
    // What stands in a query is decoded; a plus is one.
    let query = format!("x={}", text.replace('+', "%2B"));
    url::form_urlencoded::parse(query.as_bytes()).next().map(|(_, value)| value.into_owned())
}
