//! Who is told what, where, and when: from what waits and what happened to messages. Pure.

mod file;
mod letter;
mod moments;
pub mod news;
mod outlook;
mod settings;
#[cfg(test)]
mod tests;

pub use file::NotifyFile;
pub use letter::Letter;
pub use news::{News, What};
pub use outlook::{Item, Later, Message, Outlook, Round, Undone, Why};
pub use settings::{Channel, ChannelKind, Notify, PATH, Place, Reader, ReaderName};
