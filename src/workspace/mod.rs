//! What is written: posts, settings, roles. Pure: bytes in, values and findings out.

pub mod accounts;
pub mod assets;
pub mod body;
pub mod calendar;
pub mod characters;
pub mod doubled;
pub mod duty;
pub mod files;
pub mod finding;
pub mod fixes;
pub mod forge;
mod front_matter;
pub mod glob;
pub(crate) mod keys;
pub mod load;
mod loaded;
pub(crate) mod located;
mod media_files;
#[cfg(test)]
pub mod memory;
pub mod moving;
pub mod names;
mod outline;
pub mod path;
pub mod post;
mod post_file;
mod posts;
pub mod rhythm;
pub mod rights;
pub mod roles;
pub mod roles_file;
pub mod settings;
pub mod settings_file;
mod sha256;
pub mod side_by_side;
pub mod source;
pub(crate) mod suggest;
#[cfg(test)]
mod tests;
pub(crate) mod text;
pub mod time;
pub(crate) mod toml;
pub(crate) mod typed;
mod variants;
mod web;
pub(crate) mod yaml;

pub use assets::FileAssets;
pub use calendar::DaysFile;
pub use duty::{KeyOut, Member, OnDuty};
pub use files::{Asset, Assets, FileEntry, FileProblem, Files, SharedFiles, Stream};
pub use finding::{Finding, Fix, Severity};
pub use forge::ForgeKind;
pub use front_matter::FrontMatter;
pub use load::{load, load_post, load_remembering, load_roles, load_settings};
pub use loaded::{BrokenPost, Doubtful, Forgetful, Loaded, LoadedPost, Memory, Scope};
pub use moving::Moving;
pub use names::{AccountName, NameError, PostId};
pub use outline::Outline;
pub use post::{Body, Due, Link, Media, Post, Text, Variant};
pub use post_file::is_language;
pub use rights::{Rights, RightsFile};
pub use roles::{
    ADMIN, Away, EditRule, EvidenceMode, ForgeAccount, Key, Needs, OwnedKey, Permissions, Person, PersonId,
    PolicySettings, Reschedule, RetractRule, Reviews, RoleName, Roles, Rota, Stage, When, Workflow,
};
pub use roles_file::RolesFile;
pub use settings::{Account, Most, NetworkSpec, SetLevel, Settings, Template};
pub use settings_file::SettingsFile;
pub use sha256::{Sha256, hex};
pub use source::{Place, Source};
